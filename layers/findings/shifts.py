"""Finds layers that lie aside of the city's streets as GCJ-02 or BD-09 would put them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS, Transformer

from layers.places.chinese_shifts import SHIFTS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST = 30
"""Places that tell a shift from chance."""
SAMPLE = 2000
"""Places of a layer that are looked at."""
_CAP_M = 60.0
"""Distances to a street beyond this all count the same: the place is off the network."""
_BETTER = 0.93
_SURE = 4.0
"""A shift must fit better by this factor and so many standard errors than as it is, and than
every control: a shift of the same length in another direction."""
_CONTROLS = np.radians(np.arange(30, 331, 20))


@dataclass(frozen=True)
class Shift:
    """
    A shift that a layer seems to have against the streets.

    Attributes
    ----------
    system
        `GCJ-02` or `BD-09`.
    distance_m, bearing
        How far, and in which direction from where the places fit: degrees clockwise from north.
    apart_m, apart_shifted_m
        Median distance to the nearest street, as it is and with the shift taken back.
    """

    system: str
    distance_m: float
    bearing: float
    apart_m: float
    apart_shifted_m: float


def suspected_shift(places: Floats, streets: gpd.GeoSeries) -> Shift | None:
    """
    Compare a layer with the streets, as it is and with each Chinese shift taken back.

    Parameters
    ----------
    places
        x and y in metres, one row a place; corners of shapes will do, too.
    streets
        Lines in the same system.

    Returns
    -------
    shift
        `None` where the places are too few, the city is not in China, or no shift fits better
        than the same length in other directions. The layer is never moved.
    """
    places = places[np.isfinite(places).all(axis=1)]
    if len(places) < FEWEST or streets.empty:
        return None
    places = places[np.linspace(0, len(places) - 1, min(SAMPLE, len(places))).astype(int)]
    shifts = shifts_at(np.median(places, axis=0), streets.crs)
    if not shifts:
        return None
    tree = shapely.STRtree(streets.to_numpy())
    fits = {name: _misfit(places - vector, tree) for name, vector in shifts.items()}
    best = min(fits, key=lambda name: float(fits[name].mean()), default="")
    if not best or not _is_better(fits[best], _misfit(places, tree)):
        return None
    vector = shifts[best]
    controls = (_misfit(places - _turned(vector, angle), tree) for angle in _CONTROLS)
    if not all(_is_better(fits[best], control) for control in controls):
        return None
    bearing = float(np.degrees(np.arctan2(*vector)) % 360)
    apart = [float(np.median(_apart(each, tree))) for each in (places, places - vector)]
    return Shift(best, float(np.hypot(*vector)), bearing, *apart)


def shifts_at(place: Floats, crs: CRS) -> dict[str, Floats]:
    """Give the shifts at a place as metres east and north; none where nothing is moved."""
    there = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    back = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    lon, lat = (np.atleast_1d(value) for value in there.transform(*place))
    found = {}
    for name, shift in SHIFTS.items():
        moved = np.array(back.transform(*(value[0] for value in shift(lon, lat)))) - place
        if np.hypot(*moved) > 1:
            found[name] = moved
    if np.hypot(*found.get("GCJ-02", np.zeros(2))) < 1:
        return {}  # beyond the rectangle BD-09 alone would still be moved
    return found


def _turned(vector: Floats, angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])


def _apart(places: Floats, tree: shapely.STRtree) -> Floats:
    points = np.asarray(shapely.points(places))
    at, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    apart = np.full(len(points), np.inf)
    apart[at[0]] = distance
    return apart


def _misfit(places: Floats, tree: shapely.STRtree) -> Floats:
    return np.minimum(_apart(places, tree), _CAP_M)


def _is_better(fit: Floats, other: Floats) -> bool:
    """Compare place by place: the same places are looked at under both."""
    gain = other - fit
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return bool(fit.mean() <= _BETTER * other.mean() and gain.mean() >= _SURE * error)
