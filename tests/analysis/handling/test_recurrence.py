"""Recurrence, repeat points and survival: laws, pairs counted one by one, and oracles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from analysis.handling.nearby import near_pairs
from analysis.handling.recurrence import follow_closings, repeat_points
from analysis.handling.survival import clean_after, staying_clean
from analysis.issues.counts import cases_by_category, most_frequent
from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
from analysis.model.errors import SettingsError

ZONE = "Asia/Shanghai"
START = pd.Timestamp("2026-01-01", tz=ZONE)
AS_OF = pd.Timestamp("2026-03-01")


def cases(rows):
    """Issues from (x, y, category, day reported, day closed or None)."""
    frame = pd.DataFrame(index=pd.Index([f"c{i}" for i in range(len(rows))], name="issue_id"))
    frame = frame.reindex(columns=list(ISSUE_COLUMNS)).astype(object)
    frame = frame.astype(dict.fromkeys(TIME_COLUMNS, f"datetime64[us, {ZONE}]"))
    for position, name in enumerate(("x", "y", "category")):
        frame[name] = [row[position] for row in rows]
    for position, name in ((3, "reported_at"), (4, "closed_at")):
        days = [row[position] for row in rows]
        frame[name] = (START + pd.to_timedelta(days, unit="D")).as_unit("us")
    frame["status"] = ["open" if row[4] is None else "closed" for row in rows]
    frame["unit"] = "U"
    return frame.astype({"x": float, "y": float, "category": "str"})


@st.composite
def many(draw):
    whole = st.integers(0, 12)
    count = draw(st.integers(0, 25))
    rows = []
    for _ in range(count):
        day = draw(st.integers(0, 70))
        closed = draw(st.one_of(st.none(), st.integers(day, 80)))
        place = (draw(whole) * 10, draw(whole) * 10)
        rows.append((*place, draw(st.sampled_from("ab")), day, closed))
    return cases(rows)


def slow_return(issues, name, distance):
    """The first later case nearby, by looking at every pair."""
    case, end = issues.loc[name], AS_OF.tz_localize(ZONE)
    later = [
        (other.reported_at, position)
        for position, other in enumerate(issues.itertuples())
        if other.category == case["category"]
        and case["closed_at"] < other.reported_at < end
        and np.hypot(other.x - case["x"], other.y - case["y"]) <= distance
    ]
    return min(later)[0] if later else pd.NaT


@settings(max_examples=25, deadline=None)
@given(issues=many(), distance=st.sampled_from([10, 25, 50]), days=st.integers(1, 30))
def test_agrees_with_every_pair_looked_at(issues, distance, days):
    found = follow_closings(issues, as_of=AS_OF, distance_m=distance, days=days)
    end = AS_OF.tz_localize(ZONE)
    closed = issues[issues["status"].eq("closed") & (issues["closed_at"] < end)]
    assert found.index.equals(closed.index)
    for name, row in found.iterrows():
        first = slow_return(issues, name, distance)
        assert (pd.isna(first) and pd.isna(row["returned_at"])) or first == row["returned_at"]
        wait = pd.Timedelta(days=days)
        assert row["relapsed"] == (not pd.isna(first) and first <= row["closed_at"] + wait)
        assert row["followed"] == (row["closed_at"] + wait <= end)
        assert row["returned"] == (not pd.isna(first))


@settings(max_examples=12, deadline=None)
@given(issues=many(), days=st.integers(1, 20), more=st.integers(1, 20))
def test_relapses_never_fall_with_days_or_distance(issues, days, more):
    def relapsed(distance, days):
        return follow_closings(issues, as_of=AS_OF, distance_m=distance, days=days)["relapsed"]

    assert (relapsed(20, days) <= relapsed(20, days + more)).all()
    assert (relapsed(20, days) <= relapsed(20 + more, days)).all()


@settings(max_examples=12, deadline=None)
@given(issues=many())
def test_what_happens_after_the_day_changes_nothing(issues):
    known = issues[issues["reported_at"] < AS_OF.tz_localize(ZONE)]
    full = follow_closings(issues, as_of=AS_OF, distance_m=30, days=10)
    cut = follow_closings(known, as_of=AS_OF, distance_m=30, days=10)
    pd.testing.assert_frame_equal(full, cut)


def test_a_sum_by_hand():
    issues = cases(
        [
            (0, 0, "a", 0, 1),  # back on day 11, 30 m off: ten days
            (30, 0, "a", 11, 12),  # stays clean; the next one is another category
            (30, 0, "b", 15, None),
            (0, 51, "a", 13, None),  # 51 m from the first, 59 m from the second
            (500, 0, "a", 50, 55),  # young on 1 March (day 59)
            (500, 0, "a", 57, None),
        ]
    )
    found = follow_closings(issues, as_of=AS_OF, distance_m=50, days=10)
    assert found["returned_id"].tolist()[0] == "c1"
    assert found["returned"].tolist() == [True, False, True]
    assert found["days_clean"].tolist() == [10, 47, 2]
    assert found["followed"].tolist() == [True, True, False]
    assert found["relapsed"].tolist() == [True, False, True]


def test_cases_without_place_category_or_closing_are_not_followed():
    issues = cases([(0, 0, "a", 0, 1), (0, 0, "a", 0, 1), (0, 0, "a", 0, 1)])
    issues.loc["c0", ["x", "y"]] = np.nan
    issues.loc["c1", "category"] = None
    issues.loc["c2", "closed_at"] = pd.NaT
    assert follow_closings(issues, as_of=AS_OF, distance_m=50, days=10).empty


def test_where_no_time_of_report_is_known_nothing_is_followed():
    rows = [(0, 0, "a", 1, 5), (0, 0, "a", 9, None)]
    assert len(follow_closings(cases(rows), as_of=AS_OF, distance_m=50, days=30)) == 1
    blank = [(*row[:3], None, row[4]) for row in rows]
    assert follow_closings(cases(blank), as_of=AS_OF, distance_m=50, days=30).empty


@pytest.mark.parametrize("unknown", ["", None])
def test_cases_of_no_category_are_not_of_one_category(unknown):
    issues = cases([(0, 0, "a", day, day + 1) for day in range(4)]).assign(category=unknown)
    assert follow_closings(issues, as_of=AS_OF, distance_m=50, days=10).empty
    assert repeat_points(issues, distance_m=50, least=2).empty
    assert cases_by_category(issues, as_of=AS_OF)["category"].isna().tolist() == [True]
    assert most_frequent(issues["category"], issues["unit"].astype(str)).empty


@pytest.mark.parametrize("settings_", [{"distance_m": 0}, {"distance_m": 2000}, {"days": 0}])
def test_refuses_what_cannot_be(settings_):
    with pytest.raises(SettingsError):
        follow_closings(cases([]), as_of=AS_OF, **{"distance_m": 50, "days": 30, **settings_})


@settings(max_examples=25, deadline=None)
@given(issues=many(), distance=st.sampled_from([10, 30]), least=st.integers(2, 4))
def test_repeat_points_hold_the_rule_and_leave_none_out(issues, distance, least):
    points = repeat_points(issues, distance_m=distance, least=least)
    names = [name for ids in points["case_ids"] for name in ids]
    assert len(names) == len(set(names))
    for row in points.itertuples():
        group = issues.loc[list(row.case_ids)]
        assert len(group) == row.cases >= least
        assert set(group["category"]) == {row.category}
        assert set(group["reported_at"].dt.strftime("%Y-%m")) == {row.month}
        xy = group[["x", "y"]].to_numpy()
        reach = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        assert (reach <= distance).all(axis=1).any()
        assert (row.x, row.y) == pytest.approx(tuple(xy.mean(axis=0)))
    free = issues.drop(index=names)
    for case in free.itertuples():
        same = free[
            (free["category"] == case.category)
            & (free["reported_at"].dt.strftime("%Y-%m") == f"{case.reported_at:%Y-%m}")
        ]
        near = np.hypot(same["x"] - case.x, same["y"] - case.y) <= distance
        assert near.sum() < least


def test_repeat_points_by_hand():
    near = [(0, 0, "a", 1, 2), (20, 0, "a", 3, None), (40, 0, "a", 9, None)]
    points = repeat_points(cases([*near, (10, 0, "b", 9, 10)]), distance_m=20, least=3)
    assert points[["month", "category", "cases", "open", "unit"]].to_numpy().tolist() == [
        ["2026-01", "a", 3, 2, "U"]
    ]
    assert points["x"].tolist() == [20]
    assert repeat_points(cases([*near[:2], (40, 0, "a", 35, None)]), distance_m=20, least=3).empty


@settings(max_examples=12, deadline=None)
@given(count=st.integers(0, 30), seed=st.integers(0, 99), pairs=st.integers(1, 40))
def test_blocks_give_every_pair_once(count, seed, pairs):
    points = np.random.default_rng(seed).integers(0, 8, (count, 2)).astype(float)
    blocks = list(near_pairs(points, points, distance_m=2, pairs=pairs))
    found = [pair for block in blocks for pair in zip(*map(list, block), strict=True)]
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) if count else []
    wanted = [(i, j) for i in range(count) for j in range(count) if apart[i][j] <= 2]
    assert [(int(i), int(j)) for i, j in found] == wanted


@settings(max_examples=25, deadline=None)
@given(
    watched=st.lists(st.tuples(st.integers(1, 15), st.booleans()), min_size=1, max_size=40).filter(
        lambda rows: any(back for _, back in rows)
    )
)
def test_the_curve_equals_the_product_limit_of_an_oracle(watched):
    days, returned = map(np.array, zip(*watched, strict=True))
    oracle = SurvfuncRight(days, returned.astype(int))
    curve = staying_clean(days, returned)
    assert curve.index.tolist() == oracle.surv_times.tolist()
    assert curve["clean_share"].to_numpy() == pytest.approx(oracle.surv_prob, abs=1e-12)
    assert curve["at_risk"].tolist() == oracle.n_risk.tolist()
    assert curve["returns"].tolist() == oracle.n_events.tolist()
    greenwood = np.sqrt(
        np.cumsum(oracle.n_events / (oracle.n_risk * (oracle.n_risk - oracle.n_events + 1e-300)))
    )
    known = curve["clean_share"].to_numpy() > 0
    spread = 1.959963984540054 * greenwood[known] / np.log(oracle.surv_prob[known])
    assert curve["low_share"].to_numpy()[known] == pytest.approx(
        np.minimum(*[oracle.surv_prob[known] ** np.exp(s * spread) for s in (1, -1)])
    )


def test_reading_the_curve_between_its_steps():
    curve = staying_clean([1, 2, 3, 4], [True, False, True, False])
    assert clean_after(curve, [0, 0.9, 1, 2.5, 3, 99]).tolist() == [1, 1, 0.75, 0.75, 0.375, 0.375]
    assert clean_after(staying_clean([5], [False]), [1, 9]).tolist() == [1, 1]


def test_ignoring_what_is_still_watched_would_flatter_nobody():
    rng = np.random.default_rng(4)
    true = rng.exponential(20, 4000)
    watched = rng.uniform(0, 40, 4000)
    curve = staying_clean(np.minimum(true, watched), true <= watched)
    assert clean_after(curve, [20]).iloc[0] == pytest.approx(np.exp(-1), abs=0.03)
    assert (true[true <= watched] > 20).mean() < 0.25
