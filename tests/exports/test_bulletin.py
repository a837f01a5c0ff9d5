"""The bulletin says why, and nothing in it runs."""

from __future__ import annotations

import pandas as pd

from analysis.handling.ranking import rank_shares
from exports.bulletin import bulletin_html
from exports.tables.bulletin import bulletin_table
from wording.catalogue import load_words


def test_the_bulletin_says_why_and_nothing_in_it_runs(city):
    facts = pd.Series({"<b>fast</b>": 30, "slow": 2, "small": 0})
    n = pd.Series({"<b>fast</b>": 40, "slow": 40, "small": 3})
    old = rank_shares(facts * 0 + 2, n, more_is_better=True)
    ranks = rank_shares(facts, n, more_is_better=True, before=old)
    units = ranks.assign(level="unit", indicator="on_time", unit_id=ranks.index, name=ranks.index)
    table = bulletin_table(units.assign(parent=""), city, load_words(), "en").set_index("unit_id")
    assert table["ranks"].tolist() == ["1", "2", ""]
    assert table["previous_ranks"].tolist() == ["1–2", "1–2", ""]
    first, second, third = table["reason"]
    assert first.startswith("30 of 40 (75.0%")
    assert "Surely ahead of 1, behind 0, not told apart from 0." in first
    assert first.endswith("Surely better than before (5.0% of 40).")
    assert second.endswith("No sure change from before (5.0% of 40).")
    assert third.startswith("0 of 3 (0.0%). Fewer than 10 cases")
    page = bulletin_html(table, city, load_words(), "en", period="")
    assert "<b>" not in page
    assert "&lt;b&gt;fast&lt;/b&gt;" in page
    assert "<script" not in page
