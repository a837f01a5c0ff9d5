"""
Numbers and days as people read them; tables keep the exact values.

One style a language: English groups digits by a thin space and writes `m`, Chinese writes digits
without a space and 米, in Taiwan 公尺 (decisions 033, 057).
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from wording.plurals import RULES, Counted, plural_form

if TYPE_CHECKING:
    from collections.abc import Mapping

THIN_SPACE = "\u202f"
MINUS = "\N{MINUS SIGN}"
NOTHING = "—"
SUMS_ERR = 1e-9
"""A share this near to all is all: sums of areas end a rounding error below 1."""
EXTREMES = (1e-4, 1e15)
"""Between them the facts of an error are written out; others show what somebody typed."""
MOST_DECIMALS = 4
"""Of a number that has as many as it needs."""
SHARE_DECIMALS = 6
"""Of shares in files."""
LEAST_SHOWN = 0.001
"""The least share but nothing that a workbook's cell shows, as it has one decimal of percent."""


class Style(NamedTuple):
    """How a language writes numbers and units."""

    thousands: str
    units: Mapping[str, str]
    """Behind a number, by the ending of the name of a fact or column."""


STYLES: Mapping[str, Style] = {
    "en": Style(THIN_SPACE, {"m": f"{THIN_SPACE}m", "m2": f"{THIN_SPACE}m²"}),
    "zh": Style("", {"m": " 米", "m2": " 平方米"}),
    "zh-Hant": Style("", {"m": " 公尺", "m2": " 平方公尺"}),
}


def count(value: float, *, language: str) -> str:
    """
    Write a whole number.

    Examples
    --------
    >>> count(38200.4, language="zh"), count(38200.4, language="en") == f"38{THIN_SPACE}200"
    ('38200', True)
    """
    return decimal(value, digits=0, language=language)


def decimal(value: float, *, digits: int = 1, language: str) -> str:
    """
    Write a number with a fixed count of decimals; what is below nought has a minus, not a hyphen.

    Examples
    --------
    >>> decimal(-1234.5, language="zh") == f"{MINUS}1234.5"
    True
    """
    if _missing(value):
        return Counted(NOTHING, RULES[language].forms[-1])
    exact = round(float(value), digits) + 0.0  # no minus before a nought
    text = f"{exact:,.{digits}f}".replace(",", STYLES[language].thousands).replace("-", MINUS)
    return Counted(text, plural_form(exact, decimals=digits, language=language))


def number(value: float, *, most: int = MOST_DECIMALS, language: str) -> str:
    """
    Write a number with the decimals that it has, so many at most.

    Examples
    --------
    >>> number(0.05, language="en"), number(500.0, language="en"), number(2.123456, language="en")
    ('0.05', '500', '2.1235')
    """
    if _missing(value):
        return decimal(value, language=language)
    _, _, decimals = f"{value:.{most}f}".partition(".")
    return decimal(value, digits=len(decimals.rstrip("0")), language=language)


def share(value: float, *, digits: int = 1) -> str:
    """
    Write a share from 0 to 1 as a percentage: only all reads 100 %, only nothing reads 0 %.

    Examples
    --------
    >>> share(0.99999), share(1), share(0.00001)
    ('99.9%', '100.0%', '0.1%')
    """
    if _missing(value):
        return NOTHING
    return f"{100 * round_share(float(value), digits + 2):.{digits}f}%"


def share_span(low: float, high: float) -> str:
    """
    Write a class of shares.

    Examples
    --------
    >>> share_span(0.8, 0.95)
    '80–95%'
    """
    return f"{number(100 * low, language='zh')}–{number(100 * high, language='zh')}%"


def percentages(shares: pd.Series, *, digits: int = 1) -> pd.Series:
    """
    Put shares into the numbers of a table's column of percentages, rounded as `share` does.

    Examples
    --------
    >>> percentages(pd.Series([0.99999, 1, 0.5])).tolist()
    [99.9, 100.0, 50.0]
    """
    exact = shares.astype(float)
    return exact.map(
        lambda each: round(100 * round_share(each, digits + 2), digits), na_action="ignore"
    )


def round_share(value: float, digits: int) -> float:
    """
    Round a share so that only all becomes 1 and only nothing becomes 0.

    Examples
    --------
    >>> round_share(0.99996, 3), round_share(1 - 1e-15, 3), round_share(0.00001, 3)
    (0.999, 1.0, 0.001)
    >>> round_share(0.0065, 3), round(0.0065, 3)
    (0.007, 0.006)
    """
    rounded = _half_up(value, digits)
    if not SUMS_ERR < value < 1 - SUMS_ERR:
        return rounded
    step = 10.0**-digits
    return min(max(rounded, step), round(1 - step, digits))


def _half_up(value: float, digits: int) -> float:
    """Round as a spreadsheet rounds what a file holds of a share: halves upwards."""
    held = Decimal(f"{value:.{max(digits, SHARE_DECIMALS)}f}")
    return float(held.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def cell_format(form: str, *, language: str) -> str:
    """
    Give the number format of a workbook's cell in a language.

    Examples
    --------
    >>> cell_format("#,##0.00", language="zh"), cell_format("#,##0.00", language="en")
    ('0.00', '#,##0.00')
    """
    return form if STYLES[language].thousands else form.replace("#,##0", "0")


def share_format(value: float) -> str:
    """
    Give the number format of a workbook's cell with a share, which reads as `share` writes it.

    A format rounds by itself; next to all and to nothing it names the text instead.

    Examples
    --------
    >>> share_format(0.9997), share_format(0.5)
    ('[>=1]0.0%;[>=0.999]"99.9%";0.0%', '0.0%')
    """
    if SUMS_ERR < value < LEAST_SHOWN:
        return f'[<=0]0.0%;[<{LEAST_SHOWN}]"{share(value)}";0.0%'
    if 1 - LEAST_SHOWN < value < 1 - SUMS_ERR:
        return f'[>=1]0.0%;[>={1 - LEAST_SHOWN}]"{share(value)}";0.0%'
    return "0.0%"


def signed(value: float, *, digits: int = 1, language: str) -> str:
    """
    Write a difference with its sign.

    Examples
    --------
    >>> [signed(each, language="en") for each in (-7, 7, 0.04, -0.04)]
    ['−7.0', '+7.0', '0.0', '0.0']
    """
    if _missing(value):
        return NOTHING
    sign = "+" if round(value, digits) > 0 else ""
    return f"{sign}{decimal(value, digits=digits, language=language)}"


def metres(value: float, *, language: str) -> str:
    """Write a length in metres, without decimals."""
    text = count(value, language=language)
    return text if text == NOTHING else f"{text}{STYLES[language].units['m']}"


def written(name: str, fact: object, *, language: str) -> object:
    """
    Write a fact of a sentence if it is a number; its name says the unit, as a column's does.

    Examples
    --------
    >>> written("area_share", 0.5, language="zh"), written("tolerance_m", 25.0, language="zh")
    ('50.0%', '25 米')
    >>> written("rows", 1200, language="zh"), written("name", "12", language="zh")
    ('1200', '12')
    """
    if isinstance(fact, bool) or not isinstance(fact, (int, float, np.integer, np.floating)):
        return fact
    exact, ending = float(fact), name.rpartition("_")[2]
    if ending == "share":
        return share(exact)
    if not math.isfinite(exact) or not (exact == 0 or EXTREMES[0] <= abs(exact) < EXTREMES[1]):
        return f"{exact:g}"
    text, unit = number(exact, language=language), STYLES[language].units.get(ending, "")
    return text if text == NOTHING or not unit else f"{text}{unit}"


def day(value: pd.Timestamp) -> str:
    """Write a day in the form that all languages read."""
    return NOTHING if pd.isna(value) else value.strftime("%Y-%m-%d")


def last_year(as_of: pd.Timestamp) -> tuple[str, str]:
    """
    Give the year of days that ends on a day.

    Examples
    --------
    >>> last_year(pd.Timestamp("2026-06-30"))
    ('2025-07-01', '2026-06-30')
    """
    return day(as_of - pd.DateOffset(years=1) + pd.DateOffset(days=1)), day(as_of)


def _missing(value: float) -> bool:
    return value is None or bool(pd.isna(value)) or not math.isfinite(value)
