"""Parses `city.toml` and checks it before any data is read."""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, Any

from analysis.model.contracts import HANDLED, TIME_COLUMNS
from analysis.model.errors import SettingsError
from analysis.model.levels import LEVELS
from layers.formats.headings import SEARCHED, Stated
from layers.formats.known import NAMES
from layers.formats.read import How
from layers.languages import LANGUAGES, WRITTEN, in_every_language
from layers.recipe.campaigns import parse_campaigns
from layers.recipe.schema import (
    CHECK_KEYS,
    CITY_KEYS,
    COLUMNS,
    FACILITY_COLUMNS,
    FILE_NAME,
    GROUP_KEYS,
    HOME_KINDS,
    JOIN_KEYS,
    LAYER_KEYS,
    OWN_KINDS,
    PLACE_COLUMNS,
    TEXT_HOW_KEYS,
    TITLE_ENTRY_KEYS,
    Check,
    Database,
    Group,
    Join,
    LayerRecipe,
    Recipe,
    TitleEntry,
)
from layers.recipe.tried import (
    tried_date,
    tried_download,
    tried_encoding,
    tried_files,
    tried_position,
    tried_quotes,
    tried_times,
    tried_zone,
)
from layers.toml_entry import Entry, read_toml, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TEXT_KEYS = ("crs", "source", "url", "licence")


YEARS = (1949, 2199)
LONGEST = 1200
"""Months for which texts can be told to be kept: a century."""


def read_recipe(folder: Path, *, kinds: Mapping[str, Mapping[str, str]]) -> tuple[Recipe, bytes]:
    """Read and check a city's recipe."""
    path = folder / FILE_NAME
    if not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises where a name is too long
        msg = f"{folder} is no city: it has no {FILE_NAME}."
        raise SettingsError(
            msg,
            problem="city_missing",
            hint="Name a folder such as data/demo.",
            folder=str(folder),
            file=FILE_NAME,
        )
    data = path.read_bytes()
    tables = read_toml(data, entry=FILE_NAME)
    return _recipe(Entry(tables, FILE_NAME, CITY_KEYS), kinds), data


def read_name(folder: Path) -> dict[str, str]:
    """Read what a city is called; one whose recipe says nothing sound is called by its folder."""
    otherwise = dict.fromkeys(LANGUAGES, folder.name)
    try:
        tables = read_toml((folder / FILE_NAME).read_bytes(), entry=FILE_NAME)
        return in_every_language(Entry(tables, FILE_NAME, tables).text_mapping("name")) or otherwise
    except (OSError, SettingsError):
        return otherwise


def _recipe(entry: Entry, kinds: Mapping[str, Mapping[str, str]]) -> Recipe:
    layers = entry.table.get("layers", [])
    tables = isinstance(layers, list) and all(isinstance(layer, dict) for layer in layers)
    if not tables or not layers:
        raise entry.wrong(key="layers", allowed="one [[layers]] table or more")
    counts: dict[str, int] = {}
    recipes = [_layer(table, number, kinds, counts) for number, table in enumerate(layers, start=1)]
    if not counts.keys() & {"communities", "issues"}:
        raise entry.wrong(key="layers", allowed='a layer with kind = "communities" or "issues"')
    return Recipe(
        name=_translations(entry, "name"),
        language=entry.one_of("language", LANGUAGES, "zh"),
        time_zone=tried_zone(entry),
        crs=entry.text("crs", "auto"),
        as_of=tried_date(entry, "as_of", whole=True),
        standard=entry.text("standard"),
        taxonomy=entry.texts("taxonomy"),
        calendar=entry.text("calendar"),
        deadlines=entry.text("deadlines"),
        actions=entry.text("actions"),
        ladder=entry.text("ladder"),
        title=_title(entry),
        survey=entry.text("survey"),
        monitoring=entry.text("monitoring"),
        home_kinds=_home_kinds(entry, kinds),
        target=_target(entry, kinds),
        levels=_levels(entry),
        campaigns=parse_campaigns(entry),
        layers=tuple(recipes),
    )


def _title(entry: Entry) -> TitleEntry | None:
    """Take the title that the city holds or strives for."""
    if "title" not in entry.table:
        return None
    inner = Entry(entry.mapping("title"), f"{FILE_NAME}, title", TITLE_ENTRY_KEYS)
    year = inner.table.get("year")
    if year is not None and (type(year) is not int or not YEARS[0] <= year <= YEARS[1]):
        raise inner.wrong(key="year", allowed="a year such as 2021")
    review = tried_date(inner, "review", whole=True)
    return TitleEntry(inner.text("standard", None), year, review)


def _translations(entry: Entry, key: str) -> dict[str, str]:
    """Take a text in some of our languages, and in no other."""
    texts = entry.text_mapping(key)
    Entry(texts, f"{entry.name}: {key}", LANGUAGES)
    return in_every_language(texts)


def _home_kinds(entry: Entry, kinds: Iterable[str]) -> tuple[str, ...]:
    named = entry.texts("home_kinds")
    _check_kinds(named, kinds, f"{entry.name}, home_kinds")
    if len(named) > HOME_KINDS or len(set(named)) < len(named):
        raise entry.wrong(key="home_kinds", allowed="three kinds at most, each once")
    return named


def _levels(entry: Entry) -> tuple[dict[str, str], ...]:
    """Take what the levels above communities are called, in both languages."""
    names = entry.table.get("levels", [])
    few = isinstance(names, list) and len(names) <= len(LEVELS)
    if not few or not all(map(_is_named, names)):
        raise entry.wrong(
            key="levels",
            allowed="a list of names, the nearest first, one in zh and one in en for each level,"
            " 6 at most",
        )
    entries = (Entry({"levels": each}, entry.name, ("levels",)) for each in names)
    return tuple(_translations(each, "levels") for each in entries)


def _is_named(names: object) -> bool:
    """Tell whether a level has a name in every language that files are written in."""
    return isinstance(names, dict) and all(str(names.get(each, "")).strip() for each in WRITTEN)


def _target(entry: Entry, kinds: Iterable[str]) -> dict[str, float]:
    targets = entry.mapping("target")
    _check_kinds(targets, kinds, f"{entry.name}, target")
    for share in targets.values():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise entry.wrong(key="target", allowed="shares above 0 and up to 1 by kind")
    return {kind: float(share) for kind, share in targets.items()}


def _check_kinds(named: Iterable[str], kinds: Iterable[str], entry: str) -> None:
    for kind in named:
        if kind not in kinds:
            raise unknown(kind, kinds, entry=entry, what="kind", problem="kind_unknown")


def _layer(
    table: Mapping[str, Any],
    number: int,
    kinds: Mapping[str, Mapping[str, str]],
    counts: dict[str, int],
) -> LayerRecipe:
    kind = table.get("kind")
    entry = Entry(table, f"{FILE_NAME}, layer {number} ({kind})", LAYER_KEYS)
    if kind not in (allowed := (*OWN_KINDS, *kinds)):
        raise unknown(
            found=str(kind), allowed=allowed, entry=entry.name, what="kind", problem="kind_unknown"
        )
    counts[kind] = counts.get(kind, 0) + 1
    ours = (*COLUMNS.get(kind, (*FACILITY_COLUMNS, *kinds.get(kind, ()))), *PLACE_COLUMNS)
    for column in entry.mapping("constants"):
        _check_ours(column, ours, entry.name)
    combined = _combined(kind, kinds.get(kind, {}))
    return LayerRecipe(
        id=kind if counts[kind] == 1 else f"{kind}-{counts[kind]}",
        entry=entry.name,
        kind=kind,
        **_origin(entry),
        optional=entry.flag("optional"),
        how=_how(entry),
        columns=_columns(entry, "columns", ours, combined),
        combined=combined,
        value_maps=_value_maps(entry, ours),
        constants=entry.text_mapping("constants"),
        **_rows(entry),
        join=_join(entry, ours),
        group=_group(entry, ours),
        check=_check(entry),
        remark=_translations(entry, "remark"),
        publication_date=tried_date(entry, "publication_date"),
        edition=_edition(entry, of_facilities=kind in kinds),
        keep_texts_months=_months(entry, kind),
        **_signs(entry, ours),
        **_texts(entry),
    )


def _rows(entry: Entry) -> dict[str, Any]:
    return {
        "where": entry.list_mapping("where"),
        "where_not": entry.list_mapping("where_not"),
        "missing": entry.texts("missing"),
        "footer": entry.texts("footer") if "footer" in entry.table else None,
    }


def _texts(entry: Entry) -> dict[str, Any]:
    tried = {"position_pattern": tried_position(entry), "times": tried_times(entry)}
    return {key: entry.text(key) for key in TEXT_KEYS} | tried | tried_download(entry)


def _signs(entry: Entry, ours: Iterable[str]) -> dict[str, Any]:
    """Take the signs of numbers, which must differ, and what they are multiplied by."""
    decimal, thousands = entry.text("decimal"), entry.text("thousands")
    if decimal not in {"", ".", ","}:
        raise entry.wrong(key="decimal", allowed="a point or a comma")
    if thousands not in {"", ".", ",", " ", "'", "’"} or (thousands and thousands == decimal):
        raise entry.wrong(
            key="thousands", allowed="a point, comma, space or apostrophe, and not `decimal`"
        )
    signs = {"decimal": decimal, "thousands": thousands}
    return {**signs, "factors": _factors(entry, ours)}


def _factors(entry: Entry, ours: Iterable[str]) -> dict[str, float]:
    factors = entry.mapping("factors")
    for column, factor in factors.items():
        _check_ours(column, ours, f"{entry.name}: factors")
        number = isinstance(factor, int | float) and not isinstance(factor, bool)
        if not number or not 0 < factor < float("inf"):
            raise entry.wrong(key="factors", allowed="a positive number for each column of ours")
    return {column: float(factor) for column, factor in factors.items()}


def _value_maps(entry: Entry, ours: Iterable[str]) -> dict[str, dict[str, str]]:
    maps = Entry(entry.mapping("values"), f"{entry.name}: values", entry.mapping("values"))
    for column in maps.table:
        _check_ours(column, ours, entry.name)
    return {column: maps.text_mapping(column) for column in maps.table}


def _origin(entry: Entry) -> dict[str, Any]:
    """Take the files, or what stands for them in a database."""
    database = _database(entry)
    return {"files": () if database else _files(entry), "database": database}


def _database(entry: Entry) -> Database | None:
    """Take a table or a query of a database, in the place of files."""
    name, table, query = (entry.text(key) for key in ("database", "table", "query"))
    if not (name or table or query):
        return None
    beside = [key for key in ("file", "files", "format", "layer") if key in entry.table]
    if not re.fullmatch(r"[A-Za-z][\w-]*", name, re.ASCII) or beside:
        raise entry.wrong(
            key="database", allowed="a name of letters, digits and _, without a file beside it"
        )
    if bool(table) == bool(query):
        raise entry.wrong(key="table", allowed="a table, or else a `query`")
    return Database(name, table, query)


def _files(entry: Entry) -> tuple[str, ...]:
    return tried_files(entry, (*entry.texts("file"), *entry.texts("files")))


def _how(entry: Entry) -> How:
    tried = {"encoding": tried_encoding(entry), "quote_pattern": tried_quotes(entry)}
    how = How(**{key: entry.text(key) for key in TEXT_HOW_KEYS} | tried, headings=_headings(entry))
    if how.format and how.format not in NAMES:
        raise unknown(
            found=how.format,
            allowed=NAMES,
            entry=entry.name,
            what="format",
            problem="format_unknown",
        )
    return how


def _headings(entry: Entry) -> Stated:
    numbers = {key: entry.table.get(key, 0) for key in ("header_row", "skip_rows")}
    for key, number in numbers.items():
        if type(number) is not int or not 0 <= number < SEARCHED:
            raise entry.wrong(key=key, allowed="a whole number from 0 to 49")
    names = entry.texts("names")
    if len(set(names)) < len(names) or (names and len(names[0]) == 0):
        raise entry.wrong(key="names", allowed="a list of headings, each once")
    return Stated(**numbers, names=names)


def _edition(entry: Entry, *, of_facilities: bool) -> str:
    edition = tried_date(entry, "edition")
    if edition and not of_facilities:
        raise entry.wrong(key="edition", allowed="none: only facility layers have editions")
    return edition


def _check_ours(column: str, ours: Iterable[str], entry: str) -> None:
    if column not in ours:
        raise unknown(
            found=column, allowed=ours, entry=entry, what="our column", problem="our_column_unknown"
        )


def _combined(kind: str, types: Mapping[str, str]) -> dict[str, str]:
    """Say which columns of ours several of theirs may make together, and how."""
    if kind == "issues":
        return dict.fromkeys((*TIME_COLUMNS, HANDLED), "moment")
    if kind in {"communities", "residents"}:
        return {"population": "sum"}
    ways = {"number": "sum", "hours": "span"}
    return {column: ways[what] for column, what in types.items() if what in ways}


def _columns(
    entry: Entry, key: str, ours: Iterable[str], combined: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    columns = entry.list_mapping(key)
    taken: dict[str, str] = {}
    for theirs, targets in columns.items():
        for target in targets:
            _check_ours(target, ours, f"{entry.name}: {key}")
            if target in taken and target not in combined:
                raise entry.wrong(
                    key=key, allowed=f"one source for {target!r}, not {taken[target]!r} as well"
                )
            taken[target] = theirs
    return columns


def _join(entry: Entry, ours: Iterable[str]) -> Join | None:
    if "join" not in entry.table:
        return None
    inner = Entry(entry.mapping("join"), f"{entry.name}: join", JOIN_KEYS)
    found = _columns(inner, "columns", ours)
    if any(len(targets) != 1 for targets in found.values()):
        raise inner.wrong(key="columns", allowed="one column of ours for each of theirs")
    columns = {name: targets[0] for name, targets in found.items()}
    if not inner.text_mapping("on") or not columns:
        raise entry.wrong(key="join", allowed="a table with file, on and columns")
    return Join(
        files=_files(inner),
        how=_how(inner),
        on=inner.text_mapping("on"),
        columns=columns,
        where=inner.list_mapping("where"),
        default=_defaults(inner, columns.values()),
    )


def _defaults(inner: Entry, ours: Iterable[str]) -> dict[str, str]:
    """Take what columns hold that nothing was found for, each of them one that is looked up."""
    defaults = inner.text_mapping("default")
    for column in defaults:
        _check_ours(column, ours, f"{inner.name}: default")
    return defaults


def _group(entry: Entry, ours: Iterable[str]) -> Group | None:
    if "group" not in entry.table:
        return None
    inner = Entry(entry.mapping("group"), f"{entry.name}: group", GROUP_KEYS)
    count = inner.text("count")
    if count:
        _check_ours(count, ours, inner.name)
    if not inner.texts("by"):
        raise inner.wrong(key="by", allowed="one column of theirs or more")
    return Group(by=inner.texts("by"), count=count)


def _months(entry: Entry, kind: str) -> int:
    key = "keep_texts_months"
    if key not in entry.table:
        return 0
    months = entry.table[key]
    whole = isinstance(months, int) and not isinstance(months, bool)
    if kind != "issues" or not whole or not 1 <= months <= LONGEST:
        raise entry.wrong(key=key, allowed=f"1 to {LONGEST}, a whole number, for issues alone")
    return int(months)


def _check(entry: Entry) -> Check | None:
    if "check" not in entry.table:
        return None
    inner = Entry(entry.mapping("check"), f"{entry.name}: check", CHECK_KEYS)
    tolerance = inner.table.get("tolerance_m", 100)
    number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    if not number or not 0 < tolerance < math.inf:
        raise inner.wrong(key="tolerance_m", allowed="a positive number of metres")
    return Check(
        crs=inner.text("crs", None),
        x=inner.text("x", None),
        y=inner.text("y", None),
        tolerance_m=float(tolerance),
    )
