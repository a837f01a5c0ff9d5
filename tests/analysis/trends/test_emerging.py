"""Change of hot spots: Gi* in space and time, one hand-made history a pattern, and chance."""

from types import SimpleNamespace

import esda
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.stats import chisquare
from shapely.geometry import box

from analysis.hotspots.getis_ord import gi_star
from analysis.issues.issue_set import issue_set
from analysis.model.errors import SampleError
from analysis.model.question import Selection
from analysis.trends.emerging import (
    PATTERNS,
    PLACE_COLUMNS,
    cell_histories,
    change_test,
    emerging_hot_spots,
    patterns,
    space_time_gi_star,
)
from analysis.trends.space_time_cube import case_cube
from tests.frames import polygons, reports_at

SIDE = 2_000
MONTHS = pd.date_range("2025-01-01", periods=12, freq="MS")


def reference_z(counts, inside, step):
    """Let the reference library do one step: all cells of it and of the step before."""
    steps = [step - 1, step] if step else [0]
    number = {
        (when, *cell): n
        for n, (when, cell) in enumerate(
            (when, tuple(cell)) for when in steps for cell in np.argwhere(inside)
        )
    }
    pairs = [
        (n, number[when - back, row + up, col + right])
        for (when, row, col), n in number.items()
        for back in (0, 1)
        for up in (-1, 0, 1)
        for right in (-1, 0, 1)
        if (when - back, row + up, col + right) in number
    ]
    focal, neighbour = np.array(pairs).T
    weights = Graph.from_arrays(focal, neighbour, np.ones(len(pairs)))
    values = counts[steps].ravel().astype(float)
    z = esda.G_Local(values, weights, transform="B", star=True, permutations=0).Zs
    return z[-counts.shape[1] :]


def test_equals_the_reference_in_space_and_time():
    rng = np.random.default_rng(0)
    inside = rng.random((9, 11)) < 0.7
    counts = rng.negative_binomial(1, 0.3, (4, int(inside.sum())))
    z = space_time_gi_star(counts, inside)
    for step in range(4):
        np.testing.assert_allclose(z[step], reference_z(counts, inside, step), atol=1e-9)


def test_the_first_step_has_neighbours_in_space_alone():
    counts = np.random.default_rng(1).poisson(3, (2, 81))
    inside = np.ones((9, 9), dtype=bool)
    expected = gi_star(counts[0].reshape(9, 9), inside).ravel()
    np.testing.assert_allclose(space_time_gi_star(counts, inside)[0], expected, atol=1e-12)


def test_a_month_in_which_the_whole_city_reports_more_makes_no_place_hot():
    counts = np.random.default_rng(2).poisson(2, (3, 400))
    more = counts.copy()
    more[1:] *= 5
    inside = np.ones((20, 20), dtype=bool)
    z, z_more = space_time_gi_star(counts, inside), space_time_gi_star(more, inside)
    np.testing.assert_allclose(z_more[2], z[2], atol=1e-9)


def test_steps_in_which_all_cells_are_alike_make_no_place_hot():
    assert not space_time_gi_star(np.full((3, 100), 4), np.ones((10, 10), dtype=bool)).any()


HISTORIES = {
    "new": "0000000001",
    "consecutive": "0000000111",
    "intensifying": "1111111111",
    "persistent": "1011111111",
    "diminishing": "1111111111",
    "sporadic": "0110010001",
    "oscillating": "0c10010001",
    "historical": "1111111110",
    "unclear": "0110010011",
    "none": "1110111000",
}
"""Hot 1, cold c."""


@pytest.mark.parametrize("name", HISTORIES)
def test_every_pattern_has_its_history(name):
    steps = np.array(list(HISTORIES[name]))[:, None]
    found = patterns(
        steps == "1",
        steps == "c",
        up=np.array([name == "intensifying"]),
        down=np.array([name == "diminishing"]),
        changed=np.array([name != "unclear"]),
    )
    assert found.tolist() == [name]
    assert set(HISTORIES) == {*PATTERNS, "none"}


def test_what_was_mostly_hot_and_is_no_more_is_historical_and_not_persistent():
    hot = np.ones((20, 1), dtype=bool)
    hot[-2:] = False
    flat = np.zeros(1, dtype=bool)
    for up in (True, False):
        assert patterns(hot, ~hot, up=np.array([up]), down=flat, changed=~flat).tolist() == [
            "historical"
        ]


def test_the_cold_beginnings_of_a_new_hot_spot_do_not_hide_that_it_is_new():
    hot, cold = np.zeros((10, 1), dtype=bool), np.zeros((10, 1), dtype=bool)
    hot[-1], cold[0] = True, True
    flat = np.zeros(1, dtype=bool)
    assert patterns(hot, cold, up=flat, down=flat, changed=~flat).tolist() == ["new"]
    assert patterns(hot, cold, up=flat, down=flat, changed=flat).tolist() == ["unclear"]


@pytest.fixture
def town():
    return polygons([box(0, 0, SIDE / 2, SIDE), box(SIDE / 2, 0, SIDE, SIDE)])


def reports(rng, means, *, extra=()):
    """Chance over the town with so many reports each month, and more at places (x, y, counts)."""
    xy, days = [], []
    for at, month in enumerate(MONTHS[: len(means)]):
        places = [rng.uniform(0, SIDE, (means[at], 2))]
        places += [rng.normal((x, y), 40, (counts[at], 2)) for x, y, counts in extra]
        xy.append(np.vstack(places))
        days.append(month + pd.to_timedelta(rng.integers(0, 28, len(xy[-1])), unit="D"))
    return reports_at(np.vstack(xy), np.concatenate(days))


def found_in(town, cases, **question):
    cube = case_cube(issue_set(cases, town, as_of=pd.Timestamp("2025-12-31")), **question)
    return emerging_hot_spots(cube, town)


def test_at_most_one_cell_of_a_hundred_of_pure_chance_gets_a_pattern(town):
    rng = np.random.default_rng(11)
    season = (300 * (1 + 0.5 * np.sin(np.arange(12)))).astype(int)
    labelled = [
        (
            found_in(town, reports(rng, rng.poisson(season)), cell_size=size).cells["pattern"]
            != "none"
        )
        for size in (100, 200)
        for _ in range(12)
    ]
    assert np.concatenate(labelled).mean() < 0.002


def unchanging(rng, *, cells, months, mean):
    """Counts of cells that differ from each other and never change, on a raster as wide as high."""
    means = mean * rng.lognormal(0, 0.6, cells)
    season = 1 + 0.4 * np.sin(np.arange(months) / 12 * 2 * np.pi)
    return rng.poisson(season[:, None] * means)


@pytest.mark.parametrize("maps", [8, pytest.param(100, marks=pytest.mark.full)])
def test_cells_that_differ_and_never_change_are_not_said_to_have_changed(maps):
    rng = np.random.default_rng(21)
    side, found, plain = 20, [], []
    grid = SimpleNamespace(
        inside=np.ones((side, side), dtype=bool), cells=lambda: pd.DataFrame(index=range(side**2))
    )
    for _ in range(maps):
        counts = unchanging(rng, cells=side**2, months=24, mean=2.0)
        cube = SimpleNamespace(grid=grid, counts=counts, steps=tuple(map(str, range(24))))
        cells = cell_histories(cube)[0]
        found.append(cells["pattern"])
        plain.append(cells["steps_hot"].between(1, 21) & (cells["q_last"] <= 0.05))
    pattern = pd.concat(found)
    changing = pattern.isin(["new", "consecutive", "sporadic", "oscillating"]).mean()
    assert changing < 0.001
    assert pd.concat(plain).mean() > 20 * changing
    assert pattern.isin(["intensifying", "diminishing"]).mean() < 0.001


def test_a_change_is_seen_and_a_season_of_the_city_is_none():
    rng = np.random.default_rng(22)
    totals = np.array([400, 200, 300, 500] * 6)
    counts = rng.poisson(np.outer(totals / 400, np.full(60, 8.0)))
    counts[-1, 0] += 40
    p = change_test(counts, totals)
    assert p[0] < 1e-6
    assert 0.2 < np.median(p[1:]) < 0.8
    _, by_reference = chisquare(counts[:, 5], totals / totals.sum() * counts[:, 5].sum())
    assert p[5] >= by_reference - 1e-12, "never more sure than Pearson's own test"
    assert change_test(np.zeros((3, 2), dtype=int), np.array([1, 0, 2])).tolist() == [1, 1]


def test_planted_places_get_their_pattern_and_nothing_else_does(town):
    rng = np.random.default_rng(12)
    rising = [0] * 9 + [25, 30, 35]
    lasting = [30] * 12
    gone = [30] * 11 + [0]
    spots = [(450, 450, rising), (1_550, 450, lasting), (450, 1_550, gone)]
    found = found_in(town, reports(rng, [400] * 12, extra=spots), cell_size=100)
    assert set(found.places["pattern"]) <= {"consecutive", "persistent"}
    places = found.places.set_index(found.places["x"].round(-3))
    at = {(450, 450): "consecutive", (1_550, 450): "persistent"}
    for (x, y), pattern in at.items():
        near = np.hypot(found.places["x"] - x, found.places["y"] - y) < 100
        assert found.places.loc[near, "pattern"].tolist() == [pattern]
    labelled = found.cells[found.cells["pattern"] != "none"]
    for x, y in zip(labelled["x"], labelled["y"], strict=True):
        assert min(max(abs(x - a), abs(y - b)) for a, b, _ in spots) <= 250
    assert places["since"].isin(["2025-10", "2025-01"]).all()
    assert list(found.places.columns) == list(PLACE_COLUMNS)


def test_every_case_is_accounted_for(town):
    cases = reports(np.random.default_rng(13), [300] * 12)
    cases.loc["i0", ["x", "y"]] = np.nan
    cases.loc["i1", "x"] = -5.0
    cases.loc["i2", "reported_at"] = pd.NaT
    cube = case_cube(issue_set(cases, town, as_of=pd.Timestamp("2025-12-31")), cell_size=100)
    assert (len(cube.cases), cube.unlocated, cube.outside, cube.off_grid) == (3_597, 1, 1, 0)
    assert cube.counts.sum() == 3_597
    row = cube.cases.iloc[0]
    assert cube.counts[row["step"], row["cell"]] > 0


def test_a_month_without_a_single_report_is_left_out_and_named(town):
    cases = reports(np.random.default_rng(14), [300, 300, 0, *[300] * 9])
    cube = case_cube(issue_set(cases, town, as_of=pd.Timestamp("2025-12-31")), cell_size=100)
    assert cube.unseen == ("2025-03",)
    assert len(cube.steps) == 11
    assert "2025-03" not in cube.steps


def test_months_that_are_cut_are_left_out(town):
    cases = reports(np.random.default_rng(15), [300] * 12)
    cube = case_cube(
        issue_set(cases, town, as_of=pd.Timestamp("2025-12-30")),
        Selection(since=pd.Timestamp("2025-01-02")),
        cell_size=100,
    )
    assert (cube.steps[0], cube.steps[-1]) == ("2025-02", "2025-11")


def test_refuses_fewer_than_ten_months(town):
    cases = reports(np.random.default_rng(16), [300] * 9)
    with pytest.raises(SampleError, match="9 whole months") as caught:
        case_cube(issue_set(cases, town, as_of=pd.Timestamp("2025-12-31")))
    assert caught.value.problem == "steps_too_few"


def test_refuses_what_is_too_sparse(town):
    cases = reports(np.random.default_rng(17), [40] * 12)
    with pytest.raises(SampleError) as caught:
        case_cube(issue_set(cases, town, as_of=pd.Timestamp("2025-12-31")), cell_size=50)
    assert caught.value.problem == "cases_too_sparse"
