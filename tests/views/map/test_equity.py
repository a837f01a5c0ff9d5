"""Who is beyond reach, on the page as in the table."""

from __future__ import annotations

from analysis.coverage.assessment import assess
from analysis.coverage.equity import equity
from layers.knowledge.standards import load_standards
from tests.views.shown import said
from wording.catalogue import load_words
from wording.speaker import Speaker


def test_the_page_tells_the_distances_of_the_table(visit, preparation):
    result = assess(preparation, load_standards()["cn-life-circle"])
    row = equity(preparation, result).set_index("rule").loc["toilet-5min"]
    assert row["group"] == "everyone"
    page = visit(page="coverage", language="en", kind="toilet", panel="details")
    speak = Speaker(load_words(), "en")
    text = said(page)
    for length in ("mean", "median", "p90"):
        assert speak.metres(row[f"distance_{length}_m"]) in text
    assert f"Gini of the distance: {speak.decimal(row['gini'], digits=2)}" in text
    assert f"{speak.share(row['beyond_slow_share'])} at the pace of old people" in text
    assert "only all residents can be told of" in text
