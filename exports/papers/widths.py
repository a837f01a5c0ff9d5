"""How wide the columns of a table are, in Word and PDF alike: by what stands in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from exports.formats.terminal import width_of

if TYPE_CHECKING:
    from exports.papers.model import Table

LEAST, MOST, AIR = 6.0, 26.0, 3.0
"""Places on a screen: a column is never narrower, a long text breaks rather than
rules, and a little air."""
BOLD = 1.15
"""Letters of a heading are so much wider."""
_WORD = re.compile(r"[\x21-\u2e7f]+")
"""What cannot be broken; Chinese breaks between any two characters."""


def column_widths(table: Table) -> list[float]:
    """
    Weigh the columns of a table.

    Half of a heading counts, as it may break, but its longest word does not; all of the widest
    cell counts, up to `MOST`.
    """
    columns = list(zip(*table.rows, strict=True)) or [() for _ in table.heads]
    return [_weight(head, cells) for head, cells in zip(table.heads, columns, strict=True)]


def _weight(head: str, cells: tuple[str, ...]) -> float:
    widest = max((width_of(cell) for cell in cells), default=0)
    word = max((width_of(each) for each in _WORD.findall(head)), default=0)
    title = max(width_of(head) / 2, word) * BOLD
    return min(MOST, max(LEAST, widest + AIR, title + AIR))
