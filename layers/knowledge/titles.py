"""Reads the standard of a title: a file of `data/titles`, or one of the city's own."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from analysis.model.standards import CONFIDENCE
from analysis.model.title import (
    CLAUSE_FIGURES,
    CLAUSE_UNITS,
    COMPARISONS,
    COMPUTED,
    COUNT,
    FLAG,
    HOT_PLACES,
    NO_WAY,
    OF_A_RULE,
    RULE_VALUE,
    SHARE,
    SURVEY,
    THRESHOLD_BASIS,
    WAYS,
    WORKS,
    Clause,
    Title,
    TitleStandard,
)
from layers.knowledge.standards import DATA
from layers.languages import LANGUAGES, WRITTEN, in_every_language
from layers.toml_entry import Entry, read_toml, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from analysis.model.standards import Rule, Standard
    from layers.recipe.schema import TitleEntry

FOLDER = DATA / "titles"
TITLE_KEYS = ("title", "note", "publisher", "document", "date", "clauses")
CLAUSE_KEYS = tuple(member.name for member in fields(Clause))
CHOICES = {
    "work": WORKS, "judged": WAYS, "confidence": CONFIDENCE, "basis": THRESHOLD_BASIS,
    "comparison": COMPARISONS, "unit": CLAUSE_UNITS,
}  # fmt: skip
REQUIRED = ("work", "judged", "confidence", "basis")
MOST_MONTHS = 120
CLAUSE_ID = r"[\w.-]+"


def find_title(name: str, *, folder: Path | None = None) -> Path:
    """Find the file of a title's standard: the city's own comes first."""
    for place in (folder and folder / "titles", FOLDER):
        path = None if place is None or "/" in name else place / f"{name}.toml"
        if path and os.path.isfile(path):  # noqa: PTH113  Path.is_file raises on too long a name
            return path
    allowed = sorted(path.stem for path in FOLDER.glob("*.toml"))
    raise unknown(
        name, allowed, entry="city.toml, title", what="file of titles", problem="value_unknown"
    )


def load_title(entry: TitleEntry, *, folder: Path) -> tuple[Title, bytes]:
    """Read the title that a recipe names, and the bytes of its standard."""
    path = find_title(entry.standard, folder=folder)
    data = path.read_bytes()
    standard = read_standard(data, name=path.stem)
    review = dt.date.fromisoformat(entry.review) if entry.review else None
    return Title(standard, entry.year, review), data


def check_rules(title: TitleStandard, standards: Mapping[str, Standard]) -> None:
    """Refuse a title whose clauses name a rule of coverage that no standard has."""
    for clause in title.clauses:
        if clause.rule:
            rule_named(clause, standards, title.id)


def rule_named(clause: Clause, standards: Mapping[str, Standard], title: str) -> Rule:
    """Find the rule of coverage that a clause names, or say what is wrong with the name."""
    entry = f"{title}.toml, {clause.id}"
    if clause.standard not in standards:
        raise unknown(
            clause.standard, standards, entry=entry, what="standard", problem="standard_unknown"
        )
    rules = {each.id: each for each in standards[clause.standard].rules}
    if clause.rule not in rules:
        raise unknown(clause.rule, rules, entry=entry, what="rule", problem="value_unknown")
    rule = rules[clause.rule]
    if clause.figure == RULE_VALUE and (clause.unit == SHARE) != rule.figure.share:
        found = Entry({"unit": clause.unit}, entry, ("unit",))
        raise found.wrong(
            key="unit", allowed="share where the figure of the rule is one, else another"
        )
    return rule


def read_standard(data: bytes, *, name: str) -> TitleStandard:
    """Read the standard of a title, every clause of it, or say what is wrong in which."""
    file = f"{name}.toml"
    entry = Entry(read_toml(data, entry=file), file, TITLE_KEYS)
    tables = entry.table.get("clauses")
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise entry.wrong(key="clauses", allowed="one [[clauses]] table or more")
    clauses: dict[str, Clause] = {}
    for number, table in enumerate(tables, start=1):
        own = Entry(table, f"{file}, [[clauses]] {number} ({table.get('id')})", CLAUSE_KEYS)
        clause = _clause(own)
        if clause.id in clauses:
            raise own.wrong(key="id", allowed="an id that no other clause has")
        clauses[clause.id] = clause
    return TitleStandard(
        id=name,
        title=_texts(entry, "title"),
        note=_texts(entry, "note") if "note" in entry.table else {},
        clauses=tuple(clauses.values()),
        **{key: entry.text(key, None) for key in ("publisher", "document", "date")},
    )


def _clause(entry: Entry) -> Clause:
    table = entry.table
    name = table.get("id")
    if not isinstance(name, str) or not re.fullmatch(CLAUSE_ID, name):
        raise entry.wrong(key="id", allowed="letters, digits, - and _")
    texts: dict[str, Any] = {key: _texts(entry, key) for key in ("text", "source")}
    texts |= {key: _texts(entry, key) for key in ("unit_name", "note") if key in table}
    chosen = [key for key in CHOICES if key in table or key in REQUIRED]
    codes: dict[str, Any] = {key: _code(entry, key) for key in chosen}
    way, figure = codes["judged"], _figure(entry, codes["judged"])
    _check_unit(entry, figure)
    plain: dict[str, Any] = {key: entry.text(key) for key in ("standard", "rule", "question")}
    named = plain["standard"] and plain["rule"]
    if (figure in OF_A_RULE) != bool(named) or (plain["rule"] and not plain["standard"]):
        raise entry.wrong(key="rule", allowed="a `standard` and its `rule` where figure is of one")
    if (way == SURVEY) != bool(plain["question"]):
        raise entry.wrong(key="question", allowed="the question of the survey, for those alone")
    veto = table.get("veto", False)
    if not isinstance(veto, bool):
        raise entry.wrong(key="veto", allowed="true or false")
    return Clause(id=name, figure=figure, veto=veto, **texts, **codes, **plain, **_numbers(entry))


def _figure(entry: Entry, way: str) -> str:
    figure = entry.text("figure")
    if way != COMPUTED and figure:
        raise entry.wrong(key="figure", allowed='none, but where judged is "computed"')
    if way == COMPUTED and figure not in CLAUSE_FIGURES:
        raise unknown(
            figure, CLAUSE_FIGURES, entry=entry.name, what="figure", problem="value_unknown"
        )
    return figure


def _check_unit(entry: Entry, figure: str) -> None:
    """Hold the unit to the figure, and the threshold of a flag to yes."""
    unit, threshold = entry.table.get("unit", SHARE), entry.table.get("threshold")
    if figure and figure != RULE_VALUE and unit != (COUNT if figure == HOT_PLACES else SHARE):
        raise entry.wrong(key="unit", allowed='"count" where figure is "hot_places", else "share"')
    if unit == FLAG and threshold not in {None, 1}:
        raise entry.wrong(key="threshold", allowed='1 where unit is "flag"')


def _numbers(entry: Entry) -> dict[str, Any]:
    table = entry.table
    weight, threshold = table.get("weight", 1), table.get("threshold")
    if not _is_number(weight) or not weight > 0:
        raise entry.wrong(key="weight", allowed="a number above 0")
    if threshold is not None and (not _is_number(threshold) or threshold < 0):
        raise entry.wrong(key="threshold", allowed="a number of 0 or more")
    if threshold is not None and table.get("judged") == NO_WAY:
        raise entry.wrong(key="threshold", allowed='none where judged is "none"')
    if threshold is not None and table.get("unit", SHARE) == SHARE and threshold > 1:
        raise entry.wrong(key="threshold", allowed="a share from 0 to 1")
    months = table.get("months", 0)
    if type(months) is not int or not 0 <= months <= MOST_MONTHS:
        raise entry.wrong(key="months", allowed="a whole number from 0 to 120")
    known = {} if threshold is None else {"threshold": float(threshold)}
    return {"weight": float(weight), "months": months, **known}


def _is_number(found: object) -> bool:
    plain = isinstance(found, int | float) and not isinstance(found, bool)
    return plain and math.isfinite(found)  # type: ignore[arg-type]


def _code(entry: Entry, key: str) -> str:
    found = entry.table.get(key)
    if found not in CHOICES[key]:
        raise unknown(str(found), CHOICES[key], entry=entry.name, what=key, problem="value_unknown")
    return str(found)


def _texts(entry: Entry, key: str) -> dict[str, str]:
    """One text in each language, or one for all."""
    found = entry.table.get(key)
    texts = dict.fromkeys(WRITTEN, found) if isinstance(found, str) else found
    written = isinstance(texts, dict) and all(
        isinstance(texts.get(each), str) and texts[each].strip() for each in WRITTEN
    )
    if not written:
        raise entry.wrong(key=key, allowed="a text, or one in zh and one in en")
    every = in_every_language(texts)  # type: ignore[arg-type]
    return {language: every[language] for language in LANGUAGES}
