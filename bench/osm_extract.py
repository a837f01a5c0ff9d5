"""
A city from an extract of OpenStreetMap of 5 million nodes and 800,000 ways.

Run: python -m bench.osm_extract

The extract is made up and written with osmium's own writer: a town of 400 communities in 20
districts, blocks of houses between streets, facilities among them. Reading it and writing the
city's folder are measured in a process of their own; what was made is compared with what was found.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable

from bench.figures import Figure, report

WEST, SOUTH, SIDE = 10.0, 50.0, 0.4
"""Degrees: some 28 by 44 km."""
COMMUNITIES, DISTRICTS = 20, 5
"""Along each side; districts of four by four communities."""
HOUSES, STREETS, NODES_OF_STREET = 720_000, 81_000, 19
TOILETS, MARKETS, STATIONS = 6_000, 600, 3_000
TAGS = (
    ("amenity", "toilets", TOILETS),
    ("amenity", "marketplace", MARKETS),
    ("leisure", "fitness_station", STATIONS),
)
MEASURED = """
import resource, sys, json, time
from pathlib import Path
from bench.figures import greatest_memory
from exports.formats.folder import write_folder
from exports.recipes.osm_city import Stated, osm_files
from layers.knowledge.standards import load_kinds
from layers.osm.city import read_city
from wording.catalogue import load_words
city = read_city(Path(sys.argv[1]), "Big Town", kinds=load_kinds())
files = osm_files(city, Stated("town"), load_words(), parameters={})
write_folder(files, Path(sys.argv[2]), command="osm")
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "cpu": usage.ru_utime + usage.ru_stime,
    "gib": greatest_memory(),
    "communities": len(city.communities.frame),
    "edges": len(city.streets),
    "residents": len(city.residents.frame),
    "people": city.residents.total,
    "facilities": {kind: len(frame) for kind, frame in city.facilities.items()},
    "aside": len(city.aside),
}))
"""


class Town:
    """Writes the objects in the order of an extract: nodes, ways, relations."""

    def __init__(self, path):
        header = osmium.io.Header()
        header.set("sorting", "Type_then_ID")
        header.set("osmosis_replication_timestamp", "2026-05-04T21:20:00Z")
        self.writer = osmium.SimpleWriter(str(path), header=header)
        self.node = 0
        self.ways, self.way = [], 0

    def nodes(self, lon, lat, tags=None):
        """Write nodes and give their numbers."""
        first = self.node + 1
        for x, y in zip(lon.tolist(), lat.tolist(), strict=True):
            self.node += 1
            self.writer.add_node(mutable.Node(id=self.node, location=(x, y), tags=tags or {}))
        return np.arange(first, self.node + 1)

    def later(self, nodes, tags):
        """Note a way, to be written after all nodes."""
        self.way += 1
        self.ways.append((nodes, tags))
        return self.way


def box(town, west, south, east, north):
    """The border of a box, as a way."""
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    nodes = town.nodes(*corners.T)
    return town.later(np.append(nodes, nodes[0]), {})


def boundaries(town):
    """One town, its districts and communities: ways of their borders and tags of relations."""
    made = []
    for level, count in ((8, 1), (9, DISTRICTS), (10, COMMUNITIES)):
        side = SIDE / count
        for row in range(count):
            for column in range(count):
                west, south = WEST + column * side, SOUTH + row * side
                name = "Big Town" if level == 8 else f"{level}: {column}-{row}"
                tags = {"type": "boundary", "boundary": "administrative", "name": name}
                tags |= {"admin_level": str(level)} | (
                    {"population": "2000000"} if level == 8 else {}
                )
                made.append((box(town, west, south, west + side, south + side), tags))
    return made


def houses(town, rng):
    """Houses of five nodes each, one in five of them a yes."""
    lon, lat = (low + rng.random(HOUSES) * (SIDE - 0.001) for low in (WEST, SOUTH))
    dx, dy = 0.00012, 0.00008
    corners = np.array([[0, 0], [dx, 0], [dx, dy], [dx / 2, dy * 1.2], [0, dy]])
    xy = np.column_stack([lon, lat])[:, None, :] + corners
    nodes = town.nodes(*xy.reshape(-1, 2).T).reshape(HOUSES, len(corners))
    kinds = rng.choice(["house", "apartments", "yes", "garage"], HOUSES, p=[0.5, 0.2, 0.2, 0.1])
    for ring, kind in zip(nodes, kinds.tolist(), strict=True):
        town.later(np.append(ring, ring[0]), {"building": kind})
    return int((kinds != "garage").sum())


def streets(town):
    """A lattice of streets that meet at nodes of their own."""
    count = round((STREETS / 2) ** 0.5)
    step = SIDE / count
    at = np.arange(count + 1) * step
    crossing = town.nodes(
        *(each.ravel() + low for each, low in zip(np.meshgrid(at, at), (WEST, SOUTH), strict=True))
    ).reshape(count + 1, count + 1)
    part = np.linspace(0, step, NODES_OF_STREET + 2)[1:-1]
    for row in range(count):
        for column in range(count):
            x, y = WEST + column * step, SOUTH + row * step
            along = town.nodes(x + part, np.full(len(part), y))
            up = town.nodes(np.full(len(part), x), y + part)
            here = crossing[row, column]
            name = {"highway": "residential", "name": f"Street {row}"}
            town.later([here, *along, crossing[row, column + 1]], name)
            town.later([here, *up, crossing[row + 1, column]], {"highway": "footway"})
    return 2 * count * count


def write_town(path):
    """Write the extract and say what is in it."""
    rng = np.random.default_rng(20)
    town = Town(path)
    borders = boundaries(town)
    for key, value, count in TAGS:
        lon, lat = WEST + rng.random(count) * SIDE, SOUTH + rng.random(count) * SIDE
        town.nodes(lon, lat, {key: value})
    dwellings, edges = houses(town, rng), streets(town)
    for number, (nodes, tags) in enumerate(town.ways, start=1):
        town.writer.add_way(mutable.Way(id=number, nodes=[int(n) for n in nodes], tags=tags))
    for number, (way, tags) in enumerate(borders, start=1):
        members = [("w", way, "outer")]
        town.writer.add_relation(mutable.Relation(id=number, members=members, tags=tags))
    town.writer.close()
    return {"nodes": town.node, "ways": town.way, "dwellings": dwellings, "edges": edges}


def figures():
    """Write the extract, read it in a process of its own, compare."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "town.osm.pbf"
        start = time.process_time()
        made = write_town(path)
        print(
            f"written: {made}, {path.stat().st_size / 1e6:.1f} MB, "
            f"{time.process_time() - start:.0f} CPU s"
        )
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, path, Path(folder) / "town"],
            check=True,
            capture_output=True,
            text=True,
        )
    found = json.loads(done.stdout.splitlines()[-1])
    print(found)
    expected = {"toilet": TOILETS, "market": MARKETS, "fitness": STATIONS}
    whole = (
        found["facilities"] == expected
        and found["residents"] == made["dwellings"]
        and found["edges"] == made["edges"]
        and found["communities"] == COMMUNITIES**2
        and found["aside"] == 0
    )
    return [
        Figure("nodes of the extract", made["nodes"] / 1e6, "M", 5, at_least=True),
        Figure("ways of the extract", made["ways"] / 1e3, "thousand", 800, at_least=True),
        Figure("read and written", found["cpu"], "CPU s", 120),
        Figure("greatest memory", found["gib"], "GiB", 4),
        Figure("all that was made was found", float(whole), "", 1, at_least=True),
    ]


def main():
    return report(figures())


if __name__ == "__main__":
    raise SystemExit(main())
