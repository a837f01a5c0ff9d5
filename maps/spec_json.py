"""Writes the specification of a map as JSON that can stand inside a script."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from maps.spec import Polygons, corners
from maps.store import compact_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maps.spec import MapSpec, Names

MAX_ZOOM = 19


def map_options(bounds: Sequence[float]) -> dict[str, object]:
    """Give the options of the base map, the same on the screen and in an exported file."""
    (south, west), (north, east) = home = corners(bounds)
    return {
        "center": [round((south + north) / 2, 5), round((west + east) / 2, 5)],
        "zoom": 11,
        "zoomSnap": 0.25,
        "maxZoom": MAX_ZOOM,
        "home": home,
    }


def spec_json(spec: MapSpec) -> str:
    """Write a specification so that it can stand inside a script."""
    return script_safe(compact_json(_plain(spec)))


def script_safe(json_text: str) -> str:
    r"""
    Make JSON safe inside a script, also one that passes through a template engine.

    Folium compiles every script as a template once more, so `{{` or `{%` in a name from
    a file would run as a program on the server. Two such signs follow each other only
    inside texts of JSON, never in its own grammar, and there they can be escaped.

    Examples
    --------
    >>> script_safe('{"name":"</script>{{x}}"}')
    '{"name":"\\u003c/script\\u003e\\u007b{x}}"}'
    """
    text = re.sub(r"\{(?=[{%#])", r"\\u007b", json_text)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def sources(spec: MapSpec) -> list[str]:
    """Every URL that a map fetches, tiles apart."""
    ours = (spec.areas, spec.cells, spec.gaps, spec.points, spec.surface, spec.drawn)
    layers = (*ours, *ground(spec))
    urls = [layer.url for layer in layers if layer]
    urls += [layer.text for layer in layers if isinstance(layer, Polygons) and layer.text]
    return list(dict.fromkeys(urls))


def ground(spec: MapSpec) -> tuple[Polygons | Names | None, ...]:
    """Give what a map shows of the ground."""
    return spec.green, spec.water, spec.streets, spec.districts, spec.names


def _plain(value: object) -> object:
    """Dataclasses as dictionaries, without what is empty."""
    if is_dataclass(value):
        parts = {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
        return {key: part for key, part in parts.items() if part not in (None, "", False)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return dict(value) if isinstance(value, dict) else value
