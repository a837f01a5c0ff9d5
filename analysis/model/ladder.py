"""The levels of warning of a city: how long and how far beyond a threshold each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LATE, RELAPSE = "late", "relapse"
LADDER_INDICATORS = (LATE, RELAPSE)
"""Cases not closed by their due time, of those due in a month; recurrences, of its closings."""


@dataclass(frozen=True)
class Step:
    """
    A level of the ladder.

    Attributes
    ----------
    id, name
        Its name in the file, and in each language.
    months
        How many months in a row, the latest one included, have to lie beyond the threshold.
    above
        Threshold by indicator, a share; an indicator that is not named raises nobody to it.
    """

    id: str
    name: Mapping[str, str]
    months: int
    above: Mapping[str, float]


@dataclass(frozen=True)
class Ladder:
    """
    The levels of a city, from the least.

    Attributes
    ----------
    steps
        Each with as many months as the one before, or more.
    least_cases
        Months with fewer cases are not judged.
    """

    steps: tuple[Step, ...] = ()
    least_cases: int = 10
