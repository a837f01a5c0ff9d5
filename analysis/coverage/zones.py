"""
Weak zones: coverage inside a zone against the city and against the rest of it.

A zone is any polygon that people talk about: an old town, the urban-rural fringe, back
alleys. It may cut communities; only what lies in the city's communities counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.access.land import within
from analysis.access.prepared_city import on_land
from analysis.coverage.figures import (
    NETWORK,
    REACHED,
    STRAIGHT,
    covered_m2,
    density_m2,
    distances_of,
    measures_of,
    spread_population,
)
from analysis.geometry.disc_cover import prepare_disc_cover
from analysis.geometry.locate import OUTSIDE
from analysis.model.figures import FIGURES
from analysis.model.standards import BUILT_UP

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply import Supply
    from analysis.model.standards import Rule, Standard

INSIDE, REST, CITY = "inside", "rest", "city"
PARTS = (INSIDE, REST, CITY)
ZONE_COLUMNS = (
    "zone_id",
    "zone",
    "part",
    "kind",
    "standard",
    "rule",
    "measure",
    "service_radius_m",
    "population",
    "population_covered",
    "population_covered_share",
    "area_m2",
    "area_covered_m2",
    "area_covered_share",
    "residential_m2",
    "residential_covered_m2",
    "residential_covered_share",
    "facilities_inside",
    "density_per_km2",
    "per_10k_people",
    "figure",
    "value",
    "less_city",
    "population_basis",
)
SUMS = (
    "population",
    "population_covered",
    "area_m2",
    "area_covered_m2",
    "residential_m2",
    "residential_covered_m2",
    "facilities_inside",
    "density_m2",
)
"""Amounts that inside and rest add up to the city's."""
ROUNDING_SUM = 1e-6
"""Of a difference of sums, what rounding leaves."""
MIN_SHARE = 0.01
"""Share of a community's area from which on it belongs to a zone."""


@dataclass(frozen=True, eq=False)
class _Zone:
    """The parts of the communities that lie in a zone, and the residents there."""

    shape: shapely.Geometry
    dry: gpd.GeoDataFrame
    residential: gpd.GeoDataFrame | None
    built_up: gpd.GeoDataFrame | None
    inside: np.ndarray


def communities_in(communities: gpd.GeoDataFrame, zone: gpd.GeoDataFrame) -> pd.Index:
    """
    List the communities of a zone.

    Parameters
    ----------
    communities, zone
        Polygons in one CRS; the zone as one row of a frame.

    Returns
    -------
    index
        Of those with at least `MIN_SHARE` of their area in it, in their order.
    """
    parts = within(communities, zone)
    share = parts.area / communities.area.loc[parts.index]
    found: pd.Index = parts.index[share >= MIN_SHARE]
    return found


def compare_zones(
    prepared: PreparedCity,
    zones: gpd.GeoDataFrame | None,
    standard: Standard,
    *,
    measures: Sequence[str] = (STRAIGHT,),
) -> pd.DataFrame:
    """
    Compare coverage inside every zone with the city and with the rest of it.

    Parameters
    ----------
    prepared
        The city.
    zones
        As in `analysis.model.contracts`, in the CRS of the city; `None` gives no rows.
    standard
        With the radii wanted.
    measures
        As in `analysis.coverage.assessment.assess`; each rule is compared by the first that it
        can be judged by. By walking distance there are no areas covered.

    Returns
    -------
    zones
        Columns `ZONE_COLUMNS`: for every zone and rule three rows, `PARTS`. `value` is the
        rule's figure there and `less_city` that value less the city's; figures without
        their data are missing, and so is every figure of a kind without a layer. Verdicts
        are given for communities only.
    """
    if zones is None:
        return pd.DataFrame(columns=list(ZONE_COLUMNS))
    tables = [
        _compare(prepared, zones.iloc[[place]], standard, measures).assign(
            zone_id=zone_id, zone=zones["name"].iloc[place]
        )
        for place, zone_id in enumerate(zones.index)
    ]
    return pd.concat(tables, ignore_index=True)[list(ZONE_COLUMNS)]


def _cut(prepared: PreparedCity, zone: gpd.GeoDataFrame) -> _Zone:
    community_land = prepared.community_land
    shape = shapely.union_all(zone.geometry.to_numpy())
    inside = np.zeros(0, dtype=bool)
    if (demand := prepared.demand) is not None:
        shapely.prepare(shape)
        inside = shapely.intersects_xy(shape, demand.x, demand.y)
        inside &= demand.membership != OUTSIDE
    return _Zone(
        shape=shape,
        dry=within(community_land.dry, zone),
        residential=None
        if community_land.residential is None
        else within(community_land.residential, zone),
        built_up=None if community_land.built_up is None else within(community_land.built_up, zone),
        inside=inside,
    )


def _compare(
    prepared: PreparedCity, zone: gpd.GeoDataFrame, standard: Standard, measures: Sequence[str]
) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    cut: dict[str, _Zone] = {}
    for rule in standard.rules:
        ready = on_land(prepared, rule)
        basis, supply = ready.community_land.area_basis, ready.supply.get(rule.kind)
        if basis not in cut:
            cut[basis] = _cut(ready, zone)
        measure = measures_of(rule, measures)[0]
        city = _city_sums(ready, supply, rule, measure)
        inside = _zone_sums(ready, cut[basis], supply, rule, measure)
        rest = {name: city[name] - inside[name] for name in SUMS}
        whole = _figures(city)
        for part, sums in zip(PARTS, (inside, rest, city), strict=True):
            figures = _figures(sums)
            value, of_city = (each.get(rule.figure.id, np.nan) for each in (figures, whole))
            rows.append(
                {
                    **figures,
                    "part": part,
                    "kind": rule.kind,
                    "standard": standard.id,
                    "rule": rule.id,
                    "measure": measure,
                    "service_radius_m": rule.service_radius_m or np.nan,
                    "figure": rule.figure.id,
                    "value": value,
                    "less_city": value - of_city,
                    "population_basis": prepared.population_basis,
                }
            )
    return pd.DataFrame(rows)


def _figures(sums: dict[str, float]) -> dict[str, float]:
    """Shares and densities of sums; missing where the whole is nothing."""
    return {
        **sums,
        **{
            name: sums[figure.numerator] / (whole / figure.per) if whole > ROUNDING_SUM else np.nan
            for name, figure in FIGURES.items()
            if figure.numerator in sums and (whole := sums.get(figure.denominator)) is not None
        },
    }


def _total(values: pd.Series[float]) -> float:
    return float(values.sum(min_count=1))


def _city_sums(
    prepared: PreparedCity, supply: Supply | None, rule: Rule, measure: str
) -> dict[str, float]:
    community_land = prepared.community_land
    sums = dict.fromkeys(SUMS, np.nan)
    sums["population"] = _total(prepared.population)
    sums["area_m2"] = _total(community_land.area_m2)
    sums["residential_m2"] = _total(community_land.residential_m2)
    sums["density_m2"] = _total(density_m2(prepared, rule)[0])
    if supply is None:
        return sums
    sums["facilities_inside"] = float(supply.measured["facilities_inside"].sum())
    radius = rule.service_radius_m
    if radius is None:
        return sums
    if measure == NETWORK:
        everyone = None if prepared.demand is None else prepared.demand.membership != OUTSIDE
        return sums | _walked(prepared, rule, everyone)
    for name in REACHED.keys() & sums.keys():
        sums[name] = _total(REACHED[name](prepared, supply, radius))
    return sums


def _walked(prepared: PreparedCity, rule: Rule, chosen: np.ndarray | None) -> dict[str, float]:
    """Whom of some residents a walk within the radius leads to a facility for certain."""
    if prepared.demand is None or chosen is None or rule.service_radius_m is None:
        return {}
    known = distances_of(prepared, rule.kind, NETWORK).known
    reached = chosen & (known <= rule.service_radius_m)
    return {"population_covered": _total(prepared.demand.people_where(reached))}


def _zone_sums(
    prepared: PreparedCity, zone: _Zone, supply: Supply | None, rule: Rule, measure: str
) -> dict[str, float]:
    index = prepared.communities.index

    def by_community(parts: gpd.GeoDataFrame | None) -> pd.Series[float]:
        if parts is None:
            return pd.Series(np.nan, index=index)
        areas: pd.Series[float] = parts.area.reindex(index, fill_value=0.0)
        return areas

    sums = dict.fromkeys(SUMS, np.nan)
    area, residential = by_community(zone.dry), by_community(zone.residential)
    sums["area_m2"], sums["residential_m2"] = _total(area), _total(residential)
    clipped = density_m2(prepared, rule)[1] == BUILT_UP
    sums["density_m2"] = _total(by_community(zone.built_up) if clipped else area)
    demand, radius = prepared.demand, rule.service_radius_m
    if demand is not None:
        sums["population"] = _total(demand.people_where(zone.inside))
    else:
        sums["population"] = _total(spread_population(prepared, area, residential))
    if supply is None:
        return sums
    sums["facilities_inside"] = _facilities_in(prepared, zone, supply)
    if radius is None:
        return sums
    if measure == NETWORK:
        return sums | _walked(prepared, rule, zone.inside)
    covered = [
        pd.Series(0.0 if parts is not None else np.nan, index=index)
        if parts is None or parts.empty
        else covered_m2(prepare_disc_cover(parts, supply.facilities), radius, index)
        for parts in (zone.dry, zone.residential)
    ]
    sums["area_covered_m2"], sums["residential_covered_m2"] = map(_total, covered)
    if demand is not None:
        reached = zone.inside & (supply.distance <= radius)
        sums["population_covered"] = _total(demand.people_where(reached))
    else:
        sums["population_covered"] = _total(spread_population(prepared, *covered))
    return sums


def _facilities_in(prepared: PreparedCity, zone: _Zone, supply: Supply) -> float:
    points = supply.facilities.geometry.to_numpy()
    x, y = shapely.get_coordinates(points).reshape(-1, 2).T
    inside = shapely.intersects_xy(zone.shape, x, y)
    tree = shapely.STRtree(prepared.communities.geometry.to_numpy())
    found = np.unique(tree.query(points[inside], predicate="intersects")[0])
    return float(len(found))
