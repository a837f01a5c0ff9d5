"""Calendar months as steps of time: which of them are whole, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

YEAR = 12
MISSING = -1


def month_numbers(times: pd.Series) -> npt.NDArray[np.int64]:
    """
    Number the calendar months of some times.

    Parameters
    ----------
    times
        In the zone whose months are meant.

    Returns
    -------
    numbers
        Months since the year 0, in order of `times`; `MISSING` (-1) for a missing time.
    """
    numbers = times.dt.year * YEAR + times.dt.month - 1
    return np.asarray(numbers.fillna(MISSING), dtype=np.int64)


def month_name(number: int) -> str:
    """
    Write a month.

    Parameters
    ----------
    number
        From `month_numbers`.

    Returns
    -------
    name
        `YYYY-MM`.

    Examples
    --------
    >>> month_name(2026 * 12 + 5)
    '2026-06'
    """
    return f"{number // YEAR:04d}-{number % YEAR + 1:02d}"


def month_number(name: str) -> int:
    """
    Read a month.

    Parameters
    ----------
    name
        `YYYY-MM`.

    Returns
    -------
    number
        As `month_numbers` gives it.
    """
    return int(name[:4]) * YEAR + int(name[5:7]) - 1


def first_day(number: int) -> pd.Timestamp:
    """
    Give the first day of a month.

    Parameters
    ----------
    number
        From `month_numbers`.

    Returns
    -------
    day
        Without a zone.
    """
    return pd.Timestamp(number // YEAR, number % YEAR + 1, 1)


@dataclass(frozen=True)
class Months:
    """
    The whole months of a period, by whether anything was reported in them at all.

    Attributes
    ----------
    seen
        Months with reports of any category, in order.
    unseen
        Months between them without a single report: a hole in the data, not a clean city.
    """

    seen: tuple[int, ...]
    unseen: tuple[int, ...]


def whole_months(
    issues: pd.DataFrame,
    *,
    as_of: dt.date,
    since: dt.date | None = None,
    until: dt.date | None = None,
    limit: int | None = None,
) -> Months:
    """
    Find the whole calendar months of a period.

    Parameters
    ----------
    issues
        The whole register, every category.
    as_of
        Last day of the data: a month that it ends in is whole, one that it cuts is not.
    since, until
        First and last day of the period; a month that they cut is left out.
    limit
        The last so many months at most.

    Returns
    -------
    months
        From that of the first report on, at the earliest.
    """
    numbers = month_numbers(issues["reported_at"])
    last = last_whole_month(as_of, until)
    first = MISSING if since is None else _first_whole(_plain(since))
    if limit is not None:
        first = max(first, last - limit + 1)
    found = np.unique(numbers[(numbers >= max(first, 0)) & (numbers <= last)])
    seen = tuple(int(number) for number in found)
    between = range(seen[0], last + 1) if seen else range(0)
    return Months(seen, tuple(number for number in between if number not in set(seen)))


def last_whole_month(*days: dt.date | None) -> int:
    """
    Find the last month that is over on every one of some days.

    Parameters
    ----------
    *days
        Last days of what is known; a month is over on its own last day. `None` sets no limit.

    Returns
    -------
    number
        As `month_numbers` gives it.
    """
    after = min(_plain(day) for day in days if day is not None) + pd.Timedelta(days=1)
    return int(after.year * YEAR + after.month - 2)


def _plain(day: dt.date) -> pd.Timestamp:
    return pd.Timestamp(day).tz_localize(None).normalize()


def _first_whole(day: pd.Timestamp) -> int:
    return int(day.year * YEAR + day.month - 1 + (day.day > 1))
