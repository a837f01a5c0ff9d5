"""Places by address: house numbers, streets and named things of the city's own layers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.model.errors import SourceError
from layers.load import load_city
from layers.places.gazetteer import LEAST_SCORE, Gazetteer
from tests.layers.toy import HEAD, NOWHERE, write_communities


@pytest.fixture(scope="module")
def known():
    """人民路 eastwards with two numbers, a short lane, a long avenue, a park, two markets."""
    found = Gazetteer()
    heads = ("street", "number", "address", "name", "x", "y")
    found.add_houses(
        pd.DataFrame(
            [
                ("人民路", "10", "", "", 100.0, 0.0),
                ("人民路", "30", "", "", 300.0, 0.0),
                ("", "", "12 Main St, Springfield", "Town hall", 50.0, 50.0),
            ],
            columns=heads,
        )
    )
    lines = [
        shapely.LineString([(0, 500), (200, 500)]),
        shapely.LineString([(0, 900), (5000, 900)]),
    ]
    streets = gpd.GeoDataFrame(
        {"name": ["桂花巷", "Long Avenue"], "name_en": ["", ""]}, geometry=lines
    )
    found.add_streets(streets)
    found.add_names(["中山公园", "东市场", "东市场"], [7.0, 0.0, 900.0], [8.0, 0.0, 0.0])
    return found


PLACED = [
    ("人民路10号", 100, 0, 100, "house"),
    ("某市江边区人民路３０號", 300, 0, 100, "house"),
    ("人民路20号", 200, 0, 95, "house_near"),
    ("人民路10～30号", 200, 0, 95, "house_near"),
    ("12 Main Street", 50, 50, 100, "house"),
    ("Main St. 12, Springfield", 50, 50, 100, "house"),
    ("14 main street", 50, 50, 85, "house_near"),
    ("中山公園", 7, 8, 100, "name"),
    ("中山公园东门", 7, 8, 90, "name"),
    ("桂花巷", 100, 500, 85, "street"),
    ("桂花巷5号", 100, 500, 85, "street"),
]


@pytest.mark.parametrize(("text", *("x", "y", "score", "how")), PLACED)
def test_what_is_found_and_how_surely(known, text, *, x, y, score, how):
    found = known.find(text)
    assert (found.x, found.y) == pytest.approx((x, y), abs=1e-6)
    assert (round(found.score), found.how) == (score, how)


@pytest.mark.parametrize(
    "text", ["", "解放路10号", "人民路90号", "Long Avenue 7", "东市场", "一街道1号", "12"]
)
def test_what_is_too_far_too_long_or_not_known_has_no_place(known, text):
    assert known.find(text).score < LEAST_SCORE


CITY = """
[[layers]]
kind = "addresses"
file = "houses.csv"
columns = { street = "street", no = "number", lon = "lon", lat = "lat" }

[[layers]]
kind = "toilet"
file = "t.csv"
columns = { name = "name", at = "address" }
"""


def city_of(folder, *addresses):
    write_communities(folder)
    houses = "street,no,lon,lat\n人民路,10,116.40,39.90\n人民路,12,116.41,39.90\n解放路,5,0,0\n"
    (folder / "houses.csv").write_text(houses, "utf-8")
    rows = [f"甲{n},{text}" for n, text in enumerate(addresses)]
    (folder / "t.csv").write_text("\n".join(["name,at", *rows, ""]), "utf-8")
    (folder / "city.toml").write_text(HEAD + CITY, "utf-8")
    return load_city(folder, city_data=NOWHERE)


def test_a_register_of_addresses_gets_its_places_and_lists_the_rest(tmp_path):
    city = city_of(tmp_path, "人民路10号", "人民路11号", "人民大道99号", "")
    houses, toilets = city.reports[1:]
    assert (houses.loaded, houses.quarantined) == (2, 1)
    assert (toilets.rows_in, toilets.loaded, toilets.quarantined) == (4, 2, 2)
    places = city.facilities.geometry.to_crs(4326)
    assert places.x.tolist() == pytest.approx([116.40, 116.405], abs=1e-6)
    lost = city.quarantine[city.quarantine["layer"] == "toilet"]
    assert lost["reason"].tolist() == ["address_unknown", "coordinates_missing"]
    assert lost["detail"].tolist() == ["人民大道99号", ""]
    notes = {note.rule: (note.count, note.facts.get("score")) for note in toilets.notes}
    assert notes["address_house"] == (1, 100)
    assert notes["address_house_near"] == (1, 95)


def test_a_register_of_which_no_address_is_known_is_refused(tmp_path):
    with pytest.raises(SourceError, match="none of 1 addresses is known") as caught:
        city_of(tmp_path, "长江路1号")
    assert caught.value.facts["houses"] == 2


def test_a_missing_coordinate_is_made_good_by_the_address(tmp_path):
    city_of(tmp_path, "人民路10号")
    text = (tmp_path / "city.toml").read_text("utf-8")
    text = text.replace('at = "address" }', 'at = "address", lon = "lon", lat = "lat" }')
    (tmp_path / "city.toml").write_text(text, "utf-8")
    rows = "name,at,lon,lat\n甲,人民路12号,,\n乙,人民路12号,116.42,39.91\n丙,无处,,\n"
    (tmp_path / "t.csv").write_text(rows, "utf-8")
    city = load_city(tmp_path, city_data=NOWHERE)
    places = city.facilities.geometry.to_crs(4326)
    assert places.x.tolist() == pytest.approx([116.41, 116.42], abs=1e-6)
    assert city.quarantine["reason"].tolist() == ["coordinates_zero", "coordinates_missing"]
