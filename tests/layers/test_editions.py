"""Earlier editions of facility layers: which are present, which are there to compare with."""

from __future__ import annotations

import pytest

from analysis.model.errors import SettingsError
from layers.editions import other_facilities
from layers.load import load_city
from tests.views.towns import write_town

LAYER = """
[[layers]]
kind = "toilet"
file = "{name}"
crs = "EPSG:4326"
columns = {{ id = "id", lon = "lon", lat = "lat" }}
source = "a test"
edition = "{edition}"
"""
NOW = "id,lon,lat\nt1,121.005,31.005\nt2,121.006,31.005\n"


def town(folder, *editions, present=True):
    """A town with toilets of several editions; each has one toilet, named after its date."""
    write_town(folder, NOW)
    recipe = folder / "city.toml"
    text = recipe.read_text("utf-8")
    if not present:
        text = text[: text.rindex("[[layers]]")]
    for edition in editions:
        name = f"toilets-{edition}.csv"
        (folder / name).write_text(f"id,lon,lat\nof {edition},121.005,31.005\n", "utf-8")
        text += LAYER.format(name=name, edition=edition)
    recipe.write_text(text, "utf-8")
    return folder


def test_an_entry_without_edition_is_the_present_one(tmp_path):
    city = load_city(town(tmp_path / "town", "2023", "2024-06"))
    assert city.facilities.index.tolist() == ["t1", "t2"]
    assert {day: each.index.tolist() for day, each in city.earlier.items()} == {
        "2023": ["of 2023"],
        "2024-06": ["of 2024-06"],
    }
    assert [report.edition for report in city.reports] == ["", "", "2023", "2024-06"]


def test_without_such_an_entry_the_latest_edition_is_the_present_one(tmp_path):
    city = load_city(town(tmp_path / "town", "2024", "2022", "2023", present=False))
    assert city.facilities.index.tolist() == ["of 2024"]
    assert list(city.earlier) == ["2022", "2023"]
    assert set(city.kinds) == {"toilet"}


def test_an_earlier_edition_changes_the_fingerprint_and_nothing_of_today(tmp_path):
    plain, other = load_city(town(tmp_path / "a")), load_city(town(tmp_path / "b", "2023"))
    assert plain.facilities.equals(other.facilities)
    assert plain.fingerprint != other.fingerprint
    assert not plain.earlier


@pytest.mark.parametrize(
    ("kind", "edition"), [("communities", "2023"), ("toilet", "last year"), ("toilet", "2023-13")]
)
def test_an_edition_is_a_date_of_facilities(tmp_path, kind, edition):
    folder = town(tmp_path / "town")
    text = (folder / "city.toml").read_text("utf-8")
    mark = f'kind = "{kind}"'
    (folder / "city.toml").write_text(text.replace(mark, f'{mark}\nedition = "{edition}"'), "utf-8")
    with pytest.raises(SettingsError, match="edition"):
        load_city(folder)


def test_the_other_facilities_are_in_the_crs_of_the_city(tmp_path):
    city, again = load_city(town(tmp_path / "a", "2023")), town(tmp_path / "b")
    assert other_facilities(city, "2023").index.tolist() == ["of 2023"]
    moved = other_facilities(city, str(again))
    assert moved.crs == city.crs
    assert moved.geometry.distance(city.facilities.geometry).max() < 1e-6
