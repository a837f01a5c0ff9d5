"""Reads KML and GPX: placemarks, waypoints, routes and tracks as features."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layers.formats.geodata import read_geojson
from layers.formats.table import chosen_layer
from layers.formats.xml_tree import children, local, parse_xml, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from layers.formats.table import Table
    from layers.sources.opened import Opened

    Shape = dict[str, object]

_ROOTS = ("kml", "Document", "Folder", "Placemark")
_TEXTS = ("name", "description", "address", "phoneNumber", "visibility", "open")
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack")
_GPX = {"wpt": "waypoints", "rte": "routes", "trk": "tracks"}


def read_kml(opened: Opened, *, encoding: str, layer: str) -> Table:
    """Read the placemarks of a KML, or those of one folder; nothing that it links to is fetched."""
    root = parse_xml(opened, encoding=encoding, format_name="KML", roots=_ROOTS)
    folders = [e for e in root.iter() if local(e) in {"Folder", "Document"}]
    named = {text_of(next(children(each, "name"), None)): each for each in folders}
    start = named[chosen_layer(opened, [*filter(None, named)], layer)] if layer else root
    found = [element for element in start.iter() if local(element) == "Placemark"]
    _check_links(opened, root, found)
    return read_geojson(opened, content=_collection(map(_placemark, found)))


def _collection(features: Iterable[Shape]) -> Shape:
    return {"type": "FeatureCollection", "features": list(features)}


def _check_links(opened: Opened, root: Element, found: list[Element]) -> None:
    """Refuse a KML that only says where the placemarks are."""
    links = [text_of(e) for e in root.iter() if local(e) == "NetworkLink"]
    if links and not found:
        raise opened.error(
            text=f"holds no placemarks, only a link to others ({links[0][:80]}).",
            problem="kml_link",
            hint="Nothing is fetched: save the places themselves as KML or KMZ.",
            found=links[0][:80],
        )


def _placemark(element: Element) -> Shape:
    properties = {local(child): text_of(child) for child in children(element, *_TEXTS)}
    for child in element.iter():
        if local(child) in {"Data", "SimpleData"} and child.get("name"):
            value = next(children(child, "value"), child)
            properties[str(child.get("name"))] = text_of(value)
        elif local(child) in {"when", "begin", "end"}:
            properties.setdefault(local(child), text_of(child))
    feature: Shape = {"type": "Feature", "properties": properties}
    if element.get("id"):
        feature["id"] = element.get("id")
    shapes = [_shape(child) for child in children(element, *_SHAPES)]
    feature["geometry"] = shapes[0] if shapes else None
    return feature


def _shape(element: Element) -> Shape | None:
    kind = local(element)
    if kind in {"MultiGeometry", "MultiTrack"}:
        parts = [_shape(child) for child in children(element, *_SHAPES)]
        return _gathered([part for part in parts if part])
    if kind == "Polygon":
        outer, inner = _rings(element, "outerBoundaryIs"), _rings(element, "innerBoundaryIs")
        return {"type": "Polygon", "coordinates": [*outer[:1], *inner]} if outer else None
    places = _places(element)
    if not places:
        return None
    if kind == "Point":
        return {"type": "Point", "coordinates": places[0]}
    return {"type": "LineString", "coordinates": places}


def _gathered(parts: list[Shape]) -> Shape | None:
    """Make one shape of several of one kind, else a collection."""
    kinds = {str(part["type"]) for part in parts}
    if len(kinds) == 1 and kinds <= {"Point", "LineString", "Polygon"}:
        return {
            "type": f"Multi{kinds.pop()}",
            "coordinates": [part["coordinates"] for part in parts],
        }
    return {"type": "GeometryCollection", "geometries": parts} if parts else None


def _rings(polygon: Element, name: str) -> list[list[list[object]]]:
    return [
        _places(ring) for side in children(polygon, name) for ring in children(side, "LinearRing")
    ]


def _places(element: Element) -> list[list[object]]:
    """Take `lon,lat,height lon,lat,height …` apart; a track has one `coord` a place."""
    tracked = [text_of(each).split()[:2] for each in children(element, "coord")]
    written = text_of(next(children(element, "coordinates"), None))
    tuples = re.sub(r"\s*,\s*", ",", written).split()
    return [[_number(value) for value in place] for place in tracked] + [
        [_number(value) for value in place.split(",")[:2]] for place in tuples
    ]


def _number(text: str) -> object:
    """Read a number; a text that is none makes its shape unreadable, and stays in its row."""
    return float(text) if re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d{1,3})?", text) else text


def read_gpx(opened: Opened, *, encoding: str, layer: str) -> Table:
    """Read the waypoints of a GPX, else its routes, else its tracks."""
    root = parse_xml(opened, encoding=encoding, format_name="GPX", roots=("gpx",))
    held = {name: list(children(root, tag)) for tag, name in _GPX.items()}
    present = [name for name, elements in held.items() if elements]
    chosen = chosen_layer(opened, present, layer) if layer else next(iter(present), "waypoints")
    return read_geojson(opened, content=_collection(map(_trace, held[chosen])))


def _trace(element: Element) -> Shape:
    own = [child for child in element if local(child) not in {"trkseg", "rtept"}]
    leaves = [leaf for child in own for leaf in child.iter() if not len(leaf)]
    properties = {local(leaf): text_of(leaf) for leaf in leaves if text_of(leaf)}
    lines = [
        [_degrees(place) for place in children(part, "trkpt", "rtept")]
        for part in [element, *children(element, "trkseg")]
    ]
    lines = [line for line in lines if len(line) > 1]
    if element.get("lat"):
        geometry: Shape | None = {"type": "Point", "coordinates": _degrees(element)}
    else:
        geometry = {"type": "MultiLineString", "coordinates": lines} if lines else None
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _degrees(element: Element) -> list[object]:
    return [_number(element.get("lon", "")), _number(element.get("lat", ""))]
