"""Reads times into the city's zone, and finds those that cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.issues.moments import in_zone, placed_in_zone
from analysis.model.contracts import HANDLED, TIME_COLUMNS
from analysis.model.errors import SourceError
from layers.cleaning.time_forms import ROC_YEAR_ZERO, read_written
from layers.cleaning.values import says_nothing
from layers.texts.proofs import is_filled, moments
from layers.texts.valued import are_spelled_out, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer
    from layers.cleaning.row_account import RowAccount

EARLIEST = 1980
"""No municipal register is older; earlier years are placeholders such as 1900 or 1970."""
_FEW = 3
"""Wrong times that say nothing yet of the whole column."""
DUE_YEARS = 10
"""How far ahead of the publication a due date may lie."""
_OFFSET = re.compile(r"\d[T ]\d.*(?:Z|[+-]\d{1,2}(?::?\d\d)?)$", re.IGNORECASE)
EPOCHS = {"epoch_s": 1, "epoch_ms": 1000}
"""Counts since 1970 that a recipe may state as `times`, and how many make a second."""
_FAR = 7e9
"""Seconds to about the year 2190: a greater count is no time of a register."""
_CALENDAR = (pd.Timestamp("0001-01-02"), pd.Timestamp("9999-12-30"))
"""A day within the ends of the calendar: in every zone these are days of it, too."""
_ROC = r"^(\d{2,3})[./-]?(\d{2})[./-]?(\d{2})$"
_BUDDHIST_ZERO = 543
_BUDDHIST = (2523, 2642)
"""Years 1980 to 2099 of the Buddhist era: a column most of whose years are these counts in it."""
_FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
_COARSE = r"^\d{4}(?:[-/.]?\d{1,2})?$"
"""A year alone says no day, and that a month alone does not is told."""
_SPAN = r"[^Tt\d:]\d{1,2}:\d\d ?- ?\d{1,2}(?::\d\d)?$"
_SPAN_PARTS = r"(?P<from>\d{1,2}):(?P<past>\d\d) ?- ?(?P<to>\d{1,2})(?::(?P<minute>\d\d))?$"
_NO_DAY = r"0000-00-00(?:[T ]00:00(?::00)?)?"
"""What a database writes where it has no time."""
_ISO_DAY = r"^\d{4}-\d\d-\d\d(?:[T ]|$)"
_MOST = 0.5
"""A column more of whose values are unreadable or impossible is refused: its form is another."""


@dataclass(frozen=True)
class Understood:
    """
    Times, and how they were understood.

    Attributes
    ----------
    times
        In the city's zone; missing where a text says nothing that can be read.
    forms
        Rows by the form that they were read in, beyond the one stated and ISO 8601.
    unordered
        Rows in which nothing tells the day from the month.
    """

    times: pd.Series[pd.Timestamp]
    forms: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    unordered: NDArray[np.bool_] | None = None


def parse_times(text: pd.Series[str], *, how: str, zone: str) -> pd.Series[pd.Timestamp]:
    """
    Read a column of times.

    A time without an offset is one of the city's zone; where summer time repeats an
    hour, it is of the first run, and where it skips one, of the next hour.
    """
    return understand_times(text, how=how, zone=zone).times


def understand_times(
    text: pd.Series[str], *, how: str, zone: str, from_1904: bool = False
) -> Understood:
    """
    Read a column of times by the form stated, else ISO 8601, else as each is written.

    Serial numbers count from 1900, or `from_1904` as the workbook says.
    """
    understood = _as_written(text, how=how, zone=zone, from_1904=from_1904)
    latest = understood.times.max()
    if pd.isna(latest) or latest.year < _BUDDHIST[0]:
        return understood
    buddhist = understood.times.dt.year.between(*_BUDDHIST)
    if buddhist.sum() <= understood.times.notna().sum() / 2:
        return understood
    text = text.str.replace(_FOUR_DIGITS, _in_common_era, n=1, regex=True)
    read = _as_written(text, how=how, zone=zone, from_1904=from_1904)
    shifted = (buddhist & read.times.notna()).to_numpy(dtype=bool)
    return replace(read, forms={**read.forms, "time_buddhist": shifted})


def _in_common_era(year: re.Match[str]) -> str:
    common = int(year[0]) - _BUDDHIST_ZERO
    low, high = _BUDDHIST
    return str(common) if low <= int(year[0]) <= high else year[0]


def _as_written(text: pd.Series[str], *, how: str, zone: str, from_1904: bool) -> Understood:
    if "%z" not in how:
        text = _without_spans(text, zone)
    if how:
        times = _by_stated_form(text, how=how, zone=zone)
        rest = times.isna() & text.str.contains(_ISO_DAY, regex=True)
        times = times.mask(rest, _by_iso_8601(text.where(rest, ""), zone=zone))
    else:
        times = _by_iso_8601(text, zone=zone)
    unread = times.isna() & is_filled(text)
    if not unread.any():
        return Understood(times)
    at = np.flatnonzero(unread)
    order = _stated_order(how)
    written = read_written(text[unread], roc=how == "roc", order=order, from_1904=from_1904)
    local = _localised(written.local, zone)
    instant = _in_zone(written.instant, zone)
    times = times.copy()
    times[unread] = local.where(local.notna(), instant)
    masks = {form: _spread(mask, at, len(text)) for form, mask in written.forms.items()}
    return Understood(times, masks, _spread(written.unordered, at, len(text)))


def _without_spans(text: pd.Series[str], zone: str) -> pd.Series[str]:
    """Leave out spans of hours that look like offsets: 2024-03-05 9:00-11:00, but in their zone."""
    if are_spelled_out(text):  # a span ends in minutes, and like an offset
        return text
    values = values_of(text)
    if values is not None and getattr(values.type, "tz", None) is None:
        return text  # read already, and none has an offset
    like = text.str.contains(_SPAN, regex=True)
    if not like.any():
        return text
    parts = text[like].str.extract(_SPAN_PARTS).fillna("0").astype("int64")
    start, end = parts["from"] * 60 + parts["past"], parts["to"] * 60 + parts["minute"]
    days = pd.to_datetime(["2024-01-01", "2024-07-01"]).tz_localize(zone)
    own = [-offset.total_seconds() // 60 for day in days if (offset := day.utcoffset()) is not None]
    spans = (end > start) & ~end.isin(own)
    return text.mask(spans.reindex(text.index, fill_value=False), "")


def _spread(mask: NDArray[np.bool_], at: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    whole = np.zeros(count, dtype=bool)
    whole[at] = mask
    return whole


def _stated_order(how: str) -> str:
    """Tell whether a stated format has the day or the month first."""
    if "%d" not in how or "%m" not in how:
        return ""
    return "day" if how.index("%d") < how.index("%m") else "month"


def _by_stated_form(text: pd.Series[str], *, how: str, zone: str) -> pd.Series[pd.Timestamp]:
    if how == "roc":
        parts = text.str.extract(_ROC)
        year = pd.to_numeric(parts[0], errors="coerce") + ROC_YEAR_ZERO
        shown = year.astype("Int64").astype("str") + "-" + parts[1] + "-" + parts[2]
        return _localised(pd.to_datetime(shown, format="%Y-%m-%d", errors="coerce"), zone)
    if how in EPOCHS:
        return _by_epoch(text, how=how, zone=zone)
    parsed = pd.to_datetime(text, format=how, errors="coerce", utc="%z" in how)
    if "%z" in how:
        return _in_zone(parsed, zone)
    return _localised(parsed.dt.tz_localize(None), zone)


def _by_iso_8601(text: pd.Series[str], *, zone: str) -> pd.Series[pd.Timestamp]:
    plain = moments(text)
    if plain is not None:
        return _localised(plain, zone) if plain.dt.tz is None else _in_zone(plain, zone)
    text = text.mask(text.str.contains(_COARSE, regex=True), "")
    offset = text.str.contains(_OFFSET, regex=True)
    plain = pd.to_datetime(text.mask(offset, ""), format="ISO8601", errors="coerce")
    times = _localised(plain, zone)
    if offset.any():
        aware = pd.to_datetime(text.where(offset, ""), format="ISO8601", errors="coerce", utc=True)
        times = times.where(~offset, _in_zone(aware.dt.as_unit("us"), zone))
    return times


def _by_epoch(text: pd.Series[str], *, how: str, zone: str) -> pd.Series[pd.Timestamp]:
    """Read counts of seconds or milliseconds since 1970 in UTC."""
    seconds = pd.to_numeric(text, errors="coerce") / EPOCHS[how]
    seconds = seconds.where(seconds.abs() < _FAR).round(3)
    return pd.to_datetime(seconds, unit="s", utc=True).dt.tz_convert(zone).dt.as_unit("us")


def _localised(plain: pd.Series[pd.Timestamp], zone: str) -> pd.Series[pd.Timestamp]:
    plain = _in_calendar(plain.astype("datetime64[us]"))
    return placed_in_zone(plain, zone)


def _in_zone(aware: pd.Series[pd.Timestamp], zone: str) -> pd.Series[pd.Timestamp]:
    return _in_calendar(aware).dt.tz_convert(zone)


def _in_calendar(times: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    """Bring times at the very ends of the calendar a day within it: impossible they stay."""
    first, last = (day.tz_localize(times.dt.tz) for day in _CALENDAR)
    early, late = times < first, times > last
    if early.any() or late.any():
        times = times.mask(early, first).mask(late, last)
    return times


def latest_time(publication_date: str, *, zone: str) -> pd.Timestamp:
    """Find the latest time that a register can know of."""
    if not publication_date:
        return pd.Timestamp.now(tz=zone) + pd.Timedelta(days=1)
    end = in_zone(pd.Period(publication_date).end_time, zone)
    return end + pd.Timedelta(days=1)


def clean_times(
    ours: pd.DataFrame, account: RowAccount, *, how: str, zone: str, latest: pd.Timestamp
) -> dict[str, pd.Series[pd.Timestamp]]:
    """Read the times of issues and take out those that cannot be."""
    columns = (*TIME_COLUMNS, *((HANDLED,) if HANDLED in ours else ()))
    times = {
        column: clean_column(ours, column, account, how=how, zone=zone, latest=latest)
        for column in columns
    }
    reported = times["reported_at"]
    for column in columns[1:]:
        early = (times[column] < reported).to_numpy(dtype=bool)
        _take_out(times, column, early, account, rule="time_before_report", text=ours.get(column))
    return times


def clean_column(
    ours: pd.DataFrame,
    column: str,
    account: RowAccount,
    *,
    how: str,
    zone: str,
    latest: pd.Timestamp,
) -> pd.Series[pd.Timestamp]:
    """Read one column of times and take out those that cannot be."""
    if column not in ours:
        return _localised(pd.Series(pd.NaT, index=ours.index, dtype="datetime64[us]"), zone)
    text = ours[column]
    filled = is_filled(text)
    understood = understand_times(text, how=how, zone=zone, from_1904=account.from_1904)
    times = understood.times
    unreadable = times.isna().to_numpy(dtype=bool) & filled
    filled[unreadable] = ~_says_nothing(text[unreadable])
    unreadable &= filled
    if column == "reported_at":
        account.note(~filled, "time_missing", column=column)
    about: dict[str, Any] = {"text": text, "filled": filled, "account": account}
    if understood.unordered is not None:
        _check_share(understood.unordered, problem="times_ambiguous", **about)
    _check_share(unreadable, problem="times_unreadable", **about)
    for form, mask in understood.forms.items():
        _note_form(account, mask, form, text=text, times=times)
    _note_taken_out(account, unreadable, "time_unreadable", column, text)
    last = latest + pd.DateOffset(years=DUE_YEARS) if column == "due_at" else latest
    first = pd.Timestamp(EARLIEST, 1, 1, tz=zone)
    impossible = ((times < first) | (times > last)).to_numpy(dtype=bool)
    _check_share(impossible, problem="times_impossible", **about)
    held = {column: times}
    _take_out(held, column, impossible, account, rule="time_impossible", text=text)
    return held[column]


def _says_nothing(text: pd.Series[str]) -> NDArray[np.bool_]:
    """Tell which texts stand for no time at all."""
    return says_nothing(text) | text.str.fullmatch(_NO_DAY).to_numpy(dtype=bool)


def stated_days(layer: Layer, column: str, *, zone: str) -> pd.Series[pd.Timestamp]:
    """Read times that each row must have; rows without one that can be are set apart."""
    ours, account, recipe = layer.ours, layer.account, layer.recipe
    text = ours[column]
    detail = text.to_numpy(dtype=object)
    account.quarantine(~is_filled(text), "day_missing")
    unread = parse_times(text, how=recipe.times, zone=zone).isna().to_numpy(dtype=bool)
    account.quarantine(unread, "day_unreadable", detail=detail)
    latest = latest_time(recipe.publication_date, zone=zone)
    times = clean_column(ours, column, account, how=recipe.times, zone=zone, latest=latest)
    account.quarantine(times.isna().to_numpy(dtype=bool), "day_impossible", detail=detail)
    return times


def _check_share(
    wrong: NDArray[np.bool_],
    *,
    filled: NDArray[np.bool_],
    text: pd.Series[str],
    account: RowAccount,
    problem: str,
) -> None:
    """Refuse a column most of whose times cannot be what they seem."""
    wrong, filled = wrong & account.alive, filled & account.alive
    if wrong.sum() < _FEW or wrong.sum() <= _MOST * filled.sum():
        return
    position = int(np.flatnonzero(wrong)[0])
    found, row = str(text.iloc[position]), account.number(position)
    entry, column = account.entry_of(position), account.heading(str(text.name))
    what = {
        "times_ambiguous": "do not tell the day from the month",
        "times_unreadable": "cannot be read",
        "times_impossible": "lie before registers or after the publication date",
    }[problem]
    count, total = int(wrong.sum()), int(filled.sum())
    msg = f"{entry}: {count} of {total} times of {column} {what} (such as {found!r}, row {row})."
    raise SourceError(
        msg,
        problem=problem,
        hint="State their form as `times` in the recipe, such as %d/%m/%Y %H:%M, roc or epoch_s; a"
        " column that holds no times is left out of `columns`.",
        entry=entry,
        column=column,
        ours=str(text.name),
        found=found,
        row=row,
        count=count,
        total=total,
    )


def _note_form(
    account: RowAccount,
    mask: NDArray[np.bool_],
    form: str,
    *,
    text: pd.Series[str],
    times: pd.Series[pd.Timestamp],
) -> None:
    """Note what texts of one form were taken for, by an example."""
    shown = mask & account.alive
    if shown.any():
        example = int(np.flatnonzero(shown)[0])
        read = times.iloc[example].strftime("%Y-%m-%d %H:%M")
        facts = {"column": str(text.name), "found": text.iloc[example], "read": read}
        account.repair(shown, form, **facts)


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
