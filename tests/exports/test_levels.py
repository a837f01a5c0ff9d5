"""Levels of the demo city: every level of every file adds up to the city, and to other answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from analysis.casework.tasks import Task
from analysis.issues.by_area import CASE_FIGURES
from analysis.model.errors import PlanningError
from analysis.model.levels import LEVELS, NOT_GIVEN, OUTSIDE, areas_at, levels_of
from analysis.model.question import Question, Selection
from exports.recipes.casework.findings import find
from exports.recipes.casework.levels import LEVEL_FILES, area_names, kept_load, level_files
from exports.recipes.casework.tasks import make_tasks, usual_question
from exports.recipes.hotspots import with_usual_period
from exports.recipes.issue_answers import IssueAnswers
from store.address import file_address
from store.database import opened
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker
from wording.levels import area_titles, level_title, with_area_titles

ADDED = {
    "summary": ("population", "facilities_inside", "communities", "meets", "fails"),
    "level_cases": ("population", "communities", "cases", "open", "overdue"),
    "level_tasks": ("tasks", "unfinished", "late", "done"),
}


@pytest.fixture(scope="module")
def demo(cities):
    return cities("demo")


@pytest.fixture(scope="module")
def answers(demo):
    return IssueAnswers(demo)


@pytest.fixture(scope="module")
def question(demo):
    return with_usual_period(Question(), demo)


def everybody(rows):
    return rows


def test_every_level_of_every_file_adds_up_to_the_city(
    answers, question, demo, monkeypatch, tmp_path
):
    assert kept_load(answers, question, seen=everybody) is None  # nothing is kept
    monkeypatch.setenv("STORE", str(tmp_path))
    with opened(file_address(tmp_path)) as store:
        found = find(answers, usual_question(demo)).table
        made = make_tasks(store, demo, found[found["kind"].isin(["coverage", "clause"])], Task(""))
    tasks = kept_load(answers, question, seen=everybody)
    files = level_files(answers, question, tasks, speaker("en"), created=NOON)
    assert tuple(files) == LEVEL_FILES
    read = {
        name: read_csv(files[f"{name}.csv"], TABLES[name].columns)
        for name in (*ADDED, "level_members")
    }
    for name, columns in ADDED.items():
        sums = read[name].groupby("level")[list(columns)].sum()
        assert sums.index.tolist() == ["city", *LEVELS[:2]]
        for level in LEVELS[:2]:
            assert sums.loc[level].tolist() == sums.loc["city"].tolist(), (name, level)
    assert read["level_tasks"]["tasks"][0] == len(made)
    assert read["level_cases"]["cases"][0] == answers.cases(question).total
    members = read["level_members"]
    assert members.groupby("level").size().tolist() == [len(demo.communities)] * 2
    districts = members[members["level"] == "parent_2"].set_index("community_id")["name"]
    assert districts.to_dict() == demo.communities["parent_2"].to_dict()
    record = json.loads(files["run.json"])["parameters"]
    assert (record["since"], record["campaign"]) == (str(question.selection.since), None)


def test_a_district_is_the_sum_of_its_communities_in_the_other_answers(answers, question, demo):
    table = answers.by_area(question).set_index(["level", "name"])
    counts = answers.by_community(question)
    for name, own in counts.groupby(areas_at(demo.communities, "parent_2")):
        assert table.loc[("parent_2", name), "cases"] == own["total"].sum()
        assert table.loc[("parent_2", name), "open"] == own["open"].sum()


def test_where_communities_state_no_people_those_of_the_residents_layer_stand_in(demo, question):
    bare = demo.communities.drop(columns="population")
    found = IssueAnswers(replace(demo, communities=bare, fingerprint="no people"))
    table = found.by_area(question)
    assert table["population"][0] == demo.residents["population"].sum()
    rate = table["cases"] / table["population"] * 10_000
    pd.testing.assert_series_equal(table["per_10k_people"], rate.astype(float), check_names=False)
    inside = table["name"].ne(OUTSIDE)
    assert table["per_10k_people"].notna().equals(inside)
    nobody = IssueAnswers(
        replace(demo, communities=bare, residents=None, fingerprint="nobody knows")
    ).by_area(question)
    assert nobody[["population", "per_10k_people"]].isna().all(None)


def test_of_a_period_nothing_is_told_where_no_report_has_a_time(demo, question):
    times = demo.issues["reported_at"]
    issues = demo.issues.assign(reported_at=times.mask(times.notna()))
    found = IssueAnswers(replace(demo, issues=issues, fingerprint="no times"))
    assert found.by_area(question)[[*CASE_FIGURES]].isna().all(None)
    assert found.by_area(Question())["cases"][0] == len(issues)
    with pytest.raises(PlanningError):
        found.alerts(question)
    assert not {"repeat_point", "recurrence", "overdue", "hot_place"} & {
        *find(found, question).judged
    }


def test_a_campaign_counts_its_own_communities_alone(answers, question, demo):
    campaign = next(each for each in demo.campaigns.values() if not each.everywhere)
    asked = replace(question, selection=Selection(campaign=campaign.id))
    table = answers.by_area(asked)
    inside = answers.issue_set(asked.selection).communities
    assert table["communities"][0] == len(inside) < len(demo.communities)
    assert table["cases"][0] == answers.cases(asked).total


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_levels_and_areas_are_named_as_the_reader_reads(demo, language):
    translate = speaker(language)
    told = [level_title(demo, level, translate) for level in LEVELS[:3]]
    called = {"zh": ["街道", "区"], "zh-Hant": ["街道", "區"], "en": ["Sub-district", "District"]}
    assert told[:2] == called[language]
    assert "3" in told[2]  # none of the recipe's names
    names = area_names(demo, "parent_2")
    shown = area_titles(demo, "parent_2", [*names, NOT_GIVEN, OUTSIDE], translate)
    assert len(set(shown)) == len(shown) == 5
    assert not {NOT_GIVEN, OUTSIDE, ""} & set(shown)
    assert ("Jiangbei District" in shown) == (language == "en")
    places = pd.DataFrame({"level": "parent_2", "name": names})
    rows = pd.concat([places, pd.DataFrame({"level": "parent", "name": [NOT_GIVEN, OUTSIDE]})])
    titled = with_area_titles(rows, demo, translate)
    assert titled["name"].tolist() == ["", *shown[1:]]  # the city's level names it
    assert set(titled["level"]) == set(called[language])


def test_a_city_without_any_level_says_so(demo):
    bare = demo.communities.assign(parent="", parent_2="")
    city = replace(demo, communities=bare, fingerprint="no levels")
    assert levels_of(bare) == ()
    with pytest.raises(PlanningError) as caught:
        level_files(IssueAnswers(city), Question(), None, speaker("en"), created=NOON)
    assert caught.value.problem == "no_levels"
