"""What differs from what a recipe expects in nothing that matters is read, and told."""

from __future__ import annotations

import pytest
import shapely

from analysis.model.errors import PlanningError
from layers.load import load_city
from tests.layers.toy import HEAD, SQUARE, write_communities

LAYER = """
[[layers]]
kind = "toilet"
file = "t.csv"
columns = { id = "id", "My Name" = "name", lon = "lon", lat = "lat" }
"""


def loaded(folder, rows):
    write_communities(folder)
    (folder / "city.toml").write_text(HEAD + LAYER, encoding="utf-8")
    (folder / "t.csv").write_text(rows, encoding="utf-8")
    return load_city(folder)


def noted(city, layer=1):
    return {note.rule: note for note in city.reports[layer].notes}


def test_headings_that_differ_in_case_width_and_blanks_are_the_same(tmp_path):
    city = loaded(tmp_path, "ＩＤ, my  name ,LON,lat\n1,A,116.35,39.9\n")
    assert city.facilities["name"].tolist() == ["A"]
    told = noted(city)["headings_alike"].facts["found"]
    assert "ＩＤ = id" in told
    assert "LON = lon" in told


def test_of_two_headings_alike_neither_is_taken(tmp_path):
    with pytest.raises(PlanningError, match="'id' is missing"):
        loaded(tmp_path, "ID,Id,My Name,lon,lat\n1,2,A,116.35,39.9\n")


def test_empty_cells_beyond_the_headings_lose_nothing(tmp_path):
    rows = "id,My Name,lon,lat\n1,A,116.35,39.9,\n2,B,116.36,39.9,,\n3,C,116.37,39.9,x\n"
    city = loaded(tmp_path, rows + '4,"D\n,",116.38,39.9, \n5,E,116.39,39.9\n')
    assert city.facilities["name"].tolist() == ["A", "B", "D\n,", "E"]
    assert noted(city)["cells_beyond"].facts == {"rows": 3}
    report = city.reports[1]
    assert (report.rows_in, report.loaded, report.quarantined) == (5, 4, 1)
    assert city.quarantine["row"].tolist() == [3]


def test_a_community_on_the_other_side_of_the_earth_is_set_aside(tmp_path):
    near = [shapely.box(116.30 + 0.01 * n, 39.85, 116.31 + 0.01 * n, 39.95) for n in range(8)]
    write_communities(tmp_path, shapes=[*near, shapely.box(-60, 10, -59, 11)])
    (tmp_path / "city.toml").write_text(HEAD, encoding="utf-8")
    city = load_city(tmp_path)
    assert len(city.communities) == 8
    assert noted(city, 0)["community_far"].count == 1
    write_communities(tmp_path, shapes=[SQUARE, shapely.box(-60, 10, -59, 11)])
    with pytest.raises(PlanningError):  # of two nobody knows which is the city
        load_city(tmp_path)
