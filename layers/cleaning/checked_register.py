"""Reads a prepared register: issues already checked, as columns, with the account of their rows."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from analysis.model.contracts import check_issues
from analysis.privacy.retention import past_keeping
from layers.city import FIRST_IDS, Note
from layers.cleaning.row_account import QUARANTINE_COLUMNS, layer_report
from layers.formats.boundary import held
from layers.sources.opened import check_content

if TYPE_CHECKING:
    from layers.city import LayerReport
    from layers.cleaning.study_area import StudyArea
    from layers.recipe.schema import LayerRecipe
    from layers.sources.opened import Opened

FORMAT = "prepared"
ACCOUNT = b"register"
"""Under this key of the file's metadata stands what `Account` holds, as JSON."""
EDITION = 1
COUNTS = ("rows_in", "not_selected", "loaded", "repaired", "quarantined")


@dataclass(frozen=True, eq=False)
class Prepared:
    """
    A prepared register.

    Attributes
    ----------
    issues
        As in `analysis.model.contracts`.
    report
        What became of the rows of the layers it was prepared from, together.
    quarantine
        As `City.quarantine`.
    """

    issues: pd.DataFrame
    report: LayerReport
    quarantine: pd.DataFrame


def read_prepared(opened: Opened, recipe: LayerRecipe, area: StudyArea, *, zone: str) -> Prepared:
    """Read a prepared register column by column; no value is parsed."""
    check_content(opened, expected="parquet", format_name="Parquet")
    with held(lambda found: _refused(opened, found)):
        table = pq.read_table(io.BytesIO(opened.data))
        account = json.loads((table.schema.metadata or {})[ACCOUNT])
        issues = _issues(table, zone)
        report = _report(account, opened, recipe)
        quarantine = pd.DataFrame(account["quarantine"], columns=list(QUARANTINE_COLUMNS))
        sound = _sound(account, issues, report, area, zone)
    if sound:
        raise _refused(opened, sound)
    check_issues(issues)
    if months := recipe.keep_texts_months:
        issues, report = _without_old_texts(issues, report, months)
    return Prepared(issues, report, quarantine.assign(layer=recipe.id))


def _without_old_texts(
    issues: pd.DataFrame, report: LayerReport, months: int
) -> tuple[pd.DataFrame, LayerReport]:
    """Leave out texts that are no longer kept, and note of how many reports."""
    past = past_keeping(issues["reported_at"], months=months) & (issues["text"] != "")
    if not past.any():
        return issues, report
    first = tuple(map(str, issues.index[past][:FIRST_IDS]))
    note = Note(report.id, "noted", "texts_past", int(past.sum()), first, {"months": months})
    kept = issues.assign(text=issues["text"].mask(past, ""))
    return kept, replace(report, notes=(*report.notes, note))


def _refused(opened: Opened, found: str) -> Exception:
    return opened.error(
        text=f"is no prepared register of this city: {found}.",
        problem="prepared_wrong",
        hint="Make it again with cli.py prepare.",
        found=found,
    )


def _issues(table: pa.Table, zone: str) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name)
        column.validate(full=True)
        if pa.types.is_timestamp(column.type):
            columns[name] = column.to_pandas().dt.tz_convert(zone).array
        elif pa.types.is_floating(column.type):
            columns[name] = column.to_numpy()
        else:
            columns[name] = pd.array(column.cast(pa.large_string()), dtype="str")
    names = columns.pop("issue_id")
    return pd.DataFrame(columns, index=pd.Index(names, name="issue_id"))


def _report(account: dict[str, Any], opened: Opened, recipe: LayerRecipe) -> LayerReport:
    notes = [
        Note(**{**note, "layer": recipe.id, "first": tuple(note["first"])})
        for note in account["notes"]
    ]
    counts = {name: int(account[name]) for name in COUNTS}
    return layer_report(recipe, files={opened.name: opened.sha256}, notes=notes, **counts)


def _sound(
    account: dict[str, Any], issues: pd.DataFrame, report: LayerReport, area: StudyArea, zone: str
) -> str:
    """Say what does not fit, or nothing."""
    if account["edition"] != EDITION:
        return f"edition {account['edition']}"
    if CRS.from_user_input(account["crs"]) != area.crs:
        return "its coordinates are in another system"
    if account["zone"] != zone:
        return f"its times are those of {account['zone']}"
    if (
        not len(issues)
        == report.loaded
        == report.rows_in - report.not_selected - report.quarantined
    ):
        return f"{len(issues)} rows where its account says {report.loaded}"
    if len(account["quarantine"]) != report.quarantined:
        return f"{len(account['quarantine'])} rows quarantined where it says {report.quarantined}"
    placed = issues["x"].notna().to_numpy()
    x, y = (issues[name].to_numpy(dtype=np.float64)[placed] for name in ("x", "y"))
    outside = int((~area.holds(x, y)).sum())
    return f"{outside} places lie outside the city" if outside else ""
