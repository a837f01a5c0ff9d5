"""Where residents live: people by community, and how many of them a facility reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.geometry.buffers import check_service_radius
from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.contracts import GROUPS, INCOME

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Demand:
    """
    Residents, each with the community they live in.

    Attributes
    ----------
    communities
        Index of the communities.
    x, y
        Coordinates in metres, one a resident row.
    membership
        Position in `communities`, one a resident row; `OUTSIDE` where in none.
    people
        People, one a resident row.
    groups
        People of each group that the layer carries, and `income`, one a resident row; missing
        where unknown.
    """

    communities: pd.Index
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    membership: NDArray[np.int64]
    people: NDArray[np.float64]
    groups: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def places(self, chosen: NDArray[Any] | slice) -> NDArray[np.float64]:
        """
        Give the coordinates of the rows chosen.

        Parameters
        ----------
        chosen
            Positions, a slice of them, or one truth value a resident row.

        Returns
        -------
        places
            x, y in metres, n × 2.
        """
        return np.column_stack([self.x[chosen], self.y[chosen]])

    def part(self, positions: NDArray[np.int64]) -> tuple[Demand, NDArray[np.int64]]:
        """
        Take out the residents of some communities.

        Parameters
        ----------
        positions
            Of the communities, ascending.

        Returns
        -------
        demand, rows
            Of these communities alone, without groups; and which rows they were.
        """
        place = np.full(len(self.communities) + 1, OUTSIDE)  # the last one stands for outside
        place[positions] = np.arange(len(positions))
        membership = place[self.membership]
        rows = np.flatnonzero(membership != OUTSIDE)
        part = Demand(
            communities=self.communities[positions],
            x=self.x[rows],
            y=self.y[rows],
            membership=membership[rows],
            people=self.people[rows],
        )
        return part, rows

    @property
    def population(self) -> pd.Series[float]:
        """People by community."""
        return self.people_where(np.ones(len(self.people), dtype=bool))

    @property
    def outside(self) -> float:
        """People who live in no community."""
        return float(self.people[self.membership == OUTSIDE].sum())

    def people_where(self, chosen: NDArray[np.bool_]) -> pd.Series[float]:
        """
        Sum the people of the rows chosen.

        Parameters
        ----------
        chosen
            One truth value a resident row.

        Returns
        -------
        population
            People by community.
        """
        rows = chosen & (self.membership != OUTSIDE)
        people = np.bincount(
            self.membership[rows], weights=self.people[rows], minlength=len(self.communities)
        )
        return pd.Series(people, index=self.communities, name="population")


def locate_residents(residents: pd.DataFrame, communities: gpd.GeoDataFrame) -> Demand:
    """
    Find the community of every resident row, once for all kinds and radii.

    Parameters
    ----------
    residents
        x, y in metres and population, as in `analysis.model.contracts`.
    communities
        Polygons in the same CRS.

    Returns
    -------
    demand
        Rows in the order of `residents`. Those in no community are kept and counted.
    """
    x, y = (residents[axis].to_numpy(dtype=float) for axis in ("x", "y"))
    return Demand(
        communities=communities.index,
        x=x,
        y=y,
        membership=community_of(x, y, communities),
        people=residents["population"].to_numpy(dtype=float),
        groups={
            name: residents[name].to_numpy(dtype=float)
            for name in (*GROUPS, INCOME)
            if name in residents
        },
    )


def population_of(residents: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.Series[float]:
    """
    Sum the people who live in each community.

    Parameters
    ----------
    residents
        x, y in metres and population, as in `analysis.model.contracts`.
    communities
        Polygons in the same CRS.

    Returns
    -------
    population
        People on the index of `communities`.
    """
    return locate_residents(residents, communities).population


def people_of(
    communities: gpd.GeoDataFrame, residents: pd.DataFrame | None
) -> pd.Series[float] | None:
    """
    Tell how many people live in each community, for rates of cases.

    Parameters
    ----------
    communities
        With `population`, where they state it.
    residents
        Asked where they do not; x, y in metres and population, as in `analysis.model.contracts`.

    Returns
    -------
    population
        People on the index of the communities; `None` where neither tells.
    """
    if "population" in communities:
        people: pd.Series[float] = communities["population"].astype(float)
        return people
    return None if residents is None else population_of(residents, communities)


def covered_population(
    demand: Demand, distance: NDArray[np.float64], *, service_radius: float
) -> pd.Series[float]:
    """
    Count the people of each community within reach of a facility.

    Parameters
    ----------
    demand
        Located residents.
    distance
        Metres to the nearest facility, one a resident row (`nearest_distance`).
    service_radius
        Greatest distance served, in metres; a resident at exactly this distance is
        within reach.

    Returns
    -------
    population_covered
        People on the index of the communities, at most `demand.population`.

    Raises
    ------
    ValueError
        If `service_radius` is not positive.
    """
    check_service_radius(service_radius)
    return demand.people_where(distance <= service_radius).rename("population_covered")
