"""
What no plan can exceed: a bound by prices of demand, and what follows from it for each site.

A price of each place of demand, between 0 and its people, bounds every plan: of p sites none
covers more than the people above their price, plus the p greatest sums of prices in reach.

    bound(p) = sum of (people - price) + sum of the p greatest rho,  rho = price summed in reach

The best prices are those of the linear relaxation, found here by restarted primal-dual steps.
A bound holds for any prices, so a run that is stopped early still proves what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from analysis.siting.instance import Cover

EVERY = 20
"""Steps between two looks at the bound."""
RESTART = 0.4
"""Share of the gap at the last restart below which the steps begin anew."""
RESTART_STEPS = 400
BISECTIONS = 50
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
    rest
        People above their price.
    opened
        How far the relaxation opens each site, 0-1.
    relaxed
        People that the relaxation covers with `opened`; the best bound is not below it.
    """

    of_demand: NDArray[np.float64]
    rho: NDArray[np.float64]
    rest: float
    opened: NDArray[np.float64]
    relaxed: float

    def bound(self, sites: int) -> float:
        """
        Bound what a number of sites can cover.

        Parameters
        ----------
        sites
            Any number, not only the one that the prices were made for.

        Returns
        -------
        people
            No plan covers more.
        """
        return self.rest + _greatest(self.rho, sites)

    def bound_of_budget(self, cost: NDArray[np.float64], budget: float) -> float:
        """
        Bound what a budget can cover.

        Parameters
        ----------
        cost
            Of each site, above 0.
        budget
            In the same unit.

        Returns
        -------
        people
            No plan of that cost covers more: sites by price for their cost, the last in part.
        """
        order = np.argsort(-self.rho / cost, kind="stable")
        before = np.cumsum(cost[order]) - cost[order]
        part = np.clip((budget - before) / cost[order], 0, 1)
        return self.rest + float(part @ self.rho[order])

    def bounds(self, most: int) -> NDArray[np.float64]:
        """
        Bound each number of sites from 1.

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

    def candidates(self, sites: int, *, people: float) -> NDArray[np.int64]:
        """
        Leave out the sites that no better plan can hold.

        Parameters
        ----------
        sites
            Number to choose.
        people
            That a known plan covers.

        Returns
        -------
        rows
            Sites that a better plan may hold; the known one may hold others.
        """
        if sites >= len(self.rho):
            return np.arange(len(self.rho))
        last = np.partition(self.rho, -sites)[-sites]
        return np.flatnonzero(self.rho >= last - (self.bound(sites) - people))


def _greatest(values: NDArray[np.float64], count: int) -> float:
    """Sum the greatest values."""
    if count >= len(values):
        return float(values.sum())
    return float(np.partition(values, -count)[-count:].sum())


def price(
    cover: Cover,
    sites: int,
    *,
    steps: int,
    accuracy: float = 5e-4,
    start: Prices | None = None,
) -> Prices:
    """
    Find prices that bound a number of sites well.

    Parameters
    ----------
    cover
        The demand and its possible sites; at least one of each.
    sites
        Number to choose.
    steps
        Most to take.
    accuracy
        Gap between bound and relaxation, as a share, at which it is enough.
    start
        Less exact ones, or those of another number of sites, to begin from.

    Returns
    -------
    prices
        The best met.
    """
    run = _Run(cover, min(sites, cover.sites), start)
    for step in range(1, steps + 1):
        run.step()
        if step % EVERY == 0 and run.look() <= accuracy:
            break
    return run.prices()


class _Run:
    """
    Primal-dual steps on the relaxation, in people per mean weight.

    y opens sites (sum = p, each 0-1), l prices demand (each 0-weight); the saddle of
    sum (w - l) + y A l is the relaxation. Averages of the steps are taken as new starts.
    """

    def __init__(self, cover: Cover, sites: int, start: Prices | None) -> None:
        self.unit = float(cover.people.mean())
        self.weight = cover.people / self.unit
        self.demand_of: sparse.csr_matrix = cover.demand_of
        self.sites_of: sparse.csr_matrix = cover.sites_of
        self.sites = sites
        self.reach = np.maximum(np.diff(self.demand_of.indptr), 1).astype(float)
        self.choice = np.maximum(np.diff(self.sites_of.indptr), 1).astype(float)
        if start is None:
            self.opened = np.full(cover.sites, sites / cover.sites)
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
        self.covered = self.sites_of @ opened
        self.opened_sum, self.price_sum, self.taken = np.zeros_like(opened), np.zeros_like(price), 0

    def step(self) -> None:
        stride = self.balance / self.reach
        opened = _onto_sum(self.opened + stride * (self.demand_of @ self.price), stride, self.sites)
        covered = self.sites_of @ opened
        ahead = 2 * covered - self.covered - 1
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

    def _gap(self, opened: NDArray[np.float64], price: NDArray[np.float64]) -> float:
        bound = float((self.weight - price).sum()) + _greatest(self.demand_of @ price, self.sites)
        value = float(self.weight @ np.minimum(1, self.sites_of @ opened))
        if bound < self.best_bound:
            self.best_bound, self.best_price = bound, price.copy()
        if value > self.best_value:
            self.best_value, self.best_opened = value, opened.copy()
        return bound - value

    def _rebalance(self, opened: NDArray[np.float64], price: NDArray[np.float64]) -> None:
        """Let both sides move about as far as they moved since the last restart."""
        moved = np.sqrt(self.reach @ (opened - self.start_opened) ** 2)
        priced = np.sqrt(self.choice @ (price - self.start_price) ** 2)
        if min(moved, priced) > STILL:
            self.balance = float(np.sqrt(self.balance * moved / priced))

    def prices(self) -> Prices:
        price = self.best_price * self.unit
        rho: NDArray[np.float64] = self.demand_of @ price
        rest = float((self.weight * self.unit - price).sum())
        return Prices(price, rho, rest, self.best_opened, max(self.best_value, 0.0) * self.unit)


def _onto_sum(
    values: NDArray[np.float64], stride: NDArray[np.float64], total: int
) -> NDArray[np.float64]:
    """Project onto 0 to 1 each and a sum in all, each moving by its stride; by bisection."""
    low = float(((values - 1) / stride).min())
    high = float((values / stride).max())
    for _ in range(BISECTIONS):
        shift = (low + high) / 2
        if np.clip(values - shift * stride, 0, 1).sum() > total:
            low = shift
        else:
            high = shift
    projected: NDArray[np.float64] = np.clip(values - high * stride, 0, 1)
    return projected
