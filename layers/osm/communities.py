"""
Communities of an area: official boundaries of the finest level that covers it, else a substitute.

In this order: administrative levels from 10 upwards, neighbourhoods, quarters and suburbs drawn as
areas, postal areas, the cells around named places (every point belongs to the nearest), squares.
Which it was is part of the result: what is not an official boundary is never called one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.model.errors import SettingsError
from layers.osm.shapes import Aside, metric_points, metric_polygons, missing_of, names_of
from layers.osm.study_area import admin_level

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from layers.osm.extract import Extract, Shape, Tags
    from layers.osm.study_area import Area

LEVELS = (10, 9, 11, 8, 7, 6, 5)
"""Administrative levels that communities are looked for at, best first."""
PLACE_AREAS = ("neighbourhood", "quarter", "suburb")
PLACE_NODES = ("neighbourhood", "quarter", "suburb", "village", "town", "hamlet")
MIN_COVERED_SHARE = 0.8
"""Areas that cover less are no division of the city."""
_INSIDE_SHARE, _WHOLE_SHARE = 0.5, 0.95
"""A community lies in the area with at least half of it, and is not the area itself."""
_MIN_COMMUNITIES, _MIN_NODES = 2, 3
_SQUARES, _SIDES_M = 200, (250.0, 2000.0)
"""How many squares are aimed at, and how long their sides may be."""
_SLIVER_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class Communities:
    """
    Communities, and what they are.

    Attributes
    ----------
    frame
        `id, name, name_en, name_zh, parent, parent_en, parent_zh`, and `population` where every
        one states it.
    source
        `admin`, `place`, `postal`, `nearest` or `squares`.
    level
        Administrative level, for `admin`.
    covered_share
        Of the area.
    aside
        Boundaries of the same sort that are no communities here.
    """

    frame: gpd.GeoDataFrame
    source: str
    level: int
    covered_share: float
    aside: list[Aside]


def communities_of(extract: Extract, area: Area, *, level: int = 0) -> Communities:
    """Divide an area; `level` asks for one administrative level and no other."""
    official = _admin(extract, area)
    levels = (level,) if level else tuple(each for each in LEVELS if each > area.level)
    for each in levels:
        inside = official[(official["level"] == each) & official["inside"]]
        share = _covered(inside, area)
        if len(inside) >= _MIN_COMMUNITIES and (level or share >= MIN_COVERED_SHARE):
            aside = _aside(extract, official[official["level"] == each], each)
            return _communities(
                inside, official, area, source="admin", level=each, share=share, aside=aside
            )
    if level:
        raise _no_level(official, level, area)
    for source, drawn in _drawn(extract, area):
        inside = drawn[drawn["inside"]]
        share = _covered(inside, area)
        if len(inside) >= _MIN_COMMUNITIES and share >= MIN_COVERED_SHARE:
            return _communities(inside, official, area, source=source, share=share)
    for source, make in (("nearest", _nearest_cells), ("squares", _squares)):
        cells = make(extract, area)
        if len(cells):
            return _communities(cells, official, area, source=source)
    msg = "an area always has a square"
    raise AssertionError(msg)


def _no_level(official: gpd.GeoDataFrame, level: int, area: Area) -> SettingsError:
    inside = official[official["inside"] & (official["level"] > area.level)]
    counts = inside["level"].value_counts().sort_index()
    found = ", ".join(f"{each} ({count})" for each, count in counts.items()) or "–"
    return SettingsError(
        f"--level: the area holds fewer than two boundaries of level {level}; there are {found}.",
        problem="osm_level",
        hint="Leave --level out, or name one of these.",
        level=level,
        found=found,
    )


def _areas(shapes: Sequence[Shape], area: Area) -> gpd.GeoDataFrame:
    """Measure areas, and tell which of them are parts of the city."""
    polygons = metric_polygons(shapes, area.crs)
    sound = ~shapely.is_missing(polygons)
    shared = shapely.area(shapely.intersection(polygons, area.polygon))
    size = shapely.area(polygons)
    parts = (shared >= _INSIDE_SHARE * size) & (size < _WHOLE_SHARE * shapely.area(area.polygon))
    others = np.array([shape.id != area.id for shape in shapes], dtype=bool)
    frame = gpd.GeoDataFrame(
        {
            "id": [shape.id for shape in shapes],
            "tags": pd.Series([shape.tags for shape in shapes], dtype=object),
            "level": np.array([admin_level(shape.tags) for shape in shapes], dtype=int),
            "inside": sound & parts & others,
        },
        geometry=polygons,
        crs=area.crs,
    )
    return frame[sound].reset_index(drop=True)


def _admin(extract: Extract, area: Area) -> gpd.GeoDataFrame:
    return _areas([shape for shape in extract.shapes if admin_level(shape.tags)], area)


def _drawn(extract: Extract, area: Area) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Give areas that are no administrative boundaries, one sort after the other."""

    def of(wanted: Callable[[Tags], bool]) -> gpd.GeoDataFrame:
        return _areas([shape for shape in extract.shapes if wanted(shape.tags)], area)

    places = [
        ("place", of(lambda tags, what=what: tags.get("place") == what))  # type: ignore[misc]
        for what in PLACE_AREAS
    ]
    return [*places, ("postal", of(lambda tags: tags.get("boundary") == "postal_code"))]


def _covered(inside: gpd.GeoDataFrame, area: Area) -> float:
    joined = shapely.union_all(inside.geometry.to_numpy())
    shared = shapely.area(shapely.intersection(joined, area.polygon))
    return round(float(shared / shapely.area(area.polygon)), 3)


def _nearest_cells(extract: Extract, area: Area) -> gpd.GeoDataFrame:
    """Give each named place within the area the ground that is nearer to it than to another."""
    nodes = [each for each in extract.points if each.tags.get("place") in PLACE_NODES]
    points = metric_points([e.lon for e in nodes], [e.lat for e in nodes], area.crs)
    kept = shapely.intersects(area.polygon, points) if nodes else np.zeros(0, dtype=bool)
    first = ~pd.Series(shapely.to_wkb(points)).duplicated().to_numpy()
    chosen = np.flatnonzero(kept & first)
    if len(chosen) < _MIN_NODES:
        return gpd.GeoDataFrame({"id": []}, geometry=[], crs=area.crs)
    extent = shapely.box(*shapely.bounds(area.polygon))
    cells = shapely.voronoi_polygons(
        shapely.multipoints(points[chosen]), extend_to=extent, ordered=True
    )
    clipped = shapely.intersection(shapely.get_parts(cells), area.polygon)
    tags = [nodes[i].tags for i in chosen.tolist()]
    return _cells([nodes[i].id for i in chosen.tolist()], tags, clipped, area)


def _squares(_: Extract, area: Area) -> gpd.GeoDataFrame:
    """Lay squares over the area and cut them at its border."""
    least, most = _SIDES_M
    side = min(max(round(math.sqrt(shapely.area(area.polygon) / _SQUARES), -1), least), most)
    west, south, east, north = shapely.bounds(area.polygon)
    columns, rows = (int((high - low) // side) + 1 for low, high in ((west, east), (south, north)))
    column, row = (each.ravel() for each in np.meshgrid(np.arange(columns), np.arange(rows)))
    x, y = west + column * side, south + row * side
    clipped = shapely.intersection(shapely.box(x, y, x + side, y + side), area.polygon)
    names = [f"{c + 1}-{r + 1}" for c, r in zip(column.tolist(), row.tolist(), strict=True)]
    cells = _cells(names, [{"name": name} for name in names], clipped, area)
    return cells[cells.area > _SLIVER_SHARE * side * side].reset_index(drop=True)


def _cells(
    ids: Sequence[str], tags: Sequence[Tags], shapes: NDArray[np.object_], area: Area
) -> gpd.GeoDataFrame:
    flat = shapely.area(shapes) > 0
    frame = gpd.GeoDataFrame(
        {"id": ids, "tags": pd.Series(list(tags), dtype=object)}, geometry=shapes, crs=area.crs
    )
    return frame[flat].reset_index(drop=True)


def _communities(
    inside: gpd.GeoDataFrame,
    official: gpd.GeoDataFrame,
    area: Area,
    *,
    source: str,
    share: float = 1.0,
    level: int = 0,
    aside: Sequence[Aside] = (),
) -> Communities:
    tags = inside["tags"].tolist()
    parents = _parents(inside, official, area, level)
    frame = pd.DataFrame(
        [
            {"id": name, **_named(own), **{f"parent{key[4:]}": text for key, text in up.items()}}
            for name, own, up in zip(inside["id"], tags, parents, strict=True)
        ],
        dtype="str",
    )
    people = [stated_population(each) for each in tags]
    if source == "admin" and all(people):
        frame["population"] = np.array(people, dtype=float)
    told = [name for name in frame if name in {"id", "name", "parent"} or (frame[name] != "").any()]
    made = gpd.GeoDataFrame(frame[told], geometry=inside.geometry.to_numpy(), crs=area.crs)
    return Communities(made, source, level, share, list(aside))


def _named(tags: Tags) -> dict[str, str]:
    """Names; a postal area is called by its code."""
    names = names_of(tags)
    return {**names, "name": names["name"] or tags.get("postal_code", "")}


def stated_population(tags: Tags) -> float:
    """Read the people that an object states; 0 where it states none."""
    text = tags.get("population", "").replace(" ", "").replace(",", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0.0  # noqa: PLR2004


def _parents(
    inside: gpd.GeoDataFrame, official: gpd.GeoDataFrame, area: Area, level: int
) -> list[dict[str, str]]:
    """Name what each community is part of: the boundary above it within the area, else the area."""
    whole = names_of(area.tags)
    below = official["level"].between(area.level + 1, (level or 99) - 1) & official["inside"]
    counts = official[below]["level"].value_counts()
    levels = sorted(each for each, count in counts.items() if count >= _MIN_COMMUNITIES)
    if not levels:
        return [whole] * len(inside)
    upper = official[below & (official["level"] == levels[-1])].reset_index(drop=True)
    points = shapely.point_on_surface(inside.geometry.to_numpy())
    at, which = shapely.STRtree(upper.geometry.to_numpy()).query(points, predicate="intersects")
    found = dict(zip(at.tolist(), which.tolist(), strict=True))
    return [
        names_of(upper["tags"].iloc[found[i]]) if i in found else whole for i in range(len(inside))
    ]


def _aside(extract: Extract, same: gpd.GeoDataFrame, level: int) -> list[Aside]:
    """List the boundaries of the communities' level that lie elsewhere or have no shape."""
    outside = same[~same["inside"]]
    listed = [
        Aside("communities", row.id, row.tags.get("name", ""), "outside")
        for row in outside.itertuples()
    ]
    wanted = [admin_level(each.tags) == level for each in extract.missing]
    return [*listed, *missing_of(extract, "communities", wanted)]
