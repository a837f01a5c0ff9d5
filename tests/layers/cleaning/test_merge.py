"""Layers of one kind become one frame, and no identifier stands in it twice."""

from __future__ import annotations

import pytest

from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities

LAYER = """
[[layers]]
kind = "{kind}"
file = "{file}"
columns = {{ {columns} }}
"""
PLACED = {"id": "id", "lon": "lon", "lat": "lat"}
WESTERN, EASTERN = ("a", "116.35", "39.90"), ("b", "116.45", "39.90")


@pytest.fixture
def load(tmp_path):
    """Load a city with one layer for each list of rows, all of one kind."""
    write_communities(tmp_path)

    def load(kind, heads, *layers):
        text = HEAD
        for number, rows in enumerate(layers):
            file = f"{number}.csv"
            lines = [",".join(row) for row in (tuple(heads), *rows)]
            (tmp_path / file).write_text("\n".join(lines), encoding="utf-8")
            columns = ", ".join(f'{theirs} = "{ours}"' for theirs, ours in heads.items())
            text += LAYER.format(kind=kind, file=file, columns=columns)
        (tmp_path / "city.toml").write_text(text, encoding="utf-8")
        return load_city(tmp_path, city_data=NOWHERE)

    return load


def notes(city, layer):
    report = next(report for report in city.reports if report.id == layer)
    assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    return {(note.outcome, note.rule): note.first for note in report.notes}


def test_a_facility_whose_identifier_is_taken_bears_its_layer_too(load):
    city = load("toilet", PLACED, [WESTERN, EASTERN], [("b", "116.40", "39.91")], [WESTERN])
    assert city.facilities.index.tolist() == ["a", "b", "toilet-2:b", "toilet-3:a"]
    assert ("repaired", "identifier_made_unique") not in notes(city, "toilet")
    assert notes(city, "toilet-2")["repaired", "identifier_made_unique"] == ("b",)
    assert notes(city, "toilet-3")["repaired", "identifier_made_unique"] == ("a",)


def test_an_issue_whose_identifier_is_taken_is_quarantined(load):
    city = load("issues", PLACED, [WESTERN], [WESTERN, EASTERN], [EASTERN])
    assert city.issues.index.tolist() == ["a", "b"]
    assert notes(city, "issues-2")["quarantined", "identifier_twice"] == ("a",)
    assert notes(city, "issues-3")["quarantined", "identifier_twice"] == ("b",)
    assert city.quarantine["layer"].tolist() == ["issues-2", "issues-3"]


def test_a_second_result_of_a_recheck_is_quarantined(load):
    heads = {"id": "id", "result": "result"}
    city = load("lookback_results", heads, [("a", "came_back")], [("a", "clean"), ("b", "clean")])
    assert city.rechecks["result"].to_dict() == {"a": "came_back", "b": "clean"}
    assert notes(city, "lookback_results-2")["quarantined", "identifier_twice"] == ("a",)


def test_residents_of_layers_with_the_same_identifiers_are_numbered(load):
    heads = {**PLACED, "n": "population"}
    one, other = (*WESTERN, "3"), (*EASTERN, "4")
    city = load("residents", heads, [one, other], [(*WESTERN, "5")])
    assert city.residents["population"].to_dict() == {1: 3.0, 2: 4.0, 3: 5.0}
    city = load("residents", heads, [one], [other])
    assert city.residents["population"].to_dict() == {"a": 3.0, "b": 4.0}
