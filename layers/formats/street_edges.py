"""
Cuts ways of OpenStreetMap into edges of streets, and tells which of them are walked.

Walkable, by the OpenStreetMap wiki (Key:highway, Key:access, Key:foot, Key:motorroad, and
the default for all countries of "OSM tags for routing/Access restrictions"): `foot` decides
where it is stated, else `access`, else the class. `WALKED` are classes open to walkers
unless a tag closes them; `ON_WORD` are closed unless `foot` opens them; any other class, and
a way without one, is no street for walkers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

WALKED = (
    "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary",
    "tertiary_link", "unclassified", "residential", "living_street", "service", "road", "track",
    "pedestrian", "footway", "path", "steps", "corridor", "elevator",
)  # fmt: skip
ON_WORD = ("motorway", "motorway_link", "cycleway", "bridleway", "busway")
OPEN = ("yes", "designated", "permissive", "destination", "public", "official")
UNSTATED = ("", "unknown")


def edges_of(way: Ints, node: Ints, *, known: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Give first and last passage of every edge; what is not known cuts it."""
    step = (way[1:] == way[:-1]) & known[1:] & known[:-1]
    _, which, passages = np.unique(node, return_inverse=True, return_counts=True)
    meeting = passages[which] > 1
    before, after = np.append(False, step), np.append(step, False)
    return (
        np.flatnonzero(after & (~before | meeting)),
        np.flatnonzero(before & (~after | meeting)),
    )


def edge_lines(xy: NDArray[np.float64], first: Ints, last: Ints) -> NDArray[np.object_]:
    """Draw every edge through the places of its passages, from its first to its last."""
    size = last - first + 1
    edge = np.repeat(np.arange(len(size)), size)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(size) - size, size)
    points = xy[first[edge] + within]
    return np.asarray(shapely.linestrings(points, indices=edge), dtype=object)


def is_walkable(tags: Mapping[str, Any]) -> bool:
    """
    Tell whether people may walk along a way.

    Examples
    --------
    >>> is_walkable({"highway": "service", "access": "private", "foot": "yes"})
    True
    >>> is_walkable({"highway": "motorway"}), is_walkable({"highway": "cycleway"})
    (False, False)
    """
    foot, access = tags.get("foot", ""), tags.get("access", "")
    highway = tags.get("highway")
    if foot not in UNSTATED:
        return foot in OPEN and highway in (*WALKED, *ON_WORD)
    closed = access not in (*OPEN, *UNSTATED) or tags.get("motorroad") == "yes"
    return highway in WALKED and not closed
