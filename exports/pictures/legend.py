"""The legend of a picture: what the page's map explains, and what the picture adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.pictures.svg import Text, element, paint, text, wrapped
from exports.pictures.symbols import symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.pictures.place import Box
    from maps.spec import Legend, LegendRow

PATCH = (24.0, 14.0)
GAP = 10.0
LINE = 1.35
"""Height of a line, in font sizes."""


class Column:
    """A column of text and patches that is filled from the top down."""

    def __init__(self, box: Box, *, ink: str, quiet: str, paper: str) -> None:
        self._box, self._paper = box, paper
        self._y = box.y
        self._parts: list[str] = []
        self.title = Text(size=14, colour=ink, bold=True)
        self.body = Text(size=12, colour=ink)
        self.note = Text(size=11, colour=quiet)

    def write(self, words: str, look: Text, *, indent: float = 0, above: float = 0) -> None:
        """Write a text in as many lines as it needs."""
        self._y += above
        for line in wrapped(words, self._box.width - indent, look):
            self._y += look.size * LINE
            if self._y > self._box.bottom:
                return
            at = self._box.x + indent, self._y - look.size * 0.3
            self._parts.append(text(line, *at, look))

    def row(self, row: LegendRow) -> None:
        """Write one line of the legend beside its patch."""
        if row.heading:
            self.write(row.label, self.body, above=4)
            return
        self._y += 3
        top, (width, height) = self._y, PATCH
        if top + height <= self._box.bottom:
            middle = f"translate({self._box.x + width / 2} {top + 1 + height / 2})"
            self._parts.append(element("g", _patch(row, self._paper), transform=middle))
        self.write(row.label, self.body, indent=width + GAP)

    def legend(self, legend: Legend) -> None:
        """Write a whole legend."""
        self.write(legend.title, self.title)
        if legend.units:
            self.write(legend.units, self.note)
        self._y += 4
        for row in legend.rows:
            self.row(row)
        if legend.note:
            self.write(legend.note, self.note, above=6)

    def places(self, titles: Sequence[tuple[str, str]]) -> None:
        """List what the numbers on the map stand for."""
        for number, title in titles:
            top = self._y
            self.write(title, self.note, indent=24, above=2)
            if self._y > top and top + 2 + self.note.size * LINE <= self._box.bottom:
                at = self._box.x, top + 2 + self.note.size * (LINE - 0.3)
                self._parts.append(text(number, *at, self.note))

    def space(self, height: float) -> None:
        """Leave room."""
        self._y += height

    def drawn(self) -> str:
        """Give what was written."""
        return "".join(self._parts)


def _patch(row: LegendRow, paper: str) -> str:
    width, height = PATCH
    if row.shape == "line":
        look = {"stroke": row.line, "stroke_width": row.width + 0.5}
        return element("line", x1=-width / 2, x2=width / 2, y1=0, y2=0, **look)
    if row.shape:
        return symbol(row.shape, row.fill, row.look, 5, paper=paper)
    at = {"x": -width / 2, "y": -height / 2, "width": width, "height": height}
    return element("rect", **at, **paint(row))
