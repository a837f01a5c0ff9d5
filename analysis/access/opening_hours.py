"""
Opening hours as registers write them, read into a week of minutes.

Read are the syntax of OpenStreetMap in its common parts (`Mo-Fr 08:00-18:00; Sa off`, `24/7`),
English (`8am-4pm`, `Monday 10 am - 6 pm`) and Chinese (`周一至周五 8:00-18:00`, `全天`,
`6点到22点`). Each text is read whole or not at all: one word that is not understood, and the
hours are unknown. What a text leaves open is in doubt, never guessed: the hours in which its
seasons differ, two spans of one day that overlap, a span past midnight that ends after noon
(`10pm-7pm`), all but the stated hours of "open later seasonally". Dates, holidays and the sun
are no part of a week: holidays are passed over, `dusk` is not understood. Neither is a span
that ends when it starts (`8:00-8:00`: all day, or never?).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Bits = NDArray[np.bool_]
    Span = tuple[int, int]

DAY, WEEK = 24 * 60, 7 * 24 * 60
NOON = 12 * 60
WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
CHINESE_DAYS = "一二三四五六日"
HALF_DAY, LAST_HOUR, HOUR = 12, 48, 60

_WRITTEN = (
    (r"[‐-―−~〜至到]|\s+to\s+", "-"),
    (r"-{2,}", "-"),
    (r"(?:12 ?)?\bnoon\b", "12 pm"),
    (r"(?:12 ?)?\bmidnight\b", "12 am"),
    (r"(?<=[\d ])([ap])\. ?m\b\.?", r"\1m"),
    (r"(?:上午|早上|清晨|凌晨|早)\s*(\d\d?(?:[:点點时時](?:\d\d|半)?)?)", r"\1 am "),
    (r"(?:中午|下午|傍晚|晚上|晚)\s*(\d\d?(?:[:点點时時](?:\d\d|半)?)?)", r"\1 pm "),
    (r"(\d)[点點时時]半", r"\1:30"),
    (r"(\d)[点點时時](\d\d)分?", r"\1:\2"),
    (r"(\d)[点點时時]整?", r"\1:00"),
    (r"星期|礼拜|禮拜|週", "周"),
    (r"周天", "周日"),
)
"""Other ways to write the same, made one."""
_TOKENS = {
    "always": r"24/7|(?:open )?24 ?(?:hours\b|hrs\b|h\b|小时|小時)|二十四小[时時]"
    r"|全天候?(?:开放|開放)?|全日",
    "span": r"(\d\d?)(?::(\d\d))?(?: ?([ap]m))? ?- ?(次日|翌日|隔日|第二天)? ?"
    r"(\d\d?)(?::(\d\d))?(?: ?([ap]m))?(?![\d:])",
    "off": r"closed\b|off\b|休息|休[馆館]|[闭閉][馆館]|休市|关闭|關閉|不[开開]放",
    "later": r"open later seasonally",
    "every": r"daily\b|every ?day\b|每[天日]|(?:全年|年中)[无無]休",
    "working": r"weekdays?\b|工作日|平日",
    "weekend": r"weekends?\b|周末|[双雙]休日",
    "holiday": r"(?:public )?holidays?\b|ph\b|(?:法定|[国國]定)?[节節]?假日",
    "season": r"(?:spring|summer|fall|autumn|winter)\b:?|[春夏秋冬][季天]?:?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b-?:?|(?:1[0-2]|[1-9])月-?:?",
    "day": r"(?:mo(?:n(?:days?)?)?|tu(?:e(?:s(?:days?)?)?)?|we(?:d(?:nesdays?)?)?"
    r"|th(?:u(?:rs?|rsdays?)?)?|fr(?:i(?:days?)?)?|sa(?:t(?:urdays?)?)?|su(?:n(?:days?)?)?)\b\.?"
    r"|周?[一二三四五六日]",
    "dash": r"-",
    "join": r"&|、|,|and\b|和|及",
    "stop": r"[;。\n\r/|]",
    "filler": r"[:.]|\s|open(?:ing)?(?: hours)?\b|hours\b|from\b"
    r"|(?:开放|開放|营业|營業)(?:[时時][间間])?",
}
_TOKEN = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _TOKENS.items()))
_DAYS = {
    "every": range(7),
    "working": range(5),
    "weekend": (5, 6),
    "holiday": (),
}
"""Days of the words that stand for several; a holiday is no day of the week."""


class Hours(NamedTuple):
    """A week from Monday 00:00 by minutes: surely open, and perhaps (these included)."""

    surely: Bits
    perhaps: Bits


class _UnreadError(ValueError):
    """A text that is not understood; it never leaves this module."""


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
    if not text.strip():
        return None
    written = unicodedata.normalize("NFKC", f"{days.strip()} {text}".strip()).casefold()
    for form, plain in _WRITTEN:
        written = re.sub(form, plain, written)
    try:
        return _hours(_Reader(written))
    except _UnreadError:
        return None


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
    for form, plain in _WRITTEN[-2:]:
        day = re.sub(form, plain, day.strip())
    named = re.fullmatch(_TOKENS["day"], day)
    time = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", clock)
    if named is None or time is None:
        msg = f"{text!r} is no weekday and time of day."
        raise SettingsError(msg, problem="moment_form", hint='For example "Wed 21:00".', found=text)
    return _weekday(day), int(time[1]) * 60 + int(time[2])


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


def _weekday(word: str) -> int:
    last = word[-1]
    return CHINESE_DAYS.index(last) if last in CHINESE_DAYS else WEEKDAYS.index(word[:2])


class _Reader:
    """Reads a text token by token into rules: days, and the spans in which they are open."""

    def __init__(self, text: str) -> None:
        self.seasons: list[list[tuple[list[int], list[Span]]]] = [[]]
        self.seasonal = self.later = False
        self._fresh()
        self.head, self.dash = True, False
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None or token.lastgroup is None:
                raise _UnreadError
            self._take(token.lastgroup, token)
            at = token.end()
        self._close()

    def _fresh(self) -> None:
        self.days: list[int] | None = None
        self.spans: list[Span] = []
        self.fed = False

    def _close(self) -> None:
        """Keep the rule at hand."""
        if self.dash or (self.days is not None and not self.fed):
            raise _UnreadError
        if self.fed:
            days = list(range(7)) if self.days is None else self.days
            self.seasons[-1].append((days, self.spans))
        self._fresh()

    def _take(self, name: str, token: re.Match[str]) -> None:
        if self.dash and name not in {"day", "filler"}:
            raise _UnreadError
        if name == "day" or name in _DAYS:
            self._take_days(name, token[0])
        elif name in {"span", "always", "off"}:
            self._take_spans(name, token)
        elif name == "season":
            self._take_season()
        elif name == "later":
            self.later = True
        elif name == "dash":
            self.dash = bool(self.days) and not self.fed
            if not self.dash:
                raise _UnreadError
        if name != "filler":
            self.head = name in {"join", "stop"}

    def _take_days(self, name: str, word: str) -> None:
        if self.fed:
            if self.days is None and not self.head:
                raise _UnreadError  # hours, then days: whose hours follow is not clear
            self._close()
        self.days = [] if self.days is None else self.days
        if name != "day":
            self.days += _DAYS[name]
            return
        day = _weekday(word.rstrip("."))
        if self.dash:
            first = self.days[-1]
            self.days += [(first + step) % 7 for step in range(1, (day - first) % 7)]
        self.days.append(day)
        self.dash = False

    def _take_spans(self, name: str, token: re.Match[str]) -> None:
        off = self.fed and not self.spans
        if off or (name == "off" and self.fed):
            raise _UnreadError
        self.fed = True
        if name != "off":
            self.spans.append((0, DAY) if name == "always" else _span(token[0]))

    def _take_season(self) -> None:
        if self.fed:
            self._close()
            self.seasons.append([])
        elif self.days is not None:
            raise _UnreadError
        if not self.seasonal and any(self.seasons):
            raise _UnreadError  # hours that belong to no season came before
        self.seasonal = True


def _span(text: str) -> Span:
    """Minutes of the day; the end lies after midnight if it is not later than the start."""
    found = re.fullmatch(_TOKENS["span"], text)
    if found is None:
        raise _UnreadError
    hour, minutes, half, next_day, last_hour, last_minutes, last_half = found.groups()
    if not (minutes or last_minutes or half or last_half):
        raise _UnreadError  # 8-18: may be anything
    if half and not last_half and int(last_hour) <= HALF_DAY:
        last_half = "pm" if half == "am" and int(last_hour) == HALF_DAY else half
        if _clock(last_hour, last_minutes, last_half) <= _clock(hour, minutes, half):
            raise _UnreadError  # 8am-5: which five?
    start, end = _clock(hour, minutes, half), _clock(last_hour, last_minutes, last_half)
    if last_half and not half and int(hour) <= HALF_DAY:
        same = _clock(hour, minutes, last_half)
        start = same if same < end else _clock(hour, minutes, "pm" if last_half == "am" else "am")
    if start >= DAY or end == start or (next_day and end > start):
        raise _UnreadError  # 8:00-8:00: all day, or never? 8:00-10:00 the next day: more than a day
    return start, end if end > start else end + DAY


def _clock(hour: str, minutes: str | None, half: str | None) -> int:
    hours, rest = int(hour), int(minutes or 0)
    if half and hours <= HALF_DAY:
        hours = hours % HALF_DAY + HALF_DAY * (half == "pm")
    elif half == "am":
        raise _UnreadError
    if hours > LAST_HOUR or rest >= HOUR:
        raise _UnreadError
    return hours * HOUR + rest


def _hours(read: _Reader) -> Hours:
    """Make weeks of the rules; where seasons differ, the hours are in doubt."""
    named = any(days for rules in read.seasons for days, _ in rules)
    one_season = read.seasonal and len(read.seasons) == 1
    if not named or one_season or (read.later and read.seasonal) or not all(read.seasons):
        raise _UnreadError
    weeks = [_week(rules) for rules in read.seasons]
    surely = np.logical_and.reduce([week.surely for week in weeks])
    perhaps = np.logical_or.reduce([week.perhaps for week in weeks])
    return Hours(surely, perhaps | read.later)


def _week(rules: Iterable[tuple[list[int], list[Span]]]) -> Hours:
    """A later rule on a day replaces an earlier one; days without a rule are closed."""
    spans = {day: spans for days, spans in rules for day in days}
    surely, perhaps = np.zeros(WEEK, dtype=bool), np.zeros(WEEK, dtype=bool)
    for day, found in spans.items():
        counts = np.zeros(3 * DAY, dtype=int)
        for start, end in found:
            counts[start:end] += 1
        sure, may = counts > 0, counts > 0
        if (counts > 1).any():  # spans that overlap contradict each other
            sure = counts == len(found)
        if any(end - DAY > NOON for _, end in found):  # a slip of the pen, most likely
            sure, may = np.zeros_like(sure), may | (np.arange(3 * DAY) < DAY)
        place = (day * DAY + np.arange(3 * DAY)) % WEEK
        surely[place[sure]] = True
        perhaps[place[may]] = True
    return Hours(surely, perhaps)
