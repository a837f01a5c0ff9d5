"""
Reads times as people and programs write them, where their form alone says what they mean.

Years first (2024/3/5 9:05, 2024年3月5日 下午2:30, 二〇二四年三月五日, 20240305143000), years of the
Republic of China and of Japan (民國113年3月5日, 113/3/5, 令和6年3月5日), names of months, serial
numbers of spreadsheets, seconds since 1970; digits of any script, with or without an offset. Day
and month before the year are read in the order that the recipe states or the column proves, and
else not at all.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Times = pd.Series[pd.Timestamp]

ROC_YEAR_ZERO = 1911
_LAST_CENTURY = 70
"""Years of two digits from here on are of the twentieth."""
_ROC_YEARS = (60, 199)
"""Years of three digits, or after 民國, that registers hold."""
_SERIALS = (29_221, 73_050)
"""Days of a spreadsheet from 1980 to 2099; the first is 1900-01-01, which it calls 1."""
_SERIAL_ZERO = pd.Timestamp("1899-12-30")
_ERAS = {"民國": ROC_YEAR_ZERO, "民国": ROC_YEAR_ZERO, "令和": 2018, "平成": 1988, "昭和": 1925}
"""Years before the first of each era; those of the Republic may stand without its name."""
_HALF = {
    "上午": 0, "早上": 0, "早晨": 0, "清晨": 0, "凌晨": 0, "午前": 0, "오전": 0, "am": 0,
    "下午": 12, "傍晚": 12, "晚上": 12, "夜间": 12, "夜間": 12, "夜里": 12, "夜裡": 12, "深夜": 12,
    "中午": 12, "午後": 12, "오후": 12, "pm": 12,
}  # fmt: skip
_NIGHT = ("晚上", "夜间", "夜間", "夜里", "夜裡", "深夜")
_SMALL_HOURS = 5
"""深夜1点 is before this hour of the day, not after noon."""
_HALF_SIGNS = "|".join(sign for sign in _HALF if not sign.isascii())
_MONTHS = {
    1: "jan(uary)?|janv(ier)?|januar|ene(ro)?", 2: "feb(ruary)?|f[ée]v(r(ier)?)?|februar|febrero",
    3: "mar(ch)?|mars|märz|mrz|marzo", 4: "apr(il)?|avr(il)?|abr(il)?", 5: "may|mai|mayo",
    6: "june?|juin|juni|junio", 7: "july?|juil(let)?|juli|julio",
    8: "aug(ust)?|ao[ûu]t|ago(sto)?", 9: "sept?(ember)?|septembre|sep(tiembre)?",
    10: "o[ck]t(ober)?|octobre|octubre", 11: "nov(ember)?|novembre|noviembre",
    12: "de[cz](ember)?|d[ée]c(embre)?|dic(iembre)?",
}  # fmt: skip
"""In English, French, German and Spanish."""
_MONTH = r"(?P<name>[^\W\d_]{3,10})\.?"
_WEEKDAY = (
    r"[(（]?(?:周|星期|週|礼拜|禮拜)[一二三四五六日天][)）]?"
    r"|[(（]?[月火水木金土日]曜日[)）]?|[(（]?[월화수목금토일]요일[)）]?|[(（][月火水木金土日월화수목금토일][)）]"
)
_NAMED_DAY = r"(?:le\s+|[^\W\d_]{2,10}\.?,?\s+)?"
"""Tue, · mardi · le"""
_TIME = (
    rf"(?:[\s,]*(?:{_WEEKDAY}))?(?:[\sTt,]*(?:(?:à|um)\s+)?"
    rf"(?P<before>{_HALF_SIGNS})?"
    r"\s*(?P<hour>\d{1,2})\s*[:：时時點点시h]\s*"
    r"(?:(?P<minute>\d{1,2})\s*(?:[:：分분]\s*(?:(?P<second>\d{1,2}(?:[.,]\d+)?)\s*[秒초]?)?)?)?"
    r"\s*(?P<after>[AaPp]\.?[Mm]\.?)?(?:\s*Uhr)?)?\s*"
)
_YEAR_FIRST = (
    rf"\s*(?:中[華华])?(?P<era>{'|'.join(_ERAS)})?\s*(?P<year>\d{{1,4}})\s*[-/.年년]\s*"
    rf"(?P<month>\d{{1,2}})\s*[-/.月월]\s*(?P<day>\d{{1,2}})\s*[日号號일.]?{_TIME}"
)
_DIGITS = (
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[T_ -]?(?P<before>)(?P<hour>\d{2}):?"
    r"(?P<minute>\d{2})(?::?(?P<second>\d{2}))?(?P<after>)"
)
"""A day and an hour in one number, as programs name files."""
_OFFSET = (
    r"^(?P<rest>.*\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?)\s*"
    r"(?:(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>0?\d|1[0-4])(?::?(?P<minutes>\d\d))?|[Zz]|UTC|GMT)"
    r"(?:\s+[A-Z]{3,4}|\s*\([^()]*\)|\[[^\[\]]*\])?$"
)
"""GMT+0800 (China Standard Time) · +08:00[Asia/Shanghai] · +0800 CST"""
_CHINESE_DIGITS = "〇一二三四五六七八九"
_CHINESE_NUMBER = re.compile(rf"[{_CHINESE_DIGITS}○零十百]+(?=[年月日号時时點点分])")
_HALF_PAST = re.compile("(?<=[时時點点시])\\s*[半반]")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_OF_JSON = r"^/Date\((\d+)(?:[+-]\d{4})?\)/$"
_COMPACT = r"\s*(?P<year>\d{2,3})(?P<month>\d{2})(?P<day>\d{2})" + _TIME
_YEAR_LAST = r"\s*(?P<one>\d{1,2})\s*[-/.]\s*(?P<two>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})" + _TIME
_NAMED = (
    rf"\s*{_NAMED_DAY}(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]*(?:de\s+)?{_MONTH}[\s,-]*(?:de[l]?\s+)?"
    rf"(?P<year>\d{{4}}|\d\d(?!\d))){_TIME}"
)
"""Two digits of a year are the last ones: 05-MAR-24, as databases and workbooks print it."""
_NAMED_FIRST = (
    rf"\s*(?:[^\W\d_]{{2,10}},?\s+)?{_MONTH}\s*"
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(?P<year>\d{{4}}){_TIME}"
)
_NAMED_LAST = rf"\s*(?P<year>\d{{4}})[\s,-]+{_MONTH}[\s-]*(?P<day>\d{{1,2}}){_TIME}"


@dataclass(frozen=True)
class Read:
    """
    What some texts mean.

    Attributes
    ----------
    local
        Times without a zone, which are of the city's own.
    instant
        Times that count from 1970 in UTC.
    forms
        Which rows have which form, for the notes.
    unordered
        Rows that name day and month in an order that nothing proves.
    """

    local: Times
    instant: Times
    forms: dict[str, Mask]
    unordered: Mask


def read_written(text: pd.Series[str], *, roc: bool, order: str) -> Read:
    """
    Read texts that no stated format reads.

    Parameters
    ----------
    text
        One time a row.
    roc
        Whether years of two digits, and days in one number, are of the Republic of China.
    order
        `day` or `month`: which comes first before a year; `""` for what the texts prove.
    """
    nothing = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    text, offset = _without_offset(_in_ascii(text))
    last = text.str.extract(rf"^{_YEAR_LAST}$")
    order = order or _proved_order(last)
    unordered = last["year"].notna().to_numpy(dtype=bool) & (order not in {"day", "month"})
    found = {
        "time_roc" if roc else "time_year_first": _year_first(text, _YEAR_FIRST, roc=roc).fillna(
            _year_first(text, _DIGITS, roc=False)
        ),
        "time_day_first" if order == "day" else "time_month_first": _ordered(last, order),
        "time_month_named": _named(text),
        "time_serial": _serials(text),
    }
    if roc:
        found["time_roc_compact"] = _year_first(text, _COMPACT, roc=True)
    local, forms = nothing, {}
    for form, times in found.items():
        new = (times.notna() & local.isna()).to_numpy(dtype=bool)
        local = local.where(~new, times)
        if new.any():
            forms[form] = new
    instant = _epochs(text)
    if instant.notna().any():
        forms["time_epoch"] = instant.notna().to_numpy(dtype=bool)
    aware = (local - offset).dt.tz_localize("UTC")
    return Read(local.mask(offset.notna()), instant.fillna(aware), forms, unordered)


def _in_ascii(text: pd.Series[str]) -> pd.Series[str]:
    """Write digits of any script as ASCII does, and no apostrophe that kept a cell a text."""
    plain = {value: _CHINESE_NUMBER.sub(_number, _folded(value)) for value in text.unique()}
    return text.map(plain).astype("str").str.removeprefix("'")


def _folded(value: str) -> str:
    signs = unicodedata.normalize("NFKC", value).translate(_DASHES)
    if signs.isascii():
        return signs
    digits = "".join(str(unicodedata.decimal(sign, sign)) for sign in signs)
    return _HALF_PAST.sub("30", digits.replace("元年", "1年"))


def _number(written: re.Match[str]) -> str:
    """Read 二〇二四 digit by digit, and 十二, 三十一 or 一百一十三 as a number."""
    signs = written[0].replace("○", "〇").replace("零", "〇")
    hundreds, hundred, rest = signs.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    if not hundred + ten:
        return "".join(str(_CHINESE_DIGITS.find(sign)) for sign in ones)
    tens, ones = tens.lstrip("〇"), ones.lstrip("〇")
    if max(len(hundreds), len(tens), len(ones)) > 1:
        return written[0]
    value = 0
    for sign, unit, worth in ((hundreds, hundred, 100), (tens, ten, 10), (ones, "", 1)):
        value += worth * (_CHINESE_DIGITS.find(sign) if sign else len(unit))
    return str(value)


def _without_offset(text: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[pd.Timedelta]]:
    """Part times from their offsets from UTC, missing where they have none."""
    parts = text.str.extract(_OFFSET)
    hours, minutes = (pd.to_numeric(parts[name]).fillna(0) for name in ("hours", "minutes"))
    east = pd.to_timedelta(
        (hours * 60 + minutes) * parts["sign"].eq("-").map({True: -1, False: 1}), "m"
    )
    known = parts["rest"].notna()
    return parts["rest"].fillna(text).astype("str"), east.where(known)


def _proved_order(last: pd.DataFrame) -> str:
    """Tell whether the day or the month comes first, if numbers beyond 12 say it with one voice."""
    one, two = (pd.to_numeric(last[name]) for name in ("one", "two"))
    day, month = bool((one > 12).any()), bool((two > 12).any())  # noqa: PLR2004
    if day == month:
        return ""
    return "day" if day else "month"


def _year_first(text: pd.Series[str], pattern: str, *, roc: bool) -> Times:
    parts = text.str.extract(rf"^{pattern}$")
    year = pd.to_numeric(parts["year"])
    low, high = _ROC_YEARS
    zero = parts["era"].map(_ERAS) if "era" in parts else pd.Series(np.nan, index=text.index)
    known = year.between(low, high) & (roc | (year >= 100))  # noqa: PLR2004
    zero = zero.mask(zero.isna() & known, ROC_YEAR_ZERO)
    year = year.mask(zero.notna(), year + zero)
    return _assembled(parts.assign(year=year.where(year >= 1000)))  # noqa: PLR2004


def _ordered(last: pd.DataFrame, order: str) -> Times:
    names = {"day": ("day", "month"), "month": ("month", "day")}.get(order)
    if names is None:
        return pd.Series(pd.NaT, index=last.index, dtype="datetime64[us]")
    return _assembled(last.rename(columns=dict(zip(("one", "two"), names, strict=True))))


def _named(text: pd.Series[str]) -> Times:
    parts = text.str.extract(rf"^{_NAMED}$", flags=re.IGNORECASE)
    for pattern in (_NAMED_FIRST, _NAMED_LAST):
        parts = parts.fillna(text.str.extract(rf"^{pattern}$", flags=re.IGNORECASE))
    known = {name: _month(name) for name in parts["name"].dropna().unique()}
    year = pd.to_numeric(parts["year"])
    century = year.ge(_LAST_CENTURY).map({True: 1900, False: 2000}).where(year < 100, 0)  # noqa: PLR2004
    return _assembled(parts.assign(month=parts["name"].map(known), year=year + century))


def _month(name: str) -> float:
    numbers = [n for n, names in _MONTHS.items() if re.fullmatch(names, name, re.IGNORECASE)]
    return float(numbers[0]) if numbers else np.nan


def _serials(text: pd.Series[str]) -> Times:
    """Read days since 1899-12-30 with fractions, as workbooks count."""
    parts = text.str.replace(",", ".").str.extract(r"^(\d{5}(?:\.\d+)?)(?:\s+(0?\.\d+|0))?$")
    days = pd.to_numeric(parts[0]) + pd.to_numeric(parts[1]).fillna(0)  # day and hour in two cells
    days = days.where(days.between(*_SERIALS))
    return (_SERIAL_ZERO + pd.to_timedelta((days * 86_400).round(), unit="s")).astype(
        "datetime64[us]"
    )


def _epochs(text: pd.Series[str]) -> Times:
    """Read seconds since 1970, or thousandths, millionths or billionths of them."""
    digits = text.str.replace(_OF_JSON, r"\1", regex=True)
    number = pd.to_numeric(digits.where(digits.str.fullmatch(r"\d{10}(\d{3}){0,3}(\.\d+)?")))
    seconds = number.where(number < 1e11, number / 1e3)  # noqa: PLR2004  more are thousandths
    seconds = seconds.where(number < 1e14, number / 1e6)  # noqa: PLR2004
    seconds = seconds.where(number < 1e17, number / 1e9)  # noqa: PLR2004
    instants = pd.to_datetime(seconds.round(), unit="s", utc=True)
    return instants.astype("datetime64[us, UTC]")


def _assembled(parts: pd.DataFrame) -> Times:
    """Put days and hours together; what is no day or hour of a clock is missing."""
    date = pd.to_datetime(
        parts[["year", "month", "day"]].apply(pd.to_numeric).astype("float64"), errors="coerce"
    )
    hour = pd.to_numeric(parts["hour"]).fillna(0)
    minute = pd.to_numeric(parts["minute"]).fillna(0)
    second = pd.to_numeric(parts["second"].str.replace(",", ".")).fillna(0)
    half = parts["before"].fillna(parts["after"].str.replace(".", "").str.lower()).map(_HALF)
    noon = (hour == 12) & half.notna()  # noqa: PLR2004
    # 中午11:30 is before noon, 下午14:30 counts on already, 12 am is midnight
    add = half.where(~noon, half - 12).mask((hour > 12) & (half > 0), 0)  # noqa: PLR2004
    add = add.mask((parts["before"] == "中午") & hour.between(10, 12), 0)
    night = parts["before"].isin(_NIGHT)
    add = add.mask(night & noon, 12).mask(night & (hour < _SMALL_HOURS), 0)
    hour = hour + add.fillna(0)
    midnight = (hour == 24) & (minute == 0) & (second == 0)  # noqa: PLR2004  ending the day
    sound = ((hour < 24) | midnight) & (minute < 60) & (second < 61)  # noqa: PLR2004  leap seconds
    clock = pd.to_timedelta(hour * 3600 + minute * 60 + second, unit="s")
    clock = clock.dt.as_unit("us")  # nanoseconds do not reach the ends of the calendar
    times: Times = (date + clock).where(sound).astype("datetime64[us]")
    return times
