"""
Where residents live, where nothing better is known: a stated number of people shared out.

Shares go by the footprint of dwellings (times their floors where most state them), else by
residential land in cells of 100 m. The number is never made up: without one that somebody states
there are no residents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.osm.communities import stated_population
from layers.osm.shapes import metric_polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.osm.communities import Communities
    from layers.osm.extract import Extract, Tags
    from layers.osm.study_area import Area

    Floats = NDArray[np.float64]

DWELLINGS = (
    "yes", "house", "residential", "apartments", "detached", "semidetached_house", "terrace",
    "dormitory", "bungalow", "farm", "cabin", "hut", "houseboat", "static_caravan", "block",
)  # fmt: skip
_OTHER_USE = ("amenity", "shop", "office", "tourism")
"""With one of these keys a building without a sort is no dwelling."""
_SPREAD_SHARE = 0.5
"""Dwellings count where so many communities have one; floors where so many dwellings state them."""
_MAX_FLOORS = 200.0
CELL_M = 100.0


@dataclass(frozen=True, eq=False)
class Residents:
    """
    Residents shared out.

    Attributes
    ----------
    frame
        `id, lon, lat, population`.
    weights
        `floors`, `footprint` or `land`: what they are shared out by.
    total
        People shared out.
    stated
        Who states them: `option`, `boundary` or `communities`.
    """

    frame: pd.DataFrame
    weights: str
    total: float
    stated: str


def residents_of(
    extract: Extract,
    area: Area,
    communities: Communities,
    residential: gpd.GeoDataFrame,
    *,
    population: float = 0.0,
) -> Residents | None:
    """Share out people; `None` where nobody states how many, or nothing tells where they live."""
    frame = communities.frame
    own = frame["population"].to_numpy(dtype=float) if "population" in frame else None
    total, stated = people_stated(area, communities, population=population)
    if not total:
        return None
    for weights, places in _sources(extract, area, residential):
        inside = _community_at(places, frame)
        if not _are_spread(inside, len(frame)):
            continue
        kept, inside = places[inside >= 0], inside[inside >= 0]
        amount = kept["weight"].to_numpy(dtype=float)
        people = _shared(amount, inside, own if stated == "communities" else None, total)
        made = kept[["id", "lon", "lat"]].assign(population=np.round(people, 4))
        return Residents(made.reset_index(drop=True), weights, float(people.sum()), stated)
    return None


def people_stated(area: Area, communities: Communities, *, population: float) -> tuple[float, str]:
    """Tell how many people are stated, 0 for none, and by what: option, communities, boundary."""
    if population:
        return population, "option"
    if "population" in communities.frame:
        return float(communities.frame["population"].sum()), "communities"
    return stated_population(area.tags), "boundary"


def _sources(
    extract: Extract, area: Area, residential: gpd.GeoDataFrame
) -> list[tuple[str, pd.DataFrame]]:
    floors, dwellings = _dwellings(extract, area)
    return [("floors" if floors else "footprint", dwellings), ("land", _cells(residential))]


def is_dwelling(tags: Tags) -> bool:
    """Tell whether people live in a building."""
    sort = tags.get("building", "")
    if sort not in DWELLINGS:
        return False
    return sort != "yes" or not any(key in tags for key in _OTHER_USE)


def _dwellings(extract: Extract, area: Area) -> tuple[bool, pd.DataFrame]:
    shapes = [shape for shape in extract.buildings if is_dwelling(shape.tags)]
    polygons = metric_polygons(shapes, area.crs)
    floors = np.array([_floors(shape.tags) for shape in shapes], dtype=float)
    known = np.isfinite(floors)
    use_floors = bool(len(floors)) and bool(known.mean() >= _SPREAD_SHARE)
    weight = shapely.area(polygons)
    if use_floors:
        weight = weight * np.where(known, floors, np.median(floors[known]))
    return use_floors, _places([shape.id for shape in shapes], polygons, weight, area.crs)


def _floors(tags: Tags) -> float:
    text = tags.get("building:levels", "")
    try:
        floors = float(text)
    except ValueError:
        return np.nan
    return floors if 0 < floors <= _MAX_FLOORS else np.nan


def _cells(residential: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut residential land into cells."""
    land = shapely.union_all(residential.geometry.to_numpy())
    pieces = shapely.get_parts(land)
    cells = [piece for whole in pieces for piece in _cut(whole)]
    names = [str(number) for number in range(1, len(cells) + 1)]
    shapes = np.array(cells, dtype=object)
    return _places(names, shapes, shapely.area(shapes), residential.crs)


def _cut(piece: shapely.Geometry) -> list[shapely.Geometry]:
    west, south, east, north = (v // CELL_M for v in shapely.bounds(piece))
    x, y = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
    x, y = x.ravel() * CELL_M, y.ravel() * CELL_M
    squares = shapely.box(x, y, x + CELL_M, y + CELL_M)
    shapely.prepare(piece)
    met = squares[shapely.intersects(piece, squares)]
    parts = shapely.intersection(met, piece)
    return [part for part in parts.tolist() if shapely.area(part) > 0]


def _places(
    ids: list[str], shapes: NDArray[np.object_], weight: Floats, crs: object
) -> pd.DataFrame:
    sound = ~shapely.is_missing(shapes) & (weight > 0)
    points = gpd.GeoSeries(shapely.point_on_surface(shapes[sound]), crs=crs)
    degrees = points.to_crs(4326)
    return pd.DataFrame(
        {
            "id": pd.Series(ids, dtype="str")[sound].to_numpy(),
            "weight": weight[sound],
            "point": points.to_numpy(),
            "lon": degrees.x.round(7).to_numpy(),
            "lat": degrees.y.round(7).to_numpy(),
        }
    )


def _community_at(places: pd.DataFrame, communities: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Tell in which community each place lies: a position, or -1."""
    found = np.full(len(places), -1, dtype=np.int64)
    tree = shapely.STRtree(communities.geometry.to_numpy())
    at, which = tree.query(places["point"].to_numpy(dtype=object), predicate="intersects")
    found[at[::-1]] = which[::-1]
    return found


def _are_spread(inside: NDArray[np.int64], communities: int) -> bool:
    return len(np.unique(inside[inside >= 0])) >= _SPREAD_SHARE * communities


def _shared(amount: Floats, inside: NDArray[np.int64], own: Floats | None, total: float) -> Floats:
    """Share people out by amounts: of each community by itself where it states its own."""
    if own is None:
        return np.asarray(amount / amount.sum() * total, dtype=float)
    sums = np.bincount(inside, weights=amount, minlength=len(own))
    return np.asarray(amount / sums[inside] * own[inside], dtype=float)
