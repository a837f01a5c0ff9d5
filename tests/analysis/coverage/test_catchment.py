"""Floating catchments: laws, sums by hand, brute force, and the package `access`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from access import fca, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.coverage.catchment import distance_weight, pairs_within, share_capacity
from analysis.model.question import CATCHMENTS

places_ = st.lists(st.tuples(*[st.integers(0, 40)] * 2), min_size=1, max_size=12)
quick = settings(max_examples=60)


def share(places, facilities, people, capacity, *, radius, method):
    at, sites = (np.array(each, dtype=float).reshape(-1, 2) for each in (places, facilities))
    pairs = pairs_within(at, sites, service_radius=radius)
    return share_capacity(pairs, people, capacity, service_radius=radius, method=method)


def test_two_stalls_for_two_places_by_hand():
    # 4 stalls for 100 + 300 people are 10 per 1,000; 6 for the 300 alone are 20
    shares = share([(0, 0), (100, 0)], [(50, 0), (200, 0)], [100, 300], [4, 6],
                   radius=100, method="equal")  # fmt: skip
    assert shares.demand.tolist() == [400, 300]
    assert shares.access.tolist() == pytest.approx([0.01, 0.03])


def test_the_weights_of_every_method_by_hand():
    metres = [0, 200, 200.001, 400, 400.001, 600]
    equal = distance_weight(metres, service_radius=600, method="equal")
    steps = distance_weight(metres, service_radius=600, method="steps")
    dai = distance_weight([0, 300, 600], service_radius=600, method="gaussian")
    assert equal.tolist() == [1] * 6
    assert steps.tolist() == [1, 1, 0.68, 0.68, 0.22, 0.22]
    assert dai.round(4).tolist() == [1, 0.7014, 0]
    with pytest.raises(ValueError, match="one of"):
        distance_weight([1], service_radius=600, method="other")


def test_the_gaussian_of_access_is_another_function():
    assert weights.gaussian(600)(300) == pytest.approx(0.8825, abs=1e-4)


def test_three_steps_divide_people_by_choice():
    # the place in the middle is as near to both: it counts half for each
    shares = share([(0, 0)], [(-10, 0), (10, 0)], [100], [1, 3], radius=300, method="choice")
    assert shares.demand.tolist() == [50, 50]
    assert shares.access.tolist() == pytest.approx([0.04])


@pytest.mark.parametrize("method", CATCHMENTS)
@quick
@given(places=places_, facilities=places_, data=st.data())
def test_what_is_shared_out_is_the_supply_in_reach(method, places, facilities, data):
    number = st.integers(0, 50)
    people = data.draw(st.lists(number, min_size=len(places), max_size=len(places)))
    capacity = data.draw(st.lists(number, min_size=len(facilities), max_size=len(facilities)))
    shares = share(places, facilities, people, capacity, radius=15, method=method)
    reached = shares.demand > 0
    assert np.dot(people, shares.access) == pytest.approx(np.sum(np.array(capacity)[reached]))


@quick
@given(places=places_, facilities=places_, radius=st.integers(1, 60))
def test_pairs_are_those_of_brute_force(places, facilities, radius):
    pairs = pairs_within(np.array(places, float), np.array(facilities, float),
                         service_radius=radius)  # fmt: skip
    found = sorted(zip(pairs.place.tolist(), pairs.facility.tolist(), strict=True))
    assert found == [
        (i, j)
        for i, a in enumerate(places)
        for j, b in enumerate(facilities)
        if np.hypot(a[0] - b[0], a[1] - b[1]) <= radius
    ]


def of_access(shares, people, capacity, *, radius, method):
    """Access of every place by the package, which knows nothing of places out of reach."""
    pairs = shares.pairs
    cost = pd.DataFrame({"origin": pairs.place, "dest": pairs.facility, "cost": pairs.distance_m})
    demand = pd.DataFrame({"demand": people}, index=range(len(people))).rename_axis("geoid")
    supply = pd.DataFrame({"supply": capacity}, index=range(len(capacity))).rename_axis("geoid")
    thirds = weights.step_fn({radius / 3: 1, radius * 2 / 3: 0.68, radius: 0.22})
    end = np.exp(-0.5)
    dai = lambda d: (np.exp(-0.5 * (d / radius) ** 2) - end) / (1 - end)  # noqa: E731
    weight = {"equal": None, "steps": thirds, "gaussian": dai, "choice": thirds}[method]
    recipe = fca.three_stage_fca if method == "choice" else fca.two_stage_fca
    found = recipe(
        demand, supply, cost, max_cost=radius, demand_index=True, supply_index=True,
        weight_fn=weight,
    )  # fmt: skip
    return found.reindex(range(len(people)), fill_value=0.0).fillna(0.0)


@pytest.mark.parametrize("method", CATCHMENTS)
def test_equal_to_the_package_access(method):
    random = np.random.default_rng(11)
    places, facilities = random.uniform(0, 5000, (800, 2)), random.uniform(0, 5000, (60, 2))
    people, capacity = random.integers(1, 90, 800), random.integers(0, 30, 60)
    shares = share(places, facilities, people, capacity, radius=700, method=method)
    expected = of_access(shares, people, capacity, radius=700, method=method)
    np.testing.assert_allclose(shares.access, expected, rtol=0, atol=1e-9)
    assert shares.access.max() > 0.01


def test_an_unknown_capacity_adds_nothing_and_draws_people():
    known = share([(0, 0)], [(5, 0), (9, 0)], [100], [2, 3], radius=30, method="choice")
    part = share([(0, 0)], [(5, 0), (9, 0)], [100], [2, np.nan], radius=30, method="choice")
    assert part.demand.tolist() == known.demand.tolist()
    assert part.access.tolist() == pytest.approx([0.02])
    assert np.isnan(part.ratio[1])


@pytest.mark.parametrize("method", CATCHMENTS)
def test_without_facilities_or_people_there_is_no_access(method):
    assert share([(0, 0)], [], [5], [], radius=10, method=method).access.tolist() == [0]
    assert share([], [(0, 0)], [], [3], radius=10, method=method).demand.tolist() == [0]
    with pytest.raises(ValueError, match="service_radius"):
        share([(0, 0)], [(0, 0)], [5], [1], radius=0, method=method)
