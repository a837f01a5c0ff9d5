"""Periods of the calendar, such as quarters: their numbers and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

PERIODS = {"month": 12, "quarter": 4, "half": 2, "year": 1}
"""How many of them a year has."""


def period_numbers(times: pd.Series, period: str) -> pd.Series:
    """
    Number the periods of times, counted since the year 0.

    Parameters
    ----------
    times
        With a zone, whose calendar counts.
    period
        One of `PERIODS`.

    Returns
    -------
    numbers
        Whole, on the index of `times`.
    """
    parts = PERIODS[period]
    numbers: pd.Series = times.dt.year * parts + (times.dt.month - 1) * parts // 12
    return numbers


def period_name(number: int, period: str) -> str:
    """
    Name a period by its year and its number within.

    Parameters
    ----------
    number
        Periods since the year 0.
    period
        One of `PERIODS`.

    Returns
    -------
    name
        Such as `2026`, `2026-H1`, `2026-Q2` or `2026-05`.

    Examples
    --------
    >>> period_name(2026 * 4 + 1, "quarter"), period_name(2026 * 12 + 4, "month")
    ('2026-Q2', '2026-05')
    """
    year, part = divmod(int(number), PERIODS[period])
    form = {"month": "-{:02d}", "quarter": "-Q{}", "half": "-H{}", "year": ""}[period]
    return f"{year:04d}{form.format(part + 1)}"
