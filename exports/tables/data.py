"""What became of a city's data, as the tables that `data/dictionary.toml` describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from layers.findings.personal import REPORTS, masked_rows
from layers.knowledge.dictionary import load_dictionary
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Collection

    from layers.city import City
    from wording.catalogue import Words
from exports.tables.names import SEPARATOR


def layer_table(city: City, *, language: str) -> pd.DataFrame:
    """List the layers of a city: source, and what became of every row."""
    columns = load_dictionary().tables["layers"].columns
    rows = [
        vars(report)
        | {
            "layer": report.id,
            "files": SEPARATOR.join(report.files),
            "sha256": SEPARATOR.join(report.files.values()),
            "remark": report.remark.get(language, ""),
        }
        for report in city.reports
    ]
    return pd.DataFrame(rows, columns=[column.id for column in columns])


def _layers_of_reports(city: City) -> set[str]:
    return {report.id for report in city.reports if report.kind in REPORTS}


def shown_quarantine(
    city: City, *, first: int | None = None, seen: Collection[str] = ()
) -> pd.DataFrame:
    """List quarantined rows, or the first, with personal data masked but for classes `seen`."""
    return masked_rows(city.quarantine.iloc[:first], _layers_of_reports(city), seen=seen)


def public_quarantine(city: City) -> pd.DataFrame:
    """List the quarantined rows without what people wrote in their reports."""
    rows = shown_quarantine(city)
    rows.loc[rows["layer"].isin(_layers_of_reports(city)), ["content", "detail"]] = ""
    return rows


def note_table(city: City, *, words: Words, language: str) -> pd.DataFrame:
    """List everything that loading did or saw."""
    rows = [
        {
            "layer": note.layer,
            "outcome": note.outcome,
            "note": note.rule,
            "message": Speaker(words, language).note(note.rule, note.facts),
            "count": note.count,
            "first": SEPARATOR.join(note.first),
            "facts": json.dumps(dict(note.facts), ensure_ascii=False, default=str),
        }
        for report in city.reports
        for note in report.notes
    ]
    columns = load_dictionary().tables["notes"].columns
    return pd.DataFrame(rows, columns=[column.id for column in columns])
