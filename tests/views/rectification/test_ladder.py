"""The page of warning levels, the file and the command tell the same."""

from __future__ import annotations

import dataclasses
import io

import pandas as pd
import pytest

from analysis.model.question import FOLLOW_UPS, FollowUpRule, Question
from exports.recipes.casework.ladder import counted, sentences, told_counts, warning_files
from exports.recipes.issue_answers import IssueAnswers
from tests.languages import SPOKEN
from tests.views.shown import said
from wording.catalogue import load_words
from wording.numbers import NOTHING
from wording.speaker import Speaker

WORDS = load_words()


@pytest.fixture(scope="module")
def answers(city):
    return IssueAnswers(city)


@pytest.mark.parametrize("language", SPOKEN)
def test_page_and_file_have_the_same_rows(visit, answers, language):
    translate = Speaker(WORDS, language)
    page = visit(page="warnings", language=language)
    files = warning_files(answers, Question(), translate)
    rows = pd.read_csv(io.BytesIO(files["warnings.csv"]), keep_default_na=False)
    rows = rows[rows["step"] != ""]
    shown = page.dataframe[0].value
    names = {step.id: translate.of(step.name) for step in answers.city.ladder.steps}
    assert shown[WORDS(language, "ladder.col_step")].tolist() == rows["step"].map(names).tolist()
    assert shown[WORDS(language, "ladder.col_since")].tolist() == rows["since"].tolist()
    for why, hits, n in zip(
        shown[WORDS(language, "ladder.col_why")], rows["hits"], rows["n"], strict=True
    ):
        assert translate.count(int(hits)) in why
        assert translate.count(int(n)) in why
    figures = [each.value for each in page.metric]
    each = rows.drop_duplicates(["level", "unit_id"])["step"].value_counts()  # the highest first
    assert figures == [
        translate.count(int(each.get(step.id, 0))) for step in reversed(answers.city.ladder.steps)
    ]
    assert WORDS(language, "ladder.lead")[:20] in said(page)


def test_another_follow_up_is_another_table(visit, answers):
    since = {}
    for days in FOLLOW_UPS[:2]:
        page = visit(page="warnings", language="en", days=str(days))
        rule = FollowUpRule(days=days)
        table = answers.warnings(Question(follow_up=rule)).table
        rows = table[table["step"] != ""]
        shown = page.dataframe[0].value
        assert shown[WORDS("en", "ladder.col_since")].tolist() == rows["since"].tolist()
        since[days] = rows["since"].tolist()
    assert len(set(map(tuple, since.values()))) > 1


def test_what_cannot_be_told_is_said_and_is_in_no_file(answers, city):
    cases = city.issues.assign(
        due_at=pd.Series(pd.NaT, city.issues.index, city.issues["due_at"].dtype)
    )
    bare = IssueAnswers(dataclasses.replace(city, issues=cases))
    found, translate = bare.warnings(Question()), Speaker(WORDS, "en")
    assert found.unknown == ("late",)
    assert WORDS("en", "ladder.indicator_late") in sentences(found, city.ladder, translate)[-1]
    assert set(found.table["indicator"]) == {"relapse"}
    told = told_counts(found, city.ladder, translate)
    assert {
        step: NOTHING if not n else translate("ladder.at_least", n=n)
        for step, n in counted(found, city.ladder).items()
    } == told
    assert NOTHING in told.values()
    assert sum(counted(found, city.ladder).values()) < sum(
        counted(answers.warnings(Question()), city.ladder).values()
    )
