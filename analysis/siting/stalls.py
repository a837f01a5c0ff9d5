"""
Which sites let most people be served, where facilities have so many stalls and no more.

A place j is served as `analysis.coverage.capacity` counts it: the stalls A_j that come to each of
its people from all facilities in reach are at least the need a. Each new facility of k stalls adds
its own share to the places in its catchment, whatever else is built,

    max sum P z,   z_j (a - A_j) <= sum of R_i w_ij over the sites y_i opened,   R_i = k / sum P w,
    sum y <= p,   y, z 0 or 1,

with the weights w of the chosen way to share. Up to `FEW_SITES` sites are asked of the exact model.
Beyond, a heuristic takes sites one by one and exchanges them. No plan serves more people than it
brings within reach of a new site, nor more than its stalls are enough for: that bounds it.

Source: Luo and Wang (2003), doi:10.1068/b29120, for the shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from analysis.coverage.capacity import SHARED, is_enough, judge_capacity
from analysis.coverage.catchment import CHOICE, pairs_with, share_capacity
from analysis.geometry.locate import OUTSIDE
from analysis.model.errors import SampleError, SettingsError
from analysis.model.question import PEOPLE
from analysis.siting.exact import serving_sites
from analysis.siting.instance import dot, make_cover
from analysis.siting.maximal_cover import EXACT, EXCHANGE, HEURISTIC, OPTIMAL, WITHIN, Answer
from analysis.siting.nearer import check_number
from analysis.siting.prices import PROVEN, price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.model.question import SitingRequest
    from analysis.siting.task import Sharing, Task

FEW_SITES = 200
"""Possible sites up to which the exact model is asked."""
SECONDS = 60.0
"""Of the exact model."""
STEPS = 1000
"""Of the prices that bound the people within reach of new sites."""
ROUNDS = 10
"""Times that every site may be exchanged for another."""
FILLED = (1e-3, 0.3, 1.0)
"""What a need filled in part counts beside one that is met, when sites are taken one by one."""


@dataclass(frozen=True, eq=False)
class Served:
    """
    A plan that lets more people be served.

    Attributes
    ----------
    answer
        The sites, those that add most first, with the people whom they newly let be served.
    before, after
        People served today, and with the sites.
    by_site
        People newly served with each site, after those before it.
    need_per_1000
        Stalls wanted for 1,000 people.
    """

    answer: Answer
    before: float
    after: float
    by_site: NDArray[np.float64]
    need_per_1000: float


@dataclass(frozen=True, eq=False)
class Lacking:
    """
    Places that are not served, and what each site would add to them.

    Attributes
    ----------
    adds
        One row a site, one column a place: stalls for each person.
    have
        Stalls for each person of a place today.
    people
        Of each place.
    xy
        Of the sites in metres, n × 2.
    need, stalls
        Stalls wanted for each person, and of each new facility.
    """

    adds: sparse.csr_matrix
    have: NDArray[np.float64]
    people: NDArray[np.float64]
    xy: NDArray[np.float64]
    need: float
    stalls: float

    def value(self, chosen: NDArray[np.int64]) -> float:
        """
        Count the people whom a plan lets be served.

        Parameters
        ----------
        chosen
            Rows of the sites.

        Returns
        -------
        people
            Of the places that then have what they need.
        """
        return dot(self.people, is_enough(self.have + self.added(chosen), self.need))

    def added(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """
        Sum up what a plan adds to each place.

        Parameters
        ----------
        chosen
            Rows of the sites.

        Returns
        -------
        stalls
            For each person.
        """
        return np.asarray(self.adds[chosen].sum(axis=0)).ravel()


def serve_most(
    task: Task, request: SitingRequest, sharing: Sharing | None, *, seconds: float = SECONDS
) -> Served:
    """
    Choose sites so that most people are served.

    A facility of unknown capacity draws people and adds nothing, as on the page of capacity. Who
    lives in no community draws on facilities, and does not count.

    Parameters
    ----------
    task
        What was asked, of one kind.
    request
        A number of sites, and the stalls of each.
    sharing
        How stalls are shared out.
    seconds
        Most for the exact model.

    Returns
    -------
    served
        With no site where none would let anybody be served.

    Raises
    ------
    SettingsError
        If several kinds, a least distance or another limit than a number is asked for, the stalls
        are not stated, or people divide themselves among the facilities: then no site adds alone.
    SampleError
        If the capacity of what stands cannot be judged.
    """
    check_number(task, request)
    sharing = _checked(request, sharing)
    part, demand = task.parts[0], task.prepared.demand
    assert demand is not None  # noqa: S101  asked before
    radius, measure = float(part.rule.service_radius_m or 0.0), task.ground.measure
    today = judge_capacity(
        task.prepared,
        sharing.kind,
        service_radius=radius,
        method=sharing.method,
        measure=measure,
        need_per_1000=sharing.need_per_1000,
    )
    need = today.mean if sharing.need_per_1000 is None else sharing.need_per_1000
    if today.shares is None or not need > 0:
        reason = str(today.table["reason"].iloc[0]) if len(today.table) else SHARED
        msg = f"the capacity of {sharing.kind.id} cannot be judged: {reason}."
        raise SampleError(msg, problem="siting_stalls_unknown", kind=sharing.kind.id, reason=reason)
    stalls = float(request.stalls or 0.0)
    pairs = pairs_with(task.prepared, part.xy, service_radius=radius, measure=measure)
    new = share_capacity(
        pairs,
        demand.people,
        np.full(len(part.xy), stalls),
        service_radius=radius,
        method=sharing.method,
    )
    wants = (demand.membership != OUTSIDE) & (demand.people > 0)
    wants &= ~is_enough(today.shares.access, need / 1000)
    rows = np.flatnonzero(wants)
    adds = sparse.csr_matrix(
        (new.weight * np.nan_to_num(new.ratio)[pairs.facility], (pairs.facility, pairs.place)),
        shape=(len(part.xy), len(demand.people)),
    )[:, rows]
    lacking = Lacking(
        adds, today.shares.access[rows], demand.people[rows], part.xy, need / 1000, stalls
    )
    answer, by_site = best_served(lacking, request.sites or 1, seconds=seconds)
    before = float(today.table["people_served"].sum())
    return Served(answer, before, before + answer.people, by_site, need)


def _checked(request: SitingRequest, sharing: Sharing | None) -> Sharing:
    stated = request.stalls is not None and 0 < request.stalls < np.inf
    if not stated or request.weight != PEOPLE:
        msg = "--problem capacity wants --stalls above 0, and counts all people."
        hint = "For example --stalls 8, without --weight."
        raise SettingsError(msg, problem="siting_stalls", hint=hint)
    if sharing is None or sharing.method == CHOICE:
        msg = f"--problem capacity cannot be asked with --catchment {CHOICE}."
        raise SettingsError(
            msg,
            problem="siting_three_step",
            hint="Use --catchment equal, steps or gaussian.",
            method=CHOICE,
        )
    return sharing


def best_served(
    lacking: Lacking, count: int, *, seconds: float = SECONDS
) -> tuple[Answer, NDArray[np.float64]]:
    """
    Choose sites so that most of the people who lack something are served.

    Parameters
    ----------
    lacking
        Places that are not served, and what each site would add.
    count
        Most sites to choose.
    seconds
        Most for the exact model.

    Returns
    -------
    answer, by_site
        The plan, those that add most first, and people newly served with each.
    """
    lacking, sites = _helpful(lacking, count)
    if not len(sites):
        none = np.empty(0, dtype=np.int64)
        return Answer(none, 0.0, 0.0, OPTIMAL, EXACT), np.empty(0)
    plan = max((_exchanged(lacking, _taken(lacking, count, filled)) for filled in FILLED),
               key=lacking.value)  # fmt: skip
    bound, status, method = _bound(lacking, count), HEURISTIC, EXCHANGE
    if len(sites) <= FEW_SITES and lacking.value(plan) < bound * (1 - PROVEN):
        solved = serving_sites(
            lacking.adds,
            lacking.need - lacking.have,
            lacking.people,
            count=count,
            start=plan,
            seconds=seconds,
        )
        if solved.sites is not None and lacking.value(solved.sites) > lacking.value(plan):
            plan = solved.sites
        bound, status, method = min(bound, solved.people), WITHIN, EXACT
    people = lacking.value(plan)
    if people >= bound * (1 - PROVEN):
        status = OPTIMAL
    order, by_site = _ordered(lacking, _needed(lacking, plan))
    return Answer(sites[order], people, max(bound, people), status, method), by_site


def _helpful(lacking: Lacking, count: int) -> tuple[Lacking, NDArray[np.int64]]:
    """Leave the places that so many sites can serve at best, and the sites that add to them."""
    lists = lacking.adds.T.tocsr()
    places = np.repeat(np.arange(len(lacking.people)), np.diff(lists.indptr))
    order = np.lexsort((-lists.data, places))
    rank = np.arange(len(places)) - lists.indptr[places]
    most = np.bincount(
        places,
        weights=np.where(rank < count, lists.data[order], 0.0),
        minlength=len(lacking.people),
    )
    can = np.flatnonzero(is_enough(lacking.have + most, lacking.need))
    adds = lacking.adds[:, can].tocsr()
    sites = np.flatnonzero(np.diff(adds.indptr) > 0)
    left = Lacking(
        adds[sites],
        lacking.have[can],
        lacking.people[can],
        lacking.xy[sites],
        lacking.need,
        lacking.stalls,
    )
    return left, sites


def _bound(lacking: Lacking, count: int) -> float:
    """Bound every plan by who is in reach of a new site, and by what its stalls are enough for."""
    pairs = lacking.adds.tocoo()
    cover = make_cover(pairs.col, pairs.row, lacking.people, lacking.xy)
    reached = price(cover, min(count, cover.sites), steps=STEPS).bound(min(count, cover.sites))
    # People times what each lacks adds up to no more than the new stalls: the least first.
    lack = (lacking.need - lacking.have) * (1 - PROVEN)
    order = np.argsort(lack, kind="stable")
    asked = lacking.people[order] * lack[order]
    before = np.cumsum(asked) - asked
    part = np.clip((count * lacking.stalls - before) / asked, 0, 1)
    return min(reached, dot(part, lacking.people[order]))


class _Filling:
    """What each site would add to a plan: people served, and needs filled in part."""

    def __init__(self, lacking: Lacking) -> None:
        self.lacking = lacking
        self.place = lacking.adds.indices
        self.site = np.repeat(np.arange(len(lacking.xy)), np.diff(lacking.adds.indptr))

    def gains(self, have: NDArray[np.float64], filled: float) -> NDArray[np.float64]:
        """Weigh what each site adds: a need met counts its people, a part of it a part of them."""
        lacking, place = self.lacking, self.place
        then = have[place] + lacking.adds.data
        newly = is_enough(then, lacking.need) & ~is_enough(have[place], lacking.need)
        share = np.minimum(then, lacking.need) - np.minimum(have[place], lacking.need)
        worth = lacking.people[place] * (newly + filled * share / lacking.need)
        return np.bincount(self.site, weights=worth, minlength=len(lacking.xy)).astype(float)


def _taken(lacking: Lacking, count: int, filled: float) -> NDArray[np.int64]:
    """Take the site that adds most, again and again."""
    filling, have = _Filling(lacking), lacking.have.copy()
    plan: list[int] = []
    for _ in range(min(count, len(lacking.xy))):
        gains = filling.gains(have, filled)
        gains[plan] = -1
        plan.append(int(gains.argmax()))
        have = have + lacking.added(np.array(plan[-1:]))
    return np.array(plan, dtype=np.int64)


def _exchanged(lacking: Lacking, plan: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take each site out and put the best in, as long as more people are served."""
    filling, best = _Filling(lacking), lacking.value(plan)
    for _ in range(ROUNDS):
        before = best
        for place in range(len(plan)):
            rest = np.delete(plan, place)
            gains = filling.gains(lacking.have + lacking.added(rest), FILLED[0])
            gains[rest] = -1
            other = np.append(rest, gains.argmax())
            if (people := lacking.value(other)) > best:
                plan, best = other, people
        if best <= before:
            break
    return plan


def _needed(lacking: Lacking, plan: NDArray[np.int64]) -> NDArray[np.int64]:
    """Leave out the sites without which as many people are served."""
    for site in plan.tolist():
        rest = plan[plan != site]
        if lacking.value(rest) >= lacking.value(plan):
            plan = rest
    return plan


def _ordered(
    lacking: Lacking, plan: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Put the sites in the order in which they serve most."""
    filling, have, left = _Filling(lacking), lacking.have.copy(), plan.tolist()
    order: list[int] = []
    by_site: list[float] = []
    while left:
        gains = filling.gains(have, FILLED[0])
        best = max(left, key=lambda site: gains[site])
        before = dot(lacking.people, is_enough(have, lacking.need))
        have = have + lacking.added(np.array([best]))
        by_site.append(dot(lacking.people, is_enough(have, lacking.need)) - before)
        order.append(best)
        left.remove(best)
    return np.array(order, dtype=np.int64), np.array(by_site)
