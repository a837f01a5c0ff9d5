"""Under-reporting: the fit against an oracle, chance, and a community with reports thinned out."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from shapely.geometry import box

from analysis.issues.issue_set import issue_set
from analysis.model.errors import SampleError
from analysis.trends.underreporting import (
    SILENCE_COLUMNS,
    SILENT_Q,
    few_or_fewer,
    fit_counts,
    silent_communities,
)
from tests.frames import points, polygons, reports_at

SIDE = 1_000


def test_without_outliers_the_fit_is_the_usual_one():
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    counts = rng.poisson(np.exp(3 + design[:, 1] * 0.5))
    fit = fit_counts(design, counts)
    usual = sm.GLM(counts, design, family=sm.families.Poisson()).fit()
    np.testing.assert_allclose(fit.beta, usual.params, atol=0.02)
    assert fit.spread < 0.02


def test_spread_is_found_and_hot_places_do_not_move_it():
    rng = np.random.default_rng(1)
    counts = rng.poisson(200 * rng.gamma(1 / 0.1, 0.1, 400))
    design = np.ones((400, 1))
    calm = fit_counts(design, counts)
    counts[:20] *= 10
    hot = fit_counts(design, counts)
    assert calm.spread == pytest.approx(0.1, abs=0.03)
    assert hot.spread == pytest.approx(calm.spread, abs=0.04)
    assert hot.beta[0] == pytest.approx(np.log(200), abs=0.1)


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_the_tail_is_that_of_the_law(spread):
    counts, mean = np.arange(30), np.full(30, 12.0)
    law = stats.poisson(mean) if spread == 0 else stats.nbinom(1 / spread, 1 / (1 + spread * mean))
    np.testing.assert_allclose(few_or_fewer(counts, mean, spread=spread), law.cdf(counts))


@pytest.fixture(scope="module")
def town():
    """Thirty-six squares of a kilometre, with people."""
    people = np.random.default_rng(2).integers(1_000, 9_000, 36)
    squares = [
        box(x, y, x + SIDE, y + SIDE) for x in range(0, 6_000, SIDE) for y in range(0, 6_000, SIDE)
    ]
    return polygons(squares, population=people)


def reported(town, rng, *, thinned=None):
    """One report for forty people by chance, fewer where they are thinned to 30 %."""
    counts = rng.poisson(town["population"] / 40)
    if thinned is not None:
        counts[thinned] = rng.binomial(counts[thinned], 0.3)
    corner = town.geometry.bounds[["minx", "miny"]].to_numpy()
    xy = corner.repeat(counts, axis=0) + rng.uniform(1, SIDE - 1, (counts.sum(), 2))
    return reports_at(xy, ["2026-01-05"] * len(xy))


def found(town, cases, **layers):
    return silent_communities(issue_set(cases, town, as_of=pd.Timestamp("2026-06-30")), **layers)


def test_a_community_thinned_to_a_third_is_found_and_chance_is_not(town):
    rng = np.random.default_rng(3)
    false = missed = 0
    for _ in range(20):
        thinned = int(rng.integers(36))
        silent = found(town, reported(town, rng, thinned=thinned)).table["silence"].eq("silent")
        missed += not silent.iloc[thinned]
        false += int(silent.sum()) - int(silent.iloc[thinned])
        false += int(found(town, reported(town, rng)).table["silence"].eq("silent").sum())
    assert missed <= 1
    assert false / 40 <= 0.1


def test_what_facilities_explain_is_not_called_silent(town):
    """Half the squares have a market with four times the reports."""
    rng = np.random.default_rng(4)
    with_market = town.iloc[::2]
    centres = with_market.geometry.centroid
    xy = np.column_stack([centres.x, centres.y])
    cases = reported(town, rng)
    extra = xy.repeat((with_market["population"] * 3 / 40).astype(int), axis=0)
    cases = reports_at(
        np.vstack([cases[["x", "y"]], extra]), ["2026-01-05"] * (len(cases) + len(extra))
    )
    result = found(town, cases, facilities=points(xy, kind="market"))
    assert not result.table["silence"].eq("silent").any()
    assert result.effects["facilities"] == pytest.approx(2, abs=0.1)  # log 4 / log 2
    ignorant = found(town, cases)
    assert ignorant.spread > 10 * max(result.spread, 0.005)


def test_where_nobody_lives_nothing_is_judged(town):
    empty = town.assign(population=town["population"].astype(float).where(town.index != "c5", 0))
    empty.loc["c7", "population"] = np.nan
    table = found(empty, reported(town, np.random.default_rng(5))).table
    assert list(table.columns) == list(SILENCE_COLUMNS)
    assert table.loc[["c5", "c7"], "silence"].tolist() == ["nobody", "unknown"]
    assert table.loc[["c5", "c7"], ["expected", "p", "q"]].isna().all(axis=None)
    assert (table["q"].dropna() > SILENT_Q).all()
    assert table["facilities"].isna().all()


def test_refuses_without_people(town):
    with pytest.raises(SampleError) as caught:
        found(town.drop(columns="population"), reported(town, np.random.default_rng(6)))
    assert caught.value.problem == "silence_people"


def test_refuses_too_few_reports(town):
    few = reported(town, np.random.default_rng(7)).iloc[:100]
    with pytest.raises(SampleError, match="100 reports in 36 communities") as caught:
        found(town, few)
    assert caught.value.problem == "silence_sample"


def test_rates_of_neighbours_leave_out_the_community_itself(town):
    cases = reports_at([(500, 500)] * 400, [pd.Timestamp("2026-01-05")] * 400)
    table = found(town, cases).table
    around = town.loc[["c1", "c6", "c7"], "population"].sum()
    city = 400 / town["population"].sum()
    assert table.loc["c0", "neighbour_rate"] == pytest.approx(10 / (around + 10 / city))
