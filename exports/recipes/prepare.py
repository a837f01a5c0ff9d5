"""The register of issues as columns, so that millions of rows are read in a moment."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.model.errors import SampleError
from analysis.privacy.recognise import mask_column
from exports.provenance import RECORD, with_record
from exports.tables.data import shown_quarantine
from layers.cleaning.checked_register import ACCOUNT, COUNTS, EDITION

if TYPE_CHECKING:
    import pandas as pd

    from layers.city import City

PREPARED_FILES = ("issues.parquet", RECORD)
FEW = 1000
"""Texts with at most so many different values are stored once and referred to."""


def prepared_files(city: City, *, created: dt.datetime | None = None) -> dict[str, bytes]:
    """Write the issues of a city as one prepared register."""
    if city.issues is None:
        msg = f"{city.id}: there is no layer of issues."
        raise SampleError(msg, problem="no_issues", city=city.id)
    files = {PREPARED_FILES[0]: register_bytes(city, city.issues)}
    created = created or dt.datetime.now(dt.UTC)
    return with_record(files, city, command="prepare", parameters={}, created=created)


def register_bytes(city: City, issues: pd.DataFrame) -> bytes:
    """Write issues as a prepared register."""
    columns = {"issue_id": pa.array(issues.index, type=pa.large_string())}
    issues = issues.assign(text=mask_column(issues["text"]))
    columns |= {name: _column(issues[name]) for name in issues.columns}
    table = pa.table(columns).replace_schema_metadata({ACCOUNT: json.dumps(_account(city))})
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def _column(values: pd.Series) -> pa.Array | pa.ChunkedArray:
    array = pa.array(values, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        coded = array.dictionary_encode()
        return coded if len(coded.dictionary) <= FEW else array
    return array


def _account(city: City) -> dict[str, object]:
    reports = [report for report in city.reports if report.kind == "issues"]
    shown = shown_quarantine(city)
    aside = shown[shown["layer"].isin([report.id for report in reports])]
    return {
        "edition": EDITION,
        "crs": city.crs.to_wkt(),
        "zone": city.time_zone,
        **{name: sum(getattr(report, name) for report in reports) for name in COUNTS},
        "notes": [asdict(note) for report in reports for note in report.notes],
        "quarantine": aside.to_dict("records"),
    }
