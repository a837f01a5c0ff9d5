"""
Against spopt, where it is installed (`requirements-bench.txt`): its San Francisco, and small towns.

San Francisco is its own example: 205 census tracts, 16 stores, walks along streets. The four
figures are those that its documentation prints.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.access.walking_pairs import WalkingPairs
from analysis.siting.centre import least_farthest
from analysis.siting.curve import fewest
from analysis.siting.distances import Distances
from analysis.siting.instance import make_cover
from analysis.siting.maximal_cover import OPTIMAL, cover_most
from analysis.siting.median import least_distance

spopt = pytest.importorskip("spopt", reason="pip install -r requirements-bench.txt")

FILE = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
FAR = 1e6
"""Metres: farther than any walk, as nothing stands."""


@pytest.fixture(scope="module")
def city():
    """Tracts × stores in metres, and people by tract."""
    folder = Path(spopt.__file__).parent / "tests" / "test_locate" / "data"
    rows = pd.read_csv(folder / FILE, dtype={"DestinationName": str})
    away = rows.pivot_table(index="DestinationName", columns="name", values="distance")
    people = rows.drop_duplicates("DestinationName").set_index("DestinationName")["demand"]
    return away.to_numpy(), people.loc[away.index].to_numpy(dtype=float)


def covers(away, people, radius):
    place, site = np.nonzero(away <= radius)
    return make_cover(place, site, people, np.arange(2.0 * away.shape[1]).reshape(-1, 2))


def walks(away, people):
    order = np.argsort(away, axis=1, kind="stable")
    stands = np.full(len(away), FAR)
    place, site = (each.ravel() for each in np.indices(away.shape))
    spots = np.arange(2.0 * away.shape[1]).reshape(-1, 2)
    return Distances(
        np.take_along_axis(away, order, axis=1),
        order.astype(np.int64),
        stands,
        stands,
        people,
        np.zeros((len(away), 2)),
        spots,
        WalkingPairs(place, site, away.ravel()),
    )


def test_most_people_in_san_francisco(city):
    answer = cover_most(covers(*city, 5000), 4)
    assert (answer.status, answer.people) == (OPTIMAL, 875_247)


def test_fewest_stores_in_san_francisco(city):
    cover = covers(*city, 5000)
    found = fewest(cover, cover.value(np.arange(cover.sites)))
    assert (len(found.answer.sites), found.least) == (8, 8)


def test_shortest_walks_in_san_francisco(city):
    away, people = city
    answer = least_distance(walks(away, people), 4)
    assert answer.metres == pytest.approx(2_848_268_129.7145, abs=1e-3)
    assert answer.status == OPTIMAL


def test_farthest_walk_in_san_francisco(city):
    answer = least_farthest(walks(*city), 4)
    assert answer.metres == pytest.approx(7403.0638, abs=1e-3)


@pytest.mark.parametrize("seed", range(12))
def test_spopt_covers_as_many_in_small_towns(seed):
    from pulp import HiGHS  # noqa: PLC0415  comes with spopt
    from spopt.locate import MCLP  # noqa: PLC0415  the same

    random = np.random.default_rng(seed)
    away = np.round(random.uniform(0, 10, (40, 15)))  # ties at exactly the radius
    people = random.integers(1, 30, 40).astype(float)
    model = MCLP.from_cost_matrix(away, people, 2, p_facilities=4).solve(HiGHS(msg=False))
    assert cover_most(covers(away, people, 2), 4).people == pytest.approx(
        model.problem.objective.value()
    )
