"""
A city made ready once for any standard and any radius.

Closed and planned facilities are no supply; facilities outside a community, or outside
the city, count for it as soon as they are within the service radius.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.access.land import CommunityLand, Land, cut_to_land, only_built_up
from analysis.access.proximity import Vicinity, facilities_inside, nearest_distance
from analysis.access.residents import Demand, locate_residents
from analysis.access.supply import Supply
from analysis.access.walking import ShortestPaths, WalkingNetwork, find_shortest_paths
from analysis.geometry.disc_cover import DiscCover, prepare_disc_cover
from analysis.geometry.locate import OUTSIDE
from analysis.model.contracts import (
    SUPPLY_STATUS,
    check_communities,
    check_facilities,
    check_polygons,
    check_residents,
    check_same_crs,
)
from analysis.model.standards import BUILT_UP

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.access.supply_filter import FilterResult
    from analysis.geometry.edges import Borders
    from analysis.model.standards import Rule


@dataclass(frozen=True)
class PreparedCity:
    """
    A city made ready for any standard and any radius. Nothing may change it.

    Attributes
    ----------
    communities
        As given.
    community_land
        The communities cut to their land.
    population
        People by community; missing where unknown.
    population_basis
        `residents` if people are placed by a residents layer. If only totals per community
        are known, they are taken as spread evenly: over residential land (`residential`)
        where there is a layer and the community has any, else over its area (`area`).
        `none` if neither is known.
    demand
        Residents located in communities, or `None`.
    facilities
        Every kind and status, as given.
    supply
        By kind; a kind without a layer is not in it.
    shortest_paths
        Ways along streets, from `with_shortest_paths`; `None` if they were not asked for.
    filter_result
        What the facilities answer to what was asked of them (`with_filter`); `None` for nothing.
    """

    communities: gpd.GeoDataFrame
    community_land: CommunityLand
    population: pd.Series[float]
    population_basis: str
    demand: Demand | None
    facilities: gpd.GeoDataFrame
    supply: Mapping[str, Supply]
    shortest_paths: ShortestPaths | None = None
    filter_result: FilterResult | None = None

    @property
    def area_m2(self) -> pd.Series[float]:
        """Area of each community, water taken out."""
        return self.community_land.area_m2

    @cached_property
    def built_up(self) -> PreparedCity:
        """The same city with its built-up area for all its land; made when first asked for."""
        community_land = only_built_up(self.community_land)
        supply = {kind: _on_ground(each, community_land) for kind, each in self.supply.items()}
        return replace(self, community_land=community_land, supply=supply)


def supply_of(facilities: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """
    Keep the facilities of one kind that count as supply.

    Parameters
    ----------
    facilities
        Every kind and status.
    kind
        Identifier of the kind.

    Returns
    -------
    supply
        Rows whose status is one of `SUPPLY_STATUS`, in the order given.
    """
    return facilities[(facilities["kind"] == kind) & facilities["status"].isin(SUPPLY_STATUS)]


def prepare(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    residents: pd.DataFrame | None,
    *,
    kinds: Collection[str],
    land: Land | None = None,
) -> PreparedCity:
    """
    Do once per city what no service radius changes.

    Parameters
    ----------
    communities, facilities
        Frames of one city in one metric CRS (`analysis.model.contracts`).
    residents
        People by place, or `None`: then `population` of the communities is used, spread
        evenly over their area, and the result says so.
    kinds
        The kinds the city has a layer for, even if that layer is empty: an empty layer
        gives a share of 0, a kind not named here gives "cannot judge".
    land
        Water, residential land and built-up area, as far as the city has layers of them.

    Returns
    -------
    prepared
        To be handed to `assess`.

    Raises
    ------
    FrameError
        If a frame breaks its contract or the CRS differ.
    """
    check_communities(communities)
    check_facilities(facilities)
    check_same_crs(communities, facilities)
    demand = None
    if residents is not None:
        check_residents(residents)
        demand = locate_residents(residents, communities)
    land = Land() if land is None else land
    for name, layer in vars(land).items():
        if layer is not None:
            check_polygons(layer, communities, name=name)
    community_land = cut_to_land(communities, land)
    population, basis = _population(communities, demand, community_land)
    return PreparedCity(
        communities=communities,
        community_land=community_land,
        population=population,
        population_basis=basis,
        demand=demand,
        facilities=facilities,
        supply=_supplies(communities, community_land, demand, facilities, kinds=kinds),
    )


def with_facilities(
    prepared: PreparedCity, facilities: gpd.GeoDataFrame, *, kinds: Collection[str]
) -> PreparedCity:
    """
    Put other facilities into the same city: of another date, of a plan.

    Parameters
    ----------
    prepared
        From `prepare`.
    facilities
        As for `prepare`, in the same CRS.
    kinds
        The kinds that `facilities` knows; the preparation will know no others.

    Returns
    -------
    prepared
        Communities, people and land as they were; filters and shortest paths are left
        out.

    Raises
    ------
    FrameError
        If the frame breaks its contract or the CRS differ.
    """
    check_facilities(facilities)
    check_same_crs(prepared.communities, facilities)
    supply = _supplies(
        prepared.communities, prepared.community_land, prepared.demand, facilities, kinds=kinds
    )
    return replace(
        prepared, facilities=facilities, supply=supply, shortest_paths=None, filter_result=None
    )


def with_filter(prepared: PreparedCity, filter_result: FilterResult) -> PreparedCity:
    """
    Narrow the supply to the facilities that fit a supply filter.

    Parameters
    ----------
    prepared
        From `prepare`, without shortest paths.
    filter_result
        From `analysis.access.supply_filter.apply_filter`, of the city's facilities.

    Returns
    -------
    prepared
        A copy. Facilities that answer no are idle. Those that cannot answer are idle too,
        and supply in `Supply.upper`.
    """

    def supplied(present: gpd.GeoDataFrame, serving: gpd.GeoDataFrame) -> Supply:
        return _prepare_supply(
            prepared.communities,
            prepared.community_land,
            prepared.demand,
            present=present,
            serving=serving,
        )

    def narrowed(kind: str) -> Supply:
        present = prepared.facilities[prepared.facilities["kind"] == kind]
        serving = supply_of(present, kind)
        fits = filter_result.fits[serving.index]
        supply = supplied(present, serving[fits.fillna(value=False)])
        if not fits.isna().any():
            return supply
        upper = serving[fits.fillna(value=True)]
        return replace(supply, upper=supplied(upper, upper))

    changed = {kind: narrowed(kind) for kind in prepared.supply if filter_result.by_kind[kind]}
    return replace(prepared, supply={**prepared.supply, **changed}, filter_result=filter_result)


def with_shortest_paths(prepared: PreparedCity, walking_network: WalkingNetwork) -> PreparedCity:
    """
    Add the shortest paths along streets to the facilities, which no radius changes either.

    Parameters
    ----------
    prepared
        From `prepare`.
    walking_network
        From `analysis.access.walking.prepare_walking_network` for the same communities and
        residents.

    Returns
    -------
    prepared
        A copy, for `assess` with the measure `NETWORK`; it "cannot judge" where nothing can be
        walked.
    """
    shortest_paths = find_shortest_paths(walking_network, prepared.supply, prepared.demand)
    return replace(prepared, shortest_paths=shortest_paths)


def on_land(prepared: PreparedCity, rule: Rule) -> PreparedCity:
    """
    Give the city with the land that a rule means its shares of land over.

    Parameters
    ----------
    prepared
        The city.
    rule
        Any rule.

    Returns
    -------
    prepared
        `PreparedCity.built_up` where the rule measures a share of land and means the built-up
        area, and the city has a layer for it; else the same.
    """
    shares = bool(rule.figure.covers) and rule.figure.of_land
    known = prepared.community_land.built_up is not None
    return prepared.built_up if shares and rule.land == BUILT_UP and known else prepared


def _on_ground(supply: Supply, community_land: CommunityLand) -> Supply:
    return replace(
        supply,
        cover=_disc_cover(community_land.dry, community_land.dry_borders, supply.facilities),
        residential_cover=_disc_cover(
            community_land.residential, community_land.residential_borders, supply.facilities
        ),
        upper=None if supply.upper is None else _on_ground(supply.upper, community_land),
    )


def _population(
    communities: gpd.GeoDataFrame, demand: Demand | None, community_land: CommunityLand
) -> tuple[pd.Series[float], str]:
    if demand is not None:
        return demand.population.rename("population"), "residents"
    if "population" in communities.columns:
        basis = "area" if community_land.residential is None else "residential"
        return communities["population"].astype(float), basis
    return pd.Series(np.nan, index=communities.index, name="population"), "none"


def part_of_city(
    prepared: PreparedCity,
    positions: NDArray[np.int64],
    facilities: gpd.GeoDataFrame,
    *,
    kinds: Collection[str],
    reach: float,
) -> PreparedCity:
    """
    Take some communities out of a city, with other facilities in all of it.

    Parameters
    ----------
    prepared
        The city, from `prepare`.
    positions
        Of the communities, ascending.
    facilities
        As for `prepare`, in the same CRS, wherever they lie.
    kinds
        The kinds to prepare.
    reach
        Greatest service radius that will be asked for, in metres: facilities farther from every
        community of the part are measured to, and stand in no `Supply` of it.

    Returns
    -------
    part
        Its communities as they are in the whole city; where communities overlap, facilities and
        people of those left out may lie in them. Without groups of residents, filters and
        shortest paths.
    """
    land, demand = prepared.community_land, prepared.demand
    communities = prepared.communities.iloc[positions]
    index = communities.index
    community_land = replace(
        land,
        dry=_rows_of(land.dry, index),
        area_m2=land.area_m2.iloc[positions],
        residential=None if land.residential is None else _rows_of(land.residential, index),
        built_up=None if land.built_up is None else _rows_of(land.built_up, index),
        residential_m2=land.residential_m2.iloc[positions],
        built_up_m2=land.built_up_m2.iloc[positions],
    )
    if demand is not None:
        demand = demand.part(positions)[0]
    near = facilities.iloc[np.unique(_near(communities, facilities, reach))]
    return PreparedCity(
        communities=communities,
        community_land=community_land,
        population=prepared.population.iloc[positions],
        population_basis=prepared.population_basis,
        demand=demand,
        facilities=facilities,
        supply=_supplies(
            communities, community_land, demand, near, kinds=kinds, everywhere=facilities
        ),
    )


def _rows_of(parts: gpd.GeoDataFrame, index: pd.Index) -> gpd.GeoDataFrame:
    return parts[parts.index.isin(index)]


def _near(
    communities: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, reach: float
) -> NDArray[np.int64]:
    """Positions of the facilities that any radius up to `reach` needs, and of some more."""
    west, south, east, north = communities.bounds.to_numpy().T
    margin = reach + 1.0
    around = shapely.box(west - margin, south - margin, east + margin, north + margin)
    near: NDArray[np.int64] = shapely.STRtree(facilities.geometry.to_numpy()).query(around)[1]
    return near


def _supplies(
    communities: gpd.GeoDataFrame,
    community_land: CommunityLand,
    demand: Demand | None,
    facilities: gpd.GeoDataFrame,
    *,
    kinds: Collection[str],
    everywhere: gpd.GeoDataFrame | None = None,
) -> dict[str, Supply]:
    """Prepare each kind; distances are measured to the facilities `everywhere`, if given."""
    return {
        kind: _prepare_supply(
            communities,
            community_land,
            demand,
            present=facilities[facilities["kind"] == kind],
            serving=supply_of(facilities, kind),
            everywhere=None if everywhere is None else supply_of(everywhere, kind),
        )
        for kind in kinds
    }


def _prepare_supply(
    communities: gpd.GeoDataFrame,
    community_land: CommunityLand,
    demand: Demand | None,
    *,
    present: gpd.GeoDataFrame,
    serving: gpd.GeoDataFrame,
    everywhere: gpd.GeoDataFrame | None = None,
) -> Supply:
    """Prepare one kind; distances are measured to those `everywhere`, if these are more."""
    everywhere = serving if everywhere is None else everywhere
    idle = present.drop(serving.index)
    points = communities.representative_point()
    nearest = nearest_distance(points.x.to_numpy(), points.y.to_numpy(), everywhere)
    measured = pd.DataFrame(
        {
            "facilities_inside": facilities_inside(communities, serving),
            "nearest_distance_m": np.where(np.isfinite(nearest), nearest, np.nan),
            "mean_distance_m": np.nan,
        },
        index=communities.index,
    )
    distance, idle_distance = np.empty(0), np.empty(0)
    if demand is not None:
        distance, idle_distance = (
            nearest_distance(demand.x, demand.y, each) for each in (everywhere, idle)
        )
        if len(everywhere):
            measured["mean_distance_m"] = _mean_distance(demand, distance)
    cover = _disc_cover(community_land.dry, community_land.dry_borders, serving)
    residential_cover = _disc_cover(
        community_land.residential, community_land.residential_borders, serving
    )
    vicinity = Vicinity(communities, serving)
    return Supply(
        serving, vicinity, cover, residential_cover, distance, measured, idle, idle_distance
    )


def _disc_cover(
    parts: gpd.GeoDataFrame | None, borders: Borders | None, facilities: gpd.GeoDataFrame
) -> DiscCover | None:
    if parts is None or borders is None:
        return None
    return prepare_disc_cover(parts, facilities, borders=borders)


def _mean_distance(demand: Demand, distance: np.ndarray) -> pd.Series[float]:
    inside = demand.membership != OUTSIDE
    total = np.bincount(
        demand.membership[inside],
        weights=(demand.people * distance)[inside],
        minlength=len(demand.communities),
    )
    people = demand.population
    return pd.Series(total, index=demand.communities) / people.where(people > 0)
