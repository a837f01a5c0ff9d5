"""The p-centre: against every plan there is, with what stands, ties and sites that coincide."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analysis.siting import centre
from analysis.siting.centre import least_farthest
from analysis.siting.maximal_cover import OPTIMAL
from tests.analysis.siting.test_median import SEEDS, Town


def best_of(town, size):
    lived_in = town.people > 0
    return min(
        np.minimum(town.away[:, list(plan)].min(axis=1, initial=np.inf), town.stands)[
            lived_in
        ].max()
        for plan in combinations(range(town.sites), size)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_nearer_by_any_plan(seed):
    town = Town(seed)
    for size in (1, 3):
        answer = least_farthest(town.distances, size)
        assert len(answer.sites) <= size
        assert answer.metres == pytest.approx(best_of(town, size))
        assert answer.status == OPTIMAL


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_by_halving_the_best_lies_between_bound_and_plan(seed, monkeypatch):
    monkeypatch.setattr(centre, "FEW_DISTANCES", 0)
    town = Town(seed)
    answer = least_farthest(town.distances, 2)
    best = best_of(town, 2)
    assert answer.bound <= best * (1 + 1e-9)
    assert best <= answer.metres * (1 + 1e-9) <= best * 1.002
