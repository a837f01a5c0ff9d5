"""A drawing as PNG: the typesetter of the papers draws it, with the fonts of the project alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.pictures.typesetter import typeset

if TYPE_CHECKING:
    from exports.pictures.sheet import Sheet

_PAGE = b"""\
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 1pt)
"""
POINTS = 72
"""To the inch: at so many pixels an inch, a point is a pixel."""


def png_bytes(svg: str, sheet: Sheet) -> bytes:
    """Draw a picture in pixels."""
    inputs = {"svg": svg, "width": f"{sheet.width}"}
    return typeset(_PAGE, inputs, form="png", ppi=POINTS * sheet.sharpness)[0]
