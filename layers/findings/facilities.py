"""Finds facilities that seem to stand twice, sizes out of all proportion, and places outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from rapidfuzz import fuzz
from scipy.spatial import cKDTree

from analysis.geometry.locate import OUTSIDE, community_of
from layers.findings.finding import Finding
from layers.places.names import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

NEAR_M = 15.0
"""Two of one kind nearer than this with like names are probably one."""
LIKE = 85.0
"""Of 100: names less alike are of different things."""
MANY_TIMES = 50.0
"""A size so many times the median of its layer is a slip, or of another unit."""
_ENOUGH = 20
MOST_OUTSIDE = 0.05
"""A larger share of a layer outside all communities is told."""
_FEW = 3


def near_twice(facilities: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find facilities of one kind a few metres apart whose names are alike."""
    xy = shapely.get_coordinates(facilities.geometry.to_numpy())
    pairs = cKDTree(xy).query_pairs(NEAR_M, output_type="ndarray")
    if not len(pairs):
        return
    names = [plain_name(name) for name in facilities["name"]]
    like = np.array([_alike(names[one], names[other]) for one, other in pairs], dtype=bool)
    if not like.any():
        return
    first = pairs[like][0]
    apart = float(np.hypot(*(xy[first[0]] - xy[first[1]])))
    own = facilities["name"].to_numpy()
    facts = {"pairs": int(like.sum()), "first": own[first[0]], "second": own[first[1]]}
    rows = facilities.index[np.unique(pairs[like])]
    yield Finding("facilities_near_twice", rows, facts | {"apart_m": round(apart, 1)})


def _alike(one: str, other: str) -> bool:
    return (
        bool(one and other) and fuzz.ratio(one, other) >= LIKE and _numbers(one) == _numbers(other)
    )


def _numbers(name: str) -> list[str]:
    """Digits and letters of a series tell things apart however alike their names are."""
    return [sign for sign in name if sign.isdigit() or sign in "一二三四五六七八九十男女东南西北"]


def out_of_proportion(facilities: gpd.GeoDataFrame, columns: list[str]) -> Iterator[Finding]:
    """Find sizes many times the median."""
    for column in columns:
        sizes = facilities[column].astype(float)
        known = sizes[sizes > 0]
        if len(known) < _ENOUGH:
            continue
        median = float(known.median())
        large = sizes > MANY_TIMES * median
        if large.any():
            facts = {"column": column, "found": float(sizes.max()), "median": median}
            yield Finding("size_implausible", facilities.index[large], facts)


def outside(places: pd.DataFrame, communities: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find layers a good part of which lies in no community."""
    beyond = community_of(places["x"], places["y"], communities) == OUTSIDE
    if beyond.sum() >= _FEW and beyond.mean() > MOST_OUTSIDE:
        facts = {"share": float(beyond.mean()), "total": len(places)}
        yield Finding("outside_communities", places.index[beyond], facts)
