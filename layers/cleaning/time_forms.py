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

from layers.knowledge.months import month_number
from layers.texts.written import without_invisible

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
_FROM_1904 = 1462
"""Days between the two."""
_JAPAN = {"令和": 2018, "平成": 1988, "昭和": 1925}
_SHORT = {"令": 2018, "平": 1988, "昭": 1925, "R": 2018, "H": 1988, "S": 1925}
"""As forms of offices in Japan abbreviate eras: R6.3.5, 令6年3月5日."""
_ERAS = {"民國": ROC_YEAR_ZERO, "民国": ROC_YEAR_ZERO, **_JAPAN, **_SHORT}
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
_MONTH = r"(?P<name>[^\W\d_][^\d\s,/:;-]{2,13}?)\.?"
"""As `data/months.toml` has them; the Thai ones have points within."""
_WEEKDAY = (
    r"[(（]?(?:周|星期|週|礼拜|禮拜)[一二三四五六日天][)）]?"
    r"|[(（]?[月火水木金土日]曜日[)）]?|[(（]?[월화수목금토일]요일[)）]?|[(（][月火水木金土日월화수목금토일][)）]"
)
_NAMED_DAY = r"(?:(?:le|the)\s+|[^\W\d_][^\d\s,]{1,12}\.?,?\s+)?"
"""Tue, · mardi · le"""
_AT = r"(?:à|um|at|om|[àa]s|alle|ore|a\s+las?|kl\.?|klo|godz\.?|в)"
_NEXT = r"(?:\s*[:：]\s*|\.(?=\d\d(?!\d)))"
"""Before minutes and seconds: 14:30, and 14.30 where both have two digits."""
_TIME = (
    rf"(?:[\s,]*(?:{_WEEKDAY}))?(?:(?:\s*[\sTt,:：-])?\s*(?:{_AT}\s+)?"
    rf"(?P<before>{_HALF_SIGNS})?"
    rf"\s*(?P<hour>\d{{1,2}})(?:{_NEXT}|\s*[时時點点시h]\s*)"
    rf"(?:(?P<minute>\d{{1,2}})(?:(?:{_NEXT}|\s*[分분]\s*)"
    r"(?:(?P<second>\d{1,2}(?:[.,]\d+)?)\s*[秒초]?)?)?)?"
    r"\s*(?P<after>[AaPp]\.?\s?[Mm]\.?)?(?:\s*(?:Uhr|uur|[时時]?许|許))?)?\s*"
)
_YEAR_FIRST = (
    rf"\s*(?:中[華华])?(?P<era>{'|'.join(_ERAS)})?\s*(?P<year>\d{{1,4}})\s*[-/.年년、_:]\s*"
    rf"(?P<month>\d{{1,2}})\s*[-/.月월、_:]\s*(?P<day>\d{{1,2}})\s*[日号號일.]?{_TIME}"
)
_DIGITS = (
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[T_ -]?(?P<before>)(?P<hour>\d{2}):?"
    r"(?P<minute>\d{2})(?::?(?P<second>\d{2}))?(?P<after>)"
)
"""A day and an hour in one number, as programs name files."""
_OFFSET = (
    r"^(?P<rest>.*\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?)\s*"
    r"\(?(?:(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>0?\d|1[0-4])(?::?(?P<minutes>\d\d))?|[Zz]|UTC|GMT)\)?"
    r"(?:\s+[A-Z]{3,4}|\s*\([^()]*\)|\[[^\[\]]*\])?$"
)
"""GMT+0800 (China Standard Time) · (UTC+8) · +08:00[Asia/Shanghai] · +0800 CST"""
_CHINESE_DIGITS = "〇一二三四五六七八九"
_CHINESE_NUMBER = re.compile(rf"[{_CHINESE_DIGITS}○零十百]+(?=[年月日号時时點点分刻])")
_HALF_PAST = re.compile("(?<=[时時點点시])\\s*[半반]")
_TWO = re.compile("[两兩](?=[时時點点])")
_QUARTER = re.compile("(?<=[时時點点])\\s*([13])刻")
_IN_CHINA = re.compile("[(（]?北京[时時][间間][)）]?$")
_CLOCK_BEFORE_YEAR = re.compile(r"^(\D+\d{1,2}) (\d\d:\d\d:\d\d)((?: [+-]\d{4})?) (\d{4})$")
"""Tue Mar 5 14:30:00 +0800 2024, as programs print it."""
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_OF_JSON = r"^/Date\((\d+)(?:[+-]\d{4})?\)/$"
_COMPACT = r"\s*(?P<year>\d{2,3})(?P<month>\d{2})(?P<day>\d{2})" + _TIME
_YEAR_LAST = r"\s*(?P<one>\d{1,2})\s*[-/.]\s*(?P<two>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})" + _TIME
_NAMED = (
    rf"\s*{_NAMED_DAY}(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]*(?:de\s+|of\s+)?{_MONTH}[\s,-]*(?:de[l]?\s+)?"
    rf"(?P<year>\d{{4}}|\d\d(?!\d))(?:\s*г(?:\.|ода)?)?){_TIME}"
)
"""Two digits of a year are the last ones: 05-MAR-24, as databases and workbooks print it."""
_NAMED_FIRST = (
    rf"\s*(?:[^\W\d_]{{2,10}},?\s+)?{_MONTH}[\s-]*"
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,-]+(?P<year>\d{{4}}){_TIME}"
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


def read_written(text: pd.Series[str], *, roc: bool, order: str, from_1904: bool = False) -> Read:
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
    from_1904
        Whether serial numbers count from 1904.
    """
    nothing = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    text, offset = _without_offset(_in_ascii(text))
    last = text.str.extract(rf"^{_YEAR_LAST}$")
    order = order or _proved_order(last)
    unordered = last["year"].notna().to_numpy(dtype=bool) & (order not in {"day", "month"})
    found = _by_form(text, last, roc=roc, order=order, from_1904=from_1904)
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


def _by_form(
    text: pd.Series[str], last: pd.DataFrame, *, roc: bool, order: str, from_1904: bool
) -> dict[str, Times]:
    """Read texts in each form; of one that fits several, the first is meant."""
    found = {
        "time_roc" if roc else "time_year_first": _year_first(text, _YEAR_FIRST, roc=roc).fillna(
            _year_first(text, _DIGITS, roc=False)
        ),
        "time_day_first" if order == "day" else "time_month_first": _ordered(last, order),
        "time_month_named": _named(text),
        "time_month_only": _months(text),
        "time_serial": _serials(text, from_1904=from_1904),
    }
    if roc:
        found["time_roc_compact"] = _year_first(text, _COMPACT, roc=True)
    return found


def _in_ascii(text: pd.Series[str]) -> pd.Series[str]:
    """Write digits of any script as ASCII does, and no apostrophe that kept a cell a text."""
    plain = {value: _folded(value) for value in text.unique()}
    return text.map(plain).astype("str").str.removeprefix("'")


def _folded(value: str) -> str:
    signs = unicodedata.normalize("NFKC", without_invisible(value)).translate(_DASHES)
    if signs.isascii():
        return _CLOCK_BEFORE_YEAR.sub(r"\1 \4 \2\3", signs)
    digits = "".join(str(unicodedata.decimal(sign, sign)) for sign in signs)
    digits = _HALF_PAST.sub("30", _TWO.sub("二", digits.replace("元年", "1年")))
    digits = _QUARTER.sub(_minutes, _CHINESE_NUMBER.sub(_number, digits))
    return _IN_CHINA.sub("+08:00", digits)


def _minutes(quarters: re.Match[str]) -> str:
    return f"{int(quarters[1]) * 15}分"


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
    parts = _named_parts(text, _NAMED)
    for pattern in (_NAMED_FIRST, _NAMED_LAST):
        parts = parts.fillna(_named_parts(text, pattern))
    year = pd.to_numeric(parts["year"])
    century = year.ge(_LAST_CENTURY).map({True: 1900, False: 2000}).where(year < 100, 0)  # noqa: PLR2004
    return _assembled(parts.assign(year=year + century))


def _named_parts(text: pd.Series[str], pattern: str) -> pd.DataFrame:
    """Take texts apart that name a month which is known."""
    parts = text.str.extract(rf"^{pattern}$", flags=re.IGNORECASE)
    known = {name: month_number(name) for name in parts["name"].dropna().unique()}
    month = parts["name"].map(known).astype("float64")
    return parts.assign(month=month).where(month.notna())


def _months(text: pd.Series[str]) -> Times:
    """Read what names a month and no day as its first day: 2024-03, 2024年3月."""
    parts = text.str.extract(
        r"^\s*(\d{4})\s*(?:[-/]\s*(\d{1,2})|年\s*(\d{1,2})\s*月份?|년\s*(\d{1,2})\s*월)\s*$"
    )
    month = parts[1].fillna(parts[2]).fillna(parts[3])
    return pd.to_datetime(parts[0] + "-" + month, format="%Y-%m", errors="coerce")


def _serials(text: pd.Series[str], *, from_1904: bool) -> Times:
    """Read days since 1899-12-30 or 1904-01-01 with fractions, as workbooks count."""
    parts = text.str.replace(",", ".").str.extract(r"^(\d{5}(?:\.\d+)?)(?:\s+(0?\.\d+|0))?$")
    days = pd.to_numeric(parts[0]) + pd.to_numeric(parts[1]).fillna(0)  # day and hour in two cells
    days = days + (_FROM_1904 if from_1904 else 0)
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
    after = parts["after"].str.replace(r"[.\s]", "", regex=True).str.lower()
    half = parts["before"].fillna(after).map(_HALF)
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
