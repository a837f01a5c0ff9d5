"""How firm a verdict is: the page and the details show the recipe."""

from __future__ import annotations

import pytest

from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK
from analysis.coverage.robustness import judge_robustness
from analysis.model.question import MEASURES
from layers.knowledge.standards import load_standards
from maps.robustness import stands
from tests.views.shown import said, texts
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")

STANDARDS = load_standards()


@pytest.mark.parametrize("measure", MEASURES)
def test_robustness_shows_the_recipe(visit, city, preparation, measure):
    chosen = {} if measure == NETWORK else {"measure": measure}  # walking is what the rule means
    result = assess(preparation, STANDARDS["cn-life-circle"], measures=(measure,))
    found = judge_robustness(preparation, result, position_error=50)
    rows = found.communities[found.communities["rule"] == "toilet-5min"]
    closures = found.closures[found.closures["rule"] == "toilet-5min"]
    assert set(rows["measure"]) == set(closures["measure"]) == {measure}
    query = {"standard": "cn-life-circle", "kind": "toilet", "off": "50", **chosen}
    page = visit(page="robustness", language="en", **query)
    assert f"**{rows['flips'].sum()} of {len(rows)}**" in said(page)
    assert f"({WORDS('en', f'measure.{measure}')})" in said(page)
    note = {"straight": "measure.bound", "network": "robustness.method_network"}[measure]
    assert WORDS("en", note) in said(page)
    *groups, shown = (each.value for each in page.dataframe)
    sizes = stands(rows).value_counts()
    for group in ("fails", "turns", "meets"):
        number = sizes.get(group, 0)
        assert f"**{WORDS('en', f'robustness.group_{group}', n=number)}**" in said(page)
        if number:
            assert len(groups.pop(0)) == number
    assert not groups
    lost = WORDS("en", "robustness.col_lost")
    assert shown[lost].tolist() == closures["people_lost"].round().head(len(shown)).tolist()
    assert shown[WORDS("en", "robustness.col_facility")].str.contains("Public Toilet").mean() > 0.9


def test_a_rule_without_a_radius_has_nothing_to_vary(visit):
    page = visit(page="robustness", language="zh", standard="cn-toilet-density", kind="toilet")
    assert WORDS("zh", "robustness.no_radius") in texts(page)


def test_details_say_how_firm_a_verdict_is(visit, city, preparation):
    result = assess(preparation, STANDARDS["cn-life-circle"])
    rows = judge_robustness(preparation, result).communities
    row = rows[(rows["rule"] == "toilet-5min") & rows["flips"]].iloc[0]  # by the straight line
    chosen = {"standard": "cn-life-circle", "kind": "toilet", "community": row["community_id"]}
    page = visit(page="coverage", language="zh", **chosen)
    band = WORDS("zh", "robustness.band")
    (bands,) = [each.value.loc[band] for each in page.dataframe if band in each.value.index]
    low, high = ENGLISH.share(row["value_radius_less"]), ENGLISH.share(row["value_radius_more"])
    assert bands.iloc[1] == f"{low} – {high} · {WORDS('zh', 'robustness.turns')}"
