"""The files that tell what became of every row of a city's data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from exports.formats.csv import csv_bytes
from exports.provenance import RECORD, with_record
from exports.tables.data import layer_table, note_table, shown_quarantine
from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Collection

    from layers.city import City
    from wording.speaker import Speaker

CHECK_FILES = ("layers.csv", "notes.csv", "quarantine.csv", RECORD)


def check_files(
    city: City,
    translate: Speaker,
    *,
    seen: Collection[str] = (),
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files that tell what became of every row; personal data but of `seen` are masked."""
    tables, language = load_dictionary().tables, translate.language
    notes = note_table(city, words=translate.words, language=language)
    files = {
        "layers.csv": csv_bytes(layer_table(city, language=language), tables["layers"].columns),
        "notes.csv": csv_bytes(notes, tables["notes"].columns),
        "quarantine.csv": csv_bytes(
            shown_quarantine(city, seen=seen), tables["quarantine"].columns
        ),
    }
    return with_record(
        files,
        city,
        command="check",
        parameters={"language": language},
        created=created or dt.datetime.now(dt.UTC),
    )
