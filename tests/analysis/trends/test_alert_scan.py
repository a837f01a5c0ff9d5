"""The space-time scan of alerts: a plain loop, planted rises, and registers of chance."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from shapely import box

from analysis.hotspots.places import CLEARLY
from analysis.hotspots.scan import SCAN_P, log_ratio
from analysis.issues.issue_set import issue_set
from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
from analysis.model.errors import SampleError
from analysis.trends.alert_scan import (
    ALERT_SCAN_COLUMNS,
    LEAST_CASES,
    MAX_COMMUNITIES,
    MAX_WEEKS,
    scan_weeks,
)
from tests.frames import polygons

MONDAY = pd.Timestamp("2025-01-06")
WEEKS = 64
SIDE = 5


def town(side=SIDE):
    cells = [box(x, y, x + 1000, y + 1000) for y in range(0, side * 1000, 1000)
             for x in range(0, side * 1000, 1000)]  # fmt: skip
    return polygons(cells)


def register(counts, communities):
    """One report a case: week by week, at the middle of its community, on its Tuesday."""
    week, place = np.nonzero(counts)
    times = counts[week, place]
    week, place = np.repeat(week, times), np.repeat(place, times)
    names = pd.Index([f"i{at}" for at in range(len(week))], name="issue_id", dtype="str")
    issues = pd.DataFrame(index=names, columns=list(ISSUE_COLUMNS))
    issues = issues.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))
    middle = communities.geometry.centroid
    issues["x"], issues["y"] = middle.x.to_numpy()[place], middle.y.to_numpy()[place]
    issues["reported_at"] = (
        (MONDAY + pd.to_timedelta(7 * week + 1, unit="D"))
        .tz_localize("Asia/Shanghai")
        .as_unit("us")
    )
    issues = issues.assign(status="open", category="litter")
    end = MONDAY + pd.Timedelta(weeks=len(counts))
    return issue_set(issues, communities, as_of=pd.Timestamp(end, tz="Asia/Shanghai"))


def chance(seed, mean=6.0, extra=0.0, side=SIDE):
    rng = np.random.default_rng(seed)
    rates = mean * rng.gamma(4, 0.25, side * side)
    weekly = rng.gamma(1 / extra, extra, (WEEKS, side * side)) if extra else 1.0
    season = 1 + 0.3 * np.sin(np.arange(WEEKS) * 2 * np.pi / 52)[:, None]
    return rng.poisson(season * rates * weekly)


def plain(now, usual_counts, xy, extra):
    """Log ratio over dispersion of every cylinder, by sets of communities within a distance."""
    share = (usual_counts.sum(axis=0) + 0.5) / (usual_counts.sum(axis=0) + 0.5).sum()
    unsure = 1 / (usual_counts.sum(axis=0) + 0.5)
    due, total, found = np.outer(now.sum(axis=1), share), now.sum(), {}
    for weeks in range(1, MAX_WEEKS + 1):
        for centre in range(len(xy)):
            away = np.hypot(*(xy - xy[centre]).T)
            for radius in np.unique(away.round(3)):
                inside = np.flatnonzero(away <= radius + 1e-2)
                e = due[:weeks, inside].sum()
                c = now[:weeks, inside].sum()
                small = len(inside) > MAX_COMMUNITIES or e > total / 2
                if small or c < max(LEAST_CASES, CLEARLY * e):
                    continue
                spread = extra * (due[:weeks, inside] ** 2).sum()
                spread += (unsure[inside] * due[:weeks, inside].sum(axis=0) ** 2).sum()
                ratio = float(log_ratio(c, e, total)) / (1 + spread / e)
                found[weeks, frozenset(inside.tolist())] = ratio
    return found


def test_finds_the_cylinder_that_a_plain_loop_finds():
    counts = chance(1, extra=0.05)
    counts[-3:, [6, 7]] += 9
    communities = town()
    result = scan_weeks(register(counts, communities), replicas=99)
    recent = counts[::-1]
    centroids = np.column_stack([communities.centroid.x, communities.centroid.y])
    found = plain(recent[:MAX_WEEKS], recent[MAX_WEEKS : MAX_WEEKS + 52], centroids, result.extra)
    (weeks, members), ratio = max(found.items(), key=lambda each: each[1])
    first = result.clusters.iloc[0]
    assert first["log_ratio"] == pytest.approx(ratio)
    assert first["weeks"] == weeks
    assert set(first["members"].split("; ")) == set(communities.index[list(members)])
    assert {6, 7} <= members
    assert first["cases"] == recent[:weeks, list(members)].sum()
    assert first["week"] == f"{MONDAY + pd.Timedelta(weeks=WEEKS - 1):%Y-%m-%d}"
    assert first["since"] == f"{MONDAY + pd.Timedelta(weeks=WEEKS - weeks):%Y-%m-%d}"
    assert first["p"] == 0.01
    assert tuple(result.clusters.columns) == ALERT_SCAN_COLUMNS


def test_a_rise_of_the_whole_city_calls_nobody_and_one_place_in_it_is_called():
    counts = chance(2)
    rise = np.ones((WEEKS, 1))
    rise[-8:] = 2
    counts = np.random.default_rng(3).poisson(counts * rise)
    communities = town()
    assert scan_weeks(register(counts, communities), replicas=99).clusters.empty
    counts[-2:, 12] += 40
    called = scan_weeks(register(counts, communities), replicas=99).clusters
    assert called["community_id"].tolist() == [communities.index[12]]
    assert called["weeks"].tolist() == [2]


def test_a_short_register_is_refused():
    with pytest.raises(SampleError) as caught:
        scan_weeks(register(chance(1)[:58], town()))
    assert caught.value.problem == "weeks_too_few"


def called_share(runs, extra, mean=6.0):
    communities = town()
    shown = [
        len(scan_weeks(register(chance(100 + at, mean, extra), communities), replicas=99, seed=at)
            .clusters) > 0
        for at in range(runs)
    ]  # fmt: skip
    return float(np.mean(shown))


@pytest.mark.parametrize(
    ("runs", "extra", "mean"),
    [
        (12, 0.2, 6.0),
        *(
            pytest.param(200, extra, mean, marks=pytest.mark.full)
            for extra in (0.0, 0.05, 0.2)
            for mean in (2.0, 6.0)
        ),
    ],
)
def test_one_week_in_twenty_at_most_calls_a_place_by_chance(runs, extra, mean):
    noise_of_runs = 2.5 * math.sqrt(SCAN_P * (1 - SCAN_P) / runs)
    assert called_share(runs, extra, mean) <= SCAN_P + noise_of_runs
