"""Words of opening hours joined into items: days, spans of a day, seasons, `closed`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from analysis.access.hours_clock import DAY, Clock, Span, UnreadError, span_of
from analysis.access.hours_tokens import EVERY, Date, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALL_DAY = Span(0, DAY, 0, DAY)
_SEPARATORS = ("join", "stop")
_DAYS = frozenset({"day", "days", "alone", "public", "school"})


@dataclass(frozen=True)
class Days:
    """
    Weekdays, and whether public and school holidays are named with them.

    Attributes
    ----------
    days
        0 is Monday.
    public, school
        Whether these holidays are named.
    apart, hard
        Whether a separator stands before them, and whether that is a full stop.
    """

    days: frozenset[int]
    public: bool = False
    school: bool = False
    apart: bool = False
    hard: bool = False


@dataclass(frozen=True)
class Spans:
    """Spans of one day."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Season:
    """Spans of dates, or else seasons that have none (0 is spring)."""

    dates: tuple[tuple[Date, Date], ...] = ()
    named: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Mark:
    """A word that stands for itself: `closed`, `except`, `later`."""

    kind: str


Item: TypeAlias = "Days | Spans | Season | Mark"
CLOSED, EXCEPT, LATER = Mark("closed"), Mark("except"), Mark("later")


def items_of(tokens: Sequence[Token]) -> list[Item]:
    """Join the tokens of a text."""
    items = _without_exceptions(_Reader(tokens).items())
    days = [each for each in items if isinstance(each, Days)]
    plain = all(each.days == EVERY and not (each.public or each.school) for each in days)
    if not plain or CLOSED in items:
        return items
    return [each for each in items if not isinstance(each, Days)]  # "daily" alone says nothing


def _without_exceptions(items: list[Item]) -> list[Item]:
    """
    Take days excepted out of the days before them where hours follow: daily except Monday 10-17.

    Anywhere else they are closed: 10-17, except Monday.
    """
    while EXCEPT in items:
        at = items.index(EXCEPT)
        before, excepted = items[at - 1] if at else None, items[at + 1 : at + 2]
        if before == CLOSED or not isinstance(first := next(iter(excepted), None), Days):
            raise UnreadError
        if isinstance(before, Days) and isinstance(next(iter(items[at + 2 :]), None), Spans):
            if first.public or first.school or not first.days < before.days:
                raise UnreadError
            if any(isinstance(each, Spans) for each in items[:at]):
                raise UnreadError  # 9-17, Mo-Fr except We 9-12: hours of which days?
            items = [
                *items[: at - 1],
                replace(before, days=before.days - first.days),
                *items[at + 2 :],
            ]
        else:
            items = [*items[:at], CLOSED, *items[at + 1 :]]
    return items


class _Reader:
    """The tokens of a text, taken one after another."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0
        clocks = [each.value for each in tokens if isinstance(each.value, Clock)]
        self.of_24 = any(clock.of_24 for clock in clocks)
        self.no_hours = not any(each.kind in {"time", "always"} for each in tokens)
        self.apart = self.hard = False

    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self, *kinds: str) -> bool:
        """Pass tokens over, and tell whether there was one."""
        start = self.at
        while self.kind() in kinds:
            self.at += 1
        return self.at > start

    def skip_before(self, skipped: Sequence[str], *wanted: str) -> bool:
        """Pass tokens over only if one of some kinds follows, and tell whether it does."""
        start = self.at
        self.skip(*skipped)
        if self.kind() in wanted:
            return True
        self.at = start
        return False

    def items(self) -> list[Item]:
        found: list[Item] = []
        while self.kind():
            if self.kind() in {*_SEPARATORS, "bracket"}:
                self.apart |= self.kind() in _SEPARATORS
                self.hard |= self.kind() == "stop"
                self.at += 1
                continue
            if self.kind() in {"dash", "to"} and found and isinstance(found[-1], Days | Season):
                self.at += 1  # Monday - 10:00-18:00
                if self.kind() not in {"time", "always", "closed"}:
                    raise UnreadError
            found.append(self.item())
            self.apart = self.hard = False
        return found

    def item(self) -> Item:
        kind = self.kind()
        if kind in {"time", "always"} or (kind == "alone" and self.no_hours):
            return self.spans()
        if kind in _DAYS:
            return self.days()
        if kind in {"date", "season"}:
            return self.season()
        if kind in {"closed", "other", "later"}:
            self.at += 1
            return {"closed": CLOSED, "other": EXCEPT, "later": LATER}[kind]
        raise UnreadError

    def spans(self) -> Spans:
        """Take spans; numbers alone are hours where others beside them are: 10-12, 14-18 Uhr."""
        found: list[Span] = []
        pairs: list[tuple[Clock, Clock, bool]] = []
        while True:
            if self.kind() == "time":
                pairs.append(self.pair())
            else:
                self.at += 1
                found.append(_ALL_DAY)
            if not self.skip_before(_SEPARATORS, "time", "always"):
                break
        hours = any(not (each.bare or each.told) for *pair, _ in pairs for each in pair)
        for start, end, next_day in pairs:
            first, last = (replace(each, bare=each.bare and not hours) for each in (start, end))
            found.append(span_of(first, last, next_day=next_day, of_24=self.of_24))
        if any(later.first < earlier.first for earlier, later in pairwise(found)):
            raise UnreadError  # 8:00-12:00, 1:00-5:00: by a clock of 12 hours
        return Spans(tuple(found))

    def pair(self) -> tuple[Clock, Clock, bool]:
        start = self.take().value
        if not self.skip("dash", "to"):
            raise UnreadError
        next_day = self.skip("next_day")
        kind, last = self.kind(), self.take() if self.kind() else Token("")
        midnight = kind == "always" and last.text.startswith("24")  # 8 bis 24 Uhr
        end = Clock(24) if midnight else last.value
        next_day |= self.skip("next_day")
        if not isinstance(start, Clock) or not isinstance(end, Clock):
            raise UnreadError
        return start, end, next_day

    def days(self) -> Days:
        apart, hard = self.apart, self.hard
        days: frozenset[int] = frozenset()
        public = school = False
        while True:
            token = self.take()
            if isinstance(token.value, int):
                days |= self.range(token.value)
            elif token.kind in {"days", "alone"}:
                days |= token.value if isinstance(token.value, frozenset) else EVERY
            public |= token.kind == "public"
            school |= token.kind == "school"
            if not self.skip_before(("join",), *_DAYS):
                return Days(days, public, school, apart, hard)

    def range(self, first: int) -> frozenset[int]:
        """Days up to another, if a dash and a day follow; Saturday to Monday are three."""
        if not (self.kind() in {"dash", "to"} and self.skip_before(("dash", "to"), "day")):
            return frozenset({first})
        last = self.take().value
        if not isinstance(last, int) or last == first:
            raise UnreadError
        return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))

    def season(self) -> Season:
        dates: list[tuple[Date, Date]] = []
        named: set[int] = set()
        while self.kind() in {"date", "season"}:
            token = self.take()
            if isinstance(token.value, int):
                named.add(token.value)
            elif isinstance(token.value, tuple):
                dates.append(self.date_range(token.value))
            self.skip_before(("join", "bracket"), "date", "season")
        return Season(tuple(dates), frozenset() if dates else frozenset(named))

    def date_range(self, dates: tuple[Date, ...]) -> tuple[Date, Date]:
        if len(dates) == 1 and self.kind() in {"dash", "to"}:
            if not self.skip_before(("dash", "to"), "date"):
                return dates[0], dates[0]
            last = self.take().value
            if isinstance(last, tuple):
                return dates[0], last[-1]
        return dates[0], dates[-1]
