"""A city without communities is measured in the extent of its reports, and says so."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.issue_set import issue_set
from analysis.model.errors import SettingsError, SourceError
from layers.load import load_city
from tests.layers.toy import NOWHERE

RECIPE = """
time_zone = "Asia/Shanghai"
[[layers]]
kind = "issues"
file = "i.csv"
columns = { id = "id", c = "category", t = "reported_at", lon = "lon", lat = "lat" }
"""


def written(folder, places):
    rows = [f"i{n},Litter,2026-05-01,{lon},{lat}" for n, (lon, lat) in enumerate(places)]
    (folder / "i.csv").write_text("\n".join(["id,c,t,lon,lat", *rows]), "utf-8")
    (folder / "city.toml").write_text(RECIPE, "utf-8")
    return folder


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """600 reports in 2 by 2 km, half of them in a corner; one at 0, 0 and one abroad."""
    chance = np.random.default_rng(3)
    spread = chance.uniform(0, 0.02, (300, 2))
    dense = chance.uniform(0, 0.003, (300, 2))
    places = np.concatenate([spread, dense]) + np.array([114.30, 30.58])
    folder = written(tmp_path_factory.mktemp("alone"), [*places, (0, 0), (2.35, 48.86)])
    return load_city(folder, city_data=NOWHERE)


def test_the_area_is_the_hull_of_the_reports_and_is_told(city):
    assert city.communities["name_en"].tolist() == ["Extent of the reports"]
    width, height = 0.02 * 111_320 * np.cos(np.radians(30.59)), 0.02 * 110_900
    area = city.communities.area.iloc[0]
    assert 0.9 * width * height < area < (width + 200) * (height + 200)
    notes = {note.rule: note for note in city.reports[0].notes}
    assert notes["area_of_reports"].facts == {"area_m2": round(area)}
    assert notes["coordinates_zero"].count == notes["coordinates_outside"].count == 1
    assert "communities" in city.absent


def test_hot_spots_are_found_without_a_boundary(city):
    found = find_hot_spots(issue_set(city.issues, city.communities, as_of=city.as_of))
    assert (found.hot_spots.cases, found.hot_spots.outside) == (600, 0)
    hottest = found.places.iloc[0]
    assert hottest["cases"] > 200


def test_reports_without_places_and_no_reports_at_all_are_refused(tmp_path):
    written(tmp_path, [("", "")])
    with pytest.raises(SourceError, match="neither communities nor reports"):
        load_city(tmp_path, city_data=NOWHERE)
    text = RECIPE.replace('"issues"', '"residents"').replace(', c = "category"', "")
    text = text.replace(', t = "reported_at"', "")
    (tmp_path / "city.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="communities"):
        load_city(tmp_path, city_data=NOWHERE)
