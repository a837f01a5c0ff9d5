"""
Floating catchments: how much of a kind's capacity each resident can claim.

First every facility's capacity is divided by the people in its catchment, then every
place adds up the ratios of the facilities that it can reach. What is shared out is the
capacity in reach, no more and no less: people times access adds up to it. People share
alike, whatever their age, and nobody is taken to come from beyond the catchment or to stay away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.access.walking_pairs import pairs_with_sites
from analysis.coverage.figures import STRAIGHT
from analysis.geometry.buffers import check_service_radius
from analysis.model.question import CATCHMENTS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from analysis.access.prepared_city import PreparedCity

EQUAL, STEPS, GAUSSIAN, CHOICE = CATCHMENTS
"""
Two-step with equal weights; enhanced two-step with weights by thirds of the radius;
two-step with the Gaussian of Dai; three-step, where people divide themselves among the
facilities in reach by the weights of the thirds.
"""
STEP_WEIGHTS = (1.0, 0.68, 0.22)
"""Of Luo and Qi, for the first, second and last third of the radius; a border is the nearer's."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """
    Every place with every facility within a radius of it.

    Attributes
    ----------
    place, facility
        Positions, one a pair.
    distance_m
        Between the two, in a straight line or along streets.
    places, facilities
        How many there are of each, in a pair or not.
    """

    place: NDArray[np.int64]
    facility: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    places: int
    facilities: int

    def sum_by_place(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Add values of pairs up by place.

        Parameters
        ----------
        values
            One a pair.

        Returns
        -------
        sums
            One a place; 0 where it is in no pair.
        """
        return _sums(self.place, values, self.places)

    def sum_by_facility(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Add values of pairs up by facility.

        Parameters
        ----------
        values
            One a pair.

        Returns
        -------
        sums
            One a facility; 0 where it is in no pair.
        """
        return _sums(self.facility, values, self.facilities)


def _sums(
    position: NDArray[np.int64], values: NDArray[np.float64], length: int
) -> NDArray[np.float64]:
    return np.bincount(position, weights=values, minlength=length).astype(float, copy=False)


def pairs_within(
    places: NDArray[np.float64], facilities: NDArray[np.float64], *, service_radius: float
) -> Pairs:
    """
    Find the pairs of places and facilities within a radius.

    Parameters
    ----------
    places, facilities
        Coordinates in metres, one row each, in one CRS; finite. None at all is allowed.
    service_radius
        Metres; a facility at exactly this distance is within it.

    Returns
    -------
    pairs
        Each once.

    Raises
    ------
    ValueError
        If `service_radius` is not positive.
    """
    check_service_radius(service_radius)
    if not (len(places) and len(facilities)):
        none = np.empty(0, dtype=np.int64)
        return Pairs(none, none, np.empty(0), len(places), len(facilities))
    found = cKDTree(places).sparse_distance_matrix(
        cKDTree(facilities), service_radius, output_type="ndarray"
    )
    return Pairs(found["i"], found["j"], found["v"], len(places), len(facilities))


def pairs_of(prepared: PreparedCity, kind: str, *, service_radius: float, measure: str) -> Pairs:
    """
    Find the residents and the facilities of a kind within a radius of one another.

    Parameters
    ----------
    prepared
        A city with residents and a layer of the kind.
    kind
        Its facilities that are supply are meant.
    service_radius
        Metres; a facility at exactly this distance is within it.
    measure
        `STRAIGHT`, or `NETWORK` in a city `with_shortest_paths`.

    Returns
    -------
    pairs
        Each once; places are resident rows, facilities those of the kind's supply. Along streets
        only pairs with a known path, so none where nothing can be walked.

    Raises
    ------
    ValueError
        If the radius is not positive, the city has no residents, or paths are asked for that it
        does not have.
    """
    facilities = prepared.supply[kind].facilities
    points = shapely.get_coordinates(facilities.geometry.to_numpy()).reshape(-1, 2)
    return pairs_with(prepared, points, service_radius=service_radius, measure=measure)


def pairs_with(
    prepared: PreparedCity, points: NDArray[np.float64], *, service_radius: float, measure: str
) -> Pairs:
    """
    Find the residents and any points within a radius of one another.

    Parameters
    ----------
    prepared
        A city with residents.
    points
        Coordinates in metres, n × 2.
    service_radius, measure
        As in `pairs_of`.

    Returns
    -------
    pairs
        Each once; places are resident rows.

    Raises
    ------
    ValueError
        As in `pairs_of`.
    """
    demand, paths = prepared.demand, prepared.shortest_paths
    if demand is None or (measure != STRAIGHT and paths is None):
        msg = "pairs need residents, and for walking `with_shortest_paths`."
        raise ValueError(msg)
    if measure == STRAIGHT or paths is None:
        return pairs_within(demand.places(slice(None)), points, service_radius=service_radius)
    access_points = paths.walking_network.access_points
    if access_points is None:
        return pairs_within(np.empty((0, 2)), points, service_radius=service_radius)
    found = pairs_with_sites(access_points, points, service_radius=service_radius)
    return Pairs(found.place, found.site, found.distance_m, len(demand.people), len(points))


def distance_weight(
    distance: ArrayLike, *, service_radius: float, method: str
) -> NDArray[np.float64]:
    """
    Weigh distances up to a radius.

    Parameters
    ----------
    distance
        Metres, at most `service_radius`.
    service_radius
        Metres.
    method
        One of `CATCHMENTS`.

    Returns
    -------
    weight
        Of each, 0-1. Dai's Gaussian falls from 1 to 0 at the radius.

    Raises
    ------
    ValueError
        If the method is none of them.

    Examples
    --------
    >>> distance_weight([300.0], service_radius=600, method="gaussian").round(4)
    array([0.7014])
    """
    metres = np.asarray(distance, dtype=float)
    if method == EQUAL:
        return np.ones_like(metres)
    if method in {STEPS, CHOICE}:
        thirds = service_radius * np.arange(1, 3) / 3
        return np.asarray(STEP_WEIGHTS)[np.searchsorted(thirds, metres, side="left")]
    if method == GAUSSIAN:
        end = np.exp(-0.5)
        bell = np.exp(-0.5 * (metres / service_radius) ** 2)
        fallen: NDArray[np.float64] = (bell - end) / (1 - end)
        return fallen
    msg = f"`method` must be one of {CATCHMENTS}, got {method!r}."
    raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class Shares:
    """
    How a kind's capacity is shared out.

    Attributes
    ----------
    pairs
        Places and facilities within the radius.
    weight
        Of each pair, 0-1.
    demand
        People of each facility's catchment, weighted.
    ratio
        Capacity for each weighted person of a facility's catchment; missing where the
        capacity is unknown or nobody is there.
    access
        Capacity for each person of a place, summed over the facilities of known capacity.
    """

    pairs: Pairs
    weight: NDArray[np.float64]
    demand: NDArray[np.float64]
    ratio: NDArray[np.float64]
    access: NDArray[np.float64]


def share_capacity(
    pairs: Pairs, people: ArrayLike, capacity: ArrayLike, *, service_radius: float, method: str
) -> Shares:
    """
    Share the capacity of facilities out among the people in reach.

    Access of a place i is A_i = Σ_j R_j w_ij with R_j = S_j / Σ_k P_k w_kj over the places
    k in the catchment of facility j. In the three-step method w is w·w / Σ_j w instead:
    the second factor is the share of a place's people who choose the facility.

    Parameters
    ----------
    pairs
        From `pairs_within`, of the facilities that are supply.
    people
        At each place; 0 or more.
    capacity
        Of each facility: stalls, machines; missing where unknown. A facility of unknown
        capacity draws people, but adds nothing: access is then the least that can be.
    service_radius
        The one of `pairs`, in metres.
    method
        One of `CATCHMENTS`.

    Returns
    -------
    shares
        Σ people · access = Σ capacity, over the facilities of known capacity with anyone
        (of a positive weight) in their catchment.

    References
    ----------
    Luo and Wang (2003), doi:10.1068/b29120; Luo and Qi (2009),
    doi:10.1016/j.healthplace.2009.06.002; Dai (2010), doi:10.1016/j.healthplace.2010.06.012;
    Wan, Zou and Sternberg (2012), doi:10.1080/13658816.2011.624987.
    """
    demand_of_place, supply = np.asarray(people, dtype=float), np.asarray(capacity, dtype=float)
    weight = distance_weight(pairs.distance_m, service_radius=service_radius, method=method)
    if method == CHOICE:
        weight = weight * weight / pairs.sum_by_place(weight)[pairs.place]
    demand = pairs.sum_by_facility(weight * demand_of_place[pairs.place])
    ratio = pd.Series(supply).divide(pd.Series(demand).where(demand > 0)).to_numpy()
    access = pairs.sum_by_place(weight * np.nan_to_num(ratio)[pairs.facility])
    return Shares(pairs, weight, demand, ratio, access)
