"""Finds communities that overlap, hold too many people, or fit no level above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pandas.util import hash_array

from analysis.model.levels import NOT_GIVEN, areas_at, levels_of, split_areas
from layers.findings.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

LEAST_OVERLAP_M2 = 100.0
LEAST_OVERLAP_SHARE = 0.001
"""Of the smaller one; less is the width of a line on two maps."""
DENSEST = 300_000.0
"""People on a square kilometre: twice the densest district known."""
FEW_PEOPLE = 10.0
"""A median community of fewer people is one counted in thousands."""
_ENOUGH = 5
_POLYGON = 3
"""The number that GEOS gives to polygons of one part."""
_MOST_EDGES = 0.1
"""Share of edges that may stand alone, as those around a city do, to be put together at once."""


def overlapping(communities: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find communities that share land, and those of one shape."""
    shapes = communities.geometry.to_numpy()
    if _share_no_land(shapes):
        return
    suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    if len(suspects) < 2:  # noqa: PLR2004
        return
    one, other = shapely.STRtree(shapes[suspects]).query(shapes[suspects], predicate="intersects")
    pair = one < other
    one, other = suspects[one[pair]], suspects[other[pair]]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    much = shared > np.maximum(LEAST_OVERLAP_M2, LEAST_OVERLAP_SHARE * smaller)
    same = much & (shared > (1 - LEAST_OVERLAP_SHARE) * np.maximum(smaller, 1e-9))
    same &= np.isclose(shapely.area(shapes[one]), shapely.area(shapes[other]), rtol=1e-3)
    yield from _told(communities, "communities_same_shape", one[same], other[same], shared[same])
    part = much & ~same
    yield from _told(communities, "communities_overlap", one[part], other[part], shared[part])


def _share_no_land(shapes: NDArray[np.object_]) -> bool:
    """
    Tell by their edges that no two shapes share much land; `False` says nothing.

    An edge of two neighbours is none of both together: what the edges that stand an odd number of
    times enclose lies throughout in an odd number of shapes, or throughout in an even one. If what
    lies in one is as large as all areas added up, nothing lies in several. ::

        +--+--+      +-----+
        |  |  |  ->  |     |   areas of both = area enclosed
        +--+--+      +-----+
    """
    faces = _enclosed(shapes)
    if not len(faces) or not shapely.coverage_is_valid(faces):
        return False
    place, _ = shapely.STRtree(shapes).query(shapely.point_on_surface(faces), "intersects")
    lying_in = np.bincount(place, minlength=len(faces))
    beyond = shapely.area(shapes).sum() - shapely.area(faces[lying_in == 1]).sum()
    return bool(lying_in.max() == 1 and beyond < LEAST_OVERLAP_M2)


def _enclosed(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give what is enclosed by the edges that do not stand twice; nothing where they cross."""
    corners, starts = _corners(shapes)
    alone = starts[_odd(_edges(corners, starts))]
    if len(alone) > _MOST_EDGES * len(starts):
        return shapes[:0]
    ends = np.stack([corners[alone], corners[alone + 1]], axis=1)
    lines = np.asarray(shapely.linestrings(ends))
    faces, *crossing = map(shapely.get_parts, shapely.polygonize_full(lines))
    return np.asarray(faces[:0] if any(map(len, crossing)) else faces)


def _corners(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the corners of all rings, and at which of them an edge starts."""
    plain = (shapely.get_type_id(shapes) == _POLYGON) & (
        shapely.get_num_interior_rings(shapes) == 0
    )  # is its own ring
    parts = shapely.get_rings(shapely.get_parts(shapes[~plain]))
    rings = np.concatenate([shapes[plain], parts])
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    return corners, np.flatnonzero(ring[1:] == ring[:-1])


def _edges(corners: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Give each edge a number, the same in both directions."""
    corner = hash_array(np.ascontiguousarray(corners[:, 1]))
    corner *= np.uint64(3)
    corner += hash_array(np.ascontiguousarray(corners[:, 0]))
    corner = hash_array(corner)
    numbers: NDArray[np.uint64] = corner[starts]
    numbers += corner[starts + 1]
    return numbers


def _odd(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Find one place of each number that stands an odd number of times."""
    order = np.argsort(numbers)
    numbers = numbers[order]
    runs = np.flatnonzero(np.diff(numbers, prepend=~numbers[:1]))
    odd = np.diff(runs, append=len(numbers)) % 2 == 1
    found: NDArray[np.int64] = order[runs[odd]]
    return found


def _told(
    communities: gpd.GeoDataFrame,
    rule: str,
    one: np.ndarray,
    other: np.ndarray,
    shared: np.ndarray,
) -> Iterator[Finding]:
    if not len(one):
        return
    names, widest = communities["name"].to_numpy(), int(shared.argmax())
    rows = communities.index[np.unique(np.concatenate([one, other]))]
    yield Finding(
        rule,
        rows,
        {
            "pairs": len(one),
            "area_m2": round(float(shared.sum())),
            "first": names[one[widest]],
            "second": names[other[widest]],
        },
    )


def crowded(communities: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find numbers of people that cannot be."""
    if "population" not in communities:
        return
    people = communities["population"]
    density = people / (communities.area / 1e6)
    dense = density > DENSEST
    if dense.any():
        worst = density.idxmax()
        facts = {"name": communities.loc[worst, "name"], "people": float(people[worst])}
        yield Finding("population_dense", communities.index[dense], facts | {"limit": DENSEST})
    nobody = people == 0
    if nobody.any():
        names = communities.loc[nobody, "name"]
        yield Finding("population_none", names.index, {"name": names.iloc[0]})
    known = people[people > 0]
    if len(known) >= _ENOUGH and known.median() < FEW_PEOPLE:
        facts = {"median": float(known.median())}
        yield Finding("population_thousands", pd.Index(known.index), facts)


def unlevelled(communities: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find communities without an area on a level, and areas that lie in several of the next."""
    for level in levels_of(communities):
        missing = areas_at(communities, level).eq(NOT_GIVEN)
        if missing.any():
            facts = {"level": level, "n": len(communities)}
            yield Finding("level_not_given", communities.index[missing], facts)
    for level, above, names in split_areas(communities):
        rows = communities.index[communities[level].isin(names)]
        facts = {"level": level, "above": above, "areas": len(names), "first": names[0]}
        yield Finding("level_split", rows, facts)
