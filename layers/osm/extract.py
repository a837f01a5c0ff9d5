"""
Reads an extract of OpenStreetMap once: the objects that layers of a city are made of.

pyosmium decodes, looks up the places of nodes and assembles areas; untagged nodes and ways without
a key of interest never reach Python. An object lives for one step of the loop, so what is kept is
copied: shapes as well-known binary, streets as identifiers of nodes and their places.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import osmium

from layers.formats.boundary import reading
from layers.formats.street_edges import is_walkable
from layers.sources.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

KEYS = ("highway", "building", "landuse", "natural", "waterway", "boundary", "place")
"""Keys of everything but the kinds of facilities."""
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary")
"""Ways by which people know where they are, walkable or not; the greatest first."""
MAX_BYTES = 2 << 30
"""Larger extracts hold places of nodes beyond the memory of an ordinary machine."""
_MARK = b"OSMHeader"
_RANK = {"n": 0, "w": 1, "r": 2}
_SORTS = {"n": "node", "w": "way", "r": "relation"}
_CHUNK = 1 << 20

Tags = dict[str, str]


@dataclass(frozen=True)
class Point:
    """A node of interest."""

    id: str
    tags: Tags
    lon: float
    lat: float


@dataclass(frozen=True)
class Shape:
    """A closed way or a relation of interest, as well-known binary in hexadecimal digits."""

    id: str
    tags: Tags
    wkb: str


@dataclass(frozen=True)
class Missing:
    """An object of interest that has no place or no shape, and why."""

    id: str
    tags: Tags
    reason: str


@dataclass
class Streets:
    """Walkable ways, and their passages one after another; degrees × 10⁷ as the file has them."""

    ids: list[int] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    nodes: list[int] = field(default_factory=list)
    x: list[int] = field(default_factory=list)
    y: list[int] = field(default_factory=list)


@dataclass
class Extract:
    """
    What an extract holds of interest.

    Attributes
    ----------
    name, sha256, size
        Of the file.
    date
        Up to which day it holds what was mapped: as its header says, else the newest object of
        interest; may be empty.
    points, shapes, buildings
        Nodes; areas; areas of buildings that are nothing else.
    lines
        Ways of a facility that enclose nothing, with the places of their nodes.
    roads
        Ways of `MAIN_ROADS`, with the places of those nodes that the extract has.
    missing
        Objects of interest without place or shape.
    """

    name: str
    sha256: str = ""
    size: int = 0
    date: str = ""
    points: list[Point] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    buildings: list[Shape] = field(default_factory=list)
    lines: list[tuple[str, Tags, list[tuple[float, float]]]] = field(default_factory=list)
    roads: list[tuple[str, Tags, list[tuple[float, float]]]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    streets: Streets = field(default_factory=Streets)


def read_extract(path: Path, *, tags: Collection[str]) -> Extract:
    """Read an extract; `tags` are those of the kinds of facilities, each `key=value`."""
    opened = _checked(path)
    extract = Extract(path.name, _sha256(path), path.stat().st_size)
    reader = _Reader(opened, extract, tags)
    keys = sorted({*KEYS, *(tag.partition("=")[0] for tag in tags)})
    with reading(opened, "cannot be read as an extract of OpenStreetMap"):
        wanted = osmium.filter.KeyFilter
        objects = osmium.FileProcessor(str(path.resolve())).with_locations("flex_mem")
        _check_header(opened, objects.header)
        for each in objects.with_areas(wanted(*keys)).with_filter(wanted(*keys)):
            reader.take(each)
    reader.finish()
    extract.date = extract.date or _day(objects.header) or reader.newest
    return extract


def _checked(path: Path) -> Opened:
    """Refuse what is no extract before a byte reaches the decoder."""
    bare = Opened("osm", path.name, b"", "")
    if not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises where a name is too long
        raise bare.error(
            text="does not exist.",
            problem="osm_missing",
            hint="Name an extract such as city.osm.pbf.",
        )
    with reading(bare, "cannot be read"), path.open("rb") as file:
        start = file.read(len(_MARK) + 8)
    if _MARK not in start or not path.name.endswith(".pbf"):
        raise bare.error(
            text="is no extract of OpenStreetMap in the format PBF.",
            problem="osm_format",
            hint="Convert it: osmium cat FILE -o city.osm.pbf",
        )
    if path.stat().st_size > MAX_BYTES:
        raise bare.error(
            text=f"has {path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are read.",
            problem="osm_large",
            hint="Cut the city out: osmium extract --bbox W,S,E,N FILE -o city.osm.pbf",
            found=path.stat().st_size,
            limit=MAX_BYTES,
        )
    return bare


def _check_header(opened: Opened, header: Any) -> None:  # noqa: ANN401  the library has no types
    if header.has_multiple_object_versions:
        raise opened.error(
            text="holds the history of its objects; allowed is one version of each.",
            problem="osm_history",
            hint="Take one day of it: osmium time-filter FILE 2026-01-01T00:00:00Z -o city.osm.pbf",
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _day(header: Any) -> str:  # noqa: ANN401  the library has no types
    stated = str(header.get("osmosis_replication_timestamp", ""))[:10]
    return stated if stated[:4].isdigit() else ""


class _Reader:
    """Copies what is of interest from the objects that pass by."""

    def __init__(self, opened: Opened, extract: Extract, tags: Collection[str]) -> None:
        self.opened, self.extract = opened, extract
        self.kinds: dict[str, set[str]] = {}
        for tag in tags:
            key, _, value = tag.partition("=")
            self.kinds.setdefault(key, set()).add(value)
        self.wkb = osmium.geom.WKBFactory()
        self.rank, self.newest = 0, ""
        # an area may come before or after the object it is assembled from
        self.hoped_for: dict[str, Tags] = {}
        self.assembled: set[str] = set()

    def is_kind(self, tags: Mapping[str, str]) -> bool:
        """Tell whether tags are those of a facility."""
        return any(tags.get(key) in values for key, values in self.kinds.items())

    def take(self, each: Any) -> None:  # noqa: ANN401  the library has no types
        """Copy one object, if it is of interest."""
        what = each.type_str()
        self._check_order(what)
        try:
            tags = dict(each.tags)
        except UnicodeDecodeError:
            self.extract.missing.append(Missing(_name(each, what), {}, "text_broken"))
            return
        if what == "n":
            self._node(each, tags)
        elif what == "w":
            self._way(each, tags)
        elif what == "r":
            self._relation(each, tags)
        else:
            self._area(each, tags)

    def _check_order(self, what: str) -> None:
        rank = _RANK.get(what, self.rank)
        if rank < self.rank:
            raise self.opened.error(
                text="is not sorted: nodes, then ways, then relations.",
                problem="osm_unsorted",
                hint="Sort it: osmium sort FILE -o city.osm.pbf",
            )
        self.rank = rank

    def _date(self, each: Any) -> None:  # noqa: ANN401
        self.newest = max(self.newest, f"{each.timestamp:%Y-%m-%d}")

    def _node(self, node: Any, tags: Tags) -> None:  # noqa: ANN401
        if not (self.is_kind(tags) or "place" in tags):
            return
        self._date(node)
        if node.location.valid():
            place = node.location
            self.extract.points.append(Point(f"node/{node.id}", tags, place.lon, place.lat))
        else:
            self.extract.missing.append(Missing(f"node/{node.id}", tags, "place_missing"))

    def _way(self, way: Any, tags: Tags) -> None:  # noqa: ANN401
        if is_walkable(tags):
            self._street(way, tags)
        if tags.get("highway") in MAIN_ROADS:
            self._road(way, tags)
        if way.is_closed() and tags.get("area") != "no":
            if "highway" not in tags or self.is_kind(tags):
                self._hope(f"way/{way.id}", tags)
        elif self.is_kind(tags):
            self._line(way, tags)

    def _street(self, way: Any, tags: Tags) -> None:  # noqa: ANN401
        streets = self.extract.streets
        names = {key: text for key, text in tags.items() if key in {"highway", "name"}}
        names |= {key: text for key, text in tags.items() if key.startswith("name:")}
        streets.ids.append(way.id)
        streets.tags.append(names)
        streets.sizes.append(len(way.nodes))
        for node in way.nodes:
            streets.nodes.append(node.ref)
            streets.x.append(node.x)
            streets.y.append(node.y)

    def _road(self, way: Any, tags: Tags) -> None:  # noqa: ANN401
        """Take a main road for the background, as far as its nodes are known."""
        places = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        if len(places) > 1:
            self.extract.roads.append((f"way/{way.id}", tags, places))

    def _line(self, way: Any, tags: Tags) -> None:  # noqa: ANN401
        self._date(way)
        places = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        if len(places) < len(way.nodes) or not places:
            self.extract.missing.append(Missing(f"way/{way.id}", tags, "nodes_missing"))
        else:
            self.extract.lines.append((f"way/{way.id}", tags, places))

    def _relation(self, relation: Any, tags: Tags) -> None:  # noqa: ANN401
        name = f"relation/{relation.id}"
        if tags.get("type") in {"multipolygon", "boundary"}:
            self._hope(name, tags)
        elif self.is_kind(tags):
            self.extract.missing.append(Missing(name, tags, "no_area"))

    def _hope(self, name: str, tags: Tags) -> None:
        """Note an object that an area is to be assembled from, unless that was done before."""
        if name in self.assembled:
            self.assembled.remove(name)
        else:
            self.hoped_for[name] = tags

    def _area(self, area: Any, tags: Tags) -> None:  # noqa: ANN401
        name = _name(area, "a")
        if self.hoped_for.pop(name, None) is None:
            self.assembled.add(name)
        if "highway" in tags and not self.is_kind(tags):
            return
        try:
            shape = Shape(name, tags, self.wkb.create_multipolygon(area))
        except RuntimeError:
            self.extract.missing.append(Missing(name, tags, "shape_broken"))
            return
        if "building" in tags and not self.is_kind(tags):
            self.extract.buildings.append(Shape(name, _building_tags(tags), shape.wkb))
        else:
            self._date(area)
            self.extract.shapes.append(shape)

    def finish(self) -> None:
        """List what should have become an area and did not."""
        for name, tags in self.hoped_for.items():
            reason = "ring_broken" if name.startswith("way/") else "relation_broken"
            self.extract.missing.append(Missing(name, tags, reason))


_DWELLING_KEYS = ("building", "building:levels", "amenity", "shop", "office", "tourism")


def _building_tags(tags: Tags) -> Tags:
    return {key: tags[key] for key in _DWELLING_KEYS if key in tags}


def _name(each: Any, what: str) -> str:  # noqa: ANN401  the library has no types
    if what == "a":
        return f"{'way' if each.from_way() else 'relation'}/{each.orig_id()}"
    return f"{_SORTS[what]}/{each.id}"
