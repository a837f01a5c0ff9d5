"""The mode where to build next: preview, answer, curve, and the files of the same question."""

from __future__ import annotations

import html
import io
import json
import time
from functools import partial

import geopandas as gpd
import pandas as pd
import pytest

from analysis.model.errors import PlanningError
from analysis.model.question import Question, SitingRequest
from exports.papers.model import Paragraph, Table
from exports.papers.write import WRITERS
from exports.recipes.moves import moves_sentences, propose_moves
from exports.recipes.siting import (
    SITING_FILES,
    propose_sites,
    sentences,
    siting_files,
    siting_paper,
)
from tests.views.shown import query_of, said, texts
from tests.whole_town import write_whole_town
from views.cache import searches
from views.cache.searches import SEARCHES, Search
from views.map import siting
from wording.speaker import Speaker

QUERY = {"page": "siting", "language": "en", "kind": "toilet", "standard": "cn-life-circle"}
STRAIGHT = {"measure": "straight", "number": "3"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small town with every layer, in which little has to be solved."""
    return write_whole_town(tmp_path_factory.mktemp("siting") / "whole")


@pytest.fixture
def town(visit, towns, whole):
    towns["whole"] = whole
    yield partial(visit, "whole")
    SEARCHES._known.clear()


@pytest.fixture
def solving(monkeypatch):
    """Let the server look for sites itself."""
    monkeypatch.setenv("CITY_WORKERS", "0")


def solved(page):
    """Wait until the search of a page has ended, and draw the page again."""
    limit = time.monotonic() + 60
    while any(not each.ended for each in SEARCHES._known.values()) and time.monotonic() < limit:
        time.sleep(0.02)
    page.run()
    assert not page.exception
    return page


def table_with(page, heading):
    return next(each.value for each in page.dataframe if heading in each.value.columns)


def test_a_plan_is_shown_at_once_and_then_the_answer(town, solving):
    first = town(**QUERY, **STRAIGHT)
    assert "3 new sites bring" in said(first)
    page = solved(first)
    assert "Proven: among these possible sites" in said(page)
    assert "Solved in" in said(page)
    assert len(table_with(page, "Residents gained")) == 3


def test_page_and_written_files_tell_the_same(town, solving):
    """Every file of the command line's bundle against the page of the same question."""
    page = solved(town(**QUERY, **STRAIGHT))
    answers, request = siting.cache.answers(), SitingRequest(sites=3)
    question = Question("cn-life-circle", measures=("straight",))
    plan = propose_sites(answers, question, ["toilet"], request)
    files = siting_files(answers, question, plan, request, Speaker(siting.cache.words(), "en"))
    assert set(files) == set(SITING_FILES)
    sites, curve, changed = (
        pd.read_csv(io.BytesIO(files[name]), encoding="utf-8-sig")
        for name in ("sites.csv", "curve.csv", "communities.csv")
    )
    record = json.loads(files["run.json"])["parameters"]
    shown = table_with(page, "Residents gained")
    for heading, column in (
        ("Residents gained", "people_gained"),
        ("Lost without it", "people_alone"),
    ):
        assert shown[heading].tolist() == sites[column].round().tolist()
    assert f"{record['people_gained']:.0f} residents" in said(page).replace("\u202f", "")
    assert record["status"] == "optimal"
    assert "no plan of so many reaches more" in said(page)
    assert record["seconds"] >= 0
    for reason in sites["reason"]:
        assert reason in html.unescape(files["siting_map.html"].decode())
    details = solved(town(**QUERY, **STRAIGHT, panel="details"))
    moved = table_with(details, "With the sites")
    assert moved["Residents gained"].tolist() == changed["people_gained"].round().tolist()
    drawn = table_with(solved(town(**QUERY, **STRAIGHT, panel="chart")), "At least")
    least = [int(each.replace("\u202f", "")) for each in drawn["At least"]]
    most = [int(each.replace("\u202f", "")) for each in drawn["At most (proven)"]]
    assert least == curve["people"].round().tolist()
    assert most == curve["people_bound"].round().tolist()
    chosen = solved(town(**QUERY, **STRAIGHT, place="2"))
    assert sites["reason"].iloc[1] in said(chosen)


def test_a_click_on_the_curve_asks_for_so_many(town, solving, monkeypatch):
    choice = {}
    monkeypatch.setattr(siting, "put_many", choice.update)
    siting._pick([])
    assert not choice
    siting._pick([{"sites": 12}])
    assert choice == {"goal": "number", "number": 12, "place": ""}


@pytest.mark.parametrize(
    ("asked", "said_of"),
    [
        ({"goal": "minimum"}, "meet the minimum"),
        ({"goal": "budget", "budget": "6", "cost": "3", "apart": "300"}, "2 new sites"),
        ({"aim": "centre", "number": "2"}, "The greatest distance of any resident"),
        (
            {"aim": "centre", "number": "2", "measure": "network"},
            "The greatest distance of any resident",
        ),
        ({"goal": "share", "percent": "1"}, "No site is needed"),
    ],
)
def test_what_else_can_be_asked(town, solving, asked, said_of):
    page = solved(town(**{**QUERY, "measure": "straight", **asked}))
    assert said_of in said(page)


@pytest.fixture
def market_town(visit, towns, tmp_path_factory):
    """The same town with two markets, one of them closed."""
    folder = tmp_path_factory.mktemp("markets") / "whole"
    if "markets" not in towns:
        towns["markets"] = write_whole_town(folder)
        rows = "id,name,lon,lat,status\nm0,M0,121.016,31.004,open\nm1,M1,121.004,31.017,closed\n"
        (folder / "market.csv").write_text(rows, "utf-8")
        with (folder / "city.toml").open("a", encoding="utf-8") as recipe:
            recipe.write(
                '\n[[layers]]\nkind = "market"\nfile = "market.csv"\nsource = "a test"\n'
                'crs = "EPSG:4326"\ncolumns = { id = "id", name = "name", lon = "lon", '
                'lat = "lat", status = "status" }\nvalues.status = { open = "open", '
                'closed = "closed" }\n'
            )
    yield partial(visit, "markets")
    SEARCHES._known.clear()


def test_sites_stand_at_the_places_of_another_kind(market_town, solving):
    asked = {**QUERY, "measure": "straight", "number": "5", "stand": "market"}
    page = solved(market_town(**asked))
    answers = siting.cache.answers()
    found = propose_sites(
        answers,
        Question("cn-life-circle", measures=("straight",)),
        ["toilet"],
        SitingRequest(sites=5, candidates="market"),
    )
    shown = table_with(page, "Residents gained")
    assert shown["Residents gained"].tolist() == found.sites["people_gained"].round().tolist()
    markets = answers.city.facilities.query("kind == 'market'").geometry
    places = set(zip(markets.x.round(3), markets.y.round(3), strict=True))
    assert 1 <= len(found.sites) <= len(places) == 2
    assert set(zip(found.sites["x"].round(3), found.sites["y"].round(3), strict=True)) <= places
    with pytest.raises(PlanningError, match="--candidates"):
        propose_sites(answers, Question(), ["toilet"], SitingRequest(sites=1, candidates="shop"))


def test_several_kinds_share_the_sites(market_town, solving):
    asked = {**QUERY, "measure": "straight", "number": "9", "also": "market,fitness,toilet,x"}
    page = solved(market_town(**asked))
    answers = siting.cache.answers()
    found = propose_sites(
        answers,
        Question("cn-life-circle", measures=("straight",)),
        ["toilet", "market"],
        SitingRequest(sites=9),
    )
    assert "Residents are counted separately for each kind" in said(page)
    shown = table_with(page, "Residents gained")
    assert shown["Residents gained"].tolist() == found.sites["people_gained"].round().tolist()
    assert len(shown["Kind"]) == len(found.sites)
    assert set(found.sites["kind"]) == {"toilet", "market"}
    # Ways are asked about for one kind.
    page = solved(market_town(**{**asked, "aim": "median"}))
    assert "Kind" not in table_with(page, "Residents gained").columns


def test_closing_and_moving_is_told_as_the_command_line_does(town, solving):
    page = solved(town(**QUERY, goal="moves", instead="2", measure="straight"))
    answers, translate = siting.cache.answers(), Speaker(siting.cache.words(), "en")
    question = Question("cn-life-circle", measures=("straight",))
    found = propose_moves(answers, question, "toilet", SitingRequest(sites=2), closures=1)
    lines = moves_sentences(answers, question, "toilet", found, translate, closures=1, sites=2)
    for line in lines:
        assert line in said(page)
    shown = table_with(page, "Facility")
    opens = ["opens"] * len(found.opened)
    assert shown["Change"].tolist() == ["closes", *opens]
    name = answers.city.facilities.loc[found.closed[0], "name"]
    assert shown["Facility"].iloc[0] == name
    next(each for each in page.button if each.label == "Try as a scenario").click().run()
    assert not page.exception
    assert query_of(page)["page"] == "whatif"
    assert f"opens **{len(found.opened)}**, closes **1**" in " ".join(texts(page))


def test_moves_looked_for_tell_the_gap_and_one_who_stops_keeps_the_best(town, solving, monkeypatch):
    hear, told = Search.hear, []

    def hear_and_stop(search, best):
        told.append(siting.so_far(best, search.asked.request, Speaker(siting.cache.words(), "en")))
        search.stopped = True
        hear(search, best)

    monkeypatch.setattr(Search, "hear", hear_and_stop)
    page = solved(town(**QUERY, goal="moves", instead="2", measure="straight"))
    assert len(told) == 1
    assert "residents within reach, at most" in told[0]
    assert "closes" in table_with(page, "Facility")["Change"].tolist()
    assert "Stopped" in said(page)


def test_what_cannot_be_closed_says_so(town, solving):
    page = solved(town(**QUERY, goal="moves", shut="400", measure="straight"))
    assert "cannot be closed" in said(page)


def test_capacity_is_told_as_the_command_line_does(town, solving):
    """The people served are those of the page of capacity, in the city with the sites."""
    asked = {"aim": "capacity", "number": "2", "stalls": "6", "measure": "straight"}
    page = solved(town(**QUERY, **asked))
    request = SitingRequest(sites=2, problem="capacity", stalls=6.0)
    question = Question("cn-life-circle", measures=("straight",))
    answers = siting.cache.answers()
    plan = propose_sites(answers, question, ["toilet"], request)
    translate = Speaker(siting.cache.words(), "en")
    for sentence in sentences(plan, request, translate):
        assert sentence in said(page)
    files = siting_files(answers, question, plan, request, translate)
    record = json.loads(files["run.json"])["parameters"]
    radius = record["service_radius_m"]["toilet"]
    today = siting.cache.capacity("toilet", radius, "equal", 0.0, measure="straight")
    assert record["people_served_before"] == today.table["people_served"].sum()
    assert record["people_served"] > record["people_served_before"]
    shown = table_with(page, "Newly served")
    assert shown["Newly served"].sum() == round(record["objective"])


def test_a_standard_without_such_a_rule_says_so(town):
    page = town(**{**QUERY, "standard": "cn-toilet-density"})
    assert page.warning
    assert "no rule" in page.warning[0].value


def test_a_search_that_cannot_be_made_says_so_and_can_be_tried_again(town):
    page = town(**QUERY, number="2", measure="straight")
    page = solved(page)
    assert "could not be ended" in said(page)
    assert "2 new sites bring" in said(page)
    assert "Search again" in [each.label for each in page.button]


def press(page, label):
    next(each for each in page.button if each.label == label).click()
    page.run()
    assert not page.exception
    return page


def test_sites_are_tried_as_a_scenario(town, solving):
    page = press(solved(town(**QUERY, **STRAIGHT)), "Try as a scenario")
    assert query_of(page)["page"] == "whatif"
    assert "opens **3**, closes **0**" in said(page)


def test_the_minimum_for_all_is_told_on_coverage_once_it_was_looked_for(town, solving):
    asked = {**QUERY, "measure": "straight"}
    page = town(**{**asked, "page": "coverage"})
    assert "their sum is the most that may be needed" in said(page)
    found = solved(press(page, "Find the fewest for the whole city"))
    assert query_of(found)["goal"] == "minimum"
    search = next(iter(SEARCHES._known.values()))
    told = said(town(**{**asked, "page": "coverage"}))
    assert f"for the whole city: {len(search.best.answer.sites)} new" in told
    spared = next(line for line in said(found).split("\n") if "planned together it takes" in line)
    assert spared.strip() in told
    together, scores = search.best.together, {**asked, "page": "scorecard"}
    assert not together.unmet
    planned = f"the whole city planned together: {len(together.answer.sites)}"
    assert planned in said(town(**scores))
    of_a_part = said(town(**scores, parent="N"))
    assert "more people to reach" in of_a_part
    assert planned not in of_a_part


def test_sites_stand_in_the_zone_that_is_chosen(visit, city, solving):
    zone = city.zones.index[0]
    page = solved(visit(**QUERY, measure="straight", number="2", inside=zone))
    search = next(iter(SEARCHES._known.values()))
    SEARCHES._known.clear()
    found = searches.plan(search)
    places = gpd.points_from_xy(found.sites["x"], found.sites["y"])
    assert len(places) == 2
    assert places.within(city.zones.geometry[zone].buffer(1e-6)).all()
    (line,) = siting.zone_line(search.asked.request, city, Speaker(siting.cache.words(), "en"))
    assert line in said(page)
    free = propose_sites(
        siting.cache.answers(), search.asked.question, ["toilet"], SitingRequest(sites=2)
    )
    assert found.gained < free.gained
    with pytest.raises(PlanningError) as refused:
        propose_sites(
            siting.cache.answers(), search.asked.question, ["toilet"], SitingRequest(2, zone="?")
        )
    assert refused.value.problem == "zone_unknown"


def test_the_paper_for_a_decision_tells_what_the_page_tells(town, solving):
    page = solved(town(**QUERY, **STRAIGHT))
    search = next(iter(SEARCHES._known.values()))
    answers, translate = siting.cache.answers(), Speaker(siting.cache.words(), "en")
    paper = siting_paper(answers, searches.plan(search), search.asked.request, translate)
    text = "\n".join(each.text for each in paper.blocks if isinstance(each, Paragraph))
    first = next(each for each in texts(page) if "new sites bring" in each).split("  \n")
    for line in first:
        assert line in text
    tables = [each for each in paper.blocks if isinstance(each, Table)]
    shown = table_with(page, "Residents gained")
    gained = [int(row[2].replace("\u202f", "")) for row in tables[0].rows]
    assert gained == shown["Residents gained"].tolist()
    files = {form: write(paper) for form, write in WRITERS.items()}
    assert files["docx"][:2] == b"PK"
    assert files["pdf"][:4] == b"%PDF"
