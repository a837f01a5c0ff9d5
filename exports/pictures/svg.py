"""SVG as text: escaped, and measured and wrapped with the font that draws it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from exports.formats.terminal import printable
from exports.pictures.fonts import FAMILIES, text_width
from wording.escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from maps.spec import LegendRow, Style

INK, QUIET, PAPER = "#111827", "#4b5563", "#ffffff"
DARK_INK, DARK_QUIET, DARK_PAPER = "#f3f4f6", "#aab6c6", "#0e141d"
HATCH = 8
"""Side of the tile of a hatch, in pixels, as on the page's map."""
ELLIPSIS = "…"
_NO_XML = re.compile("[\ufffe\uffff]")
_BLANKS = re.compile(r"[^\S\u00a0\u2007\u202f]+")
"""Blanks and line breaks, but for those within a number."""
# a line may break behind a blank, and beside any Chinese character
_PIECES = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|.\s*", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """How a text is drawn: size in pixels, colour, weight, anchor, and colour of its halo."""

    size: float = 13
    colour: str = INK
    bold: bool = False
    anchor: str = "start"
    halo: str = ""


def plain(text: str) -> str:
    r"""
    Bring a text from data onto one line without what XML cannot hold.

    Examples
    --------
    >>> plain("North\nEnd" + chr(7))
    'North End�'
    """
    return _NO_XML.sub("\ufffd", printable(_BLANKS.sub(" ", text).strip()))


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """Write an element; names with `_` become such with `-`, and nothing is left out."""
    given = (
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(number(value))}"
        for key, value in attributes.items()
        if value not in ("", None)
    )
    head = f"<{name}{''.join(given)}"
    return f"{head}>{content}</{name}>" if content else f"{head}/>"


def number(value: object) -> str:
    """
    Write a value of an attribute, numbers with two decimals at most.

    Examples
    --------
    >>> number(3.14159), number(2.0), number("none")
    ('3.14', '2', 'none')
    """
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def text(words: str, x: float, y: float, look: Text) -> str:
    """Write a line of text."""
    halo = {"stroke": look.halo, "stroke_width": 3, "stroke_linejoin": "round"}
    return element(
        "text",
        escape(plain(words)),
        x=x,
        y=y,
        font_size=look.size,
        fill=look.colour,
        font_weight=700 if look.bold else "",
        text_anchor="" if look.anchor == "start" else look.anchor,
        **({**halo, "paint_order": "stroke"} if look.halo else {}),
    )


def wrapped(words: str, width: float, look: Text) -> list[str]:
    """Break a text into lines of at most so many pixels."""
    lines, line = [], ""
    for piece in _PIECES.findall(plain(words)):
        if line and text_width(line + piece.rstrip(), look.size, bold=look.bold) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line else lines


def shortened(words: str, width: float, look: Text) -> str:
    """Cut a text to so many pixels, and say so by an ellipsis."""
    words = plain(words)
    if text_width(words, look.size, bold=look.bold) <= width:
        return words
    while words and text_width(words + ELLIPSIS, look.size, bold=look.bold) > width:
        words = words[:-1]
    return words.rstrip() + ELLIPSIS


def hatch_id(style: Style | LegendRow, scale: float = 1.0) -> str:
    """Name the pattern of a hatched style, apart for a drawing that is scaled."""
    return f"hatch-{style.fill[1:]}-{style.hatch[1:]}{'' if scale == 1 else '-scaled'}"


def hatches(styles: Iterable[Style | LegendRow], *, scale: float) -> str:
    """Define the pattern of every hatched style, of one size in pixels at any scale."""
    known = {
        hatch_id(style, each): (style, each)
        for style in styles
        if style.hatch
        for each in (1.0, scale)
    }
    return "".join(_hatch(name, *pattern) for name, pattern in known.items())


def _hatch(name: str, style: Style | LegendRow, scale: float) -> str:
    side = HATCH
    ground = element("rect", width=side, height=side, fill=style.fill[:7]) if _opaque(style) else ""
    lines = "".join(f"M{shift - 1} 9L{shift + 9} -1" for shift in (-side, 0, side))
    drawn = ground + element("path", d=lines, stroke=style.hatch, stroke_width=1.4, fill="none")
    return element(
        "pattern",
        drawn,
        id=name,
        width=side,
        height=side,
        patternUnits="userSpaceOnUse",
        patternTransform=f"scale({1 / scale:.9g})",
    )


def _opaque(style: Style | LegendRow) -> bool:
    return len(style.fill) == len("#rrggbb")


def paint(style: Style | LegendRow, *, scale: float = 1.0) -> dict[str, object]:
    """Give the attributes of a style; widths for a drawing that is scaled."""
    fill: dict[str, object] = {"fill": "none"}
    if style.fill:
        fill = {"fill": f"url(#{hatch_id(style, scale)})" if style.hatch else style.fill}
        fill["fill_opacity"] = "" if style.opacity == 1 else style.opacity
    if not style.line:
        return fill
    dash = " ".join(number(float(part) / scale) for part in style.dash.split())
    return {
        **fill,
        "stroke": style.line,
        "stroke_width": style.width / scale,
        "stroke_linejoin": "round",
        "stroke_dasharray": dash,
    }


FONT = ", ".join(FAMILIES)
