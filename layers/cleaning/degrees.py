"""Reads longitude and latitude as people write them: decimals, or degrees, minutes, seconds."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.cleaning.numbers import (
    NumberStyle,
    proved_style,
    stated_style,
    to_numbers,
)
from layers.texts.proofs import is_filled, plain_numbers
from layers.texts.written import without_invisible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer

    Floats = NDArray[np.float64]

_SIDES = {
    "lon": {"E": 1, "东经": 1, "東經": 1, "東経": 1, "동경": 1, "东": 1, "東": 1, "EAST": 1,
            "OST": 1, "EST": 1, "ESTE": 1, "W": -1, "西经": -1, "西經": -1, "西経": -1, "서경": -1,
            "西": -1, "WEST": -1, "OUEST": -1, "OESTE": -1},
    "lat": {"N": 1, "北纬": 1, "北緯": 1, "북위": 1, "北": 1, "NORTH": 1, "NORD": 1, "NORTE": 1,
            "S": -1, "南纬": -1, "南緯": -1, "남위": -1, "南": -1, "SOUTH": -1, "SÜD": -1,
            "SUD": -1, "SUR": -1},
}  # fmt: skip
"""`O` is west in French and Spanish and east in German, so that it is not read."""
_SIDE = "|".join(sorted({side for sides in _SIDES.values() for side in sides}, key=len)[::-1])
_PART = r"\d{1,2}(?:[.,]\d+)?"
_DEGREES = re.compile(
    rf"(?P<before>{_SIDE})?\s*(?P<sign>[+-]?)(?P<d>\d{{1,3}}(?:[.,]\d+)?)(?P<mark>\s*[°º˚度도:-]|\s+)?\s*"
    rf"(?:(?P<m>{_PART})(?:\s*[′'’‘´分분:\-]\s*|\s+|$|(?=\s*(?:{_SIDE})))(?:(?P<s>{_PART})\s*(?:\"|″|”|''|′′|´´|秒|초)?)?)?"
    rf"\s*(?P<after>{_SIDE})?",
    re.IGNORECASE,
)
_IN_LETTERS = re.compile(
    r"^(\d{1,3})d(?:(\d{1,2})[m'](?:([\d.]{1,12})[s\"])?)?(?=[NSEW]?$)", re.IGNORECASE
)
"""114d18'18"E, as programs for maps print it: `s` is of seconds only behind `d` and `m`."""


def _marked(letters: re.Match[str]) -> str:
    return "".join(part + mark for part, mark in zip(letters.groups(), "°′″", strict=True) if part)


def read_degrees(value: str, *, axis: str) -> float:
    """
    Read one longitude or latitude; what is none, or of the other axis, is missing.

    Examples
    --------
    >>> read_degrees("114°18′18″E", axis="lon"), read_degrees("30-36-18", axis="lat")
    (114.305, 30.605)
    """
    plain = _IN_LETTERS.sub(_marked, unicodedata.normalize("NFC", without_invisible(value)).strip())
    found = _DEGREES.fullmatch(plain)
    if not found or (found["m"] and not found["mark"]) or (found["before"] and found["after"]):
        return np.nan
    side = (found["before"] or found["after"] or "").upper()
    parts = [float((found[part] or "0").replace(",", ".")) for part in "dms"]
    broken = (found["m"] and parts[0] % 1) or (found["s"] and parts[1] % 1)
    if side and (side not in _SIDES[axis] or found["sign"]):
        return np.nan
    if broken or max(parts[1:]) >= 60:  # noqa: PLR2004  minutes and seconds
        return np.nan
    sign = _SIDES[axis].get(side, -1 if found["sign"] == "-" else 1)
    return float(sign * round(parts[0] + parts[1] / 60 + parts[2] / 3600, 12))


def coordinate_columns(layer: Layer, ours: pd.DataFrame, names: tuple[str, str]) -> list[Floats]:
    """Read the two columns of a place by the signs that both together prove."""
    recipe, account = layer.recipe, layer.account
    texts = [ours[name] for name in names]
    read = []
    for name, text, numbers in zip(names, texts, _numbers(layer, texts, names), strict=True):
        unread = np.isnan(numbers) & is_filled(text)
        if name in _SIDES and unread.any():
            axis = {value: read_degrees(value, axis=name) for value in text[unread].unique()}
            numbers[unread] = text[unread].map(axis)
            worded = unread & np.isfinite(numbers)
            if worded.any():
                account.note(worded, "coordinates_dms", column=name, found=text[worded].iloc[0])
        read.append(numbers * recipe.factors[name] if name in recipe.factors else numbers)
    return read


def _numbers(layer: Layer, texts: Sequence[pd.Series[str]], names: tuple[str, str]) -> list[Floats]:
    """
    Read both columns by the style that is stated, as plain decimals, or by what they prove.

    What is stated for a layer is meant for its amounts: degrees have no thousands.
    """
    style, degrees = stated_style(layer.recipe.decimal, layer.recipe.thousands), names[0] == "lon"
    if style is None or degrees:
        plain = [plain_numbers(text) for text in texts]
        read = [numbers for numbers in plain if numbers is not None]
        if len(read) == len(texts):
            return read
        semicolons = layer.table.separator == ";"
        style = _coordinate_style(texts, degrees=degrees, semicolons=semicolons)
    return [to_numbers(text, style) for text in texts]


def _coordinate_style(
    columns: Sequence[pd.Series[str]], *, degrees: bool, semicolons: bool
) -> NumberStyle:
    both = pd.concat(columns)
    style = proved_style(both, semicolons=semicolons)
    commas = both.str.contains(",", regex=False).any()
    points = both.str.contains(".", regex=False).any()
    # no degree has thousands: a comma alone can only be of decimals
    return NumberStyle(",") if degrees and commas and not points else style
