"""The three lists of tasks, out to units and back: what they changed, what of it is taken."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.returned import (
    FILLED,
    LISTS,
    Aside,
    Change,
    Row,
    cell_of,
    read_back,
    row_mark,
    taken,
)
from analysis.casework.tasks import MOVES, STATES
from analysis.model.errors import PlanningError, SettingsError, SourceError
from analysis.model.question import Selection
from exports.formats.task_lists import IDENTITY, SHOWN, TITLES_ROW, task_lists
from exports.recipes.casework.tasks import KIND, Kept, facts_table, kept, save_task
from layers.formats.headings import Stated
from layers.formats.read import How, read_table
from layers.languages import LANGUAGES
from store.versioned import every_version
from wording.campaigns import asked_period
from wording.findings import worded_findings

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from pathlib import Path

    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from layers.formats.table import Table
    from store.database import Store
    from wording.catalogue import Words
    from wording.speaker import Speaker

_DASH = "-"
"""Between the name of a task and the mark of its row."""


def lists_workbook(
    entries: Sequence[Kept],
    answers: IssueAnswers,
    translate: Speaker,
    *,
    categories: Mapping[str, Mapping[str, str]],
    day: dt.date,
    campaign: str = "",
) -> bytes:
    """Write the lists of some tasks as they are kept now; `campaign` is the one they are of."""
    city = answers.city
    facts = worded_findings(
        facts_table(entries, city),
        city,
        answers.standards,
        kinds=answers.kinds,
        categories=categories,
        translate=translate,
    )
    rows = facts[["place", "what", "found", "remedy"]].reset_index(drop=True)
    told = zip(entries, rows["place"], rows["what"], strict=True)
    rows["id"] = [f"{each.record.id}{_DASH}{row_mark(each.record.id, *of)}" for each, *of in told]
    rows["version"] = [str(each.record.version) for each in entries]
    for part in FILLED:
        rows[part] = [cell_of(kept(each.record).task, part) for each in entries]
    words = {state: translate(f"task.state_{state}") for state in STATES}
    rows["state"] = rows["state"].map(words)
    stored = [kept(each.record).task.state for each in entries]
    allowed = [[words[state], *(words[each] for each in MOVES[state])] for state in stored]
    name = translate.of(city.name)
    of = asked_period(Selection(campaign=campaign), city, translate)
    headings = {
        each: " · ".join(filter(None, (_heading(each, name, day, translate), of))) for each in LISTS
    }
    created = dt.datetime.combine(day, dt.time())
    return task_lists(
        rows.astype(str), headings=headings, states=allowed, translate=translate, created=created
    )


def _heading(name: str, city: str, day: dt.date, translate: Speaker) -> str:
    listed = translate(f"task.list_{name}")
    return translate("task.list_heading", city=city, list=listed, day=day.isoformat())


def read_lists(path: Path, words: Words, *, entry: str) -> list[Row]:
    """Read every row of the lists of a workbook, whatever language it was written in."""
    rows: list[Row] = []
    if path.is_file() and not zipfile.is_zipfile(
        path
    ):  # text that bears the suffix of a workbook is read elsewhere
        msg = f"{entry}: {path.name} is not a workbook."
        hint = "Bring the file back as it was handed out, an Excel workbook (*.xlsx)."
        raise SourceError(msg, problem="list_no_workbook", hint=hint, entry=entry, file=path.name)
    for name in LISTS:
        table = _sheet(path, name, words, entry=entry)
        titles: dict[str, str] = {}
        for number, cells in zip(table.numbers, table.rows.to_dict("records"), strict=True):
            told = {str(key): str(value) for key, value in cells.items()}
            if number == TITLES_ROW:
                titles = told
            elif number > TITLES_ROW and any(told.values()):
                rows.append(_row(name, int(number) + 1, told, titles))
    return rows


def _row(name: str, number: int, told: Mapping[str, str], titles: Mapping[str, str]) -> Row:
    """Take a row: which task it is of, what units filled in, and what else they wrote."""
    task, _, mark = told["id"].partition(_DASH)  # older lists bear no mark
    of = told.get("place", ""), told.get("what", "")
    ours = (*IDENTITY, *SHOWN[name], *LISTS[name])
    added = [titles.get(key) or cell for key, cell in told.items() if cell and key not in ours]
    cells = {part: told[part] for part in LISTS[name] if part in told}
    matches = mark in {"", row_mark(task, *of)}
    return Row(name, number, task, told["version"], cells, matches, tuple(added))


def _sheet(path: Path, name: str, words: Words, *, entry: str) -> Table:
    """Find a list under its name in any language, with all that its rows are known by."""
    names = list(dict.fromkeys(words(language, f"task.list_{name}") for language in LANGUAGES))
    for sheet in names:
        how = How(layer=sheet, headings=Stated(header_row=1))
        wanted = ("id", "version", *LISTS[name])
        try:
            table = read_table(path, name=path.name, entry=entry, how=how, columns=wanted)
        except SourceError as error:
            if error.problem == "header_row_empty":
                raise _keyless(entry, path.name, sheet) from error
            if error.problem != "layer_unknown":
                raise
            present = str(error.facts["allowed"])
        else:
            _check_sheet(table, path.name, sheet, entry=entry)
            return table
    file, found = path.name, names[0]
    msg = f"{entry}: {file} has no sheet {found!r}; present are {present}."
    hint = "Bring all three sheets back, under the names that they had."
    facts = {"entry": entry, "file": file, "found": found, "present": present}
    raise SourceError(msg, problem="list_sheet", hint=hint, **facts)


def _keyless(entry: str, file: str, sheet: str) -> SourceError:
    msg = f"{entry}: {file}, sheet {sheet!r}: the hidden first row or column is not there."
    hint = "Fill in the workbook as it was handed out; insert nothing above the hidden row."
    return SourceError(msg, problem="list_keys", hint=hint, entry=entry, file=file, found=sheet)


def _check_sheet(table: Table, file: str, sheet: str, *, entry: str) -> None:
    """Refuse a list whose rows cannot be told apart, or that has cells nobody can read."""
    if not {"id", "version"} <= set(table.rows):
        raise _keyless(entry, file, sheet)
    for rule in ("formulas_uncomputed", "cells_failed"):
        if facts := table.remarks.get(rule):
            count = facts["count"]
            msg = f"{entry}: {file}, sheet {sheet!r}: {count} cells have no value."
            hint = "Put values in the place of formulas, and save the workbook again."
            about = {"entry": entry, "file": file, "found": sheet, "count": count}
            raise SourceError(msg, problem="list_formulas", hint=hint, **about)


@dataclass(frozen=True)
class Returned:
    """
    What came back.

    Attributes
    ----------
    changes, aside
        `analysis.casework.returned.read_back`.
    latest
        The tasks that changes are of, by record, as they are now.
    """

    changes: list[Change]
    aside: list[Aside]
    latest: dict[str, Kept]


def study_lists(
    store: Store,
    city: City,
    rows: Sequence[Row],
    words: Words,
    *,
    own: Container[str] | None = None,
) -> Returned:
    """Hold what came back to what is kept; a task that is not among one's own is unknown."""
    named = sorted({row.task for row in rows if own is None or row.task in own})
    versions = every_version(store, named, kind=KIND, place=city.id)
    tasks = {name: [kept(each).task for each in records] for name, records in versions.items()}
    changes, aside = read_back(rows, tasks, states=state_words(words))
    latest = {each.row.task: kept(versions[each.row.task][-1]) for each in changes}
    return Returned(changes, aside, latest)


def state_words(words: Words) -> dict[str, str]:
    """Give the state that each word means, in any language."""
    return {
        words(language, f"task.state_{state}").casefold(): state
        for language in LANGUAGES
        for state in STATES
    }


def take_lists(
    store: Store, returned: Returned, *, over_conflicts: bool, by: str = ""
) -> tuple[list[Kept], list[tuple[Change, PlanningError]]]:
    """Save the changes task by task; what cannot be saved is told with its reason."""
    saved, refused = [], []
    wanted: dict[str, list[Change]] = {}
    for change in returned.changes:
        if over_conflicts or not change.is_conflict:
            wanted.setdefault(change.row.task, []).append(change)
    for name, changes in wanted.items():
        entry = returned.latest[name]
        try:
            saved.append(save_task(store, entry, taken(entry.task, changes), by=by))
        except (SettingsError, PlanningError) as error:
            refused += [(change, error) for change in changes]
    return saved, refused


def change_table(changes: Sequence[Change], translate: Speaker) -> pd.DataFrame:
    """List the changed cells in words."""
    return pd.DataFrame(
        {
            translate("task.col_list"): [translate(f"task.list_{c.row.name}") for c in changes],
            translate("task.col_row"): [c.row.number for c in changes],
            translate("task.col_part"): [translate(f"task.part_{c.part}") for c in changes],
            **{
                translate(f"task.col_{name}"): [
                    _said(c.part, getattr(c, name), translate) for c in changes
                ]
                for name in ("before", "now", "wanted")
            },
            "⚠": ["⚠" if c.is_conflict else "" for c in changes],
        }
    )


def _said(part: str, value: str, translate: Speaker) -> str:
    if part == "state" and value in STATES:
        return translate(f"task.state_{value}")
    return "; ".join(value.splitlines())


def aside_table(aside: Sequence[Aside], translate: Speaker) -> pd.DataFrame:
    """List the rows set aside, with the reason."""
    return pd.DataFrame(
        {
            translate("task.col_list"): [translate(f"task.list_{a.row.name}") for a in aside],
            translate("task.col_row"): [a.row.number for a in aside],
            translate("task.col_why"): [
                translate(f"task.aside_{a.reason}", found=a.found) for a in aside
            ],
        }
    )
