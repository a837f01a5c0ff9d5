"""Finds the system in which places lie in the city, where the one that is named fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import Proj

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SIX, _SIX_PLAIN, _THREE, _THREE_PLAIN = 4491, 4502, 4513, 4534
"""First codes of EPSG for CGCS2000: zones of 6 and 3 degrees, with and without their number."""
_SIX_ZONES, _THREE_ZONES = range(13, 24), range(25, 46)
_MOST = 0.9
"""Share of the places that must lie in the city."""


def zone_code(easting: float) -> str:
    """
    Name the zone of CGCS2000 whose number an easting begins with; empty for none.

    Examples
    --------
    >>> zone_code(38_523_456.0), zone_code(19_523_456.0), zone_code(523_456.0)
    ('EPSG:4526', 'EPSG:4497', '')
    """
    zone = int(easting // 1e6) if np.isfinite(easting) else 0
    if zone in _SIX_ZONES:
        return f"EPSG:{_SIX + zone - _SIX_ZONES[0]}"
    if zone in _THREE_ZONES:
        return f"EPSG:{_THREE + zone - _THREE_ZONES[0]}"
    return ""


def twin_code(code: int, easting: float) -> str:
    """
    Name the zone without its number, where one with it is named and an easting has none.

    Examples
    --------
    >>> twin_code(4526, 523_456.0), twin_code(4497, 523_456.0), twin_code(4526, 38_523_456.0)
    ('EPSG:4547', 'EPSG:4508', '')
    """
    for first, plain, zones in (
        (_SIX, _SIX_PLAIN, _SIX_ZONES),
        (_THREE, _THREE_PLAIN, _THREE_ZONES),
    ):
        if first <= code < first + len(zones) and 0 < easting < 1e6:  # noqa: PLR2004
            return f"EPSG:{plain + code - first}"
    return ""


def _candidates(lon: float, lat: float) -> Iterator[tuple[str, str]]:
    """Name the usual systems of a place with their projections, the likeliest first."""
    yield "EPSG:4326", ""
    three, six = round(lon / 3), int(lon // 6) + 1
    for zones, zone, first, plain, width in (
        (_THREE_ZONES, three, _THREE, _THREE_PLAIN, 3),
        (_SIX_ZONES, six, _SIX, _SIX_PLAIN, 6),
    ):
        for near in (zone, zone - 1, zone + 1):  # a city by a border may be in either zone
            if near in zones:
                middle = near * width - 3 * (width > 3)  # noqa: PLR2004
                how = f"+proj=tmerc +lon_0={middle} +ellps=GRS80 +x_0="
                yield f"EPSG:{first + near - zones[0]}", f"{how}{near * 1e6 + 500_000:.0f}"
                yield f"EPSG:{plain + near - zones[0]}", f"{how}500000"
    yield "EPSG:3857", "+proj=merc +a=6378137 +b=6378137"
    zone, south = int((lon + 180) // 6) % 60 + 1, lat < 0
    yield f"EPSG:{32600 + 100 * south + zone}", f"+proj=utm +zone={zone}{' +south' * south}"


def fitting_system(
    x: Floats,
    y: Floats,
    *,
    middle: tuple[float, float],
    share_inside: Callable[[Floats, Floats], float],
) -> tuple[str, bool]:
    """
    Find a system in which places lie in the city.

    Parameters
    ----------
    x, y
        As they are written.
    middle
        Longitude and latitude of the city.
    share_inside
        Tells the share of places in degrees that lie in the city.

    Returns
    -------
    system, exchanged
        Its name, and whether the northing stands where the easting should; `""` where none
        fits.
    """
    for exchanged in (False, True):
        pair = (y, x) if exchanged else (x, y)
        for name, how in _candidates(*middle):
            degrees = Proj(how)(*pair, inverse=True, errcheck=False) if how else pair
            if share_inside(*map(np.asarray, degrees)) >= _MOST:
                return name, exchanged
    return "", False
