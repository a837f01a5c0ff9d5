"""The files of surveys agree with each other, with their sentences and with what is published."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest

from analysis.casework.survey import NOT_ASKED, TOO_FEW
from analysis.model.errors import SettingsError
from exports.recipes.casework.survey import (
    SURVEY_FILES,
    by_community,
    chosen_topic,
    rate_table,
    rates_of_city,
    survey_files,
    topics_of,
)
from layers.knowledge.survey import load_survey_rules
from layers.knowledge.taxonomy import FOLDER
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker, toy_answers

HOSTILE = "=1+1 <b>topic</b>"


@pytest.fixture(scope="module")
def surveyed(city):
    """The toy city: two areas are asked about satisfaction, one about something hostile."""
    areas = city.communities.index
    rows = [
        ("community", areas[0], "2026-05-10", "satisfaction", 200, 120),
        ("community", areas[1], "2026-05-11", "satisfaction", 20, 19),
        ("community", areas[0], "2025-05-10", "satisfaction", 200, 180),
        ("community", areas[0], "2026-05-10", HOSTILE, 100, 50),
    ]
    survey = pd.DataFrame(rows, columns=["level", "area", "asked_at", "topic", "n", "yes"])
    survey["asked_at"] = pd.to_datetime(survey["asked_at"]).dt.tz_localize(city.time_zone)
    survey = survey.assign(weight=1.0, single=False).rename_axis("answer_id").rename(index=str)
    rules = load_survey_rules(FOLDER / "survey.toml")
    return toy_answers(dataclasses.replace(city, survey=survey, survey_rules=rules))


def test_files_agree_with_sentences_and_with_what_is_published(surveyed):
    files, said = survey_files(surveyed, "", speaker("en"), created=NOON)
    assert tuple(files) == SURVEY_FILES
    table = read_csv(files["survey.csv"], TABLES["survey"].columns)
    whole = table[table["level"].eq("city") & table["topic"].eq("satisfaction")].iloc[0]
    assert (whole["n"], whole["yes"]) == (220, 139)
    assert "220 answers" in said[0]
    assert "63.2%" in said[0]
    published = rates_of_city(surveyed)
    assert published.loc["satisfaction", "share"] == pytest.approx(whole["share"], abs=1e-6)
    assert published["reason"].to_dict() == {
        "satisfaction": "",
        HOSTILE: "",
        "awareness": NOT_ASKED,
    }
    areas = json.loads(files["survey_areas.geojson"])["features"]
    assert [each["properties"]["reason"] for each in areas][:2] == ["", TOO_FEW]
    assert {each["properties"]["reason"] for each in areas[2:]} <= {NOT_ASKED}
    record = json.loads(files["run.json"])
    assert record["parameters"]["topic"] == "satisfaction"
    assert record["parameters"]["rules"]["least"] == 30
    assert files["survey_bulletin.pdf"].startswith(b"%PDF")


def test_too_few_answers_are_no_number_in_any_file(surveyed):
    files, said = survey_files(surveyed, "satisfaction", speaker("en"), created=NOON)
    table = read_csv(files["survey.csv"], TABLES["survey"].columns)
    few = table[table["reason"].eq(TOO_FEW)]
    assert few["n"].tolist() == [20]
    assert few[["yes", "share", "low_share", "high_share"]].isna().all(axis=None)
    assert any("Too few answers for a rate: 1" in each for each in said)


def test_a_topic_of_hostile_text_is_a_topic_like_any(surveyed):
    city = surveyed.city
    table = rate_table(surveyed)
    assert topics_of(table, city) == ["satisfaction", HOSTILE]
    files, said = survey_files(surveyed, HOSTILE, speaker("zh"), created=NOON)
    assert HOSTILE in said[0]
    assert b",=1+1" not in files["survey.csv"]
    assert by_community(table, HOSTILE, city)["share"].iloc[0] == 0.5


def test_a_city_without_a_survey_says_so(city, surveyed):
    bare = toy_answers(city)
    with pytest.raises(SettingsError) as caught:
        rate_table(bare)
    assert caught.value.problem == "no_survey"
    assert set(rates_of_city(bare)["reason"]) <= {NOT_ASKED}
    with pytest.raises(SettingsError) as caught:
        chosen_topic(rate_table(surveyed), surveyed.city, "other")
    assert caught.value.problem == "topic_unknown"
