"""Who and when: which facilities count, on every page that asks."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pandas as pd
import pytest

from analysis.access.prepared_city import with_filter, with_shortest_paths
from analysis.access.supply_filter import SupplyFilter, apply_filter
from analysis.coverage.assessment import assess
from analysis.model.question import BY_RULE
from layers.knowledge.standards import load_standards
from tests.views.shown import query_of, said, texts
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")

STANDARDS = load_standards()

NIGHT = {"only": "accessible", "least": "Class 2", "weekday": "we", "hour": "22"}


@pytest.fixture
def at_night(city, preparation):
    """The city as those see it who need an accessible toilet of class 2 on Wednesday night."""
    answers = apply_filter(
        city.facilities, city.kinds, SupplyFilter(("accessible",), "Class 2", (2, 1320))
    )
    network = preparation.shortest_paths.walking_network
    return with_shortest_paths(with_filter(preparation, answers), network)


def test_who_and_when_shows_the_recipe(visit, at_night):
    result = assess(at_night, STANDARDS["cn-life-circle"], measures=BY_RULE)
    rows = result.coverage[result.coverage["rule"] == "toilet-5min"]
    page = visit(page="coverage", language="en", kind="toilet", **NIGHT)
    assert query_of(page).items() >= {**NIGHT, "least": "二类"}.items()
    beyond = (
        rows["population"] - rows["population_covered"] - rows["population_not_judged"].fillna(0)
    )
    assert f"**{ENGLISH.count(beyond.sum())}**" in said(page)
    supply = at_night.supply["toilet"]
    assert "only if **Accessible, Class 2 or better, open Wednesday 22:00**" in said(page)
    assert f"{len(supply.facilities)} of 182 do" in said(page)
    page.button_group(key="only-en").unselect("accessible").run()
    assert "only if **Class 2 or better, open Wednesday 22:00**" in said(page)
    next(each for each in page.button if each.label == WORDS("en", "asked.clear")).click().run()
    assert not {"only", "least", "weekday"} & set(query_of(page))
    assert "only if" not in said(page)


def test_what_nobody_knows_is_no_share_of_nought(visit):
    """No fitness site of the demo city states its access: who is reached can be anyone."""
    asked = {"page": "coverage", "kind": "fitness", "only": "accessible", "radius": "3000"}
    page = visit(language="en", **asked)
    assert "**0 of 58**" in said(page)
    assert ", 58 cannot be judged; no resident" in said(page)
    assert "no resident is known to be beyond a walk of 3" in said(page)
    assert "every resident" not in said(page)
    least, most = (page.dataframe[0].value[WORDS("en", f"coverage.col_{name}")]
                   for name in ("least", "most"))  # fmt: skip
    assert (set(least), set(most)) == ({0.0}, {100.0})
    assert WORDS("en", "coverage.people") not in page.dataframe[0].value


@pytest.mark.parametrize("page", ["capacity", "compare"])
def test_a_page_of_all_supply_says_so_where_something_is_asked(visit, page):
    told = WORDS("en", "asked.all_supply")
    assert told not in said(visit(page=page, language="en", kind="toilet"))
    assert told in said(visit(page=page, language="en", kind="toilet", only="accessible"))


def test_at_night_is_one_click(visit):
    page = visit(page="coverage", language="zh", kind="toilet")
    next(each for each in page.button if each.label == WORDS("zh", "asked.night")).click().run()
    assert query_of(page).items() >= {"weekday": "we", "hour": "22"}.items()
    assert "周三 22:00 开放" in said(page)


def test_scorecard_and_export_follow_who_and_when(visit, at_night):
    result = assess(at_night, STANDARDS["cn-life-circle"], measures=BY_RULE).coverage
    page = visit(page="scorecard", language="en", kind="toilet", **NIGHT)
    assert "only if **Accessible, Class 2 or better, open Wednesday 22:00**" in said(page)
    assert "(cannot judge)" not in said(page)
    unclear = result.query("rule == 'fitness-15min'")
    assert set(unclear["verdict"]) == {"cannot_judge"}
    assert f"cannot be judged ({WORDS('en', 'reason.facilities_in_doubt')})" in said(page)
    page = visit(page="export", language="en", kind="toilet", **NIGHT)
    page.button(key="make-coverage").click().run()
    assert not page.exception
    _, files = page.session_state["made-coverage"]
    table = pd.read_csv(StringIO(files["coverage.csv"].decode("utf-8-sig")))
    assert table["verdict"].tolist() == result["verdict"].tolist()
    asked = (
        table.fillna("").drop_duplicates("kind").set_index("kind")[["only", "least_class", "at"]]
    )
    assert asked.loc["toilet"].tolist() == ["accessible", "二类", "We 22:00"]
    assert asked.loc["fitness"].tolist() == ["accessible", "", ""]
    assert json.loads(files["run.json"])["parameters"]["at"] == "We 22:00"


def test_a_kind_without_such_data_offers_nothing(visit):
    page = visit(page="coverage", language="en", kind="fitness", only="accessible", weekday="we")
    facts = {"kind": "Fitness equipment"}
    assert WORDS("en", "asked.nothing", **facts) in texts(page)
    assert "weekday" not in query_of(page)


def test_a_day_is_chosen_in_place_of_a_weekday(visit):
    page = visit(page="coverage", language="en", kind="toilet", weekday="date", hour="10")
    day = query_of(page)["date"]  # the last day of the data, until another is chosen
    assert f"open {day} 10:00" in said(page)
    page.date_input(key="date-en").set_value(dt.date(2026, 10, 1)).run()
    assert query_of(page)["date"] == "2026-10-01"
    assert "open 2026-10-01 10:00" in said(page)
    page.selectbox(key="weekday-en").select("we").run()
    assert "date" not in query_of(page)
    assert "open Wednesday 10:00" in said(page)
