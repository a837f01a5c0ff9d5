"""Cases month by month: what was reported, what was closed, what was left open or overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.issues.moments import in_zone
from analysis.issues.months import YEAR, first_day, month_name, month_numbers, whole_months
from analysis.model.contracts import check_issues

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

MONTH_COLUMNS = ("reported", "closed", "open", "overdue")


def monthly_cases(issues: pd.DataFrame, *, as_of: dt.date, months: int = YEAR) -> pd.DataFrame:
    """
    Count cases by calendar month.

    Only whole months are counted. A month between the first and the last report without any
    report stands with 0. What was open or overdue is told by the times of report and
    closing as they are known now; a case that was closed and opened again shows its last
    closing alone.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`: the whole register, as cases reported before the
        months may be closed, open or overdue in them.
    as_of
        Last day of the data. A case is overdue at the end of the month that holds it if it
        was due before this moment, as in `analysis.issues.counts.overdue`.
    months
        The last so many months at most.

    Returns
    -------
    months
        `MONTH_COLUMNS` by `YYYY-MM`: `reported` and `closed` in the month, `open` and
        `overdue` at its end; no rows without a dated report. `closed` and `open` are missing
        throughout where no case has a known state, or no closed case has its time, and
        `overdue` also where no case has a due time. Cases without a time of report are in none;
        closed ones without a time of closing, and those of unknown state, are only reported.
    """
    check_issues(issues)
    numbers = _calendar(issues, as_of, months)
    table = pd.DataFrame(index=pd.Index([month_name(number) for number in numbers], name="month"))
    dated = issues[issues["reported_at"].notna()]
    reported, closed = month_numbers(dated["reported_at"]), month_numbers(dated["closed_at"])
    is_open, is_closed = dated["status"].eq("open"), dated["status"].eq("closed")
    table["reported"] = _in_each(reported, numbers)
    timed = is_closed & dated["closed_at"].notna()
    if not (is_open | is_closed).any() or (is_closed.any() and not timed.any()):
        columns = dict.fromkeys(MONTH_COLUMNS[1:], pd.array([pd.NA] * len(table), dtype="Int64"))
        return table.assign(**columns).astype("Int64")
    finished = np.where(is_closed, closed, np.iinfo(np.int64).max)
    followed = (is_open | is_closed).to_numpy()
    table["closed"] = _in_each(finished, numbers)
    waits = [(reported <= number) & (finished > number) & followed for number in numbers]
    table["open"] = [int(each.sum()) for each in waits]
    late = [
        int((each & _due_before(dated["due_at"], number, as_of)).sum())
        for each, number in zip(waits, numbers, strict=True)
    ]
    table["overdue"] = late if dated["due_at"].notna().any() else pd.NA
    return table.astype("Int64")


def _calendar(issues: pd.DataFrame, as_of: dt.date, months: int) -> range:
    found = whole_months(issues, as_of=as_of, limit=months)
    every = sorted({*found.seen, *found.unseen})
    return range(every[0], every[-1] + 1) if every else range(0)


def _in_each(months: npt.NDArray[np.int64], numbers: range) -> list[int]:
    return [int((months == number).sum()) for number in numbers]


def _due_before(due: pd.Series, number: int, as_of: dt.date) -> npt.NDArray[np.bool_]:
    """Tell what was due by the end of a month, or by the last day of the data within it."""
    zone = due.dt.tz
    end = min(in_zone(first_day(number + 1), zone), in_zone(as_of, zone))
    return np.asarray(due < end, dtype=bool)
