"""Moments in the time zone of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.contracts import HANDLED

if TYPE_CHECKING:
    import datetime as dt


LAST_DAY = pd.Timestamp(9999, 12, 30)
"""Last day that another can follow."""


def in_zone(moment: dt.date, zone: dt.tzinfo | str | None) -> pd.Timestamp:
    """
    Put a moment into a time zone.

    Parameters
    ----------
    moment
        A plain day or time means that of the zone: where summer time skips it, the first
        instant after; where it comes twice, the first.
    zone
        Of the data.

    Returns
    -------
    moment
        With the zone.

    Examples
    --------
    In Cairo the 24th of April 2026 began at one o'clock.

    >>> in_zone(pd.Timestamp("2026-04-24"), "Africa/Cairo").hour
    1
    """
    stamp = pd.Timestamp(moment)
    if stamp.tzinfo is not None:
        return stamp.tz_convert(zone)
    return stamp.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")


def placed_in_zone(times: pd.Series, zone: dt.tzinfo | str | None) -> pd.Series[pd.Timestamp]:
    """
    Put moments into a time zone, each as `in_zone` does.

    Parameters
    ----------
    times
        Without a time zone.
    zone
        Of the data.

    Returns
    -------
    times
        On the same index.
    """
    first = np.ones(len(times), dtype=bool)
    placed: pd.Series[pd.Timestamp]
    placed = times.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return placed


def days_of(times: pd.Series) -> pd.Series[pd.Timestamp]:
    """
    Give the first instant of the day that each moment is of.

    Parameters
    ----------
    times
        With a time zone.

    Returns
    -------
    days
        On the same index and in the same zone.
    """
    return placed_in_zone(times.dt.tz_localize(None).dt.normalize(), times.dt.tz)


def day_of(moment: pd.Timestamp) -> pd.Timestamp:
    """
    Give the first instant of the day that a moment with a time zone is of.

    Examples
    --------
    >>> day_of(pd.Timestamp("2026-04-24 09:30", tz="Africa/Cairo")).isoformat()
    '2026-04-24T01:00:00+03:00'
    """
    return in_zone(moment.tz_localize(None).normalize(), moment.tz)


def after_day(times: pd.Series, day: dt.date) -> pd.Series[bool]:
    """
    Tell which moments come after the end of a day.

    Parameters
    ----------
    times
        With a time zone.
    day
        The last one that counts, in the zone of `times`; of a time, the day that it is of.

    Returns
    -------
    after
        On the index of `times`; false where there is none.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2026-06-30 23:59", "2026-07-01 00:00", None]))
    >>> after_day(times.dt.tz_localize("Asia/Shanghai"), pd.Timestamp("2026-06-30")).tolist()
    [False, True, False]
    """
    last = min(in_zone(day, times.dt.tz).tz_localize(None).normalize(), LAST_DAY)
    return times >= in_zone(last + pd.Timedelta(days=1), times.dt.tz)


def as_they_stood(cases: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """
    Give cases as they stood at the end of a day: what was done later had not happened.

    Parameters
    ----------
    cases
        Issues as in `analysis.model.contracts`.
    day
        As in `after_day`.

    Returns
    -------
    cases
        The same rows. One that was closed later is open and of no stage that is known; times of
        closing, handling and checking that come later are missing.
    """
    columns = [name for name in ("closed_at", "verified_at", HANDLED) if name in cases]
    later = {name: after_day(cases[name], day) for name in columns}
    if not any(each.any() for each in later.values()):
        return cases
    reopened = later["closed_at"] & cases["status"].eq("closed")
    stood = {name: cases[name].mask(each) for name, each in later.items()}
    stood["status"] = cases["status"].mask(reopened, "open")
    if "stage" in cases:
        stood["stage"] = cases["stage"].mask(reopened, "")
    return cases.assign(**stood)
