"""What became of a city's data, as the tables that `data/dictionary.toml` describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from layers.city import City
    from wording.catalogue import Words
from exports.tables.names import SEPARATOR


def layer_table(city: City, *, language: str) -> pd.DataFrame:
    """
    List the layers of a city: source, and what became of every row.

    Parameters
    ----------
    city
        As loaded.
    language
        Of the remarks.

    Returns
    -------
    layers
        Columns of the dictionary's table `layers`.
    """
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


def public_quarantine(city: City) -> pd.DataFrame:
    """
    List the rows kept aside without what people wrote in their reports.

    Parameters
    ----------
    city
        As loaded.

    Returns
    -------
    rows
        As `City.quarantine`; of reported issues only where the row stands and why it was
        kept aside, since their text may name people. The whole rows are in
        `quarantine.csv`, which is asked for on purpose.
    """
    reported = {report.id for report in city.reports if report.kind == "issues"}
    private = city.quarantine["layer"].isin(reported)
    rows = city.quarantine.copy()
    rows.loc[private, ["content", "detail"]] = ""
    return rows


def note_table(city: City, *, words: Words, language: str) -> pd.DataFrame:
    """
    List everything that loading did or saw.

    Parameters
    ----------
    city
        As loaded.
    words
        For the sentences.
    language
        `zh` or `en`.

    Returns
    -------
    notes
        Columns of the dictionary's table `notes`.
    """
    rows = [
        {
            "layer": note.layer,
            "outcome": note.outcome,
            "note": note.rule,
            "message": words(language, f"note.{note.rule}", **note.facts),
            "count": note.count,
            "first": SEPARATOR.join(note.first),
            "facts": json.dumps(dict(note.facts), ensure_ascii=False, default=str),
        }
        for report in city.reports
        for note in report.notes
    ]
    columns = load_dictionary().tables["notes"].columns
    return pd.DataFrame(rows, columns=[column.id for column in columns])
