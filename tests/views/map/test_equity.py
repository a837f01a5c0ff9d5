"""Who is beyond reach, on the page as in the table."""

from __future__ import annotations

import pytest

from analysis.access.prepared_city import with_shortest_paths
from analysis.coverage.assessment import assess
from analysis.coverage.equity import equity
from analysis.coverage.figures import STRAIGHT
from analysis.model.question import BY_RULE
from layers.knowledge.standards import load_standards
from tests.views.shown import said
from wording.catalogue import load_words
from wording.speaker import Speaker


@pytest.mark.parametrize(
    ("measures", "word"), [(BY_RULE, "(walking)"), ((STRAIGHT,), "(straight line)")]
)
def test_the_page_tells_the_distances_of_the_table(visit, preparation, ways, measures, word):
    ready = with_shortest_paths(preparation, ways)
    result = assess(ready, load_standards()["cn-life-circle"], measures=measures)
    row = equity(ready, result).set_index("rule").loc["toilet-5min"]
    assert row["group"] == "everyone"
    page = visit(
        page="coverage", language="en", kind="toilet", panel="details", measure="".join(measures)
    )
    speak = Speaker(load_words(), "en")
    text = said(page)
    assert word in text
    for length in ("mean", "median", "p90"):
        assert speak.metres(row[f"distance_{length}_m"]) in text
    assert f"(Gini; 0: alike for all): {speak.decimal(row['gini'], digits=2)}" in text
    assert f"{speak.share(row['beyond_slow_share'])} at the pace of old people" in text
    assert "only all residents together can be shown" in text
