"""
Walking distances against networkx, in one run on one lattice of streets.

Run: python -m bench.network --side 330
"""

from __future__ import annotations

import argparse

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from analysis.access.street_network import prepare_network, street_access, walking_distance
from bench.figures import Figure, cpu_seconds, report

CRS = "+proj=laea +lat_0=30 +lon_0=114 +datum=WGS84 +units=m +no_defs"
BLOCK = 90.0
PER_FACILITY = 50
"""Nodes for each facility."""


def lattice(side: int, random: np.random.Generator) -> gpd.GeoDataFrame:
    """Make a lattice of side × side nodes, moved by up to a fifth of a block."""
    number = np.arange(side * side).reshape(side, side)
    x, y = (axis.ravel() * BLOCK for axis in np.meshgrid(range(side), range(side)))
    nodes = np.column_stack([x, y]) + random.uniform(-BLOCK / 5, BLOCK / 5, (side * side, 2))
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    lines = shapely.linestrings(np.stack([nodes[start], nodes[end]], axis=1))
    return gpd.GeoDataFrame(
        {
            "from_node": start.astype(str),
            "to_node": end.astype(str),
            "length_m": shapely.length(lines),
            "walkable": True,
        },
        geometry=lines,
        crs=CRS,
    )


def peer_graph(network, facilities) -> nx.Graph:
    """Make the graph of networkx, with one node that leads to every facility."""
    graph = nx.Graph()
    ends = zip(network.start.tolist(), network.end.tolist(), strict=True)
    graph.add_weighted_edges_from(
        (*pair, metres) for pair, metres in zip(ends, network.length_m.tolist(), strict=True)
    )
    legs: dict[int, float] = {}
    for edge, along, leg in zip(
        facilities.edge.tolist(),
        facilities.along_m.tolist(),
        facilities.leg_m.tolist(),
        strict=True,
    ):
        rest = network.length_m[edge] - along
        for node, way in ((network.start[edge], leg + along), (network.end[edge], leg + rest)):
            legs[int(node)] = min(legs.get(int(node), np.inf), way)
    graph.add_weighted_edges_from(("shops", node, way) for node, way in legs.items())
    return graph


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=330)
    side = parser.parse_args().side
    random = np.random.default_rng(7)
    streets = lattice(side, random)
    places = random.uniform(0, (side - 1) * BLOCK, (2, side * side // PER_FACILITY))
    building, network = cpu_seconds(lambda: prepare_network(streets))
    finding, facilities = cpu_seconds(lambda: street_access(network, *places))
    dwellings = random.uniform(0, (side - 1) * BLOCK, (2, side * side))
    _, homes = cpu_seconds(lambda: street_access(network, *dwellings))
    walking, found = cpu_seconds(lambda: walking_distance(network, homes, facilities), repeat=9)
    graph = peer_graph(network, facilities)
    walking_peer, peer = cpu_seconds(
        lambda: nx.multi_source_dijkstra_path_length(graph, {"shops"}), repeat=3
    )
    node = np.array([peer[each] for each in range(side * side)])
    by_nodes = homes.leg_m + np.minimum(
        node[network.start[homes.edge]] + homes.along_m,
        node[network.end[homes.edge]] + network.length_m[homes.edge] - homes.along_m,
    )
    apart = ~np.isin(homes.edge, facilities.edge)
    error = np.abs(found[homes.place] - by_nodes)[apart].max()
    print(f"nodes {side * side:,}, edges {len(streets):,}, facilities {facilities.count:,}")
    figures = [
        Figure("streets made ready", building, "s CPU"),
        Figure("facilities joined to them", finding, "s CPU"),
        Figure(f"walking distance of {homes.count:,} places", walking, "s CPU"),
        Figure("networkx, to every node", walking_peer, "s CPU"),
        Figure("networkx / walking distance", walking_peer / walking, "x", 20, at_least=True),
        Figure("greatest difference, metres", error, "", 1e-6),
    ]
    raise SystemExit(report(figures))


if __name__ == "__main__":
    main()
