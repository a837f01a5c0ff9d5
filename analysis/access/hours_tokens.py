"""Opening hours cut into words with a meaning, in one language after another."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from analysis.access.hours_clock import Clock, UnreadError, clock_of

if TYPE_CHECKING:
    from analysis.access.hours_words import Words

EVERY, WORKING, WEEKEND = frozenset(range(7)), frozenset(range(5)), frozenset({5, 6})
_SETS = {"every": EVERY, "working": WORKING, "weekend": WEEKEND}
_LATIN = "\u0250"
_ORDINAL = r"(?:st|nd|rd|th|er|º|\.)?"
_NEITHER_TIME = r"(?![\d:.]| ?[ap]\.? ?m\b| ?- ?\d| ?(?:h|uhr|uur)\b)"
_DIGITS = "一二三四五六七八九"
_NUMERAL = rf"[一二]?十[{_DIGITS}]?|[{_DIGITS}]"
_ALWAYS = r"24 ?[/x×-] ?7(?![\d/])|24 ?h? ?/ ?24(?![\d/])"
_BARE_DAYS = tuple("一二三四五六日天")


class Date(NamedTuple):
    """A month, and a day of it or 0."""

    month: int
    day: int


@dataclass(frozen=True)
class Token:
    """
    One word, of a kind.

    Attributes
    ----------
    kind
        Group of its pattern.
    value
        What it stands for: days, a `Clock`, a `Date` or two, a season.
    text
        As written.
    """

    kind: str
    value: object = None
    text: str = ""


def plain_text(text: str) -> str:
    """Write a text in lower case, without accents, in normal width and with one kind of dash."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    bare = "".join(
        unicodedata.normalize("NFD", sign)[0] if sign < _LATIN else sign for sign in folded
    )
    bare = re.sub(r"[‐-―−~〜～∼]+", "-", bare)
    bare = re.sub(r"[ \t\u3000]+", " ", bare)
    bare = re.sub(rf"({_NUMERAL})(?=[点點时時])", lambda found: str(_number(found[1])), bare)
    return re.sub(r"[’‘´`]", "'", bare)


def _number(numeral: str) -> int:
    tens, ten, ones = numeral.rpartition("十")
    return (_DIGITS.index(tens) + 1 if tens else 1 if ten else 0) * 10 + (
        _DIGITS.index(ones) + 1 if ones else 0
    )


def _bounded(form: str, *, latin: bool) -> str:
    return rf"(?<![a-z])(?:{form})(?![a-z])" if latin else f"(?:{form})"


def _date_form(words: Words) -> str:
    if words.months:
        named = "|".join(words.months)
        return (
            rf"(?:(?P<day_before>[0-3]?\d){_ORDINAL} ?(?:of |de )?)?(?<![a-z])(?P<month>{named})"
            rf"(?![a-z])\.?(?: ?(?P<day_after>[0-3]?\d)(?:st|nd|rd|th)?{_NEITHER_TIME})?"
        )
    number = r"(?:1[0-2]|[1-9])"
    return (
        rf"(?P<month>{number})(?: ?- ?(?P<last_month>{number}))?(?:{words.month_number})"
        rf"(?:(?P<day_after>[0-3]?\d)(?:{words.day_number}))?"
    )


def _time_form(words: Words, *, latin: bool) -> str:
    unit = rf"(?:{words.unit})(?![a-z])" if latin else f"(?:{words.unit})"
    before = "|".join(words.before) or r"(?!)"
    half = words.half_past or r"(?!)"
    return (
        rf"(?<![\d.])(?:(?P<before>{before}) ?)?(?P<hour>\d\d?)"
        rf"(?:[:.](?P<minute>[0-5]\d)(?:00)?(?::00)?(?!\d)"
        rf"|(?P<unit> ?{unit})(?:整| ?(?P<after_unit>[0-5]\d)(?: ?(?:分|분))?"
        rf"(?! ?(?:{unit}|[\d:]))|(?P<half>{half}))?)?"
        rf"(?: ?(?P<meridiem>[ap])\.? ?m(?![a-z])\.?)?(?P<unit_after> ?{unit})?(?!\d)"
    )


@cache
def pattern(words: Words) -> re.Pattern[str]:
    """Join the patterns of a language; the first that fits at a place is taken."""
    latin = words.months != ()
    forms: dict[str, str] = {
        "always": rf"{_ALWAYS}|{_bounded(words.always, latin=latin)}",
        "alone": words.alone and _bounded(words.alone, latin=latin),
        "later": words.later,
        **{
            name: words.sets.get(name, "") and _bounded(words.sets[name], latin=latin)
            for name in ("school", "public", "every", "working", "weekend")
        },
        "noon": words.noon and _bounded(words.noon, latin=latin),
        "midnight": words.midnight and _bounded(words.midnight, latin=latin),
        "next_day": words.next_day and _bounded(words.next_day, latin=latin),
        "date": _date_form(words),
        "time": r"(?<!\d)(?P<soldier>(?:[01]\d|2[0-4])[0-5]\d)(?![\d:.])(?: ?h(?:rs|ours)?\b)?|"
        + _time_form(words, latin=latin),
        "season": "|".join(
            _bounded(f"(?P<season_{place}>{form})", latin=latin)
            for place, form in enumerate(words.seasons)
            if form
        ),
        "day": "|".join(
            _bounded(f"(?P<day_{place}>{form})", latin=latin)
            for place, form in enumerate(words.days)
        )
        + (r"(?:\.(?!\d))?" if latin else ""),
        "closed": _bounded(words.closed, latin=latin),
        "other": words.other and _bounded(words.other, latin=latin),
        "to": _bounded(words.to, latin=latin),
        "join": rf"[&+/、，,・]|{_bounded(words.join, latin=latin)}",
        "dash": r"-+",
        "stop": r"[;。|\n\r]+|\.(?!\d)",
        "filler": rf"[:()\[\]]|\s|opening_hours ?=|{_bounded(words.filler, latin=latin)}",
    }
    return re.compile("|".join(f"(?P<{name}>{form})" for name, form in forms.items() if form))


def tokens_of(text: str, words: Words) -> list[Token]:
    """Cut a plain text into tokens; the first word that is not known ends it."""
    form, at = pattern(words), 0
    found: list[Token] = []
    while at < len(text):
        match = form.match(text, at)
        if match is None or match.end() == at:
            raise UnreadError
        token = _token(match, words)
        if token.kind != "filler":
            _check_bare_day(token, found)
            found.append(token)
        elif token.text in "([":
            found.append(Token("bracket"))
        at = match.end()
    return found


def _check_bare_day(token: Token, found: list[Token]) -> None:
    """A number alone is a day only beside others: 周一、三、五."""
    if token.text in _BARE_DAYS and not any(each.kind == "day" for each in found[-2:]):
        raise UnreadError


def _token(match: re.Match[str], words: Words) -> Token:
    kind = match.lastgroup or ""
    if kind in _SETS:
        return Token("days", _SETS[kind], match[0])
    named = {"noon": "time", "midnight": "time"}.get(kind, kind)
    return Token(named, _value(kind, match, words), match[0])


def _value(kind: str, found: re.Match[str], words: Words) -> object:
    """Give what a word stands for, if its kind does not say all."""
    match kind:
        case "time":
            return clock_of(found, words.before, exact=words.exact_unit)
        case "noon":
            return Clock(12, half="pm")
        case "midnight":
            return Clock(0)
        case "day" | "season":
            group = found.groupdict()
            places = range(7 if kind == "day" else 4)
            return next(place for place in places if group.get(f"{kind}_{place}") is not None)
        case "date":
            return _dates(found, words)
        case _:
            return None


def _dates(match: re.Match[str], words: Words) -> tuple[Date, ...]:
    group = match.groupdict()
    day = int(group.get("day_before") or group.get("day_after") or 0)
    if words.months:
        forms = enumerate(words.months, start=1)
        month = next(place for place, form in forms if re.fullmatch(form, group["month"]))
        return (Date(month, day),)
    first = Date(int(group["month"]), 0 if group["last_month"] else day)
    return (first, Date(int(group["last_month"]), day)) if group["last_month"] else (first,)
