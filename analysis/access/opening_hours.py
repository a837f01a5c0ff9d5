"""
Opening hours as registers write them, read into a week of minutes.

A text in the specification of OpenStreetMap is read by the library `opening-hours-py`; any
other is first rewritten into it (`hours_text`), whole or not at all. What a text leaves open is
in doubt, never guessed: hours in which its seasons differ, two spans of one day that overlap,
a span past midnight that ends after noon (`10pm-7pm`), all but the stated hours of "open later
seasonally". Neither is anything read that a clock of 12 hours would make something else of
(`8:00-5:00`), nor a span that ends when it starts (`8:00-8:00`). A week is an ordinary one,
without public holidays; hours of school holidays are in doubt. On a date its season is certain, and
its holidays are where the calendar knows them. Sunrise, dusk and years are not understood.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from opening_hours import OpeningHours, State, validate

from analysis.access.hours_clock import DAY, HOUR, NOON
from analysis.access.hours_text import MONTHS, OSM, rewrite_hours, weekday_of
from analysis.access.hours_text import WEEKDAYS as NAMES
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    Bits = NDArray[np.bool_]

WEEK = 7 * DAY
WEEKDAYS = tuple(name.casefold() for name in NAMES)
_MONDAY = dt.datetime(2024, 1, 1)  # noqa: DTZ001  a leap year that begins on a Monday
_WEEKS = 52
_LABEL = re.compile(r"opening_hours ?= ?")
_DATED = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
_HOLIDAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?"
_HOLIDAY_RULE = re.compile(
    rf"(?P<days>{_HOLIDAY}(?: ?, ?{_HOLIDAY})*):? ?(?P<rest>off|closed|24/7|[\d:, -]+(?: open)?)"
)
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
    if ";" in specified and _passes_midnight(specified):
        return False  # the library lets a night go on that a later rule closes
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


def _passes_midnight(specified: str) -> bool:
    spans = [tuple(map(int, span)) for span in _OSM_SPAN.findall(specified)]
    return any(last * HOUR + end > DAY or last < first for first, _, last, end in spans)


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


class Holidays(NamedTuple):
    """Public and school holidays of some years; of other years they are not known."""

    public: Collection[dt.date] = ()
    school: Collection[dt.date] = ()
    public_years: tuple[int, int] | None = None
    school_years: tuple[int, int] | None = None


NO_HOLIDAYS = Holidays()
"""Nothing is known of them."""


def open_at(
    texts: pd.Series[str],
    days: pd.Series[str] | None = None,
    *,
    weekday: int,
    minute: int,
    on: dt.date | None = None,
    holidays: Holidays = NO_HOLIDAYS,
) -> pd.DataFrame:
    """
    Tell which places are open at one minute of the week, or of a day.

    Parameters
    ----------
    texts
        Opening hours by facility; each different text is read once.
    days
        As in `read_hours`, on the same index.
    weekday, minute
        0 (Monday) to 6; minute of the day.
    on
        A day, in place of the weekday.
    holidays
        What is known of holidays; of use on a day only.

    Returns
    -------
    is_open
        `is_open`: True, False, or missing where the hours are unknown or in doubt; `is_read`:
        whether the hours were understood.
    """
    apart = [""] * len(texts) if days is None else days
    pairs = list(zip(texts, apart, strict=True))
    at = weekday * DAY + minute
    specified = {pair: specify_hours(*pair) for pair in dict.fromkeys(pairs)}
    different = [text for text in dict.fromkeys(specified.values()) if text is not None]
    states: dict[str | None, bool | None] = {
        text: _state(_evaluate(text), at) if on is None else _state_on(text, on, minute, holidays)
        for text in different
    }
    found = [states.get(specified[pair]) for pair in pairs]
    return pd.DataFrame(
        {
            "is_open": pd.array(found, dtype="boolean"),
            "is_read": [specified[pair] is not None for pair in pairs],
        },
        index=texts.index,
    )


def _state(hours: Hours | None, at: int) -> bool | None:
    if hours is None or hours.surely[at] != hours.perhaps[at]:
        return None
    return bool(hours.surely[at])


def _state_on(specified: str, on: dt.date, minute: int, holidays: Holidays) -> bool | None:
    """Ask the library for a minute of a day, with every holiday that it may be."""
    days = (on - dt.timedelta(days=1), on)  # hours past midnight are of the day before
    public = _options(days, holidays.public, holidays.public_years)
    school = _options(days, holidays.school, holidays.school_years)
    at = dt.datetime.combine(on, dt.time()) + dt.timedelta(minutes=minute)
    states = set()
    before = any(days[0] in dates for dates in (*public, *school))
    named = "PH" in specified or "SH" in specified
    if before and named and minute < NOON and _passes_midnight(specified):
        return None  # of a night that a holiday may have closed, see `_by_24`
    for dates in product(public, school):
        text = _with_dates(specified, {"PH": dates[0], "SH": dates[1]})
        if text is None or not validate(text):
            return None
        states.add(str(OpeningHours(text).state(at)[0]))
    state = states.pop() if len(states) == 1 else ""
    return {str(State.OPEN): True, str(State.CLOSED): False}.get(state)


def _options(
    days: tuple[dt.date, ...], known: Collection[dt.date], years: tuple[int, int] | None
) -> list[tuple[dt.date, ...]]:
    """List the sets of days that may be holidays: one if the calendar knows their years."""
    if years is not None and all(years[0] <= day.year <= years[1] for day in days):
        return [tuple(day for day in days if day in known)]
    return [(), days[:1], days[1:], days]


def _with_dates(specified: str, holidays: Mapping[str, tuple[dt.date, ...]]) -> str | None:
    """Put dates in place of holidays, which the library knows by country alone."""
    rules = []
    for rule in specified.split(";"):
        if "PH" not in rule and "SH" not in rule:
            rules.append(rule)
            continue
        found = _HOLIDAY_RULE.fullmatch(rule.strip())
        if found is None:
            return None
        named = re.split(r" ?, ?", found["days"])
        others = [name for name in named if name not in holidays]
        dates = [day for name in named if name in holidays for day in holidays[name]]
        rules += [f"{','.join(others)} {found['rest']}"] if others else []
        rules += [
            f"{day.year} {MONTHS[day.month - 1]} {day.day:02d} {found['rest']}" for day in dates
        ]
    return "; ".join(rule.strip() for rule in rules) or "off"


def read_moment(text: str) -> tuple[int, int, str]:
    """
    Read a weekday or a date, and a time of day.

    Parameters
    ----------
    text
        Such as `Wed 21:00`, `周三 21:00` or `2026-10-01 21:00`.

    Returns
    -------
    weekday, minute, date
        0 (Monday) to 6; minute of the day; the date if one was named, else empty.

    Raises
    ------
    SettingsError
        If it is anything else.

    Examples
    --------
    >>> read_moment("Wed 21:00")
    (2, 1260, '')
    >>> read_moment("2026-10-01 9:30")
    (3, 570, '2026-10-01')
    """
    day, _, clock = unicodedata.normalize("NFKC", text).strip().casefold().rpartition(" ")
    date = _date(day)
    weekday = weekday_of(day) if date is None else date.weekday()
    time = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", clock)
    if weekday is None or time is None:
        msg = f"{text!r} is no weekday or date, and time of day."
        raise SettingsError(msg, problem="moment_form", hint='For example "Wed 21:00".', found=text)
    return weekday, int(time[1]) * 60 + int(time[2]), "" if date is None else str(date)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def write_moment(moment: tuple[int, int], on: str = "") -> str:
    """
    Write a weekday or a date, and a time of day, as `read_moment` reads it.

    Parameters
    ----------
    moment
        Weekday and minute.
    on
        The date, or empty.

    Returns
    -------
    text
        Such as `We 21:00`, as OpenStreetMap writes it, or `2026-10-01 21:00`.
    """
    weekday, minute = moment
    return f"{on or WEEKDAYS[weekday].capitalize()} {minute // 60:02d}:{minute % 60:02d}"
