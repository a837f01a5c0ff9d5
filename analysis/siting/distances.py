"""How far places of people are from possible sites, as lists of the nearest of each place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    """

    metres: NDArray[np.float64]
    site: NDArray[np.int64]
    cap: NDArray[np.float64]
    stands: NDArray[np.float64]
    weight: NDArray[np.float64]
    places: NDArray[np.float64]
    xy: NDArray[np.float64]

    @property
    def sites(self) -> int:
        """Number of possible sites."""
        return len(self.xy)

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
        new = cKDTree(self.xy[chosen]).query(self.places)[0]
        nearest: NDArray[np.float64] = np.minimum(self.stands, new)
        return nearest

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
        return float(self.weight @ self.nearest(chosen))


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
