"""What an office shows to everybody: counts nobody can work out, places that many share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.privacy.shared_places import shared_places
from analysis.privacy.suppression import INTERNAL_MINIMUM, PUBLIC_MINIMUM, publishable

if TYPE_CHECKING:
    from collections.abc import Sequence

COVERAGE, COUNTS, MONTHS, PLACES, SPOTS = PUBLIC_PARTS = (
    "coverage",
    "counts",
    "months",
    "places",
    "spots",
)
"""Reach of facilities; cases by area and group, and by month; where they are; spots to adopt."""
LEAST, SIDE_M = (INTERNAL_MINIMUM, 1000), (50.0, 5000.0)
"""Limits of `PublicView.least` and `PublicView.side_m`."""
SIZES = (20, 50, 100)
"""Upper ends of the classes in which the cases of a place are told; the last class has none."""
PLACE_COLUMNS = ("x", "y", "side_m", "cases_from", "cases_to")


@dataclass(frozen=True)
class PublicView:
    """
    What everybody may see.

    Attributes
    ----------
    least
        Least number of cases that is told; places and spots have as many or more.
    side_m
        Least side of a square whose middle stands for the places in it.
    parts
        Some of `PUBLIC_PARTS`, in their order.
    """

    least: int = PUBLIC_MINIMUM
    side_m: float = 200.0
    parts: tuple[str, ...] = PUBLIC_PARTS


def public_counts(cases: pd.DataFrame, by: Sequence[str], *, least: int) -> pd.DataFrame:
    """
    Count cases by some columns, with every sum over one of them; small counts are hidden.

    Parameters
    ----------
    cases
        One row for each case, with the columns `by`; none is missing.
    by
        Columns to count by.
    least
        Least count that is told.

    Returns
    -------
    table
        As `analysis.privacy.suppression.publishable`: what is hidden cannot be worked out from
        what is shown in this table.
    """
    counts = cases[list(by)].value_counts(sort=False)
    marginals = [[name] for name in by] if len(by) > 1 else []
    return publishable(counts, marginals=marginals, minimum=least)


def public_places(cases: pd.DataFrame, view: PublicView) -> pd.DataFrame:
    """
    Tell where cases are by squares that many of them share.

    Parameters
    ----------
    cases
        One row for each case, `x` and `y` in metres; those without a place are in no square.
    view
        Least number of cases and least side of a square.

    Returns
    -------
    places
        `PLACE_COLUMNS`, one row for each square: its middle and side in metres, and the class of
        its number of cases, `cases_to` missing for the largest. Classes, as exact numbers would
        give away the sums that a table hides.
    """
    shared = shared_places(cases["x"], cases["y"], minimum=view.least, finest=view.side_m)
    squares = shared.dropna().value_counts(sort=False).rename("cases").reset_index()
    ends = [view.least - 1, *(size for size in SIZES if size >= view.least)]
    rank = pd.cut(squares["cases"], [*ends, float("inf")], labels=False).astype(int)
    tops = pd.array([*ends[1:], pd.NA], dtype="Int64")
    return pd.DataFrame(
        {
            "x": squares["x"],
            "y": squares["y"],
            "side_m": squares["side"],
            "cases_from": [ends[each] + 1 for each in rank],
            "cases_to": [tops[each] for each in rank],
        }
    ).sort_values(["y", "x"], ignore_index=True)
