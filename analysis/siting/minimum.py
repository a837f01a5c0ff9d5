"""
How few new facilities make every community meet its minimum, counted for the whole city.

Coverage counts what each community lacks by itself. A facility near a border serves both sides,
so the city needs fewer: of I possible sites the fewest such that in every community c that fails
the people w of the places j within reach make up what it lacks,

    min sum y,   z_j <= sum of y_i over the sites i that cover j,
    sum of w_j z_j over the places of c >= lacking_c,   y 0 or 1,   0 <= z <= 1.

Sites serve neighbours only, so the city falls into groups of communities that are solved apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analysis.siting.exact import Least, least_sites
from analysis.siting.maximal_cover import OPTIMAL, WITHIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOWS = 40
FREE = 5
"""Neighbouring sites that are chosen anew together."""
SECONDS = 5.0
WINDOW_NODES = 50
"""Most parts of the search for each of them."""
MOST_PAIRS = 20_000_000
"""Pairs of sites with a place in common above which none is looked for that others contain."""
SLACK = 1e-9
"""Share of what is lacking that may still lack by rounding."""


@dataclass(frozen=True, eq=False)
class Needs:
    """
    What communities lack, and which sites would help.

    Attributes
    ----------
    reach
        One row a possible site, one column a place; 1 where the site would be in reach.
    people
        Of each place.
    group
        Community of each place.
    lacking
        People to be reached in each community.
    xy
        Of the sites, in metres, n × 2.
    sites
        What the rows were called where these were taken from.
    """

    reach: sparse.csr_matrix
    people: NDArray[np.float64]
    group: NDArray[np.int64]
    lacking: NDArray[np.float64]
    xy: NDArray[np.float64]
    sites: NDArray[np.int64]

    @property
    def wanted(self) -> NDArray[np.float64]:
        """People to be reached in each community, rounding allowed for."""
        allowed: NDArray[np.float64] = self.lacking * (1 - SLACK)
        return allowed

    def met(self, chosen: NDArray[np.int64]) -> bool:
        """
        Tell whether every community has what it lacks.

        Parameters
        ----------
        chosen
            Sites.

        Returns
        -------
        met
            Whether all have.
        """
        reached = np.asarray(self.reach[chosen].sum(axis=0)).ravel() > 0
        return bool((self.by_group(self.people * reached) >= self.wanted).all())

    def by_group(self, people: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Sum people by community.

        Parameters
        ----------
        people
            Of each place.

        Returns
        -------
        sums
            One a community.
        """
        return np.bincount(self.group, weights=people, minlength=len(self.lacking)).astype(float)

    def around(self, plan: NDArray[np.int64], middle: int) -> NDArray[np.int64]:
        """
        Choose neighbouring sites of a plan.

        Parameters
        ----------
        plan
            Sites.
        middle
            Position of the one in the middle.

        Returns
        -------
        near
            It and those nearest to it.
        """
        away = np.hypot(*(self.xy[plan] - self.xy[plan[middle]]).T)
        return np.sort(plan[np.argsort(away, kind="stable")[:FREE]])

    def part(self, sites: NDArray[np.int64], groups: NDArray[np.int64]) -> Needs:
        """
        Take some sites and communities alone.

        Parameters
        ----------
        sites, groups
            Positions of them.

        Returns
        -------
        needs
            Numbered anew.
        """
        columns = np.flatnonzero(np.isin(self.group, groups))
        return Needs(
            self.reach[sites][:, columns],
            self.people[columns],
            np.searchsorted(groups, self.group[columns]),
            self.lacking[groups],
            self.xy[sites],
            sites,
        )

    def reduced(self, kept: NDArray[np.int64]) -> Needs:
        """
        Leave out the sites that reach no place which another does not.

        Parameters
        ----------
        kept
            Sites to keep all the same.

        Returns
        -------
        needs
            As few sites are enough in it as before.
        """
        size = np.diff(self.reach.indptr)
        if float((np.diff(self.reach.tocsc().indptr).astype(float) ** 2).sum()) > MOST_PAIRS:
            return replace(self, sites=np.arange(len(size)))
        common = (self.reach @ self.reach.T).tocoo()
        # One that shares all its places with another is in it; of two alike the first stays.
        inside = (common.data >= size[common.row]) & (common.row != common.col)
        larger = size[common.col] > size[common.row]
        first = (size[common.col] == size[common.row]) & (common.col < common.row)
        left_out = np.zeros(len(size), dtype=bool)
        left_out[common.row[inside & (larger | first)]] = True
        left_out[size == 0] = True
        left_out[kept] = False
        sites = np.flatnonzero(~left_out)
        return replace(self, reach=self.reach[sites], xy=self.xy[sites], sites=sites)

    def merged(self) -> Needs:
        """
        Join the places of a community that the same sites reach.

        Returns
        -------
        needs
            With the same plans; what no site reaches is left out.
        """
        lists = self.reach.T.tocsr()
        random = np.random.default_rng(0).random((self.reach.shape[0], 2))
        sums = lists @ random
        some = np.flatnonzero(np.diff(lists.indptr) > 0)
        key = np.column_stack([self.group[some], sums[some].round(9)])
        _, first, alike = np.unique(key, axis=0, return_index=True, return_inverse=True)
        people = np.bincount(alike, weights=self.people[some], minlength=len(first))
        kept = some[first]
        return replace(
            self,
            reach=self.reach[:, kept],
            people=people.astype(float),
            group=self.group[kept],
        )

    def solve(self, start: NDArray[np.int64], *, seconds: float, nodes: int | None = None) -> Least:
        """
        Ask the exact model.

        Parameters
        ----------
        start
            Sites that are enough.
        seconds
            Most to take.
        nodes
            Most parts of the search to look at; `None` for no limit.

        Returns
        -------
        least
            Its plan, `None` where that is not enough, and what is proven.
        """
        found = least_sites(
            self.reach,
            self.people,
            self.group,
            self.wanted,
            start=start,
            seconds=seconds,
            nodes=nodes,
        )
        sound = found.sites is not None and self.met(found.sites)
        return found if sound else Least(None, found.least)


@dataclass(frozen=True, eq=False)
class EnoughForAll:
    """
    Sites that are enough for every community.

    Attributes
    ----------
    sites
        Rows of them.
    least
        Fewer than this cannot do.
    status
        `OPTIMAL` or `WITHIN`.
    """

    sites: NDArray[np.int64]
    least: int
    status: str


def fewest_for_all(
    needs: Needs, start: NDArray[np.int64], *, windows: int = WINDOWS, seconds: float = SECONDS
) -> EnoughForAll:
    """
    Find how few sites give every community what it lacks.

    Parameters
    ----------
    needs
        Of communities of which each can be given what it lacks.
    start
        Sites that are enough, such as those that each community would choose by itself.
    windows
        How many times some neighbouring sites are chosen anew.
    seconds
        Most that the exact model takes for each group of neighbouring communities.

    Returns
    -------
    enough
        Never more than `start`.
    """
    chosen, least = [np.empty(0, dtype=np.int64)], 0
    for sites, groups in _apart(needs):
        part = needs.part(sites, groups)
        given = np.flatnonzero(np.isin(sites, start))
        plans = [_thinned(part, given), _thinned(part, _greedy(part))]
        best = min(plans, key=len)
        small = part.reduced(best).merged()
        best = _by_windows(small, np.searchsorted(small.sites, best), windows=windows)
        solved = small.solve(best, seconds=seconds)
        if solved.sites is not None and len(solved.sites) < len(best):
            best = solved.sites
        least += min(max(solved.least, 1), len(best))
        chosen.append(sites[small.sites[best]])
    found = np.sort(np.concatenate(chosen))
    return EnoughForAll(found, least, OPTIMAL if least == len(found) else WITHIN)


def each_alone(needs: Needs) -> list[NDArray[np.int64]]:
    """
    Let every community choose for itself, as if the others built nothing.

    Parameters
    ----------
    needs
        Of communities of which each can be given what it lacks.

    Returns
    -------
    plans
        Sites of each community that lacks anything.
    """
    plans = []
    for group in np.flatnonzero(needs.lacking > 0).tolist():
        part = needs.part(np.arange(needs.reach.shape[0]), np.array([group]))
        useful = np.flatnonzero(np.diff(part.reach.indptr) > 0)
        part = needs.part(useful, np.array([group]))
        plans.append(useful[_thinned(part, _greedy(part))])
    return plans


def _apart(needs: Needs) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Split into sites and communities that have no site in common with others."""
    pairs = needs.reach.tocoo()
    lacks = needs.lacking[needs.group[pairs.col]] > 0
    site, group = pairs.row[lacks], needs.group[pairs.col[lacks]]
    count, groups = needs.reach.shape[0], len(needs.lacking)
    links = sparse.coo_matrix(
        (np.ones(len(site)), (site, count + group)), shape=(count + groups, count + groups)
    )
    label = connected_components(links, directed=False)[1]
    lacking = np.flatnonzero(needs.lacking > 0)
    return [
        (np.flatnonzero(label[:count] == each), lacking[label[count + lacking] == each])
        for each in np.unique(label[count + lacking]).tolist()
    ]


def _greedy(needs: Needs) -> NDArray[np.int64]:
    """Take the site that brings most of what is lacking, until nothing is."""
    chosen: list[int] = []
    left, people = needs.lacking.copy(), needs.people.copy()
    by_group = sparse.csr_matrix(
        (np.ones(len(people)), (np.arange(len(people)), needs.group)),
        shape=(len(people), len(left)),
    )
    gains = (needs.reach.multiply(people[None, :]).tocsr() @ by_group).tocsr()
    while (left > needs.lacking * SLACK).any():
        worth = np.minimum(gains.toarray(), left[None, :]).sum(axis=1)
        best = int(worth.argmax())
        chosen.append(best)
        reached = needs.reach.indices[needs.reach.indptr[best] : needs.reach.indptr[best + 1]]
        fresh = reached[people[reached] > 0]
        left = left - np.bincount(needs.group[fresh], weights=people[fresh], minlength=len(left))
        left = np.maximum(left, 0.0)
        lost = needs.reach[:, fresh].multiply(people[fresh][None, :]).tocsr() @ by_group[fresh]
        gains = (gains - lost).tocsr()
        people[fresh] = 0
    return np.asarray(chosen, dtype=np.int64)


def _by_windows(needs: Needs, plan: NDArray[np.int64], *, windows: int) -> NDArray[np.int64]:
    """Choose some neighbouring sites anew, again and again, the others as they are."""
    random = np.random.default_rng(0)
    for _ in range(windows if len(plan) > 1 else 0):
        near = needs.around(plan, int(random.integers(len(plan))))
        rest = np.setdiff1d(plan, near)
        reached = np.asarray(needs.reach[rest].sum(axis=0)).ravel() > 0
        lacking = needs.lacking - needs.by_group(needs.people * reached)
        lacking[lacking <= needs.lacking * SLACK] = 0
        places = np.flatnonzero(~reached & (lacking[needs.group] > 0))
        if not len(places):
            plan = rest
            continue
        # Only sites that share a place with what is taken out can make up for it.
        reach = needs.reach[:, places].tocsr()
        sites = np.union1d(np.flatnonzero(np.diff(reach.indptr) > 0), near)
        groups = np.flatnonzero(lacking > 0)
        window = (
            Needs(
                reach[sites],
                needs.people[places],
                np.searchsorted(groups, needs.group[places]),
                lacking[groups],
                needs.xy[sites],
                sites,
            )
            .reduced(np.searchsorted(sites, near))
            .merged()
        )
        start = np.searchsorted(window.sites, np.searchsorted(sites, near))
        solved = window.solve(start, seconds=SECONDS, nodes=WINDOW_NODES)
        if solved.sites is not None and len(solved.sites) <= len(near):
            other = np.union1d(rest, sites[window.sites[solved.sites]])
            plan = other if needs.met(other) else plan
    return plan


def _thinned(needs: Needs, plan: NDArray[np.int64]) -> NDArray[np.int64]:
    """Leave out the sites that the others make up for, those that reach fewest first."""
    reach = np.asarray(needs.reach[plan] @ needs.people).ravel()
    kept = plan
    for site in plan[np.argsort(reach, kind="stable")].tolist():
        without = kept[kept != site]
        if needs.met(without):
            kept = without
    return kept
