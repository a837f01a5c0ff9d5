"""Tries what a recipe says in the library that will use it, before any file is read."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pandas as pd

from analysis.model.errors import SettingsError
from layers.formats.boundary import held

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layers.toml_entry import Entry

TIMES = ("roc", "epoch_s", "epoch_ms")
"""Forms of times that have a name; any other is a format of directives."""
_FIRST, _LAST = 1900, 2200
"""Years of days that a recipe may name: beyond them no sum of times is safe."""
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_ONES = ("%Y", "%y", "%c", "%x", "%G")
"""Directives of a year, one of which a format must have."""


def tried_zone(entry: Entry) -> str:
    """Take a time zone that this machine knows."""
    zone = entry.text("time_zone", None)
    with held(lambda _: entry.wrong(key="time_zone", allowed="a zone such as Asia/Shanghai")):
        ZoneInfo(zone)
    return zone


def tried_date(entry: Entry, key: str, *, whole: bool = False) -> str:
    """Take a date; a day of it may be missing, or day and month, unless it must be whole."""
    text = entry.text(key)
    wrong = entry.wrong(key=key, allowed="YYYY, YYYY-MM or YYYY-MM-DD")
    if whole:
        wrong = entry.wrong(key=key, allowed="YYYY-MM-DD")
    if not text:
        return text
    if not _DATE.fullmatch(text) or (whole and len(text) < len("YYYY-MM-DD")):
        raise wrong
    with held(lambda _: wrong):
        day = date.fromisoformat("-".join([*text.split("-"), "01", "01"][:3]))
    if not _FIRST <= day.year <= _LAST:
        raise wrong
    return text


def tried_times(entry: Entry) -> str:
    """Take the form of times."""
    how = entry.text("times")
    if not how or how in TIMES:
        return how
    wrong = entry.wrong(
        key="times", allowed="`roc`, `epoch_s`, `epoch_ms` or a format such as %Y-%m-%d %H:%M"
    )
    with held(lambda _: wrong):
        pd.to_datetime(pd.Series(["2024"], dtype="str"), format=how, errors="coerce")
    if not any(directive in how for directive in _ONES):
        raise wrong
    return how


def tried_quotes(entry: Entry) -> str:
    """Take a pattern of what stands in quotation marks; it may not match where nothing stands."""
    text = entry.text("quote_pattern")
    wrong = entry.wrong(key="quote_pattern", allowed="a regular expression that matches some text")
    with held(lambda _: wrong):
        empty = bool(text) and re.compile(text).search("") is not None
    if empty:
        raise wrong
    return text


def tried_position(entry: Entry) -> str:
    """Take a pattern of positions, with groups for the two coordinates."""
    text = entry.text("position_pattern")
    if text:
        with held(lambda found: wrong_position(entry.name, text, found)):
            groups = {*re.compile(text).groupindex}
        if not ({"lon", "lat"} <= groups or {"x", "y"} <= groups):
            raise wrong_position(entry.name, text)
    return text


def wrong_position(
    entry: str, text: str, found: str = "groups lon and lat, or x and y, are missing"
) -> SettingsError:
    """Make the error for a pattern that gives no two coordinates."""
    return SettingsError(
        f"{entry}: position_pattern {text!r}: {found}.",
        problem="position_pattern",
        hint="For example (?P<lon>-?[0-9.]+), (?P<lat>-?[0-9.]+)",
        entry=entry,
        found=text,
    )


def tried_encoding(entry: Entry) -> str:
    """Take an encoding of text that Python knows."""
    text = entry.text("encoding")
    if text:
        wrong = entry.wrong(
            key="encoding", allowed="an encoding such as utf-8, gb18030, big5hkscs or cp1252"
        )
        with held(lambda _: wrong):
            b"abc".decode(text)
    return text


def tried_download(entry: Entry) -> dict[str, str]:
    """Take the address of a layer's file, which must be one, and its checksum."""
    address, checksum = entry.text("download"), entry.text("sha256")
    wrong = entry.wrong(key="download", allowed="an address https://… of the one file of the entry")
    if address:
        with held(lambda _: wrong):
            parts = urlsplit(address)
            sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        names = [*entry.texts("file"), *entry.texts("files")]
        if not sound or any(c.isspace() for c in address) or len(names) != 1 or "*" in names[0]:
            raise wrong
    if checksum and not re.fullmatch("[0-9a-fA-F]{64}", checksum):
        raise entry.wrong(key="sha256", allowed="64 hexadecimal digits")
    return {"download": address, "sha256": checksum}


def tried_files(entry: Entry, names: Iterable[str]) -> tuple[str, ...]:
    """Take names of files, in which `**` stands for folders alone."""
    names = tuple(names)
    parts = [part for name in names for part in name.split("/")]
    sound = all("**" not in part or part == "**" for part in parts)
    if not names or not sound:
        raise entry.wrong(key="file", allowed="the name of a file")
    return names
