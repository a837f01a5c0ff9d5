"""
Plans of many people covered, found by search: greedy first, then better by small changes.

Neither proves anything; `prices` bounds what any plan can reach.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from analysis.siting.instance import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from analysis.siting.instance import Cover

NOTHING = 1e-6
"""People below which a gain is none."""
DROPPED = (2, 6)
"""Fewest and most neighbouring sites that one change takes out."""
NOISE = 0.15
"""Greatest share by which a change misjudges a gain, so that it comes to other plans."""
BEST_FEW = 12
"""Sites of greatest gain among which a misjudged one is chosen."""


class Plan:
    """
    Sites chosen so far, and what each other would add.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    chosen
        Sites to begin with.
    """

    def __init__(self, cover: Cover, chosen: Iterable[int] = ()) -> None:
        self.cover = cover
        self.chosen: list[int] = []
        self.people = 0.0
        self._times = np.zeros(len(cover.people), dtype=np.int32)
        self._free = np.ones(cover.sites, dtype=bool)
        self._gain: NDArray[np.float64] = np.asarray(cover.demand_of @ cover.people)
        for site in chosen:
            self.add(site)

    @property
    def gain(self) -> NDArray[np.float64]:
        """People whom each site would add; 0 for one that is open."""
        return self._gain * self._free

    def add(self, site: int) -> None:
        """
        Open a site.

        Parameters
        ----------
        site
            Its row; not yet open.
        """
        demand = self._demand(site)
        times, need = self._times[demand], self.cover.need[demand]
        self.people += float(self.cover.people[demand[times < need]].sum())
        self._shift(demand[times + 1 == need], -1)
        self._times[demand] += 1
        self.chosen.append(site)
        self._free[site] = False

    def drop(self, site: int) -> float:
        """
        Close a site.

        Parameters
        ----------
        site
            Its row; open.

        Returns
        -------
        loss
            People whom it alone covered.
        """
        demand = self._demand(site)
        loss = self.alone(site)
        self._shift(demand[self._times[demand] == self.cover.need[demand]], 1)
        self._times[demand] -= 1
        self.chosen.remove(site)
        self._free[site] = True
        self.people -= loss
        return loss

    def alone(self, site: int) -> float:
        """
        Count the people whom an open site covers and no more than are needed do.

        Parameters
        ----------
        site
            Its row.

        Returns
        -------
        people
            Lost if it is left out.
        """
        demand = self._demand(site)
        only = demand[self._times[demand] <= self.cover.need[demand]]
        return float(self.cover.people[only].sum())

    def _demand(self, site: int) -> NDArray[np.int64]:
        lists = self.cover.demand_of
        demand: NDArray[np.int64] = lists.indices[lists.indptr[site] : lists.indptr[site + 1]]
        return demand

    def _shift(self, demand: NDArray[np.int64], sign: int) -> None:
        """Tell all sites that demand wants no more of them (-1), or one more again (1)."""
        sites, owner = entries(self.cover.sites_of, demand)
        people = self.cover.people[demand]
        self._gain += sign * np.bincount(sites, weights=people[owner], minlength=self.cover.sites)


def greedy(cover: Cover, sites: int) -> Plan:
    """
    Take the site that adds most, again and again.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    sites
        Most to choose.

    Returns
    -------
    plan
        In the order of choice: its first k sites are the greedy plan of k. It ends where no
        site adds anybody, so it may hold fewer than asked.
    """
    plan = Plan(cover)
    while len(plan.chosen) < min(sites, cover.sites):
        gain = plan.gain
        best = int(gain.argmax())
        if gain[best] <= NOTHING:
            break
        plan.add(best)
    return plan


def improve(
    cover: Cover,
    start: Iterable[int],
    *,
    changes: int,
    patience: int | None = None,
    seed: int = 0,
    heard: Callable[[list[int]], None] | None = None,
) -> NDArray[np.int64]:
    """
    Better a plan by iterated local search.

    A change takes out some neighbouring sites, fills up greedily with noise, and lets every
    site near by move to where it gains more. A change that loses people is taken back.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    start
        Sites of the plan to begin with.
    changes
        How many to try; the same number and seed give the same plan.
    patience
        How many to try after the last that paid; `None` for all.
    seed
        Of the random numbers.
    heard
        Is told the sites of each better plan.

    Returns
    -------
    sites
        Of the best plan met, as many as at the start.
    """
    random = np.random.default_rng(seed)
    plan = Plan(cover, start)
    _move_all(plan, list(plan.chosen))
    best, most = list(plan.chosen), plan.people
    paid = 0
    for tried in range(changes if plan.chosen else 0):
        if patience is not None and tried - paid > patience:
            break
        before, people = list(plan.chosen), plan.people
        _change(plan, random)
        if plan.people < people - NOTHING:
            _restore(plan, before)
        elif plan.people > most + NOTHING:
            best, most, paid = list(plan.chosen), plan.people, tried
            if heard is not None:
                heard(best)
    return np.asarray(best, dtype=np.int64)


def _change(plan: Plan, random: np.random.Generator) -> None:
    """Take neighbouring sites out, fill up again, and move what is near."""
    middle = plan.cover.xy[plan.chosen[random.integers(len(plan.chosen))]]
    count = int(random.integers(DROPPED[0], DROPPED[1] + 1))
    near = _nearest(plan, middle, max(3 * count, 8))
    dropped = [near[0], *random.permutation(near[1:])[: count - 1].tolist()]
    for site in dropped:
        plan.drop(site)
    for site in dropped:
        # Where nobody is left to gain, the same site comes back: a plan keeps its size.
        plan.add(_noisy_best(plan, random) if plan.gain.max() > NOTHING else site)
    _move_all(plan, _nearest(plan, middle, BEST_FEW))


def _nearest(plan: Plan, middle: NDArray[np.float64], count: int) -> list[int]:
    """Give the open sites nearest to a place."""
    away = np.hypot(*(plan.cover.xy[plan.chosen] - middle).T)
    return [plan.chosen[each] for each in np.argsort(away, kind="stable")[:count].tolist()]


def _noisy_best(plan: Plan, random: np.random.Generator) -> int:
    """Choose the site of greatest gain, every other time with the gains misjudged a little."""
    if random.random() < 1 / 2:
        return int(plan.gain.argmax())
    gain = plan.gain
    few = min(BEST_FEW, int((gain > NOTHING).sum()))
    top = np.argpartition(gain, -few)[-few:]
    misjudged = gain[top] * (1 - NOISE * random.random(few))
    return int(top[misjudged.argmax()])


def _move_all(plan: Plan, queue: list[int]) -> None:
    """Let each site move to where it gains more, until none does."""
    waiting = deque(queue)
    while waiting:
        site = waiting.popleft()
        if site not in plan.chosen:
            continue
        loss = plan.drop(site)
        gain = plan.gain
        best = int(gain.argmax())
        moves = gain[best] > loss + NOTHING
        plan.add(best if moves else site)
        if moves:
            waiting.append(best)


def _restore(plan: Plan, before: list[int]) -> None:
    """Go back to a plan."""
    now, then = set(plan.chosen), set(before)
    for site in now - then:
        plan.drop(site)
    for site in then - now:
        plan.add(site)
