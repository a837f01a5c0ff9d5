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

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.siting.exact import Limits, Solved, solve
from analysis.siting.prices import PROVEN, Prices, price
from analysis.siting.search import NOTHING, Plan, greedy, improve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from analysis.siting.instance import Cover

STATUSES = OPTIMAL, WITHIN, PREVIEW, STOPPED, HEURISTIC = (
    "optimal", "within", "preview", "stopped", "heuristic",
)  # fmt: skip
"""
Proven best; within a stated share of the bound; the best next site again and again, shown while
better plans are looked for; the best plan met when somebody stopped the search; the best found
where nothing finds the best for certain, below a bound that may be far.
"""
GREEDY, EXACT, SEARCH, REDUCED, EXCHANGE = METHODS = (
    "greedy", "exact", "search", "reduced", "exchange",
)  # fmt: skip
"""
How a plan was found: the best next site until nobody is left; the exact model; local search with
a bound by prices; the same, and the exact model on the sites that prices leave; one by one, and
then exchanged for others.
"""
FEW_PAIRS = 50_000
"""Pairs below which the exact model is asked at once."""
FEW_SITES = 3000
"""Sites left by the prices up to which the exact model is asked."""
FEW_LEFT = 0.5
"""Share of the sites left up to which it is asked: of most of them it proves nothing in time."""
CORE = 1000
"""Sites of the highest prices that plans with further limits are chosen from."""
FIRST = 20
"""One in so many changes comes before the exact model is asked first."""
PATIENCE = 5
"""One in so many changes is tried after the last that paid."""
CORE_PAIRS, CORE_SECONDS = 20_000, 0.25
"""Pairs up to which the exact model is asked of what the relaxation opens, and its part of time."""
OPENED = 1e-3
"""How far the relaxation has to open a site for the search to try it."""
FINE = 5e-5
"""Accuracy of the prices by which sites are left out."""


@dataclass(frozen=True)
class Effort:
    """
    How long to try; the same effort and seed give the same plan where no time limit is met.

    Attributes
    ----------
    steps
        Of the prices.
    changes
        Of the search, at most.
    seconds
        Of each exact model.
    seed
        Of the search.
    """

    steps: int = 2000
    changes: int = 20_000
    seconds: float = 20.0
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Answer:
    """
    A plan and what is proven of it.

    Attributes
    ----------
    sites
        Rows of the sites, those that add most first; in any order where it is heard on the way.
    people
        That it newly covers.
    bound
        That no plan within the limits exceeds.
    status
        One of `STATUSES`.
    method
        One of `METHODS`.
    """

    sites: NDArray[np.int64]
    people: float
    bound: float
    status: str
    method: str

    @property
    def gap(self) -> float:
        """Share of the bound, of new people, by which the best plan may be better; 0 if none."""
        return max(self.bound - self.people, 0.0) / self.bound if self.bound > 0 else 0.0


Heard = Callable[[Answer], None]
"""Is told the best plan met, and what bounds all plans, whenever either gets better."""


def preview(cover: Cover, limits: Limits) -> Answer:
    """
    Take the site that adds most for its cost, again and again: at once, and without proof.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    limits
        What the plan has to keep to.

    Returns
    -------
    answer
        Bounded by all who can be covered.
    """
    plan = ranked(cover, _first_within(cover, limits))
    people, most = cover.value(plan), cover.wanted
    return Answer(plan, people, max(most, people), PREVIEW, GREEDY)


def cover_most(
    cover: Cover, sites: int, *, effort: Effort | None = None, heard: Heard | None = None
) -> Answer:
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
    heard
        Is told how far the search has come.

    Returns
    -------
    answer
        Fewer sites than asked if more would add nobody.
    """
    effort = effort or Effort()
    first = greedy(cover, sites)
    if len(first.chosen) < max(sites, 1):
        # Everybody who can be covered is: no plan covers more.
        return _answer(cover, first.chosen, first.people, GREEDY)
    search = _Search(cover, sites, effort, np.asarray(first.chosen, dtype=np.int64), heard)
    # A few changes are often enough for the exact model to prove or mend what is left.
    for changes in (effort.changes // FIRST, effort.changes):
        search.improve(changes)
        search.complete()
        search.prove()
        if search.done:
            break
    return _answer(cover, search.plan, search.bound, search.method)


class _Search:
    """The best plan met of a number of sites, and what is proven of it."""

    def __init__(
        self,
        cover: Cover,
        sites: int,
        effort: Effort,
        start: NDArray[np.int64],
        heard: Heard | None = None,
    ) -> None:
        self.cover, self.sites, self.effort, self.plan = cover, sites, effort, start
        self.people, self.method, self.heard = cover.value(start), SEARCH, heard
        self.bound = cover.wanted
        self.prices = price(cover, sites, steps=effort.steps, heard=self._bounded)
        self._bounded(self.prices.bound(sites))
        # What the relaxation opens most is another plan to begin with, often the better one.
        relaxed = np.sort(np.argsort(-self.prices.opened, kind="stable")[: len(start)])
        opened = np.flatnonzero(self.prices.opened > OPENED)
        self.core = np.union1d(opened, np.union1d(relaxed, start))
        self.inner = cover.narrowed(self.core).merged()
        self._starts = [start, relaxed]
        self._asked = cover.sites + 1

    @property
    def done(self) -> bool:
        """Whether no plan is better."""
        return self.people >= self.bound * (1 - PROVEN)

    def improve(self, changes: int) -> None:
        """Search near the plans known, among the sites that the relaxation opens."""
        for plan in self._starts:
            better = improve(
                self.inner,
                np.searchsorted(self.core, plan).tolist(),
                changes=changes,
                patience=max(changes // PATIENCE, 1),
                seed=self.effort.seed,
                heard=self.heard and self._hear,
            )
            self._take(self.core[better])
        self._starts = [self.plan]

    def _hear(self, inner: list[int]) -> None:
        self._take(self.core[np.asarray(inner, dtype=np.int64)])

    def complete(self) -> None:
        """Ask the exact model for the best plan of what the relaxation opens, where that is few."""
        if self.done or self.inner.pairs > CORE_PAIRS:
            return
        solved = solve(
            self.inner,
            Limits(self.sites),
            seconds=CORE_SECONDS * self.effort.seconds,
            start=np.searchsorted(self.core, self.plan),
        )
        if solved.sites is not None:
            self._take(self.core[solved.sites])

    def prove(self) -> None:
        """Leave out what no better plan can hold, and ask the exact model if that leaves few."""
        if self.done:
            return
        if self.prices.accuracy > FINE:
            self.prices = price(
                self.cover,
                self.sites,
                steps=self.effort.steps,
                accuracy=FINE,
                start=self.prices,
                heard=self._bounded,
            )
            self._bounded(self.prices.bound(self.sites))
        left = self.prices.candidates(self.sites, people=self.people)
        few = len(left) <= min(FEW_SITES, FEW_LEFT * self.cover.sites)
        small = self.cover.pairs < FEW_PAIRS
        if not self.done and (few or small) and len(left) < self._asked:
            self._asked = len(left)
            self._solve(np.union1d(left, self.plan))

    def _solve(self, left: NDArray[np.int64]) -> None:
        self.method = REDUCED if len(left) < self.cover.sites else EXACT
        held = self.prices.certain(self.sites, people=self.people)
        solved = solve(
            self.cover.narrowed(left).merged(),
            Limits(self.sites),
            seconds=self.effort.seconds,
            start=np.searchsorted(left, self.plan),
            held=np.searchsorted(left, held),
        )
        if solved.sites is not None:
            self._take(left[solved.sites])
        # A better plan holds only sites that were left, so what bounds those bounds all.
        self._bounded(self.people if solved.optimal else max(solved.people, self.people))

    def _take(self, plan: NDArray[np.int64]) -> None:
        people = self.cover.value(plan)
        if people > self.people:
            self.plan, self.people = plan, people
            self._tell()

    def _bounded(self, people: float) -> None:
        if people < self.bound:
            self.bound = people
            self._tell()

    def _tell(self) -> None:
        if self.heard is not None:
            self.heard(Answer(self.plan, self.people, self.bound, WITHIN, self.method))


def stopped(cover: Cover, last: Answer) -> Answer:
    """
    Keep the best plan met when somebody stopped the search.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    last
        What was heard last.

    Returns
    -------
    answer
        With its bound, which holds however early the search was stopped.
    """
    return replace(_answer(cover, last.sites, last.bound, last.method), status=STOPPED)


def _answer(cover: Cover, sites: Iterable[int], bound: float, method: str) -> Answer:
    """Put the sites in the order in which they add most, and name what is proven."""
    order = ranked(cover, np.asarray(sites, dtype=np.int64))
    people = cover.value(order)
    status = OPTIMAL if people >= bound * (1 - PROVEN) else WITHIN
    return Answer(order, people, max(bound, people), status, method)


def ranked(cover: Cover, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    Put sites in the order in which each adds most.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    sites
        Of a plan.

    Returns
    -------
    sites
        Without those that would add nobody.
    """
    return sites[greedy(cover.narrowed(sites), len(sites)).chosen] if len(sites) else sites


def cover_within(
    cover: Cover,
    limits: Limits,
    *,
    effort: Effort | None = None,
    known: NDArray[np.int64] | None = None,
    prices: Prices | None = None,
    heard: Heard | None = None,
) -> Answer:
    """
    Choose sites within a budget, apart from one another, or unlike an earlier plan.

    The exact model is asked of the sites that prices leave; where those are too many, of the
    ones with the greatest prices for their cost, and the bound by prices is one of all sites.

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
    prices
        Of this budget, exact to `FINE`; other limits do not change them. `None` to find them.
    heard
        Is told how far the search has come.

    Returns
    -------
    answer
        No site if none fits the limits.
    """
    effort = effort or Effort()
    if not cover.pairs:
        return _answer(cover, np.empty(0, dtype=np.int64), 0.0, GREEDY)
    # What costs more than all there is to spend is in no plan.
    affordable = np.flatnonzero(cover.cost <= limits.budget)
    if not len(affordable):
        return _answer(cover, np.empty(0, dtype=np.int64), 0.0, GREEDY)
    if len(affordable) < cover.sites:
        known = None if known is None else np.searchsorted(affordable, known)
        inner = cover_within(
            cover.narrowed(affordable),
            _in_core(limits, affordable),
            effort=effort,
            known=known,
            heard=heard and (lambda answer: heard(replace(answer, sites=affordable[answer.sites]))),
        )
        return replace(inner, sites=affordable[inner.sites])
    prices = prices or _fine_prices(cover, limits.budget, effort)
    plan, bound = _first_within(cover, limits), prices.bound(limits.budget)
    held = np.empty(0, dtype=np.int64) if known is None else known
    method, asked = SEARCH, cover.sites + 1
    # First among few sites for a good plan, then among all that a better one may hold.
    for most in (CORE, FEW_SITES):
        if heard is not None:
            heard(Answer(plan, cover.value(plan), bound, WITHIN, method))
        left = prices.candidates(limits.budget, people=cover.value(plan))
        if cover.value(plan) >= bound * (1 - PROVEN) or len(left) >= asked:
            break
        all_left = len(left) <= most
        if not all_left:
            left = np.argsort(-prices.rho / cover.cost, kind="stable")[:CORE]
        core = np.union1d(left, np.union1d(held, plan))
        solved = _solve_core(cover, core, limits, plan, effort)
        method = EXACT if len(core) == cover.sites else REDUCED
        if solved.sites is not None and cover.value(core[solved.sites]) > cover.value(plan):
            plan = core[solved.sites]
        if all_left:
            asked = len(left)
            at_most = cover.value(plan) if solved.optimal else solved.people
            bound = min(bound, max(at_most, cover.value(plan)))
    return _answer(cover, plan, bound, method)


def _fine_prices(cover: Cover, budget: float, effort: Effort) -> Prices:
    return price(cover, budget, steps=effort.steps, accuracy=FINE)


def _solve_core(
    cover: Cover,
    core: NDArray[np.int64],
    limits: Limits,
    plan: NDArray[np.int64],
    effort: Effort,
) -> Solved:
    return solve(
        cover.narrowed(core).merged(),
        _in_core(limits, core),
        seconds=effort.seconds,
        start=np.searchsorted(core, plan),
    )


def _first_within(cover: Cover, limits: Limits) -> NDArray[np.int64]:
    """Take the site that adds most for its cost, again and again, as far as the limits let."""
    plan, left = Plan(cover), limits.budget
    allowed = np.ones(cover.sites, dtype=bool)
    held = [
        (set(earlier.tolist()), len(earlier) - differing) for earlier, differing in limits.differs
    ]
    while True:
        for earlier, most in held:
            if len(earlier & set(plan.chosen)) >= most:
                allowed[list(earlier)] = False
        worth = np.where(allowed & (cover.cost <= left), plan.gain / cover.cost, 0.0)
        best = int(worth.argmax())
        if worth[best] <= NOTHING:
            return np.asarray(sorted(plan.chosen), dtype=np.int64)
        plan.add(best)
        left -= float(cover.cost[best])
        if limits.apart is not None:
            beside = limits.apart[(limits.apart == best).any(axis=1)]
            allowed[beside.ravel()] = False


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
    budget: float | None = None,
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
    budget
        To spend; `None` for as many sites as the best plan has.
    effort
        How long to try for each; `None` for the usual.

    Returns
    -------
    answers
        Those with most people first; fewer than asked where there are no others.
    """
    found: list[Answer] = []
    size = len(best.sites)
    spent = size if budget is None else budget
    # One budget has the same prices whatever a plan has to differ from. Where some sites are
    # dearer than all there is to spend, they are left out before prices are found.
    once = size and count and bool((cover.cost <= spent).all())
    prices = _fine_prices(cover, spent, effort or Effort()) if once else None
    while size and len(found) < count:
        plans = [best.sites, *(each.sites for each in found)]
        others = tuple((plan, min(differing, len(plan))) for plan in plans)
        limits = Limits(spent, apart, others)
        known = np.unique(np.concatenate(plans))
        other = cover_within(cover, limits, effort=effort, known=known, prices=prices)
        if not len(other.sites):
            break
        found.append(other)
    return sorted(found, key=lambda each: -each.people)
