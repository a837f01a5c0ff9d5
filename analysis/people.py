"""Where residents live: people by community, and how many of them a facility reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.discs import check_service_radius

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

OUTSIDE = -1
FEW_PLACES = 10_000
"""Below so many places each is tested by itself."""
PLACES_PER_CELL = 12
"""Places a square on average: so the squares settle most places and stay few."""


def community_of(x: ArrayLike, y: ArrayLike, communities: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """
    Find the community of each place.

    Parameters
    ----------
    x, y
        Coordinates in metres, in the CRS of `communities`.
    communities
        Polygons.

    Returns
    -------
    position
        Position in `communities`, one a place; `OUTSIDE` (-1) where there is none. A
        place on a border, or where communities overlap, belongs to the first of them.
    """
    coordinates = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    polygons = communities.geometry.to_numpy()
    position = _by_cells(coordinates, polygons)
    open_places = np.flatnonzero(position == OUTSIDE)
    places = np.asarray(shapely.points(coordinates[open_places]), dtype=object)
    community, place = shapely.STRtree(places).query(polygons, predicate="intersects")
    position[open_places[place[::-1]]] = community[::-1]
    return position


def _by_cells(coordinates: NDArray[np.float64], polygons: NDArray[np.object_]) -> NDArray[np.int64]:
    """
    Settle the places whose square of a grid lies in one polygon and touches no other.

    Most places are, so that few points have to be made and tested one by one.
    """
    position = np.full(len(coordinates), OUTSIDE, dtype=np.int64)
    finite = np.isfinite(coordinates).all(axis=1)
    if finite.sum() < FEW_PLACES or len(polygons) == 0:
        return position
    low, high = coordinates[finite].min(axis=0), coordinates[finite].max(axis=0)
    side = float(np.sqrt(np.prod(high - low) * PLACES_PER_CELL / finite.sum()))
    if not side > 0:
        return position
    cell = np.floor((coordinates[finite] - low) / side).astype(np.int64)
    columns = int(cell[:, 0].max()) + 1
    number, of = np.unique(cell[:, 1] * columns + cell[:, 0], return_inverse=True)
    left, bottom = low[0] + number % columns * side, low[1] + number // columns * side
    margin = side * 1e-9
    boxes = shapely.box(
        left - margin, bottom - margin, left + side + margin, bottom + side + margin
    )
    tree = shapely.STRtree(boxes)
    touching = np.bincount(tree.query(polygons, predicate="intersects")[1], minlength=len(number))
    polygon, inside = tree.query(polygons, predicate="contains_properly")
    settled = np.full(len(number), OUTSIDE, dtype=np.int64)
    settled[inside] = np.where(touching[inside] == 1, polygon, OUTSIDE)
    position[finite] = settled[of]
    return position


@dataclass(frozen=True, eq=False)
class Demand:
    """
    Residents, each with the community they live in.

    Attributes
    ----------
    communities
        Index of the communities.
    membership
        Position in `communities`, one a resident row; `OUTSIDE` where in none.
    people
        People, one a resident row.
    """

    communities: pd.Index
    membership: NDArray[np.int64]
    people: NDArray[np.float64]

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
        x, y in metres and population, as in `analysis.contracts`.
    communities
        Polygons in the same CRS.

    Returns
    -------
    demand
        Rows in the order of `residents`. Those in no community are kept and counted.
    """
    return Demand(
        communities=communities.index,
        membership=community_of(residents["x"], residents["y"], communities),
        people=residents["population"].to_numpy(dtype=float),
    )


def population_of(residents: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.Series[float]:
    """
    Sum the people who live in each community.

    Parameters
    ----------
    residents
        x, y in metres and population, as in `analysis.contracts`.
    communities
        Polygons in the same CRS.

    Returns
    -------
    population
        People on the index of `communities`.
    """
    return locate_residents(residents, communities).population


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
