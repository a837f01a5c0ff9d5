"""Guesses the time zone of a place: the one whose chief town is nearest."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import TZPATH

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_TABLE = "zone1970.tab"
_PLACE = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?")
"""Latitude and longitude: ±DDMM±DDDMM or ±DDMMSS±DDDMMSS."""


def nearest_zone(bounds: Sequence[float]) -> str:
    """
    Find the zone whose chief town is nearest to an extent; nothing where no table is installed.

    What spans more than half the Earth lies on both sides of the 180th meridian.
    """
    zones = zones_of_towns()
    if not zones:
        return ""
    west, south, east, north = map(float, bounds)
    lon, lat = (west + east) / 2 + 180 * (east - west > 180), (south + north) / 2  # noqa: PLR2004
    names, places = [name for name, *_ in zones], np.array([place for _, *place in zones])
    angles = np.radians(np.vstack([places, [lon, lat]]))
    x, y, z = (
        np.cos(angles[:, 1]) * np.cos(angles[:, 0]),
        np.cos(angles[:, 1]) * np.sin(angles[:, 0]),
        np.sin(angles[:, 1]),
    )
    nearness = x[:-1] * x[-1] + y[:-1] * y[-1] + z[:-1] * z[-1]
    return names[int(np.argmax(nearness))]


@lru_cache(maxsize=1)
def zones_of_towns() -> tuple[tuple[str, float, float], ...]:
    """List each zone with longitude and latitude of its chief town."""
    lines = [line.split("\t") for line in _text().splitlines() if line[:1] not in {"", "#"}]
    return tuple((parts[2], *_place(parts[1])) for parts in lines)


def _place(written: str) -> tuple[float, float]:
    """
    Read degrees, minutes and seconds as the table of zones writes them.

    Examples
    --------
    >>> _place("+353916+1394441")[0] > 139, round(_place("-0100+01030")[1])
    (True, -1)
    """
    found = _PLACE.fullmatch(written)
    parts = found.groups(default="0") if found else ("+", "0", "0", "0") * 2
    lat, lon = (
        float(f"{sign}1") * (int(d) + int(m) / 60 + int(s) / 3600)
        for sign, d, m, s in (parts[:4], parts[4:])
    )
    return lon, lat


def _text() -> str:
    for folder in TZPATH:
        path = Path(folder) / _TABLE
        if path.is_file():
            return path.read_text("utf-8")
    try:
        return (resources.files("tzdata") / "zoneinfo" / _TABLE).read_text("utf-8")
    except (ModuleNotFoundError, OSError):
        return ""
