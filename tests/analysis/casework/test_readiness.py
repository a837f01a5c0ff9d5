"""Readiness by hand: what is met, failed and not known, by number and by weight."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.casework.findings import CLAUSE, RAISE, clause_findings
from analysis.casework.identity import compare_findings
from analysis.casework.readiness import (
    CLAUSE_COLUMNS,
    NO_FIGURE,
    NO_SURVEY,
    NO_THRESHOLD,
    NOT_ENTERED,
    NOT_KNOWN,
    TOO_FEW,
    TOO_OLD,
    UNDECIDED,
    WHOLE,
    WORK_COLUMNS,
    Reading,
    entered_readings,
    judge_readiness,
    survey_readings,
)
from analysis.model.title import WORKS, Clause, TitleStandard

DAY = dt.date(2026, 6, 30)


def clause(name, **parts):
    usual = {
        "work": "environment", "judged": "entered", "confidence": "high", "basis": "standard",
        "threshold": 0.9, "source": {"en": "a book"}, "text": {"en": name},
    }  # fmt: skip
    return Clause(id=name, **{**usual, **parts})


def standard(*clauses):
    return TitleStandard("toy", {"en": "Toy"}, "nobody", "none", "2026", clauses)


def judged(*pairs, review=None):
    readings = {each.id: reading for each, reading in pairs}
    return judge_readiness(
        standard(*(each for each, _ in pairs)), readings, as_of=DAY, review=review
    )


def test_shares_by_number_and_weight_are_those_summed_by_hand():
    """Five clauses of weight 10: met 3 and 1, failed 2, not known 4; 4 of 6 and 4 to 8 of 10."""
    found = judged(
        (clause("a", weight=3.0), Reading(0.95)),
        (clause("b", weight=1.0, work="health"), Reading(0.9)),
        (clause("c", weight=2.0), Reading(0.8)),
        (clause("d", weight=3.0), Reading(reason=NOT_ENTERED)),
        (clause("e", weight=1.0, work="health"), Reading()),
    )
    assert list(found.clauses) == list(CLAUSE_COLUMNS)
    assert list(found.works) == list(WORK_COLUMNS)
    assert found.works["work"].tolist() == [WHOLE, *WORKS]
    whole = found.works.iloc[0]
    counts = ["clauses", "met", "failed", "cannot_judge"]
    assert whole[counts].tolist() == [5, 2, 1, 2]
    shares = ["met_share", "least_share", "most_share"]
    np.testing.assert_allclose(whole[shares].astype(float), [2 / 3, 0.4, 0.8])
    weights = ["weight", "met_weight", "failed_weight", "cannot_judge_weight"]
    assert whole[weights].tolist() == [10, 4, 2, 4]
    shares = ["met_weight_share", "least_weight_share", "most_weight_share"]
    np.testing.assert_allclose(whole[shares].astype(float), [4 / 6, 0.4, 0.8])
    health = found.works.set_index("work").loc["health"]
    assert health[counts].tolist() == [2, 1, 0, 1]
    assert health["met_share"] == 1
    nothing = found.works.set_index("work").loc["pollution"]
    assert nothing["clauses"] == 0
    assert nothing[["met_share", "least_share", "most_share"]].isna().all()


@pytest.mark.parametrize(
    ("comparison", "value", "verdict", "margin"),
    [
        ("min", 0.9, "meets", 0.0),
        ("min", 0.9 - 1e-12, "meets", 0.0),
        ("min", 0.85, "fails", -0.05),
        ("max", 0.9, "meets", 0.0),
        ("max", 0.95, "fails", -0.05),
        ("max", 0.2, "meets", 0.7),
    ],
)
def test_a_clause_is_met_from_its_threshold_on(comparison, value, verdict, margin):
    found = judged((clause("a", comparison=comparison), Reading(value)))
    row = found.clauses.iloc[0]
    assert (row["verdict"], row["reason"]) == (verdict, "")
    assert row["margin"] == pytest.approx(margin, abs=1e-9)


@pytest.mark.parametrize(
    ("parts", "reading", "reason"),
    [
        ({"judged": "none", "threshold": None}, Reading(), NO_FIGURE),
        ({"threshold": None}, Reading(0.95), NO_THRESHOLD),
        ({}, Reading(), NOT_KNOWN),
        ({}, Reading(0.95, reason=TOO_OLD), TOO_OLD),
        ({}, Reading(0.85, least=0.85, most=0.95), UNDECIDED),
        ({"comparison": "max"}, Reading(0.85, least=0.85, most=0.95), UNDECIDED),
    ],
)
def test_what_is_not_known_is_neither_met_nor_failed(parts, reading, reason):
    found = judged((clause("a", **parts), reading))
    assert found.clauses[["verdict", "reason"]].iloc[0].tolist() == ["cannot_judge", reason]
    assert np.isnan(found.clauses["margin"].iloc[0])
    assert found.works[["met", "failed", "cannot_judge"]].iloc[0].tolist() == [0, 0, 1]
    assert np.isnan(found.works["met_share"].iloc[0])


def test_what_is_not_known_does_not_matter_where_it_cannot_change_the_verdict():
    found = judged(
        (clause("met"), Reading(0.92, least=0.92, most=0.99)),
        (clause("failed"), Reading(0.5, least=0.5, most=0.7)),
    )
    assert found.clauses["verdict"].tolist() == ["meets", "fails"]


def test_what_costs_the_title_alone_blocks_first_then_weight():
    failed = Reading(0.1)
    found = judged(
        (clause("light"), failed),
        (clause("heavy", weight=5.0), failed),
        (clause("veto", veto=True), failed),
        (clause("met", veto=True), Reading(1.0)),
    )
    assert found.blocks["clause_id"].tolist() == ["veto", "heavy", "light"]


@pytest.mark.parametrize(
    ("review", "left"), [(dt.date(2026, 10, 15), 107), (dt.date(2026, 6, 1), -29), (None, None)]
)
def test_days_left_are_counted_from_the_day_of_the_data(review, left):
    assert judged((clause("a"), Reading()), review=review).days_left == left


def entered(*rows):
    table = pd.DataFrame(rows, columns=["clause_id", "value", "day", "source"])
    return table.assign(day=pd.to_datetime(table["day"]))


def test_the_latest_value_up_to_the_day_counts_and_an_old_one_does_not():
    ours = standard(clause("a"), clause("b", months=12), clause("c"), clause("d", judged="none"))
    values = entered(
        ("a", 0.5, "2026-06-30", "late office"),
        ("a", 0.4, "2026-01-01", "office"),
        ("a", 0.99, "2026-07-01", "too soon"),
        ("b", 0.95, "2025-06-29", "office"),
    )
    found = entered_readings(ours, values, as_of=DAY)
    assert set(found) == {"a", "b", "c"}
    assert (found["a"].value, found["a"].day, found["a"].source) == (
        0.5, "2026-06-30", "late office",
    )  # fmt: skip
    assert (found["b"].value, found["b"].reason) == (0.95, TOO_OLD)
    assert found["c"].reason == NOT_ENTERED
    on_the_day = entered(("b", 0.95, "2025-06-30", "office"))
    assert not entered_readings(ours, on_the_day, as_of=DAY)["b"].reason
    none = entered_readings(ours, None, as_of=pd.Timestamp(DAY, tz="Asia/Shanghai"))
    assert {each.reason for each in none.values()} == {NOT_ENTERED}


def test_a_survey_judges_by_its_share_and_too_few_answers_judge_nothing():
    ours = standard(
        clause("sat", judged="survey", question="satisfaction"),
        clause("know", judged="survey", question="awareness"),
        clause("other", judged="survey", question="other"),
        clause("mixed", judged="survey", question="mixed"),
    )
    day = pd.Timestamp("2026-05-01", tz="Asia/Shanghai")
    results = pd.DataFrame(
        [
            (0.93, 0.91, 0.95, 600, day, ""),
            (np.nan, np.nan, np.nan, 12, day, "too_few"),
            (np.nan, np.nan, np.nan, 40, day, "two_forms"),
        ],
        columns=["share", "low_share", "high_share", "n", "last_day", "reason"],
        index=pd.Index(["satisfaction", "awareness", "mixed"], name="topic"),
    )
    readings = survey_readings(ours, results)
    found = judge_readiness(ours, readings, as_of=DAY, review=None).clauses
    assert found["verdict"].tolist() == ["meets", *["cannot_judge"] * 3]
    assert found["reason"].tolist() == ["", TOO_FEW, NO_SURVEY, NOT_KNOWN]
    assert found.loc[0, "value_day"] == "2026-05-01"
    assert found.loc[0, ["low", "high", "n"]].tolist() == [0.91, 0.95, 600]
    none = survey_readings(ours, None)
    assert {each.reason for each in none.values()} == {NO_SURVEY}


def test_a_failed_clause_is_a_finding_that_keeps_its_name_until_it_is_met():
    asked = clause("a", veto=True), clause("b:1", comparison="max", threshold=0, unit="count")
    before = judged((asked[0], Reading(0.7, day="2026-05-01")), (asked[1], Reading(3.0)))
    found = clause_findings(before.clauses, title="toy")
    assert found.table.index.tolist() == ["clause:toy/a", "clause:toy/b::1"]
    assert found.judged[CLAUSE].tolist() == found.table.index.tolist()
    row = found.table.iloc[0]
    assert row[["kind", "subject", "remedy"]].tolist() == [CLAUSE, "toy/a", RAISE]
    assert row[["value", "threshold", "since"]].tolist() == [0.7, 0.9, "2026-05-01"]
    assert found.table["quantity"].tolist() == pytest.approx([0.2, 3.0])
    assert found.table["quantity_unit"].tolist() == ["share", "count"]
    later = judged((asked[0], Reading(0.95)), (asked[1], Reading(reason=NOT_KNOWN)))
    compared = compare_findings(clause_findings(later.clauses, title="toy"), found.table)
    assert compared["status"].to_dict() == {
        "clause:toy/a": "gone", "clause:toy/b::1": "cannot_judge",
    }  # fmt: skip


readings = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(0, 1)),
        st.floats(0.1, 10),
        st.sampled_from(WORKS),
        st.sampled_from(["min", "max"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20)
@given(rows=readings)
def test_every_clause_is_counted_once_and_shares_lie_between_their_bounds(rows):
    found = judged(
        *(
            (
                clause(str(number), weight=weight, work=work, comparison=comparison),
                Reading() if value is None else Reading(value),
            )
            for number, (value, weight, work, comparison) in enumerate(rows)
        )
    )
    table = found.works
    parts = table.iloc[1:]
    for name in ("clauses", "met", "failed", "cannot_judge"):
        assert table[name].iloc[0] == parts[name].sum()
    assert (table[["met", "failed", "cannot_judge"]].sum(axis=1) == table["clauses"]).all()
    for kind in ("", "weight_"):
        low, most = table[f"least_{kind}share"], table[f"most_{kind}share"]
        share = table[f"met_{kind}share"]
        known = share.notna()
        assert (low[known] <= share[known] + 1e-9).all()
        assert (share[known] <= most[known] + 1e-9).all()
    assert table["cannot_judge"].iloc[0] == sum(value is None for value, *_ in rows)
