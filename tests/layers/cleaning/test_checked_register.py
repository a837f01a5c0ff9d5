"""A prepared register gives the very issues it was made from, and tells when it does not fit."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.model.errors import PlanningError, SampleError, SettingsError, SourceError
from exports.recipes.prepare import PREPARED_FILES, prepared_files
from exports.tables.data import shown_quarantine
from layers.cleaning.checked_register import ACCOUNT
from layers.load import load_city
from tests.conftest import ROOT
from tests.views.towns import write_town

DEMO = ROOT / "data" / "demo"
NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
ENTRY = """[[layers]]
kind = "issues"
file = "issues.parquet"
format = "prepared"
source = "made ready"
publication_date = "2026-07-01"
"""


@pytest.fixture(scope="module")
def city():
    return load_city(DEMO)


@pytest.fixture(scope="module")
def register(city):
    return prepared_files(city, created=NOON)[PREPARED_FILES[0]]


def recipe_with(entry):
    """The demo city's recipe with another layer of issues."""
    text = (DEMO / "city.toml").read_text("utf-8")
    head, *layers = re.split(r"(?m)^(?=\[\[layers\]\])", text)
    kept = [layer for layer in layers if 'kind = "issues"' not in layer]
    return "".join([head, *kept, entry])


@pytest.fixture
def town(tmp_path, register):
    """The demo city, whose issues are a prepared register."""
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder)
    (folder / "issues.csv.gz").unlink()
    (folder / "issues.parquet").write_bytes(register)
    (folder / "city.toml").write_text(recipe_with(ENTRY), "utf-8")
    return folder


def test_gives_the_very_issues_with_the_account_of_every_row(city, town):
    again = load_city(town)
    pd.testing.assert_frame_equal(again.issues, city.issues)
    before = next(report for report in city.reports if report.kind == "issues")
    after = next(report for report in again.reports if report.kind == "issues")
    counts = ("rows_in", "not_selected", "loaded", "repaired", "quarantined")
    assert [getattr(after, name) for name in counts] == [getattr(before, name) for name in counts]
    assert after.rows_in == after.not_selected + after.loaded + after.quarantined
    assert [(n.rule, n.count, n.first) for n in after.notes] == [
        (n.rule, n.count, n.first) for n in before.notes
    ]
    aside = [
        rows[rows["layer"] == "issues"].reset_index(drop=True)
        for rows in (shown_quarantine(city), again.quarantine)
    ]
    pd.testing.assert_frame_equal(*aside)
    assert again.as_of == city.as_of
    assert "issues" not in again.absent
    assert again.fingerprint != city.fingerprint


def changed(register, **account):
    table = pq.read_table(io.BytesIO(register))
    found = {**json.loads(table.schema.metadata[ACCOUNT]), **account}
    stream = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({ACCOUNT: json.dumps(found)}), stream)
    return stream.getvalue()


def plain(register):
    stream = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(register)).replace_schema_metadata(None), stream)
    return stream.getvalue()


def moved(register):
    table = pq.read_table(io.BytesIO(register))
    far = table.set_column(1, "x", [[1e6] * len(table)])
    stream = io.BytesIO()
    pq.write_table(far, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: b"PAR1" + file[4:-40],
        lambda file: changed(file, crs="EPSG:32649"),
        lambda file: changed(file, zone="Europe/Zurich"),
        lambda file: changed(file, loaded=19_994),
        lambda file: changed(file, quarantine=[]),
        lambda file: changed(file, edition=0),
        plain,
        moved,
    ],
)
def test_refuses_what_is_no_register_of_this_city(town, register, spoil):
    (town / "issues.parquet").write_bytes(spoil(register))
    with pytest.raises(SourceError) as caught:
        load_city(town)
    assert caught.value.problem == "prepared_wrong"


def test_a_register_that_breaks_the_contract_is_refused(town, register):
    table = pq.read_table(io.BytesIO(register))
    stream = io.BytesIO()
    names = [name.replace("category", "kind") for name in table.column_names]
    renamed = table.rename_columns(names).replace_schema_metadata(table.schema.metadata)
    pq.write_table(renamed, stream)
    (town / "issues.parquet").write_bytes(stream.getvalue())
    with pytest.raises(PlanningError, match="category"):
        load_city(town)


def test_must_be_the_only_layer_of_issues(town):
    (town / "city.toml").write_text(recipe_with(ENTRY + ENTRY), "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_city(town)
    assert caught.value.problem == "prepared_alone"


def test_a_city_without_issues_has_nothing_to_prepare(tmp_path):
    bare = load_city(write_town(tmp_path / "bare", "id,lon,lat\nt1,121.005,31.005\n"))
    with pytest.raises(SampleError):
        prepared_files(bare, created=NOON)
