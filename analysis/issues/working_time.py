"""Working time: when a deadline in working days or hours ends, and how old a case is in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.issues.moments import placed_in_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Moments = pd.Series[pd.Timestamp]

UNITS = ("working_day", "working_hour", "day", "hour")
"""Units of a deadline."""
_MONDAY = 3
"""Day 0 of numpy, 1 January 1970, was a Thursday."""


@dataclass(frozen=True)
class Calendar:
    """
    Which days and hours are worked.

    Attributes
    ----------
    id
        Name of its file.
    name
        By language.
    weekend
        Days off in every week, Monday being 0.
    hours
        Spells of work in a day: minutes after midnight, from and to, in order.
    holidays
        Days off that are no weekend, as numpy days.
    workdays
        Days of a weekend that are worked instead.
    years
        First and last year whose holidays are known; outside them only weekends are.
    school_holidays
        Days without school, as numpy days.
    school_years
        First and last year whose school holidays are known, or `None`.
    """

    id: str
    name: Mapping[str, str]
    weekend: tuple[int, ...]
    hours: tuple[tuple[int, int], ...]
    holidays: frozenset[np.datetime64]
    workdays: frozenset[np.datetime64]
    years: tuple[int, int]
    school_holidays: frozenset[np.datetime64] = frozenset()
    school_years: tuple[int, int] | None = None

    def works(self, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """
        Tell which days are worked.

        Parameters
        ----------
        days
            As `datetime64[D]`.

        Returns
        -------
        works
            One a day.
        """
        weekday = (days.astype(np.int64) + _MONDAY) % 7
        off = np.isin(weekday, self.weekend) | np.isin(days, list(self.holidays))
        return ~off | np.isin(days, list(self.workdays))


@dataclass(frozen=True)
class Deadline:
    """
    How long a case may take.

    Attributes
    ----------
    value, unit
        For example 4, `working_hour`; the unit is one of `UNITS`.
    severity
        By severity of the case, another deadline.
    """

    value: float
    unit: str
    severity: Mapping[str, Deadline] = field(default_factory=dict)

    def of(self, severity: str) -> Deadline:
        """
        Find the deadline of a case.

        Parameters
        ----------
        severity
            As the data have it, or empty.

        Returns
        -------
        deadline
            That of the severity where there is one, else this.
        """
        return self.severity.get(severity, self)


def working_days(start: Moments, end: pd.Timestamp, calendar: Calendar | None) -> pd.Series[int]:
    """
    Count the working days since each moment.

    Parameters
    ----------
    start
        Moments with a zone; missing ones stay missing.
    end
        Until when, with a zone.
    calendar
        Which days are worked; without one every day counts.

    Returns
    -------
    days
        Working days after the day of `start`, up to the day of `end` and with it; 0 for
        later moments. `Int64`, on the index of `start`.
    """
    day = _naive(start).astype("datetime64[D]")
    last = np.datetime64(end.tz_convert(start.dt.tz).date(), "D")
    known = ~np.isnat(day)
    count = np.zeros(len(day), dtype=np.int64)
    if known.any():
        first = min(day[known].min(), last)
        days = np.arange(first, last + 1)
        worked = np.ones(len(days), dtype=bool) if calendar is None else calendar.works(days)
        total = np.concatenate([[0], np.cumsum(worked)])
        place = np.minimum((day[known] - first).astype(np.int64) + 1, len(days))
        count[known] = total[-1] - total[place]
    days_worked = pd.Series(pd.array(count, dtype="Int64"), index=start.index, name="days")
    return days_worked.where(pd.Series(known, index=start.index))


def due_times(start: Moments, deadline: Deadline, calendar: Calendar | None) -> Moments:
    """
    Find when a deadline ends.

    Parameters
    ----------
    start
        Moments of report, with a zone.
    deadline
        Its `value` and `unit`. Hours count from the report, working hours only while work
        goes on. Days count from the day after the report and end with that day, working
        days with the end of work.
    calendar
        Which days and hours are worked; working time needs one.

    Returns
    -------
    due
        With the zone of `start`. Missing where the report is, and where working time would
        leave the years that the calendar knows.

    Raises
    ------
    ValueError
        If the unit is none of `UNITS`.
    """
    if deadline.unit not in UNITS:
        msg = f"`unit` must be one of {', '.join(UNITS)}, got {deadline.unit!r}."
        raise ValueError(msg)
    if deadline.unit == "hour":
        return (start + pd.Timedelta(hours=deadline.value)).rename("due_at")
    if deadline.unit == "day":
        last = start.dt.tz_localize(None).dt.normalize() + pd.Timedelta(days=int(deadline.value))
        end = last + pd.Timedelta(hours=23, minutes=59)
        return placed_in_zone(end, start.dt.tz).rename("due_at")
    moments = _naive(start)
    due = np.full(len(moments), np.datetime64("NaT"), dtype="datetime64[m]")
    known = ~np.isnat(moments)
    if calendar is not None and known.any():
        due[known] = _end_of_work(moments[known], deadline, calendar)
    ends = pd.Series(due.astype("datetime64[us]"), index=start.index, name="due_at")
    return placed_in_zone(ends, start.dt.tz)


def _naive(moments: Moments) -> NDArray[np.datetime64]:
    """Wall-clock minutes."""
    return moments.dt.tz_localize(None).to_numpy().astype("datetime64[m]")


def _end_of_work(
    moments: NDArray[np.datetime64], deadline: Deadline, calendar: Calendar
) -> NDArray[np.datetime64]:
    """Count minutes of work from the first year of the calendar to its last, then back to time."""
    first, last = calendar.years
    days = np.arange(f"{first}-01-01", f"{last + 1}-01-01", dtype="datetime64[D]")
    works = calendar.works(days)
    day = moments.astype("datetime64[D]")
    minute = (moments - day).astype(np.int64)
    place = (day - days[0]).astype(np.int64)
    inside = (place >= 0) & (place < len(days))
    place = np.clip(place, 0, len(days) - 1)
    spells = np.array(calendar.hours)
    worked = np.concatenate([[0], np.cumsum(spells[:, 1] - spells[:, 0])])
    whole = int(worked[-1])
    before = np.concatenate([[0], np.cumsum(works) * whole])
    if deadline.unit == "working_day":
        target = before[place + 1] + deadline.value * whole
    else:
        part = np.interp(minute, spells.ravel(), np.repeat(worked, 2)[1:-1])
        target = before[place] + part * works[place] + deadline.value * 60
    found = np.searchsorted(before, target, side="left") - 1
    inside &= (found >= 0) & (found < len(days))
    found = np.clip(found, 0, len(days) - 1)
    rest = target - before[found]
    spell = np.clip(np.searchsorted(worked, rest, side="left") - 1, 0, len(spells) - 1)
    at = spells[spell, 0] + rest - worked[spell]
    due = days[found].astype("datetime64[m]") + np.rint(at).astype("timedelta64[m]")
    return np.where(inside, due, np.datetime64("NaT"))
