"""
Reads numbers as people write them, by the sign of decimals that a column states or proves.

`1.234` alone may be one and a quarter or a thousand and more. The recipe's `decimal` and
`thousands` decide; else what other values of the column prove (`12,5` can only have a decimal
comma, `1.234.567` only points between thousands); else nothing does, and it is told.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layers.texts.proofs import plain_numbers
from layers.texts.written import without_invisible

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

OTHER_SIGN = {".": ",", ",": "."}
_SIGN = r"[+\-\u2212]?"
_GROUPED = r"[1-9]\d{0,2}"
_EITHER = re.compile(rf"{_SIGN}{_GROUPED}([.,])\d{{3}}")
"""One sign before exactly three digits: of decimals or between thousands."""
_BARE = re.compile(r"[0-9.,+\-]*")
_ENOUGH = 10_000
"""Different values that say enough of a column, if any of them proves its signs."""
_SPACED = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d{3}(?!\d))")
_ABOUT = re.compile(r"^(?:约|約|大约|大約|近|about|approx\.?|ca\.?|~|≈)\s*", re.IGNORECASE)
_UNIT = re.compile(
    r"\s*(?P<times>[千万萬亿億]?)\s*"
    r"(?P<unit>人口?|名|명|口|位|个|個|处|處|座|间|間|m2|平方米|平米|sq ?m"
    r"|people|persons?|inhabitants|residents|hab(?:itants|itantes|\.)?|einwohner|einw\.|ew)?$",
    re.IGNORECASE,
)
_TIMES = {"千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}


@dataclass(frozen=True)
class NumberStyle:
    """
    Which signs a column's numbers have.

    Attributes
    ----------
    decimal
        Of decimals: `.` or `,`.
    known
        Stated by the recipe or proved by the column; else values that may be read in two
        ways are read by `decimal`, and the reader has to be told.
    """

    decimal: str = "."
    known: bool = True


def stated_style(decimal: str, thousands: str) -> NumberStyle | None:
    """Take the signs that a recipe states; one of them implies the other."""
    sign = decimal or OTHER_SIGN.get(thousands, "")
    return NumberStyle(sign) if sign else None


def proved_sign(value: str) -> str:
    """
    Tell which sign of decimals one value proves, if any.

    Examples
    --------
    >>> [proved_sign(text) for text in ("12,5", "1.234.567", "1,234.5", "0.125", "1.234", "12")]
    [',', ',', '.', '.', '', '']
    >>> [proved_sign(text) for text in ("1,234人", "1.234 hab.", "1,5 Einwohner", "1.234万")]
    ['', '', ',', '.']
    """
    value, times = _parted(value)
    points, commas = value.count("."), value.count(",")
    if points and commas:
        last = "." if value.rfind(".") > value.rfind(",") else ","
        return last if value.count(last) == 1 else ""
    if points > 1 or commas > 1:
        return "," if points else "."
    if _EITHER.fullmatch(value):
        return "." if times else ""  # who counts in 万 has a point before decimals
    if not points + commas:
        return ""
    return "." if points else ","


def may_be_thousands(value: str) -> bool:
    """Tell whether the one sign of a number may be of decimals or between thousands."""
    plain, times = _parted(value)
    return not times and _EITHER.fullmatch(plain) is not None


def _parted(value: str) -> tuple[str, str]:
    """Part a number from words and units around it, but for 千, 万 and 亿, and from its spaces."""
    if _BARE.fullmatch(value):
        return value, ""
    plain = _ABOUT.sub("", unicodedata.normalize("NFKC", without_invisible(value)).strip())
    unit = _UNIT.search(plain)
    times = unit["times"] if unit else ""
    plain = plain[: unit.start()] if unit else plain
    return _SPACED.sub("", plain).replace("\u2212", "-"), times


def proved_style(text: pd.Series[str], *, semicolons: bool = False) -> NumberStyle:
    """
    Find the signs that most of a column's telling values prove.

    Commas alone before three digits are between thousands, but in a file separated by
    semicolons, whose commas are for decimals.
    """
    signed = text[text.str.contains("[.,]", regex=True)].str.strip().drop_duplicates()
    for telling in (signed.head(_ENOUGH), signed.iloc[_ENOUGH:]):
        proofs = [proved_sign(value) for value in telling]
        points, commas = proofs.count("."), proofs.count(",")
        if points or commas:
            return NumberStyle("," if commas > points else ".")
    doubtful = [value for value in signed if may_be_thousands(value)]
    if not doubtful:
        return NumberStyle()
    if any("." in _parted(value)[0] for value in doubtful):
        return NumberStyle(known=False)
    return NumberStyle(",", known=False) if semicolons else NumberStyle()


def read_number(value: str, *, decimal: str) -> float:
    """
    Read one number; what is none, or has its signs at other places, is missing.

    Examples
    --------
    >>> [read_number(text, decimal=".") for text in ("1,234.5", "1.2万", "12 345人", "1,2")]
    [1234.5, 12000.0, 12345.0, nan]
    """
    plain, unit = _parted(value)
    times = _TIMES.get(unit, 1.0)
    whole, sign, rest = plain.partition(decimal)
    grouped = rf"{_SIGN}(?:\d+|\d{{1,3}}(?:{re.escape(OTHER_SIGN[decimal])}\d{{3}})+)?"
    digits = whole.replace(OTHER_SIGN[decimal], "")
    sound = re.fullmatch(grouped, whole) and re.fullmatch(r"\d*([eE][+-]?\d+)?", rest)
    if not sound or not re.search(r"\d", digits + rest) or (sign and not rest and not digits):
        return _exponent(plain, decimal)
    return float(f"{digits}.{rest}" if rest else digits) * times


def _exponent(plain: str, decimal: str) -> float:
    if decimal == "." and re.fullmatch(rf"{_SIGN}\d+[eE][+-]?\d+", plain):
        return float(plain)
    return np.nan


def to_numbers(text: pd.Series[str], style: NumberStyle) -> Floats:
    """Read a column of numbers; what is written without a further sign is read at once."""
    plain = plain_numbers(text) if style.decimal == "." else None
    if plain is not None:
        return plain
    form = rf"[+-]?[0-9]+(?:{re.escape(style.decimal)}[0-9]+)?"
    usual = text.str.fullmatch(form).to_numpy(dtype=bool)
    odd = text[~usual]
    known = {value: read_number(value, decimal=style.decimal) for value in odd.unique()}
    numbers = np.full(len(text), np.nan)
    numbers[usual] = plain_numbers(text[usual].str.replace(style.decimal, ".", regex=False))
    numbers[~usual] = odd.map(known).to_numpy(dtype=float)
    return np.where(np.isfinite(numbers), numbers, np.nan)
