"""
Wavy Voronoi cells: communities with odd shapes that share their borders exactly.

Every Voronoi edge, with the seeds on its two sides, spans a kite, and the kites tile the
plane. An edge is bent by moving each of its points a share of the way towards one of the
two seeds, so it stays inside its kite and cannot cross another edge. Both neighbours are
built from the same bent edge: the cells are a valid coverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import Voronoi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

HARMONICS = 12
GREATEST_BEND = 0.6
"""Greatest share of the way to a seed that an edge point may move."""


@dataclass(frozen=True)
class Cells:
    """
    Cells of the inner seeds, and the bent edges that bound them.

    Attributes
    ----------
    polygons
        One an inner seed, in the order of the seeds.
    edges
        Every bent edge of an inner cell, as a line.
    pairs
        The two seeds (rows of the seeds given) on either side of each edge.
    """

    polygons: NDArray[np.object_]
    edges: NDArray[np.object_]
    pairs: Integers


def wavy_cells(
    seeds: Floats,
    inner: NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    step: float | Floats,
    roughness: float,
    calm: NDArray[np.bool_] | None = None,
) -> Cells:
    """Build the wavy Voronoi cells of some seeds; the hull has none."""
    diagram = Voronoi(seeds)
    vertices = np.asarray(diagram.ridge_vertices, dtype=np.int64)
    pairs = np.asarray(diagram.ridge_points, dtype=np.int64)
    used = inner[pairs].any(axis=1)
    vertices, pairs = vertices[used], pairs[used]
    if (vertices < 0).any():
        msg = "An inner seed lies on the hull: add guard seeds around it."
        raise ValueError(msg)
    bends = rng.standard_normal((len(pairs), HARMONICS)) * roughness
    if calm is not None:
        bends[calm[pairs[:, 0]] != calm[pairs[:, 1]]] *= 0.2
    ends = diagram.vertices[vertices]
    steps = np.broadcast_to(step, len(seeds))[pairs].mean(axis=1)
    bends *= _room(ends, seeds[pairs])[:, None]
    while True:
        points, start = _bent_edges(ends, seeds[pairs], bends, steps)
        polygons = _polygons(seeds, inner, pairs, ends, bent=(points, start))
        broken = np.zeros(len(seeds), dtype=bool)
        broken[np.flatnonzero(inner)[~shapely.is_valid(polygons)]] = True
        if not broken.any():
            break
        bends[broken[pairs].any(axis=1)] *= 0.5
    owner = np.repeat(np.arange(len(pairs)), np.diff(start))
    return Cells(polygons, shapely.linestrings(points, indices=owner), pairs)


def _room(ends: Floats, sides: Floats) -> Floats:
    """Length of each edge over the distance of its seeds, at most 1: short edges bend less."""
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    apart = np.hypot(*(sides[:, 1] - sides[:, 0]).T)
    return np.minimum(length / apart, 1)


def _bent_edges(
    ends: Floats, sides: Floats, bends: Floats, steps: Floats
) -> tuple[Floats, Integers]:
    """Points of every edge one after the other, and where each edge starts."""
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    segments = np.maximum(1, np.rint(lengths / steps)).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(segments + 1)])
    edge = np.repeat(np.arange(len(ends)), segments + 1)
    along = (np.arange(start[-1]) - start[edge]) / segments[edge]
    bend = np.zeros(len(along))
    for number in range(1, HARMONICS + 1):
        bend += bends[edge, number - 1] / number * np.sin(np.pi * number * along)
    bend = GREATEST_BEND * np.tanh(bend / GREATEST_BEND)
    straight = ends[edge, 0] + along[:, None] * (ends[edge, 1] - ends[edge, 0])
    straight[start[1:] - 1] = ends[:, 1]
    towards = sides[edge, (bend < 0).astype(np.int64)]
    moved = straight + np.abs(bend)[:, None] * (towards - straight)
    moved[start[:-1]], moved[start[1:] - 1] = ends[:, 0], ends[:, 1]
    return moved, start


def _polygons(
    seeds: Floats,
    inner: NDArray[np.bool_],
    pairs: Integers,
    ends: Floats,
    *,
    bent: tuple[Floats, Integers],
) -> NDArray[np.object_]:
    """Walk the edges of every inner seed counter-clockwise and join them to a ring."""
    points, start = bent
    seed = pairs.T.ravel()
    edge = np.tile(np.arange(len(pairs)), 2)
    seed, edge = seed[inner[seed]], edge[inner[seed]]
    middle = ends[edge].mean(axis=1) - seeds[seed]
    order = np.lexsort((np.arctan2(middle[:, 1], middle[:, 0]), seed))
    seed, edge = seed[order], edge[order]
    first, second = ends[edge, 0] - seeds[seed], ends[edge, 1] - seeds[seed]
    forward = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] > 0
    size = start[edge + 1] - start[edge] - 1
    half = np.repeat(np.arange(len(edge)), size)
    offset = np.arange(len(half)) - np.repeat(np.cumsum(size) - size, size)
    row = np.where(forward[half], start[edge[half]] + offset, start[edge[half] + 1] - 1 - offset)
    ring = np.searchsorted(np.flatnonzero(inner), seed[half])
    return shapely.polygons(shapely.linearrings(points[row], indices=ring))
