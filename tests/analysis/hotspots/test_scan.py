"""The scan statistic against a plain loop, hand sums, noise, a planted cluster and laws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.hotspots.cells import COUNT, RATE, spots_on
from analysis.hotspots.exposure import MIN_EXPECTED
from analysis.hotspots.grid import study_grid
from analysis.hotspots.places import CLEARLY, PLACE_CASES
from analysis.hotspots.rate_spread import rate_spread
from analysis.hotspots.scan import (
    ELLIPSES,
    MAX_ELLIPTIC_CELLS,
    MAX_SHARE,
    SCAN_COLUMNS,
    SCAN_P,
    circular_windows,
    elliptic_windows,
    log_ratio,
    scan,
    scan_cells,
)
from analysis.issues.location import place_cases
from analysis.model.errors import SampleError

CELL = 100.0


def square(side):
    row, col = np.divmod(np.arange(side * side), side)
    names = [f"{c}-{r}" for r, c in zip(row, col, strict=True)]
    return pd.DataFrame({"x": col * CELL, "y": row * CELL}, index=names)


def noise(rng, people, cases, maps):
    return rng.multinomial(cases, people / people.sum(), size=maps)


EXTRA = 0.1


def plain(counts, expected, xy, *, max_cells, max_radius, places=False):
    """Log ratio over dispersion of each circle, one after another: {(centre, cells): ratio}."""
    total, found = counts.sum(), {}
    due = expected * total / expected.sum()
    for centre, (x, y) in xy.iterrows():
        away = ((xy["x"] - x) ** 2 + (xy["y"] - y) ** 2) ** 0.5
        for radius in sorted(set(away.round(6))):
            inside = away[away <= radius + 1e-6].index
            c, e = counts[inside].sum(), due[inside].sum()
            if radius > max_radius or len(inside) > max_cells or e > MAX_SHARE * total:
                continue
            rest = (total - c) * math.log((total - c) / (total - e)) if total > c else 0.0
            ratio = c * math.log(c / e) + rest if c > e else 0.0
            if places and (c < PLACE_CASES or c < CLEARLY * e):
                ratio = 0.0
            dispersion = 1 + EXTRA * (due[inside] ** 2).sum() / e
            found[centre, frozenset(inside)] = ratio / dispersion
    return found


def test_windows_are_all_circles_and_no_part_of_one():
    windows = circular_windows(square(7).to_numpy(), max_cells=20, max_radius=1_000)
    sizes = np.flatnonzero(windows.closed[3 * 7 + 3]) + 1
    # Around a middle cell: itself, 4 beside, 4 at corners, 4 two away; the next 8 pass 20.
    assert sizes.tolist() == [1, 5, 9, 13]
    corner = np.flatnonzero(windows.closed[0]) + 1
    assert corner.tolist() == [1, 3, 4, 6, 8, 9, 11, 13, 15, 17, 19, 20]
    near = circular_windows(square(7).to_numpy(), max_cells=20, max_radius=100.0)
    assert (np.flatnonzero(near.closed[3 * 7 + 3]) + 1).tolist() == [1, 5]


def test_log_ratio_is_the_one_made_by_hand():
    # 6 of 10 cases where 2 of 10 are expected: 6 ln 3 + 4 ln (4 / 8).
    assert log_ratio(6, 2, 10) == pytest.approx(6 * math.log(3) - 4 * math.log(2))
    assert log_ratio([2, 1, 0], [2, 2, 2], 10).tolist() == [0, 0, 0]
    assert log_ratio(10, 2, 10) == pytest.approx(10 * math.log(5))


@pytest.mark.parametrize(("seed", "max_cells", "max_radius"), [(0, 100, 2_000), (1, 12, 250)])
def test_finds_what_a_plain_loop_finds(seed, max_cells, max_radius, monkeypatch):
    monkeypatch.setattr("analysis.hotspots.scan.rate_spread", lambda *_: (EXTRA, 0.02))
    rng = np.random.default_rng(seed)
    xy = square(5).sample(20, random_state=seed)
    people = pd.Series(rng.gamma(3, 10, 20), index=xy.index)
    counts = pd.Series(noise(rng, people, 200, 1)[0], index=xy.index)
    counts.iloc[:3] += 60
    limits = {"max_cells": max_cells, "max_radius": max_radius}
    result = scan(counts, people, xy, replicas=70, seed=3, **limits)
    left, expected = plain(counts, people, xy, places=True, **limits), []
    while left and (best := max(left, key=left.__getitem__)):
        expected.append((best, left[best]))
        left = {window: r for window, r in left.items() if not window[1] & best[1]}
    table = result.clusters
    assert len(table) >= 1
    for (_, inside), row in zip(
        [window for window, _ in expected], table.itertuples(), strict=False
    ):
        assert row.cases == counts[list(inside)].sum()
        assert row.cells == len(inside)
    ratios = [ratio for _, ratio in expected][: len(table)]
    np.testing.assert_allclose(table["log_ratio"], ratios)
    dealt, maps = np.random.default_rng(3), []
    for size in (64, 6):
        extra = dealt.normal(EXTRA, 0.02, size)[:, None]
        rates = people.to_numpy() * dealt.gamma(1 / extra, extra, size=(size, 20))
        maps.extend(dealt.multinomial(counts.sum(), rates / rates.sum(axis=1, keepdims=True)))
    greatest = [
        max(plain(pd.Series(each, index=xy.index), people, xy, **limits).values())
        for each in (maps[0], maps[69])
    ]
    np.testing.assert_allclose(result.greatest[[0, 69]], greatest)
    for row in table.itertuples():
        assert row.p == (1 + (result.greatest >= row.log_ratio).sum()) / 71


def test_a_planted_cluster_is_found_where_it_is_and_its_gumbel_p_goes_on_below_the_maps():
    xy, rng = square(20), np.random.default_rng(5)
    people = pd.Series(50.0, index=xy.index)
    away = np.hypot(xy["x"] - 500, xy["y"] - 1_300)
    counts = pd.Series(rng.poisson(np.where(away <= 150, 12.0, 4.0)), index=xy.index)
    result = scan(counts, people, xy)
    first = result.clusters.iloc[0]
    assert math.hypot(first["x"] - 500, first["y"] - 1_300) <= 100
    assert first["p"] == 1 / 1_000
    assert 0 < first["p_gumbel"] < 1e-4
    assert first["ratio"] == pytest.approx(first["cases"] / first["expected"])
    assert tuple(result.clusters.columns) == SCAN_COLUMNS


def varied(rng, people, mean, extra):
    """Cases of cells whose rates vary by a gamma law."""
    rate = people * (mean / people.mean())
    return pd.Series(rng.poisson(rate * (rng.gamma(1 / extra, extra, len(rate)) if extra else 1)))


def town_of(side, mean):
    xy = square(side)
    people = pd.Series(np.random.default_rng(1).gamma(2, 10, len(xy)))
    return xy, people.clip(lower=people.mean() / mean).set_axis(xy.index)


def called(maps, extra, side, mean):
    """Share of maps without a place that show one."""
    xy, people = town_of(side, mean)
    found = 0
    for seed in range(maps):
        counts = varied(np.random.default_rng(1_000 + seed), people, mean, extra)
        result = scan(counts.set_axis(xy.index), people, xy, replicas=99, seed=seed)
        found += len(result.clusters) > 0
    return found / maps


@pytest.mark.parametrize(
    ("maps", "side", "mean"),
    [
        (30, 8, 15),
        *(pytest.param(400, *size, marks=pytest.mark.full) for size in ((15, 15), (8, 5))),
    ],
)
@pytest.mark.parametrize("extra", [0.0, 0.05, 0.2])
def test_one_map_in_twenty_at_most_shows_a_place_however_rates_vary(maps, side, mean, extra):
    noise_of_runs = 2.5 * math.sqrt(SCAN_P * (1 - SCAN_P) / maps)
    assert called(maps, extra, side, mean) <= SCAN_P + noise_of_runs


def test_a_place_is_found_among_rates_that_vary():
    xy, people = town_of(15, 20)
    near = np.hypot(xy["x"] - 500, xy["y"] - 700) <= 250
    found = 0
    for seed in range(10):
        counts = varied(np.random.default_rng(seed), people * np.where(near, 3, 1), 20, 0.05)
        result = scan(counts.set_axis(xy.index), people, xy, replicas=99, seed=seed)
        first = result.clusters.head(1)
        found += (
            len(first) and math.hypot(first["x"].iloc[0] - 500, first["y"].iloc[0] - 700) <= 300
        )
    assert found >= 9


@pytest.mark.parametrize("extra", [0.0, 0.05, 0.2, 1.0])
def test_the_spread_of_rates_is_that_drawn_and_a_place_does_not_move_it(extra):
    rng, expected = np.random.default_rng(4), np.geomspace(1, 80, 3_000)
    rate = expected * (rng.gamma(1 / extra, extra, 3_000) if extra else 1)
    counts = rng.poisson(rate)
    found, error = rate_spread(counts, expected)
    assert found == pytest.approx(extra, abs=max(3 * error, 0.01))
    assert 0 < error < 0.1 * max(extra, 0.1)
    counts[::100] += 500
    moved, _ = rate_spread(counts, expected)
    assert moved == pytest.approx(found, abs=max(0.2 * extra, 0.02))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), factor=st.floats(1e-3, 1e6))
def test_neither_the_unit_of_exposure_nor_the_order_of_cells_counts(seed, factor):
    rng, xy = np.random.default_rng(seed), square(7)
    people = pd.Series(rng.gamma(3, 10, len(xy)), index=xy.index)
    counts = pd.Series(noise(rng, people, 400, 1)[0], index=xy.index)
    counts.iloc[rng.integers(len(xy))] += 60
    here = scan(counts, people, xy, replicas=39).clusters
    pd.testing.assert_frame_equal(scan(counts, people * factor, xy, replicas=39).clusters, here)
    order = rng.permutation(len(xy))
    there = scan(counts.iloc[order], people.iloc[order], xy.iloc[order], replicas=39).clusters
    found = [each["log_ratio"].iloc[0] for each in (here, there)]
    assert found[0] == pytest.approx(found[1])


def test_no_two_clusters_share_a_cell():
    xy, rng = square(16), np.random.default_rng(2)
    counts = pd.Series(rng.poisson(4.0, len(xy)), index=xy.index)
    for x, y in ((300, 300), (700, 300), (1_200, 1_200)):
        counts[np.hypot(xy["x"] - x, xy["y"] - y) <= 150] += 12
    table = scan(counts, pd.Series(1.0, index=xy.index), xy).clusters
    assert len(table) >= 3
    inside = [
        np.hypot(xy["x"] - row.x, xy["y"] - row.y) <= row.radius_m + 1e-6
        for row in table.itertuples()
    ]
    assert np.sum(inside, axis=0).max() == 1
    assert [int(each.sum()) for each in inside] == table["cells"].tolist()
    assert table["log_ratio"].is_monotonic_decreasing


def test_nothing_reported_is_no_cluster_and_what_cannot_be_is_refused():
    xy = square(4)
    none, ones = pd.Series(0, index=xy.index), pd.Series(1.0, index=xy.index)
    assert scan(none, ones, xy).clusters.empty
    assert scan(pd.Series(3, index=xy.index), ones, xy, replicas=19).clusters.empty
    with pytest.raises(ValueError, match="positive"):
        scan(none, none, xy)
    with pytest.raises(ValueError, match="replicas"):
        scan(none, ones, xy, replicas=1)
    with pytest.raises(ValueError, match="index"):
        scan(none, ones.iloc[::-1], xy)


def test_scans_the_cells_of_hot_spots_by_what_they_were_tested_by(town, planted):
    grid = study_grid(town, cell_size=CELL)
    placed = place_cases(planted, town)
    by_count = spots_on(grid, placed)
    result = scan_cells(by_count)
    assert (by_count.basis, result.cells, result.cases) == (COUNT, grid.size, by_count.cases)
    first = result.clusters.iloc[0]
    assert math.hypot(first["x"] - 1_550, first["y"] - 450) <= CELL
    cells = by_count.cells
    home = cells[["x", "y"]].assign(population=np.where(cells["x"] > 1_000, 200.0, 100.0))
    home.loc[home.index[0], "population"] = 0.001
    by_rate = spots_on(grid, placed, basis=RATE, over=home)
    rate = scan_cells(by_rate)
    enough = by_rate.cells["population"] * by_rate.cases / home["population"].sum() >= MIN_EXPECTED
    assert rate.cells == int(enough.sum()) == grid.size - 1
    assert rate.cases == int(cells.loc[enough, "count"].sum())


def test_a_place_with_as_many_more_people_is_no_cluster_per_resident():
    xy, rng = square(15), np.random.default_rng(7)
    people = pd.Series(np.where(xy["x"] < 400, 300.0, 50.0), index=xy.index)
    counts = pd.Series(noise(rng, people, 3_000, 1)[0], index=xy.index)
    assert scan(counts, people, xy, replicas=199).clusters.empty
    assert len(scan(counts, pd.Series(1.0, index=xy.index), xy, replicas=199).clusters) >= 1


def plain_ellipses(counts, due, xy, *, max_radius):
    """Log ratio over dispersion of each ellipse, one after another, by the ellipse's equation."""
    total, found = counts.sum(), {}
    for (long, directions), centre in itertools.product(ELLIPSES, range(len(xy))):
        for angle in range(directions):
            turn = math.pi * angle / directions
            dx, dy = (xy - xy[centre]).T
            along = dx * math.cos(turn) + dy * math.sin(turn)
            across = dy * math.cos(turn) - dx * math.sin(turn)
            half = np.hypot(along, across * long)
            for length in half[half <= max_radius]:
                inside = np.flatnonzero(half <= length + 1e-6)
                c, e = counts[inside].sum(), due[inside].sum()
                if e <= MAX_SHARE * total and c > e:
                    dispersion = 1 + EXTRA * (due[inside] ** 2).sum() / e
                    ratio = float(log_ratio(c, e, total)) / dispersion
                    found[centre, long, frozenset(inside.tolist())] = ratio
    return found


def test_ellipses_find_what_a_plain_loop_finds(monkeypatch):
    monkeypatch.setattr("analysis.hotspots.scan.rate_spread", lambda *_: (EXTRA, 0.02))
    rng = np.random.default_rng(8)
    xy = square(5).sample(14, random_state=2)
    xy += rng.uniform(-20, 20, xy.shape)
    people = pd.Series(rng.gamma(3, 10, 14), index=xy.index)
    counts = pd.Series(noise(rng, people, 140, 1)[0], index=xy.index)
    counts[(xy["x"] - xy["y"]).abs() < 90] += 40
    due = (people * counts.sum() / people.sum()).to_numpy()
    found = plain_ellipses(counts.to_numpy(), due, xy.to_numpy(), max_radius=400)
    best = max(found, key=found.__getitem__)
    result = scan(counts, people, xy, replicas=19, max_radius=400, seed=3, ellipses=True)
    first = result.clusters.iloc[0]
    assert first["log_ratio"] == pytest.approx(found[best])
    assert first["cases"] == counts.iloc[list(best[2])].sum()
    dealt = np.random.default_rng(3)
    extra = dealt.normal(EXTRA, 0.02, 19)[:, None]
    rates = people.to_numpy() * dealt.gamma(1 / extra, extra, size=(19, 14))
    maps = dealt.multinomial(counts.sum(), rates / rates.sum(axis=1, keepdims=True))
    last = plain_ellipses(maps[18], due, xy.to_numpy(), max_radius=400)
    assert result.greatest[18] == pytest.approx(max(last.values()))


def test_a_crooked_lane_is_one_ellipse_and_several_circles():
    """A lane of 9 cells: the ellipse lies along it and its outline holds its cells."""
    xy = square(15)
    lane = (xy["x"] - xy["y"]).abs() <= 50
    lane &= xy["x"].between(300, 1_100)
    rng = np.random.default_rng(1)
    counts = pd.Series(rng.poisson(np.where(lane, 24.0, 8.0)), index=xy.index)
    people = pd.Series(1.0, index=xy.index)
    round_, long = (scan(counts, people, xy, replicas=99, ellipses=e) for e in (False, True))
    first = long.clusters.iloc[0]
    assert first["axis_ratio"] == 3
    assert abs(first["angle"] - 45) <= 20
    assert round_.clusters["axis_ratio"].eq(1).all()
    assert first["log_ratio"] > round_.clusters["log_ratio"].max()
    inside = shapely.covers(long.circles()[0].buffer(1), shapely.points(xy.to_numpy()))
    assert counts[inside].sum() == first["cases"]


def test_too_many_cells_are_not_scanned_by_ellipses():
    xy = np.zeros((MAX_ELLIPTIC_CELLS + 1, 2))
    with pytest.raises(SampleError) as caught:
        elliptic_windows(xy)
    assert caught.value.problem == "scan_cells_many"


@pytest.mark.full
@pytest.mark.parametrize("extra", [0.0, 0.05, 0.2])
def test_ellipses_too_show_a_place_on_one_map_in_twenty_at_most(extra):
    xy, people = town_of(12, 15)
    shown = 0
    for seed in range(200):
        counts = varied(np.random.default_rng(seed), people, 15, extra).set_axis(xy.index)
        found = scan(counts, people, xy, replicas=99, seed=seed, ellipses=True)
        shown += len(found.clusters) > 0
    assert shown / 200 <= SCAN_P + 2.5 * math.sqrt(SCAN_P * (1 - SCAN_P) / 200)


@pytest.mark.parametrize(
    ("people", "cases", "published"),
    [
        (111_674, 100, 14.083511),
        (34_083, 38, 9.019716),
        (78_280, 64, 6.114140),
        (24_571, 25, 4.651839),
        (9_840, 12, 3.363518),
        (8_839, 11, 3.209485),
        (496_712, 337, 22.034279),
    ],
)
def test_the_log_ratio_is_what_satscan_prints(people, cases, published):
    """
    Leukaemia in upstate New York: 552 cases among 1,057,673 people, 281 tracts.

    Six circles and the first ellipse (without penalty) of SaTScan 9.6 as kept with the R
    package smerc; the data are those of Waller, Turnbull, Clark and Nasca (1992).
    """
    ratio = log_ratio(cases, 552 * people / 1_057_673, 552)
    assert ratio == pytest.approx(published, abs=5e-4)


def test_a_window_that_holds_every_case_has_a_ratio():
    """Sums of expected cases fall short of the whole number of cases by rounding."""
    total = 140.99999999999997
    assert log_ratio(141, 63.0, total) == pytest.approx(log_ratio(141, 63.0, 141.0))
