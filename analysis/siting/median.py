"""
Which sites bring the facilities nearest to people: the p-median problem.

Of I possible sites open p beside the facilities that stand, so that the people w of the places j
have the least way d to the nearest of all in sum,

    min sum w_j d_ij x_ij,   sum over i of x_ij = 1,   x_ij <= y_i,   sum of new y = p,   y 0 or 1.

Interchange of sites gives the plan; prices u bound every plan from below,

    sum w_j u_j - the p greatest rho_i,   rho_i = sum w_j max(u_j - d_ij, 0),

for any u not above the distance to what stands, or to the last site listed for a place.

Sources: Hakimi (1964), Operations Research 12, 450-459; Resende, Werneck (2007), EJOR 174,
54-68, for the interchange; Chambolle, Pock (2011), J. Math. Imaging Vis. 40, 120-145.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from analysis.siting.distances import Distances, list_nearest
from analysis.siting.exact import nearest_sites
from analysis.siting.instance import dot
from analysis.siting.maximal_cover import EXACT, OPTIMAL, REDUCED, SEARCH, WITHIN
from analysis.siting.median_prices import MedianPrices, price_median
from analysis.siting.prices import PROVEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_PAIRS = 20_000
"""Pairs up to which the exact model is asked."""
CELLS = 60
"""Side of the cells that stand for places in a first look: the extent in so many parts."""
STARTS = 3
"""Plans from which the first look begins to interchange."""
ROUNDS = 200


@dataclass(frozen=True, eq=False)
class MedianAnswer:
    """
    A plan and what is proven of it.

    Attributes
    ----------
    sites
        Rows of the sites.
    metres
        People times metres to the nearest facility, of the plan.
    bound
        That no plan goes below.
    status, method
        As in `analysis.siting.maximal_cover.Answer`.
    """

    sites: NDArray[np.int64]
    metres: float
    bound: float
    status: str
    method: str

    @property
    def gap(self) -> float:
        """Share of the bound by which the plan may be above the best; 0 if none."""
        return max(self.metres - self.bound, 0.0) / self.bound if self.bound > 0 else 0.0


def least_distance(distances: Distances, sites: int, *, steps: int = 300) -> MedianAnswer:
    """
    Choose sites so that people are nearest to a facility in sum.

    Parameters
    ----------
    distances
        The demand and its possible sites.
    sites
        Number to choose.
    steps
        Of the prices.

    Returns
    -------
    answer
        As many sites as asked for, or all there are.
    """
    count = min(sites, distances.sites)
    if not count or count == distances.sites:
        chosen = np.arange(count)
        value = distances.value(chosen)
        return MedianAnswer(chosen, value, value, OPTIMAL, EXACT)
    rough = _cells(distances)
    prices = price_median(rough, count, steps=steps)
    starts = _starts(prices.opened, count)
    plans = [interchange(rough, start) for start in starts]
    best = min(plans, key=rough.value)
    if rough is not distances:
        best = interchange(distances, best)
        prices = price_median(distances, count, steps=steps, opened=prices.opened)
    return _proven(distances, best, prices, count)


def _cells(distances: Distances) -> Distances:
    """Join places that lie in one cell, where they are many; else give them as they are."""
    low, high = distances.places.min(axis=0), distances.places.max(axis=0)
    side = float((high - low).max()) / CELLS
    if not side or len(distances.places) <= CELLS * CELLS / 4 or distances.walked is not None:
        return distances  # along streets a cell has no way of its own
    cell = np.floor((distances.places - low) / side).astype(np.int64)
    _, group = np.unique(cell, axis=0, return_inverse=True)
    weight = np.bincount(group, weights=distances.weight).astype(float)
    some = weight > 0
    sums = [np.bincount(group, weights=distances.weight * each) for each in distances.places.T]
    places = np.column_stack(sums)[some] / weight[some, None]
    stands = np.full(len(weight), np.inf)
    if np.isfinite(distances.stands).all():
        stands = np.bincount(group, weights=distances.weight * distances.stands)
        stands = stands / np.where(some, weight, 1.0)
    return list_nearest(places, weight[some], distances.xy, stands=stands[some])


def _starts(opened: NDArray[np.float64], count: int) -> list[NDArray[np.int64]]:
    """Begin with the sites that the relaxation opens most, and with some of them misjudged."""
    random = np.random.default_rng(0)
    noise = [np.ones(len(opened)), *random.uniform(0.5, 1.5, (STARTS - 1, len(opened)))]
    tiny = random.uniform(0, PROVEN, len(opened))
    return [np.sort(np.argsort(-(opened + tiny) * each, kind="stable")[:count]) for each in noise]


def interchange(distances: Distances, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    Better a plan by exchanging one site for another, several far apart at a time.

    Parameters
    ----------
    distances
        The demand and its possible sites.
    start
        Sites of the plan.

    Returns
    -------
    sites
        As many, of which no single exchange betters the listed distances.
    """
    plan, value = start, _listed(distances, start)
    for _ in range(ROUNDS):
        swaps = _swaps(distances, plan)
        if not swaps:
            return plan
        for taken in (swaps, swaps[:1]):
            other = _exchanged(plan, taken)
            now = _listed(distances, other)
            if now < value * (1 - PROVEN):
                break
        else:
            return plan
        plan, value = other, now
    return plan


def _exchanged(plan: NDArray[np.int64], swaps: list[tuple[int, int]]) -> NDArray[np.int64]:
    closed = np.setdiff1d(plan, [old for old, _ in swaps])
    return np.union1d(closed, [new for _, new in swaps])


def _listed(distances: Distances, plan: NDArray[np.int64]) -> float:
    return dot(distances.weight, _two_nearest(distances, plan)[1])


def _two_nearest(
    distances: Distances, plan: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give position in the plan (-1 for none) and metres of the nearest site, and of the next."""
    position = np.full(distances.sites, -1)
    position[plan] = np.arange(len(plan))
    rows = np.arange(len(distances.cap))
    is_open = (position[distances.site] >= 0) & (distances.metres < distances.cap[:, None])
    first = is_open.argmax(axis=1)
    there = is_open[rows, first]
    nearest = np.where(there, distances.metres[rows, first], distances.cap)
    which = np.where(there, position[distances.site[rows, first]], -1)
    is_open[rows, first] = False
    second = is_open.argmax(axis=1)
    there = is_open[rows, second]
    return which, nearest, np.where(there, distances.metres[rows, second], distances.cap)


def _swaps(distances: Distances, plan: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Find exchanges that pay, best first, those that do not touch one another's neighbours."""
    which, nearest, second = _two_nearest(distances, plan)
    weight, count = distances.weight, len(plan)
    width = max(int((distances.metres < second[:, None]).sum(axis=1).max()), 1)
    metres, site = distances.metres[:, :width], distances.site[:, :width]
    row, column = np.nonzero(metres < second[:, None])
    d, i = metres[row, column], site[row, column]
    gain = np.bincount(
        i, weights=weight[row] * np.maximum(nearest[row] - d, 0), minlength=distances.sites
    )
    own = which >= 0
    loss = np.bincount(which[own], weights=(weight * (second - nearest))[own], minlength=count)
    # Whoever loses the nearest site goes to the new one, if that is nearer than the next.
    served = own[row]
    spared = weight[row] * (second[row] - np.maximum(nearest[row], d))
    key = i[served] * count + which[row][served]
    extra = np.bincount(key, weights=spared[served], minlength=distances.sites * count)
    # Sums of no pairs at all are whole numbers, which hold no infinity.
    profit = gain[:, None] - loss[None, :].astype(float) + extra.reshape(distances.sites, count)
    profit[plan] = -np.inf
    out = profit.argmax(axis=1)
    best = profit[np.arange(distances.sites), out]
    return _far_apart(distances, plan, out, best)


def _far_apart(
    distances: Distances,
    plan: NDArray[np.int64],
    out: NDArray[np.int64],
    profit: NDArray[np.float64],
) -> list[tuple[int, int]]:
    order = np.argsort(-profit, kind="stable")
    order = order[profit[order] > PROVEN * float(distances.weight.sum())]
    reach = 4 * float(np.median(cKDTree(distances.xy[plan]).query(distances.xy)[0]))
    taken: list[tuple[int, int]] = []
    held = np.empty((0, 2))
    for new in order[:200].tolist():
        old = int(plan[out[new]])
        ends = distances.xy[[old, new]]
        if (
            len(held)
            and (np.hypot(*(held[:, None] - ends[None]).transpose(2, 0, 1)) <= reach).any()
        ):
            continue
        taken.append((old, new))
        held = np.concatenate([held, ends])
    return taken


def _proven(
    distances: Distances, plan: NDArray[np.int64], prices: MedianPrices, count: int
) -> MedianAnswer:
    """Leave out the sites that no better plan holds, and ask the exact model if that leaves few."""
    value, bound, method = distances.value(plan), prices.bound(count), SEARCH
    left = np.union1d(prices.candidates(count, metres=value), plan)
    inside = np.isin(distances.site, left) & (distances.metres < distances.cap[:, None])
    if value > bound * (1 + PROVEN) and inside.sum() <= FEW_PAIRS:
        method = EXACT if len(left) == distances.sites else REDUCED
        row, column = np.nonzero(inside)
        solved = nearest_sites(
            row,
            np.searchsorted(left, distances.site[row, column]),
            distances.metres[row, column],
            weight=distances.weight,
            cap=distances.cap,
            sites=len(left),
            count=count,
        )
        if solved.sites is not None and distances.value(left[solved.sites]) < value:
            plan = left[solved.sites]
            value = distances.value(plan)
        bound = max(bound, min(solved.metres, value))
    status = OPTIMAL if value <= bound * (1 + PROVEN) else WITHIN
    return MedianAnswer(np.sort(plan), value, min(bound, value), status, method)
