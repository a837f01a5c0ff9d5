"""Frontage duty of the demo city: the planted street is found, and files, page and words agree."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import numpy as np
import pytest
import shapely

from analysis.model.errors import PlanningError
from analysis.model.question import Question, Selection
from exports.recipes.casework.frontage import (
    DUTY_FILES,
    duty_files,
    duty_table,
    listed_frontages,
    sentences,
)
from exports.recipes.hotspots import with_usual_period
from exports.recipes.issue_answers import IssueAnswers
from layers.knowledge.standards import DATA
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker


@pytest.fixture(scope="module")
def demo(cities):
    return cities("demo")


@pytest.fixture(scope="module")
def answers(demo):
    return IssueAnswers(demo)


@pytest.fixture(scope="module")
def question(demo):
    return with_usual_period(Question(), demo)


@pytest.fixture(scope="module")
def truth():
    truths = tomllib.loads((DATA / "demo" / "truths.toml").read_text("utf-8"))["truth"]
    return next(each for each in truths if each["id"] == "frontage")


def test_the_planted_street_is_the_lowest_and_the_unchecked_one_is_no_number(
    answers, question, truth
):
    streets = duty_table(answers, question, "street")
    assert streets.index[0] == truth["street"]
    first = streets.iloc[0]
    for name in ("passed", "failed", "never_checked"):
        assert first[name] == truth[name]
    assert first["high_share"] < streets["low_share"].iloc[1:].min()  # and nothing else
    never = streets.loc[truth["never_street"]]
    assert never["never_checked"] == never["frontages"] == truth["never_street_frontages"]
    assert never[["pass_share", "low_share", "high_share"]].isna().all()
    shops = streets.loc[truth["shops_street"]]
    assert (shops["frontages"], shops["measured"]) == (truth["shops"], 0)
    assert shops[["length_m", "issues_near", "issues_per_100m"]].isna().all()
    for group in ("unit", ""):
        sums = duty_table(answers, question, group)[["frontages", "passed", "failed"]].sum()
        assert sums.tolist() == streets[["frontages", "passed", "failed"]].sum().tolist()


def test_issues_before_a_street_are_those_within_the_distance(answers, question, demo, truth):
    own = demo.frontages[demo.frontages["street"] == truth["street"]]
    year = demo.issues["reported_at"].dt.strftime("%Y-%m-%d")
    selection = question.selection
    shown = demo.issues[year.between(str(selection.since), str(selection.until))]
    shown = shown[shown["x"].notna() & shown["stage"].ne("cancelled")]
    points = shapely.points(shown[["x", "y"]].to_numpy())
    far = np.array([shapely.distance(each, points) for each in own.geometry])
    near = int((far.min(axis=0) <= question.follow_up.distance_m).sum())
    told = duty_table(answers, question, "street").loc[truth["street"]]
    assert told["issues_near"] == near > 0
    rate = near / own["length_m"].sum() * 100
    assert told["issues_per_100m"] == pytest.approx(rate)


def test_a_campaign_narrows_frontages_and_issues_alike(answers, demo):
    campaign = demo.campaigns["2025年秋冬季爱国卫生运动"]
    asked = with_usual_period(Question(selection=Selection(campaign=campaign.id)), demo)
    (community,) = campaign.communities
    area = demo.communities.geometry[community]
    own = demo.frontages[shapely.intersects(area, demo.frontages.geometry.to_numpy())]
    middle = shapely.point_on_surface(own.geometry.to_numpy())
    own = own[shapely.contains(area, middle)]
    days = demo.issues["reported_at"].dt.strftime("%Y-%m-%d")
    shown = demo.issues[
        days.between(str(campaign.since), str(campaign.until))
        & demo.issues["category"].isin(campaign.categories)
        & demo.issues["stage"].ne("cancelled")
        & shapely.intersects_xy(area, demo.issues["x"].to_numpy(), demo.issues["y"].to_numpy())
    ]
    points = shapely.points(shown[["x", "y"]].to_numpy())
    listed = listed_frontages(answers, asked)
    assert listed.index.tolist() == own.index.tolist()
    assert 0 < len(own) < len(demo.frontages)
    near = [
        int((shapely.distance(each, points) <= asked.follow_up.distance_m).sum())
        for each in own.geometry
    ]
    assert listed["issues_near"].tolist() == near
    assert sum(near) > 0
    assert duty_table(answers, asked, "").iloc[0]["frontages"] == len(own)
    files, _ = duty_files(answers, asked, speaker("en"), created=NOON)
    assert json.loads(files["run.json"])["parameters"]["campaign"] == campaign.id
    assert len(read_csv(files["frontages.csv"], TABLES["frontages"].columns)) == len(own)


def test_the_files_hold_what_the_page_shows(answers, question, demo):
    files, said = duty_files(answers, question, speaker("en"), created=NOON)
    assert tuple(files) == DUTY_FILES
    streets = read_csv(files["frontage_streets.csv"], TABLES["frontage_streets"].columns)
    assert streets["street"].tolist() == duty_table(answers, question, "street").index.tolist()
    rows = read_csv(files["frontages.csv"], TABLES["frontages"].columns)
    assert len(rows) == len(demo.frontages)
    assert set(rows["state"]) == {"pass", "fail", "never_checked"}
    shapes = json.loads(files["frontages.geojson"])["features"]
    assert {each["geometry"]["type"] for each in shapes} == {"LineString", "Point"}
    record = json.loads(files["run.json"])["parameters"]
    assert record["within_m"] == question.follow_up.distance_m
    assert record["since"] == str(question.selection.since)
    assert said == sentences(answers, question, speaker("en"))
    assert b"<html" in files["frontage_map.html"][:300].lower()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_not_known_is_said_and_no_number(demo, question, language):
    translate = speaker(language)
    shops = demo.frontages[demo.frontages.geometry.geom_type == "Point"]
    never = shops["checked_at"].where(shops["name"].eq("nobody"))
    bare = shops.assign(result="", checked_at=never)
    city = replace(demo, frontages=bare, fingerprint="shops")
    said = sentences(IssueAnswers(city), question, translate)
    assert translate("frontage.rate_unknown") in said
    assert said[-1] == translate("frontage.no_length")
    city = replace(demo, issues=None, fingerprint="no issues")
    assert sentences(IssueAnswers(city), question, translate)[-1] == translate("frontage.no_issues")
    listed = listed_frontages(IssueAnswers(city), question)
    assert listed["issues_near"].isna().all()


def test_a_city_without_the_layer_says_so(demo):
    city = replace(demo, frontages=None, fingerprint="none")
    with pytest.raises(PlanningError) as caught:
        duty_files(IssueAnswers(city), Question(), speaker("en"), created=NOON)
    assert caught.value.problem == "no_frontages"
