"""Symbols of facilities and numbered places, as on the page's map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.pictures.svg import INK, PAPER, Text, element, number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

CORNERS: dict[str, Sequence[tuple[float, float]]] = {
    "square": [(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)],
    "diamond": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
    "triangle": [(0, -1.2), (1.12, 0.85), (-1.12, 0.85)],
    "cross": [
        *[(-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4)],
        *[(0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)],
    ],
}
"""Outlines for the radius 1; a shape that is not here is a circle."""
FILLED = ("full", "dotted")
PIN = 11.0
"""Radius of a numbered place, in pixels."""


def symbol(shape: str, colour: str, look: str, r: float, *, paper: str = PAPER) -> str:
    """Draw a facility around the origin."""
    filled = look in FILLED
    rim = min(2.4, 0.55 * r) + (0 if filled else 1.6)
    back = _outline(shape, r, stroke=PAPER if filled else paper, stroke_width=rim, fill="none")
    if filled:
        dot = element("circle", r=r * 0.36, fill=PAPER) if look == "dotted" and r > 1 else ""
        return back + _outline(shape, r, fill=colour) + dot
    dash = "2.5 2" if look == "dashed" else ""
    line = {"stroke": colour, "stroke_width": min(1.6, 0.4 * r), "stroke_dasharray": dash}
    return back + _outline(shape, r, fill=paper, **line)


def _outline(shape: str, r: float, **look: object) -> str:
    if shape not in CORNERS:
        return element("circle", r=r, **look)
    corners = " ".join(f"{number(x * r)},{number(y * r)}" for x, y in CORNERS[shape])
    return element("polygon", points=corners, stroke_linejoin="round", **look)


def numbered(label: str, x: float, y: float) -> str:
    """Draw the mark of a numbered place whose tip lies on it."""
    pin = f"M0 0L-5 -9A{PIN} {PIN} 0 1 1 5 -9Z"
    drawn = element("path", d=pin, fill=INK, stroke=PAPER, stroke_width=1.5)
    drawn += text(label, 0, -14.5, Text(size=12, colour=PAPER, bold=True, anchor="middle"))
    return element("g", drawn, transform=f"translate({number(x)} {number(y)})")
