"""Turns TopoJSON and Esri JSON, told by what they hold, into GeoJSON."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from layers.formats.table import chosen_layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from layers.sources.opened import Opened

    Ring = list[list[float]]

_ESRI_FIRST = 37_000
"""From this number on, codes of Esri are its own; below, they are those of EPSG."""
_UNSOUND = (ValueError, TypeError, IndexError, KeyError, OverflowError, AttributeError)
"""What a shape raises that is not built as its dialect says; it costs its own row only."""
_NONE = {"type": "unsound"}
"""What stands in for such a shape: there was one, and it is told."""


def as_geojson(opened: Opened, content: object, *, layer: str) -> object:
    """Turn JSON of another dialect into a GeoJSON FeatureCollection; leave anything else."""
    if isinstance(content, list) and content and all(map(_is_feature, content)):
        return {"type": "FeatureCollection", "features": content}
    if not isinstance(content, dict):
        return content
    if content.get("type") == "Topology":
        return _of_topology(opened, content, layer)
    return _of_esri(content) if is_esri(content) else content


def _is_feature(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "Feature"


def is_esri(content: object) -> bool:
    """Tell whether JSON is a feature set as ArcGIS writes it."""
    features = content.get("features") if isinstance(content, dict) else None
    return (
        isinstance(content, dict)
        and content.get("type") != "FeatureCollection"
        and isinstance(features, list)
        and ("geometryType" in content or "spatialReference" in content or _attributed(features))
    )


def _attributed(features: Sequence[object]) -> bool:
    first = features[0] if features else None
    return isinstance(first, dict) and "attributes" in first


# ------------------------------------------------- TopoJSON


def _of_topology(opened: Opened, content: Mapping[str, Any], layer: str) -> dict[str, object]:
    """Stitch the shapes of one object together from the arcs that neighbours share."""
    objects = content.get("objects")
    objects = objects if isinstance(objects, dict) else {}
    meant = objects[chosen_layer(opened, list(map(str, objects)), layer)]
    several = isinstance(meant, dict) and meant.get("type") == "GeometryCollection"
    shapes = meant.get("geometries") if several else [meant]
    arcs = _arcs(content)
    return {
        "type": "FeatureCollection",
        "features": [_topology_feature(shape, arcs, content) for shape in shapes or []],
    }


def _topology_feature(
    shape: object, arcs: Sequence[Ring | None], content: Mapping[str, Any]
) -> dict[str, object]:
    if not isinstance(shape, dict):
        return {}
    feature: dict[str, object] = {"type": "Feature", "properties": shape.get("properties")}
    if "id" in shape:
        feature["id"] = shape["id"]
    feature["geometry"] = _NONE
    with contextlib.suppress(*_UNSOUND):
        feature["geometry"] = _stitched(shape, arcs, content)
    return feature


def _arcs(content: Mapping[str, Any]) -> list[Ring | None]:
    """Decode arcs: with a transform, steps on a grid; without one, places."""
    arcs = content.get("arcs")
    return [_arc(arc, content) for arc in arcs] if isinstance(arcs, list) else []


def _arc(arc: Any, content: Mapping[str, Any]) -> Ring | None:  # noqa: ANN401  from JSON
    with contextlib.suppress(*_UNSOUND), np.errstate(all="ignore"):
        places = np.array([place[:2] for place in arc], dtype=float)
        if content.get("transform") is not None:
            places = _scaled(np.cumsum(places, axis=0), content)
        found: Ring = places.reshape(-1, 2).tolist()
        return found
    return None


def _scaled(places: NDArray[np.float64], content: Mapping[str, Any]) -> NDArray[np.float64]:
    transform = content.get("transform")
    if transform is None:
        return places
    grid = np.array([transform["scale"], transform["translate"]], dtype=float)
    return np.asarray(places * grid[0] + grid[1])


def _stitched(
    shape: Mapping[str, Any], arcs: Sequence[Ring | None], content: Mapping[str, Any]
) -> dict[str, Any] | None:
    kind, parts = shape["type"], shape.get("arcs")
    if kind is None:
        return None
    match kind:
        case "Point" | "MultiPoint":
            places = np.array(shape["coordinates"], dtype=float)
            coordinates: object = _scaled(places[..., :2], content).tolist()
        case "LineString":
            coordinates = _line(parts, arcs)
        case "MultiLineString" | "Polygon":
            coordinates = [_line(part, arcs) for part in parts]  # type: ignore[union-attr]
        case "MultiPolygon":
            coordinates = [[_line(ring, arcs) for ring in part] for part in parts]  # type: ignore[union-attr]
        case _:
            inner = [_stitched(part, arcs, content) for part in shape["geometries"]]
            return {"type": "GeometryCollection", "geometries": [part for part in inner if part]}
    return {"type": kind, "coordinates": coordinates}


def _line(numbers: Any, arcs: Sequence[Ring | None]) -> Ring:  # noqa: ANN401  from JSON
    """Join arcs; ~number is an arc backwards, and an arc begins where the last one ended."""
    line: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number]
        if arc is None:
            msg = "an arc is unsound"
            raise ValueError(msg)
        line += (arc if number >= 0 else arc[::-1])[1 if line else 0 :]
    return line


# ------------------------------------------------- Esri JSON


def _of_esri(content: Mapping[str, Any]) -> dict[str, object]:
    features = [
        _esri_feature(each) if isinstance(each, dict) else {} for each in content["features"]
    ]
    collection: dict[str, object] = {"type": "FeatureCollection", "features": features}
    name = _esri_crs(content)
    if name:
        collection["crs"] = {"type": "name", "properties": {"name": name}}
    if content.get("exceededTransferLimit"):
        collection["exceededTransferLimit"] = True
    return collection


def _esri_crs(content: Mapping[str, Any]) -> str:
    first = next(iter(content["features"]), None)
    inner = first.get("geometry") if isinstance(first, dict) else None
    own = inner.get("spatialReference") if isinstance(inner, dict) else None
    stated = content.get("spatialReference") or own
    if not isinstance(stated, dict):
        return ""
    code = stated.get("latestWkid") or stated.get("wkid")
    if isinstance(code, int):
        return f"{'EPSG' if code < _ESRI_FIRST else 'ESRI'}:{code}"
    return str(stated.get("wkt") or stated)


def _esri_feature(feature: Mapping[str, Any]) -> dict[str, object]:
    attributes, shape = feature.get("attributes"), feature.get("geometry")
    properties = dict(attributes) if isinstance(attributes, dict) else {}
    if isinstance(shape, dict) and "x" in shape:  # recipes name them as columns
        properties = {"x": shape["x"], "y": shape.get("y")} | properties
    made: dict[str, object] = {"type": "Feature", "properties": properties, "geometry": _NONE}
    with contextlib.suppress(*_UNSOUND):
        made["geometry"] = _esri_shape(shape) if isinstance(shape, dict) else None
    return made


def _esri_shape(shape: Mapping[str, Any]) -> dict[str, object] | None:
    if "x" in shape:
        place = [float(shape["x"]), float(shape["y"])]
        return {"type": "Point", "coordinates": place} if np.isfinite(place).all() else None
    if "points" in shape:
        return {"type": "MultiPoint", "coordinates": shape["points"]}
    if "paths" in shape:
        return {"type": "MultiLineString", "coordinates": shape["paths"]}
    if "rings" in shape:
        return {"type": "MultiPolygon", "coordinates": _parted([_flat(r) for r in shape["rings"]])}
    return None


def _flat(ring: Any) -> Ring:  # noqa: ANN401  from JSON
    flat: Ring = np.array([position[:2] for position in ring], dtype=float).tolist()
    return flat


def _parted(rings: list[Ring]) -> list[list[Ring]]:
    """Give each hole to the smallest shell around it: shells run clockwise, holes the other way."""
    shells = [ring for ring in rings if not shapely.is_ccw(shapely.LinearRing(ring))] or rings
    holes = [ring for ring in rings if ring not in shells]
    parts = [[shell] for shell in shells]
    areas = [shapely.Polygon(shell) for shell in shells]
    for hole in holes:
        place = shapely.Point(hole[0])
        around = [i for i, area in enumerate(areas) if area.covers(place)]
        if around:
            parts[min(around, key=lambda i: areas[i].area)].append(hole)
        else:
            parts.append([hole])
    return parts
