"""Walkable streets of the demo city: a bent lattice that only two bridges carry over the river."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tools.demo_city.ground import HILL_CENTRE, HILL_RADIUS, river_line
from tools.demo_city.words import BRIDGES, ROADS_EAST, ROADS_NORTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.demo_city.ground import CommunityLand

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SPACING = 225.0
REACH = 32
MAIN_EVERY = 5
SHARE_MISSING = 0.11
BRIDGE_X = (-900.0, 1960.0)
EXPRESSWAY = "环城南路"


def _lattice() -> tuple[Floats, Integers, Integers]:
    """Nodes of a turned lattice, closer in the middle and bent; their column and row."""
    axis = np.arange(-REACH, REACH + 1)
    column, row = (part.ravel() for part in np.meshgrid(axis, axis))
    flat = np.column_stack([column, row]) * SPACING
    turn = np.deg2rad(9)
    flat = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    flat *= (0.72 + 0.06 * np.hypot(*flat.T) / 1000)[:, None]
    bent = flat + np.column_stack(
        [90 * np.sin(flat[:, 1] / 700), 110 * np.sin(flat[:, 0] / 900 + 0.7)]
    )
    return bent, column, row


def _edges(column: Integers, row: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Lattice neighbours; whether the edge runs east; the number of its line."""
    side = 2 * REACH + 1
    node = np.arange(side * side)
    east, north = node[column < REACH], node[row < REACH]
    first = np.concatenate([east, north])
    second = np.concatenate([east + 1, north + side])
    runs_east = np.repeat([1, 0], [len(east), len(north)])
    return first, second, runs_east, np.concatenate([row[east], column[north]])


def _largest_part(nodes: int, first: Integers, second: Integers) -> NDArray[np.bool_]:
    """Whether each node belongs to the largest connected part."""
    links = coo_array((np.ones(len(first)), (first, second)), shape=(nodes, nodes))
    label = connected_components(links, directed=False)[1]
    used = np.bincount(label[first], minlength=label.max() + 1)
    largest: NDArray[np.bool_] = label == used.argmax()
    return largest


def _name(line: int, *, runs_east: bool) -> tuple[str, str, str]:
    """Class and names of the street on a line of the lattice."""
    if line % MAIN_EVERY:
        return ("支路", "", "")
    roads = ROADS_EAST if runs_east else ROADS_NORTH
    zh, en = roads[(line // MAIN_EVERY) % len(roads)]
    return ("快速路" if zh == EXPRESSWAY else "主干道", zh, en)


def _lines(ends: Floats, rng: np.random.Generator) -> NDArray[np.object_]:
    """Edges with one bend in the middle."""
    along = ends[:, 1] - ends[:, 0]
    across = np.column_stack([-along[:, 1], along[:, 0]]) * rng.normal(0, 0.035, (len(ends), 1))
    points = np.stack([ends[:, 0], ends.mean(axis=1) + across, ends[:, 1]], axis=1)
    lines: NDArray[np.object_] = shapely.linestrings(points)
    return lines


def _bridges(nodes: Floats, banks: list[Integers]) -> list[tuple[int, int]]:
    """The two nodes that each bridge joins."""
    pairs = []
    for x in BRIDGE_X:
        at = np.array([x, river_line(np.array([x]))[0]])
        north, south = (int(bank[np.hypot(*(nodes[bank] - at).T).argmin()]) for bank in banks)
        pairs.append((north, south))
    return pairs


def make_streets(ground: CommunityLand, rng: np.random.Generator) -> pd.DataFrame:
    """Lay streets over the city."""
    nodes, column, row = _lattice()
    first, second, runs_east, line = _edges(column, row)
    dry = shapely.STRtree([ground.river.buffer(15)]).query(
        shapely.points(nodes), predicate="within"
    )[0]
    usable = ground.home_of(nodes) >= 0
    usable[dry] = False
    usable[np.hypot(*(nodes - HILL_CENTRE).T) < 0.9 * HILL_RADIUS] = False
    missing = (line % MAIN_EVERY != 0) & (rng.random(len(line)) < SHARE_MISSING)
    lines = _lines(nodes[np.column_stack([first, second])], rng)
    built = usable[first] & usable[second] & ~missing & ~shapely.intersects(lines, ground.river)
    rows = [_name(int(at), runs_east=bool(east)) for at, east in zip(line, runs_east, strict=True)]
    walkable = np.array([road_class != "快速路" for road_class, _, _ in rows])
    north = nodes[:, 1] > river_line(nodes[:, 0])
    banks, part = [], np.zeros(len(nodes), dtype=bool)
    for bank in (north, ~north):
        chosen = built & walkable & bank[first] & bank[second]
        largest = _largest_part(len(nodes), first[chosen], second[chosen])
        part |= largest
        banks.append(np.flatnonzero(largest))
    built &= part[first] & part[second]
    frame = pd.DataFrame(
        {
            "from_node": first[built],
            "to_node": second[built],
            "walkable": walkable[built],
            "road_class": [rows[edge][0] for edge in np.flatnonzero(built)],
            "name": [rows[edge][1] for edge in np.flatnonzero(built)],
            "name_en": [rows[edge][2] for edge in np.flatnonzero(built)],
            "geometry": lines[built],
        }
    )
    return _numbered(pd.concat([frame, _bridge_rows(nodes, banks)], ignore_index=True))


def _bridge_rows(nodes: Floats, banks: list[Integers]) -> pd.DataFrame:
    pairs = _bridges(nodes, banks)
    return pd.DataFrame(
        {
            "from_node": [north for north, _ in pairs],
            "to_node": [south for _, south in pairs],
            "walkable": True,
            "road_class": "桥梁",
            "name": [zh for zh, _ in BRIDGES],
            "name_en": [en for _, en in BRIDGES],
            "geometry": shapely.linestrings(nodes[np.array(pairs)]),
        }
    )


def _numbered(streets: pd.DataFrame) -> pd.DataFrame:
    """Give nodes and edges short text identifiers."""
    both = streets[["from_node", "to_node"]].to_numpy()
    place = np.unique(both, return_inverse=True)[1].reshape(both.shape)
    return streets.assign(
        id=[f"E{number:04d}" for number in range(1, len(streets) + 1)],
        from_node=[f"N{number + 1:04d}" for number in place[:, 0]],
        to_node=[f"N{number + 1:04d}" for number in place[:, 1]],
    )
