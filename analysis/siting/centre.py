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
from scipy.spatial import cKDTree

from analysis.coverage.catchment import pairs_within
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
        The demand and its possible sites; places without people are left out.
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
        self.places, self.stands = distances.places[lived_in], distances.stands[lived_in]
        self.xy, self.sites, self.effort = distances.xy, sites, effort
        self.plan = self._farthest_first()
        self.high = self._greatest(self.plan)
        # Nobody comes nearer than to the nearest of all sites, or to what stands.
        nearest = cKDTree(self.xy).query(self.places)[0]
        self.least = float(np.minimum(nearest, self.stands).max(initial=0.0))

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
        if len(self.places) * len(self.xy) > FEW_DISTANCES:
            return None
        away = cKDTree(self.places).sparse_distance_matrix(
            cKDTree(self.xy), np.inf, output_type="ndarray"
        )["v"]
        known: NDArray[np.float64] = np.unique(
            np.concatenate([away, self.stands[np.isfinite(self.stands)], [self.high]])
        )
        return known

    def _cover(self, metres: float) -> tuple[Answer | None, float]:
        """Cover as many places as can be within a distance; `None` where one has no site."""
        far = self.stands > metres
        pairs = pairs_within(self.places[far], self.xy, service_radius=metres)
        wanted = float(far.sum())
        if len(np.unique(pairs.place)) < wanted:
            return None, wanted
        cover = make_cover(pairs.place, pairs.facility, np.ones(int(wanted)), self.xy)
        return cover_most(cover, self.sites, effort=self.effort), wanted

    def _farthest_first(self) -> NDArray[np.int64]:
        """Open the site nearest to whoever is farthest, again and again: at most twice the best."""
        away, tree = self.stands.copy(), cKDTree(self.xy)
        chosen: list[int] = []
        for _ in range(self.sites):
            place = int(away.argmax()) if np.isfinite(away).all() or chosen else 0
            site = int(tree.query(self.places[place])[1])
            if site in chosen:
                break
            chosen.append(site)
            away = np.minimum(away, np.hypot(*(self.places - self.xy[site]).T))
        return np.asarray(chosen, dtype=np.int64)

    def _greatest(self, plan: NDArray[np.int64]) -> float:
        if not len(plan):
            return float(self.stands.max())
        new = cKDTree(self.xy[plan]).query(self.places)[0]
        return float(np.minimum(self.stands, new).max())
