"""Writes extracts of OpenStreetMap that a test makes up, object by object."""

from __future__ import annotations

import itertools

import osmium
from osmium.osm import mutable

DAY = "2026-05-04T21:20:00Z"


class Made:
    """An extract in the making: objects are numbered as they come, and written sorted."""

    def __init__(self, date=DAY):
        self.header = osmium.io.Header()
        self.header.set("sorting", "Type_then_ID")
        if date:
            self.header.set("osmosis_replication_timestamp", date)
        self.nodes, self.ways, self.relations = {}, {}, {}
        self.numbers = itertools.count(1)

    def node(self, lon, lat, **tags):
        number = next(self.numbers)
        self.nodes[number] = mutable.Node(
            id=number, location=(lon, lat), tags=_tags(tags), version=1, timestamp=DAY
        )
        return number

    def way(self, places, **tags):
        """A way of places, which become nodes, and of numbers of nodes, which may be missing."""
        number = next(self.numbers)
        nodes = [each if isinstance(each, int) else self.node(*each) for each in places]
        self.ways[number] = mutable.Way(
            id=number, nodes=nodes, tags=_tags(tags), version=1, timestamp=DAY
        )
        return number

    def ring(self, places, **tags):
        first = self.node(*places[0])
        return self.way([first, *places[1:], first], **tags)

    def box(self, west, south, east, north, **tags):
        corners = [(west, south), (east, south), (east, north), (west, north)]
        return self.ring(corners, **tags)

    def relation(self, outer, inner=(), kind="multipolygon", **tags):
        number = next(self.numbers)
        members = [("w", way, "outer") for way in outer] + [("w", way, "inner") for way in inner]
        self.relations[number] = mutable.Relation(
            id=number,
            members=members,
            tags=_tags({"type": kind, **tags}),
            version=1,
            timestamp=DAY,
        )
        return number

    def boundary(self, west, south, east, north, level, **tags):
        border = self.box(west, south, east, north)
        tags = {"boundary": "administrative", "admin_level": str(level), **tags}
        return self.relation([border], kind="boundary", **tags)

    def write(self, path, *, unsorted=False):
        sorts = [
            (self.nodes, "add_node"),
            (self.ways, "add_way"),
            (self.relations, "add_relation"),
        ]
        with osmium.SimpleWriter(str(path), header=self.header) as writer:
            for objects, add in reversed(sorts) if unsorted else sorts:
                for number in sorted(objects):
                    getattr(writer, add)(objects[number])
        return path


def _tags(tags):
    """Keys of Python's own are written with two underscores for a colon."""
    return {key.replace("__", ":"): value for key, value in tags.items()}
