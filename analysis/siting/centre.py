"""
Which sites leave nobody far: the p-centre problem.

Of I possible sites open p beside what stands, so that the greatest distance from a place of people
to the nearest facility is least. A distance r will do if p sites cover every place that nothing
which stands covers within r; so it is halved between a distance that will do and one of which the
bound of maximal covering proves that it will not.

Sources: Minieka (1970), SIAM Review 12, 138-139; Elloumi, Labbé, Pochet (2004), INFORMS Journal on
Computing 16, 84-94.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.siting.instance import make_cover
from analysis.siting.maximal_cover import OPTIMAL, REDUCED, WITHIN, Answer, Effort, cover_most
from analysis.siting.median import MedianAnswer
from analysis.siting.prices import PROVEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.siting.distances import Distances

QUICK = Effort(steps=600, changes=300, seconds=5.0)
HALVINGS = 40
FEW_DISTANCES = 200_000
"""Pairs of a place and a site up to which the distances there are get tried, and no others."""
NARROW = 1e-3
"""Share of the distance at which halving ends, where the distances are too many to list."""
HALF = 0.5


def least_farthest(distances: Distances, sites: int, *, effort: Effort = QUICK) -> MedianAnswer:
    """
    Choose sites so that whoever is farthest from a facility is as near as can be.

    Parameters
    ----------
    distances
        The demand and its possible sites; places without people are left out, along streets none
        may be among them.
    sites
        Number to choose.
    effort
        For each distance that is tried.

    Returns
    -------
    answer
        Its `metres` and `bound` are the greatest distance. At most so many sites.
    """
    search = _Search(distances, min(sites, distances.sites), effort)
    search.run()
    status = OPTIMAL if search.high <= search.least * (1 + PROVEN) else WITHIN
    return MedianAnswer(np.sort(search.plan), search.high, search.least, status, REDUCED)


class _Search:
    """A plan with its greatest distance, and a distance below which none comes."""

    def __init__(self, distances: Distances, sites: int, effort: Effort) -> None:
        lived_in = distances.weight > 0
        distances = distances if lived_in.all() else distances.of(lived_in)
        self.distances, self.sites, self.effort = distances, sites, effort
        self.stands = distances.stands
        self.plan = self._farthest_first()
        self.high = self._greatest(self.plan)
        # Nobody comes nearer than to the nearest of all sites, or to what stands.
        self.least = float(distances.nearest_of_all().max(initial=0.0))

    def run(self) -> None:
        """Halve the distances between the two."""
        listed = self._listed()
        low = self.least
        for _ in range(HALVINGS):
            if listed is None:
                if self.high - low <= NARROW * self.high:
                    return
                middle = (low + self.high) / 2
            else:
                between = listed[(listed >= low) & (listed < self.high)]
                if not len(between):
                    return
                middle = float(between[(len(between) - 1) // 2])
            answer, wanted = self._cover(middle)
            if answer is not None and answer.people >= wanted:
                self.plan, self.high = answer.sites, self._greatest(answer.sites)
                continue
            after = middle if listed is None else self._next(listed, middle)
            low = max(low, after)
            if answer is None or answer.bound < wanted - HALF:
                self.least = min(max(self.least, after), self.high)

    def _next(self, listed: NDArray[np.float64], metres: float) -> float:
        after = int(np.searchsorted(listed, metres, side="right"))
        return float(listed[min(after, len(listed) - 1)])

    def _listed(self) -> NDArray[np.float64] | None:
        """List the distances there are, where they are few."""
        away = self.distances.all_metres(FEW_DISTANCES)
        if away is None:
            return None
        known: NDArray[np.float64] = np.unique(
            np.concatenate([away, self.stands[np.isfinite(self.stands)], [self.high]])
        )
        return known

    def _cover(self, metres: float) -> tuple[Answer | None, float]:
        """Cover as many places as can be within a distance; `None` where one has no site."""
        far = np.flatnonzero(self.stands > metres)
        place, site = self.distances.within(metres)
        wanted = float(len(far))
        if len(np.unique(place)) < wanted:
            return None, wanted
        ones = np.ones(len(far))
        cover = make_cover(np.searchsorted(far, place), site, ones, self.distances.xy)
        return cover_most(cover, self.sites, effort=self.effort), wanted

    def _farthest_first(self) -> NDArray[np.int64]:
        """Open the site nearest to whoever is farthest, again and again: at most twice the best."""
        away, chosen = self.stands.copy(), np.empty(0, dtype=np.int64)
        for _ in range(self.sites):
            place = int(away.argmax()) if np.isfinite(away).all() or len(chosen) else 0
            site = self.distances.site_near(place)
            if site in chosen or site < 0:
                break
            chosen = np.append(chosen, site)
            away = np.minimum(away, self.distances.nearest(chosen[-1:]))
        return chosen

    def _greatest(self, plan: NDArray[np.int64]) -> float:
        return float(self.distances.nearest(plan).max())
