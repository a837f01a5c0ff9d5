"""Indicators with denominators and time to close: hand sums, laws, oracle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from analysis.handling.kpis import KPIS, handling_kpis, time_to_close
from layers.knowledge.taxonomy import load_taxonomy
from tests.frames import issues

TAXONOMY = load_taxonomy()

NOON = pd.Timestamp("2026-03-31")


def kpi_cases():
    """Due on the 10th but one: on time, late, handled only, open; without a due time; in future."""
    return issues(
        status=["closed", "closed", "open", "open", "closed", "open", "closed"],
        reported_at=["2026-03-01"] * 7,
        due_at=["2026-03-10"] * 4 + [None, "2026-04-10", "2026-03-10"],
        handled_at=["2026-03-08", "2026-03-09", "2026-03-20", None, None, None, None],
        closed_at=["2026-03-09", "2026-03-12", None, None, "2026-03-02", None, None],
        verified_at=["2026-03-10", None, None, None, None, None, None],
        unit=["a", "a", "b", "b", "a", "b", "b"],
    )


def test_indicators_by_hand():
    table = handling_kpis(kpi_cases(), as_of=NOON)
    city = table[table["level"] == "city"].set_index("kpi")
    expected = {
        "check_rate": (1, 7),
        "dispose_rate": (3, 4),  # the closed case without a time of closing is of unknown fate
        "on_time_dispose_rate": (2, 4),
        "overdue_pending_rate": (1, 4),
        "close_rate": (2, 4),
        "on_time_close_rate": (1, 4),
    }
    found = {name: (row.numerator, row.denominator) for name, row in city.iterrows()}
    assert found == expected
    unit = table[table["unit_id"] == "b"].set_index("kpi")
    assert unit.loc["close_rate", ["numerator", "denominator"]].tolist() == [0, 2]
    assert (table["reason"] == "").all()


def test_cancelled_cases_are_in_no_indicator():
    cases = kpi_cases().assign(stage=["", "", "", "cancelled", "", "", ""])
    city = handling_kpis(cases, as_of=NOON).query("level == 'city'").set_index("kpi")
    assert city.loc["overdue_pending_rate", ["numerator", "denominator"]].tolist() == [0, 3]
    assert city.loc["check_rate", "denominator"] == 6


def test_what_the_source_does_not_tell_is_not_judged():
    cases = kpi_cases().drop(columns="handled_at")
    cases["verified_at"] = cases["closed_at"].mask(cases["closed_at"].notna())
    city = handling_kpis(cases, as_of=NOON).query("level == 'city'").set_index("kpi")
    assert city["reason"].tolist() == ["no_check_known", *["no_handling_known"] * 3, "", ""]
    assert city["share"].isna().tolist() == [True] * 4 + [False] * 2
    none = handling_kpis(issues(status=["open"]), as_of=NOON)
    assert none["reason"].tolist() == ["no_check_known", *["no_due_time"] * 5]


@settings(max_examples=25)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["open", "closed", "unknown"]),
            st.sampled_from([None, "2026-03-10", "2026-04-20"]),
            st.sampled_from([None, "2026-03-05", "2026-03-20"]),
            st.sampled_from(["a", "b", ""]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_indicators_keep_their_laws(rows):
    status, due, end, unit = (list(column) for column in zip(*rows, strict=True))
    closed = [day if state == "closed" else None for day, state in zip(end, status, strict=True)]
    cases = issues(
        status=status, due_at=due, closed_at=closed, handled_at=end, unit=unit,
        reported_at=["2026-03-01"] * len(rows), verified_at=end,
    )  # fmt: skip
    table = handling_kpis(cases, as_of=NOON)
    judged = table[table["reason"] == ""]
    assert (judged["numerator"] <= judged["denominator"]).all()
    assert judged["share"].between(judged["low_share"] - 1e-12, judged["high_share"] + 1e-12).all()
    whole = judged[judged["level"] == "city"].set_index("kpi")
    if set(KPIS) <= set(whole.index):
        assert whole.loc["dispose_rate", "share"] + whole.loc[
            "overdue_pending_rate", "share"
        ] == pytest.approx(1)
        assert whole.loc["on_time_close_rate", "numerator"] <= whole.loc["close_rate", "numerator"]
    units = judged[judged["level"] == "unit"].groupby("kpi")["denominator"].sum()
    for kpi, count in units.items():
        assert count <= whole.loc[kpi, "denominator"]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=60).filter(
        lambda rows: any(closed for _, closed in rows)
    )
)
def test_time_to_close_agrees_with_the_oracle(rows):
    start = pd.Timestamp("2026-01-01")
    end = pd.Timestamp("2026-03-01")
    closed = [flag for _, flag in rows]
    cases = issues(
        status=["closed" if flag else "open" for flag in closed],
        reported_at=[start if flag else end - pd.Timedelta(days=d) for d, flag in rows],
        closed_at=[start + pd.Timedelta(days=d) if flag else None for d, flag in rows],
        unit=["a"] * len(rows),
    )
    curve, closing = time_to_close(cases, as_of=end)
    oracle = SurvfuncRight([days for days, _ in rows], [int(flag) for flag in closed])
    np.testing.assert_allclose(curve.index, oracle.surv_times)
    np.testing.assert_allclose(curve["open_share"], oracle.surv_prob, atol=1e-12)
    half = oracle.surv_times[oracle.surv_prob <= 0.5 + 1e-12]
    median = half[0] if len(half) else np.nan
    np.testing.assert_allclose(closing["median_days"], median)
    assert closing["unit_id"].tolist() == ["", "a"]
    assert (closing["cases"] == len(rows)).all()


def test_open_cases_make_a_unit_slow_not_fast():
    cases = issues(
        status=["closed"] * 2 + ["open"] * 3 + ["closed"] * 2,
        reported_at=["2026-03-01"] * 7,
        closed_at=["2026-03-02", "2026-03-03", None, None, None, None, "2026-03-05"],
        unit=["a"] * 5 + ["b"] * 2,
    )
    _, closing = time_to_close(cases, as_of=NOON)
    table = closing.set_index("unit_id")
    assert np.isnan(table.loc["a", "median_days"])
    assert table.loc["a", "open_7_share"] == pytest.approx(3 / 5)
    assert table.loc["b", ["cases", "left_out", "median_days"]].tolist() == [1, 1, 4]
