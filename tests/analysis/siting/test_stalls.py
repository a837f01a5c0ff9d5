"""Sites by stalls: against every plan there is, each counted by the recipe of the capacity page."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from shapely import box

from analysis.access.prepared_city import prepare, with_facilities, with_shortest_paths
from analysis.access.walking import prepare_walking_network
from analysis.coverage.capacity import judge_capacity
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.model.errors import SampleError, SettingsError
from analysis.model.question import CAPACITY, CATCHMENTS, SitingRequest
from analysis.model.standards import Kind, Standard
from analysis.siting import stalls
from analysis.siting.maximal_cover import EXACT, EXCHANGE, HEURISTIC, OPTIMAL
from analysis.siting.recipe import plan_sites
from analysis.siting.task import Ground, Sharing
from tests.analysis.access.test_street_network import streets
from tests.analysis.siting.test_recipe import given, rule
from tests.analysis.siting.test_walked_ways import LINES, crossing
from tests.frames import points, polygons, residents

SQUARE = polygons([box(-50, -50, 200, 450), box(200, -50, 450, 450)])
TOILET = Kind("toilet", {"en": "Toilets"}, "#123456", "t", {"stalls": "number"}, capacity="stalls")
METHODS = CATCHMENTS[:3]


class Town:
    """Homes, facilities of which some do not state their stalls, sites that may coincide."""

    def __init__(self, seed, *, walked=False):
        random = np.random.default_rng(seed)
        homes = random.uniform(-20, 470, (int(random.integers(5, 25)), 2))
        self.people = [(*xy, float(random.integers(0, 60))) for xy in homes]
        sites = random.uniform(0, 400, (int(random.integers(3, 8)), 2))
        if seed % 3 == 1:
            sites[len(sites) // 2 :] = np.round(sites[len(sites) // 2 :], -2)
        if seed % 3 == 2:
            sites = homes[: len(sites)].copy()
        self.sites = given(*[(*xy, np.nan) for xy in sites])
        there = points(list(map(tuple, random.uniform(0, 400, (int(random.integers(1, 4)), 2)))))
        there["stalls"] = np.where(np.arange(len(there)) % 3 == 2, np.nan, 4.0)
        self.measure = NETWORK if walked else STRAIGHT
        self.rule = rule(radius=150.0)
        ready = prepare(SQUARE, there, residents(self.people), kinds=["toilet"])
        if walked:
            ways = prepare_walking_network(SQUARE, ready.demand, streets(list(crossing(LINES))))
            ready = with_shortest_paths(ready, ways)
        self.ready = ready
        self.stalls = float(random.integers(1, 9))

    def plan(self, sharing, sites=2, **asked):
        ground = Ground(self.measure, sites=self.sites, sharing=sharing)
        standard = Standard("toy", {"en": "Toy"}, "", "", "", (self.rule,))
        request = SitingRequest(sites=sites, problem=CAPACITY, **{"stalls": self.stalls, **asked})
        return plan_sites(self.ready, standard, (self.rule,), request, ground=ground)

    def served(self, city, sharing, need=None):
        found = judge_capacity(
            city,
            TOILET,
            service_radius=150.0,
            method=sharing.method,
            measure=self.measure,
            need_per_1000=need,
        )
        return found.table["people_served"].sum()

    def best(self, task, sharing, need, sites=2):
        """The most that any plan lets be served, each counted anew by the recipe."""
        most = self.served(self.ready, sharing, need)
        xy = task.parts[0].xy
        for chosen in combinations(range(len(xy)), min(sites, len(xy))):
            new = points(list(map(tuple, xy[list(chosen)]))).rename(index=lambda name: f"n-{name}")
            facilities = pd.concat([self.ready.facilities, new.assign(stalls=self.stalls)])
            city = with_facilities(self.ready, facilities, kinds=["toilet"])
            if self.measure == NETWORK:
                city = with_shortest_paths(city, self.ready.shortest_paths.walking_network)
            most = max(most, self.served(city, sharing, need))
        return most


WIDE = [pytest.param(seed, marks=pytest.mark.full) for seed in range(5, 60)]


@pytest.mark.parametrize("seed", [*range(5), *WIDE])
def test_no_plan_lets_more_people_be_served(seed):
    town, sharing = Town(seed, walked=seed % 4 == 3), Sharing(TOILET, METHODS[seed % 3], 60.0)
    found = town.plan(sharing)
    served = found.served
    assert served.before == town.served(town.ready, sharing, 60.0)
    assert served.after == pytest.approx(town.served(found.city_after, sharing, 60.0))
    assert served.after == pytest.approx(town.best(found.task, sharing, 60.0))
    assert found.answer.status == OPTIMAL
    assert served.by_site.sum() == pytest.approx(served.after - served.before)
    assert found.sites["people_served"].tolist() == served.by_site.tolist()


@pytest.mark.parametrize("seed", [*range(3), *WIDE])
def test_beyond_few_sites_the_best_lies_between_plan_and_bound(seed, monkeypatch):
    monkeypatch.setattr(stalls, "FEW_SITES", 0)
    town, sharing = Town(seed), Sharing(TOILET, METHODS[seed % 3], 60.0)
    found = town.plan(sharing)
    best = town.best(found.task, sharing, 60.0) - found.served.before
    assert found.answer.people <= best * (1 + 1e-9)
    assert found.answer.bound >= best * (1 - 1e-9)
    proven = found.answer.people >= found.answer.bound * (1 - 1e-9)
    assert (found.answer.status == HEURISTIC) == (not proven)
    assert found.answer.method == EXCHANGE or not len(found.answer.sites)


def test_by_hand():
    """
    Two places of 50 people share a toilet of 2 stalls: 20 for 1,000 each; wanted are 40.

    A toilet of 2 beside one of them doubles that; of 1 it does not, and serves nobody more.
    """
    town = Town(0)
    town.sites = given((0, 0, np.nan))
    there = points([(50, 0)])
    there["stalls"] = 2.0
    town.ready = prepare(SQUARE, there, residents([(0, 0, 50), (100, 0, 50)]), kinds=["toilet"])
    sharing = Sharing(TOILET, "equal", 40.0)
    found = town.plan(sharing, sites=1, stalls=2.0)
    assert (found.served.before, found.served.after, found.served.need_per_1000) == (0, 100, 40)
    assert found.answer.method in {EXACT, EXCHANGE}
    assert found.sites["people_served"].tolist() == [100]
    # Of two that do alike the second is not needed.
    town.sites = given((0, 0, np.nan), (5, 0, np.nan))
    assert len(town.plan(sharing, sites=2, stalls=2.0).sites) == 1
    found = town.plan(sharing, sites=1, stalls=1.0)
    assert (found.served.after, len(found.sites)) == (0, 0)
    # By the mean of today everybody has an equal share: there is nobody to serve.
    found = town.plan(sharing._replace(need_per_1000=None), sites=1)
    assert (found.served.before, found.served.need_per_1000) == (100, 20)
    assert not len(found.sites)


def test_what_cannot_be_asked_says_why():
    town, sharing = Town(1), Sharing(TOILET, "equal", 60.0)
    for asked in ({"stalls": None}, {"stalls": 0.0}, {"stalls": float("inf")}):
        with pytest.raises(SettingsError, match="--stalls"):
            town.plan(sharing, **asked)
    with pytest.raises(SettingsError, match="--catchment choice"):
        town.plan(sharing._replace(method="choice"))
    with pytest.raises(SettingsError, match="takes one --kind"):
        town.plan(sharing, apart_m=100.0)
    with pytest.raises(SampleError, match="no_capacity_column"):
        town.plan(sharing._replace(kind=Kind("toilet", {"en": "T"}, "#123456", "t")))
    unknown = Town(1)
    unknown.ready.supply["toilet"].facilities["stalls"] = np.nan
    with pytest.raises(SampleError, match="cannot be judged"):
        unknown.plan(sharing._replace(need_per_1000=None))
