"""Reads what OpenStreetMap has tags for, nodes, ways and relations, as features with a shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from layers.formats.geodata import WGS84
from layers.formats.table import Table, text_frame
from layers.formats.text import sound_records
from layers.formats.xml_tree import children, local, parse_xml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from shapely import Geometry

    from layers.sources.opened import Opened

    Place = tuple[float, float]
    Known = Mapping[tuple[object, object], Mapping[str, Any]]

_RING = 4
"""Places of the smallest ring: three corners, the first of them twice."""
_LINES = ("highway", "barrier", "railway", "waterway")
"""Tags of ways that are lines even where they end where they begin."""
_BOUNDS = ("minlon", "minlat", "maxlon", "maxlat")


def read_features(opened: Opened, elements: Sequence[Any], *, columns: Collection[str]) -> Table:
    """
    Make one row of each element that has tags.

    An element without tags only lends its place to others, and is no row. A way or relation has
    the shape that the reply tells, by itself or by its members, else its centre.
    """
    known = {_key(each): each for each in elements if isinstance(each, dict)}
    at = [i for i, each in enumerate(elements) if isinstance(each, dict) and each.get("tags")]
    sound, numbers, broken = sound_records(opened, [elements[i] for i in at])
    rows = text_frame([_row(each) for each in sound])
    for name in sorted(set(columns) - set(rows)):  # every tag is optional
        rows[name] = ""
    geometry = np.full(len(sound), None, dtype=object)
    geometry[:] = [_shape(each, known) for each in sound]
    place = np.array(at, dtype=np.int64) + 1
    return Table(
        rows=rows,
        numbers=place[numbers - 1],
        geometry=geometry,
        crs=CRS.from_user_input(WGS84),
        broken=tuple((n, replace(bad, row=int(place[bad.row - 1]))) for n, bad in broken),
    )


def _key(element: Mapping[str, Any]) -> tuple[object, object]:
    return str(element.get("type")), str(element.get("id"))


def _row(element: Mapping[str, Any]) -> dict[str, object]:
    tags = element.get("tags")
    return (dict(tags) if isinstance(tags, dict) else {}) | {
        "id": "/".join(map(str, _key(element)))
    }


def _shape(element: Mapping[str, Any], known: Known) -> object:
    match element.get("type"):
        case "node":
            shape = None
        case "way":
            shape = _of_way(element, known)
        case _:
            shape = _of_relation(element, known)
    return shape or _centre(element)


def _centre(element: Mapping[str, Any]) -> object:
    """Take an element's own place, the centre that the reply gives, or that of its bounds."""
    bounds = element.get("bounds")
    places = [_place(element), _place(element.get("center"))]
    if isinstance(bounds, dict) and all(isinstance(bounds.get(b), int | float) for b in _BOUNDS):
        west, south, east, north = (float(bounds[b]) for b in _BOUNDS)
        places.append(((west + east) / 2, (south + north) / 2))
    found = next((place for place in places if place), None)
    return None if found is None else shapely.Point(found)


def _place(value: object) -> Place | None:
    lon, lat = (value.get("lon"), value.get("lat")) if isinstance(value, dict) else (None, None)
    if isinstance(lon, int | float) and isinstance(lat, int | float):
        return (float(lon), float(lat)) if abs(lon) <= 180 and abs(lat) <= 90 else None  # noqa: PLR2004
    return None


def _line(way: Mapping[str, Any], known: Known) -> list[Place]:
    """List the places of a way; one that the reply lacks leaves none."""
    drawn, passed = way.get("geometry"), way.get("nodes")
    if isinstance(drawn, list):
        places = [_place(each) for each in drawn]
    elif isinstance(passed, list):
        places = [_place(known.get(("node", str(each)))) for each in passed]
    else:
        places = []
    whole = [place for place in places if place]
    return whole if len(whole) == len(places) else []


def _of_way(way: Mapping[str, Any], known: Known) -> object:
    places = _line(way, known)
    tags = way.get("tags")
    lines = isinstance(tags, dict) and not tags.keys().isdisjoint(_LINES)
    closed = len(places) >= _RING and places[0] == places[-1]
    if closed and not (lines and tags.get("area") != "yes"):  # type: ignore[union-attr]
        return shapely.Polygon(places)
    return shapely.LineString(places) if len(places) > 1 else None


def _of_relation(relation: Mapping[str, Any], known: Known) -> object:
    """Close the outer ways of an area to rings, and cut the inner ones out."""
    members = relation.get("members")
    sides: dict[bool, list[Geometry | None]] = {True: [], False: []}
    for member in members if isinstance(members, list) else ():
        if not isinstance(member, dict) or member.get("type") != "way":
            continue
        own = "geometry" in member
        way = member if own else known.get(("way", str(member.get("ref"))), {})
        places = _line(way, known)
        if len(places) < 2:  # noqa: PLR2004  no line
            return None
        sides[member.get("role") == "inner"].append(shapely.LineString(places))
    outer, inner = (_areas(sides[side]) for side in (False, True))
    area = shapely.difference(outer, inner)
    return None if shapely.is_empty(area) else area


def _areas(lines: Sequence[Geometry | None]) -> Any:  # noqa: ANN401  a shape
    return shapely.union_all(shapely.get_parts(shapely.polygonize(lines)))


def elements_of_xml(opened: Opened, *, encoding: str) -> dict[str, object]:
    """Read OSM XML as a reply of the Overpass API has it in JSON."""
    root = parse_xml(opened, encoding=encoding, format_name="OSM XML", roots=("osm",))
    found = [_element(each) for each in children(root, "node", "way", "relation")]
    remark = next(children(root, "remark"), None)
    return {"elements": found} | ({} if remark is None else {"remark": remark.text})


def _element(element: Element) -> dict[str, object]:
    values: dict[str, object] = {"type": local(element)} | _numbers(element)
    tags = {str(tag.get("k")): str(tag.get("v")) for tag in children(element, "tag")}
    values |= {"tags": tags} if tags else {}
    if local(element) == "way":
        passed = [_numbers(each) for each in children(element, "nd")]
        values["nodes"] = [each.get("ref") for each in passed]
        if passed and all("lat" in each for each in passed):
            values["geometry"] = passed
    if local(element) == "relation":
        values["members"] = [
            {"type": each.get("type"), "role": each.get("role"), **_numbers(each)}
            for each in children(element, "member")
        ]
    for child in children(element, "center", "bounds"):
        values[local(child)] = _numbers(child)
    return values


def _numbers(element: Element) -> dict[str, object]:
    """Take identifiers as whole numbers and places as numbers; what is none is left as it is."""
    values: dict[str, object] = {}
    for name, text in element.items():
        digits = text.removeprefix("-")
        if name in {"id", "ref"} and digits.isdecimal() and len(digits) < 19:  # noqa: PLR2004
            values[name] = int(text)
        elif name in {"lat", "lon", *_BOUNDS}:
            number = digits.replace(".", "", 1).isdecimal()
            values[name] = float(text) if number else text
    return values
