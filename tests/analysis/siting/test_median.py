"""The p-median: against every plan there is, with what stands, ties and sites that coincide."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analysis.siting import median
from analysis.siting.distances import list_nearest
from analysis.siting.maximal_cover import OPTIMAL
from analysis.siting.median import interchange, least_distance
from analysis.siting.median_prices import price_median


class Town:
    def __init__(self, seed, listed=None):
        random = np.random.default_rng(seed)
        count, sites = int(random.integers(5, 40)), int(random.integers(4, 11))
        places, xy = random.uniform(0, 100, (count, 2)), random.uniform(0, 100, (sites, 2))
        if seed % 4 == 1:
            places, xy = np.round(places / 20) * 20, np.round(xy / 20) * 20
        if seed % 4 == 2:
            xy[sites // 2 :] = xy[: sites - sites // 2]
        there = random.uniform(0, 100, (int(random.integers(0, 3)), 2))
        people = random.integers(0, 9, count).astype(float)
        people[0] = 3
        away = np.hypot(*(places[:, None] - there[None]).transpose(2, 0, 1))
        stands = away.min(axis=1, initial=np.inf)
        self.away = np.hypot(*(places[:, None] - xy[None]).transpose(2, 0, 1))
        self.people, self.stands, self.sites = people, stands, sites
        self.distances = list_nearest(places, people, xy, stands=stands, listed=listed)

    def value(self, plan):
        nearest = self.away[:, list(plan)].min(axis=1, initial=np.inf)
        return float(self.people @ np.minimum(nearest, self.stands))

    def best(self, size):
        return min(self.value(plan) for plan in combinations(range(self.sites), size))


SEEDS = [
    *(pytest.param(seed) for seed in range(8)),
    *(pytest.param(seed, marks=pytest.mark.full) for seed in range(8, 160)),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_brings_people_nearer(seed):
    town = Town(seed)
    for size in (1, 3):
        answer = least_distance(town.distances, size, steps=60)
        assert len(set(answer.sites.tolist())) == size
        assert answer.metres == pytest.approx(town.value(answer.sites))
        assert answer.metres == pytest.approx(town.best(size))
        assert answer.status == OPTIMAL


@pytest.mark.parametrize("listed", [None, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_prices_and_interchange_hold_the_best_between_them(seed, listed, monkeypatch):
    monkeypatch.setattr(median, "FEW_PAIRS", -1)
    town = Town(seed, listed)
    prices = price_median(town.distances, 2, steps=60)
    for size in range(1, town.sites):
        assert prices.bound(size) <= town.best(size) * (1 + 1e-9)
    answer = least_distance(town.distances, 2, steps=60)
    assert answer.bound <= town.best(2) * (1 + 1e-9)
    assert answer.metres >= town.best(2) * (1 - 1e-9)
    left = set(prices.candidates(2, metres=answer.metres).tolist())
    within = [p for p in combinations(range(town.sites), 2) if set(p) <= left]
    assert min([answer.metres, *map(town.value, within)]) == pytest.approx(town.best(2))


def test_interchange_never_worsens_a_plan():
    town = Town(4)
    start = np.arange(3)
    assert town.value(interchange(town.distances, start)) <= town.value(start)


def test_more_sites_never_lengthen_the_way():
    town = Town(7)
    ways = [least_distance(town.distances, size, steps=60).metres for size in range(town.sites + 1)]
    assert (np.diff(ways) <= 1e-9).all()
    assert ways[-1] == pytest.approx(town.value(range(town.sites)))
