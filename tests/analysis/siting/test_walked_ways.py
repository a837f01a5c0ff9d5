"""The p-median and the p-centre along streets: against every plan there is, each way measured."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analysis.access.street_network import prepare_network, street_access, walking_distance
from analysis.access.walking import AccessPoints
from analysis.coverage.figures import NETWORK
from analysis.model.errors import SampleError
from analysis.model.question import CENTRE, MEDIAN, SitingRequest
from analysis.siting.centre import least_farthest
from analysis.siting.distances import list_walks
from analysis.siting.maximal_cover import OPTIMAL, Effort
from analysis.siting.median import least_distance
from analysis.siting.task import Ground
from tests.analysis.access.test_street_network import streets
from tests.analysis.siting.test_recipe import given, plan

QUICK = Effort(steps=200, changes=50, seconds=5)
LINES = [[(100 * n, 0), (100 * n, 400)] for n in range(5)]
LINES += [[(0, 100 * n), (400, 100 * n)] for n in (0, 2, 4)]


def crossing(lines):
    """Streets that meet where they cross: cut at every 100 m."""
    for (x0, y0), (x1, y1) in lines:
        steps = max(abs(x1 - x0), abs(y1 - y0)) // 100
        for n in range(steps):
            yield [
                (x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps),
                (x0 + (x1 - x0) * (n + 1) / steps, y0 + (y1 - y0) * (n + 1) / steps),
            ]


class Town:
    def __init__(self, seed):
        random = np.random.default_rng(seed)
        network = prepare_network(streets(list(crossing(LINES))))
        count, sites = int(random.integers(5, 25)), int(random.integers(3, 8))
        places, xy = random.uniform(-20, 420, (count, 2)), random.uniform(-20, 420, (sites, 2))
        if seed % 3 == 1:
            places, xy = np.round(places / 50) * 50, np.round(xy / 50) * 50
        if seed % 3 == 2:
            xy[sites // 2 :] = xy[: sites - sites // 2]
        there = random.uniform(0, 400, (int(random.integers(1, 3)), 2))
        self.people = random.integers(1, 9, count).astype(float)
        homes = street_access(network, *places.T)
        self.stands = walking_distance(network, homes, street_access(network, *there.T))
        self.away = np.array(
            [walking_distance(network, homes, street_access(network, [x], [y])) for x, y in xy]
        )
        self.sites = sites
        access = AccessPoints(network, homes, homes)
        rows = np.arange(count)
        self.distances = list_walks(
            access, rows, self.people, xy, places=places, stands=self.stands
        )

    def ways(self, chosen):
        return np.minimum(self.away[list(chosen)].min(axis=0, initial=np.inf), self.stands)

    def best(self, size, measure):
        return min(measure(self.ways(each)) for each in combinations(range(self.sites), size))


SEEDS = [
    *(pytest.param(seed) for seed in range(3)),
    *(pytest.param(seed, marks=pytest.mark.full) for seed in range(3, 160)),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_shortens_the_walks_more(seed):
    town = Town(seed)
    for size in (1, 2):
        answer = least_distance(town.distances, size, steps=60)
        total = town.people @ town.ways(answer.sites)
        assert answer.metres == pytest.approx(total)
        assert answer.metres == pytest.approx(town.best(size, lambda ways: town.people @ ways))
        assert answer.status == OPTIMAL
        answer = least_farthest(town.distances, size, effort=QUICK)
        assert answer.metres == pytest.approx(town.ways(answer.sites).max())
        assert answer.metres == pytest.approx(town.best(size, np.max))
        assert answer.bound <= answer.metres * (1 + 1e-9)


PEOPLE = [(100, 100, 30), (500, 110, 40), (900, 100, 30), (900, 600, 7)]
STREET = streets([[(0, 100), (1000, 100)]])


def test_walks_by_hand_and_who_cannot_walk_is_left_out():
    """The last lives 500 m off every street: 7 people of whom no walk is known."""
    ground = Ground(NETWORK, streets=STREET, sites=given((900, 100, 1)))
    found = plan(SitingRequest(sites=1, problem=MEDIAN), people=PEOPLE, ground=ground).nearer
    assert found.before == pytest.approx((40 * 410 + 30 * 800) / 100)
    assert found.after == pytest.approx(40 * 410 / 100)
    assert found.unknown == 7
    found = plan(SitingRequest(sites=1, problem=CENTRE), people=PEOPLE, ground=ground).nearer
    assert (found.before, found.after, found.unknown) == (800, 410, 7)


def test_without_a_facility_to_walk_to_there_is_no_way_to_shorten():
    ground = Ground(NETWORK, streets=STREET, sites=given((900, 100, 1)))
    with pytest.raises(SampleError) as caught:
        plan(SitingRequest(sites=1, problem=MEDIAN), people=PEOPLE, toilets=[], ground=ground)
    assert caught.value.problem == "siting_no_way"
