"""
Which facilities can be closed with the least loss, and where others would serve more instead.

Of the facilities E that stand close at most k, and of I possible sites open at most p, so that
most people stay or come within reach of one that serves in the end,

    max sum w z,   z_j <= sum of y_i over E and I that cover j,   sum of y over E >= |E| - k,
    sum of y over E and I <= |E| - k + p,   y 0 or 1:

who closes fewer opens fewer. With p = 0 facilities are closed alone, with p = k they move. Greedy
exchange gives a plan; the exact model betters and proves it, within a time.

Sources: Wang, Batta, Bhadury, Rump (2003), Computers & Operations Research 30, 2047-2069, for
closing; Church, ReVelle (1974), Papers of the Regional Science Association 32, 101-118.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from analysis.geometry.locate import OUTSIDE
from analysis.model.errors import SampleError
from analysis.siting.exact import Limits, solve
from analysis.siting.instance import Cover, make_cover
from analysis.siting.maximal_cover import EXACT, OPTIMAL, SEARCH, WITHIN
from analysis.siting.prices import PROVEN
from analysis.siting.task import check_rule, in_reach, possible_sites, weight_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.model.question import SitingRequest
    from analysis.model.standards import Rule
    from analysis.siting.exact import Heard
    from analysis.siting.task import Ground

ROUNDS = 200
"""Exchanges that the search tries at most."""
SECONDS = 60.0
"""Of the exact model."""


@dataclass(frozen=True, eq=False)
class Moves:
    """
    Facilities to close, and sites to open in their place.

    Attributes
    ----------
    closed
        Identifiers of the facilities.
    opened
        x, y of the sites in metres, n × 2.
    stand
        Facilities that serve today.
    before, after, bound
        People within reach today and after the moves, and that no moves exceed; weighed as asked.
    status, method
        As in `analysis.siting.maximal_cover.Answer`.
    """

    closed: pd.Index
    opened: NDArray[np.float64]
    stand: int
    before: float
    after: float
    bound: float
    status: str
    method: str

    @property
    def gap(self) -> float:
        """Share of the bound by which the best moves may leave more within reach; 0 if none."""
        return max(self.bound - self.after, 0.0) / self.bound if self.bound > 0 else 0.0


def close_and_open(
    prepared: PreparedCity,
    rule: Rule,
    request: SitingRequest,
    *,
    closures: int,
    ground: Ground,
    seconds: float = SECONDS,
    heard: Callable[[Moves], None] | None = None,
) -> Moves:
    """
    Choose facilities to close, and sites to open, so that most people are within reach.

    Whom a facility in doubt or outside the filter serves is not asked: those that are supply stand.
    Capacity, cost, ownership and who is used to a facility are not modelled.

    Parameters
    ----------
    prepared
        The city, with residents; for walking with shortest paths.
    rule
        On people in reach.
    request
        Most sites to open (`sites`; `None` for none), among which places, and what counts.
    closures
        Most facilities to close.
    ground
        Measure of distance, and where sites may stand.
    seconds
        Most for the exact model.
    heard
        Told of better moves, and of a better bound, while the model is solved.

    Returns
    -------
    moves
        With nothing closed only where sites are opened and closing pays in no place.

    Raises
    ------
    SampleError
        As in `analysis.siting.task.make_task`, or if fewer facilities serve than are to be closed.
    SettingsError
        If people are to be weighed by a group that the layer does not carry.
    """
    demand = check_rule(prepared, rule, ground)
    standing = prepared.supply[rule.kind].facilities
    if not 1 <= closures <= len(standing):
        msg = f"{closures} of {len(standing)} facilities cannot be closed."
        raise SampleError(
            msg,
            problem="siting_closures",
            hint="Close fewer: one to as many as there are.",
            asked=closures,
            stand=len(standing),
        )
    rows = np.flatnonzero((demand.membership != OUTSIDE) & (demand.people > 0))
    there = shapely.get_coordinates(standing.geometry.to_numpy()).reshape(-1, 2)
    new = np.empty((0, 2))
    if request.sites:
        new = possible_sites(prepared, rule, request, ground, demand.places(rows))[0]
    xy = np.concatenate([there, new])
    place, site = in_reach(prepared, rows, xy, float(rule.service_radius_m or 0), ground.measure)
    weight = weight_of(demand, rows, rule, request.weight, ground.reports)
    cover = make_cover(place, site, weight, xy)
    before = cover.value(np.arange(len(there)))

    def moves(plan: NDArray[np.int64], bound: float, method: str) -> Moves:
        stay, after = plan[plan < len(there)], cover.value(plan)
        return Moves(
            closed=standing.index[np.setdiff1d(np.arange(len(there)), stay)],
            opened=xy[plan[plan >= len(there)]],
            stand=len(there),
            before=before,
            after=after,
            bound=max(bound, after),
            status=OPTIMAL if after >= bound * (1 - PROVEN) else WITHIN,
            method=method,
        )

    found = best_moves(
        cover,
        len(there),
        closures=closures,
        sites=request.sites or 0,
        seconds=seconds,
        heard=heard and (lambda plan, bound: heard(moves(plan, bound, SEARCH))),
    )
    return moves(*found)


def best_moves(
    cover: Cover,
    stand: int,
    *,
    closures: int,
    sites: int,
    seconds: float = SECONDS,
    heard: Heard | None = None,
) -> tuple[NDArray[np.int64], float, str]:
    """
    Choose what serves in the end, of what stands and of possible sites.

    Parameters
    ----------
    cover
        Everybody, with the facilities that stand first and the possible sites after them.
    stand
        Number of facilities that stand.
    closures, sites
        Most to close, and most to open.
    seconds
        Most for the exact model.
    heard
        Told of the plan by exchange at once, then of each better plan and bound.

    Returns
    -------
    plan, bound, method
        Rows that serve, what no plan exceeds, and how the plan was found. As many are closed as
        asked for, or as many fewer as are opened fewer.
    """
    plan = _exchanged(cover, stand, closures, sites)
    value = cover.value(plan)
    keeps = ((np.arange(stand), stand - closures),)
    limits = Limits(stand - closures + sites, keeps=keeps)
    told = None
    if heard is not None:
        heard(plan, cover.wanted)
        told = _full(heard, cover, stand, closures, sites)
    solved = solve(cover.merged(), limits, seconds=seconds, start=plan, heard=told)
    if solved.sites is not None and cover.value(solved.sites) >= value:
        plan = _filled(cover, solved.sites, stand, closures, sites)
        value = cover.value(plan)
    bound = value if solved.optimal else min(max(solved.people, value), cover.wanted)
    return np.sort(plan), bound, EXACT if solved.optimal else SEARCH


def _full(heard: Heard, cover: Cover, stand: int, closures: int, sites: int) -> Heard:
    """Tell of plans that close no more than needs be, and of bounds that no plan beats."""

    def hear(plan: NDArray[np.int64], bound: float) -> None:
        plan = _filled(cover, plan, stand, closures, sites)
        heard(plan, min(max(bound, cover.value(plan)), cover.wanted))

    return hear


def _filled(
    cover: Cover, plan: NDArray[np.int64], stand: int, closures: int, sites: int
) -> NDArray[np.int64]:
    """Keep open what need not be closed: of two plans alike the one that closes fewer."""
    spare = stand - closures + sites - len(plan)
    gone = np.setdiff1d(np.arange(stand), plan)
    while spare > 0 and len(gone):
        gains = _gains(cover, gone, cover.times(plan) == 0)
        best = int(gone[gains.argmax()])
        plan, gone, spare = np.append(plan, best), gone[gone != best], spare - 1
    return plan


def _exchanged(cover: Cover, stand: int, closures: int, sites: int) -> NDArray[np.int64]:
    """Open what adds most, close what loses least, and exchange one for another while it pays."""
    plan = np.arange(stand)
    new = np.arange(stand, cover.sites)
    for _ in range(sites):
        free = np.setdiff1d(new, plan)
        gains = _gains(cover, free, cover.times(plan) == 0)
        if not len(free) or gains.max() <= 0:
            break
        plan = np.append(plan, free[gains.argmax()])
    while len(plan) > stand - closures + sites:
        plan = _without(cover, plan, plan[plan < stand])
    for _ in range(ROUNDS):
        other = _one_exchange(cover, plan, stand, stand - closures)
        if not cover.value(other) > cover.value(plan) * (1 + PROVEN):
            return plan
        plan = other
    return plan


def _one_exchange(
    cover: Cover, plan: NDArray[np.int64], stand: int, least: int
) -> NDArray[np.int64]:
    """Open the site that adds most, then close the one that loses least."""
    free = np.setdiff1d(np.arange(cover.sites), plan)
    if not len(free):
        return plan
    gains = _gains(cover, free, cover.times(plan) == 0)
    wider = np.append(plan, free[gains.argmax()])
    may = wider if (wider < stand).sum() > least else wider[wider >= stand]
    return _without(cover, wider, may)


def _without(cover: Cover, plan: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    loss = _gains(cover, among, cover.times(plan) == 1)
    rest: NDArray[np.int64] = plan[plan != among[loss.argmin()]]
    return rest


def _gains(
    cover: Cover, sites: NDArray[np.int64], counts: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """People of the places that count, whom each site covers."""
    gains: NDArray[np.float64] = cover.demand_of[sites] @ np.where(counts, cover.people, 0.0)
    return gains
