"""Reports checked, indicators with denominators, time to close, matrix: hand sums, laws, oracle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from analysis.handling.kpis import KPIS, handling_kpis, time_to_close
from analysis.handling.matrix import disorder_matrix, wide_matrix
from analysis.handling.ranking import rank_shares
from analysis.handling.recipe import assess_handling
from analysis.handling.survival import clean_after, staying_clean
from analysis.handling.verification import find_unchecked
from analysis.issues.issue_set import issue_set
from analysis.issues.location import locate_cases
from analysis.model.question import Selection
from analysis.model.taxonomy import LEVELS
from layers.knowledge.taxonomy import FOLDER, load_calendar, load_taxonomy
from tests.frames import issues, polygons

TAXONOMY = load_taxonomy()
NOON = pd.Timestamp("2026-03-31")


# --- every report checked


def test_only_a_check_or_a_stage_after_one_counts():
    cases = issues(
        status=["open", "closed", "closed", "open", "open", "open"],
        stage=["", "closed", "handled", "verified", "dispatched", "cancelled"],
        verified_at=["2026-03-05", None, None, None, None, None],
        reported_at=["2026-03-02"] * 6,
        unit=["a", "a", "b", "b", "b", "a"],
        source_level=["public", "city", "city", "public", "", "public"],
    )
    checks = find_unchecked(cases, as_of=NOON)
    assert checks.judged
    assert checks.unchecked.index.tolist() == ["i2", "i4"]
    assert (checks.received, checks.cancelled) == (5, 1)
    assert checks.unchecked_share == pytest.approx(2 / 5)
    assert checks.by_unit.loc["b"].tolist() == [3, 2, pytest.approx(2 / 3), 29]
    assert checks.by_source["unchecked"].to_dict() == {"": 1, "city": 1, "public": 0}


def test_without_checks_in_the_source_there_is_no_counter():
    checks = find_unchecked(issues(status=["open", "closed"]), as_of=NOON)
    assert not checks.judged
    assert checks.unchecked_share is None
    assert checks.unchecked.empty
    assert checks.by_unit.empty
    assert checks.ages["unchecked"].isna().all()
    assert checks.ages["open"].sum() == 1


def test_ages_are_working_days_and_old_or_undated_reports_do_not_vanish():
    calendar = load_calendar(FOLDER / "calendar-cn.toml")
    days = ["2026-03-31", "2026-03-30", "2026-03-27", "2026-03-20", "2026-01-05", None]
    cases = issues(
        reported_at=[*days, "2026-03-02"], verified_at=[None] * 6 + ["2026-03-03"],
        due_at=[None] * 4 + ["2026-01-09", None, None],
    )  # fmt: skip
    checks = find_unchecked(cases, as_of=NOON, calendar=calendar)
    assert checks.unchecked["age_days"].tolist()[:5] == [57, 7, 2, 1, 0]
    assert checks.unchecked.index.tolist() == ["i4", "i3", "i2", "i1", "i0", "i5"]
    assert checks.ages["unchecked"].tolist() == [2, 1, 1, 0, 0, 1, 1]
    assert checks.ages["overdue"].sum() == 1
    city = polygons([shapely.box(0, 0, 10, 10)])
    found = assess_handling(
        issue_set(cases, city, as_of=NOON),
        Selection(since=pd.Timestamp("2026-03-25"), until=pd.Timestamp("2026-03-30")),
        taxonomy=TAXONOMY,
        area_m2=city.area,
    )
    assert set(found.checks.unchecked.index) == {"i1", "i2", "i3", "i4", "i5"}


# --- indicators


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


# --- time to close


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


def test_curves_without_events_are_level():
    curve = staying_clean([3, 4], [False, False])
    assert clean_after(curve, [0, 10]).tolist() == [1, 1]


# --- matrix


def test_matrix_by_hand():
    city = polygons([shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 3000, 1000)])
    cases = issues(
        category=["暴露垃圾", "道路不洁", "店外经营", "商业噪音", "暴露垃圾", "暴露垃圾", "谜"],
        x=[10, 20, 30, 40, 2000, 9000, np.nan],
        y=[10, 20, 30, 40, 500, 500, np.nan],
    )
    home = locate_cases(cases, city)
    matrix = disorder_matrix(cases, city, home, TAXONOMY, area_m2=city.area)
    counts = wide_matrix(matrix, level="ten", value="cases")
    assert counts.loc["c0", ["dump", "stall", "", "post"]].tolist() == [2, 1, 1, 0]
    assert counts.loc["c1"].sum() == 1
    assert counts.columns[-1] == ""
    dense = wide_matrix(matrix, level="ten", value="cases_per_km2")
    assert (dense.loc["c0", "dump"], dense.loc["c1", "dump"]) == (2, 0.5)
    tops = wide_matrix(matrix, level="ten", value="top")
    assert tops.loc["c0", ["dump", "stall"]].tolist() == [1, 2]
    assert np.isnan(tops.loc["c0", ""])
    for level in LEVELS:
        assert wide_matrix(matrix, level=level, value="cases").to_numpy().sum() == 5
    assert wide_matrix(matrix, level="category", value="cases").columns.tolist() == [
        "E0102", "E0104", "E0504", "E0508",
    ]  # fmt: skip


def test_matrix_of_nothing_has_every_community_and_no_case():
    city = polygons([shapely.box(0, 0, 10, 10)])
    cases = issues(category=["x"])
    matrix = disorder_matrix(cases, city, locate_cases(cases, city), TAXONOMY, area_m2=city.area)
    assert wide_matrix(matrix, level="ten", value="cases").to_numpy().sum() == 0
    assert wide_matrix(matrix, level="category", value="cases").shape == (0, 0)


# --- ranks beside the period before


def test_only_a_sure_change_is_one():
    n = pd.Series({"up": 100, "down": 100, "same": 100, "few": 5})
    old = rank_shares(
        pd.Series({"up": 20, "down": 80, "same": 50, "few": 5}), n, more_is_better=True
    )
    now = pd.Series({"up": 80, "down": 20, "same": 55, "few": 0})
    table = rank_shares(now, n, more_is_better=True, before=old)
    assert table["change"].to_dict() == {"up": "better", "same": "same", "down": "worse", "few": ""}
    assert table["previous_n"].tolist() == [100, 100, 100, 5]
    assert table.loc["up", "previous_rank"] == 3
    assert (table["alike"] == table["rank_worst"] - table["rank"]).dropna().all()
    flipped = rank_shares(now, n, more_is_better=False, before=old)
    assert flipped.loc["up", "change"] == "worse"
    alone = rank_shares(now, n, more_is_better=True)
    assert alone["previous_n"].isna().all()
    assert (alone["change"] == "").all()
