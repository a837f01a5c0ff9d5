"""
Opening hours as registers write them, rewritten into the specification of OpenStreetMap.

A text is read by the words of each language (`hours_words`), whole or not at all, and only if
everything it says can be read in one way: days before hours or after them, seasons before or
after. Texts that two languages read differently are not read. What stays open is written as
`unknown`: hours that differ by a season without dates, two spans of one day that contradict
each other.
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from analysis.access.hours_clock import DAY, HOUR, Span, UnreadError
from analysis.access.hours_items import CLOSED, LATER, Days, Item, Season, Spans, items_of
from analysis.access.hours_tokens import EVERY, Date, plain_text, tokens_of
from analysis.access.hours_words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bits = NDArray[np.bool_]

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


_Unit: TypeAlias = "tuple[Days | None, Spans | None]"
"""Days (all without), and their spans (closed without)."""


class _Week:
    """Minutes of two days from each weekday's midnight: surely open, and perhaps."""

    def __init__(self) -> None:
        self.surely: Bits = np.zeros((7, 2 * DAY), dtype=bool)
        self.perhaps: Bits = np.zeros((7, 2 * DAY), dtype=bool)
        self.holidays: dict[str, tuple[Span, ...]] = {}
        self._set_by: dict[int, _Unit] = {}

    def put(self, unit: _Unit) -> None:
        """Take the hours of some days."""
        days, spans = unit
        surely, perhaps = _bits(() if spans is None else spans.spans)
        for day in EVERY if days is None else days.days:
            known = self._set_by.get(day)
            if known is None or spans is None:
                self.surely[day], self.perhaps[day] = surely, perhaps
            elif known[1] is None:
                self.perhaps[day] = perhaps  # closed, and open: one of them is wrong
            else:
                self._add(day, surely, perhaps, unit)
            self._set_by[day] = unit
        for name in ("public", "school"):
            if days is not None and getattr(days, name):
                if name in self.holidays:
                    raise UnreadError
                self.holidays[name] = () if spans is None else spans.spans

    def _add(self, day: int, surely: Bits, perhaps: Bits, unit: _Unit) -> None:
        """
        Add hours of a day that has some.

        Hours apart from those add to them, but for a rule set off by a stop, of other days:
        that may also be meant instead of the first. Hours that overlap contradict the first.
        """
        known, new = (each[0].days if each[0] else EVERY for each in (self._set_by[day], unit))
        hard = unit[0] is not None and unit[0].hard
        if (self.perhaps[day] & perhaps).any():
            self.surely[day] &= surely
        elif hard and known != new:
            self.surely[day] = surely
        else:
            self.surely[day] |= surely
        self.perhaps[day] |= perhaps

    def open_later(self) -> None:
        """Leave all other hours in doubt."""
        self.perhaps[:, :DAY] = True


def rewrite_hours(text: str) -> str | None:
    """
    Rewrite opening hours into the specification of OpenStreetMap.

    Parameters
    ----------
    text
        As a register has it.

    Returns
    -------
    rewritten
        With `unknown` for what the text leaves open; `None` if it is not understood.

    Examples
    --------
    >>> rewrite_hours("Monday 8am-12pm, Monday 2pm-6pm")
    'Mo 08:00-12:00,14:00-18:00'
    >>> rewrite_hours("周一至周五 早8:00-晚10:00")
    'Mo-Fr 08:00-22:00'
    """
    plain = plain_text(text)
    found = set()
    for words in LANGUAGES:
        try:
            found.add(_written(_sections(items_of(tokens_of(plain, words)))))
        except UnreadError:
            continue
    return found.pop() if len(found) == 1 else None


def weekday_of(text: str) -> int | None:
    """
    Read the name of a weekday.

    Parameters
    ----------
    text
        In any language; what means two days in two languages is none.

    Returns
    -------
    weekday
        0 (Monday) to 6, or `None`.
    """
    found = set()
    for words in LANGUAGES:
        with suppress(UnreadError):
            found.add(tuple((each.kind, each.value) for each in tokens_of(plain_text(text), words)))
    named = {value for tokens in found for kind, value in tokens if kind == "day"}
    single = len(named) == 1 and all(len(tokens) == 1 for tokens in found)
    return next((day for day in named if isinstance(day, int)), None) if single else None


# --- items into weeks by season


def _sections(items: list[Item]) -> list[tuple[Season | None, _Week]]:
    later = LATER in items
    items = [each for each in items if each != LATER]
    seasons = [place for place, each in enumerate(items) if isinstance(each, Season)]
    if later and (seasons or not items):
        raise UnreadError
    if not seasons:
        week = _week(items)
        if later:
            week.open_later()
        return [(None, week)]
    if seasons[0] == 0:
        bounds = [*seasons, len(items)]
        parts = [(at, items[at + 1 : end]) for at, end in pairwise(bounds)]
    elif seasons[-1] == len(items) - 1:
        starts = [0, *(at + 1 for at in seasons)]
        parts = [(at, items[start:at]) for start, at in zip(starts, seasons, strict=False)]
    else:
        raise UnreadError
    found = [(items[at], _week(part)) for at, part in parts]
    return _seasonal([(each, week) for each, week in found if isinstance(each, Season)])


def _seasonal(parts: list[tuple[Season, _Week]]) -> list[tuple[Season | None, _Week]]:
    """Hold seasons with dates apart; of seasons without, what differs is in doubt."""
    if any(week.holidays for _, week in parts):
        raise UnreadError
    if all(season.dates for season, _ in parts):
        days = np.add.reduce([_days_of(season) for season, _ in parts])
        if (days == 0).any() or (days > 1).sum() > len(parts):
            raise UnreadError  # a part of the year is not told of, or told of twice
        return list(parts)
    named = [season.named for season, _ in parts]
    if any(season.dates for season, _ in parts) or len(frozenset().union(*named)) != sum(
        len(each) for each in named
    ):
        raise UnreadError
    if len(parts) == 1:
        raise UnreadError
    week = _Week()
    week.surely = np.logical_and.reduce([each.surely for _, each in parts])
    week.perhaps = np.logical_or.reduce([each.perhaps for _, each in parts])
    return [(None, week)]


def _days_of(season: Season) -> NDArray[np.int64]:
    """Mark the days of a leap year that dates span."""
    days = np.zeros(sum(_LENGTHS), dtype=np.int64)
    for first, last in season.dates:
        start = sum(_LENGTHS[: first.month - 1]) + max(first.day, 1) - 1
        end = sum(_LENGTHS[: last.month - 1]) + (last.day or _LENGTHS[last.month - 1])
        if max(first.day, last.day) > max(_LENGTHS):
            raise UnreadError
        if start < end:
            days[start:end] = 1
        else:
            days[start:] = days[:end] = 1
    return days


def _week(items: list[Item]) -> _Week:
    ways = {tuple(way) for way in _ways(items)}
    if len(ways) != 1 or _contradicts(*ways):
        raise UnreadError
    week = _Week()
    for unit in sorted(ways.pop(), key=lambda unit: unit[0] is not None):
        week.put(unit)
    return week


def _contradicts(way: tuple[_Unit, ...]) -> bool:
    """Tell whether days are closed and some of them open: daily, closed Monday, 10-18."""
    days = [(EVERY if each is None else each.days, spans is None) for each, spans in way]
    return any(shut >= other for shut, off in days if off for other, none in days if not none)


def _ways(items: list[Item]) -> list[list[_Unit]]:
    """List the ways in which items can belong together."""
    if not items:
        return []
    if items == [CLOSED]:
        return [[(None, None)]]
    return [way for order in ("before", "after") for way in _in_order(items, order, bare=True)]


def _in_order(items: list[Item], order: str, *, bare: bool) -> list[list[_Unit]]:
    """
    Join days and spans into units, days `before` their spans or `after` them.

    Spans without days are for all days: first of all, and before other days only if a
    separator stands between.
    """
    if not items:
        return [[]]
    ways: list[list[_Unit]] = []
    one, two = items[0], items[1] if len(items) > 1 else None
    days, spans = (one, two) if order == "before" else (two, one)
    if isinstance(days, Days) and isinstance(spans, Spans):
        rest = _in_order(items[2:], order, bare=False)
        ways += [[(days, spans), *way] for way in rest if order == "before" or not days.hard]
    if isinstance(one, Days) and two == CLOSED:
        ways += [[(one, None), *way] for way in _in_order(items[2:], order, bare=bare)]
    if one == CLOSED and isinstance(two, Days):
        ways += [[(two, None), *way] for way in _in_order(items[2:], order, bare=bare)]
    if isinstance(one, Spans) and bare and order == "before":
        free = two is None or two == CLOSED or (isinstance(two, Days) and two.apart)
        follows = len(items) > 2 and items[2] == CLOSED  # noqa: PLR2004
        if free or follows:
            ways += [[(None, one), *way] for way in _in_order(items[1:], order, bare=False)]
    return ways


def _bits(spans: Sequence[Span]) -> tuple[Bits, Bits]:
    """Minutes of two days; where spans overlap they contradict each other."""
    sure, may = np.zeros(2 * DAY, dtype=int), np.zeros(2 * DAY, dtype=bool)
    for span in spans:
        sure[span.start : span.end] += 1
        may[span.first : span.last] = True
    covered = [slice(span.first, span.last) for span in spans]
    overlap = any(earlier.stop > later.start for earlier, later in pairwise(covered))
    return (sure == len(spans)) & may if overlap else sure > 0, may


# --- weeks into the specification


def _written(sections: list[tuple[Season | None, _Week]]) -> str:
    rules = [rule for season, week in sections for rule in _rules(season, week)]
    text = ", ".join(rules)
    if not rules:
        text = "off"
    for name, spans in sections[0][1].holidays.items():
        word = {"public": "PH", "school": "SH"}[name]
        surely, perhaps = _bits(spans)
        if (surely != perhaps).any() or not text:
            raise UnreadError
        text += f"; {word} {_spans_text(surely) or 'off'}"
    if all(not week.perhaps.any() for _, week in sections) and sections[0][1].holidays:
        raise UnreadError  # hours of holidays alone
    return text


def _rules(season: Season | None, week: _Week) -> list[str]:
    when = "" if season is None else _dates_text(season) + " "
    doubt = week.perhaps & ~week.surely
    rules = [f"{when}{days}{spans} unknown" for days, spans in _grouped(doubt)]
    rules += [f"{when}{days}{spans}" for days, spans in _grouped(week.surely)]
    return ["24/7"] if rules == ["00:00-24:00"] else rules


def _grouped(bits: Bits) -> list[tuple[str, str]]:
    """Group weekdays that have the same spans."""
    spans = {day: _spans_text(bits[day]) for day in range(7)}
    found: dict[str, list[int]] = {}
    for day in range(7):
        if spans[day]:
            found.setdefault(spans[day], []).append(day)
    return [(_days_text(days), text) for text, days in found.items()]


def _days_text(days: list[int]) -> str:
    if len(days) == len(WEEKDAYS):
        return ""
    runs = [
        [day for _, day in run]
        for _, run in groupby(enumerate(days), key=lambda pair: pair[1] - pair[0])
    ]
    names = [
        WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}"
        for run in runs
    ]
    return ",".join(names) + " "


def _spans_text(bits: Bits) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bits, [False]]).astype(int)))
    pairs = edges.reshape(-1, 2).tolist()
    if any(start >= DAY for start, _ in pairs):
        raise UnreadError
    return ",".join(f"{_clock_text(start)}-{_clock_text(end)}" for start, end in pairs)


def _clock_text(minute: int) -> str:
    return f"{minute // HOUR:02d}:{minute % HOUR:02d}"


def _dates_text(season: Season) -> str:
    parts = []
    for first, last in season.dates:
        if bool(first.day) != bool(last.day):
            first = Date(first.month, first.day or 1)  # noqa: PLW2901
            last = Date(last.month, last.day or _LENGTHS[last.month - 1])  # noqa: PLW2901
        same = first == last
        parts.append(_date_text(first) if same else f"{_date_text(first)}-{_date_text(last)}")
    return ",".join(parts)


def _date_text(date: Date) -> str:
    return MONTHS[date.month - 1] + (f" {date.day:02d}" if date.day else "")


_OSM_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_OSM_MONTH = rf"(?:{'|'.join(MONTHS)})(?: [0-3]?\d)?"
_OSM_TIME = r"[0-4]?\d:[0-5]\d-[0-4]?\d:[0-5]\d"
_OSM_LIST = r"{0}(?:-{0})?(?:, ?{0}(?:-{0})?)*"
_OSM_RULE = (
    rf"(?:{_OSM_LIST.format(_OSM_MONTH)}:? )?(?:{_OSM_LIST.format(_OSM_DAY)}:? ?)?"
    rf"(?:{_OSM_TIME}(?:, ?{_OSM_TIME})*(?: (?:off|closed|open|unknown))?|24/7|off|closed)"
)
OSM = re.compile(rf"{_OSM_RULE}(?: ?[;,] ?{_OSM_RULE})*;?")
"""The common part of the specification, as it is really written."""
