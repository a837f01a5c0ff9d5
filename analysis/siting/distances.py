"""How far places of people are from possible sites, as lists of the nearest of each place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from analysis.access.street_network import street_access
from analysis.access.walking_pairs import WalkingPairs, walking_pairs
from analysis.coverage.catchment import pairs_within
from analysis.siting.instance import dot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.access.walking import AccessPoints

ENTRIES = 8_000_000
"""Pairs of a place and a listed site, at most."""
LISTED = (16, 400)
"""Nearest sites listed for a place, at least and at most."""


@dataclass(frozen=True, eq=False)
class Distances:
    """
    The nearest possible sites of every place.

    Attributes
    ----------
    metres
        One row a place, ascending, at most `cap`.
    site
        Which site each of them is; where there are fewer, any at distance `cap`.
    cap
        Metres to the nearest facility that stands, or to the last site listed if that is less:
        no other site listed is nearer.
    stands
        Metres to the nearest facility that stands; infinite without one.
    weight
        Of each place.
    places, xy
        Of the places and of the sites, in metres, n × 2.
    walked
        Along streets: the sites nearer to each place than what stands; `None` in a straight line.
    """

    metres: NDArray[np.float64]
    site: NDArray[np.int64]
    cap: NDArray[np.float64]
    stands: NDArray[np.float64]
    weight: NDArray[np.float64]
    places: NDArray[np.float64]
    xy: NDArray[np.float64]
    walked: WalkingPairs | None = None

    @property
    def sites(self) -> int:
        """Number of possible sites."""
        return len(self.xy)

    def of(self, rows: NDArray[np.bool_]) -> Distances:
        """
        Keep some of the places, in a straight line.

        Parameters
        ----------
        rows
            One truth value a place.

        Returns
        -------
        distances
            Of these alone.
        """
        return replace(
            self,
            metres=self.metres[rows],
            site=self.site[rows],
            cap=self.cap[rows],
            stands=self.stands[rows],
            weight=self.weight[rows],
            places=self.places[rows],
        )

    def nearest(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """
        Measure from each place to the nearest facility of all, new ones too.

        Parameters
        ----------
        chosen
            Sites of a plan.

        Returns
        -------
        metres
            One a place.
        """
        if not len(chosen):
            return self.stands
        if self.walked is not None:
            return self._walked(np.isin(self.walked.site, chosen))
        new = cKDTree(self.xy[chosen]).query(self.places)[0]
        nearest: NDArray[np.float64] = np.minimum(self.stands, new)
        return nearest

    def _walked(self, taken: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Nearest of what stands and of some pairs."""
        assert self.walked is not None  # noqa: S101  the caller has looked
        nearest = self.stands.copy()
        np.minimum.at(nearest, self.walked.place[taken], self.walked.distance_m[taken])
        return nearest

    def nearest_of_all(self) -> NDArray[np.float64]:
        """
        Measure from each place to the nearest of what stands and of all sites.

        Returns
        -------
        metres
            One a place.
        """
        if self.walked is not None:
            return self._walked(np.ones(len(self.walked.site), dtype=bool))
        nearest: NDArray[np.float64] = np.minimum(
            self.stands, cKDTree(self.xy).query(self.places)[0]
        )
        return nearest

    def site_near(self, place: int) -> int:
        """
        Find the site nearest to a place.

        Parameters
        ----------
        place
            Which.

        Returns
        -------
        site
            Which; -1 where none is nearer than what stands, along streets.
        """
        if self.walked is None:
            return int(cKDTree(self.xy).query(self.places[place])[1])
        own = np.flatnonzero(self.walked.place == place)
        return int(self.walked.site[own[self.walked.distance_m[own].argmin()]]) if len(own) else -1

    def within(self, metres: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """
        Pair the places that nothing which stands serves within a distance with sites that would.

        Parameters
        ----------
        metres
            A site at exactly this distance is within it.

        Returns
        -------
        place, site
            One a pair.
        """
        far = self.stands > metres
        if self.walked is not None:
            near = far[self.walked.place] & (self.walked.distance_m <= metres)
            return self.walked.place[near], self.walked.site[near]
        rows = np.flatnonzero(far)
        pairs = pairs_within(self.places[rows], self.xy, service_radius=metres)
        return rows[pairs.place], pairs.facility

    def all_metres(self, most: int) -> NDArray[np.float64] | None:
        """
        List the distances there are between places and sites.

        Parameters
        ----------
        most
            Pairs that may be listed.

        Returns
        -------
        metres
            In no order; `None` where there are more pairs.
        """
        if self.walked is not None:
            metres = self.walked.distance_m
            return metres if len(metres) <= most else None
        if len(self.places) * len(self.xy) > most:
            return None
        away: NDArray[np.float64] = cKDTree(self.places).sparse_distance_matrix(
            cKDTree(self.xy), np.inf, output_type="ndarray"
        )["v"]
        return away

    def value(self, chosen: NDArray[np.int64]) -> float:
        """
        Add up the ways of all people.

        Parameters
        ----------
        chosen
            Sites of a plan.

        Returns
        -------
        metres
            People times metres.
        """
        return dot(self.weight, self.nearest(chosen))


def list_nearest(
    places: NDArray[np.float64],
    weight: NDArray[np.float64],
    xy: NDArray[np.float64],
    *,
    stands: NDArray[np.float64],
    listed: int | None = None,
) -> Distances:
    """
    List the nearest possible sites of every place, in a straight line.

    Parameters
    ----------
    places, weight
        Of the demand, in metres, n × 2; at least one.
    xy
        Of the sites; at least one.
    stands
        Metres to the nearest facility that stands; infinite without one.
    listed
        How many for a place; `None` for as many as the memory allows.

    Returns
    -------
    distances
        With nothing farther than what stands.
    """
    least, most = LISTED
    count = max(least, min(most, ENTRIES // len(places))) if listed is None else listed
    count = min(count, len(xy))
    metres, site = cKDTree(xy).query(places, k=list(range(1, count + 1)))
    cap = stands if count == len(xy) else np.minimum(stands, metres[:, -1])
    # Without a facility that stands, the farthest of all sites is as far as anybody goes.
    cap = np.where(np.isfinite(cap), cap, metres[:, -1])
    short = max(int((metres < cap[:, None]).sum(axis=1).max()), 1)
    metres = np.minimum(metres[:, :short], cap[:, None])
    return Distances(metres, site[:, :short].astype(np.int64), cap, stands, weight, places, xy)


def list_walks(
    access_points: AccessPoints,
    rows: NDArray[np.int64],
    weight: NDArray[np.float64],
    xy: NDArray[np.float64],
    *,
    places: NDArray[np.float64],
    stands: NDArray[np.float64],
) -> Distances:
    """
    List the possible sites that are nearer to each place than what stands, along streets.

    Parameters
    ----------
    access_points
        Where the residents join the streets.
    rows, weight
        Resident rows of the demand, and what each weighs; at least one.
    xy
        Of the sites; at least one.
    places
        Where the rows lie, in metres, n × 2.
    stands
        Metres to the nearest facility that stands, finite.

    Returns
    -------
    distances
        Sites that are no nearer to a place than what stands are not listed for it.
    """
    network = access_points.network
    found = walking_pairs(
        network,
        access_points.residents.at(rows),
        street_access(network, *xy.T),
        service_radius=max(float(stands.max()), 1.0),
    )
    nearer = found.distance_m < stands[found.place]
    order = np.flatnonzero(nearer)
    order = order[np.lexsort((found.distance_m[order], found.place[order]))]
    place, site, metres = found.place[order], found.site[order], found.distance_m[order]
    count = np.bincount(place, minlength=len(rows))
    column = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    width = max(int(count.max(initial=0)), 1)
    listed = np.repeat(stands[:, None], width, axis=1)
    which = np.zeros((len(rows), width), dtype=np.int64)
    listed[place, column], which[place, column] = metres, site
    pairs = WalkingPairs(place, site, metres)
    return Distances(listed, which, stands, stands, weight, places, xy, pairs)
