"""New York, Taipei and Zürich from raw files without a recipe, against the recipes by hand."""

from __future__ import annotations

import pytest

from exports.recipes.new_city import new_city, stated_kinds
from layers.knowledge.standards import load_kinds
from tests.conftest import CITY_DATA
from wording.catalogue import load_words
from wording.speaker import Speaker

FILES = {
    "zurich": (
        "boundaries_statistische_quartiere_withoutlake.geojson",
        "population_quartier_years.csv",
        "issues_zueri_wie_neu_cleaned.csv",
    ),
    "taipei": (
        "boundaries_village.geojson",
        "min_stat_areas_geo/*.json",
        "population_min_stat_areas_taipei.json",
        "toilets_public_2026.json",
        "fitness_parks_gyms_2018.json",
        "fitness_parks_2018.json",
        "issues_theft_*.csv",
        "network_osm_central_roads.geojson",
    ),
    "nyc": (
        "boundaries_nta_councilcount.geojson",
        "population_bbl_lots_acs2019_2023.csv.gz",
        "toilets_public_restrooms_20241203.csv",
        "markets_dohmh_farmers_markets_b.csv",
        "issues_311_*.csv",
        "derived_osm_walk_merged_20210330.json.gz",
    ),
}
NOT_GUESSED = {"nyc": {"fitness"}}
"""By hand: cells without quotation marks."""


def guessed(name):
    home = CITY_DATA / name
    found = [path for pattern in FILES[name] for path in sorted(home.glob(pattern))]
    files = {path.relative_to(home).as_posix(): path for path in found}
    kinds, english = load_kinds(), Speaker(load_words(), "en")
    stated = stated_kinds([], files, kinds)
    return new_city(files, home=home, name=name, kinds=kinds, translate=english, stated=stated)


@pytest.mark.full
@pytest.mark.real_city("nyc", "taipei", "zurich")
@pytest.mark.parametrize("name", FILES)
def test_raw_files_give_the_rows_and_figures_of_the_recipe_by_hand(name, cities):
    city, by_hand = guessed(name).city, cities(name)
    assert city.time_zone == by_hand.time_zone
    assert len(city.communities) == len(by_hand.communities)
    assert city.communities.area.sum() == pytest.approx(by_hand.communities.area.sum(), rel=1e-4)
    people, wanted = city.residents, by_hand.residents
    if wanted is not None:
        assert people["population"].sum() == pytest.approx(wanted["population"].sum())
    else:
        own, other = city.communities["population"], by_hand.communities["population"]
        assert own.sum() == pytest.approx(other.sum())
    assert city.issues["reported_at"].notna().sum() == pytest.approx(
        by_hand.issues["reported_at"].notna().sum(), rel=0.001
    )
    assert city.issues["x"].notna().sum() == by_hand.issues["x"].notna().sum()
    for kind in set(by_hand.kinds) - NOT_GUESSED.get(name, set()):
        ours = city.facilities[city.facilities["kind"] == kind]
        theirs = by_hand.facilities[by_hand.facilities["kind"] == kind]
        if name != "taipei":  # by hand there is a second list of toilets
            assert (
                ours["status"].value_counts().to_dict() == theirs["status"].value_counts().to_dict()
            )
        assert len(ours) >= 0.8 * len(theirs)
    if by_hand.streets is not None:
        assert city.streets["length_m"].sum() == pytest.approx(by_hand.streets["length_m"].sum())
