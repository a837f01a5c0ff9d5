"""How firm a verdict is: the page and the details show the recipe."""

from __future__ import annotations

from analysis.coverage.assessment import assess
from analysis.coverage.robustness import judge_robustness
from layers.knowledge.standards import load_standards
from tests.views.shown import said, texts
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")

STANDARDS = load_standards()


def test_robustness_shows_the_recipe(visit, city, preparation):
    result = assess(preparation, STANDARDS["cn-life-circle"])
    found = judge_robustness(preparation, result, position_error=50)
    rows = found.communities[found.communities["rule"] == "toilet-5min"]
    closures = found.closures[found.closures["rule"] == "toilet-5min"]
    query = {"standard": "cn-life-circle", "kind": "toilet", "off": "50"}
    page = visit(page="robustness", language="en", **query)
    assert f"**{rows['flips'].sum()} of {len(rows)}**" in said(page)
    fails, turns, meets, closed = (each.value for each in page.dataframe)
    firm = rows[~rows["flips"].astype(bool)]["verdict"].value_counts()
    assert (len(fails), len(meets)) == (firm["fails"], firm["meets"])
    for group, number in (("fails", len(fails)), ("turns", len(turns)), ("meets", len(meets))):
        assert f"**{WORDS('en', f'robustness.group_{group}', n=number)}**" in said(page)
    shown = closed
    assert WORDS("en", "measure.here_straight") in said(page)
    straight = visit(page="robustness", language="en", measure="straight", **query)
    assert WORDS("en", "measure.here_straight") not in said(straight)
    lost = WORDS("en", "robustness.col_lost")
    assert shown[lost].tolist() == closures["people_lost"].round().head(len(shown)).tolist()
    assert shown[WORDS("en", "robustness.col_facility")].str.contains("Public Toilet").mean() > 0.9
    assert len(turns) == rows["flips"].sum()
    page = visit(page="robustness", language="zh", standard="cn-toilet-density", kind="toilet")
    assert WORDS("zh", "robustness.no_radius") in texts(page)


def test_details_say_how_firm_a_verdict_is(visit, city, preparation):
    result = assess(preparation, STANDARDS["cn-life-circle"])
    rows = judge_robustness(preparation, result).communities
    row = rows[(rows["rule"] == "toilet-5min") & rows["flips"]].iloc[0]
    chosen = {"standard": "cn-life-circle", "kind": "toilet", "community": row["community_id"]}
    page = visit(page="coverage", language="zh", **chosen)
    band = WORDS("zh", "robustness.band")
    (bands,) = [each.value.loc[band] for each in page.dataframe if band in each.value.index]
    low, high = ENGLISH.share(row["value_radius_less"]), ENGLISH.share(row["value_radius_more"])
    assert bands.iloc[1] == f"{low} – {high} · {WORDS('zh', 'robustness.turns')}"
