"""The record of a run holds the standard as its file has it."""

from __future__ import annotations

import datetime as dt
import json
import tomllib

import pytest

from exports.provenance import with_record
from layers.knowledge.standards import load_standards
from tests.conftest import ROOT

FILES = sorted((ROOT / "data" / "standards").glob("*.toml"))
PLAIN = {"id", "kind", "figure", "minimum", "minimum_basis", "service_radius_m", "confidence"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_standard_is_recorded_as_its_file_has_it(city, file):
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    made = with_record(
        {},
        city,
        command="coverage",
        parameters={},
        created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        standard=load_standards()[file.stem],
    )
    recorded = json.loads(made["run.json"])["standard"]
    assert recorded["id"] == file.stem
    for rule, source in zip(recorded["rules"], written["rules"], strict=True):
        for key in source.keys() & PLAIN:
            assert rule[key] == source[key]
