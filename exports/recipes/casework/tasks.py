"""Tasks of a city: made of findings, kept in the store, held to the assessment of today."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyproj import Transformer

from analysis.casework.findings import FINDING_COLUMNS, HOT_PLACE, REPEAT_POINT, Findings
from analysis.casework.identity import recognise
from analysis.casework.tasks import Task, as_values, checked, from_values
from analysis.hotspots.places import WALK_M
from analysis.model.question import Question
from exports.recipes.hotspots import with_usual_period
from exports.tables.coordinates import with_degrees
from store.versioned import Record, all_records, change, create_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.city import City
    from store.database import Store

KIND = "task"
FACTS = (*FINDING_COLUMNS, "lon", "lat")
BY = "by"
"""Who saved a version, as they said; no part of the task."""


@dataclass(frozen=True)
class Kept:
    """
    A task as the store has it.

    Attributes
    ----------
    record
        Its latest version.
    task
        What stands in it.
    proposal
        What the assessment says of it, one of `analysis.casework.tasks.PROPOSALS`, or empty.
    """

    record: Record
    task: Task
    proposal: str = ""


def read_tasks(store: Store, city: City) -> list[Kept]:
    """Read every task of a city, by the name of its finding."""
    records = all_records(store, kind=KIND, place=city.id)
    return sorted(map(kept, records), key=lambda entry: entry.task.finding)


def kept(record: Record) -> Kept:
    """Read a task from its record."""
    return Kept(record, from_values({k: v for k, v in record.body.items() if k != BY}))


def make_tasks(
    store: Store, city: City, found: pd.DataFrame, duty: Task, *, by: str = ""
) -> list[Record]:
    """
    Make a task of each finding that has none yet, all or none of them.

    Parameters
    ----------
    store, city
        Where, and of which city.
    found
        Rows of findings.
    duty
        Unit, leader, team, deadline and note of every one; where no unit is stated, it is that
        of the finding.
    by
        Who makes them, as they say.
    """
    placed = with_degrees(found, city)[list(FACTS)].astype(object)
    rows = placed.where(placed.notna(), None).to_dict("index")
    bodies = {}
    for finding, facts in rows.items():
        plain = {str(name): _plain(value) for name, value in facts.items()}
        unit = duty.unit or str(plain["unit"] or "")[:100]
        task = checked(replace(duty, finding=str(finding), facts=plain, unit=unit))
        bodies[name_of(str(finding))] = {**as_values(task), BY: by}
    return create_all(store, kind=KIND, place=city.id, bodies=bodies)


def named_as_tasks(store: Store, city: City, found: pd.DataFrame) -> pd.DataFrame:
    """Let findings at a place bear the names that tasks of the city know them by."""
    earlier = facts_table(read_tasks(store, city), city)
    return recognised(Findings(found), earlier).table


def _plain(value: Any) -> object:  # noqa: ANN401  a cell
    return value.item() if isinstance(value, np.generic) else value


def name_of(finding: str) -> str:
    """Name the record of a finding's task: there is one, whatever signs the finding is named by."""
    return hashlib.sha256(finding.encode("utf-8", "surrogatepass")).hexdigest()


def save_task(store: Store, seen: Kept, task: Task, *, by: str = "") -> Kept:
    """Save a task on the version that was seen; a conflict is raised as the store tells it."""
    return kept(change(store, seen.record, body={**as_values(checked(task)), BY: by}))


def usual_question(city: City) -> Question:
    """Give the question that tasks are held to: the city's own standard, the last year's cases."""
    return with_usual_period(Question(), city)


def recognised(findings: Findings, earlier: pd.DataFrame) -> Findings:
    """Let findings at a place bear the names that tasks know them by."""
    within = {HOT_PLACE: WALK_M, REPEAT_POINT: Question().follow_up.distance_m}
    return recognise(findings, earlier, within_m=within)


def facts_table(entries: Sequence[Kept], city: City) -> pd.DataFrame:
    """Give the findings that tasks were made of, their places in the city's metres of today."""
    rows = [dict(entry.task.facts) for entry in entries]
    names = pd.Index([entry.task.finding for entry in entries], name="finding_id", dtype=object)
    return placed_today(pd.DataFrame(rows, columns=list(FACTS), index=names), city)


def placed_today(table: pd.DataFrame, city: City) -> pd.DataFrame:
    """Put the places of tasks, which are kept in degrees, into the city's metres of today."""
    to_metres = Transformer.from_crs("EPSG:4326", city.crs, always_xy=True)
    degrees = table[["lon", "lat"]].astype(float)
    x, y = to_metres.transform(degrees["lon"].to_numpy(), degrees["lat"].to_numpy())
    placed = np.isfinite(degrees.to_numpy()).all(axis=1)
    return table.assign(x=np.where(placed, x, np.nan), y=np.where(placed, y, np.nan))


def history_of(versions: Sequence[Record]) -> pd.DataFrame:
    """List what each version of a task changed: when, by whom, which part, from what to what."""
    rows = []
    before: Mapping[str, Any] = {}
    for record in versions:
        body = {k: v for k, v in record.body.items() if k not in {BY, "facts", "finding"}}
        rows += [
            {
                "version": record.version,
                "at": record.at,
                "by": record.body.get(BY, ""),
                "part": part,
                "before": before.get(part),
                "after": value,
            }
            for part, value in body.items()
            if before.get(part) != value and (value or before.get(part))
        ]
        before = body
    columns = ["version", "at", "by", "part", "before", "after"]
    return pd.DataFrame(rows, columns=columns, dtype=object)
