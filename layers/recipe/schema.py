"""The recipe of a city: `city.toml`, parsed and checked before any data is read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analysis.model.errors import SettingsError
from layers.formats.read import FORMATS, How
from layers.toml_entry import Entry, read_toml, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE_NAME = "city.toml"
LAND_KINDS = ("water", "residential", "built_up")
RESULTS_KIND = "lookback_results"
ZONE = "zone"
BASE_KINDS = ("communities", "residents", "issues", "streets", *LAND_KINDS, ZONE)
CITY_KEYS = (
    "name", "language", "time_zone", "crs", "as_of", "standard", "taxonomy", "calendar",
    "deadlines", "layers",
)  # fmt: skip
HOW_KEYS = ("format", "layer", "records", "encoding", "quote_pattern")
SOURCE_KEYS = ("source", "publication_date", "url", "licence", "remark", "edition")
LAYER_KEYS = (
    "kind", "file", "files", "optional", *HOW_KEYS, "crs", "columns", "values", "constants",
    "where", "where_not", "missing", "join", "group", "check", "position_pattern", "times",
    *SOURCE_KEYS,
)  # fmt: skip
JOIN_KEYS = ("file", "files", *HOW_KEYS, "where", "on", "columns", "default")
GROUP_KEYS = ("by", "count")
CHECK_KEYS = ("crs", "x", "y", "tolerance_m")
PLACE_COLUMNS = ("lon", "lat", "x", "y", "position")
COLUMNS = {
    "communities": ("id", "name", "name_en", "parent", "parent_en", "population"),
    "residents": ("id", "population"),
    "issues": (
        "id", "category", "reported_at", "due_at", "closed_at", "verified_at", "handled_at",
        "status", "stage", "unit", "leader", "source", "source_level", "inspection", "severity",
        "text",
    ),
    "streets": ("id", "name", "name_en", "from_node", "to_node", "walkable"),
    RESULTS_KIND: ("id", "result", "checked_at"),
    **dict.fromkeys(LAND_KINDS, ("id", "name")),
    ZONE: ("id", "name", "name_en"),
}  # fmt: skip
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
FACILITY_COLUMNS = ("id", "name", "name_en", "status")


@dataclass(frozen=True)
class Join:
    """A second table that a layer looks up columns in: see `LayerRecipe.join`."""

    files: tuple[str, ...]
    how: How
    on: Mapping[str, str]
    columns: Mapping[str, str]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Rows that are one facility: same values in `by`; their number goes to `count`."""

    by: tuple[str, ...]
    count: str


@dataclass(frozen=True)
class Check:
    """A second pair of coordinates in each row, against which the first is checked."""

    crs: str
    x: str
    y: str
    tolerance_m: float


@dataclass(frozen=True)
class LayerRecipe:
    """
    One `[[layers]]` entry.

    Attributes
    ----------
    id
        Its kind, with `-2`, `-3` … for further entries of one kind.
    entry
        How messages call it: `city.toml, layer 3 (toilet)`.
    kind
        One of `BASE_KINDS`, `RESULTS_KIND` or a facility kind.
    files, optional, how
        What to read; an optional layer without a file is absent.
    crs
        Of the coordinates; `""` if the file states it.
    columns
        Theirs to ours; one of theirs may serve several of ours.
    value_maps
        By our column, theirs to ours; `*` stands for any text.
    constants
        Fixed values by our column.
    where, where_not
        Rows kept, and left out: their column to values.
    missing
        Texts that mean "no value", such as `NA`.
    join, group, check
        See `Join`, `Group`, `Check`.
    position_pattern
        Regular expression with groups `lon` and `lat`, or `x` and `y`, for `position`.
    times
        Format of the times, `roc` for dates in the calendar of the Republic of China,
        or `""` for ISO 8601.
    edition
        Of a facility layer that the city has several editions of: a date. The entries
        without one, else those with the latest, are the present ones.
    source, publication_date, url, licence, remark
        Where it comes from.
    """

    id: str
    entry: str
    kind: str
    files: tuple[str, ...]
    optional: bool
    how: How
    crs: str
    columns: Mapping[str, tuple[str, ...]]
    value_maps: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]
    where: Mapping[str, tuple[str, ...]]
    where_not: Mapping[str, tuple[str, ...]]
    missing: tuple[str, ...]
    join: Join | None
    group: Group | None
    check: Check | None
    position_pattern: str
    times: str
    edition: str
    source: str
    publication_date: str
    url: str
    licence: str
    remark: Mapping[str, str]

    def needed(self) -> set[str]:
        """List the columns of theirs that this entry reads."""
        names = {*self.columns, *self.where, *self.where_not}
        names |= set(self.join.on) if self.join else set()
        names |= set(self.group.by) if self.group else set()
        return names | ({self.check.x, self.check.y} if self.check else set())

    def names_nodes(self) -> bool:
        """Tell whether streets state the nodes that they join."""
        ours = {name for targets in self.columns.values() for name in targets}
        return not ours.isdisjoint({"from_node", "to_node"})


@dataclass(frozen=True)
class Recipe:
    """
    A city's recipe.

    Attributes
    ----------
    name, language, time_zone, crs, as_of, standard
        As in `City`; `crs` may be `auto`, `as_of` may be `""`.
    taxonomy, calendar, deadlines
        Files that `layers.knowledge.taxonomy.find_file` finds: those that translate the source's
        categories, the working calendar, the deadlines; may be empty.
    layers
        In the order of the file.
    """

    name: Mapping[str, str]
    language: str
    time_zone: str
    crs: str
    as_of: str
    standard: str
    taxonomy: tuple[str, ...]
    calendar: str
    deadlines: str
    layers: tuple[LayerRecipe, ...]


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


def _recipe(entry: Entry, kinds: Mapping[str, Mapping[str, str]]) -> Recipe:
    layers = entry.table.get("layers", [])
    if not isinstance(layers, list) or not layers:
        raise entry.wrong(key="layers", allowed="one [[layers]] table or more")
    counts: dict[str, int] = {}
    recipes = [_layer(table, number, kinds, counts) for number, table in enumerate(layers, start=1)]
    if "communities" not in counts:
        raise entry.wrong(key="layers", allowed='a layer with kind = "communities"')
    return Recipe(
        name=entry.text_mapping("name"),
        language=entry.text("language", "zh"),
        time_zone=_time_zone(entry),
        crs=entry.text("crs", "auto"),
        as_of=entry.text("as_of"),
        standard=entry.text("standard"),
        taxonomy=entry.texts("taxonomy"),
        calendar=entry.text("calendar"),
        deadlines=entry.text("deadlines"),
        layers=tuple(recipes),
    )


def _time_zone(entry: Entry) -> str:
    zone = entry.text("time_zone", None)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise entry.wrong(key="time_zone", allowed="a zone such as Asia/Shanghai") from error
    return zone


def _layer(
    table: Mapping[str, Any],
    number: int,
    kinds: Mapping[str, Mapping[str, str]],
    counts: dict[str, int],
) -> LayerRecipe:
    kind = table.get("kind")
    entry = Entry(table, f"{FILE_NAME}, layer {number} ({kind})", LAYER_KEYS)
    allowed = (*BASE_KINDS, RESULTS_KIND, *kinds)
    if kind not in allowed:
        raise unknown(
            found=str(kind), allowed=allowed, entry=entry.name, what="kind", problem="kind_unknown"
        )
    counts[kind] = counts.get(kind, 0) + 1
    ours = (*COLUMNS.get(kind, (*FACILITY_COLUMNS, *kinds.get(kind, ()))), *PLACE_COLUMNS)
    for column in (*entry.mapping("values"), *entry.mapping("constants")):
        _check_ours(column, ours, entry.name)
    return LayerRecipe(
        id=kind if counts[kind] == 1 else f"{kind}-{counts[kind]}",
        entry=entry.name,
        kind=kind,
        files=_files(entry),
        optional=table.get("optional") is True,
        how=_how(entry),
        crs=entry.text("crs"),
        columns=_columns(entry, "columns", ours),
        value_maps={
            column: Entry(entry.mapping("values"), f"{entry.name}: values", ours).text_mapping(
                column
            )
            for column in entry.mapping("values")
        },
        constants=entry.text_mapping("constants"),
        where=entry.list_mapping("where"),
        where_not=entry.list_mapping("where_not"),
        missing=entry.texts("missing"),
        join=_join(entry, ours),
        group=_group(entry, ours),
        check=_check(entry),
        position_pattern=entry.text("position_pattern"),
        times=entry.text("times"),
        remark=entry.text_mapping("remark"),
        publication_date=_date(entry, "publication_date"),
        edition=_edition(entry, kind in kinds),
        **{key: entry.text(key) for key in ("source", "url", "licence")},
    )


def _files(entry: Entry) -> tuple[str, ...]:
    files = (*entry.texts("file"), *entry.texts("files"))
    if not files:
        raise entry.wrong(key="file", allowed="the name of a file")
    return files


def _how(entry: Entry) -> How:
    how = How(**{key: entry.text(key) for key in HOW_KEYS})
    if how.format and how.format not in FORMATS:
        raise unknown(
            found=how.format,
            allowed=FORMATS,
            entry=entry.name,
            what="format",
            problem="format_unknown",
        )
    return how


def _date(entry: Entry, key: str) -> str:
    text = entry.text(key)
    if text and not _DATE.fullmatch(text):
        raise entry.wrong(key=key, allowed="YYYY, YYYY-MM or YYYY-MM-DD")
    return text


def _edition(entry: Entry, of_facilities: bool) -> str:  # noqa: FBT001
    edition = _date(entry, "edition")
    if edition and not of_facilities:
        raise entry.wrong(key="edition", allowed="none: only facility layers have editions")
    return edition


def _check_ours(column: str, ours: Iterable[str], entry: str) -> None:
    if column not in ours:
        raise unknown(
            found=column, allowed=ours, entry=entry, what="our column", problem="our_column_unknown"
        )


def _columns(entry: Entry, key: str, ours: Iterable[str]) -> dict[str, tuple[str, ...]]:
    columns = entry.list_mapping(key)
    taken: dict[str, str] = {}
    for theirs, targets in columns.items():
        for target in targets:
            _check_ours(target, ours, f"{entry.name}: {key}")
            if target in taken:
                raise entry.wrong(
                    key=key, allowed=f"one source for {target!r}, not {taken[target]!r} as well"
                )
            taken[target] = theirs
    return columns


def _join(entry: Entry, ours: Iterable[str]) -> Join | None:
    if "join" not in entry.table:
        return None
    inner = Entry(entry.mapping("join"), f"{entry.name}: join", JOIN_KEYS)
    columns = {name: targets[0] for name, targets in _columns(inner, "columns", ours).items()}
    if not inner.text_mapping("on") or not columns:
        raise entry.wrong(key="join", allowed="a table with file, on and columns")
    return Join(
        files=_files(inner),
        how=_how(inner),
        on=inner.text_mapping("on"),
        columns=columns,
        where=inner.list_mapping("where"),
        default=inner.text_mapping("default"),
    )


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


def _check(entry: Entry) -> Check | None:
    if "check" not in entry.table:
        return None
    inner = Entry(entry.mapping("check"), f"{entry.name}: check", CHECK_KEYS)
    tolerance = inner.table.get("tolerance_m", 100)
    if not isinstance(tolerance, int | float) or not tolerance > 0:
        raise inner.wrong(key="tolerance_m", allowed="a positive number of metres")
    return Check(
        crs=inner.text("crs", None),
        x=inner.text("x", None),
        y=inner.text("y", None),
        tolerance_m=float(tolerance),
    )
