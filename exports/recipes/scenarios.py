"""Scenarios: changes of facilities saved by name, judged against the city of today, compared."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from pyproj import Transformer

from analysis.coverage.editions import CLOSED, DOWN, MOVED, OPENED, UP
from analysis.model.errors import SettingsError, SourceError
from analysis.model.question import BY_RULE, MEASURES, Question
from analysis.scenarios.changes import (
    ACTIONS,
    PLACED,
    Change,
    ChangedFacilities,
    apply_changes,
    planned_changes,
)
from analysis.scenarios.comparison import compare_with_today
from analysis.scenarios.deltas import compare_assessments, headline
from analysis.scenarios.incremental import ChangedCity, assess_changed
from exports.formats.csv import csv_bytes
from exports.provenance import RECORD, with_record
from layers.knowledge.dictionary import load_dictionary
from maps.documents import difference_document, document_html
from store.versioned import (
    LONGEST_NAME,
    Record,
    all_records,
    change,
    checked_name,
    create,
    name_taken,
    named,
)
from wording.names import reach_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from analysis.coverage.editions import EditionComparison
    from analysis.model.standards import Rule
    from analysis.scenarios.incremental import Baseline
    from exports.recipes.facility_answers import FacilityAnswers
    from layers.city import City
    from maps.documents import MapDocument
    from store.database import Store
    from wording.speaker import Speaker

KIND = "scenario"
TABLES = ("scenario_headline", "scenario_communities", "scenario_changes")
SCENARIO_FILES = (
    "scenarios.json", "headline.csv", "communities_changed.csv", "changes.csv",
    "difference_map_1.html", RECORD,
)  # fmt: skip
"""The first map of all: there is one of each scenario and kind that it changes, counted on."""
FORM = "scenarios-1"
"""What an exported file calls itself."""
LONGEST_NOTE, LONGEST_ID, MOST_CHANGES, MOST_BYTES = 2000, 200, 10_000, 4_000_000
FOUND = ("rule", "measure", "value_before", "value", "meets_before", "meets", "people_gained")
"""Columns of the headline that are saved with a scenario, to tell later whether it still holds."""


@dataclass(frozen=True)
class Scenario:
    """
    Changes of facilities, and what they were thought of for.

    Attributes
    ----------
    changes
        Each with `lon`, `lat` as x, y: a place stays where it is if the city's system changes.
    author, note
        Whatever somebody wrote.
    standard, radii, measures
        What it was judged by (`analysis.model.question.Question`).
    fingerprint
        Of the city's data then.
    found
        The headline then: rows of `FOUND`.
    """

    changes: tuple[Change, ...] = ()
    author: str = ""
    note: str = ""
    standard: str = ""
    radii: tuple[tuple[str, float], ...] = ()
    measures: tuple[str, ...] = BY_RULE
    fingerprint: str = ""
    found: tuple[Mapping[str, Any], ...] = ()

    @property
    def question(self) -> Question:
        """What it is judged by."""
        return Question(standard=self.standard, radii=self.radii, measures=self.measures)


@dataclass(frozen=True, eq=False)
class Judged:
    """
    What a scenario comes to on the data of today.

    Attributes
    ----------
    name, scenario
        Which.
    placed, changed, city
        Its changes in metres, the facilities after them, and the city judged with these.
    headline, communities
        What differs from today (`analysis.scenarios.deltas`).
    """

    name: str
    scenario: Scenario
    placed: tuple[Change, ...]
    changed: ChangedFacilities
    city: ChangedCity
    headline: pd.DataFrame
    communities: pd.DataFrame


class ScenarioJudge:
    """Judges one scenario after another on the data of today."""

    def __init__(self, answers: FacilityAnswers) -> None:
        self.answers = answers

    def baseline(self, question: Question) -> Baseline:
        """Give the city ready for changes."""
        return self.answers.baseline(self.answers.standard(question), question.measures)

    def judge(self, name: str, scenario: Scenario) -> Judged:
        """Judge a scenario on the data of today."""
        city, baseline = self.answers.city, self.baseline(scenario.question)
        placed = in_metres(scenario.changes, city)
        changed = apply_changes(city.facilities, placed)
        result, before = assess_changed(baseline, changed), baseline.assessment
        return Judged(
            name,
            scenario,
            placed,
            changed,
            result,
            headline(before, result.assessment),
            compare_assessments(before, result.assessment),
        )

    def with_findings(self, scenario: Scenario) -> Scenario:
        """Note what a scenario comes to today, and on which data."""
        rows = self.judge("", scenario).headline[list(FOUND)].astype(object)
        found = rows.where(rows.notna(), None).to_dict("records")
        plain = tuple({str(key): _plain(value) for key, value in row.items()} for row in found)
        return replace(scenario, fingerprint=self.answers.city.fingerprint, found=plain)


def _plain(value: Any) -> object:  # noqa: ANN401  a cell
    return value.item() if hasattr(value, "item") else value


def in_metres(changes: Iterable[Change], city: City) -> tuple[Change, ...]:
    """Place changes in the system of a city."""
    return _transformed(changes, Transformer.from_crs("EPSG:4326", city.crs, always_xy=True))


def in_degrees(changes: Iterable[Change], city: City) -> tuple[Change, ...]:
    """Place changes on the Earth."""
    return _transformed(changes, Transformer.from_crs(city.crs, "EPSG:4326", always_xy=True))


def _transformed(changes: Iterable[Change], transformer: Transformer) -> tuple[Change, ...]:
    moved = []
    for each in changes:
        if each.action in PLACED:
            x, y = transformer.transform(each.x, each.y)
            moved.append(replace(each, x=float(x), y=float(y)))
        else:
            moved.append(each)
    return tuple(moved)


def planned_scenario(city: City, scenario: Scenario, kinds: Sequence[str]) -> Scenario:
    """Open all facilities that the register has as planned: a scenario to begin with."""
    return replace(scenario, changes=planned_changes(city.facilities, kinds or list(city.kinds)))


def sites_scenario(sites: pd.DataFrame, city: City, scenario: Scenario) -> Scenario:
    """Make a scenario of proposed sites: x, y in metres, kind and rank of each."""
    return replace(scenario, changes=in_degrees(site_changes(sites), city))


def site_changes(sites: pd.DataFrame) -> tuple[Change, ...]:
    """Add a facility at each proposed site, in metres as the sites are."""
    return tuple(
        Change("add", str(kind), f"site {rank}", float(x), float(y))
        for kind, rank, x, y in sites[["kind", "rank", "x", "y"]].itertuples(index=False)
    )


# Keeping: a scenario is the body of a record.


def save(
    store: Store, judge: ScenarioJudge, name: str, scenario: Scenario, seen: Record | None = None
) -> Record:
    """Save a scenario under a free name, or on the version that was seen."""
    body = as_values(judge.with_findings(scenario))
    if seen is None:
        return create(store, kind=KIND, place=judge.answers.city.id, name=name, body=body)
    return change(store, seen, body=body, name=name)


def save_all(store: Store, judge: ScenarioJudge, scenarios: Mapping[str, Scenario]) -> list[Record]:
    """Save new scenarios; if any of their names is taken none is saved."""
    taken = {record.name for record in read_all(store, judge.answers.city)}
    for name in scenarios:
        if checked_name(name) in taken:
            raise name_taken(name)
    return [save(store, judge, name, each) for name, each in scenarios.items()]


def renew(store: Store, judge: ScenarioJudge, name: str) -> Record:
    """Save a scenario again, with what it comes to on the data of today."""
    record, scenario = read_named(store, judge.answers.city, name)
    return save(store, judge, record.name, scenario, record)


def checked_names(action: str, names: Sequence[str]) -> list[str]:
    """Check how many names were given: one for what is made, any number to be shown."""
    wanted = {
        "list": (0, 0),
        "planned": (1, 1),
        "import": (1, 1),
        "renew": (1, 1),
        "show": (1, 20),
    }[action]
    if not wanted[0] <= len(names) <= wanted[1]:
        span = "-".join(map(str, sorted(set(wanted))))
        msg = f"scenarios {action} takes {span} names; given are {len(names)}."
        raise SettingsError(
            msg,
            problem="scenario_names",
            hint="For example cli.py scenarios show data/demo A B.",
            action=action,
            wanted=span,
            found=len(names),
        )
    return list(dict.fromkeys(names))


def read_all(store: Store, city: City) -> list[Record]:
    """Read the latest version of every scenario of a city, by name."""
    return all_records(store, kind=KIND, place=city.id)


def read_named(store: Store, city: City, name: str) -> tuple[Record, Scenario]:
    """Read the scenario of a name."""
    record = named(store, kind=KIND, place=city.id, name=name)
    return record, from_values(record.body, entry=record.name)


def as_values(scenario: Scenario) -> dict[str, Any]:
    """Write a scenario as plain values."""
    return {
        "changes": [_change_values(each) for each in scenario.changes],
        "author": scenario.author,
        "note": scenario.note,
        "standard": scenario.standard,
        "radii": dict(scenario.radii),
        "measures": list(scenario.measures),
        "fingerprint": scenario.fingerprint,
        "found": [dict(row) for row in scenario.found],
    }


def _change_values(change: Change) -> dict[str, Any]:
    values: dict[str, Any] = {
        "action": change.action,
        "kind": change.kind,
        "facility": change.facility,
    }
    if change.action in PLACED:
        values |= {"lon": change.x, "lat": change.y}
    return values


def from_values(values: object, *, entry: str) -> Scenario:
    """Read a scenario from plain values, which anybody may have written."""
    reader = _Reader(entry)
    body = reader.table(values, as_values(Scenario()))
    changes = reader.listed(body["changes"], "changes")
    return Scenario(
        changes=tuple(map(reader.change, changes)),
        author=reader.text(body["author"], "author", LONGEST_NAME),
        note=reader.text(body["note"], "note", LONGEST_NOTE),
        standard=reader.text(body["standard"], "standard", LONGEST_ID),
        radii=tuple(
            (reader.text(kind, "radii", LONGEST_ID), reader.number(radius, "radii", 1, 100_000))
            for kind, radius in reader.table(body["radii"], None).items()
        ),
        measures=tuple(
            reader.one_of(each, "measures", MEASURES)
            for each in reader.listed(body["measures"], "measures")
        ),
        fingerprint=reader.text(body["fingerprint"], "fingerprint", LONGEST_ID),
        found=tuple(map(reader.found, reader.listed(body["found"], "found"))),
    )


class _Reader:
    """Checks plain values of a file or a record; names the entry, the key and what it found."""

    def __init__(self, entry: str) -> None:
        self.entry = entry

    def wrong(self, key: str, found: object, wanted: str) -> SourceError:
        """Tell what is wrong."""
        msg = f"{self.entry}: {key} is {found!r:.200}; allowed is {wanted}."
        return SourceError(
            msg,
            problem="scenario_wrong",
            hint="Mend this entry, or export the scenario again.",
            entry=self.entry,
            key=key,
            found=f"{found!r:.200}",
            wanted=wanted,
        )

    def table(self, values: object, form: dict[str, Any] | None) -> dict[str, Any]:
        """Check that values have the keys of a form and no others."""
        if not isinstance(values, dict):
            raise self.wrong(key="scenario", found=values, wanted="{…}")
        if form is not None and values.keys() != form.keys():
            names = ", ".join(map(str, values))
            raise self.wrong(key="keys", found=names, wanted=", ".join(form))
        return values

    def listed(self, values: object, key: str) -> list[Any]:
        """Check a list."""
        if not isinstance(values, list) or len(values) > MOST_CHANGES:
            raise self.wrong(key, values, f"[…], 0–{MOST_CHANGES}")
        return values

    def text(self, value: object, key: str, longest: int) -> str:
        """Check a text."""
        if not isinstance(value, str) or len(value) > longest:
            raise self.wrong(key, value, f'"…", 0–{longest}')
        return value

    def number(self, value: object, key: str, low: float, high: float) -> float:
        """Check a number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, value, f"{low}–{high}")
        if not low <= value <= high or not math.isfinite(value):
            raise self.wrong(key, value, f"{low}–{high}")
        return float(value)

    def one_of(self, value: object, key: str, known: Sequence[str]) -> str:
        """Check a code."""
        if value not in known:
            raise self.wrong(key, value, ", ".join(known))
        return str(value)

    def change(self, values: object) -> Change:
        """Check one change."""
        action = self.one_of(self.table(values, None).get("action"), "action", ACTIONS)
        form = _change_values(Change(action, "", ""))
        body = self.table(values, form)
        kind = self.text(body["kind"], "kind", LONGEST_ID)
        facility = self.text(body["facility"], "facility", LONGEST_ID)
        if action not in PLACED:
            return Change(action, kind, facility)
        lon, lat = body["lon"], body["lat"]
        x, y = self.number(lon, "lon", -180, 180), self.number(lat, "lat", -90, 90)
        return Change(action, kind, facility, x, y)

    def found(self, values: object) -> dict[str, Any]:
        """Check a row of what was found then."""
        row = self.table(values, dict.fromkeys(FOUND))
        for key, value in row.items():
            if key in {"rule", "measure"}:
                self.text(value, key, LONGEST_ID)
            elif value is not None:
                self.number(value, key, -1e12, 1e12)
        return row


# Files: exchanged, and to be read by people.


def exported(scenarios: Mapping[str, Scenario]) -> bytes:
    """Write scenarios as a file that `imported` reads."""
    listed = [{"name": name, **as_values(each)} for name, each in scenarios.items()]
    text = json.dumps({"form": FORM, "scenarios": listed}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "replace")


def imported(path: Path) -> dict[str, Scenario]:
    """Read a file of scenarios, whoever wrote it."""
    values = _json(path)
    reader = _Reader(path.name)
    body = reader.table(values, {"form": "", "scenarios": []})
    reader.one_of(body["form"], "form", (FORM,))
    found: dict[str, Scenario] = {}
    for each in reader.listed(body["scenarios"], "scenarios"):
        entry = dict(reader.table(each, {"name": "", **as_values(Scenario())}))
        name = checked_name(reader.text(entry.pop("name"), "name", LONGEST_NAME))
        if name in found:
            raise reader.wrong(key="name", found=name, wanted="≠")
        found[name] = from_values(entry, entry=f"{path.name}: {name}")
    return found


def _json(path: Path) -> object:
    """Read JSON of a bounded size; no number of it may be endless."""
    try:
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            text = path.read_bytes().decode("utf-8")
            return json.loads(text, parse_constant=_refuse)
        found = f"≤ {MOST_BYTES} B"
    except (OSError, ValueError, RecursionError) as error:
        found = str(error)[:200]
    msg = f"{path.name} is no file of scenarios: {found}."
    hint = "Name a scenarios.json that the export wrote."
    raise SourceError(msg, problem="scenario_file", hint=hint, file=path.name, found=found)


def _refuse(text: str) -> None:
    raise ValueError(text)


def scenario_tables(judged: Sequence[Judged]) -> dict[str, pd.DataFrame]:
    """Put scenarios side by side: for the city, by community, and what each changes."""
    columns = {name: load_dictionary().tables[name].columns for name in TABLES}
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for each in judged:
        parts = (each.headline, each.communities, _change_rows(each))
        for name, part in zip(TABLES, parts, strict=True):
            frames[name].append(part.assign(scenario=each.name))
    return {
        name: pd.concat(parts, ignore_index=True).reindex(columns=[c.id for c in columns[name]])
        for name, parts in frames.items()
    }


def _change_rows(judged: Judged) -> pd.DataFrame:
    missed = set(map(id, judged.changed.missed))
    rows = [
        (each.action, each.kind, each.facility, each.x, each.y, id(placed) not in missed)
        for each, placed in zip(judged.scenario.changes, judged.placed, strict=True)
    ]
    return pd.DataFrame(rows, columns=["action", "kind", "facility_id", "lon", "lat", "made"])


@dataclass(frozen=True, eq=False)
class DifferenceMap:
    """The map of what a scenario changes for one kind, by the first rule on it."""

    scenario: str
    rule: Rule
    measure: str
    found: EditionComparison
    document: MapDocument


def difference_maps(
    answers: FacilityAnswers, judged: Sequence[Judged], translate: Speaker
) -> Iterator[DifferenceMap]:
    """Draw every scenario beside today, one map a kind that it changes and a rule is on."""
    for each in judged:
        baseline = ScenarioJudge(answers).baseline(each.scenario.question)
        rules = {
            rule.kind: (rule, measure)
            for rule, measure in reversed(baseline.assessment.scored.judged)
        }
        for kind in dict.fromkeys(placed.kind for placed in each.placed):
            if kind not in rules:
                continue
            rule, measure = rules[kind]
            found = compare_with_today(baseline, each.changed, each.city, kind)
            said = difference_said(found, rule, measure, translate)
            document = difference_document(
                answers.city,
                found,
                rule=rule,
                about=translate("scenario.map", name=each.name),
                summary="".join(translate(key, **facts) for key, facts in said).replace("**", ""),
                translate=translate,
                areas=answers.areas(),
                ground=answers.ground(translate.language),
            )
            yield DifferenceMap(each.name, rule, measure, found, document)


def difference_said(
    found: EditionComparison, rule: Rule, measure: str, translate: Speaker
) -> list[tuple[str, dict[str, str]]]:
    """Say what a scenario changes by a rule: sentences by their key, with what they tell."""
    rows, counts = found.change[found.change["rule"] == rule.id], found.counts(rule.kind)
    facts = {
        "opened": translate.count(counts[OPENED]),
        "closed": translate.count(counts[CLOSED]),
        "moved": translate.count(counts[MOVED]),
        "up": translate.count((rows["crossed"] == UP).sum()),
        "down": translate.count((rows["crossed"] == DOWN).sum()),
        "rule": translate.of(rule.title),
        "measure": translate(f"measure.{measure}"),
    }
    said = [("whatif.sentence", facts)]
    if rows["people_gained"].isna().all():
        return said
    people = {
        "gained": translate.count(rows["people_gained"].sum()),
        "lost": translate.count(rows["people_lost"].sum()),
        "reach": reach_text(translate, rule.service_radius_m or 0, measure),
    }
    return [*said, ("whatif.people", people)]


def scenario_files(
    answers: FacilityAnswers,
    judged: Sequence[Judged],
    translate: Speaker,
    *,
    command: str = "scenarios",
    found: Mapping[str, object] | None = None,
) -> dict[str, bytes]:
    """Make the files of scenarios side by side; `found` is recorded with what was asked."""
    tables, dictionary = scenario_tables(judged), load_dictionary().tables
    files = {"scenarios.json": exported({each.name: each.scenario for each in judged})}
    for name in TABLES:
        columns = dictionary[name].columns
        files[dictionary[name].files[0]] = csv_bytes(tables[name], columns)
    maps = {}
    for number, drawn in enumerate(difference_maps(answers, judged, translate), 1):
        name = f"difference_map_{number}.html"
        files[name] = document_html(drawn.document, answers.city).encode()
        maps[name] = {
            "scenario": drawn.scenario,
            "rule": drawn.rule.id,
            "measure": drawn.measure,
        }
    return with_record(
        files,
        answers.city,
        command=command,
        parameters={
            "scenarios": {each.name: as_values(each.scenario) for each in judged},
            "maps": maps,
            **(found or {}),
            "language": translate.language,
        },
        created=dt.datetime.now(dt.UTC),
    )


def list_sentences(records: Sequence[Record], city: City, translate: Speaker) -> list[str]:
    """Tell of every scenario who saved it, when, and whether its data are those of today."""
    if not records:
        return [translate("scenario.none")]
    return [_list_sentence(each, city, translate) for each in records]


def _list_sentence(record: Record, city: City, translate: Speaker) -> str:
    scenario = from_values(record.body, entry=record.name)
    told = translate(
        "scenario.listed",
        name=record.name,
        version=record.version,
        at=dt.datetime.fromisoformat(record.at).strftime("%Y-%m-%d %H:%M"),
        author=scenario.author or "—",
        count=len(scenario.changes),
    )
    return told if scenario.fingerprint == city.fingerprint else told + translate("scenario.old")


def sentences(judged: Sequence[Judged], city: City, translate: Speaker) -> list[str]:
    """Say of each scenario what on today's data is otherwise than when it was saved."""
    told = []
    for each in judged:
        if each.scenario.fingerprint != city.fingerprint:
            told.append(translate("scenario.old_data", name=each.name))
            told += _moved(each, translate)
        if missed := len(each.changed.missed):
            told.append(translate("scenario.missed", name=each.name, count=missed))
    return told


def _moved(judged: Judged, translate: Speaker) -> list[str]:
    """Tell each rule whose headline is no longer what was saved."""
    then = {(row["rule"], row["measure"]): row for row in judged.scenario.found}
    told = []
    for row in judged.headline.to_dict("records"):
        old = then.get((row["rule"], row["measure"]))
        if old and old["value"] is not None and not math.isclose(old["value"], row["value"]):
            facts = {"rule": row["rule"], "then": old["value"], "now": row["value"]}
            told.append(translate("scenario.moved", name=judged.name, **facts))
    return told
