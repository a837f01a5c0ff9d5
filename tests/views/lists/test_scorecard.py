"""The scorecard shows the recipe, and no failing value reads as the minimum."""

from __future__ import annotations

import pytest

from analysis.coverage.assessment import assess
from analysis.coverage.scorecard import flips, scorecard
from analysis.model.question import BY_RULE
from layers.knowledge.standards import load_standards
from tests.views.shown import said
from views.lists.scorecard import cell
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()

STANDARDS = load_standards()


def test_scorecard_shows_the_recipe(visit, preparation):
    result = assess(preparation, STANDARDS["cn-toilet-300"])
    page = visit(page="scorecard", standard="cn-toilet-300", against="intl-400m", language="en")
    whole = result.summary[result.summary["level"] == "city"]
    for _, row in whole.iterrows():
        assert f"**{row['meets']} of {row['communities']}** communities meet" in said(page)
    _, matrix, changed = (each.value for each in page.dataframe)  # the first is the chart's
    rows = scorecard(result.standard, result.coverage)
    fails = matrix[WORDS("en", "scorecard.col_fails")]
    assert fails.tolist() == rows["fails"].head(len(matrix)).tolist()
    marks = {"meets": "✓", "fails": "✗", "cannot_judge": "?"}
    for rule in result.standard.rules:
        verdicts = rows[f"{rule.id.replace('-', '_')}_verdict"].head(len(matrix))
        shown = matrix[rule.title["en"]].str[0]
        assert shown.tolist() == [marks[verdict] for verdict in verdicts]
    other = assess(preparation, STANDARDS["intl-400m"])
    found = flips(result.coverage, other.coverage)
    assert len(changed) == min(len(found), 100) > 0
    assert set(found["kind"]) == {"toilet"}


@pytest.mark.parametrize(
    ("standard", "value", "shown"),
    [
        ("cn-toilet-300", 0.89996, "✗ 89.9% (−0.1) missing"),
        ("cn-toilet-300", 0.9, "✓ 90.0% (0.0)"),
        ("cn-toilet-300", 0.7, "✗ 70.0% (−20.0) missing"),
        ("cn-toilet-density", 2.9999, "✗ 2.99 (−0.01) missing"),
        ("cn-toilet-density", 210_000.0, "✓ 210\u202f000.00 (+209\u202f997.00)"),
        ("complete-community", 0, "✗ 0 (−1) missing"),
        ("complete-community", 12, "✓ 12 (+11)"),
    ],
)
def test_a_value_that_fails_never_reads_as_the_minimum(standard, value, shown):
    rule, translate = STANDARDS[standard].rules[0], Speaker(WORDS, "en")
    verdict = "meets" if value >= rule.minimum else "fails"
    assert cell(translate, rule, verdict, value, value - rule.minimum, "missing", value) == shown


@pytest.mark.parametrize(
    ("verdict", "shown"), [("meets", "✓ ≥ 91.0%"), ("fails", "✗ ≥ 0.0% missing")]
)
def test_a_value_that_may_be_higher_says_so(verdict, shown):
    rule, translate = STANDARDS["cn-toilet-300"].rules[0], Speaker(WORDS, "en")
    value = 0.91 if verdict == "meets" else 0.0
    found = cell(translate, rule, verdict, value, value - rule.minimum, "missing", value + 0.05)
    assert found == shown


def test_scorecard_of_a_part_of_the_city(visit, preparation):
    result = assess(preparation, STANDARDS["cn-life-circle"], measures=BY_RULE)
    parent = result.coverage["parent"].iloc[0]
    page = visit(page="scorecard", standard="cn-life-circle", parent=parent, language="zh")
    assert set(page.dataframe[1].value["所属街道"]) == {parent}
    n = (preparation.communities["parent"] == parent).sum()
    assert f" / {n}**" in said(page)


def test_standards_without_a_common_kind_say_so(visit):
    page = visit(page="scorecard", standard="cn-fitness", against="cn-toilet-300", language="en")
    assert "no kind of facility in common" in said(page)
