"""
People within walking distance, and how far what is not known about streets may move that.

A resident's way is known where streets lead from there to a facility. Where they do not,
only a lower bound is: no way is shorter than the straight line. So the people of a
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
    Access,
    Network,
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
"""Sums over the people with a known way, from which means are made."""
NO_STREETS, NO_RESIDENTS = "no_streets_layer", "no_residents_layer"


@dataclass(frozen=True, eq=False)
class Walk:
    """
    What is known of the ways to one kind before any radius is chosen.

    Attributes
    ----------
    distance
        Metres along streets to the nearest facility, one a resident row; infinite where
        no way is known.
    at_least
        Metres that no way can be below, one a resident row: the way itself where it is
        known, else the straight line; also the straight line to a facility without
        streets, if that is shorter; all of them to facilities in doubt, too.
    measured
        On the index of the communities: `nearest_distance_m` (from a point inside),
        `population_without_streets`, `population_unreachable` (on streets that lead to no
        facility), and over the people with a known way the sums `people`, `people_leg_m`,
        `people_walk_m`, `people_straight_m`.
    """

    distance: NDArray[np.float64]
    at_least: NDArray[np.float64]
    measured: pd.DataFrame


@dataclass(frozen=True, eq=False)
class AccessPoints:
    """
    Where homes and communities join the streets.

    Attributes
    ----------
    network
        The walkable streets.
    homes
        One place a resident row.
    middles
        One place a community: a point inside.
    """

    network: Network
    homes: Access
    middles: Access


@dataclass(frozen=True, eq=False)
class WalkingNetwork:
    """
    The streets of a city as its people use them, which no choice of facilities changes.

    Attributes
    ----------
    missing
        Why nothing can be walked: `NO_STREETS`, `NO_RESIDENTS`, or empty.
    joints
        `None` if any reason stands in `missing`.
    """

    missing: str
    joints: AccessPoints | None = None


@dataclass(frozen=True, eq=False)
class ShortestPaths:
    """
    The ways of a city to its facilities.

    Attributes
    ----------
    ways
        Where they begin.
    by_kind
        For every kind with a layer; empty if nothing can be walked.
    """

    ways: WalkingNetwork
    by_kind: Mapping[str, Walk]


def prepare_walking_network(
    communities: gpd.GeoDataFrame, demand: Demand | None, streets: gpd.GeoDataFrame | None
) -> WalkingNetwork:
    """
    Join homes and communities to the streets, once for any facilities.

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
    ways
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
    homes = street_access(network, demand.x, demand.y)
    return WalkingNetwork(
        "", AccessPoints(network, homes, street_access(network, points.x, points.y))
    )


def find_shortest_paths(
    ways: WalkingNetwork, supply: Mapping[str, Supply], demand: Demand | None
) -> ShortestPaths:
    """
    Measure every way to the facilities once for all radii.

    Parameters
    ----------
    ways
        From `prepare_walking_network`.
    supply
        By kind.
    demand
        Located residents; `None` if there is no such layer.

    Returns
    -------
    walks
        Without any kind where nothing can be walked.
    """
    joints = ways.joints
    if demand is None or joints is None:
        return ShortestPaths(ways, {})

    def walk(supply: Supply) -> Walk:
        found = _walk(joints, supply, demand)
        if supply.most is None:
            return found
        return replace(found, at_least=walk(supply.most).at_least)

    return ShortestPaths(ways, {kind: walk(each) for kind, each in supply.items()})


def walk_reach(
    walks: ShortestPaths, facilities: gpd.GeoDataFrame, *, service_radius: float
) -> NDArray[np.object_]:
    """
    Cut out the streets within walking distance of any of some facilities.

    Parameters
    ----------
    walks
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
    joints, points = walks.ways.joints, facilities.geometry
    if joints is None:
        return np.empty(0, dtype=object)
    doors = street_access(joints.network, points.x, points.y)
    return reached_streets(joints.network, doors, service_radius=service_radius)


def _walk(joints: AccessPoints, supply: Supply, demand: Demand) -> Walk:
    network, homes = joints.network, joints.homes
    facilities, straight = supply.facilities, supply.distance
    doors = street_access(network, facilities.geometry.x, facilities.geometry.y)
    hidden = facilities[np.isinf(doors.leg_of_place)]
    distance = walking_distance(network, homes, doors)
    to_hidden = nearest_distance(demand.x, demand.y, hidden)
    known = np.isfinite(distance)
    nearest = walking_distance(network, joints.middles, doors)
    on_streets = np.isfinite(homes.leg_of_place)

    def people_metres(metres: NDArray[np.float64]) -> pd.Series[float]:
        return replace(demand, people=demand.people * metres).people_where(known)

    measured = pd.DataFrame(
        {
            "nearest_distance_m": np.where(np.isfinite(nearest), nearest, np.nan),
            "population_without_streets": demand.people_where(~on_streets),
            "population_unreachable": demand.people_where(on_streets & ~known),
            "people": demand.people_where(known),
            "people_leg_m": people_metres(np.where(known, homes.leg_of_place, 0)),
            "people_walk_m": people_metres(np.where(known, distance, 0)),
            "people_straight_m": people_metres(np.where(known, straight, 0)),
        },
        index=demand.communities,
    )
    return Walk(distance, np.where(known, np.minimum(distance, to_hidden), straight), measured)


def walking_means(sums: pd.DataFrame) -> pd.DataFrame:
    """
    Make means from sums over the people with a known way.

    Parameters
    ----------
    sums
        Columns `people`, `people_leg_m`, `people_walk_m`, `people_straight_m` as in `Walk`,
        of communities or added up for larger units.

    Returns
    -------
    means
        `mean_distance_m` walked, `mean_leg_m` from home to the streets, and `detour_ratio`:
        metres walked by all of them over their straight metres. On the index of `sums`;
        missing where nobody's way is known.
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


def walking_reach(demand: Demand, walk: Walk, *, service_radius: float) -> pd.DataFrame:
    """
    Count the people of each community within walking distance, and those not judged.

    Parameters
    ----------
    demand
        Located residents.
    walk
        Their ways to one kind.
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
    covered = covered_population(demand, walk.distance, service_radius=service_radius)
    perhaps = (walk.at_least <= service_radius) & ~(walk.distance <= service_radius)
    return pd.DataFrame(
        {
            "population_covered": covered,
            "population_not_judged": demand.people_where(perhaps),
        }
    )
