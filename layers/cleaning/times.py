"""Reads times into the city's zone, and finds those that cannot be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.contracts import HANDLED, TIME_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.cleaning.row_account import RowAccount

EARLIEST = 1980
"""No municipal register is older; earlier years are placeholders such as 1900 or 1970."""
DUE_YEARS = 10
"""How far ahead of the publication a due date may lie."""
_OFFSET = re.compile(r"\d[T ]\d.*(?:Z|[+-]\d{1,2}(?::?\d\d)?)$", re.IGNORECASE)
EPOCHS = {"epoch_s": 1, "epoch_ms": 1000}
"""Counts since 1970 that a recipe may state as `times`, and how many make a second."""
_FAR = 7e9
"""Seconds to about the year 2190: a greater count is no time of a register."""
_ROC = r"^(\d{2,3})[./-]?(\d{2})[./-]?(\d{2})$"
_ROC_YEAR_ZERO = 1911


def parse_times(text: pd.Series[str], *, how: str, zone: str) -> pd.Series[pd.Timestamp]:
    """
    Read a column of times.

    A time without an offset is one of the city's zone; where summer time repeats an
    hour, it is of the first run, and where it skips one, of the next hour.
    """
    if how == "roc":
        parts = text.str.extract(_ROC)
        year = pd.to_numeric(parts[0], errors="coerce") + _ROC_YEAR_ZERO
        shown = year.astype("Int64").astype("str") + "-" + parts[1] + "-" + parts[2]
        return _localised(pd.to_datetime(shown, format="%Y-%m-%d", errors="coerce"), zone)
    if how in EPOCHS:
        return _by_epoch(text, how=how, zone=zone)
    if how:
        parsed = pd.to_datetime(text, format=how, errors="coerce", utc="%z" in how)
        return (
            parsed.dt.tz_convert(zone)
            if "%z" in how
            else _localised(parsed.dt.tz_localize(None), zone)
        )
    offset = text.str.contains(_OFFSET, regex=True)
    plain = pd.to_datetime(text.mask(offset, ""), format="ISO8601", errors="coerce")
    times = _localised(plain, zone)
    if offset.any():
        aware = pd.to_datetime(text.where(offset, ""), format="ISO8601", errors="coerce", utc=True)
        times = times.where(~offset, aware.dt.tz_convert(zone).dt.as_unit("us"))
    return times


def _by_epoch(text: pd.Series[str], *, how: str, zone: str) -> pd.Series[pd.Timestamp]:
    """Read counts of seconds or milliseconds since 1970 in UTC."""
    seconds = pd.to_numeric(text, errors="coerce") / EPOCHS[how]
    seconds = seconds.where(seconds.abs() < _FAR).round(3)
    return pd.to_datetime(seconds, unit="s", utc=True).dt.tz_convert(zone).dt.as_unit("us")


def _localised(plain: pd.Series[pd.Timestamp], zone: str) -> pd.Series[pd.Timestamp]:
    plain = plain.astype("datetime64[us]")
    return plain.dt.tz_localize(
        zone, ambiguous=np.ones(len(plain), dtype=bool), nonexistent="shift_forward"
    )


def latest_time(publication_date: str, *, zone: str) -> pd.Timestamp:
    """Find the latest time that a register can know of."""
    if not publication_date:
        return pd.Timestamp.now(tz=zone) + pd.Timedelta(days=1)
    end: pd.Timestamp = pd.Period(publication_date).end_time.tz_localize(zone)
    return end + pd.Timedelta(days=1)


def clean_times(
    ours: pd.DataFrame, account: RowAccount, *, how: str, zone: str, latest: pd.Timestamp
) -> dict[str, pd.Series[pd.Timestamp]]:
    """Read the times of issues and take out those that cannot be."""
    times = {
        column: _clean_column(ours, column, account, how=how, zone=zone, latest=latest)
        for column in (*TIME_COLUMNS, HANDLED)
    }
    reported = times["reported_at"]
    for column in (*TIME_COLUMNS[1:], HANDLED):
        early = (times[column] < reported).to_numpy(dtype=bool)
        _take_out(times, column, early, account, rule="time_before_report", text=ours.get(column))
    return times


def _clean_column(
    ours: pd.DataFrame,
    column: str,
    account: RowAccount,
    *,
    how: str,
    zone: str,
    latest: pd.Timestamp,
) -> pd.Series[pd.Timestamp]:
    if column not in ours:
        return _localised(pd.Series(pd.NaT, index=ours.index, dtype="datetime64[us]"), zone)
    text = ours[column]
    if column == "reported_at":
        account.note((text == "").to_numpy(dtype=bool), "time_missing", column=column)
    times = parse_times(text, how=how, zone=zone)
    unreadable = (times.isna() & (text != "")).to_numpy(dtype=bool)
    _note_taken_out(account, unreadable, "time_unreadable", column, text)
    last = latest + pd.DateOffset(years=DUE_YEARS) if column == "due_at" else latest
    impossible = ((times.dt.year < EARLIEST) | (times > last)).to_numpy(dtype=bool)
    held = {column: times}
    _take_out(held, column, impossible, account, rule="time_impossible", text=text)
    return held[column]


def _take_out(
    times: dict[str, pd.Series[pd.Timestamp]],
    column: str,
    mask: NDArray[np.bool_],
    account: RowAccount,
    *,
    rule: str,
    text: pd.Series[str] | None,
) -> None:
    if mask.any() and text is not None:
        times[column] = times[column].mask(mask)
        _note_taken_out(account, mask, rule, column, text)


def _note_taken_out(
    account: RowAccount, mask: NDArray[np.bool_], rule: str, column: str, text: pd.Series[str]
) -> None:
    shown = mask & account.alive
    if shown.any():
        account.repair(mask, rule, column=column, found=text[shown].iloc[0])
