"""
Personal data in a text: where they stand and of which class.

Patterns, not a language model: nothing is downloaded, and what is found can be explained. Found are
telephone numbers, e-mail addresses, accounts of messengers, identity numbers by their checksum,
number plates, names after a title or a label, and addresses with a house number, in Chinese (either
script, full-width forms, Chinese digits), English and the commonest forms of German, French and
Spanish. Not found are names without a title or label, and places described without a number.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from stdnum.ch import ssn as swiss
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.kr import rrn
from stdnum.us import ssn as american

from analysis.privacy import patterns

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Iterator

    import pandas as pd

CLASSES: Final = ("id_card", "email", "account", "plate", "telephone", "name", "address")
"""Classes of personal data in the order in which they claim their place in a text."""

NUMBERS: Final = CLASSES[:5]
"""Those that no column of codes, units or sources has a reason to hold."""
FEWEST_DIGITS: Final = 4


class _Folded(dict[int, str]):
    """Digits of any script as ASCII writes them, each found out when it is first met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = folded = str(unicodedata.decimal(sign, sign))
        return folded


_HIDDEN: Final[dict[int, str]] = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u00a0\u3000"), " "
)
_FOLDED: Final = _Folded(
    {
        **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **_HIDDEN,
        **{code: str(code - 0x245F) for code in range(0x2460, 0x2469)},  # 1 to 9 in circles
        **{code: str(code - 0x2775) for code in range(0x2776, 0x277F)},
        **dict.fromkeys((0x24EA, 0x24FF), "0"),
        **{ord(sign): "-" for sign in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63"},
    }
)
_CHINESE: Final[dict[int, str]] = {
    ord(sign): str(digit)
    for digit, signs in enumerate(
        ("〇零", "一幺壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for sign in signs
}
"""One character for one, so that a place in the plain form is the same place in the text."""


class Found(NamedTuple):
    """
    One personal datum in a text.

    Attributes
    ----------
    kind
        One of `CLASSES`.
    start, end
        Its characters, the last one excluded.
    """

    kind: str
    start: int
    end: int


def _taiwan(number: str) -> bool:
    letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
    code = 10 + letters.index(number[0].upper())
    digits = [code // 10, code % 10, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(a * b for a, b in zip(digits, weights, strict=True)) % 10 == 0


def _hong_kong(number: str) -> bool:
    plain = "".join(sign for sign in number if sign.isalnum())
    values = [36] * (9 - len(plain)) + [int(sign, 36) for sign in plain[:-1]]
    check = 10 if plain[-1] == "A" else int(plain[-1])
    return (sum(v * w for v, w in zip(values, range(9, 1, -1), strict=True)) + check) % 11 == 0


def _mainland(number: str) -> bool:
    """Check digit of GB 11643-1999 and a day of birth that exists."""
    plain = number.replace(" ", "").replace("-", "").upper()
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(plain[:17]))
    return plain[17] == "10X98765432"[total % 11] and _exists(plain[6:14])


def _exists(day: str) -> bool:
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _spanish(number: str) -> bool:
    return bool(dni.is_valid(number) or nie.is_valid(number))


def _old_mainland(number: str) -> bool:
    """Province and day of birth: the older form of fifteen digits has no check digit."""
    return number[:2] in _PROVINCES and _exists(f"19{number[6:12]}")


_PROVINCES: Final = frozenset(
    f"{ten}{one}" for ten, last in enumerate((0, 5, 3, 7, 6, 4, 5)) for one in range(last + 1)
)
_IDS: Final = (
    (patterns.ID_CN, _mainland),
    (patterns.ID_CN_OLD, _old_mainland),
    (patterns.ID_TW, _taiwan),
    (patterns.ID_HK, _hong_kong),
    (patterns.ID_KR, rrn.is_valid),
    (patterns.ID_US, american.is_valid),
    (patterns.ID_CH, swiss.is_valid),
    (patterns.ID_ES, _spanish),
    (patterns.ID_FR, nir.is_valid),
    (patterns.ID_PAPER, bool),
)
_OTHERS: Final = (
    ("email", (patterns.EMAIL, patterns.SPOKEN_EMAIL), True, patterns.AT),
    ("account", (patterns.ACCOUNT,), True, patterns.MESSENGER),
    ("plate", (patterns.PLATE_ZH, patterns.PLATE_WEST, patterns.PLATE_LABEL), True, patterns.MIXED),
    ("telephone", (patterns.TELEPHONE, patterns.CALLED), True, patterns.SEVEN),
    ("name", (patterns.NAME_ZH, patterns.NAME_WEST), False, patterns.ADDRESSED),
    (
        "address",
        (patterns.ADDRESS_ZH, patterns.ADDRESS_WEST, patterns.ADDRESS_EUROPE),
        False,
        patterns.NUMBERED,
    ),
)
"""Class, its patterns, where they look, and a sign without which none of them can be there."""


def _spans(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    """Give the groups of a match where it has any, for its label is no personal datum."""
    for match in pattern.finditer(text):
        group = match.lastgroup or 0
        yield Found(kind, *match.span(group))


def find(text: str) -> list[Found]:
    """
    Find personal data in a text.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    found
        By their place, without overlap: what a class has claimed, later ones of `CLASSES` do not
        see.
    """
    folded = text.translate(_FOLDED)
    digits = patterns.NO_DATUM.sub(_blank, folded.translate(_CHINESE))
    kept = []
    if len(patterns.DIGIT.findall(digits)) > FEWEST_DIGITS:
        for pattern, check in _IDS:
            found = [
                one
                for one in _spans("id_card", pattern, digits)
                if check(digits[one.start : one.end])
            ]
            kept += found
            digits, folded = _without(digits, found), _without(folded, found)
    for kind, several, by_digits, sign in _OTHERS:
        for pattern in several if sign.search(digits if by_digits else folded) else ():
            place = digits if by_digits else folded
            found = [one for one in _spans(kind, pattern, place) if not _of_place(one, place)]
            kept += found
            digits, folded = _without(digits, found), _without(folded, found)
    return sorted(kept, key=lambda one: one.start)


def _without(text: str, found: list[Found]) -> str:
    parts, last = [], 0
    for one in found:
        parts += [text[last : one.start], "\0" * (one.end - one.start)]
        last = one.end
    return "".join([*parts, text[last:]])


def _blank(match: re.Match[str]) -> str:
    return "_" * len(match.group())


def _of_place(found: Found, text: str) -> bool:
    """Tell whether a name is that of a street or a park: Dr. Martin Luther King Blvd."""
    if found.kind != "name":
        return False
    words = text[found.start :].split()[: text[found.start : found.end].count(" ") + 3]
    return bool(patterns.PLACE_WORDS.search(" ".join(words)))


def _lead(heading: str) -> str:
    """Write what a heading tells of a bare value below it, as a label before the value."""
    if patterns.CALL_HEADING.fullmatch(heading):
        return "telephone: "
    return "name: " if patterns.PERSON_HEADING.fullmatch(heading.replace("_", " ")) else ""


def mask(text: str, *, heading: str = "", classes: Collection[str] = CLASSES) -> str:
    """
    Put the name of its class in place of each personal datum.

    Parameters
    ----------
    text
        Any text.
    heading
        Of the column that it stands in, which may tell what a bare number or name is.
    classes
        Which classes are masked.

    Returns
    -------
    masked
        With `[telephone]`, for example, in place of what `find` finds.
    """
    parts, last, lead = [], 0, _lead(heading)
    shift = len(lead)
    for kind, begin, stop in find(lead + text):
        start, end = max(begin - shift, 0), stop - shift
        if kind in classes and end > start:
            parts += [text[last:start], f"[{kind}]"]
            last = end
    return "".join([*parts, text[last:]])


def mask_column(
    texts: pd.Series[str], *, heading: str = "", classes: Collection[str] = CLASSES
) -> pd.Series[str]:
    """
    Mask every value of a column.

    Parameters
    ----------
    texts
        Shape (n,), text; missing ones stay missing.
    heading, classes
        As `mask` takes them.

    Returns
    -------
    masked
        On the same index. Every distinct value is read once.
    """
    words = {text: mask(str(text), heading=heading, classes=classes) for text in texts.unique()}
    masked = {text: word for text, word in words.items() if word != text}
    return texts.replace(masked) if masked else texts


def mask_slipped(texts: pd.Series[str]) -> pd.Series[str]:
    """
    Mask what slipped into a column of codes, units or places from a neighbouring one.

    Parameters
    ----------
    texts
        Shape (n,), text; missing ones stay missing.

    Returns
    -------
    masked
        On the same index. A value with a number of a person or the address of a home is a slipped
        text, and masked in every class; in others names and addresses stay, as units bear them.
    """
    masked = {text: mask(text) for text in map(str, texts.unique()) if _has_slipped(text)}
    return texts.replace(masked) if masked else texts


def _has_slipped(text: str) -> bool:
    return any(
        one.kind in NUMBERS
        or (one.kind == "address" and patterns.HOME.search(text[one.start : one.end]))
        for one in find(text)
    )


def classes_found(texts: pd.Series[str], *, heading: str = "") -> dict[str, pd.Series[bool]]:
    """
    Tell which values of a column hold personal data, by class.

    Parameters
    ----------
    texts
        Shape (n,), text.
    heading
        As `mask` takes it.

    Returns
    -------
    found
        Shape (n,) each, on the same index; classes without any are left out.
    """
    lead = _lead(heading)
    values = {
        text: {one.kind for one in find(f"{lead}{text}") if one.end > len(lead)}
        for text in texts.unique()
    }
    present = set().union(*values.values()) if values else set()
    return {
        kind: texts.map({text: kind in kinds for text, kinds in values.items()}).astype(bool)
        for kind in CLASSES
        if kind in present
    }
