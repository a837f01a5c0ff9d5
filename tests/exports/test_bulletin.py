"""The bulletin says why, and nothing in it runs."""

from __future__ import annotations

import pandas as pd

from analysis.handling.ranking import rank_shares
from exports.bulletin import bulletin_html
from exports.tables.bulletin import bulletin_table
from wording.catalogue import load_words


def test_the_bulletin_says_why_and_nothing_in_it_runs(city):
    rest = [f"u{place}" for place in range(20)]
    n = pd.Series({"<b>fast</b>": 400, "slow": 400, "small": 3, **dict.fromkeys(rest, 400)})
    facts = pd.Series({"<b>fast</b>": 390, "slow": 10, "small": 0, **dict.fromkeys(rest, 200)})
    facts[rest] += range(-20, 20, 2)
    before = facts.copy()
    before["<b>fast</b>"] = 200
    old = rank_shares(before, n, more_is_better=True)
    ranks = rank_shares(facts, n, more_is_better=True, before=old)
    units = ranks.assign(level="unit", indicator="on_time", unit_id=ranks.index, name=ranks.index)
    table = bulletin_table(units.assign(parent=""), city, load_words(), "en").set_index("unit_id")
    assert table.loc[["<b>fast</b>", "slow", "small"], "ranks"].tolist() == ["1", "22", ""]
    first, second, third = table.loc[["<b>fast</b>", "slow", "small"], "reason"]
    beyond = "than expected by more than chance and usual differences"
    assert first.startswith("390 of 400 (97.5%; 4")
    assert f": better {beyond}. Ahead of 21, behind 0, not told apart from 0." in first
    assert first.endswith(
        "Better than before (50.0% of 400) by more than chance and usual changes."
    )
    assert f": worse {beyond}." in second
    assert second.endswith(
        "No more change from before (2.5% of 400) than chance and usual changes."
    )
    assert third.startswith("0 of 3 (0.0%). Fewer than 10 cases")
    assert table.loc["u9", "reason"].split(": ")[1].startswith("within chance and usual diff")
    page = bulletin_html(table, city, load_words(), "en", period="")
    assert "<b>" not in page
    assert "&lt;b&gt;fast&lt;/b&gt;" in page
    assert "<script" not in page
