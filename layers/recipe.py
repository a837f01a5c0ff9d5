"""The recipe of a city: `city.toml`, parsed and checked before any data is read."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analysis.errors import SettingsError
from layers.readers import FORMATS, How

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE_NAME = "city.toml"
BASE_KINDS = ("communities", "residents", "issues", "streets")
CITY_KEYS = ("name", "language", "time_zone", "crs", "as_of", "standard", "layers")
HOW_KEYS = ("format", "layer", "records", "encoding", "quote_pattern")
SOURCE_KEYS = ("source", "publication_date", "url", "licence", "remark")
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
        "id", "category", "reported_at", "due_at", "closed_at", "verified_at", "status", "unit",
        "source", "text",
    ),
    "streets": ("id", "from_node", "to_node", "walkable"),
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
        `communities`, `residents`, `issues`, `streets` or a facility kind.
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
    source: str
    publication_date: str
    url: str
    licence: str
    remark: Mapping[str, str]

    def needed(self) -> set[str]:
        """
        List the columns of theirs that this entry reads.

        Returns
        -------
        columns
            Without those of the joined table.
        """
        names = {*self.columns, *self.where, *self.where_not}
        names |= set(self.join.on) if self.join else set()
        names |= set(self.group.by) if self.group else set()
        return names | ({self.check.x, self.check.y} if self.check else set())


@dataclass(frozen=True)
class Recipe:
    """
    A city's recipe.

    Attributes
    ----------
    name, language, time_zone, crs, as_of, standard
        As in `City`; `crs` may be `auto`, `as_of` may be `""`.
    layers
        In the order of the file.
    """

    name: Mapping[str, str]
    language: str
    time_zone: str
    crs: str
    as_of: str
    standard: str
    layers: tuple[LayerRecipe, ...]


def near_match(found: str, allowed: Iterable[str]) -> str:
    """
    Ask whether the nearest allowed name was meant.

    Parameters
    ----------
    found
        What stands there.
    allowed
        What may.

    Returns
    -------
    question
        `did you mean 'Latitude'?`, or `""` if nothing is near.

    Examples
    --------
    >>> near_match("Latitud", ["Latitude", "Longitude"])
    "did you mean 'Latitude'?"
    """
    names = {name.casefold(): name for name in allowed}
    near = difflib.get_close_matches(found.casefold(), names, n=1, cutoff=0.6)
    return f"did you mean {names[near[0]]!r}?" if near else ""


def unknown(
    found: str, allowed: Iterable[str], *, entry: str, what: str, problem: str
) -> SettingsError:
    """
    Make the error for a name that is none of those allowed.

    Parameters
    ----------
    found, allowed
        What stands there, and what may.
    entry
        Where it stands.
    what
        What the name is for: key, kind, column and so on.
    problem
        Stable code.

    Returns
    -------
    error
        To be raised by the caller.
    """
    allowed = tuple(allowed)
    near = near_match(found, allowed)
    listed = ", ".join(allowed)
    msg = f"{entry}: {what} {found!r} is unknown; allowed are {listed}; {near}".rstrip("; ")
    return SettingsError(
        msg, problem=problem, hint=near, entry=entry, what=what, found=found, allowed=listed
    )


def read_toml(data: bytes, *, entry: str) -> dict[str, Any]:
    """
    Parse TOML.

    Parameters
    ----------
    data
        The bytes of the file.
    entry
        Its name, for messages.

    Returns
    -------
    tables
        As `tomllib` gives them.

    Raises
    ------
    SettingsError
        With line and column, if it is not TOML in UTF-8.
    """
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{entry}: not valid TOML: {error}."
        raise SettingsError(
            msg, problem="toml_broken", hint="Correct that line.", entry=entry, found=str(error)
        ) from error


def read_recipe(folder: Path, *, kinds: Mapping[str, Mapping[str, str]]) -> tuple[Recipe, bytes]:
    """
    Read and check a city's recipe.

    Parameters
    ----------
    folder
        With a `city.toml`.
    kinds
        The optional columns of every facility kind known, by kind.

    Returns
    -------
    recipe, data
        The recipe, and the bytes it was read from.

    Raises
    ------
    SettingsError
        If there is none, or an entry is not what it must be; names the entry, the
        value, what is allowed and the near match.
    """
    path = folder / FILE_NAME
    if not path.is_file():
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
    return _recipe(_Entry(tables, FILE_NAME, CITY_KEYS), kinds), data


class _Entry:
    """One table of the recipe, whose values are asked for by key and type."""

    def __init__(self, table: Mapping[str, Any], name: str, allowed: Iterable[str]) -> None:
        self.table, self.name = table, name
        allowed = tuple(allowed)
        for key in table:
            if key not in allowed:
                raise unknown(key, allowed, entry=name, what="key", problem="key_unknown")

    def wrong(self, *, key: str, allowed: str) -> SettingsError:
        found = repr(self.table.get(key))[:80]
        msg = f"{self.name}: {key} is {found}; allowed is {allowed}."
        return SettingsError(
            msg,
            problem="entry_wrong",
            hint="Correct it in the recipe.",
            entry=self.name,
            key=key,
            found=found,
            allowed=allowed,
        )

    def text(self, key: str, default: str | None = "") -> str:
        value = self.table.get(key, default)
        if isinstance(value, date):
            value = value.isoformat()
        if not isinstance(value, str) or (default is None and not value):
            raise self.wrong(key=key, allowed="a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key=key, allowed="a text or a list of texts")
        return tuple(value)

    def mapping(self, key: str) -> dict[str, Any]:
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key=key, allowed="a table { theirs = … }")
        return value

    def text_mapping(self, key: str) -> dict[str, str]:
        value = self.mapping(key)
        if not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(key=key, allowed="a table of texts")
        return value

    def list_mapping(self, key: str) -> dict[str, tuple[str, ...]]:
        value = self.mapping(key)
        return {name: _Entry(value, f"{self.name}: {key}", value).texts(name) for name in value}

    def files(self) -> tuple[str, ...]:
        files = (*self.texts("file"), *self.texts("files"))
        if not files:
            raise self.wrong(key="file", allowed="the name of a file")
        return files

    def how(self) -> How:
        how = How(**{key: self.text(key) for key in HOW_KEYS})
        if how.format and how.format not in FORMATS:
            raise unknown(
                how.format, FORMATS, entry=self.name, what="format", problem="format_unknown"
            )
        return how


def _recipe(entry: _Entry, kinds: Mapping[str, Mapping[str, str]]) -> Recipe:
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
        layers=tuple(recipes),
    )


def _time_zone(entry: _Entry) -> str:
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
    entry = _Entry(table, f"{FILE_NAME}, layer {number} ({kind})", LAYER_KEYS)
    allowed = (*BASE_KINDS, *kinds)
    if kind not in allowed:
        raise unknown(str(kind), allowed, entry=entry.name, what="kind", problem="kind_unknown")
    counts[kind] = counts.get(kind, 0) + 1
    ours = (*COLUMNS.get(kind, (*FACILITY_COLUMNS, *kinds.get(kind, ()))), *PLACE_COLUMNS)
    for column in (*entry.mapping("values"), *entry.mapping("constants")):
        _check_ours(column, ours, entry.name)
    return LayerRecipe(
        id=kind if counts[kind] == 1 else f"{kind}-{counts[kind]}",
        entry=entry.name,
        kind=kind,
        files=entry.files(),
        optional=table.get("optional") is True,
        how=entry.how(),
        crs=entry.text("crs"),
        columns=_columns(entry, "columns", ours),
        value_maps={
            column: _Entry(entry.mapping("values"), f"{entry.name}: values", ours).text_mapping(
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
        publication_date=_publication_date(entry),
        **{key: entry.text(key) for key in ("source", "url", "licence")},
    )


def _publication_date(entry: _Entry) -> str:
    text = entry.text("publication_date")
    if text and not _DATE.fullmatch(text):
        raise entry.wrong(key="publication_date", allowed="YYYY, YYYY-MM or YYYY-MM-DD")
    return text


def _check_ours(column: str, ours: Iterable[str], entry: str) -> None:
    if column not in ours:
        raise unknown(column, ours, entry=entry, what="our column", problem="our_column_unknown")


def _columns(entry: _Entry, key: str, ours: Iterable[str]) -> dict[str, tuple[str, ...]]:
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


def _join(entry: _Entry, ours: Iterable[str]) -> Join | None:
    if "join" not in entry.table:
        return None
    inner = _Entry(entry.mapping("join"), f"{entry.name}: join", JOIN_KEYS)
    columns = {name: targets[0] for name, targets in _columns(inner, "columns", ours).items()}
    if not inner.text_mapping("on") or not columns:
        raise entry.wrong(key="join", allowed="a table with file, on and columns")
    return Join(
        files=inner.files(),
        how=inner.how(),
        on=inner.text_mapping("on"),
        columns=columns,
        where=inner.list_mapping("where"),
        default=inner.text_mapping("default"),
    )


def _group(entry: _Entry, ours: Iterable[str]) -> Group | None:
    if "group" not in entry.table:
        return None
    inner = _Entry(entry.mapping("group"), f"{entry.name}: group", GROUP_KEYS)
    count = inner.text("count")
    if count:
        _check_ours(count, ours, inner.name)
    if not inner.texts("by"):
        raise inner.wrong(key="by", allowed="one column of theirs or more")
    return Group(by=inner.texts("by"), count=count)


def _check(entry: _Entry) -> Check | None:
    if "check" not in entry.table:
        return None
    inner = _Entry(entry.mapping("check"), f"{entry.name}: check", CHECK_KEYS)
    tolerance = inner.table.get("tolerance_m", 100)
    if not isinstance(tolerance, int | float) or not tolerance > 0:
        raise inner.wrong(key="tolerance_m", allowed="a positive number of metres")
    return Check(
        crs=inner.text("crs", None),
        x=inner.text("x", None),
        y=inner.text("y", None),
        tolerance_m=float(tolerance),
    )
