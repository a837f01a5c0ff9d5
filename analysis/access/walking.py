"""
People within walking distance, and how far what is not known about streets may move that.

A resident's path is known where streets lead from there to a facility. Where they do not,
only a lower bound is: no path is shorter than the straight line. So the people of a
community are within reach for certain, beyond it for certain, or not judged; a community
meets a rule if those within for certain suffice, fails if even all those not judged would
not, and cannot be judged in between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.access.proximity import nearest_distance
from analysis.access.residents import Demand, covered_population
from analysis.access.street_network import (
    Network,
    NetworkAccess,
    prepare_network,
    reached_streets,
    street_access,
    walking_distance,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.access.supply import Supply

SUMS = ("people", "people_leg_m", "people_walk_m", "people_straight_m")
"""Sums over the people with a known path, from which means are made."""
NO_STREETS, NO_RESIDENTS = "no_streets_layer", "no_residents_layer"
FEW_JOINED = "few_residents_on_streets"
MIN_JOINED = 0.9
"""
Least share of residents on streets for walking distance to be the measure that is not asked for:
the rules want nine tenths of the residents within reach, which fewer could neither meet nor fail.
"""


@dataclass(frozen=True, eq=False)
class NearestPaths:
    """
    What is known of the shortest paths to one kind before any radius is chosen.

    Attributes
    ----------
    distance
        Metres along streets to the nearest facility, one a resident row; infinite where
        no path is known.
    lower_bound
        Metres that no path can be below, one a resident row: the path itself where it is
        known, else the straight line; also the straight line to a facility without
        streets, if that is shorter; all of them to facilities in doubt, too.
    measured
        On the index of the communities: `nearest_distance_m` (from a point inside),
        `population_without_streets`, `population_unreachable` (on streets that lead to no
        facility), and over the people with a known path the sums `people`, `people_leg_m`,
        `people_walk_m`, `people_straight_m`.
    idle_distance
        As `distance`, to the facilities that are there but no supply.
    slope_bound
        As `lower_bound`, with the slopes of streets whose heights are known.
    """

    distance: NDArray[np.float64]
    lower_bound: NDArray[np.float64]
    measured: pd.DataFrame
    idle_distance: NDArray[np.float64]
    slope_bound: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AccessPoints:
    """
    Where residents and communities join the streets.

    Attributes
    ----------
    network
        The walkable streets.
    residents
        One place a resident row.
    communities
        One place a community: a point inside.
    """

    network: Network
    residents: NetworkAccess
    communities: NetworkAccess


@dataclass(frozen=True, eq=False)
class WalkingNetwork:
    """
    The streets of a city as its residents use them, which no choice of facilities changes.

    Attributes
    ----------
    missing
        Why nothing can be walked: `NO_STREETS`, `NO_RESIDENTS`, or empty.
    access_points
        `None` if any reason stands in `missing`.
    """

    missing: str
    access_points: AccessPoints | None = None


@dataclass(frozen=True, eq=False)
class ShortestPaths:
    """
    The shortest paths from a city's residents to its facilities.

    Attributes
    ----------
    walking_network
        On which they run, and where they begin.
    by_kind
        For every kind with a layer; empty if nothing can be walked.
    """

    walking_network: WalkingNetwork
    by_kind: Mapping[str, NearestPaths]


def prepare_walking_network(
    communities: gpd.GeoDataFrame, demand: Demand | None, streets: gpd.GeoDataFrame | None
) -> WalkingNetwork:
    """
    Join residents and communities to the streets, once for any facilities.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.
    demand
        Residents located in these communities; `None` if there is no such layer.
    streets
        As in `analysis.model.contracts`, or `None` if there is no such layer.

    Returns
    -------
    walking_network
        With the reason where streets or residents are missing: then nothing can be judged.

    Raises
    ------
    CrsError
        If the CRS of the streets is not metric.
    """
    if streets is None:
        return WalkingNetwork(NO_STREETS)
    if demand is None:
        return WalkingNetwork(NO_RESIDENTS)
    network = prepare_network(streets)
    points = communities.representative_point()
    residents = street_access(network, demand.x, demand.y)
    return WalkingNetwork(
        "", AccessPoints(network, residents, street_access(network, points.x, points.y))
    )


def joined_share(walking_network: WalkingNetwork, demand: Demand | None) -> float:
    """
    Tell how many of the residents are joined to a street.

    Parameters
    ----------
    walking_network
        From `prepare_walking_network`.
    demand
        Located residents; `None` if there is no such layer.

    Returns
    -------
    share
        Of the people in communities, those with a walkable street within `MAX_LEG_M`; 0 where
        nothing can be walked.
    """
    points = walking_network.access_points
    if demand is None or points is None:
        return 0.0
    people = float(demand.population.sum())
    joined = demand.people_where(np.isfinite(points.residents.leg_of_place)).sum()
    return float(joined) / people if people > 0 else 0.0


def find_shortest_paths(
    walking_network: WalkingNetwork, supply: Mapping[str, Supply], demand: Demand | None
) -> ShortestPaths:
    """
    Measure the paths to the facilities once for all radii.

    Parameters
    ----------
    walking_network
        From `prepare_walking_network`.
    supply
        By kind.
    demand
        Located residents; `None` if there is no such layer.

    Returns
    -------
    shortest_paths
        Without any kind where nothing can be walked.
    """
    access_points = walking_network.access_points
    if demand is None or access_points is None:
        return ShortestPaths(walking_network, {})

    def paths(supply: Supply) -> NearestPaths:
        found = _nearest_paths(access_points, supply, demand)
        if supply.upper is None:
            return found
        upper = paths(supply.upper)
        return replace(found, lower_bound=upper.lower_bound, slope_bound=upper.slope_bound)

    return ShortestPaths(walking_network, {kind: paths(each) for kind, each in supply.items()})


def walk_reach(
    shortest_paths: ShortestPaths, facilities: gpd.GeoDataFrame, *, service_radius: float
) -> NDArray[np.object_]:
    """
    Cut out the streets within walking distance of any of some facilities.

    Parameters
    ----------
    shortest_paths
        From `find_shortest_paths`.
    facilities
        Those of one kind that are supply.
    service_radius
        Metres along streets, the leg from the facility included.

    Returns
    -------
    lines
        From `analysis.access.street_network.reached_streets`; none without streets.

    Raises
    ------
    ValueError
        If `service_radius` is not positive.
    """
    access_points, points = shortest_paths.walking_network.access_points, facilities.geometry
    if access_points is None:
        return np.empty(0, dtype=object)
    entrances = street_access(access_points.network, points.x, points.y)
    return reached_streets(access_points.network, entrances, service_radius=service_radius)


def _nearest_paths(access_points: AccessPoints, supply: Supply, demand: Demand) -> NearestPaths:
    network, residents = access_points.network, access_points.residents
    facilities, straight = supply.facilities, supply.distance
    entrances = street_access(network, facilities.geometry.x, facilities.geometry.y)
    off_streets = facilities[np.isinf(entrances.leg_of_place)]
    # Where the street network does not tell, a facility off the streets, or any at all, may
    # still be as near as the straight line: that bounds the path from below.
    distance = walking_distance(network, residents, entrances)
    to_off_streets = nearest_distance(demand.x, demand.y, off_streets)
    known = np.isfinite(distance)
    nearest = walking_distance(network, access_points.communities, entrances)
    on_streets = np.isfinite(residents.leg_of_place)

    def people_metres(metres: NDArray[np.float64]) -> pd.Series[float]:
        return replace(demand, people=demand.people * metres).people_where(known)

    measured = pd.DataFrame(
        {
            "nearest_distance_m": np.where(np.isfinite(nearest), nearest, np.nan),
            "population_without_streets": demand.people_where(~on_streets),
            "population_unreachable": demand.people_where(on_streets & ~known),
            "people": demand.people_where(known),
            "people_leg_m": people_metres(np.where(known, residents.leg_of_place, 0)),
            "people_walk_m": people_metres(np.where(known, distance, 0)),
            "people_straight_m": people_metres(np.where(known, straight, 0)),
        },
        index=demand.communities,
    )
    idle = supply.idle.geometry
    to_idle = walking_distance(network, residents, street_access(network, idle.x, idle.y))

    def bound(way: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(known, np.minimum(way, to_off_streets), straight)

    least = bound(distance)
    sloped = least
    if network.heights_known > 0:
        places = [each.sloped(network) for each in (residents, entrances)]
        sloped = bound(walking_distance(network.sloped, *places))
    return NearestPaths(distance, least, measured, to_idle, sloped)


def walking_means(sums: pd.DataFrame) -> pd.DataFrame:
    """
    Make means from sums over the people with a known path.

    Parameters
    ----------
    sums
        Columns `people`, `people_leg_m`, `people_walk_m`, `people_straight_m` as in `NearestPaths`,
        of communities or added up for larger units.

    Returns
    -------
    means
        `mean_distance_m` walked, `mean_leg_m` the access leg to the streets, and `detour_ratio`:
        metres walked by all of them over their straight metres. On the index of `sums`;
        missing where nobody's path is known.
    """
    people = sums["people"].where(sums["people"] > 0)
    straight = sums["people_straight_m"].where(sums["people_straight_m"] > 0)
    return pd.DataFrame(
        {
            "mean_distance_m": sums["people_walk_m"] / people,
            "mean_leg_m": sums["people_leg_m"] / people,
            "detour_ratio": sums["people_walk_m"] / straight,
        }
    )


def walking_reach(demand: Demand, paths: NearestPaths, *, service_radius: float) -> pd.DataFrame:
    """
    Count the people of each community within walking distance, and those not judged.

    Parameters
    ----------
    demand
        Located residents.
    paths
        Their shortest paths to one kind.
    service_radius
        Greatest distance served along streets, in metres.

    Returns
    -------
    reach
        On the index of the communities: `population_covered`, people within reach for
        certain, and `population_not_judged`, people for whom the streets do not tell. The
        rest are beyond reach for certain.

    Raises
    ------
    ValueError
        If `service_radius` is not positive.
    """
    covered = covered_population(demand, paths.distance, service_radius=service_radius)
    # Not within for certain, and not beyond for certain either.
    perhaps = (paths.lower_bound <= service_radius) & ~(paths.distance <= service_radius)
    return pd.DataFrame(
        {
            "population_covered": covered,
            "population_not_judged": demand.people_where(perhaps),
        }
    )
