"""
Walking distance between many places and many possible sites, as far as a radius.

The same paths as `analysis.access.street_network.walking_distance` measures to the nearest
facility, one for each pair: the nearest of several sites is at the distance that it gives, to
the last bit. Sites are taken a square at a time, on the streets that paths of the radius can
come by, so that a large city costs no more for a site than a small one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from analysis.access.street_network import street_access
from analysis.geometry.buffers import check_service_radius

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from analysis.access.street_network import Network, NetworkAccess
    from analysis.access.walking import AccessPoints

SIDE = 2.0
"""Side of a square of sites, in radii: larger ones search more streets in vain."""


class WalkingPairs(NamedTuple):
    """
    Places and sites within walking distance of one another.

    Attributes
    ----------
    place, site
        Positions, one a pair, each pair once.
    distance_m
        Along the streets, both legs included.
    """

    place: NDArray[np.int64]
    site: NDArray[np.int64]
    distance_m: NDArray[np.float64]


def walking_pairs(
    network: Network, places: NetworkAccess, sites: NetworkAccess, *, service_radius: float
) -> WalkingPairs:
    """
    Find the pairs of a place and a site within walking distance.

    Parameters
    ----------
    network
        From `analysis.access.street_network.prepare_network`.
    places, sites
        From `analysis.access.street_network.street_access` on this network.
    service_radius
        Greatest distance along streets, in metres; a pair at exactly this distance is within it.

    Returns
    -------
    pairs
        In the order of sites, then places. A place or site without streets is in none.

    Raises
    ------
    ValueError
        If `service_radius` is not positive.
    """
    check_service_radius(service_radius)
    found = [_on_one_edge(places, sites)]
    if len(sites.place) and len(places.place):
        found += _through_nodes(network, places, sites, service_radius)
    site, place, distance = (np.concatenate(each) for each in zip(*found, strict=True))
    near = distance <= service_radius
    site, place, distance = site[near], place[near], distance[near]
    # The shortest of the paths of each pair comes first.
    order = np.lexsort((distance, place, site))
    site, place, distance = site[order], place[order], distance[order]
    first = np.ones(len(site), dtype=bool)
    first[1:] = (site[1:] != site[:-1]) | (place[1:] != place[:-1])
    return WalkingPairs(place[first], site[first], distance[first])


def pairs_with_sites(
    access_points: AccessPoints, xy: NDArray[np.float64], *, service_radius: float
) -> WalkingPairs:
    """
    Find the resident rows within walking distance of possible sites.

    Parameters
    ----------
    access_points
        Where the residents join the streets.
    xy
        The sites, in metres, n × 2.
    service_radius
        Metres along streets.

    Returns
    -------
    pairs
        As in `walking_pairs`; places are resident rows.
    """
    network = access_points.network
    sites = street_access(network, *xy.T)
    return walking_pairs(network, access_points.residents, sites, service_radius=service_radius)


Paths = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]
"""Site, place and metres, one a path."""


def _on_one_edge(places: NetworkAccess, sites: NetworkAccess) -> Paths:
    """Measure along an edge that place and site share, before either end is come to."""
    order = np.argsort(places.edge, kind="stable")
    first, last = (
        np.searchsorted(places.edge[order], sites.edge, side=side) for side in ("left", "right")
    )
    count = last - first
    at = np.repeat(np.arange(len(count)), count)
    offset = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    row = order[(offset + np.arange(len(at))).astype(np.int64)]
    leg, there, along = sites.leg_m[at], sites.along_m[at], places.along_m[row]
    # As the search for the nearest has it: (leg - q) + p behind the site, (leg + q) - p before it.
    way = np.where(there <= along, (leg - there) + along, (leg + there) - along)
    level = there == along
    way[level] = np.minimum(way[level], ((leg + there) - along)[level])
    return sites.place[at], places.place[row], way + places.leg_m[row]


def _through_nodes(
    network: Network, places: NetworkAccess, sites: NetworkAccess, radius: float
) -> Iterator[Paths]:
    """Search square by square from the sites in it, on the streets within the radius of it."""
    nodes = np.empty((network.graph.shape[0], 2))
    for end, at in ((0, network.start), (-1, network.end)):
        nodes[at] = shapely.get_coordinates(shapely.get_point(network.lines, end))
    tree = cKDTree(nodes)
    joins = shapely.line_interpolate_point(network.lines[sites.edge], sites.along_m)
    side = SIDE * radius
    square = np.floor(shapely.get_coordinates(joins) / side)
    each, member = np.unique(square, axis=0, return_inverse=True)
    by_start, by_end = (_rows_by(ends[places.edge]) for ends in (network.start, network.end))
    for number, corner in enumerate(each):
        # No path of the radius leaves the circle that holds the square and the radius around it.
        near = tree.query_ball_point((corner + 0.5) * side, side / np.sqrt(2) + radius * 1.001)
        near = np.sort(np.asarray(near, dtype=np.int64))
        rows = np.flatnonzero(member == number)
        beside = np.union1d(_rows_of(by_start, near), _rows_of(by_end, near))
        if len(near) and len(beside):
            yield _from_square(network, places, sites, _Square(near, rows, beside), radius)


Rows = tuple["NDArray[np.int64]", "NDArray[np.int64]"]
"""Positions in the order of their nodes, and the nodes in that order."""


class _Square(NamedTuple):
    """Nodes around a square, rows of the sites in it, rows of the places beside the nodes."""

    nodes: NDArray[np.int64]
    rows: NDArray[np.int64]
    beside: NDArray[np.int64]


def _rows_by(node: NDArray[np.int64]) -> Rows:
    order = np.argsort(node, kind="stable")
    return order, node[order]


def _rows_of(rows: Rows, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
    order, node = rows
    first, last = (np.searchsorted(node, nodes, side=side) for side in ("left", "right"))
    count = last - first
    offset = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    return order[(offset + np.arange(len(offset))).astype(np.int64)]


def _from_square(
    network: Network,
    places: NetworkAccess,
    sites: NetworkAccess,
    square: _Square,
    radius: float,
) -> Paths:
    """Search from the sites of a square over the nodes around it, to the places beside those."""
    nodes, beside = square.nodes, square.beside
    asked, origin = np.unique(sites.place[square.rows], return_inverse=True)
    to_node = _search(network, sites, square, origin, radius)
    # One more column, infinitely far, stands for every node that is not among these.
    place_of = np.full(network.graph.shape[0], len(nodes))
    place_of[nodes] = np.arange(len(nodes))
    edge, along = places.edge[beside], places.along_m[beside]
    rest = network.length_m[edge] - along
    way = np.minimum(
        to_node[:, place_of[network.start[edge]]] + along,
        to_node[:, place_of[network.end[edge]]] + rest,
    )
    way += places.leg_m[beside]
    at, row = np.nonzero(way <= radius)
    return asked[at], places.place[beside[row]], way[at, row]


def _search(
    network: Network,
    sites: NetworkAccess,
    square: _Square,
    origin: NDArray[np.int64],
    radius: float,
) -> NDArray[np.float64]:
    """Measure from each site to each of the nodes: a row a site, infinite beyond the radius."""
    nodes, rows = square.nodes, square.rows
    count, edge = int(origin.max()) + 1, sites.edge[rows]
    place_of = np.full(network.graph.shape[0], -1)
    place_of[nodes] = np.arange(len(nodes))
    node = np.concatenate([place_of[network.start[edge]], place_of[network.end[edge]]])
    rest = network.length_m[edge] - sites.along_m[rows]
    leg = np.concatenate([sites.along_m[rows], rest]) + np.tile(sites.leg_m[rows], 2)
    source = np.tile(origin, 2)
    order = np.lexsort((leg, node, source))
    node, leg, source = node[order], leg[order], source[order]
    kept = node >= 0
    kept[1:] &= (node[1:] != node[:-1]) | (source[1:] != source[:-1])
    ways = sparse.csr_array(
        (leg[kept], (source[kept], node[kept])), shape=(count, len(nodes)), dtype=float
    )
    graph = network.graph[nodes][:, nodes]
    # Every site is one more row, which leads to the ends of its edges and is led to by none.
    joined = sparse.csr_array(
        (
            np.concatenate([graph.data, ways.data]),
            np.concatenate([graph.indices, ways.indices]),
            np.concatenate([graph.indptr, len(graph.data) + ways.indptr[1:]]),
        ),
        shape=(len(nodes) + count, len(nodes) + count),
    )
    found = dijkstra(joined, indices=len(nodes) + np.arange(count), limit=radius)
    found[:, len(nodes) :] = np.inf
    measured: NDArray[np.float64] = found[:, : len(nodes) + 1]
    return measured
