"""Ranks of units: Wilson's interval against an oracle, and chance makes no rank."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.handling.ranking import groups_of, rank_shares, wilson_interval
from analysis.handling.sampling import sample_size, stratified_sample
from analysis.model.errors import SettingsError


@st.composite
def units(draw):
    counts = draw(st.lists(st.integers(0, 300), min_size=1, max_size=20))
    hits = [draw(st.integers(0, count)) for count in counts]
    names = [f"u{place}" for place in range(len(counts))]
    return pd.Series(hits, index=names), pd.Series(counts, index=names)


@given(n=st.integers(1, 10_000), part=st.floats(0, 1), level=st.floats(0.5, 0.9999))
def test_wilson_agrees_with_the_oracle(n, part, level):
    hits = round(n * part)
    low, high = wilson_interval([hits], [n], level=level)
    wanted = proportion_confint(hits, n, alpha=1 - level, method="wilson")
    assert (low[0], high[0]) == pytest.approx(wanted, abs=1e-9)


def joint_limits(ranked):
    """Limits of a joint 95 %, for cases as far as their spread leaves them."""
    n = ranked["n"] / ranked["dispersion"]
    degrees = min(max(0.75 * (len(ranked) - 1), 1), 20)
    width = scipy.stats.t.isf(0.025 / len(ranked), degrees)
    return wilson_interval(ranked["share"] * n, n, width=width)


@given(table=units(), good=st.booleans())
def test_a_rank_counts_those_surely_better(table, good):
    hits, n = table
    ranking = rank_shares(hits, n, more_is_better=good)
    assert set(ranking.index) == set(n.index)
    assert ranking["rank"].isna().equals(ranking["n"] < 10)
    ranked = ranking.dropna(subset="rank")
    count = len(ranked)
    for row in ranked.itertuples():
        assert 1 <= row.rank <= row.rank_worst <= count
    if count:
        low, high = joint_limits(ranked)
        for place in range(count):
            better = (low > high[place]) if good else (high < low[place])
            assert ranked["rank"].iloc[place] == 1 + better.sum()


def letters(text):
    """Places of the letters of a text such as `B–D`."""
    ends = [sum((ord(c) - 64) * 26**i for i, c in enumerate(end[::-1])) for end in text.split("–")]
    return set(range(ends[0], ends[-1] + 1))


@given(table=units(), good=st.booleans())
def test_units_share_a_letter_if_and_only_if_they_cannot_be_told_apart(table, good):
    ranking = rank_shares(*table, more_is_better=good)
    assert (ranking["groups"] == "").equals(ranking["rank"].isna())
    ranked = ranking.dropna(subset="rank")
    count = len(ranked)
    if not count:
        return
    low, high = joint_limits(ranked)
    held = [letters(text) for text in ranked["groups"]]
    for one in range(count):
        for other in range(count):
            apart = low[one] > high[other] or low[other] > high[one]
            assert apart == held[one].isdisjoint(held[other])
    assert [1 in each for each in held] == (ranked["rank"] == 1).tolist()
    known = set.union(*held)
    assert known == set(range(1, max(known) + 1))
    members = [{one for one in range(count) if letter in held[one]} for letter in known]
    assert not any(a < b or (a == b and i != j) for i, a in enumerate(members)
                   for j, b in enumerate(members))  # fmt: skip


def test_letters_go_on_after_z():
    groups = groups_of(-np.arange(30.0), 0.5 - np.arange(30.0))
    assert groups == [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "AB", "AC", "AD"]


def many(**more):
    """Twenty units alike, and some more: hits and cases."""
    table = {f"u{place}": (800 + 4 * place, 1000) for place in range(-10, 10)} | more
    frame = pd.DataFrame(table, index=["hits", "n"]).T
    return frame["hits"], frame["n"]


def test_a_clear_difference_is_a_rank_and_few_cases_are_none():
    hits, n = many(good=(990, 1000), bad=(200, 1000), tiny=(9, 9))
    ranking = rank_shares(hits, n, more_is_better=True)
    assert ranking.index[[0, -2, -1]].tolist() == ["good", "bad", "tiny"]
    assert ranking.loc[["good", "u0", "bad"], "rank"].tolist() == [1, 2, 22]
    assert ranking.loc[["good", "u0", "bad", "tiny"], "verdict"].tolist() == [
        "better", "same", "worse", "",
    ]  # fmt: skip
    assert pd.isna(ranking.loc["tiny", "rank"])
    other = rank_shares(hits, n, more_is_better=False)
    assert other.index[[0, -2, -1]].tolist() == ["bad", "good", "tiny"]
    assert other.loc["bad", "verdict"] == "better"


def test_sizes_known_from_textbooks():
    assert sample_size(10**9, margin_share=0.05) == 385
    assert sample_size(10**9, margin_share=0.1) == 97
    assert sample_size(500, margin_share=0.05) == 218
    assert sample_size(0, margin_share=0.05) == 0
    with pytest.raises(SettingsError):
        sample_size(10, margin_share=0)


@given(count=st.integers(0, 3000), margin=st.floats(0.01, 0.5))
def test_the_size_gives_the_margin_and_one_less_does_not(count, margin):
    size = sample_size(count, margin_share=margin)
    assert size <= count

    def half_width(drawn):
        finite = (count - drawn) / (count - 1) if count > 1 else 0
        return 1.959963984540054 * np.sqrt(0.25 / drawn * finite)

    if 1 < size < count:
        assert half_width(size) <= margin + 1e-9
        assert half_width(size - 1) > margin - 1e-9


@given(
    strata=st.lists(st.sampled_from("abc"), max_size=60),
    size=st.integers(0, 70),
    seed=st.integers(0, 9),
)
def test_every_stratum_has_its_quota_and_order_does_not_matter(strata, size, seed):
    cases = pd.Series(strata, index=[f"c{i:02}" for i in range(len(strata))], dtype="str")
    drawn = stratified_sample(cases, size=size, seed=seed)
    assert len(drawn) == len(set(drawn)) == min(size, len(cases))
    assert drawn.isin(cases.index).all()
    assert stratified_sample(cases[::-1], size=size, seed=seed).equals(drawn)
    for name, group in cases.groupby(cases):
        exact = len(group) * min(size, len(cases)) / len(cases)
        assert abs((cases[drawn] == name).sum() - exact) < 1


def test_every_case_is_as_likely_as_any_other_of_its_stratum():
    cases = pd.Series(["a"] * 8, index=list("abcdefgh"))
    drawn = [name for seed in range(800) for name in stratified_sample(cases, size=2, seed=seed)]
    assert pd.Series(drawn).value_counts().between(150, 250).all()


def test_only_a_change_beyond_the_usual_is_one():
    hits, n = many(up=(500, 1000), down=(500, 1000), few=(5, 5))
    old = rank_shares(hits, n, more_is_better=True)
    now = hits.copy()
    now[["up", "down", "few"]] = 950, 50, 0
    table = rank_shares(now, n, more_is_better=True, before=old)
    changes = table["change"]
    assert changes[["up", "down", "few"]].tolist() == ["better", "worse", ""]
    assert (changes.drop(["up", "down", "few"]) == "same").all()
    assert table.loc[["up", "few"], "previous_n"].tolist() == [1000, 5]
    assert table.loc["up", "previous_rank"] == old.loc["up", "rank"]
    assert (table["alike"] == table["rank_worst"] - table["rank"]).dropna().all()
    flipped = rank_shares(now, n, more_is_better=False, before=old)
    assert flipped.loc["up", "change"] == "worse"
    alone = rank_shares(now, n, more_is_better=True)
    assert alone["previous_n"].isna().all()
    assert (alone["change"] == "").all()
