"""
What no plan can exceed: a bound by prices of demand, and what follows from it for each site.

A price of each place of demand, between 0 and its people, bounds every plan: of p sites none
covers more than the people above their price, plus the p greatest sums of prices in reach.

    bound(p) = sum of (people - price) + sum of the p greatest rho,  rho = price summed in reach

Where several sites are wanted in reach of a place, the people above its price count as often;
where sites cost, those of most rho for their cost are taken until the budget is spent, the last
in part.

The best prices are those of the linear relaxation, found here by restarted primal-dual steps.
A bound holds for any prices, so a run that is stopped early still proves what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.siting.instance import dot, product

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy import sparse

    from analysis.siting.instance import Cover

EVERY = 20
"""Steps between two looks at the bound."""
RESTART = 0.4
"""Share of the gap at the last restart below which the steps begin anew."""
RESTART_STEPS = 400
BISECTIONS = 50
PROVEN = 1e-9
"""Share of the bound to which a plan equals it."""
STILL = 1e-12
"""What counts as no move."""
START_SHARE = 0.5
"""Price to begin with, as a share of the people."""


@dataclass(frozen=True, eq=False)
class Prices:
    """
    Prices of demand, and what they say.

    Attributes
    ----------
    of_demand
        The prices, one a place of demand.
    rho
        Sum of the prices that each site reaches.
    cost
        Of each site.
    rest
        People above their price.
    opened
        How far the relaxation opens each site, 0-1.
    relaxed
        People that the relaxation covers with `opened`; the best bound is not below it.
    accuracy
        Gap between bound and relaxation that was asked for, as a share.
    """

    of_demand: NDArray[np.float64]
    rho: NDArray[np.float64]
    cost: NDArray[np.float64]
    rest: float
    opened: NDArray[np.float64]
    relaxed: float
    accuracy: float

    def bound(self, budget: float) -> float:
        """
        Bound what a budget can cover; where each site costs 1, what a number of sites can.

        Parameters
        ----------
        budget
            Any, not only the one that the prices were made for.

        Returns
        -------
        people
            No plan of that cost covers more.
        """
        return self.rest + _greatest(self.rho, self.cost, budget)

    def bounds(self, most: int) -> NDArray[np.float64]:
        """
        Bound each number of sites from 1, whatever they cost.

        Parameters
        ----------
        most
            The last number.

        Returns
        -------
        people
            One a number.
        """
        greatest = np.sort(self.rho)[::-1][:most]
        sums = np.cumsum(np.concatenate([greatest, np.zeros(most - len(greatest))]))
        bounds: NDArray[np.float64] = self.rest + sums
        return bounds

    def candidates(self, budget: float, *, people: float) -> NDArray[np.int64]:
        """
        Leave out the sites that no better plan can hold.

        Parameters
        ----------
        budget
            To spend; where each site costs 1, a number of sites.
        people
            That a known plan covers.

        Returns
        -------
        rows
            Sites that a better plan may hold; the known one may hold others.
        """
        if budget >= self.cost.sum():
            return np.arange(len(self.rho))
        # The worth of a unit of cost is that of the last site that the bound takes, in part or
        # whole: a site of less worth for its cost lowers the bound by what it lacks.
        order = np.argsort(-self.rho / self.cost, kind="stable")
        spent = np.cumsum(self.cost[order])
        last = order[min(int(np.searchsorted(spent, budget)), len(order) - 1)]
        lacking = self.rho[last] / self.cost[last] * self.cost - self.rho
        bound = self.bound(budget)
        return np.flatnonzero(lacking <= bound - people + PROVEN * bound)

    def certain(self, sites: int, *, people: float) -> NDArray[np.int64]:
        """
        Find the sites that every better plan holds, where each costs 1.

        Parameters
        ----------
        sites
            Number to choose.
        people
            That a known plan covers.

        Returns
        -------
        rows
            Sites without which no plan covers more.
        """
        if sites >= len(self.rho):
            return np.empty(0, dtype=np.int64)
        next_best = np.partition(self.rho, -sites - 1)[-sites - 1]
        return np.flatnonzero(self.rho > next_best + (self.bound(sites) - people) * (1 + STILL))


def _greatest(values: NDArray[np.float64], cost: NDArray[np.float64], budget: float) -> float:
    """Sum the greatest values for their cost within a budget, the last in part."""
    if budget >= cost.sum():
        return float(values.sum())
    if (cost == 1).all() and budget == int(budget):
        count = int(budget)
        return float(np.partition(values, -count)[-count:].sum()) if count else 0.0
    order = np.argsort(-values / cost, kind="stable")
    before = np.cumsum(cost[order]) - cost[order]
    part = np.clip((budget - before) / cost[order], 0, 1)
    return dot(part, values[order])


def price(
    cover: Cover,
    budget: float,
    *,
    steps: int,
    accuracy: float = 5e-4,
    start: Prices | None = None,
    heard: Callable[[float], None] | None = None,
) -> Prices:
    """
    Find prices that bound a budget well; where each site costs 1, a number of sites.

    Parameters
    ----------
    cover
        The demand and its possible sites; at least one of each.
    budget
        To spend.
    steps
        Most to take.
    accuracy
        Gap between bound and relaxation, as a share, at which it is enough.
    start
        Less exact ones, or those of another budget, to begin from.
    heard
        Is told each bound, as it falls.

    Returns
    -------
    prices
        The best met.
    """
    run = _Run(cover, min(budget, float(cover.cost.sum())), start)
    for step in range(1, steps + 1):
        run.step()
        if step % EVERY:
            continue
        gap = run.look()
        if heard is not None:
            heard(run.best_bound * run.unit)
        if gap <= accuracy:
            break
    return run.prices(accuracy)


class _Run:
    """
    Primal-dual steps on the relaxation, in people per mean weight.

    y opens sites (cost times y = budget, each 0-1), l prices demand (each 0-weight); the saddle
    of sum (w - l) need + y A l is the relaxation. Averages of the steps are taken as new starts.
    """

    def __init__(self, cover: Cover, budget: float, start: Prices | None) -> None:
        self.unit = float(cover.people.mean())
        self.weight = cover.people / self.unit
        self.demand_of: sparse.csr_matrix = cover.demand_of
        self.sites_of: sparse.csr_matrix = cover.sites_of
        self.weight_sum = self.demand_of @ self.weight
        self.need, self.cost, self.budget = cover.need, cover.cost, budget
        self.reach = np.maximum(np.diff(self.demand_of.indptr), 1).astype(float)
        self.choice = np.maximum(np.diff(self.sites_of.indptr), 1).astype(float)
        if start is None:
            self.opened = np.full(cover.sites, budget / cover.cost.sum())
            self.price = START_SHARE * self.weight
        else:
            self.opened, self.price = start.opened, start.of_demand / self.unit
        self.balance = 1.0
        self.best_bound, self.best_price = np.inf, self.price
        self.best_value, self.best_opened = -np.inf, self.opened
        self._begin(self.opened, self.price, np.inf)

    def _begin(self, opened: NDArray[np.float64], price: NDArray[np.float64], gap: float) -> None:
        self.opened, self.price = opened, price
        self.start_opened, self.start_price, self.start_gap = opened, price, gap
        self.covered = self._covered(opened)
        self.opened_sum, self.price_sum, self.taken = np.zeros_like(opened), np.zeros_like(price), 0

    def step(self) -> None:
        stride = self.balance / self.reach
        moved = self.opened + stride * self._rho(self.price)
        opened = onto_budget(moved, stride, self.cost, self.budget)
        covered = self._covered(opened)
        ahead = 2 * covered - self.covered - self.need
        self.price = np.clip(self.price - ahead / (self.balance * self.choice), 0, self.weight)
        self.opened, self.covered = opened, covered
        self.opened_sum += opened
        self.price_sum += self.price
        self.taken += 1

    def look(self) -> float:
        """Keep the best bound and relaxation met, begin anew if it pays; give their gap."""
        mean = self.opened_sum / self.taken, self.price_sum / self.taken
        gaps = [self._gap(*pair) for pair in (mean, (self.opened, self.price))]
        nearer = int(np.argmin(gaps))
        if gaps[nearer] < RESTART * self.start_gap or self.taken > RESTART_STEPS:
            opened, price = mean if nearer == 0 else (self.opened, self.price)
            self._rebalance(opened, price)
            self._begin(opened, price, gaps[nearer])
        return (self.best_bound - self.best_value) / max(abs(self.best_value), STILL)

    def _covered(self, opened: NDArray[np.float64]) -> NDArray[np.float64]:
        return product(self.sites_of, self.demand_of, opened)

    def _rho(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum prices by what they lack to the people: nothing where no open site reaches."""
        lacking = product(self.demand_of, self.sites_of, self.weight - price)
        rho: NDArray[np.float64] = self.weight_sum - lacking
        return rho

    def _gap(self, opened: NDArray[np.float64], price: NDArray[np.float64]) -> float:
        worth = _greatest(self._rho(price), self.cost, self.budget)
        bound = dot(self.weight - price, self.need) + worth
        value = dot(self.weight, np.minimum(self.need, self._covered(opened)))
        if bound < self.best_bound:
            self.best_bound, self.best_price = bound, price.copy()
        if value > self.best_value:
            self.best_value, self.best_opened = value, opened.copy()
        return bound - value

    def _rebalance(self, opened: NDArray[np.float64], price: NDArray[np.float64]) -> None:
        """Let both sides move about as far as they moved since the last restart."""
        moved = np.sqrt(dot(self.reach, (opened - self.start_opened) ** 2))
        priced = np.sqrt(dot(self.choice, (price - self.start_price) ** 2))
        if min(moved, priced) > STILL:
            self.balance = float(np.sqrt(self.balance * moved / priced))

    def prices(self, accuracy: float) -> Prices:
        price = self.best_price * self.unit
        rho: NDArray[np.float64] = self.demand_of @ price
        rest = dot(self.weight * self.unit - price, self.need)
        relaxed = max(self.best_value, 0.0) * self.unit
        return Prices(price, rho, self.cost, rest, self.best_opened, relaxed, accuracy)


def onto_budget(
    values: NDArray[np.float64],
    stride: NDArray[np.float64],
    cost: NDArray[np.float64],
    budget: float,
) -> NDArray[np.float64]:
    """
    Project onto 0 to 1 each and a cost in all, each moving by its stride.

    The cost falls with one shift, in straight pieces: Newton's steps on it, halved where they
    leave what is known of the shift.
    """
    moves = stride * cost
    low, high = float(((values - 1) / moves).min()), float((values / moves).max())
    shift = 0.0 if low < 0 < high else (low + high) / 2
    for _ in range(BISECTIONS):
        projected: NDArray[np.float64] = np.clip(values - shift * moves, 0, 1)
        over = dot(cost, projected) - budget
        if abs(over) <= STILL * budget:
            break
        low, high = (shift, high) if over > 0 else (low, shift)
        slope = dot(cost, moves * ((projected > 0) & (projected < 1)))
        shift += over / slope if slope > 0 else np.inf
        if not low < shift < high:
            shift = (low + high) / 2
    return projected
