"""Reads what is known of categories, deadlines, working time, measures: `data/taxonomy/`."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.issues.working_time import UNITS, Calendar, Deadline
from analysis.model.errors import SettingsError
from analysis.model.taxonomy import CATEGORY, LEVELS, Action, Taxonomy
from layers.knowledge.standards import DATA
from layers.languages import LANGUAGES, SOURCES, in_every_language
from layers.toml_entry import Entry, read_toml, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = DATA / "taxonomy"
PARTS = tuple(level for level in LEVELS if level != CATEGORY)
CATEGORY_KEYS = (*LANGUAGES, *PARTS, "aliases")
CALENDAR_KEYS = (
    *("name", "source", "years", "weekend", "hours", "holidays", "workdays"),
    *("school_years", "school_holidays"),
)
DEADLINE_KEYS = ("value", "unit", "source", "severity")
ACTION_KEYS = (*LANGUAGES, "source")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def find_file(name: str, *, folder: Path | None = None) -> Path:
    """Find a file of what is known: the city's own comes first."""
    for place in (folder, FOLDER):
        path = None if place is None or "/" in name else place / f"{name}.toml"
        if path and os.path.isfile(path):  # noqa: PTH113  Path.is_file raises on too long a name
            return path
    allowed = sorted(path.stem for path in FOLDER.glob("*.toml"))
    raise unknown(
        name, allowed, entry="city.toml", what="file of data/taxonomy", problem="value_unknown"
    )


def _entry(path: Path, allowed: tuple[str, ...] | None = None) -> Entry:
    table = read_toml(path.read_bytes(), entry=path.name)
    return Entry(table, path.name, table if allowed is None else allowed)


def load_taxonomy(natives: tuple[Path, ...] = (), *, folder: Path = FOLDER) -> Taxonomy:
    """Read the categories and the levels above them."""
    levels = _entry(folder / "levels.toml", PARTS)
    names = {
        level: {key: _names(text, f"levels.toml, {level}.{key}") for key, text in keys.items()}
        for level, keys in ((level, levels.mapping(level)) for level in PARTS)
    }
    categories = _entry(folder / "categories.toml")
    names[CATEGORY] = {}
    parts: dict[str, dict[str, str]] = {}
    known: dict[str, str] = {}
    for code in categories.table:
        entry = Entry(categories.mapping(code), f"categories.toml, {code}", CATEGORY_KEYS)
        names[CATEGORY][code] = _names(entry.table, entry.name)
        parts[code] = {level: _key(entry, level, names[level]) for level in PARTS}
        aliases = (in_every_language({"zh": each}).values() for each in entry.texts("aliases"))
        own = (code, *names[CATEGORY][code].values(), *chain.from_iterable(aliases))
        known |= dict.fromkeys(own, code)
    spoken: tuple[str, ...] = LEVELS
    for path in natives:
        native = _entry(path)
        spoken = _levels(native, spoken)
        for theirs in native.table:
            if isinstance(native.table[theirs], list):
                continue
            code = native.text(theirs)
            if code not in parts:
                raise unknown(
                    code, parts, entry=f"{path.name}, {theirs}", what="code",
                    problem="value_unknown",
                )  # fmt: skip
            known[theirs] = code
    return Taxonomy(names=names, parts=parts, known=known, levels=spoken)


def _levels(native: Entry, spoken: tuple[str, ...]) -> tuple[str, ...]:
    """Levels that a source's own list leaves to speak of; all without an entry `levels`."""
    if not isinstance(native.table.get("levels"), list):
        return spoken
    named = native.texts("levels")
    for level in named:
        if level not in LEVELS:
            raise unknown(
                level, LEVELS, entry=f"{native.name}, levels", what="level", problem="value_unknown"
            )
    return tuple(level for level in spoken if level in {*named, CATEGORY})


def load_names(path: Path = FOLDER / "names.toml") -> dict[str, dict[str, str]]:
    """Read what the screen calls the categories that cities use of their own."""
    entry = _entry(path)
    return {own: _names(entry.mapping(own), f"{path.name}, {own}") for own in entry.table}


def category_names() -> dict[str, dict[str, str]]:
    """Give the names of every category that is known, by any of its names."""
    taxonomy = load_taxonomy()
    names = taxonomy.names[CATEGORY]
    return {name: dict(names[code]) for name, code in taxonomy.known.items()} | load_names()


def _names(table: object, entry: str) -> dict[str, str]:
    names = Entry(table if isinstance(table, dict) else {}, entry, CATEGORY_KEYS)
    return _texts(names)


def _texts(entry: Entry) -> dict[str, str]:
    every = Entry(in_every_language(entry.table), entry.name, entry.table.keys() | SOURCES)
    return {language: every.text(language, None) for language in LANGUAGES}


def _key(entry: Entry, level: str, allowed: Mapping[str, object]) -> str:
    key = entry.text(level)
    if key and key not in allowed:
        raise unknown(key, allowed, entry=entry.name, what=level, problem="value_unknown")
    return key


def load_deadlines(path: Path) -> dict[str, Deadline]:
    """Read how long cases may take."""
    entry = _entry(path)
    return {code: _deadline(entry.mapping(code), f"{path.name}, {code}") for code in entry.table}


def _deadline(table: Mapping[str, Any], name: str) -> Deadline:
    entry = Entry(table, name, DEADLINE_KEYS)
    value, unit = table.get("value"), entry.text("unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise entry.wrong(key="value", allowed="a number above 0")
    if unit not in UNITS:
        raise unknown(unit, UNITS, entry=name, what="unit", problem="value_unknown")
    severity = entry.mapping("severity")
    other = {
        key: _deadline(Entry(severity, name, severity).mapping(key), f"{name}, {key}")
        for key in severity
    }
    return replace(Deadline(float(value), unit), severity=other)


def load_actions(path: Path) -> dict[str, Action]:
    """Read what can be considered against cases of a category."""
    entry, actions = _entry(path), {}
    for code in entry.table:
        each = Entry(entry.mapping(code), f"{path.name}, {code}", ACTION_KEYS)
        source = Entry(each.mapping("source"), f"{each.name}, source", LANGUAGES)
        actions[code] = Action(_texts(each), _texts(source))
    return actions


def load_calendar(path: Path) -> Calendar:
    """Read which days and hours are worked."""
    entry = _entry(path, CALENDAR_KEYS)
    school = _years(entry, "school_years") if "school_years" in entry.table else None
    for day in entry.texts("weekend"):
        if day not in WEEKDAYS:
            raise unknown(day, WEEKDAYS, entry=path.name, what="day", problem="value_unknown")
    hours = tuple(_spell(text, entry) for text in entry.texts("hours"))
    edges = [edge for spell in hours for edge in spell]
    if not edges or edges != sorted(set(edges)):
        raise entry.wrong(key="hours", allowed='spells such as "09:00-12:00", in order')
    return Calendar(
        id=path.stem,
        name=_names(entry.mapping("name"), f"{path.name}, name"),
        weekend=tuple(WEEKDAYS.index(day) for day in entry.texts("weekend")),
        hours=hours,
        holidays=_days(entry, "holidays"),
        workdays=_days(entry, "workdays"),
        years=_years(entry, "years"),
        school_holidays=_days(entry, "school_holidays"),
        school_years=school,
    )


def _years(entry: Entry, key: str) -> tuple[int, int]:
    years = entry.table.get(key)
    if not isinstance(years, list) or len(years) != 2 or not all(type(y) is int for y in years):  # noqa: PLR2004
        raise entry.wrong(key=key, allowed="[first, last]")
    return years[0], years[1]


def _spell(text: str, entry: Entry) -> tuple[int, int]:
    try:
        first, last = (dt.time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise entry.wrong(key="hours", allowed='spells such as "09:00-12:00"') from error
    return first.hour * 60 + first.minute, last.hour * 60 + last.minute


def _days(entry: Entry, key: str) -> frozenset[np.datetime64]:
    """Days, and spans of days such as `2026-10-01/2026-10-07`."""
    days: set[np.datetime64] = set()
    for text in entry.texts(key):
        first, _, last = text.partition("/")
        try:
            start, end = (
                np.datetime64(dt.date.fromisoformat(part)) for part in (first, last or first)
            )
        except ValueError as error:
            raise entry.wrong(
                key=key, allowed="days such as 2026-10-01 or 2026-10-01/2026-10-07"
            ) from error
        if end < start:
            raise entry.wrong(key=key, allowed="spans whose end is not before their start")
        days.update(np.arange(start, end + 1))
    return frozenset(days)


def check_needed(calendar: Calendar | None, deadlines: Mapping[str, Deadline]) -> None:
    """Refuse deadlines in working time without a calendar."""
    all_of_them = [each for one in deadlines.values() for each in (one, *one.severity.values())]
    if calendar is None and any(each.unit.startswith("working") for each in all_of_them):
        msg = "city.toml: deadlines count working time, but there is no calendar."
        raise SettingsError(
            msg, problem="calendar_missing", hint='State `calendar`, for example "calendar-cn".'
        )
