"""Walkable streets: ways cut at the nodes where they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.formats.street_edges import edge_lines, edges_of
from layers.osm.shapes import Aside, names_of

if TYPE_CHECKING:
    from layers.osm.extract import Extract
    from layers.osm.study_area import Area

_NOWHERE = 2_147_483_647
"""The place of a node that the extract lacks."""
_DEGREE = 10_000_000


def streets_of(extract: Extract, area: Area) -> tuple[gpd.GeoDataFrame, list[Aside]]:
    """Make the edges near an area; ways with nodes that the extract lacks are listed."""
    ways = extract.streets
    way = np.repeat(np.arange(len(ways.ids)), ways.sizes)
    node, x = np.array(ways.nodes, dtype=np.int64), np.array(ways.x, dtype=np.int64)
    xy = np.column_stack([x, np.array(ways.y, dtype=np.int64)]) / _DEGREE
    new = np.ones(len(node), dtype=bool)
    new[1:] = (node[1:] != node[:-1]) | (way[1:] != way[:-1])
    way, node, xy, known = way[new], node[new], xy[new], (x != _NOWHERE)[new]
    first, last = edges_of(way, node, known=known)
    lines = gpd.GeoSeries(edge_lines(xy, first, last), crs=4326).to_crs(area.crs).to_numpy()
    near = area.near(lines)
    of_edge = way[first]
    aside = _cut(extract, np.unique(way[~known]), np.unique(of_edge[near]))
    frame = _frame(extract, of_edge, node[first], node[last])
    return gpd.GeoDataFrame(frame[near], geometry=lines[near], crs=area.crs), aside


def _frame(
    extract: Extract, way: np.ndarray, from_node: np.ndarray, to_node: np.ndarray
) -> pd.DataFrame:
    names = pd.DataFrame([names_of(tags) for tags in extract.streets.tags], dtype="str")
    rows = names.iloc[way].reset_index(drop=True)
    number = pd.Series(way).groupby(way).cumcount() + 1
    ids = np.array(extract.streets.ids, dtype=np.int64)[way]
    rows.insert(0, "id", [f"way/{i}-{n}" for i, n in zip(ids, number, strict=True)])
    return rows.assign(
        from_node=list(map(str, from_node.tolist())), to_node=list(map(str, to_node.tolist()))
    )


def _cut(extract: Extract, gaps: np.ndarray, loaded: np.ndarray) -> list[Aside]:
    """List ways with gaps: cut there where a part of them is near, else left aside."""
    streets, kept = extract.streets, set(loaded.tolist())
    return [
        Aside(
            "streets",
            f"way/{streets.ids[i]}",
            streets.tags[i].get("name", ""),
            "street_cut" if i in kept else "nodes_missing",
        )
        for i in gaps.tolist()
    ]
