"""Campaigns of a recipe: one clear error each, with the near match; areas of every form."""

from __future__ import annotations

import json

import pytest
import shapely

from analysis.model.errors import PlanningError
from layers.campaigns import find_campaign
from layers.load import load_city
from tests.layers import toy

ISSUES = """
[[layers]]
kind = "issues"
file = "issues.csv"
columns = { id = "id", what = "category", when = "reported_at", lon = "lon", lat = "lat" }
"""
ZONES = """
[[layers]]
kind = "zone"
file = "west.geojson"
columns = { id = "id", name = "name" }
"""
CAMPAIGN = """
[[campaigns]]
name = {{ zh = "{zh}", en = "{en}" }}
from = {since}
to = {until}
{more}
"""
WEST = shapely.box(116.30, 39.85, 116.40, 39.95)


def campaign(more="", *, zh="整治", en="Push", since="2026-06-01", until="2026-06-30"):
    return CAMPAIGN.format(zh=zh, en=en, since=since, until=until, more=more)


@pytest.fixture
def city(tmp_path):
    """A folder with a city of one square, three issues and a zone; takes the campaigns."""
    folder = tmp_path / "trial"
    folder.mkdir()
    toy.write_communities(folder, parent=["东城街道"])
    feature = {
        "type": "Feature",
        "properties": {"id": "w1", "name": "West"},
        "geometry": json.loads(shapely.to_geojson(WEST)),
    }
    whole = {"type": "FeatureCollection", "features": [feature]}
    (folder / "west.geojson").write_text(json.dumps(whole), encoding="utf-8")
    rows = ["1,litter,2026-06-01,116.31,39.9", "2,litter,2026-06-30,116.45,39.9",
            "3,dumping,2026-07-01,116.31,39.9"]  # fmt: skip
    (folder / "issues.csv").write_text("\n".join(["id,what,when,lon,lat", *rows]), encoding="utf-8")

    def load(text):
        head = toy.HEAD.replace('name = "name"', 'name = "name", parent = "parent"')
        (folder / "city.toml").write_text(head + ISSUES + ZONES + text, encoding="utf-8")
        return load_city(folder, city_data=toy.NOWHERE)

    return load


@pytest.mark.parametrize(
    ("more", "communities", "polygons"),
    [
        ("", (), False),
        ('area = { parents = ["东城街道"] }', ("000",), False),
        ('area = { communities = ["000"] }', ("000",), False),
        ('area = { zones = ["w1"] }', (), True),
        ('area = { file = "west.geojson" }', (), True),
    ],
)
def test_areas(city, more, communities, polygons):
    (found,) = city(campaign(more)).campaigns.values()
    assert found.communities == communities
    assert (found.shape is not None) == polygons
    assert found.days == 30
    assert found.everywhere == (not more)


def test_zone_and_file_of_the_same_polygon_are_the_same(city):
    zone, file = (
        next(iter(city(campaign(f"area = {{ {each} }}")).campaigns.values())).shape
        for each in ('zones = ["w1"]', 'file = "west.geojson"')
    )
    assert zone.symmetric_difference(file).area < 1e-3


def test_another_polygon_is_another_city(city, tmp_path):
    text = campaign('area = { file = "west.geojson" }')
    first = city(text).fingerprint
    path = tmp_path / "trial" / "west.geojson"
    path.write_text(path.read_text().replace("116.4", "116.35"))
    assert city(text).fingerprint != first


@pytest.mark.parametrize(
    ("text", "problem", "told"),
    [
        (campaign('categories = ["liter"]'), "campaign_part", ["liter", "litter"]),
        (campaign('area = { parents = ["东城街"] }'), "campaign_part", ["东城街道"]),
        (campaign('area = { communities = ["0000"] }'), "campaign_part", ["campaign 1", "000"]),
        (campaign('area = { zones = ["w2"] }'), "campaign_part", ["w2", "w1"]),
        (campaign('area = { file = "no.geojson" }'), "file_missing", ["campaign 1", "no.geojson"]),
        (campaign('area = { file = "../x.geojson" }'), "file_outside", ["../x.geojson"]),
        (campaign('area = { file = "issues.csv" }'), "site_zone_flat", ["issues.csv"]),
        (campaign("area = {}"), "entry_wrong", ["area"]),
        (campaign("area = { zone = 1 }"), "key_unknown", ["zones"]),
        (campaign("categories = 3"), "entry_wrong", ["categories"]),
        (campaign("colour = 'red'"), "key_unknown", ["colour"]),
        (campaign(since="2026-07-01"), "campaign_reversed", ["2026-07-01", "2026-06-30"]),
        (campaign(since='"soon"'), "entry_wrong", ["soon", "YYYY-MM-DD"]),
        (campaign(until='""'), "entry_wrong", ["YYYY-MM-DD"]),
        (campaign(en=""), "entry_wrong", ["name"]),
        (campaign() + campaign(zh="又一"), "campaign_twice", ["campaign 2", "Push", "campaign 1"]),
        ("\n[campaigns]\na = 1\n", "entry_wrong", ["campaigns"]),
    ],
)
def test_one_clear_error_each(city, text, problem, told):
    with pytest.raises(PlanningError) as caught:
        city(text)
    assert caught.value.problem == problem
    shown = f"{caught.value} {caught.value.hint}"
    assert all(each in shown for each in told)


def test_a_campaign_is_found_by_any_name_and_a_slip_is_answered(city):
    campaigns = city(campaign()).campaigns
    assert find_campaign(campaigns, "Push", entry="x").id == "整治"
    assert find_campaign(campaigns, "整治", entry="x").id == "整治"
    with pytest.raises(PlanningError, match="Push") as caught:
        find_campaign(campaigns, "Pusj", entry="--campaign")
    assert caught.value.facts["near"] == "Push"
