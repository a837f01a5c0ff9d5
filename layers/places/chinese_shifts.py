"""
Takes back the shifts of GCJ-02 and BD-09, in which maps of China are published.

GCJ-02 moves WGS 84 by 100 to 700 metres, by a polynomial and sines of the place; BD-09 moves GCJ-02
once more. No formula inverts them: the inverse is found by iteration, to far below a millimetre.
The formulas are as published in open libraries; outside a rectangle round China nothing is moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

_SEMI_MAJOR = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
"""Of the ellipsoid of Krassowsky (1940)."""
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271
_ROUNDS = 30
_DEGREE_M = 111_195.0
"""Of latitude, on a sphere as large as the earth."""


def _gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Move places of WGS 84 as GCJ-02 does."""
    x, y = lon - 105, lat - 35
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += 2 / 3 * (waves + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y))
    north += 2 / 3 * (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += 2 / 3 * (waves + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x))
    east += 2 / 3 * (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x))
    phi = np.radians(lat)
    root = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian = _SEMI_MAJOR * (1 - _ECCENTRICITY_SQUARED) / root**1.5
    parallel = _SEMI_MAJOR / np.sqrt(root) * np.cos(phi)
    inside = (lon > _WEST) & (lon < _EAST) & (lat > _SOUTH) & (lat < _NORTH)
    moved_lon = np.where(inside, lon + np.degrees(east / parallel), lon)
    return moved_lon, np.where(inside, lat + np.degrees(north / meridian), lat)


def _bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Move places of WGS 84 as BD-09 does, by way of GCJ-02."""
    x, y = _gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(np.radians(3000 * y))
    angle = np.arctan2(y, x) + 0.000003 * np.cos(np.radians(3000 * x))
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_NAMES = {
    "GCJ02": "GCJ-02", "火星坐标": "GCJ-02", "火星坐标系": "GCJ-02",
    "BD09": "BD-09", "BD09LL": "BD-09", "百度坐标": "BD-09", "百度坐标系": "BD-09",
}  # fmt: skip
_UNSHIFTED = ("WGS84", "EPSG4326", "CGCS2000", "EPSG4490")
_LOOKED_AT, _FEW = 1000, 5
"""Rows, and different texts of them, that are looked at for the name of a system."""
SHIFTS: dict[str, Shift] = {"GCJ-02": _gcj02, "BD-09": _bd09}


def is_shifted(crs: str) -> bool:
    """Tell whether a recipe names one of these systems."""
    return _named(crs) in SHIFTS


def _named(crs: str) -> str:
    return _NAMES.get(_plain(crs), "")


def _plain(crs: str) -> str:
    return crs.upper().translate({ord(sign): None for sign in "-_ :"})


def declared_system(rows: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """
    Find the column that names the system of each row's place, where one of these is named.

    Returns
    -------
    column, systems
        Its heading, and the different texts that it holds; `""` and none without such a column.
    """
    for column in rows:
        if any(is_shifted(text) for text in rows[column].iloc[:_LOOKED_AT].unique()[:_FEW]):
            systems = [text for text in rows[column].unique() if text]
            if all(is_shifted(text) or _plain(text) in _UNSHIFTED for text in systems):
                return str(column), tuple(systems)
    return "", ()


def to_wgs84(lon: Floats, lat: Floats, *, crs: str) -> tuple[Floats, Floats]:
    """
    Find the places in WGS 84 that a system moves to these.

    Examples
    --------
    >>> lon, lat = to_wgs84(np.array([114.305]), np.array([30.585]), crs="GCJ-02")
    >>> round(float(lon[0]), 5), round(float(lat[0]), 5)
    (114.29956, 30.58742)
    """
    shift = SHIFTS[_named(crs)]
    true_lon, true_lat = lon.copy(), lat.copy()
    with np.errstate(invalid="ignore"):
        for _ in range(_ROUNDS):  # each round leaves about a thousandth of the error
            moved_lon, moved_lat = shift(true_lon, true_lat)
            true_lon, true_lat = true_lon + (lon - moved_lon), true_lat + (lat - moved_lat)
    return true_lon, true_lat


def geometry_to_wgs84(geometry: NDArray[np.object_], *, crs: str) -> NDArray[np.object_]:
    """Take back the shift of geometries."""

    def transform(points: Floats) -> Floats:
        # heights, where there are any, stay as they are
        return np.column_stack([*to_wgs84(points[:, 0], points[:, 1], crs=crs), points[:, 2:]])

    # `None` (shapely 2.1), which its types do not know yet, keeps each geometry's dimension
    moved: NDArray[np.object_] = shapely.transform(geometry, transform, include_z=None)  # type: ignore[call-overload]
    return moved


def median_shift(lon: Floats, lat: Floats, *, crs: str) -> float:
    """Tell how far a system moves places of WGS 84, in metres."""
    moved_lon, moved_lat = SHIFTS[_named(crs)](lon, lat)
    east = (moved_lon - lon) * np.cos(np.radians(lat))
    away = np.hypot(east, moved_lat - lat) * _DEGREE_M
    return float(np.median(away[np.isfinite(away)])) if np.isfinite(away).any() else 0.0
