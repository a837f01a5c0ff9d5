"""Reads Plus codes (Open Location Code), full or short with the city as their reference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from openlocationcode import openlocationcode

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_CODE = re.compile(
    r"(?<![0-9A-Z])((?:[23456789CFGHJMPQRVWX]{2}){1,4}\+[23456789CFGHJMPQRVWX]{2,7})(?![0-9A-Z])",
    re.IGNORECASE,
)
"""Codes whose cell is at most 14 metres wide; coarser ones name no place."""
_FULL = 9
"""Characters up to and with the plus sign of a code that needs no reference."""


@dataclass(frozen=True)
class Decoded:
    """
    What texts with Plus codes mean, one value a row.

    Attributes
    ----------
    lon, lat
        Middle of the cell in degrees; missing where there is no code.
    short
        Codes that were completed by the city's place.
    """

    lon: Floats
    lat: Floats
    short: NDArray[np.bool_]


def read_codes(text: pd.Series[str], *, near: tuple[float, float]) -> Decoded:
    """
    Read the Plus code in each text; words beside it, such as the name of the town, are allowed.

    Parameters
    ----------
    text
        One place a row.
    near
        Longitude and latitude of the city: a short code means the nearest cell of its kind.

    References
    ----------
    Google (2014), Open Location Code: An Open Source Standard for Addresses.
    """
    codes = {value: _code(value) for value in text.unique()}
    read = {value: _decoded(code, near) for value, code in codes.items()}
    lon, lat = (text.map({v: pair[i] for v, pair in read.items()}) for i in (0, 1))
    short = text.map({v: bool(code) and code.index("+") + 1 < _FULL for v, code in codes.items()})
    return Decoded(lon.to_numpy(float), lat.to_numpy(float), short.to_numpy(bool))


def _code(text: str) -> str:
    found = _CODE.search(text)
    return found[1].upper() if found and openlocationcode.isValid(found[1]) else ""


def _decoded(code: str, near: tuple[float, float]) -> tuple[float, float]:
    if not code:
        return np.nan, np.nan
    if not openlocationcode.isFull(code):
        code = openlocationcode.recoverNearest(code, near[1], near[0])
    cell = openlocationcode.decode(code)
    return cell.longitudeCenter, cell.latitudeCenter
