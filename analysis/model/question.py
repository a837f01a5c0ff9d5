"""What is asked: which issues, and on which cells."""

from __future__ import annotations

from typing import NamedTuple

SHAPES = ("square", "hexagon")
BASES = ("count", "rate")


class Question(NamedTuple):
    """Which issues are meant, and on which cells; parts as in `Choice`."""

    category: str
    since: str
    until: str
    cell: int
    grid: str = SHAPES[0]
    basis: str = BASES[0]
