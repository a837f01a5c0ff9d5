"""What a rule's figure would be if only the community's own facilities counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.coverage.figures import figure_of, spread_population
from analysis.geometry.disc_cover import disc_cover_of
from analysis.geometry.edges import prepare_borders
from analysis.geometry.locate import OUTSIDE, community_of

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply import Supply
    from analysis.coverage.catchment import Pairs
    from analysis.model.standards import Rule


def own_figure(
    prepared: PreparedCity, rule: Rule, service_radius: float, *, walks: Pairs | None = None
) -> pd.Series[float]:
    """
    Measure the figure of a rule as if only the community's own facilities counted.

    Parameters
    ----------
    prepared
        The city, with a layer of the rule's kind.
    rule
        On reach.
    service_radius
        Metres.
    walks
        Who can walk where within the radius (`analysis.coverage.catchment.pairs_of`), for a figure
        that is walked; `None` for the straight line.

    Returns
    -------
    value
        At most the figure with all facilities, on the index of the communities.
    """
    supply = prepared.supply[rule.kind]
    if walks is not None and prepared.demand is not None:
        served = _walked_to_own(prepared, supply, walks)
        return figure_of(prepared, rule, prepared.demand.people_where(served))
    numerator = OWN[rule.figure.numerator](prepared, supply, service_radius)
    return figure_of(prepared, rule, numerator)


def _facilities_inside(_prepared: PreparedCity, supply: Supply, _radius: float) -> pd.Series[float]:
    return supply.measured["facilities_inside"].astype(float)


def _area_covered(prepared: PreparedCity, supply: Supply, radius: float) -> pd.Series[float]:
    return _own_m2(prepared, supply, prepared.community_land.dry, radius)


def _residential_covered(prepared: PreparedCity, supply: Supply, radius: float) -> pd.Series[float]:
    residential = prepared.community_land.residential
    if residential is None:
        return pd.Series(np.nan, index=prepared.communities.index)
    return _own_m2(prepared, supply, residential, radius)


def _population_covered(prepared: PreparedCity, supply: Supply, radius: float) -> pd.Series[float]:
    if prepared.demand is not None:
        return prepared.demand.people_where(_served_by_own(prepared, supply, radius))
    area = _area_covered(prepared, supply, radius)
    return spread_population(prepared, area, _residential_covered(prepared, supply, radius))


OWN = {
    "facilities_in_reach": _facilities_inside,
    "area_covered_m2": _area_covered,
    "residential_covered_m2": _residential_covered,
    "population_covered": _population_covered,
}
"""Numerators as `analysis.coverage.figures.REACHED` has them, of own facilities alone."""


def _own_points(prepared: PreparedCity, supply: Supply) -> tuple[np.ndarray, np.ndarray]:
    """Places of the facilities that stand in a community, and the position of that community."""
    points = shapely.get_coordinates(supply.facilities.geometry.to_numpy()).reshape(-1, 2)
    community = community_of(points[:, 0], points[:, 1], prepared.communities)
    inside = community != OUTSIDE
    return points[inside], community[inside]


def _walked_to_own(prepared: PreparedCity, supply: Supply, walks: Pairs) -> np.ndarray:
    """Tell the residents who can walk to a facility of their own community."""
    demand = prepared.demand
    assert demand is not None  # noqa: S101  the caller has looked
    points = shapely.get_coordinates(supply.facilities.geometry.to_numpy()).reshape(-1, 2)
    community = community_of(points[:, 0], points[:, 1], prepared.communities)
    own = community[walks.facility] == demand.membership[walks.place]
    served = np.zeros(len(demand.people), dtype=bool)
    served[walks.place[own]] = True
    return served


def _served_by_own(prepared: PreparedCity, supply: Supply, service_radius: float) -> np.ndarray:
    """
    Tell the residents who have a facility of their own community within reach.

    The community is a third coordinate in which neighbours are further apart than the
    radius, so one tree answers for all communities.
    """
    demand = prepared.demand
    assert demand is not None  # noqa: S101  the caller has looked
    points, community = _own_points(prepared, supply)
    served = np.zeros(len(demand.people), dtype=bool)
    in_reach = (supply.distance <= service_radius) & (demand.membership != OUTSIDE)
    in_reach &= demand.people > 0
    if not len(points) or not in_reach.any():
        return served
    apart = 4 * service_radius
    tree = cKDTree(np.column_stack([points, community * apart]))
    places = np.column_stack([demand.places(in_reach), demand.membership[in_reach] * apart])
    bound = np.nextafter(service_radius, np.inf)  # a distance equal to the radius is within it
    served[in_reach] = np.isfinite(tree.query(places, distance_upper_bound=bound)[0])
    return served


def _own_m2(
    prepared: PreparedCity, supply: Supply, parts: gpd.GeoDataFrame, service_radius: float
) -> pd.Series[float]:
    """
    Cover each community by its own facilities.

    Communities are moved apart, each with its facilities, onto a lattice whose cells are so
    wide that no disc reaches into a neighbour's: then one cover measures them all. ::

        +-------+-------+
        | A ·   |   · B |     A and B touch in the city; here their discs cannot meet
        +-------+-------+
    """
    index = prepared.communities.index
    points, community = _own_points(prepared, supply)
    if parts.empty or not len(points):
        return pd.Series(0.0, index=index)
    bounds = parts.bounds.to_numpy()
    side = (bounds[:, 2:] - bounds[:, :2]).max() + 4 * service_radius
    place, columns = np.arange(len(parts)), int(np.ceil(np.sqrt(len(parts))))
    cell = np.column_stack([place % columns, place // columns]) * side
    shift = cell - bounds[:, :2]
    shapes = parts.geometry.to_numpy().copy()
    corners, of = shapely.get_coordinates(shapes, return_index=True)
    moved = shapely.set_coordinates(shapes, corners + shift[of])
    position = parts.index.get_indexer(index[community])
    stays = position >= 0  # the others stand where the community has no such land
    own = points[stays] + shift[position[stays]]
    covered = disc_cover_of(prepare_borders(moved), own, index=parts.index).covered_area(
        service_radius
    )
    return covered.reindex(index, fill_value=0.0)
