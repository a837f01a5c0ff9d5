"""What everybody may see holds no name, no text, no single case, and no small count to work out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re

import numpy as np
import pandas as pd
import pytest

from analysis.model.errors import SettingsError
from analysis.model.question import Question, Selection
from analysis.privacy.public_view import PUBLIC_PARTS, PublicView, public_counts, public_places
from exports.recipes import public
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.public import PUBLIC_FILES, public_facts, public_files, public_question
from exports.recipes.report import begin_report
from layers.knowledge.public import load_public
from tests.analysis.privacy.test_suppression import attacked
from tests.exports.toy import NOON, speaker, toy_answers

SECRET = "张伟 13800138000 住在和平路 18 号"


@pytest.fixture(scope="module")
def spoken(city):
    """The toy city, each of whose cases names somebody in every text that it has."""
    texts = dict.fromkeys(("text", "unit", "source"), SECRET)
    return toy_answers(dataclasses.replace(city, issues=city.issues.assign(**texts)))


@pytest.fixture(scope="module")
def files(spoken):
    return public_files(spoken, Question(), speaker("zh"), created=NOON)


def test_no_text_and_no_case_is_in_any_file(files, spoken):
    whole = "\n".join(content.decode() for content in files.values())
    for secret in ("张伟", "13800138000", "和平路"):
        assert secret not in whole
    named = "|".join(map(re.escape, map(str, spoken.city.issues.index)))
    assert not re.search(rf"(?<!\w)(?:{named})(?!\w)", whole)
    points = spoken.city.issues[["x", "y"]].dropna().to_numpy()
    assert "<script" not in whole
    assert set(files) <= set(PUBLIC_FILES)
    squares = json.loads(files["public_places.geojson"])["features"]
    assert all(each["properties"]["cases_from"] >= 11 for each in squares)
    assert len(points) > 11 * len(squares)


def test_pages_are_in_every_language_and_point_at_each_other(files):
    for language in ("zh", "zh-Hant", "en"):
        page = files[f"{language}.html"].decode()
        assert f'<html lang="{language}">' in page
        assert page.count(".html") == 2
        assert not re.search(r"(?:src|href)=\"(?!zh|en|#|data:)", page)
    assert files["index.html"] == files["zh.html"]


@pytest.mark.parametrize("part", PUBLIC_PARTS)
def test_a_part_that_is_not_named_is_in_no_file(spoken, files, part, monkeypatch):
    view = PublicView(parts=tuple(each for each in PUBLIC_PARTS if each != part))
    monkeypatch.setattr(public, "load_public", lambda _: view)
    fewer = public_files(spoken, Question(), speaker("zh"), created=NOON)
    gone = {name for name in files if f"public_{part}" in name}
    assert set(fewer) == set(files) - gone
    facts = public_facts(begin_report(spoken, Question(), speaker("zh")))
    assert part not in facts.tables


def test_the_record_names_no_input(files, spoken):
    record = json.loads(files["run.json"])
    assert record["parameters"]["least"] == 11
    assert not {"inputs", "missing_rows"} & set(record)
    told = files["run.json"].decode()
    assert not any(name in told for report in spoken.city.reports for name in report.files)


def test_counts_of_the_demo_add_up_and_cannot_be_worked_out(cities):
    answers = IssueAnswers(cities("demo"))
    facts = public_facts(begin_report(answers, Question(), speaker("zh")))
    table = facts.tables["counts"]
    shown = table[~table["hidden"]]
    whole = shown[shown["parent"].isna() & shown["group"].isna()]["cases"].iloc[0]
    months = facts.tables["months"]
    assert months["cases"].sum() == whole == 10220  # the last year, counted in the register
    assert (shown["cases"] >= 11).all() | (shown["cases"] == 0).all()
    assert table["hidden"].any()


def counted(answers):
    made = public_files(answers, Question(), speaker("zh"), created=NOON)
    issues = ("public_counts.csv", "public_months.csv", "public_places.geojson")
    return [made[name] for name in issues]


def test_two_editions_of_one_month_tell_no_case_by_what_differs(city):
    days = sorted({f"{day:%Y-%m-%d}" for day in city.issues["reported_at"]})
    last = pd.Timestamp(days[-1], tz=city.as_of.tz)
    middle = last.replace(day=1) + pd.Timedelta(days=10)
    early, late = (dataclasses.replace(city, as_of=middle + pd.Timedelta(days=n)) for n in (0, 9))
    between = city.issues["reported_at"].between(early.as_of, late.as_of)
    assert between.any()  # cases that only the later edition could tell of
    assert counted(toy_answers(early)) == counted(toy_answers(late))


PERIODS = {
    "a year to the end of a month": ("2026-06-30", None, None, "2025-07-01", "2026-06-30"),
    "a year that a month is cut by": ("2026-06-29", None, None, "2025-06-01", "2026-05-31"),
    "days within a month": ("2026-06-30", "2026-03-10", "2026-03-20", "2026-03-01", "2026-03-31"),
    "over new year": ("2026-01-15", "2025-12-20", None, "2025-12-01", "2025-12-31"),
    "leap day": ("2024-02-29", "2024-02-29", "2024-02-29", "2024-02-01", "2024-02-29"),
}


@pytest.mark.parametrize("period", PERIODS)
def test_the_public_is_told_of_whole_months(city, period):
    as_of, since, until, first, last = PERIODS[period]
    day = dataclasses.replace(city, as_of=pd.Timestamp(as_of, tz=city.as_of.tz))
    days = (each and dt.date.fromisoformat(each) for each in (since, until))
    asked = Question(selection=Selection("x", *days, campaign=""))
    found = public_question(asked, day).selection
    assert (str(found.since), str(found.until), found.category) == (first, last, None)


def test_a_month_that_is_not_over_is_not_told(city):
    day = dataclasses.replace(city, as_of=pd.Timestamp("2026-06-29", tz=city.as_of.tz))
    asked = Question(selection=Selection(since=dt.date(2026, 6, 1)))
    with pytest.raises(SettingsError, match="No month from 2026-06-01"):
        public_question(asked, day)


def test_months_stand_in_their_order_whatever_that_of_the_register(cities):
    demo = cities("demo")
    answers = IssueAnswers(dataclasses.replace(demo, issues=demo.issues.iloc[::-50]))
    months = public_facts(begin_report(answers, Question(), speaker("zh"))).tables["months"]
    assert len(months) > 1
    assert months["month"].is_monotonic_increasing


def test_hidden_counts_stay_hidden_from_whoever_solves_for_them():
    rng = np.random.default_rng(3)
    cases = pd.DataFrame(
        {"parent": rng.choice(list("abcd"), 300, p=[0.6, 0.3, 0.08, 0.02]),
         "group": rng.choice(list("xyz"), 300, p=[0.7, 0.25, 0.05])}
    )  # fmt: skip
    table = public_counts(cases, ["parent", "group"], least=11)
    assert table["hidden"].any()
    true = public_counts(cases, ["parent", "group"], least=1)["count"]
    for row, (least, most) in attacked(table, ["parent", "group"]).items():
        assert most >= 11 if true[row] < 11 else most - least > 0.5


@pytest.mark.parametrize("least", [5, 11, 60])
def test_a_square_holds_as_many_as_its_class_says(least):
    rng = np.random.default_rng(8)
    cases = pd.DataFrame({"x": rng.normal(0, 900, 400), "y": rng.normal(0, 900, 400)})
    squares = public_places(cases, PublicView(least, 100.0))
    assert len(squares) > 2
    assert (squares["cases_from"] >= least).all()
    assert squares["cases_to"].dropna().ge(squares["cases_from"][squares["cases_to"].notna()]).all()
    assert int(squares["cases_from"].sum()) <= 400
    assert (squares["side_m"] >= 100).all()


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("least = 4", "least"), ("least = 11.5", "least"), ("least = true", "least"), ("", "least"),
        ("side_m = 20", "side_m"), ('side_m = "200"', "side_m"), ("side_m = nan", "side_m"),
        ('show = ["names"]', "names"), ("shown = []", "shown"), ("show = [3]", "show"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named(tmp_path, entry, told):
    sound = {"least": "least = 20", "side_m": "side_m = 300", "show": 'show = ["spots", "counts"]'}
    key = entry.partition(" ")[0] or "least"
    (tmp_path / "public.toml").write_text("\n".join({**sound, key: entry}.values()), "utf-8")
    with pytest.raises(SettingsError, match=told):
        load_public(tmp_path)


def test_a_city_shows_what_its_own_file_says(tmp_path):
    (tmp_path / "public.toml").write_text(
        'least = 20\nside_m = 300\nshow = ["spots", "counts"]', "utf-8"
    )
    assert load_public(tmp_path) == PublicView(20, 300.0, ("counts", "spots"))
    (tmp_path / "public.toml").unlink()
    assert load_public(tmp_path) == PublicView()
