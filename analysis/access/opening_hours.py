"""
Opening hours as registers write them, read into a week of minutes.

A text in the specification of OpenStreetMap is read by the library `opening-hours-py`; any
other is first rewritten into it (`hours_text`), whole or not at all. What a text leaves open is
in doubt, never guessed: hours in which its seasons differ, two spans of one day that overlap,
a span past midnight that ends after noon (`10pm-7pm`), all but the stated hours of "open later
seasonally". Neither is anything read that a clock of 12 hours would make something else of
(`8:00-5:00`), nor a span that ends when it starts (`8:00-8:00`). A week is an ordinary one,
without public holidays; hours of school holidays are in doubt. Sunrise, dusk and years are not
understood.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from opening_hours import OpeningHours, State, validate

from analysis.access.hours_clock import DAY, HOUR, NOON
from analysis.access.hours_text import OSM, rewrite_hours, weekday_of
from analysis.access.hours_text import WEEKDAYS as NAMES
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.bool_]

WEEK = 7 * DAY
WEEKDAYS = tuple(name.casefold() for name in NAMES)
_MONDAY = dt.datetime(2024, 1, 1)  # noqa: DTZ001  a leap year that begins on a Monday
_WEEKS = 52
_LABEL = re.compile(r"opening_hours ?= ?")
_DATED = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
_OSM_SPAN = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")


class Hours(NamedTuple):
    """A week from Monday 00:00 by minutes: surely open, and perhaps (these included)."""

    surely: Bits
    perhaps: Bits


def read_hours(text: str, days: str = "") -> Hours | None:
    """
    Read opening hours.

    Parameters
    ----------
    text
        As a register has it.
    days
        Days of opening, where the register keeps them apart: `Tuesday, Friday`.

    Returns
    -------
    hours
        `None` if there is no text or not all of it is understood.

    Examples
    --------
    >>> hours = read_hours("Mo-Fr 08:00-18:00")
    >>> bool(hours.surely[8 * 60]), bool(hours.perhaps[18 * 60])
    (True, False)
    """
    specified = specify_hours(text, days)
    return None if specified is None else _evaluate(specified)


def specify_hours(text: str, days: str = "") -> str | None:
    """
    Give opening hours in the specification of OpenStreetMap.

    Parameters
    ----------
    text, days
        As in `read_hours`.

    Returns
    -------
    specified
        The text itself if it is in that specification and means one thing by any clock; else
        what it was rewritten to; `None` if it is not understood.
    """
    if not text.strip():
        return None
    apart = re.sub(r"\s*\n\s*", ", ", days.strip())
    written = _LABEL.sub("", f"{apart} {text}".strip())
    if OSM.fullmatch(written) and _by_24(written):
        return written.replace("-23:59", "-24:00")
    return rewrite_hours(written)


def _by_24(specified: str) -> bool:
    """Tell whether spans are of a clock of 24 hours beyond doubt, and rules name days once."""
    rules = [rule.partition(" ")[0] for rule in re.split(r" ?; ?", specified)]
    named = [days for days in rules if days[:1].isalpha()]
    if len(set(named)) < len(named) and not _DATED.search(specified):
        return False  # Mo 08:00-12:00; Mo 14:00-18:00: the second would replace the first
    for span in _OSM_SPAN.findall(specified):
        hour, minute, last_hour, last_minute = map(int, span)
        start, end = hour * HOUR + minute, last_hour * HOUR + last_minute
        if (
            start >= DAY
            or end == start
            or end - DAY > NOON
            or (end < start and end + DAY - start > DAY)
        ):
            return False
        if end < start and HOUR <= start < NOON + HOUR and end >= HOUR:
            return False
        if start < 5 * HOUR and end <= NOON + HOUR and not span[0].startswith("0"):
            return False
    return True


def _evaluate(specified: str) -> Hours | None:
    """Ask the library for one week, or all of a year where the text has dates."""
    texts = [specified]
    if "SH" in specified:
        texts.append(specified.replace("SH", "Mo-Su"))
    weeks = range(_WEEKS) if _DATED.search(specified) else range(1, 2)
    if not all(map(validate, texts)):
        return None
    found = [_minutes(text, weeks) for text in texts]
    surely = np.logical_and.reduce([sure.all(axis=0) for sure, _ in found])
    perhaps = np.logical_or.reduce([may.any(axis=0) for _, may in found])
    if "PH" in specified and not perhaps.any():
        return None  # hours of holidays alone: what of other days?
    return Hours(surely, perhaps)


def _minutes(specified: str, weeks: range) -> tuple[Bits, Bits]:
    """Minutes of weeks that are open, and that are not surely closed."""
    start = _MONDAY + dt.timedelta(weeks=weeks.start)
    length = len(weeks) * WEEK
    sure, may = np.zeros(length, dtype=bool), np.zeros(length, dtype=bool)
    end = start + dt.timedelta(minutes=length)
    for first, last, state, _ in OpeningHours(specified).intervals(start, end):
        span = slice(_minute(first, start), _minute(last, start))
        sure[span] = state == State.OPEN
        may[span] = state != State.CLOSED
    return sure.reshape(-1, WEEK), may.reshape(-1, WEEK)


def _minute(at: dt.datetime, start: dt.datetime) -> int:
    return round((at - start).total_seconds() / 60)


def open_at(
    texts: pd.Series[str], days: pd.Series[str] | None = None, *, weekday: int, minute: int
) -> pd.Series[bool]:
    """
    Tell which places are open at one minute of the week.

    Parameters
    ----------
    texts
        Opening hours by facility.
    days
        As in `read_hours`, on the same index.
    weekday, minute
        0 (Monday) to 6; minute of the day.

    Returns
    -------
    is_open
        True, False, or missing where the hours are unknown or in doubt.
    """
    at = weekday * DAY + minute
    apart = [""] * len(texts) if days is None else days
    pairs = list(zip(texts, apart, strict=True))
    states = {pair: _state(read_hours(*pair), at) for pair in set(pairs)}
    found = [states[pair] for pair in pairs]
    return pd.Series(found, index=texts.index, dtype="boolean", name="is_open")


def _state(hours: Hours | None, at: int) -> bool | None:
    if hours is None or hours.surely[at] != hours.perhaps[at]:
        return None
    return bool(hours.surely[at])


def read_moment(text: str) -> tuple[int, int]:
    """
    Read a weekday and a time of day.

    Parameters
    ----------
    text
        Such as `Wed 21:00` or `周三 21:00`.

    Returns
    -------
    weekday, minute
        0 (Monday) to 6; minute of the day.

    Raises
    ------
    SettingsError
        If it is anything else.

    Examples
    --------
    >>> read_moment("Wed 21:00")
    (2, 1260)
    """
    day, _, clock = unicodedata.normalize("NFKC", text).strip().casefold().rpartition(" ")
    weekday = weekday_of(day)
    time = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", clock)
    if weekday is None or time is None:
        msg = f"{text!r} is no weekday and time of day."
        raise SettingsError(msg, problem="moment_form", hint='For example "Wed 21:00".', found=text)
    return weekday, int(time[1]) * 60 + int(time[2])


def write_moment(moment: tuple[int, int]) -> str:
    """
    Write a weekday and a time of day as `read_moment` reads it.

    Parameters
    ----------
    moment
        Weekday and minute.

    Returns
    -------
    text
        Such as `We 21:00`, as OpenStreetMap writes it.
    """
    weekday, minute = moment
    return f"{WEEKDAYS[weekday].capitalize()} {minute // 60:02d}:{minute % 60:02d}"
