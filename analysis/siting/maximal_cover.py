"""
Which sites bring most people within reach, and how far from the best possible the plan may be.

Church and ReVelle's maximal covering location problem: of I possible sites choose at most p so
that the people w of the places j that some chosen site covers are most,

    max sum w z,   z_j <= sum of y_i over the sites i that cover j,   sum y <= p,   y 0 or 1.

Greedy, local search and a small exact model give the plan; prices bound every plan. What is
reached already is not in it, and what no site covers is told, not dropped silently.

Sources: Church, ReVelle (1974), Papers of the Regional Science Association 32, 101-118;
Chambolle, Pock (2011), J. Math. Imaging Vis. 40, 120-145; Applegate et al. (2021), NeurIPS 34.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.siting.exact import Limits, solve
from analysis.siting.prices import Prices, price
from analysis.siting.search import Plan, greedy, improve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from analysis.siting.instance import Cover

OPTIMAL, WITHIN = "optimal", "within"
"""Proven best; within a stated share of the bound."""
FEW_PAIRS = 50_000
"""Pairs below which the exact model is asked at once."""
FEW_SITES = 3000
"""Sites left by the prices up to which the exact model is asked."""
FEW_LEFT = 0.5
"""Share of the sites left up to which it is asked: of most of them it proves nothing in time."""
CORE = 1000
"""Sites of the highest prices that plans with further limits are chosen from."""
OPENED = 1e-3
"""How far the relaxation has to open a site for the search to try it."""
FINE = 5e-5
"""Accuracy of the prices by which sites are left out."""
PROVEN = 1e-9
"""Share of the bound to which a plan equals it."""


@dataclass(frozen=True)
class Effort:
    """
    How long to try; the same effort and seed give the same plan where no time limit is met.

    Attributes
    ----------
    steps
        Of the prices.
    changes
        Of the search.
    seconds
        Of each exact model.
    seed
        Of the search.
    """

    steps: int = 2000
    changes: int = 4000
    seconds: float = 20.0
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Answer:
    """
    A plan and what is proven of it.

    Attributes
    ----------
    sites
        Rows of the sites, those that add most first.
    people
        That it newly covers.
    bound
        That no plan within the limits exceeds.
    status
        `OPTIMAL` or `WITHIN`.
    """

    sites: NDArray[np.int64]
    people: float
    bound: float
    status: str

    @property
    def gap(self) -> float:
        """Share of the bound, of new people, by which the best plan may be better; 0 if none."""
        return max(self.bound - self.people, 0.0) / self.bound if self.bound > 0 else 0.0


def cover_most(cover: Cover, sites: int, *, effort: Effort | None = None) -> Answer:
    """
    Choose sites that cover most people.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    sites
        Most to choose.
    effort
        How long to try; `None` for the usual.

    Returns
    -------
    answer
        Fewer sites than asked if more would add nobody.
    """
    effort = effort or Effort()
    first = greedy(cover, sites)
    if len(first.chosen) < sites:
        # Everybody who can be covered is: no plan covers more.
        return _answer(cover, first.chosen, first.people)
    start = np.asarray(first.chosen, dtype=np.int64)
    if cover.pairs < FEW_PAIRS:
        solved = solve(cover, Limits(sites), seconds=effort.seconds, start=start)
        if solved.optimal and solved.sites is not None:
            return _answer(cover, solved.sites, max(solved.people, cover.value(solved.sites)))
    prices = price(cover, sites, steps=effort.steps)
    core = np.union1d(np.flatnonzero(prices.opened > OPENED), start)
    better = improve(
        cover.narrowed(core),
        np.searchsorted(core, start).tolist(),
        changes=effort.changes,
        seed=effort.seed,
    )
    plan = core[better]
    return _proven(cover, sites, plan, prices, effort)


def _proven(
    cover: Cover, sites: int, plan: NDArray[np.int64], prices: Prices, effort: Effort
) -> Answer:
    """Leave out what no better plan can hold, and ask the exact model if that leaves few."""
    if cover.value(plan) < prices.bound(sites) * (1 - PROVEN):
        prices = price(cover, sites, steps=effort.steps, accuracy=FINE, start=prices)
    people, bound = cover.value(plan), prices.bound(sites)
    left = np.union1d(prices.candidates(sites, people=people), plan)
    if people < bound * (1 - PROVEN) and len(left) <= min(FEW_SITES, FEW_LEFT * cover.sites):
        solved = solve(
            cover.narrowed(left),
            Limits(sites),
            seconds=effort.seconds,
            start=np.searchsorted(left, plan),
        )
        if solved.sites is not None and cover.value(left[solved.sites]) > people:
            plan = left[solved.sites]
            people = cover.value(plan)
        # A better plan holds only sites that were left, so what bounds those bounds all.
        bound = min(bound, people if solved.optimal else max(solved.people, people))
    return _answer(cover, plan, bound)


def _answer(cover: Cover, sites: Iterable[int], bound: float) -> Answer:
    """Put the sites in the order in which they add most, and name what is proven."""
    rows = np.asarray(sites, dtype=np.int64)
    order = rows[greedy(cover.narrowed(rows), len(rows)).chosen] if len(rows) else rows
    people = cover.value(order)
    status = OPTIMAL if people >= bound * (1 - PROVEN) else WITHIN
    return Answer(order, people, max(bound, people), status)


def cover_within(
    cover: Cover,
    limits: Limits,
    *,
    effort: Effort | None = None,
    known: NDArray[np.int64] | None = None,
) -> Answer:
    """
    Choose sites within a budget, apart from one another, or unlike an earlier plan.

    The exact model is asked of the sites with the greatest prices for their cost, so the plan
    is the best of those; the bound is one of all sites.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    limits
        What the plan has to keep to.
    effort
        How long to try; `None` for the usual.
    known
        Sites that have to be among those asked of, such as those of an earlier plan.

    Returns
    -------
    answer
        No site if none fits the limits.
    """
    effort = effort or Effort()
    if not cover.pairs:
        return _answer(cover, np.empty(0, dtype=np.int64), 0.0)
    typical = float(np.median(cover.cost))
    count = min(max(int(limits.budget / typical), 1), cover.sites)
    prices = price(cover, count, steps=effort.steps)
    worth = np.argsort(-prices.rho / cover.cost, kind="stable")[:CORE]
    core = worth if known is None else np.union1d(worth, known)
    core = np.sort(core)
    solved = solve(cover.narrowed(core), _in_core(limits, core), seconds=effort.seconds)
    sites = np.empty(0, np.int64) if solved.sites is None else core[solved.sites]
    bound = prices.bound_of_budget(cover.cost, limits.budget)
    if len(core) == cover.sites:
        bound = min(bound, solved.people)
    return _answer(cover, sites, bound)


def _in_core(limits: Limits, core: NDArray[np.int64]) -> Limits:
    """Number the sites of the limits as the core does; pairs with a site outside say nothing."""
    apart = limits.apart
    if apart is not None:
        apart = np.searchsorted(core, apart[np.isin(apart, core).all(axis=1)])
    differs = tuple((np.searchsorted(core, plan), count) for plan, count in limits.differs)
    return replace(limits, apart=apart, differs=differs)


def alternatives(
    cover: Cover,
    best: Answer,
    *,
    count: int,
    differing: int,
    apart: NDArray[np.int64] | None = None,
    effort: Effort | None = None,
) -> list[Answer]:
    """
    Find other plans that are nearly as good.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    best
        The plan they differ from.
    count
        How many to find.
    differing
        Sites in which each differs at least from the best plan and from one another.
    apart
        Pairs of sites of which at most one may be chosen, n × 2.
    effort
        How long to try for each; `None` for the usual.

    Returns
    -------
    answers
        Those with most people first; fewer than asked where there are no others.
    """
    found: list[Answer] = []
    size = len(best.sites)
    while size and len(found) < count:
        plans = [best.sites, *(each.sites for each in found)]
        others = tuple((plan, min(differing, len(plan))) for plan in plans)
        limits = Limits(size, apart, others)
        known = np.unique(np.concatenate(plans))
        other = cover_within(cover, limits, effort=effort, known=known)
        if not len(other.sites):
            break
        found.append(other)
    return sorted(found, key=lambda each: -each.people)


def lost_without(cover: Cover, sites: NDArray[np.int64]) -> NDArray[np.float64]:
    """
    Count the people that each site of a plan alone covers.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    sites
        Of the plan.

    Returns
    -------
    people
        Lost if that site is left out, one a site.
    """
    plan = Plan(cover, sites.tolist())
    return np.asarray([plan.alone(site) for site in sites.tolist()], dtype=float)
