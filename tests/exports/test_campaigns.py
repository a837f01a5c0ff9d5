"""Every table that a campaign narrows holds the rows of the filter by hand, and no others."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.casework.campaign import of_campaign
from analysis.issues.location import locate_cases
from analysis.model.campaign import Campaign
from analysis.model.errors import SettingsError
from analysis.model.question import FollowUpRule, Question, Selection
from exports.papers.html import html_bytes
from exports.papers.parts import case_blocks
from exports.recipes.casework.campaigns import (
    CAMPAIGN_FILES,
    campaign_files,
    campaign_tables,
    chosen_campaign,
)
from exports.recipes.casework.findings import find, received_cases
from exports.recipes.casework.inspections import inspection_files, round_table
from exports.recipes.hotspots import asked_of_issues, hotspot_files, with_usual_period
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.public import public_page
from exports.recipes.report import begin_report, map_documents, papers
from exports.recipes.report import find as gather
from tests.cities.test_truths import TRUTHS
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker, toy_answers
from wording.campaigns import asked_period

WORKED, WITHOUT = TRUTHS["campaign-worked"], TRUTHS["campaign-without-effect"]
NAMES = ["campaign-worked", "campaign-without-effect"]


@pytest.fixture(scope="module")
def demo(demo_city):
    return IssueAnswers(demo_city)


@pytest.fixture(scope="session")
def demo_city():
    from layers.load import load_city  # noqa: PLC0415  the toy city is called `city` here
    from tests.conftest import ROOT  # noqa: PLC0415

    return load_city(ROOT / "data" / "demo")


def by_hand(city, truth):
    """Days, categories and community of a planted campaign, row by row."""
    issues = city.issues
    day = issues["reported_at"].dt.strftime("%Y-%m-%d")
    home = locate_cases(issues, city.communities)
    return issues[
        day.between(truth["since"], truth["until"])
        & issues["category"].isin(truth["categories"])
        & home.eq(truth["community_id"])
    ]


def asked(city, truth):
    question = Question(
        selection=Selection(campaign=truth["campaign"]),
        history=Selection(campaign=truth["campaign"]),
        follow_up=FollowUpRule(),
    )
    return with_usual_period(question, city)


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_asks_the_rows_of_the_filter(demo, demo_city, name):
    truth = TRUTHS[name]
    wanted, question = by_hand(demo_city, truth), asked(demo_city, truth)
    assert len(wanted)
    assert demo.cases(question).total == len(wanted)
    counts = demo.by_community(question).dropna(subset="total")
    assert len(demo.by_community(question)) == len(demo_city.communities)
    assert counts.index.tolist() == [truth["community_id"]]
    assert counts["total"].tolist() == [len(wanted)]
    reported = pd.Timestamp(truth["until"], tz=demo_city.time_zone) + pd.Timedelta(days=1)
    received = received_cases(demo, question)
    assert set(wanted.index) <= set(received.index)
    assert (received["reported_at"] < reported).all()
    assert set(received["category"]) <= set(truth["categories"])
    handled = demo.handling(question)
    assert handled.checks.received == len(received)
    assert set(demo.follow_up(question).closings["community_id"]) <= {truth["community_id"]}
    assert len(demo.priority(question).table) == 1
    record = asked_of_issues(demo, question, speaker("en"))
    assert (record["campaign"], record["since"]) == (truth["campaign"], truth["since"])


def test_files_say_what_was_planted(demo, demo_city):
    question = asked(demo_city, WORKED)
    files, said = campaign_files(demo, question, speaker("en"), created=NOON)
    assert tuple(files) == CAMPAIGN_FILES
    issues = read_csv(files["campaign_issues.csv"], TABLES["campaign_issues"].columns)
    assert set(issues["issue_id"]) == set(by_hand(demo_city, WORKED).index)
    parameters = json.loads(files["run.json"])["parameters"]
    assert (parameters["campaign"], parameters["since"], parameters["until"]) == (
        WORKED["campaign"], WORKED["since"], WORKED["until"],
    )  # fmt: skip
    assert said[0].startswith("Waste water of small eateries, 2025: 2025-06-01 to 2025-07-31")
    assert "fewer" in said[1]
    assert "30 were not observed" in said[4]
    assert "proves no cause" in said[-1]


def test_the_one_that_worked_and_the_one_without_effect(demo):
    tables = campaign_tables(demo, Question())
    periods = tables["campaign_periods"].set_index(["campaign", "period"])
    changes = tables["campaign_changes"].set_index(["campaign", "period", "against"])
    for truth in (WORKED, WITHOUT):
        for period in ("before", "during", "after"):
            found = periods.loc[(truth["campaign"], period), "reports"]
            assert abs(found - truth[period]) <= 1  # a report without a place is in no area
    calls = changes["change"].xs(WORKED["campaign"])
    assert calls[[("during", "before"), ("after", "before")]].tolist() == ["fewer"] * 2
    assert set(changes["change"].xs(WITHOUT["campaign"])) == {"not_sure"}
    assert periods.loc[(WORKED["campaign"], "last_year"), "observed_days"] == 31


def test_number_and_months_of_a_campaign_s_papers_are_of_its_cases(demo, demo_city):
    """In the campaign's months the chart adds up to the number; where none is open none is late."""
    found = gather(begin_report(demo, asked(demo_city, WITHOUT), speaker("en")))
    assert case_blocks(found)[0].text.startswith("141 issues were registered")
    assert "0 are open and 0 overdue" in case_blocks(found)[0].text
    chart = found.issues.months
    months = chart.table.set_index(chart.table.columns[0]).iloc[:, 0]  # reported
    own = by_hand(demo_city, WITHOUT)["reported_at"].dt.strftime("%Y-%m")
    assert months[sorted(own.unique())].tolist() == own.value_counts().sort_index().tolist()


def test_findings_and_tasks_of_a_campaign_are_in_its_area_and_of_its_categories(demo, demo_city):
    campaign = demo_city.campaigns[WITHOUT["campaign"]]
    table = find(demo, with_usual_period(Question(), demo_city)).table
    chosen = of_campaign(table, campaign)
    by_rows = [
        row["kind"] != "coverage"
        and row["subject"] in campaign.categories
        and row["community_id"] in campaign.communities
        for row in table.to_dict("records")
    ]
    assert chosen.tolist() == by_rows
    assert chosen.any()
    every = replace(campaign, categories=())
    coverage = of_campaign(table, every) & table["kind"].eq("coverage")
    assert set(table["community_id"][coverage]) <= set(campaign.communities)
    assert of_campaign(table, replace(every, communities=())).all()
    own = find(demo, asked(demo_city, WITHOUT)).table
    assert len(own)
    assert of_campaign(own, campaign).all()


def test_rounds_of_a_campaign_are_of_its_issues(demo, demo_city):
    whole = round_table(demo, Question())["findings"]
    part = round_table(demo, asked(demo_city, WITHOUT))["findings"]
    assert (part <= whole.reindex(part.index)).all()
    inspected = demo_city.issues["inspection"].ne("")
    home = locate_cases(demo_city.issues, demo_city.communities)
    mine = demo_city.issues["category"].isin(WITHOUT["categories"]) & home.eq(
        WITHOUT["community_id"]
    )
    assert part.sum() == (inspected & mine).sum()


def test_outside_its_area_nothing_is_counted_as_none(demo, demo_city):
    """No community outside is called unchanged or without cases: it is not asked about."""
    question = asked(demo_city, WITHOUT)
    only = {WITHOUT["community_id"]}
    assert set(demo.handling(question).matrix["community_id"]) <= only
    assert set(demo.periods(question, basis="previous")["community_id"]) == only
    assert set(demo.alerts(question)["community_id"]) == only


def test_no_campaign_is_said(demo_city):
    bare = replace(demo_city, campaigns={})
    with pytest.raises(SettingsError) as caught:
        chosen_campaign(bare, "")
    assert caught.value.problem == "no_campaigns"
    assert chosen_campaign(demo_city, "").id == WITHOUT["campaign"]


NAME = {"zh": "春季<b>行动", "en": "Spring <b>push", "zh-Hant": "春季<b>行動"}
PUSH = Campaign("春季<b>行动", NAME, dt.date(2026, 1, 5), dt.date(2026, 1, 18))


@pytest.fixture(scope="module")
def pushed(city):
    """The toy city with a campaign against everything, everywhere, and a round of inspection."""
    found = np.arange(len(city.issues)) % 10 == 0
    issues = city.issues.assign(
        inspection=np.where(found, "R", ""), source_level=np.where(found, "province", "self")
    )
    return toy_answers(replace(city, issues=issues, campaigns={PUSH.id: PUSH}))


def text_of(paper):
    """All words of a paper, as a browser would show them."""
    return html.unescape(re.sub("<[^<>]+>", " ", html_bytes(paper, links={}).decode()))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_of_a_campaign_names_it_and_its_days(pushed, language):
    translate = speaker(language)
    question = with_usual_period(Question(selection=Selection(campaign=NAME["en"])), pushed.city)
    named = translate("campaign.asked_days", name=NAME[language], days="2026-01-05 – 2026-01-18")
    report = begin_report(pushed, question, translate)
    for paper in papers(report, ["c0"]):
        assert (named in text_of(paper)) == (paper.name != "coverage"), paper.name
    for _, document in map_documents(report):
        issues = translate("page.hotspots") in document.title
        assert (named in document.title) == issues
    files = hotspot_files(pushed, question, translate, created=NOON)
    for page in ("bulletin.html", "hotspots_map.html"):
        written = files[page].decode()
        assert named in html.unescape(written), page
        assert "<b>" not in written, page
    with zipfile.ZipFile(io.BytesIO(files["hotspots.xlsx"])) as book:
        assert named in html.unescape(book.read("xl/sharedStrings.xml").decode())
    public = text_of(public_page(pushed, question, translate))
    assert NAME[language] not in public
    rounds, said = inspection_files(pushed, question, "", translate, created=NOON)
    only = translate("campaign.narrowed", name=NAME[language])
    assert said[0] == only
    assert json.loads(rounds["run.json"])["parameters"]["campaign"] == PUSH.id
    with zipfile.ZipFile(io.BytesIO(rounds["round_bulletin.docx"])) as word:
        assert only in html.unescape(word.read("word/document.xml").decode())


def test_what_is_of_no_campaign_names_none(pushed):
    asked_whole = with_usual_period(Question(), pushed.city)
    said = asked_period(asked_whole.selection, pushed.city, speaker("zh"))
    assert said == "2025-07-01 – 2026-06-30"
    assert asked_period(Selection(), pushed.city, speaker("zh")) == ""
    assert not inspection_files(pushed, asked_whole, "", speaker("en"))[1][0].startswith("Only")
