"""
Walking distance along streets, from places to the nearest facility.

A place joins the streets at the nearest point of the nearest walkable edge, not at a node. ::

    place                                facility
      ¦ access leg                          ¦ egress leg
    ──┴──────●═════════════════●════════════┴────
     along   node   streets   node  along its edge

Lengths are those of the geometry, so a path is never shorter than the straight line. Both
directions of every edge can be walked. Crossings, stairs, gates and waiting are not
modelled, slopes on `Network.sloped` alone; a leg is level and crosses whatever lies between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely.ops import substring

from analysis.access.slope import slope_factor
from analysis.model.crs import check_crs

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

MAX_LEG_M = 200.0
"""
Beyond it a place is without streets. The middle of a block of 400 m, as large as superblocks
are, is 200 m from the streets around it; farther off the map lacks the paths people use.
"""
TIE_M = 1e-6
"""Edges whose distances from a place differ by no more are as near: below it lies rounding."""
MARK_EVERY_M = 50.0
"""Along the streets. More marks cost more to make, fewer leave more edges to measure."""


@dataclass(frozen=True, eq=False)
class Network:
    """
    Walkable streets, ready for any places.

    Attributes
    ----------
    lines
        LineString by edge.
    tree
        Finds the edges near a place.
    marks
        Points on the edges, at most `MARK_EVERY_M` apart: no place is farther from the
        streets than from these.
    start, end
        Number of the node at either end of each edge.
    length_m
        By edge.
    graph
        Shortest edge between each two nodes, both ways; metres.
    climb_m
        Metres up and down along each edge; missing where its heights are not known.
    """

    lines: NDArray[np.object_]
    tree: shapely.STRtree
    marks: cKDTree
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length_m: NDArray[np.float64]
    graph: sparse.csr_array
    climb_m: NDArray[np.float64]

    @property
    def heights_known(self) -> float:
        """Share of the length of the streets whose heights are known."""
        length = self.length_m.sum()
        known = self.length_m[np.isfinite(self.climb_m)].sum()
        return float(known / length) if length > 0 else 0.0

    @cached_property
    def slope_factor(self) -> NDArray[np.float64]:
        """What the slope of each edge makes of its length."""
        return slope_factor(self.climb_m, self.length_m)

    @cached_property
    def sloped(self) -> Network:
        """The same streets with lengths weighted by their slope."""
        length = self.length_m * self.slope_factor
        graph = _graph(self.start, self.end, length, nodes=self.graph.shape[0])
        return replace(self, length_m=length, graph=graph)


@dataclass(frozen=True, eq=False)
class NetworkAccess:
    """
    Where places join the streets; a place as near to several edges has a row for each.

    Attributes
    ----------
    count
        Number of places.
    place
        Which place, by row, ascending. A place in no row is without streets.
    edge
        Which edge.
    along_m
        Metres from the edge's start to the point where the place joins it.
    leg_m
        Access or egress leg: the straight line from the place to that point.
    """

    count: int
    place: NDArray[np.int64]
    edge: NDArray[np.int64]
    along_m: NDArray[np.float64]
    leg_m: NDArray[np.float64]

    @property
    def leg_of_place(self) -> NDArray[np.float64]:
        """Straight line to the streets by place; infinite for one without streets."""
        leg = np.full(self.count, np.inf)
        leg[self.place] = self.leg_m
        return leg

    def sloped(self, network: Network) -> NetworkAccess:
        """Give the same places on `Network.sloped` of their streets."""
        return replace(self, along_m=self.along_m * network.slope_factor[self.edge])

    def at(self, places: NDArray[np.int64]) -> NetworkAccess:
        """
        Give the access of some of the places.

        Parameters
        ----------
        places
            Their numbers, each once.

        Returns
        -------
        access
            Places are numbered as they stand in `places`.
        """
        number = np.full(self.count, -1)
        number[places] = np.arange(len(places))
        rows = np.flatnonzero(number[self.place] >= 0)
        rows = rows[np.argsort(number[self.place[rows]], kind="stable")]
        return NetworkAccess(
            len(places), number[self.place[rows]], self.edge[rows], self.along_m[rows],
            self.leg_m[rows],
        )  # fmt: skip


def prepare_network(streets: gpd.GeoDataFrame) -> Network:
    """
    Build the graph of the walkable streets.

    Parameters
    ----------
    streets
        As in `analysis.model.contracts`, in a metric CRS. Edges meet where they name the same
        node and nowhere else, so bridges do not touch what they cross. Edges that are
        not walkable are left out; of the same line twice, as for either direction, one is
        kept.

    Returns
    -------
    network
        Of the rest; it may be in several parts, or empty.

    Raises
    ------
    CrsError
        If the CRS is not metric.
    """
    check_crs(streets.crs, bounds=streets.total_bounds, name="streets")
    streets = streets[streets["walkable"].to_numpy(dtype=bool)]
    ends = np.concatenate([streets["from_node"].to_numpy(), streets["to_node"].to_numpy()])
    # Nodes are numbered by their names, the starts of all edges first, then their ends.
    node, names = pd.factorize(ends)
    start, end = np.split(node.astype(np.int64), 2)
    lines = streets.geometry.to_numpy()
    once = ~_doubled(start, end, lines)
    start, end, lines = start[once], end[once], lines[once]
    length = shapely.length(lines)
    climb = streets.get("climb_m", pd.Series(np.nan, index=streets.index)).to_numpy(dtype=float)
    return Network(
        lines=lines,
        tree=shapely.STRtree(lines),
        marks=cKDTree(shapely.get_coordinates(shapely.segmentize(lines, MARK_EVERY_M))),
        start=start,
        end=end,
        length_m=length,
        graph=_graph(start, end, length, nodes=len(names)),
        climb_m=climb[once],
    )


def _doubled(
    start: NDArray[np.int64], end: NDArray[np.int64], lines: NDArray[np.object_]
) -> NDArray[np.bool_]:
    """Find lines between the same nodes as an earlier line and like it, either way round."""
    ends = pd.DataFrame({"low": np.minimum(start, end), "high": np.maximum(start, end)})
    parallel = np.flatnonzero(ends.duplicated(keep=False))
    # Only edges between the same two nodes can be doubled; normalised, a line and its reverse
    # have the same bytes.
    drawn = shapely.to_wkb(shapely.normalize(lines[parallel]))
    doubled = np.zeros(len(lines), dtype=bool)
    doubled[parallel] = ends.iloc[parallel].assign(drawn=drawn).duplicated()
    return doubled


def _graph(
    start: NDArray[np.int64], end: NDArray[np.int64], length: NDArray[np.float64], *, nodes: int
) -> sparse.csr_array:
    """Keep the shortest of parallel edges, which a sparse matrix would else add up."""
    # Both directions of every edge, sorted so that the shortest of parallel ones comes first.
    row, column = np.concatenate([start, end]), np.concatenate([end, start])
    weight = np.concatenate([length, length])
    order = np.lexsort((weight, column, row))
    row, column, weight = row[order], column[order], weight[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    return sparse.csr_array(
        (weight[first], (row[first], column[first])), shape=(nodes, nodes), dtype=float
    )


def street_access(
    network: Network, x: ArrayLike, y: ArrayLike, *, max_leg: float = MAX_LEG_M
) -> NetworkAccess:
    """
    Find where each place joins the streets.

    Parameters
    ----------
    network
        From `prepare_network`.
    x, y
        Coordinates in metres, in the CRS of the streets; finite.
    max_leg
        Metres; a place with no walkable street so near is without streets.

    Returns
    -------
    access
        The nearest point on the nearest edge, on each of them where several are as near
        (`TIE_M`), in the order of the edges. An edge that runs over itself is joined where
        it first comes by.

    Raises
    ------
    ValueError
        If `max_leg` is not positive.
    """
    if not max_leg > 0:
        msg = f"`max_leg` must be positive metres, got {max_leg!r}."
        raise ValueError(msg)
    where = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    places = np.asarray(shapely.points(where), dtype=object)
    # No edge need be looked for beyond the nearest mark, which lies on an edge: that leaves a
    # few candidates a place, and only their exact distances are measured.
    to_mark = network.marks.query(where, distance_upper_bound=max_leg)[0]
    place, edge = network.tree.query(
        places, predicate="dwithin", distance=np.minimum(to_mark, max_leg) + TIE_M
    )
    distance = shapely.distance(places[place], network.lines[edge])
    leg = np.full(len(places), np.inf)
    np.minimum.at(leg, place, distance)  # the shortest of each place
    near = (distance <= leg[place] + TIE_M) & (leg[place] <= max_leg)
    place, edge = place[near], edge[near]
    order = np.lexsort((edge, place))
    place, edge = place[order], edge[order]
    along = shapely.line_locate_point(network.lines[edge], places[place])
    return NetworkAccess(len(places), place, edge, along, leg[place])


def walking_distance(
    network: Network, origins: NetworkAccess, facilities: NetworkAccess
) -> NDArray[np.float64]:
    """
    Measure the shortest way from each place to the nearest facility along the streets.

    Exact also where place and facility share an edge. One search from all facilities
    serves any number of places.

    Parameters
    ----------
    network
        From `prepare_network`.
    origins, facilities
        From `street_access` on this network.

    Returns
    -------
    distance
        Metres, one a place of `origins`, legs included; infinite if the place is without
        streets or no facility can be reached from its streets.

    References
    ----------
    Dijkstra (1959), A note on two problems in connexion with graphs,
    doi:10.1007/BF01386390.
    """
    distance = np.full(origins.count, np.inf)
    if not len(facilities.place):
        return distance
    # From where a place joins its edge, leave by the edge's start or by its end, or meet a
    # facility on the same edge before either.
    to_node = _node_distance(network, facilities)
    start, end = network.start[origins.edge], network.end[origins.edge]
    rest = network.length_m[origins.edge] - origins.along_m
    way = np.minimum(to_node[start] + origins.along_m, to_node[end] + rest)
    way = np.minimum(way, _along_edge(origins, facilities)) + origins.leg_m
    np.minimum.at(distance, origins.place, way)
    return distance


def reached_streets(
    network: Network, facilities: NetworkAccess, *, service_radius: float
) -> NDArray[np.object_]:
    """
    Cut out the streets within walking distance of a facility.

    Parameters
    ----------
    network
        From `prepare_network`.
    facilities
        From `street_access` on this network.
    service_radius
        Greatest distance served, in metres along the streets, the leg from the facility to
        the streets included.

    Returns
    -------
    lines
        LineStrings: whole edges, and parts cut at exactly the radius, in the order of the
        edges. Places beside them are as much farther as their own leg is long.

    Raises
    ------
    ValueError
        If `service_radius` is not positive.
    """
    if not service_radius > 0:
        msg = f"`service_radius` must be positive metres, got {service_radius!r}."
        raise ValueError(msg)
    if not len(facilities.place):
        return np.empty(0, dtype=object)
    # What is left of the radius at a node is walked into every edge there. ::
    #
    #     ●═══════>·········<════●      from_start + from_end < length: two parts
    #     ●═══════════>              >= length: the whole edge
    left = service_radius - _node_distance(network, facilities)
    length = network.length_m
    from_start, from_end = (np.clip(left[end], 0, length) for end in (network.start, network.end))
    whole = (from_start + from_end >= length) & (length > 0)
    begin = np.concatenate([np.zeros(len(length)), length - from_end])
    end = np.concatenate([from_start, length])
    edge = np.tile(np.arange(len(length)), 2)
    # On a facility's own edge the radius less its leg is walked in both directions.
    spare = service_radius - facilities.leg_m
    own = spare > 0
    begin = np.concatenate([begin, facilities.along_m[own] - spare[own]])
    end = np.concatenate([end, facilities.along_m[own] + spare[own]])
    edge = np.concatenate([edge, facilities.edge[own]])
    parts = _joined_parts(edge, np.maximum(begin, 0), np.minimum(end, length[edge]))
    parts = parts[~whole[parts["edge"]]]
    cut = [
        substring(network.lines[number], low, high)
        for number, low, high in parts[["edge", "begin", "end"]].itertuples(index=False)
    ]
    numbers = np.concatenate([np.flatnonzero(whole), parts["edge"].to_numpy()])
    lines = np.empty(len(numbers), dtype=object)
    lines[:] = [*network.lines[whole], *cut]
    return lines[np.argsort(numbers, kind="stable")]


def _joined_parts(
    edge: NDArray[np.int64], begin: NDArray[np.float64], end: NDArray[np.float64]
) -> pd.DataFrame:
    """Join parts of an edge that touch or overlap; leave out those without length."""
    parts = pd.DataFrame({"edge": edge, "begin": begin, "end": end})
    parts = parts[parts["end"] > parts["begin"]].sort_values(["edge", "begin"], kind="stable")
    # A part begins a new one where it begins beyond the end of all before it on its edge.
    so_far = parts.groupby("edge")["end"].cummax()
    apart = parts["begin"] > so_far.groupby(parts["edge"]).shift(fill_value=-np.inf)
    joined = parts.groupby(apart.cumsum().to_numpy()).agg(
        {"edge": "first", "begin": "min", "end": "max"}
    )
    return joined.reset_index(drop=True)


def _node_distance(network: Network, facilities: NetworkAccess) -> NDArray[np.float64]:
    """
    Measure from every node to the nearest facility, in one search.

    One more node S leads to both ends of every edge with a facility, at the length of the way
    along that edge and the egress leg: the search from S is the search from all of them. ::

        S ──(leg + along)──> start        S ──(leg + length - along)──> end
    """
    near = np.concatenate([network.start[facilities.edge], network.end[facilities.edge]])
    rest = network.length_m[facilities.edge] - facilities.along_m
    leg = np.concatenate([facilities.along_m, rest]) + np.tile(facilities.leg_m, 2)
    first = pd.Series(leg).groupby(near).min()
    graph = network.graph
    nodes = graph.shape[0]
    # S is one more row at the end of the sparse matrix; its column is empty.
    joined = sparse.csr_array(
        (
            np.concatenate([graph.data, first.to_numpy()]),
            np.concatenate([graph.indices, first.index.to_numpy(dtype=graph.indices.dtype)]),
            np.append(graph.indptr, len(graph.data) + len(first)),
        ),
        shape=(nodes + 1, nodes + 1),
    )
    found: NDArray[np.float64] = dijkstra(joined, directed=True, indices=nodes)
    return found[:nodes]


def _along_edge(origins: NetworkAccess, facilities: NetworkAccess) -> NDArray[np.float64]:
    """
    Measure the path to the nearest facility on the same edge, without the origin's leg.

    Seen from a place p on the edge, a facility at q before it is leg + p - q away, one behind
    it leg + q - p. So the least of (leg - q) over the facilities up to p, and the least of
    (leg + q) over those from p on, answer for all of them. ::

        ──q1────q2──p───q3────     best before: min(leg1 - q1, leg2 - q2) + p
    """
    way = np.full(len(origins.edge), np.inf)
    rows = np.flatnonzero(np.isin(origins.edge, facilities.edge))
    along, edge = origins.along_m[rows], origins.edge[rows]
    order = np.lexsort([facilities.along_m, facilities.edge])
    shop_along, leg = facilities.along_m[order], facilities.leg_m[order]
    shop_edge = facilities.edge[order]
    # Edge and place along it become one whole number that sorts like the pair.
    rank = np.unique(np.concatenate([shop_along, along]), return_inverse=True)[1]
    shop_place = shop_edge * len(rank) + rank[: len(order)]
    place = edge * len(rank) + rank[len(order) :]
    before = np.searchsorted(shop_place, place, side="right") - 1
    after = np.searchsorted(shop_place, place, side="left")
    for at, best, sign in (
        (before, _running_minimum(leg - shop_along, shop_edge), 1),
        (after, _running_minimum((leg + shop_along)[::-1], -shop_edge[::-1])[::-1], -1),
    ):
        # The neighbour in the sorted row may stand on another edge, or there may be none.
        there = (at >= 0) & (at < len(order))
        there[there] = shop_edge[at[there]] == edge[there]
        met = rows[there]
        way[met] = np.minimum(way[met], best[at[there]] + sign * along[there])
    return way


def _running_minimum(values: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """
    Find the least value from the first of each group on; groups ascend.

    One running minimum serves all groups: values are replaced by their ranks, and each group
    is shifted below all before it, so that no value of an earlier group can be the least.
    """
    ascending, rank = np.unique(values, return_inverse=True)
    shift = group * len(ascending)
    minimum: NDArray[np.float64] = ascending[np.minimum.accumulate(rank - shift) + shift]
    return minimum
