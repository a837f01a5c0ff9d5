"""What a paper is made of; Word and PDF are written from the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

WHOLE = 8
"""Rows up to which a table is not parted by the end of a page."""


@dataclass(frozen=True)
class Heading:
    """A heading of the first or second level, with its number."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a quiet one is a remark in small type."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Fact:
    """A number that stands out: what it is, how it is written, what it is of."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """Numbers side by side."""

    facts: Sequence[Fact]


@dataclass(frozen=True)
class Table:
    """A table of texts as they are read; numbers stand to the right."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]

    @property
    def whole(self) -> bool:
        """Whether it is small enough to stand on one page."""
        return len(self.rows) <= WHOLE


@dataclass(frozen=True)
class Picture:
    """A drawing with its caption, and what it shows in words for those who cannot see it."""

    svg: str
    caption: str
    alt: str


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Facts | Table | Picture | NewPage


@dataclass(frozen=True)
class Paper:
    """
    One paper.

    Attributes
    ----------
    name
        Of its files.
    language
        `zh` or `en`.
    title, subtitle
        What it is, and of which day and period.
    blocks
        What it says, in order.
    day
        The day of the data: the paper's own date.
    notice
        Whether it goes out under the hand of an office: number above, signature below.
    number, signature
        Places for the office to fill in; empty but for a notice.
    """

    name: str
    language: str
    title: str
    subtitle: str
    blocks: Sequence[Block]
    day: pd.Timestamp
    notice: bool = False
    number: str = ""
    signature: Sequence[str] = ()
