"""Closing and moving facilities: against every choice there is, and three hamlets by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access.prepared_city import prepare, with_facilities, with_shortest_paths
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.catchment import pairs_within
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.model.errors import SampleError
from analysis.model.question import SitingRequest
from analysis.model.standards import Standard
from analysis.siting.closing import best_moves, close_and_open
from analysis.siting.instance import make_cover
from analysis.siting.maximal_cover import OPTIMAL
from analysis.siting.task import Ground
from tests.analysis.access.test_street_network import streets
from tests.analysis.siting.test_recipe import TWO, rule
from tests.analysis.siting.test_recipe import given as points_given
from tests.frames import points, residents

spots = [st.integers(0, 8)] * 2
spot = st.tuples(*spots)


def best_of_all(cover, stand, closures, sites):
    """The most that any choice keeps or brings within reach."""
    most = 0.0
    for closed in range(closures + 1):
        for stay in combinations(range(stand), stand - closed):
            room = min(sites - (closures - closed), cover.sites - stand)
            for opened in range(max(room, -1) + 1):
                for new in combinations(range(stand, cover.sites), opened):
                    most = max(most, cover.value(np.array([*stay, *new], dtype=np.int64)))
    return most


def check(homes, there, new, closures, sites):
    """On a lattice: ties at exactly the radius, sites that coincide, people whom none reaches."""
    at, people = np.array([h[:2] for h in homes], float), np.array([h[2] for h in homes], float)
    xy = np.array([*there, *new], float)
    pairs = pairs_within(at, xy, service_radius=2)
    cover = make_cover(pairs.place, pairs.facility, people, xy)
    closures = min(closures, len(there))
    told = []

    def hear(plan, bound):
        told.append((cover.value(plan), bound))

    plan, bound, _ = best_moves(cover, len(there), closures=closures, sites=sites, heard=hear)
    stay, opened = (plan < len(there)).sum(), (plan >= len(there)).sum()
    assert stay >= len(there) - closures
    assert stay + opened <= len(there) - closures + sites
    # Without sites all are closed that were to be: the loss is stated of so many.
    assert sites or stay == len(there) - closures
    most = best_of_all(cover, len(there), closures, sites)
    assert cover.value(plan) == pytest.approx(most)
    assert told  # what exchange finds is told at once: who stops keeps it
    for value, limit in told:
        assert value <= most * (1 + 1e-9) + 1e-9
        assert limit >= most * (1 - 1e-9)
    assert bound == pytest.approx(most)


arguments = {
    "homes": st.lists(st.tuples(*spots, st.integers(0, 5)), min_size=1, max_size=12),
    "there": st.lists(spot, min_size=1, max_size=5),
    "new": st.lists(spot, max_size=5),
    "closures": st.integers(1, 3),
    "sites": st.integers(0, 3),
}  # fmt: skip


@settings(max_examples=25)
@given(**arguments)
def test_no_choice_is_better(homes, there, new, closures, sites):
    check(homes, there, new, closures, sites)


@pytest.mark.full
@settings(max_examples=400)
@given(**arguments)
def test_no_choice_is_better_in_many_towns(homes, there, new, closures, sites):
    check(homes, there, new, closures, sites)


class _EnoughError(Exception):
    """Somebody who hears of plans has had enough."""


def test_a_search_ends_where_nobody_wants_to_hear_more():
    rng = np.random.default_rng(1)
    at, xy = rng.uniform(0, 10_000, (3000, 2)), rng.uniform(0, 10_000, (400, 2))
    pairs = pairs_within(at, xy, service_radius=700)
    cover = make_cover(pairs.place, pairs.facility, rng.integers(1, 100, 3000).astype(float), xy)
    told = []

    def hear(plan, bound):
        told.append((cover.value(plan), bound))
        if len(told) == 2:
            raise _EnoughError

    with pytest.raises(_EnoughError):
        best_moves(cover, 60, closures=15, sites=15, heard=hear)
    assert len(told) == 2


def town(people, toilets, *, ways=None):
    ready = prepare(TWO, points(toilets), residents(people), kinds=["toilet"])
    if ways is None:
        return ready
    return with_shortest_paths(ready, prepare_walking_network(TWO, ready.demand, streets(ways)))


def reached(ready, facilities, measure):
    after = with_facilities(ready, facilities, kinds=["toilet"])
    if measure == NETWORK:
        after = with_shortest_paths(after, ready.shortest_paths.walking_network)
    rows = assess(after, Standard("s", {}, "", "", "", (rule(),)), measures=(measure,)).coverage
    return rows["population_covered"].sum()


def test_the_one_that_is_missed_least_closes_by_hand():
    """Two toilets serve the same 40, one alone serves 5, one alone 60: close one of the two."""
    people = [(100, 100, 40), (500, 500, 5), (900, 900, 60)]
    ready = town(people, [(100, 120), (100, 80), (500, 510), (900, 910)])
    moves = close_and_open(ready, rule(), SitingRequest(), closures=1, ground=Ground(STRAIGHT))
    assert (moves.before, moves.after, moves.stand) == (105, 105, 4)
    assert moves.closed.tolist()[0] in {"toilet0", "toilet1"}
    moves = close_and_open(ready, rule(), SitingRequest(), closures=2, ground=Ground(STRAIGHT))
    assert (moves.after, moves.bound, moves.status, moves.gap) == (100, 100, OPTIMAL, 0)
    assert "toilet2" in moves.closed


def test_one_moves_to_where_more_people_live_and_not_into_what_is_forbidden():
    people = [(100, 100, 5), (500, 500, 30), (900, 900, 60)]
    ready = town(people, [(100, 110), (500, 510)])
    ground = Ground(STRAIGHT, sites=points_given((900, 890, 1), (505, 500, 1)))
    request = SitingRequest(sites=1)
    moves = close_and_open(ready, rule(), request, closures=1, ground=ground)
    assert (moves.before, moves.after, moves.status) == (35, 90, OPTIMAL)
    assert moves.closed.tolist() == ["toilet0"]
    assert moves.opened.tolist() == [[900, 890]]
    away = close_and_open(ready, rule(), request, closures=1,
                          ground=ground._replace(outside=TWO.geometry.iloc[0]))  # fmt: skip
    assert (away.after, len(away.opened), len(away.closed)) == (35, 0, 0)


@pytest.mark.parametrize("measure", [STRAIGHT, NETWORK])
def test_what_is_said_is_what_the_recipe_finds(measure):
    lines = [[(0, 100), (1000, 100)], [(500, 100), (500, 900)]]
    people = [(80 * x + 20, 100 + y, 3 + x) for x in range(11) for y in (5, 60)]
    ready = town(people, [(100, 100), (180, 100), (600, 100), (500, 400)], ways=lines)
    moves = close_and_open(
        ready, rule(), SitingRequest(sites=1), closures=2, ground=Ground(measure)
    )
    assert moves.before == reached(ready, ready.facilities, measure)
    left = ready.facilities.drop(moves.closed)
    added = points(moves.opened.tolist()).rename(index=lambda name: f"new {name}")
    assert moves.after == reached(ready, pd.concat([left, added]), measure)
    assert moves.after <= moves.bound


def test_more_cannot_be_closed_than_stand():
    ready = town([(100, 100, 5)], [(100, 110)])
    with pytest.raises(SampleError, match="cannot be closed"):
        close_and_open(ready, rule(), SitingRequest(), closures=2, ground=Ground(STRAIGHT))
