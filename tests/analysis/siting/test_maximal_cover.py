"""Plans of sites: against every plan there is, on cities with ties, doubles and nobody in reach."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property
from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from analysis.coverage.catchment import pairs_within
from analysis.siting import instance, maximal_cover, search
from analysis.siting.curve import curve, fewest, greedy_curve, merged
from analysis.siting.exact import Limits
from analysis.siting.instance import make_cover, product, stacked
from analysis.siting.maximal_cover import (
    OPTIMAL,
    PREVIEW,
    STOPPED,
    Effort,
    alternatives,
    cover_most,
    cover_within,
    preview,
    stopped,
)
from analysis.siting.prices import price
from analysis.siting.search import greedy, improve
from analysis.siting.task import SECOND, KindTask

QUICK = Effort(steps=300, changes=30, seconds=5)


class Town:
    """Demand and sites of a seed; a quarter on a lattice, one with sites that coincide."""

    def __init__(self, seed):
        random = np.random.default_rng(seed)
        count, sites = int(random.integers(5, 40)), int(random.integers(4, 11))
        places, xy = random.uniform(0, 100, (count, 2)), random.uniform(0, 100, (sites, 2))
        if seed % 4 == 1:  # ties at exactly the radius
            places, xy = np.round(places / 20) * 20, np.round(xy / 20) * 20
        if seed % 4 == 2:
            xy[sites // 2 :] = xy[: sites - sites // 2]
        if seed % 4 == 3:
            places[:3] += 1000
        self.radius = float(random.choice([20, np.hypot(20, 20), 40]))
        self.people = random.integers(0, 9, count).astype(float)
        self.cost = random.integers(1, 5, sites).astype(float)
        self.near = np.hypot(*(places[:, None] - xy[None]).transpose(2, 0, 1)) <= self.radius
        self.sites, self.xy = sites, xy
        pairs = np.nonzero(self.near)
        self.cover = make_cover(*pairs, self.people, xy, cost=self.cost)
        self.counted = make_cover(*pairs, self.people, xy)

        # A third of the places have one in reach today, every tenth has two.
        self.have = np.where(np.arange(count) % 10 == 0, 2, (np.arange(count) % 3 == 0) * 1)
        part = KindTask(
            rule=None,
            xy=xy,
            cost=np.ones(sites),
            rows=np.arange(count),
            reach=sparse.csr_matrix(self.near.T.astype(float)),
            have=self.have,
            people=self.people,
            weight=self.people,
            second=SECOND,
        )
        self.twice = part.cover

    def value_twice(self, plan):
        times = self.near[:, list(plan)].sum(axis=1) + self.have
        worth = [0, 1, 1 + SECOND]
        now = sum(self.people[self.have == n].sum() * worth[n] for n in (1, 2))
        return sum(self.people[np.minimum(times, 2) == n].sum() * worth[n] for n in (1, 2)) - now

    def best_by_size(self):
        return [self.best(lambda plan, most=size: len(plan) <= most) for size in range(4)]

    def value(self, plan):
        return float(self.people[self.near[:, list(plan)].any(axis=1)].sum())

    @cached_property
    def plans(self):
        """Every plan with the people it covers."""
        sizes = range(self.sites + 1)
        plans = [plan for size in sizes for plan in combinations(range(self.sites), size)]
        return [(plan, self.value(plan)) for plan in plans]

    def best(self, allowed):
        return max((people for plan, people in self.plans if allowed(plan)), default=0.0)


TOWNS = [
    *(pytest.param(seed) for seed in range(8)),
    *(pytest.param(seed, marks=pytest.mark.full) for seed in range(8, 160)),
]


town_of = cache(Town)


@pytest.fixture(params=TOWNS)
def town(request):
    return town_of(request.param)


@pytest.mark.parametrize("sites", [1, 3])
def test_no_plan_of_so_many_covers_more(town, sites):
    answer = cover_most(town.counted, sites, effort=QUICK)
    assert answer.people == town.value(answer.sites) == town.best(lambda plan: len(plan) <= sites)
    assert answer.status == OPTIMAL
    assert answer.gap == pytest.approx(0, abs=1e-9)
    assert len(set(answer.sites.tolist())) == len(answer.sites) <= sites


def test_search_and_prices_alone_hold_the_best_between_them(town, monkeypatch):
    monkeypatch.setattr(maximal_cover, "FEW_PAIRS", 0)
    monkeypatch.setattr(maximal_cover, "FEW_SITES", 0)
    for sites in (1, 2, 4):
        answer = cover_most(town.counted, sites, effort=QUICK)
        best = town.best(lambda plan, most=sites: len(plan) <= most)
        assert answer.people == town.value(answer.sites)
        assert answer.people <= best <= answer.bound * (1 + 1e-9)
        if answer.status == OPTIMAL:
            assert answer.people == best


def test_one_set_of_prices_bounds_every_number_of_sites_and_every_budget(town):
    if not town.counted.pairs:
        return
    prices = price(town.counted, 2, steps=100)
    bounds = prices.bounds(town.sites)
    for sites in range(1, town.sites + 1):
        best = town.best(lambda plan, most=sites: len(plan) <= most)
        assert prices.bound(sites) == pytest.approx(bounds[sites - 1])
        assert bounds[sites - 1] >= best * (1 - 1e-9)
    prices = price(town.cover, 4, steps=100)
    for budget in (1.0, 4.0, 9.5):
        best = town.best(lambda plan, most=budget: town.cost[list(plan)].sum() <= most)
        assert prices.bound(budget) >= best * (1 - 1e-9)


def test_a_site_is_left_out_only_if_no_better_plan_holds_it(town):
    if not town.counted.pairs:
        return
    plan = greedy(town.counted, 2)
    prices = price(town.counted, 2, steps=200)
    left = set(prices.candidates(2, people=plan.people).tolist())
    held = set(prices.certain(2, people=plan.people).tolist())
    best = town.best(lambda chosen: len(chosen) <= 2)
    within = town.best(lambda chosen: len(chosen) <= 2 and held <= set(chosen) <= left)
    assert max(within, plan.people) == best


def test_search_never_loses_people_and_keeps_the_number_of_sites(town):
    first = greedy(town.counted, 3)
    better = improve(town.counted, first.chosen, changes=30, seed=2)
    assert town.value(better) >= first.people
    assert len(set(better.tolist())) == len(first.chosen)


def clustered(places, sites, existing):
    """A city of clusters in which some facilities stand already."""
    random = np.random.default_rng(1)
    centre, spread = random.normal(15_000, 5_500, (120, 2)), random.uniform(300, 1_800, 120)
    which = random.integers(0, 120, places)
    homes = random.normal(centre[which], spread[which][:, None])
    xy = homes[random.integers(0, places, sites)] + random.normal(0, 120, (sites, 2))
    people = np.ceil(random.lognormal(2.7, 0.8, places))
    people[pairs_within(homes, homes[:existing], service_radius=700).place] = 0
    pairs = pairs_within(homes, xy, service_radius=700)
    return make_cover(pairs.place, pairs.facility, people, xy)


def test_what_the_relaxation_opens_is_a_good_plan_before_anything_is_left_out(monkeypatch):
    """Greedy and few changes alone stay a per cent and more below the bound here."""
    monkeypatch.setattr(maximal_cover, "FEW_PAIRS", 0)
    monkeypatch.setattr(maximal_cover, "FEW_SITES", 0)
    city = clustered(2500, 1000, 20)
    first = greedy(city, 60).people
    answer = cover_most(city, 60, effort=Effort(steps=600, changes=40, seconds=5))
    assert first < answer.people * 0.99
    assert answer.gap < 0.002


def test_the_exact_model_finds_the_best_of_what_the_relaxation_opens(monkeypatch):
    """Without a single change, and with nothing left out by prices."""
    monkeypatch.setattr(maximal_cover, "FEW_PAIRS", 0)
    monkeypatch.setattr(maximal_cover, "FEW_SITES", 0)
    effort = Effort(steps=600, changes=0, seconds=5)
    assert cover_most(clustered(2500, 1000, 300), 40, effort=effort).gap < 1e-6


def test_a_search_without_success_ends_before_all_its_changes(monkeypatch):
    tried = []
    change = search._change
    monkeypatch.setattr(search, "_change", lambda *given: (tried.append(1), change(*given)))
    everybody = Town(5).counted
    all_sites = range(everybody.sites)
    improve(everybody, all_sites, changes=50, patience=7, seed=2)
    assert len(tried) == 8  # nothing is better than all sites: the last that paid is none


def test_budget_and_distance_are_kept_and_nothing_better_keeps_them(town):
    answer = cover_within(town.cover, Limits(5.0), effort=QUICK)
    assert town.cost[answer.sites].sum() <= 5
    assert answer.people == town.best(lambda plan: town.cost[list(plan)].sum() <= 5)
    away = np.hypot(*(town.xy[:, None] - town.xy[None]).transpose(2, 0, 1))
    apart = np.array(
        [p for p in combinations(range(town.sites), 2) if away[p] < 30], dtype=np.int64
    ).reshape(-1, 2)
    answer = cover_within(town.counted, Limits(3, apart), effort=QUICK)
    close = {tuple(pair) for pair in apart.tolist()}

    def allowed(plan):
        return len(plan) <= 3 and not close & set(combinations(sorted(plan), 2))

    assert allowed(answer.sites.tolist())
    assert answer.people == town.best(allowed)
    assert answer.bound >= answer.people


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_fewest_sites_for_a_share_of_those_who_can_be_covered(town, share):
    coverable = town.best(lambda _: True)
    found = fewest(town.counted, share * coverable, effort=QUICK)
    sizes = range(town.sites + 1)
    right = next(
        size
        for size in sizes
        if town.best(lambda plan, n=size: len(plan) <= n) >= share * coverable * (1 - 1e-9)
    )
    assert len(found.answer.sites) == right
    assert found.least <= right
    assert fewest(town.counted, coverable + 1, effort=QUICK).answer is None


def test_the_curve_holds_the_best_of_every_number(town):
    band = curve(town.counted, town.sites, effort=QUICK)
    assert (np.diff(band.people) > 0).all()
    for sites, (people, bound) in enumerate(zip(band.people, band.bound, strict=True), 1):
        best = town.best(lambda plan, most=sites: len(plan) <= most)
        assert people <= best <= bound * (1 + 1e-9)


def test_other_plans_differ_and_are_the_best_that_do(town):
    best = cover_most(town.counted, 2, effort=QUICK)
    others = alternatives(town.counted, best, count=2, differing=1, effort=QUICK)
    plans = [set(best.sites.tolist()), *(set(each.sites.tolist()) for each in others)]
    assert all(first != second for first, second in combinations(plans, 2))
    if others and len(best.sites) == 2:
        unlike = town.best(lambda plan: len(plan) <= 2 and not plans[0] <= set(plan))
        assert others[0].people == unlike


def test_other_plans_are_priced_once_unless_sites_dearer_than_the_budget_are_left_out(monkeypatch):
    town, asked = town_of(2), []

    def priced(cover, budget, **how):
        asked.append(cover.sites)
        return price(cover, budget, **how)

    monkeypatch.setattr(maximal_cover, "price", priced)
    best = cover_most(town.counted, 2, effort=QUICK)
    asked.clear()
    others = alternatives(town.counted, best, count=3, differing=1, effort=QUICK)
    assert len(others) == 3
    assert asked == [town.sites]

    budget = float(town.cost.max()) - 1
    affordable = int((town.cost <= budget).sum())
    best = cover_within(town.cover, Limits(budget), effort=QUICK)
    asked.clear()
    others = alternatives(town.cover, best, count=2, differing=1, budget=budget, effort=QUICK)
    assert asked == [affordable] * 2
    assert all(town.cost[each.sites].sum() <= budget for each in others)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.6, 1.0])
def test_sums_over_few_values_are_those_over_all(share, monkeypatch):
    random = np.random.default_rng(3)
    lists = sparse.random(300, 500, density=0.05, format="csr", rng=random)
    turned = lists.T.tocsr()
    for matrix, other in ((lists, turned), (turned, lists)):
        values = random.normal(size=matrix.shape[1])
        values[random.random(len(values)) >= share] = 0
        for read in (0.0, instance.FEW_READ, 2.0):
            monkeypatch.setattr(instance, "FEW_READ", read)
            sums = product(matrix, other, values)
            np.testing.assert_allclose(sums, matrix.toarray() @ values, rtol=1e-12, atol=1e-12)


def test_steps_of_few_sites_read_few_of_the_pairs(monkeypatch):
    random = np.random.default_rng(4)
    places, sites = random.uniform(0, 1000, (4000, 2)), random.uniform(0, 1000, (1000, 2))
    pairs = pairs_within(places, sites, service_radius=40)
    city = make_cover(pairs.place, pairs.facility, random.integers(1, 9, 4000), sites)
    whole = []

    class Watched(sparse.csr_matrix):
        def __matmul__(self, other):
            whole.append(self.nnz == city.pairs)
            return super().__matmul__(other)

    watched = replace(city, demand_of=Watched(city.demand_of))
    prices = price(watched, 3, steps=400, accuracy=-1.0)
    monkeypatch.setattr(instance, "FEW_READ", 0.0)
    assert prices.bound(3) == pytest.approx(price(city, 3, steps=400, accuracy=-1.0).bound(3))
    assert sum(whole) < 100  # of 440 where all are read


@pytest.mark.parametrize("exactly", [True, False])
def test_a_second_facility_in_reach_counts_half_and_no_plan_counts_more(town, exactly, monkeypatch):
    if not exactly:
        monkeypatch.setattr(maximal_cover, "FEW_PAIRS", 0)
        monkeypatch.setattr(maximal_cover, "FEW_SITES", 0)
    for sites in (2, 3):
        best = max(town.value_twice(plan) for plan, _ in town.plans if len(plan) <= sites)
        answer = cover_most(town.twice, sites, effort=QUICK)
        assert answer.people == pytest.approx(town.value_twice(answer.sites))
        assert answer.people <= best + 1e-6
        assert answer.bound >= best * (1 - 1e-9)
        assert len(set(answer.sites.tolist())) == len(answer.sites) <= sites
        if exactly or answer.status == OPTIMAL:
            assert answer.people == pytest.approx(best)


def test_two_kinds_share_a_number_of_sites(town):
    other = town_of(7)
    both = stacked([town.counted, other.counted])
    answer = cover_most(both, 3, effort=QUICK)
    first = town.best_by_size()
    second = other.best_by_size()
    assert answer.people == max(first[n] + second[3 - n] for n in range(4))
    assert (both.column[: len(town.people)] == town.counted.column).all()


def test_the_same_seed_gives_the_same_plan():
    town = Town(5)
    first, again = (improve(town.counted, [0, 1, 2], changes=20, seed=4) for _ in range(2))
    assert first.tolist() == again.tolist()


def _heard_of(ask):
    heard = []
    return ask(heard.append), heard


@pytest.mark.parametrize("sites", [1, 3])
def test_what_is_heard_on_the_way_is_a_plan_and_a_bound_that_holds(town, sites):
    best = town.best(lambda plan: len(plan) <= sites)
    answer, heard = _heard_of(
        lambda told: cover_most(town.counted, sites, effort=QUICK, heard=told)
    )
    # Listening changes nothing.
    assert answer.sites.tolist() == cover_most(town.counted, sites, effort=QUICK).sites.tolist()
    for each in heard:
        assert each.people == town.value(each.sites) <= best <= each.bound + 1e-6
        assert len(each.sites) <= sites
    bounds, people = [each.bound for each in heard], [each.people for each in heard]
    assert (bounds, people) == (sorted(bounds, reverse=True), sorted(people))
    for each in heard:
        kept = stopped(town.counted, each)
        assert (kept.status, kept.people) == (STOPPED, each.people)
        assert kept.bound == pytest.approx(each.bound)  # not below the plan, whatever rounding says


def test_a_preview_is_a_plan_without_proof(town):
    budget = Limits(4.0)
    first = preview(town.cover, budget)
    assert first.status == PREVIEW
    assert town.cost[first.sites].sum() <= 4
    allowed = town.best(lambda plan: town.cost[list(plan)].sum() <= 4)
    assert first.people == town.value(first.sites) <= allowed <= first.bound


def test_curves_joined_know_no_less_than_each(town):
    short, long = (curve(town.counted, most, effort=QUICK) for most in (2, 4))
    plans = [cover_most(town.counted, sites, effort=QUICK) for sites in (1, 3)]
    joined = merged([short, greedy_curve(town.counted, 4), long], plans)
    best = town.best_by_size()
    assert len(joined.people) == len(long.people)
    for sites, (people, bound) in enumerate(zip(joined.people, joined.bound, strict=True), 1):
        assert people >= long.people[sites - 1]
        assert bound <= long.bound[sites - 1] + 1e-9
        if sites < len(best):
            assert people <= best[sites] <= bound + 1e-6
    assert (np.diff(joined.people) >= 0).all()
    assert (np.diff(joined.bound) >= 0).all()
    for plan in plans:
        if 0 < len(plan.sites) <= len(joined.people):
            assert joined.people[len(plan.sites) - 1] >= plan.people
