"""
What no plan of so many sites goes below: prices of the p-median relaxation.

Restarted primal-dual steps: y opens sites (sum = p), u prices places (between 0 and `cap`); the
saddle of sum w u - sum y rho(u) is the relaxation. The step in u is exact on the sorted list of
a place: with S the y summed along it, u is the greatest of min(t before, metres) over the list,
t = u + step (1 - S). Any u proves its bound, so a run that is stopped early still does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.siting.instance import dot
from analysis.siting.prices import onto_budget

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.siting.distances import Distances

EVERY = 10
RESTART, RESTART_STEPS = 0.5, 200
LEAST_REACH = 4.0
"""Sites that a place is taken to be near at least, in the length of its step."""
ACCURACY = 1e-3


@dataclass(frozen=True, eq=False)
class MedianPrices:
    """
    Prices of places, and what they say.

    Attributes
    ----------
    rho
        What each site saves at these prices, in people times metres.
    rest
        People times price of all places.
    opened
        How far the relaxation opens each site, 0-1.
    """

    rho: NDArray[np.float64]
    rest: float
    opened: NDArray[np.float64]

    def bound(self, sites: int) -> float:
        """
        Bound what a number of sites can come down to.

        Parameters
        ----------
        sites
            Any number, fewer than there are.

        Returns
        -------
        metres
            People times metres; no plan has less.
        """
        return max(self.rest - float(np.partition(self.rho, -sites)[-sites:].sum()), 0.0)

    def candidates(self, sites: int, *, metres: float) -> NDArray[np.int64]:
        """
        Leave out the sites that no better plan can hold.

        Parameters
        ----------
        sites
            Number to choose.
        metres
            Of a known plan.

        Returns
        -------
        rows
            Sites that a better plan may hold.
        """
        last = np.partition(self.rho, -sites)[-sites]
        bound = self.rest - float(np.partition(self.rho, -sites)[-sites:].sum())
        return np.flatnonzero(last - self.rho <= (metres - bound) * (1 + 1e-9))


def price_median(
    distances: Distances,
    sites: int,
    *,
    steps: int,
    opened: NDArray[np.float64] | None = None,
) -> MedianPrices:
    """
    Find prices that bound a number of sites well.

    Parameters
    ----------
    distances
        The demand and its possible sites.
    sites
        Number to choose, fewer than there are.
    steps
        Most to take.
    opened
        How far another relaxation of the same sites opens them, to begin from.

    Returns
    -------
    prices
        The best met.
    """
    run = _Run(distances, sites, opened)
    for step in range(1, steps + 1):
        run.step()
        if step % EVERY == 0 and run.look() <= ACCURACY:
            break
    rho = run.rho_of(run.best_price)
    unit = run.unit
    rest = dot(run.weight, run.best_price) * unit
    return MedianPrices(rho * unit, rest, run.best_opened)


class _Run:
    def __init__(
        self, distances: Distances, sites: int, opened: NDArray[np.float64] | None
    ) -> None:
        self.metres, self.site, self.cap = distances.metres, distances.site, distances.cap
        self.unit = float(distances.weight.mean())
        self.weight = distances.weight / self.unit
        self.count, self.sites = distances.sites, sites
        even = np.full(self.count, sites / self.count)
        self.opened = even if opened is None else opened
        # A place pays what it is to the site at which the relaxation has opened one in full.
        sums = np.cumsum(self.opened[self.site], axis=1)
        last = np.minimum((sums < 1).sum(axis=1), self.metres.shape[1] - 1)
        self.price = np.minimum(self.metres[np.arange(len(self.cap)), last], self.cap)
        self.balance = 1 / max(float(np.median(self.price)), 1.0)
        self.best_bound, self.best_price = -np.inf, self.price
        self.best_value, self.best_opened = np.inf, self.opened
        self._begin(self.opened, self.price, np.inf)

    def _begin(self, opened: NDArray[np.float64], price: NDArray[np.float64], gap: float) -> None:
        self.opened, self.price, self.start_gap = opened, price, gap
        self.start_opened, self.start_price = opened, price
        self.rho = self.before = self.rho_of(price)
        near = (self.metres < price[:, None]).sum(axis=1)
        self.reach = np.maximum(near, LEAST_REACH)
        width = max(int(near.max()), 1)
        used = np.arange(width) < near[:, None]
        weights = np.repeat(self.weight, near)
        choice = np.bincount(self.site[:, :width][used], weights=weights, minlength=self.count)
        self.choice = np.maximum(choice, self.weight.mean())
        self.opened_sum, self.price_sum, self.taken = np.zeros_like(opened), np.zeros_like(price), 0

    def rho_of(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        near = (self.metres < price[:, None]).sum(axis=1)
        width = max(int(near.max()), 1)
        used = np.arange(width) < near[:, None]
        saved = (self.weight[:, None] * (price[:, None] - self.metres[:, :width]))[used]
        rho = np.bincount(self.site[:, :width][used], weights=saved, minlength=self.count)
        return rho.astype(float)

    def step(self) -> None:
        stride = self.balance / self.choice
        moved = self.opened + stride * (2 * self.rho - self.before)
        self.opened = onto_budget(moved, stride, np.ones(self.count), float(self.sites))
        rise = 1 / (self.balance * self.reach)
        top = self.price + rise
        # Beyond the first site that is farther than the highest price nothing changes any more.
        width = min(int((self.metres < top[:, None]).sum(axis=1).max()) + 1, self.metres.shape[1])
        metres = self.metres[:, :width]
        sums = np.cumsum(self.opened[self.site[:, :width]], axis=1)
        falling = top[:, None] - rise[:, None] * sums
        price = np.minimum(top, metres[:, 0])
        if width > 1:
            price = np.maximum(price, np.minimum(falling[:, :-1], metres[:, 1:]).max(axis=1))
        # Where every site listed is nearer, what stands is the last one to go to.
        price = np.maximum(price, np.minimum(falling[:, -1], self.cap))
        self.price = np.clip(price, 0, self.cap)
        self.before, self.rho = self.rho, self.rho_of(self.price)
        self.opened_sum += self.opened
        self.price_sum += self.price
        self.taken += 1

    def look(self) -> float:
        """Keep the best bound and relaxation met, begin anew if it pays; give their gap."""
        mean = self.opened_sum / self.taken, self.price_sum / self.taken
        pairs = (mean, (self.opened, self.price))
        gaps = [self._gap(*pair) for pair in pairs]
        nearer = int(np.argmin(gaps))
        if gaps[nearer] < RESTART * self.start_gap or self.taken > RESTART_STEPS:
            opened, price = pairs[nearer]
            self._rebalance(opened, price)
            self._begin(opened, price, gaps[nearer])
        return (self.best_value - self.best_bound) / max(self.best_bound, 1e-12)

    def _gap(self, opened: NDArray[np.float64], price: NDArray[np.float64]) -> float:
        rho = self.rho_of(price)
        bound = dot(self.weight, price) - float(np.partition(rho, -self.sites)[-self.sites :].sum())
        sums = np.cumsum(opened[self.site], axis=1)
        own = opened[self.site]
        part = np.clip(1 - (sums - own), 0, own)
        left = np.maximum(1 - part.sum(axis=1), 0) * self.cap
        value = dot(self.weight, (part * self.metres).sum(axis=1) + left)
        if bound > self.best_bound:
            self.best_bound, self.best_price = bound, price.copy()
        if value < self.best_value:
            self.best_value, self.best_opened = value, opened.copy()
        return value - bound

    def _rebalance(self, opened: NDArray[np.float64], price: NDArray[np.float64]) -> None:
        moved = np.sqrt(dot(self.choice, (opened - self.start_opened) ** 2))
        priced = np.sqrt(dot(self.weight * self.reach, (price - self.start_price) ** 2))
        if min(moved, priced) > 0:
            self.balance = float(np.sqrt(self.balance * moved / priced))
