"""Fewest sites for the minimum of every community, against every plan there is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from analysis.siting.maximal_cover import OPTIMAL
from analysis.siting.minimum import Needs, each_alone, fewest_for_all


def needs_of(seed):
    random = np.random.default_rng(seed)
    count, sites, groups = int(random.integers(6, 30)), int(random.integers(3, 10)), 4
    places, xy = random.uniform(0, 100, (count, 2)), random.uniform(0, 100, (sites, 2))
    if seed % 4 == 1:  # sites that coincide, places alike
        xy[sites // 2 :] = xy[: sites - sites // 2]
        places = np.round(places / 20) * 20
    near = np.hypot(*(places[:, None] - xy[None]).transpose(2, 0, 1)) <= random.choice([25, 45])
    people, group = random.integers(0, 9, count).astype(float), random.integers(0, groups, count)
    most = np.bincount(group, weights=people * near.any(axis=1), minlength=groups)
    lacking = np.where(random.random(groups) < 0.8, np.floor(most * random.random(groups)), 0.0)
    return Needs(
        sparse.csr_matrix(near.T.astype(float)), people, group, lacking, xy, np.arange(sites)
    )


SEEDS = [
    *(pytest.param(seed) for seed in range(8)),
    *(pytest.param(seed, marks=pytest.mark.full) for seed in range(8, 160)),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fewer_sites_are_enough(seed):
    needs = needs_of(seed)
    alone = each_alone(needs)
    start = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *alone]))
    found = fewest_for_all(needs, start, windows=5, seconds=5)
    sites = needs.reach.shape[0]
    best = next(
        size
        for size in range(sites + 1)
        if any(needs.met(np.array(p, dtype=np.int64)) for p in combinations(range(sites), size))
    )
    assert needs.met(found.sites)
    assert found.least <= best <= len(found.sites) <= len(start)
    assert (len(found.sites), found.status) == (best, OPTIMAL)


@pytest.mark.parametrize("seed", [3, 6])
def test_search_alone_is_enough_and_never_more_than_each_for_itself(seed):
    needs = needs_of(seed)
    start = np.unique(np.concatenate(each_alone(needs)))
    found = fewest_for_all(needs, start, windows=3, seconds=0)
    assert needs.met(found.sites)
    assert len(found.sites) <= len(start)
