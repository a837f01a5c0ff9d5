"""Reads what the product knows: facility kinds and coverage standards."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.model.errors import SettingsError
from analysis.model.figures import FIGURES
from analysis.model.question import MEASURES
from analysis.model.standards import (
    CONFIDENCE,
    LANDS,
    RADII_M,
    Distance,
    Kind,
    Rule,
    Standard,
)
from layers.languages import LANGUAGES, WRITTEN, in_every_language
from layers.recipe.schema import FILE_NAME, OWN_KINDS
from layers.toml_entry import check_one_of, read_toml, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analysis.model.figures import Figure

DATA = Path(__file__).resolve().parents[2] / "data"
COLUMN_TYPES = ("number", "flag", "text", "class", "hours", "days")
KIND_KEYS = (
    *("name", "colour", "icon", "osm", "columns", "capacity", "accessible", "conditions"),
    *("classes", "osm_columns"),
)
CAPACITY_KEYS = ("column", "unit", "female", "male")
STANDARD_KEYS = ("title", "publisher", "document", "date", "rules")
NARROWING = ("flag", "number")
OWN_TITLE = {
    "zh": "{title}（本市自定）",
    "zh-Hant": "{title}（本市自訂）",
    "en": "{title} (own copy of this city)",
}
"""How the title of a city's own standard reads."""
MINIMUM_BASIS = ("standard", "project")
RULE_ID = r"[\w-]+"
"""Rules name columns of tables and map layers."""
_OSM_KEY = r"[\w:*]+"
_OSM_TAG, _OSM_FLAG = rf"{_OSM_KEY}=[^=|]+", rf"{_OSM_KEY}=[^=]+"
_TEXT = {"title": "{ zh = …, en = … }", "note": "{ zh = …, en = … }"}


def load_kinds(path: Path = DATA / "kinds.toml") -> dict[str, Kind]:
    """Read the facility kinds."""
    return {name: _kind(name, table, path.name) for name, table in _tables(path).items()}


def _tables(path: Path, entry: str = "") -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path.name} cannot be read: {error.strerror}."
        raise SettingsError(
            msg, problem="settings_missing", hint="Restore it from the project.", file=str(path)
        ) from error
    return read_toml(data, entry=entry or path.name)


def _wrong(entry: str, key: str, found: object, allowed: str) -> SettingsError:
    msg = f"{entry}: {key} is {found!r}; allowed is {allowed}."
    return SettingsError(
        msg,
        problem="entry_wrong",
        hint="Correct it there.",
        entry=entry,
        key=key,
        found=repr(found),
        allowed=allowed,
    )


def _check_keys(table: object, allowed: Iterable[str], entry: str) -> None:
    if not isinstance(table, dict):
        raise _wrong(entry, "it", table, "a table")
    for key in table:
        if key not in allowed:
            raise unknown(
                found=key, allowed=allowed, entry=entry, what="key", problem="key_unknown"
            )


def _titles(table: Mapping[str, Any], key: str, entry: str) -> dict[str, str]:
    titles = table.get(key)
    if not isinstance(titles, dict) or not all(
        isinstance(titles.get(language), str) and titles[language].strip() for language in WRITTEN
    ):
        raise _wrong(entry, key, titles, _TEXT["title"])
    every = in_every_language(titles)
    return {language: every[language] for language in LANGUAGES}


def _text_or_titles(table: Mapping[str, Any], key: str, entry: str) -> dict[str, str]:
    """One text for all languages, or one for each."""
    text = table.get(key)
    if isinstance(text, str) and text.strip():
        return dict.fromkeys(LANGUAGES, text)
    if isinstance(text, dict):
        return _titles(table, key, entry)
    raise _wrong(entry, key, text, "a text, or one in zh and one in en")


def _kind(name: str, table: Any, file: str) -> Kind:  # noqa: ANN401  a value of TOML
    entry = f"{file}, {name}"
    _check_keys(table, KIND_KEYS, entry)
    if name in OWN_KINDS or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise _wrong(
            entry, "its name", name, "lower-case letters, digits and _, not a layer's name"
        )
    colour, icon = table.get("colour"), table.get("icon")
    if not isinstance(colour, str) or not re.fullmatch("#[0-9a-fA-F]{6}", colour):
        raise _wrong(entry, "colour", colour, "#rrggbb")
    if not isinstance(icon, str) or len(icon) != 1:
        raise _wrong(entry, "icon", icon, "one character")
    columns = table.get("columns", {})
    _check_keys(columns, columns, entry)
    for column, what in columns.items():
        if what not in COLUMN_TYPES:
            raise unknown(
                found=str(what),
                allowed=COLUMN_TYPES,
                entry=f"{entry}, columns.{column}",
                what="type",
                problem="value_unknown",
            )
    capacity, unit = _capacity(table, columns, entry)
    parts = {} if not capacity else table["capacity"]
    return Kind(
        id=name,
        name=_titles(table, "name", entry),
        colour=colour,
        icon=icon,
        columns=columns,
        capacity=capacity,
        capacity_unit=unit,
        female=_column(parts, "female", "number", columns, f"{entry}: capacity"),
        male=_column(parts, "male", "number", columns, f"{entry}: capacity"),
        accessible=_column(table, "accessible", "flag", columns, entry),
        conditions=_conditions(table.get("conditions", {}), columns, f"{entry}, conditions"),
        classes=_classes(table.get("classes", []), columns, entry),
        **_osm(table, columns, entry),
    )


def _osm(table: Any, columns: Mapping[str, str], entry: str) -> dict[str, Any]:  # noqa: ANN401  a value of TOML
    """Tags of the kind in OpenStreetMap, and the columns that its keys fill."""
    keys = _osm_columns(table.get("osm_columns", {}), columns, f"{entry}, osm_columns")
    return {"osm": _osm_tags(table.get("osm", []), entry), "osm_columns": keys}


def _osm_tags(tags: Any, entry: str) -> tuple[str, ...]:  # noqa: ANN401  a value of TOML
    if not isinstance(tags, list) or not all(re.fullmatch(_OSM_TAG, str(tag)) for tag in tags):
        raise _wrong(entry, "osm", tags, 'a list of tags such as "amenity=toilets"')
    return tuple(map(str, tags))


def _osm_columns(table: Any, columns: Mapping[str, str], entry: str) -> dict[str, str]:  # noqa: ANN401  a value of TOML
    _check_keys(table, columns, entry)
    for column, key in table.items():
        form = _OSM_FLAG if columns[column] == "flag" else _OSM_KEY
        if not re.fullmatch(form, str(key)):
            raise _wrong(entry, column, key, "a key, or for a flag key=value|value")
    return dict(table)


def _conditions(table: Any, columns: Mapping[str, str], entry: str) -> dict[str, dict[str, str]]:  # noqa: ANN401  a value of TOML
    """Columns of flags and numbers that supply can be narrowed to, with their names."""
    _check_keys(table, [name for name, what in columns.items() if what in NARROWING], entry)
    return {name: _titles(table, name, entry) for name in table}


def _classes(table: Any, columns: Mapping[str, str], entry: str) -> tuple[dict[str, str], ...]:  # noqa: ANN401  a value of TOML
    if not isinstance(table, list) or (table and "class" not in columns.values()):
        raise _wrong(entry, "classes", table, "a list, best first, beside a column of that type")
    return tuple(_titles({"class": names}, "class", f"{entry}, classes") for names in table)


def _column(
    table: Mapping[str, Any], key: str, what: str, columns: Mapping[str, str], entry: str
) -> str:
    """Name of a column of the kind that must be of one type; empty where none is named."""
    column = table.get(key, "")
    if column and columns.get(column) != what:
        allowed = ", ".join(name for name, each in columns.items() if each == what)
        raise _wrong(entry, key, column, f"a column of type {what}: {allowed or 'none'}")
    return str(column)


def _capacity(
    table: Mapping[str, Any], columns: Mapping[str, str], entry: str
) -> tuple[str, dict[str, str]]:
    """Column that holds what a facility of the kind can serve, and its unit; or nothing."""
    capacity = table.get("capacity")
    if capacity is None:
        return "", {}
    _check_keys(capacity, CAPACITY_KEYS, f"{entry}: capacity")
    column = capacity.get("column")
    if columns.get(column) != "number":
        numbers = ", ".join(name for name, what in columns.items() if what == "number")
        raise _wrong(entry, "capacity.column", column, f"a column of numbers: {numbers}")
    return column, _titles(capacity, "unit", f"{entry}: capacity")


def load_standards(
    folder: Path = DATA / "standards",
    *,
    city: Path | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> dict[str, Standard]:
    """Read the coverage standards, one file each."""
    kinds = load_kinds() if kinds is None else kinds
    read = {path.stem: _standard(path, kinds, path.name) for path in folder.glob("*.toml")}
    if city is not None:
        for path in (city / "standards").glob("*.toml"):
            entry = f"{city.name}/standards/{path.name}"
            read[path.stem] = _marked(_standard(path, kinds, entry))
    return dict(sorted(read.items()))


def check_standard(name: str, city: Path) -> None:
    """Refuse the name of a standard that neither we nor the city have."""
    folders = (DATA / "standards", city / "standards")
    known = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
    if name:
        check_one_of(name, known, entry=FILE_NAME, key="standard")


def standard_file(name: str, *, city: Path) -> Path:
    """Tell which file a standard is read from; a city's own comes first."""
    own = city / "standards" / f"{name}.toml"
    return own if own.is_file() else DATA / "standards" / f"{name}.toml"


def _marked(standard: Standard) -> Standard:
    """Say in the title, which stands wherever the standard does, that it is the city's own."""
    title = {key: OWN_TITLE[key].format(title=text) for key, text in standard.title.items()}
    return replace(standard, title=title, own=True)


def _standard(path: Path, kinds: Mapping[str, Kind], entry: str) -> Standard:
    """`entry` names the file in messages: a city's copy may bear the name of a shared one."""
    table = _tables(path, entry)
    _check_keys(table, STANDARD_KEYS, entry)
    rules = table.get("rules")
    if not isinstance(rules, list) or not rules:
        raise _wrong(entry, "rules", rules, "one [[rules]] table or more")
    read = tuple(
        _rule(rule, kinds, f"{entry}, [[rules]] {number}")
        for number, rule in enumerate(rules, start=1)
    )
    _check_ids([rule.id for rule in read], entry)
    texts: dict[str, Any] = {}
    for key in ("publisher", "document", "date"):
        value = table.get(key)
        texts[key] = value if isinstance(value, str) else getattr(value, "isoformat", str)()
        if not texts[key]:
            raise _wrong(entry, key, value, "a text")
    return Standard(id=path.stem, title=_titles(table, "title", entry), rules=read, **texts)


def _check_ids(ids: list[str], entry: str) -> None:
    """Refuse identifiers whose columns in tables and map layers would have one name."""
    taken: set[str] = set()
    for name in ids:
        prefixes = {f"{name}_{measure}".replace("-", "_").casefold() for measure in ("", "walk_")}
        if prefixes & taken:
            raise _wrong(entry, "rules", name, "each id once (case, - and _ make no difference)")
        taken |= prefixes


def _rule(table: Any, kinds: Mapping[str, Kind], entry: str) -> Rule:  # noqa: ANN401  a value of TOML
    members = {member.name: member for member in fields(Rule) if member.name != "columns"}
    _check_keys(table, members, entry)
    for name, member in members.items():
        required = member.default is MISSING and member.default_factory is MISSING
        if required and name not in table:
            raise _wrong(entry, name, None, "required")
    choices = {
        "kind": tuple(kinds), "figure": tuple(FIGURES), "confidence": CONFIDENCE,
        "minimum_basis": MINIMUM_BASIS, "land": LANDS,
    }  # fmt: skip
    for key, allowed in choices.items():
        if key in table and table[key] not in allowed:
            raise unknown(
                found=str(table[key]),
                allowed=allowed,
                entry=entry,
                what=key,
                problem="value_unknown",
            )
    if not isinstance(table["id"], str) or not re.fullmatch(RULE_ID, table["id"]):
        raise _wrong(entry, "id", table["id"], "letters, digits, - and _")
    _check_numbers(table, entry)
    _check_fit(table, entry)
    figure = FIGURES[table["figure"]]
    columns = kinds[table["kind"]].counted(figure)
    if figure.made_from and not columns:
        declared = f"one that {table['kind']} declares the columns of in kinds.toml"
        raise _wrong(entry, "figure", figure.id, declared)
    texts: dict[str, Any] = {
        key: _titles(table, key, entry) for key in ("title", "note") if key in table
    }
    texts |= {key: _text_or_titles(table, key, entry) for key in ("clause", "source")}
    if "distance" in table:
        texts["distance"] = _distance(table["distance"], figure, f"{entry}, distance")
    return Rule(**{**table, **texts, "figure": figure}, columns=columns)


def _distance(table: Any, figure: Figure, entry: str) -> Distance:  # noqa: ANN401  a value of TOML
    """How the document measures distance, with where that was read."""
    if not figure.needs_radius:
        raise _wrong(entry, "it", table, "none: this figure has no reach")
    members = [member.name for member in fields(Distance)]
    _check_keys(table, members, entry)
    for key, allowed in {"measure": MEASURES, "confidence": CONFIDENCE}.items():
        if table.get(key) not in allowed:
            raise unknown(
                found=str(table.get(key)),
                allowed=allowed,
                entry=entry,
                what=key,
                problem="value_unknown",
            )
    if table["measure"] != MEASURES[0] and not figure.walkable:
        raise _wrong(entry, "measure", table["measure"], f"{MEASURES[0]}: {figure} is no walk")
    texts = {key: _text_or_titles(table, key, entry) for key in ("clause", "source")}
    return Distance(table["measure"], **texts, confidence=table["confidence"])


def _check_numbers(table: Mapping[str, Any], entry: str) -> None:
    for key in ("minimum", "service_radius_m", "target_share"):
        value = table.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
            raise _wrong(entry, key, value, "a number of 0 or more")
    if FIGURES[table["figure"]].share and table["minimum"] > 1:
        raise _wrong(entry, "minimum", table["minimum"], "a share from 0 to 1")
    if table.get("target_share", 0) > 1:
        raise _wrong(entry, "target_share", table["target_share"], "a share from 0 to 1")


def _check_fit(table: Mapping[str, Any], entry: str) -> None:
    """Radius and land must be there where the figure needs them, and nowhere else."""
    figure, radius = FIGURES[table["figure"]], table.get("service_radius_m")
    shortest, longest = RADII_M
    if figure.needs_radius and not shortest <= (radius or 0) <= longest:
        raise _wrong(entry, "service_radius_m", radius, "1 to 1,000,000 metres")
    if not figure.needs_radius and radius is not None:
        raise _wrong(entry, "service_radius_m", radius, "none: this figure has no reach")
    if table.get("land") and not figure.own_land:
        raise _wrong(entry, "land", table["land"], "none: this figure is not over land")
