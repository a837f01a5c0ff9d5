"""
Times of day as people write them, made spans of minutes.

A clock of 12 hours is read only where something says which half of the day is meant. What
can mean two spans is in doubt between them, or not read at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

DAY, NOON, HOUR = 24 * 60, 12 * 60, 60
LAST_HOUR = 48
_HALF = 12
_EARLY, _USUAL = 5, (5, 11)
_YEARS = (19, 20)
"""First two digits of years, which may look like times."""
MORNING = frozenset({"上午", "午前", "오전"})
"""Words for the morning that hold for the end of a span as well: in 早6点到10点 they may not."""


class UnreadError(ValueError):
    """A text that is not understood; it never leaves these modules."""


class Span(NamedTuple):
    """Minutes of a day: open for certain (none if the ends are equal), and perhaps."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class Clock:
    """
    A time as written.

    Attributes
    ----------
    hour, minute
        As written.
    half
        `am`, `pm` or empty.
    part
        First and last hour of the part of the day that a word before it names.
    word
        That word.
    bare
        Whether it is a number alone.
    exact
        Whether its form is used with a day of 24 hours only.
    """

    hour: int
    minute: int = 0
    half: str = ""
    part: tuple[int, ...] = ()
    word: str = ""
    bare: bool = False
    exact: bool = False

    @property
    def plain(self) -> int:
        """Minute of the day by a clock of 24 hours."""
        if self.hour > LAST_HOUR or self.minute >= HOUR:
            raise UnreadError
        return self.hour * HOUR + self.minute

    @property
    def halves(self) -> tuple[int, int]:
        """Minute of the day by a clock of 12 hours: before noon, and after it."""
        morning = self.hour % _HALF * HOUR + self.minute
        return morning, morning + NOON

    @property
    def told(self) -> bool:
        """Whether the time says which half of the day it means."""
        return bool(self.half or self.part)

    @property
    def of_24(self) -> bool:
        """Whether the number alone can only be of a clock of 24 hours."""
        return self.hour > _HALF or self.hour == 0


def certain(clock: Clock) -> int:
    """Give the minute of a time that says which half of the day it means."""
    if clock.part:
        return _in_part(clock)
    if clock.of_24:
        if clock.hour == 0 and clock.half == "pm":
            raise UnreadError
        return clock.plain
    return clock.halves[clock.half == "pm"]


def _in_part(clock: Clock) -> int:
    first, last = (hour * HOUR for hour in clock.part)
    options = (clock.plain,) if clock.of_24 else (*clock.halves, clock.halves[0] + DAY)
    found = [at for at in options if first <= at <= last + HOUR - 1]
    if len(found) != 1:
        raise UnreadError  # 晚2点: not a word that people use of that hour
    return found[0]


def span_of(start: Clock, end: Clock, *, next_day: bool, of_24: bool) -> Span:
    """
    Find what two times span.

    Parameters
    ----------
    start, end
        As written.
    next_day
        Whether the text says that the end is on the next day.
    of_24
        Whether the text has times of a clock of 24 hours elsewhere.

    Returns
    -------
    span
        Its end is beyond 24 hours where it lies on the next day.
    """
    if start.bare and end.bare:
        raise UnreadError  # 8-18: may be anything
    if not start.told and not end.told:
        return _plain(start, end, next_day=next_day, of_24=of_24)
    if start.part and not end.told and not end.of_24 and not next_day:
        if start.part[0] < _HALF and start.word not in MORNING:
            raise UnreadError
        end = replace(end, part=start.part)
    if not start.told and not start.of_24:
        return _from_end(start, end)
    if not end.told and not end.of_24 and not next_day:
        raise UnreadError  # 8am-5: which five?
    if end.half == "pm" and end.hour == _HALF and not next_day and certain(start) > NOON:
        raise UnreadError  # 6pm-12pm: till midnight, or noon?
    return _ordered(certain(start), certain(end), next_day=next_day)


def _from_end(start: Clock, end: Clock) -> Span:
    """Find a start without a half of the day from its end: 4-6pm, 11-2pm."""
    last = certain(end) or DAY
    options = [at for at in start.halves if at < last]
    if not options:
        raise UnreadError  # 10-2am: from ten in the morning, or in the evening?
    sure = options[-1]
    if sure < _EARLY * HOUR and last >= NOON:
        raise UnreadError  # 1-12pm: till midnight, most likely, or from one at night
    evening = _USUAL[0] <= start.hour <= _USUAL[1]  # 6-10pm may begin at six in the morning
    return Span(sure, last, options[0] if evening or last == DAY else sure, last)


def _plain(start: Clock, end: Clock, *, next_day: bool, of_24: bool) -> Span:
    first, last = start.plain, end.plain
    if {start.hour, end.hour} <= set(_YEARS) and start.minute % 15 + end.minute % 15:
        raise UnreadError  # 2019-2024: years
    sure = start.exact or end.exact or next_day
    if last < first and not (sure or start.of_24 or last < HOUR):
        raise UnreadError  # 8:00-5:00: till five in the afternoon, or in the morning?
    low = 1 <= start.hour < _EARLY and last < NOON + HOUR
    if low and not (sure or of_24):
        raise UnreadError  # 1:00-5:00
    return _ordered(first, last, next_day=next_day)


def _ordered(start: int, end: int, *, next_day: bool) -> Span:
    if end == DAY - 1:
        end = DAY
    if start == DAY and end < DAY:
        start = 0
    if start >= DAY or end == start or (next_day and end > start and end != DAY):
        raise UnreadError  # 8:00-8:00: all day, or never? 8:00-10:00 the next day: over a day
    end = end if end > start else end + DAY
    if end - DAY > NOON:
        return Span(start, start, 0, end)  # 10pm-7pm: a slip of the pen, most likely
    return Span(start, end, start, end)


def clock_of(found: re.Match[str], parts: dict[str, tuple[int, ...]], *, exact: bool) -> Clock:
    """Make a time of what its pattern found."""
    group = found.groupdict()
    if group["soldier"]:
        return Clock(int(group["soldier"][:2]), int(group["soldier"][2:4]))
    unit = bool(group["unit"] or group["unit_after"])
    minute = int(group["minute"] or group["after_unit"] or (30 if group["half"] else 0))
    word = group["before"] or ""
    part = next((hours for form, hours in parts.items() if re.fullmatch(form, word)), ())
    half = f"{group['meridiem']}m" if group["meridiem"] else ""
    return Clock(
        hour=int(group["hour"]),
        minute=minute,
        half=half,
        part=part if word else (),
        word=word,
        bare=not (group["minute"] or unit or half or word),
        exact=exact and unit,
    )
