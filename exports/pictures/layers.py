"""The layers of a map as SVG, from what the page's map fetches by URL."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from exports.pictures.svg import PAPER, element, paint
from exports.pictures.symbols import PIN, numbered, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from exports.pictures.place import Placement
    from maps.spec import Mark, Points, Polygons, Surface
    from maps.store import GeoStore

    Rings = Sequence[Sequence[int]]

HALO, RIM = 7.0, 3.0
"""Widths of the outline of the community that stands out, white below and dark above."""
SMALLEST, GREATEST = 1.25, 7.5
FAINTEST = 0.35
"""Opacity of gaps from afar."""
ROOM = 0.28
"""Of the distance between facilities, so much is a symbol's radius at most."""


def read(store: GeoStore, url: str) -> Any:  # noqa: ANN401  JSON
    """Read what the map would fetch."""
    store.make(url)
    stored = store.get(url)
    if stored is None:
        msg = f"the store holds nothing under {url}."
        raise LookupError(msg)
    return json.loads(stored.content)


def polygons(part: Polygons | None, store: GeoStore, placement: Placement) -> str:
    """Draw polygons by their classes, those of one class together."""
    if part is None:
        return ""
    rows: list[Rings] = read(store, part.url)
    paths = [path_of(rings, placement.origin) for rings in rows]
    groups = []
    for place, style in enumerate(part.styles):
        shown = [path for path, code in zip(paths, _codes(part, len(rows))) if code == place]  # noqa: B905
        if shown:
            look = paint(style, scale=placement.scale)
            drawn = "".join(element("path", d=path) for path in shown if path)
            groups.append(element("g", drawn, fill_rule="evenodd", **look))
    chosen = "" if part.selected is None else _outstanding(paths[part.selected], placement)
    return element("g", "".join(groups) + chosen, transform=placement.transform())


def gaps(part: Polygons | None, store: GeoStore, placement: Placement) -> str:
    """Draw gaps; from afar, where hundreds would hide what lies under them, fainter."""
    near = max(FAINTEST, min(1.0, (placement.zoom - 8) / 3.5))
    drawn = polygons(part, store, placement)
    return element("g", drawn, opacity=near) if near < 1 and drawn else drawn


def _codes(part: Polygons, count: int) -> list[int]:
    return [int(code, 36) for code in part.classes] if part.classes else [0] * count


def _outstanding(path: str, placement: Placement) -> str:
    lines = ((PAPER, HALO), ("#111827", RIM))
    return "".join(
        element("path", d=path, fill="none", stroke=colour, stroke_width=width / placement.scale)
        for colour, width in lines
    )


def path_of(rings: Rings, origin: tuple[int, int]) -> str:
    """
    Write rings, which are steps on the grid, as the path of a drawing.

    Examples
    --------
    >>> path_of([[105, 205, 3, 0, 0, 4]], (100, 200))
    'M5 5l3 0 0 4z'
    """
    x, y = origin
    return "".join(
        f"M{ring[0] - x} {ring[1] - y}l{' '.join(map(str, ring[2:]))}z"
        for ring in rings
        if len(ring) > 2  # noqa: PLR2004  a place and at least one step
    )


def points(part: Points | None, store: GeoStore, placement: Placement, *, paper: str) -> str:
    """Draw facilities, as large as the scale and their density allow."""
    if part is None:
        return ""
    columns = read(store, part.url)
    pixels = placement.pixels(columns["lon"], columns["lat"])
    shown = np.flatnonzero(placement.inside(pixels))
    radius = symbol_radius(placement, columns.get("spacing"))
    looks = list(zip(columns["kind"], columns["status"], strict=True))
    known = {looks[row]: f"facility-{looks[row][0]}-{looks[row][1]}" for row in shown}
    symbols = [
        element(
            "g",
            symbol(kind.shape, kind.colour, part.statuses[status].look, radius, paper=paper),
            id=name,
        )
        for (place, status), name in known.items()
        for kind in [part.kinds[place]]
    ]
    uses = (_use(known[looks[row]], *pixels[row].tolist()) for row in shown)
    return element("defs", "".join(symbols)) + element("g", "".join(uses))


def _use(name: str, x: float, y: float) -> str:
    return element("use", href=f"#{name}", x=x, y=y)


def symbol_radius(placement: Placement, spacing: float | None) -> float:
    """Give the radius of facilities in pixels, by the rule of the page's map."""
    room = GREATEST if spacing is None else ROOM * spacing / placement.metres_per_pixel
    return max(SMALLEST, min(room, GREATEST, max(1.3, 2.2 + 0.75 * (placement.zoom - 11))))


def surface(part: Surface | None, store: GeoStore, placement: Placement) -> str:
    """Lay a picture on the map."""
    if part is None:
        return ""
    stored = store.get(part.url)
    if stored is None:
        msg = f"the store holds nothing under {part.url}."
        raise LookupError(msg)
    (south, west), (north, east) = part.bounds
    (left, bottom), (right, top) = placement.pixels([west, east], [south, north]).tolist()
    picture = base64.b64encode(stored.content).decode()
    return element(
        "image",
        x=left,
        y=top,
        width=right - left,
        height=bottom - top,
        preserveAspectRatio="none",
        opacity=part.opacity,
        href=f"data:{stored.media_type};base64,{picture}",
    )


def shown_marks(given: Iterable[Mark], placement: Placement) -> list[tuple[Mark, float, float]]:
    """Choose the numbered places on the map that do not lie on one of better rank."""
    shown: list[tuple[Mark, float, float]] = []
    for mark in given:
        at = placement.pixels([mark.lon], [mark.lat])
        ((x, y),) = at.tolist()
        free = all(max(abs(x - a), abs(y - b)) >= 2 * PIN for _, a, b in shown)
        if free and placement.inside(at).all():
            shown.append((mark, x, y))
    return shown


def marks(given: Iterable[Mark], placement: Placement) -> str:
    """Draw numbered places, those of better rank on top."""
    return "".join(numbered(mark.label, x, y) for mark, x, y in shown_marks(given, placement)[::-1])
