"""Numbers and days as people read them; tables keep the exact values."""

from __future__ import annotations

import math

import pandas as pd

THIN_SPACE = "\u202f"
NOTHING = "—"


def count(value: float) -> str:
    """
    Write a whole number with thin spaces between thousands.

    Examples
    --------
    >>> count(38200.4) == "38" + THIN_SPACE + "200"
    True
    """
    if _missing(value):
        return NOTHING
    return f"{round(value):,}".replace(",", THIN_SPACE)


def percent(share: float, *, digits: int = 1) -> str:
    """
    Write a share from 0 to 1 as a percentage.

    Examples
    --------
    >>> percent(0.99999), percent(1), percent(0.00001)
    ('99.9%', '100.0%', '0.1%')
    """
    if _missing(share):
        return NOTHING
    step = 10.0**-digits
    value = share * 100
    if 0 < share < 1:
        value = min(max(value, step), 100 - step)
    return f"{value:.{digits}f}%"


def decimal(value: float, *, digits: int = 1) -> str:
    """Write a number with a fixed count of decimals."""
    return NOTHING if _missing(value) else f"{value:,.{digits}f}".replace(",", THIN_SPACE)


def signed(value: float, *, digits: int = 1) -> str:
    """
    Write a difference with its sign.

    Examples
    --------
    >>> signed(-7), signed(0.04), signed(-0.04)
    ('-7.0', '0.0', '0.0')
    """
    if _missing(value):
        return NOTHING
    sign = "+" if round(value, digits) > 0 else ""
    return f"{sign}{decimal(round(value, digits) + 0.0, digits=digits)}"


def metres(value: float) -> str:
    """Write a length in metres, without decimals."""
    return NOTHING if _missing(value) else f"{count(value)}{THIN_SPACE}m"


def day(value: pd.Timestamp) -> str:
    """Write a day in the form that both languages read."""
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
