"""Cases against residents and streets: the offset of Gi*, chance, cases where few people live."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from esda import G_Local
from libpysal.weights import fill_diagonal, lat2W
from scipy.stats import norm, poisson
from shapely.geometry import LineString
from statsmodels.stats.multitest import multipletests

from analysis.hotspots.cells import FEW, RATE, STREET, hot_spots, spots_on
from analysis.hotspots.exposure import street_metres
from analysis.hotspots.getis_ord import gi_star_expected
from analysis.hotspots.grid import study_grid
from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.issue_set import issue_set
from analysis.issues.location import place_cases
from analysis.model.errors import SampleError
from tests.analysis.hotspots.toy import AS_OF, SIDE, area, issues_at, scattered

MIDDLE = np.arange(50, SIDE, 100.0)
HOMES = np.array([(x, y) for x in MIDDLE for y in MIDDLE])


def people_at(xy, people):
    index = pd.RangeIndex(1, len(xy) + 1, name="resident_id")
    return pd.DataFrame(np.asarray(xy, float), columns=["x", "y"], index=index).assign(
        population=people
    )


def dealt(people, cases, rng):
    """Cases dealt to residents at one rate, each somewhere in the cell of its resident."""
    at = HOMES[rng.choice(len(HOMES), cases, p=people / people.sum())]
    return at + rng.uniform(-49, 49, at.shape)


@pytest.fixture(scope="module")
def uneven():
    """Residents as cities have them: dense in the middle, few at the rim, none in the east."""
    people = np.rint(4_000 * np.exp(-np.hypot(*(HOMES - (700, 700)).T) / 350) + 60)
    return np.where(HOMES[:, 0] > 1_900, 0, people)


@pytest.mark.parametrize("seed", range(3))
def test_equal_residents_make_the_offset_the_reference_gi_star(seed):
    counts = np.random.default_rng(seed).negative_binomial(2, 0.3, (12, 15))
    expected = np.full(counts.shape, counts.mean())
    found = gi_star_expected(counts, expected, np.ones(counts.shape, dtype=bool))
    weights = fill_diagonal(lat2W(12, 15, rook=False), 1)
    reference = G_Local(counts.ravel(), weights, transform="B", star=True, permutations=0).Zs
    np.testing.assert_allclose(found.z.ravel(), reference, atol=1e-9)
    pearson = (counts.size / (counts.size - 1)) * counts.var() / counts.mean()
    assert found.dispersion == pytest.approx(pearson)


def test_p_is_the_greater_of_the_normal_law_and_the_smaller_tail_of_poisson():
    expected = np.random.default_rng(1).uniform(1, 6, (9, 9))
    counts = np.rint(expected + np.random.default_rng(2).uniform(-1, 1, (9, 9))).astype(int)
    expected *= counts.sum() / expected.sum()
    found = gi_star_expected(counts, expected, np.ones((9, 9), dtype=bool))
    assert found.dispersion == 1
    tails = poisson.sf(found.found - 1, found.due), poisson.cdf(found.found, found.due)
    laws = np.minimum(1, 2 * np.minimum(*tails)), 2 * norm.sf(np.abs(found.z))
    np.testing.assert_allclose(found.p, np.maximum(*laws), atol=1e-12)


def test_a_dense_quarter_is_hot_by_count_and_not_by_rate_and_a_square_without_people_is_kept(town):
    rng = np.random.default_rng(5)
    people = np.where(np.hypot(*(HOMES - (550, 550)).T) < 250, 2_000.0, 500.0)
    square = np.hypot(*(HOMES - (1_250, 450)).T) < 60
    people[square] = 0
    spot, station = rng.normal((1_250, 1_450), 60, (250, 2)), rng.uniform(-40, 40, (180, 2))
    station += (1_250, 450)
    xy = np.vstack([dealt(people, 6_000, rng), spot, station])
    issues = issues_at(xy)
    found = find_hot_spots(
        issue_set(issues, town, as_of=AS_OF), cell_size=100, residents=people_at(HOMES, people)
    )
    counts = hot_spots(issues, town, cell_size=100).cells
    rates = found.hot_spots.cells
    assert found.hot_spots.basis == RATE
    assert counts.loc["g5_5", "level"] == "hot_01"
    assert counts.loc["g12_4", "q"] <= 0.05
    assert rates.loc["g12_14", "level"] == "hot_01"
    assert not rates.loc["g5_5", "level"].startswith("hot")
    around = [f"g{col}_{row}" for col in (11, 12, 13) for row in (3, 4, 5)]
    assert not rates.loc[around, "level"].str.startswith("hot").any()
    assert list(rates.index[rates["level"] == FEW]) == ["g12_4"]
    assert rates.loc["g12_4", ["z", "p", "q", "ratio"]].isna().all()
    assert found.hot_spots.few_cases == rates.loc["g12_4", "count"] == 180
    assert found.few_people[["cases", "cells"]].to_numpy().tolist() == [[180, 1]]
    assert len(found.places) == 1
    assert np.hypot(found.places["x"] - 1_250, found.places["y"] - 1_450).max() < 50
    tested = rates[rates["level"] != FEW]
    q = multipletests(tested["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(tested["q"], q, rtol=0, atol=1e-12)
    # cases of the square are in no rate: the others are expected where their residents live
    assert tested["expected"].sum() == pytest.approx(6_250)
    assert tested["ratio"].notna().all()


@pytest.mark.parametrize("maps", [30, pytest.param(400, marks=pytest.mark.full)])
def test_cases_dealt_to_residents_at_one_rate_are_no_hot_spots(town, uneven, maps):
    """By count every such map shows where people live; by rate at most one in twenty anything."""
    rng, residents = np.random.default_rng(7), people_at(HOMES, uneven)
    grid, hot = study_grid(town, cell_size=100), {"rate": 0, "count": 0}
    for _ in range(maps):
        placed = place_cases(issues_at(dealt(uneven, 2_000, rng)), town)
        for basis, over in (("rate", residents), ("count", None)):
            cells = spots_on(grid, placed, basis=basis, over=over).cells
            hot[basis] += (cells["q"] <= 0.05).any()
    assert hot["rate"] <= 0.05 * maps + 2 * np.sqrt(0.05 * 0.95 * maps)
    assert hot["count"] == maps


def test_residents_and_cases_in_one_proportion_are_no_hot_spot_and_no_refusal(town):
    issues = issues_at(np.repeat(HOMES, 2, axis=0))
    cells = hot_spots(issues, town, cell_size=100, residents=people_at(HOMES, 10.0)).cells
    assert (cells["level"] == "none").all()
    np.testing.assert_allclose(cells["ratio"], 1)


def test_too_few_residents_to_judge_anything_is_refused(town):
    residents = people_at(HOMES[:20], 1_000.0)
    with pytest.raises(SampleError) as caught:
        hot_spots(issues_at(scattered()), town, cell_size=100, residents=residents)
    assert caught.value.problem == "judged_too_few"


def test_cases_that_all_lie_where_nobody_lives_are_refused_before_any_sum(town):
    issues = issues_at(np.full((400, 2), 1_050.0))
    people = people_at(HOMES, np.where((HOMES == 1_050).all(axis=1), 0, 100))
    with pytest.raises(SampleError) as caught:
        hot_spots(issues, town, cell_size=100, residents=people)
    assert caught.value.facts == {"cases": 0, "least": 30}
    usual = find_hot_spots(issue_set(issues, town, as_of=AS_OF), residents=people, cell_size=100)
    assert (usual.hot_spots.basis, usual.hot_spots.few_cases) == ("count", 0)


def test_streets_are_measured_in_each_cell():
    town = area(*(LineString([(0, 50), (400, 50)]).buffer(50, cap_style="flat"),))
    grid = study_grid(town, cell_size=100)
    lines = [LineString([(50, 50), (250, 50)]), LineString([(310, 20), (310, 80)])]
    streets = gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=lines, crs=town.crs)
    np.testing.assert_allclose(street_metres(grid, streets), [50, 100, 50, 60])


def test_cases_follow_streets_where_streets_are_what_is_counted_over(town):
    rng = np.random.default_rng(3)
    rows = [LineString([(0, y), (SIDE, y)]) for y in MIDDLE]
    dense = [LineString([(300, y), (700, y)]) for y in np.arange(305, 700, 10.0)]
    streets = gpd.GeoDataFrame(geometry=[*rows, *dense], crs=town.crs)
    metres = np.array([line.length for line in streets.geometry])
    line = rng.choice(len(metres), 6_000, p=metres / metres.sum())
    at = [streets.geometry.iloc[n].interpolate(rng.random(), normalized=True) for n in line]
    located = issue_set(issues_at([(p.x, p.y) for p in at]), town, as_of=AS_OF)
    by_count = find_hot_spots(located, cell_size=100)
    by_street = find_hot_spots(located, cell_size=100, basis=STREET, streets=streets)
    assert by_count.hot_spots.basis == "count"
    assert len(by_count.places) == 1
    assert by_street.places.empty
    with pytest.raises(SampleError) as caught:
        find_hot_spots(located, cell_size=100, basis=STREET)
    assert caught.value.problem == "no_streets"
