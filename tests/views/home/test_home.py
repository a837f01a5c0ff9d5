"""Home shows the recipe, and the same figures as the pages it leads to."""

from __future__ import annotations

import re

import pytest
import shapely
from streamlit.testing.v1 import AppTest

from analysis.coverage.assessment import assess
from analysis.issues.counts import count_cases
from analysis.model.question import BY_RULE
from layers.knowledge.standards import load_standards
from tests.conftest import ROOT
from tests.layers.toy import HEAD, write_communities
from tests.views.shown import query_of, said, texts
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")

STANDARDS = load_standards()


@pytest.fixture(scope="module")
def whole(city, preparation):
    """The city's row of the first rule of each kind."""
    summary = assess(preparation, STANDARDS[city.standard], measures=BY_RULE).summary
    return summary[summary["level"] == "city"].drop_duplicates("kind").set_index("kind")


def test_home_shows_the_recipes(visit, city, whole):
    cases = count_cases(city.issues, as_of=city.as_of)
    page = visit(language="en")
    shares = [ENGLISH.share(whole.loc[kind, "population_covered_share"]) for kind in city.kinds]
    assert [metric.value for metric in page.metric] == [
        *shares,
        ENGLISH.count(cases.open),
        ENGLISH.count(cases.overdue),
    ]
    assert "Jichuan (demo), 2026-06-30" in texts(page)
    for kind in city.kinds:
        row = whole.loc[kind]
        facts = {"meets": ENGLISH.count(row["meets"]), "n": ENGLISH.count(row["communities"])}
        assert WORDS("en", "home.meet_project", minimum="90%", **facts) in said(page)


def test_home_speaks_only_of_what_its_map_shows(visit):
    """The cells with few residents are on the map of hot spots alone."""
    page = visit(language="en")
    assert WORDS("en", "hotspots.rate_meaning") in said(page)
    assert "few people live" not in said(page)


def test_cards_are_the_first_of_the_list_and_lead_there(visit):
    page = visit(language="en")
    listed = visit(page="priority", language="en").dataframe[0].value
    places = listed[WORDS("en", "hotspots.col_place")].head(3).tolist()
    ranks = listed[WORDS("en", "hotspots.col_rank")].head(3).tolist()
    shown = [text for text in texts(page) if re.match(r"\*\*\d+ ", text)]
    assert shown == [
        f"**{rank} {place.partition(' · ')[0]}** · {place.partition(' · ')[2]}"
        for rank, place in zip(ranks, places, strict=True)
    ]
    button = next(each for each in page.button if (each.key or "").startswith("go-"))
    led = button.click().run()
    assert query_of(led)["page"] in {"priority", "coverage"}
    assert query_of(led)["community"] == button.key.removeprefix("go-")


def test_a_tile_leads_to_the_page_with_its_figure(visit, whole):
    page = visit(language="en")
    button = next(each for each in page.button if each.key == "map-market-10min")
    led = button.click().run()
    query = query_of(led)
    assert (query["page"], query["kind"]) == ("coverage", "market")
    row = whole.loc["market"]
    assert row["measure"] == "network"
    known = row["population_covered"] + row["population_not_judged"]
    count = ENGLISH.count(row["population"] - known)
    assert count in said(led)


def test_months_are_led_to_and_show_the_same_counts(visit):
    page = visit(language="en")
    numbers = [metric.value for metric in page.metric][-2:]
    led = visit(page="monthly", language="en")
    assert [metric.value for metric in led.metric] == numbers


def test_old_addresses_open_the_first_screen(visit):
    page = visit(page="overview", language="en")
    assert query_of(page)["page"] == "home"
    assert "Jichuan (demo), 2026-06-30" in texts(page)


@pytest.mark.parametrize(
    ("people", "known"), [([900, None], "1 of 2 communities"), ([None, None], "2 of 2")]
)
@pytest.mark.parametrize("page", ["home", "coverage"])
def test_people_nobody_counted_are_never_all_reached(tmp_path, monkeypatch, page, people, known):
    # two squares of about 330 m; the one toilet reaches all of the first and none of the second
    squares = [shapely.box(west, 39.9, west + 0.004, 39.903) for west in (116.30, 116.40)]
    write_communities(tmp_path, squares, population=people, name=["A", "B"])
    head = HEAD.replace("}", ', population = "population" }')
    toilets = (
        '[[layers]]\nkind = "toilet"\nfile = "t.csv"\ncolumns = { lon = "lon", lat = "lat" }\n'
    )
    (tmp_path / "city.toml").write_text(f'standard = "intl-400m"\n{head}{toilets}')
    (tmp_path / "t.csv").write_text("lon,lat\n116.3020,39.9015\n")
    monkeypatch.setenv("CITY", str(tmp_path))
    shown = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
    shown.query_params["page"], shown.query_params["language"] = page, "en"
    shown.run()
    assert not shown.exception
    text = "\n".join([said(shown), *(metric.value for metric in shown.metric)])
    assert "every resident" not in text
    assert "100.0%" not in text
    assert f"{people.count(None)} of 2 communities" in text
    if page == "home":
        assert known in text
        assert next(metric.value for metric in shown.metric) == "—"
