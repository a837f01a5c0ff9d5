"""
How far each verdict can be trusted: what if the radius, the places or the borders were others.

Nothing here is a probability. A figure is measured again with a service radius a tenth
smaller and larger, with every distance wrong by the position error in either direction, and
with the community's own facilities alone; a verdict that does not stay the same says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.access.prepared_city import on_land
from analysis.access.proximity import facilities_in_reach
from analysis.access.residents import covered_population
from analysis.coverage.closures import CLOSURE_COLUMNS, rank_closures
from analysis.coverage.figures import STRAIGHT, covered_m2
from analysis.coverage.gaps import SMALLEST_AREA
from analysis.coverage.shortfall import TOLERANCE
from analysis.coverage.verdicts import CANNOT_JUDGE, FAILS, MEETS
from analysis.geometry.disc_cover import reach_of
from analysis.geometry.edges import prepare_borders
from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import geopandas as gpd

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.residents import Demand
    from analysis.access.supply import Supply
    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule

RADIUS_BAND = 0.10
"""Share by which the service radius is varied, down and up."""
POSITION_ERROR_M = 10.0
"""Metres by which places are off in ordinary registers: a phone errs by 8 m in the median."""
LEAST_RADIUS_M = 0.001
ROBUSTNESS_COLUMNS = (
    "community_id",
    "community",
    "parent",
    "kind",
    "standard",
    "rule",
    "service_radius_m",
    "figure",
    "minimum",
    "value",
    "verdict",
    "value_radius_less",
    "value_radius_more",
    "value_position_less",
    "value_position_more",
    "verdict_low",
    "verdict_high",
    "flips",
    "value_own",
    "verdict_own",
    "border_effect",
    "at_edge",
)


@dataclass(frozen=True, eq=False)
class Robustness:
    """
    What an assessment would be if its choices and data were a little different.

    Attributes
    ----------
    communities
        One row per community and rule with a service radius, columns `ROBUSTNESS_COLUMNS`.
    closures
        Facilities by the people who depend on each alone, rule after rule, columns
        `analysis.coverage.closures.CLOSURE_COLUMNS`; none without a residents layer.
    position_error_m
        That was assumed.
    """

    communities: pd.DataFrame
    closures: pd.DataFrame
    position_error_m: float


def judge_robustness(
    prepared: PreparedCity,
    assessment: Assessment,
    *,
    position_error: float = POSITION_ERROR_M,
) -> Robustness:
    """
    Ask of every verdict on reach whether it would stay.

    Parameters
    ----------
    prepared
        The city.
    assessment
        Of that city; walking distances are left aside.
    position_error
        Metres by which the distance between a resident and a facility may be wrong, 0 or
        more.

    Returns
    -------
    robustness
        Tables in the order of the assessment; empty where no rule has a radius.

    Raises
    ------
    SettingsError
        If the position error is negative or no number.

    References
    ----------
    Zandbergen (2009), Accuracy of iPhone Locations, doi:10.1111/j.1467-9671.2009.01152.x.
    """
    if not (position_error >= 0 and np.isfinite(position_error)):
        msg = f"The position error is {position_error:g} m; it must be 0 or more."
        raise SettingsError(
            msg,
            problem="position_error_value",
            hint="Give it in metres, such as 10.",
            found=f"{position_error:g}",
        )
    rules = [
        rule
        for rule, measure in assessment.judged
        if rule.service_radius_m and measure == STRAIGHT and rule.kind in prepared.supply
    ]
    judged = [_judge(prepared, assessment, r, position_error) for r in rules]
    for table, edge in zip(judged, _at_edges(prepared, rules), strict=True):
        table["at_edge"] = edge
    ranked = [rank_closures(prepared, assessment, rule) for rule in rules]
    return Robustness(
        _stacked(judged, ROBUSTNESS_COLUMNS), _stacked(ranked, CLOSURE_COLUMNS), position_error
    )


def _stacked(tables: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    tables = [table for table in tables if len(table)]
    if not tables:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(tables, ignore_index=True)[list(columns)]


def _judge(
    prepared: PreparedCity, assessment: Assessment, rule: Rule, position_error: float
) -> pd.DataFrame:
    prepared = on_land(prepared, rule)
    supply, radius = prepared.supply[rule.kind], float(rule.service_radius_m or 0.0)
    rows = assessment.rows_of(rule.id, STRAIGHT).set_index("community_id")
    table = rows[list(ROBUSTNESS_COLUMNS[1:11])].copy()
    radii = {
        "value_radius_less": radius * (1 - RADIUS_BAND),
        "value_radius_more": radius * (1 + RADIUS_BAND),
        "value_position_less": max(radius - position_error, LEAST_RADIUS_M),
        "value_position_more": radius + position_error,
    }
    for column, metres in radii.items():
        table[column] = figure_at(prepared, supply, rule, metres)
    values = table[list(radii)]
    highest = values.max(axis=1)
    if supply.most is not None:
        highest = figure_at(prepared, supply.most, rule, max(radii.values()))
    table["verdict_low"] = _verdicts(values.min(axis=1), rule)
    table["verdict_high"] = _verdicts(highest, rule)
    judged = table["verdict"] != CANNOT_JUDGE
    table["flips"] = judged & (table["verdict_low"] != table["verdict_high"])
    table["value_own"] = own_figure(prepared, supply, rule, radius)
    table["verdict_own"] = _verdicts(table["value_own"], rule)
    table["border_effect"] = table["value"] - table["value_own"]
    return table.reset_index()


def _verdicts(values: pd.Series[float], rule: Rule) -> np.ndarray:
    number = values.to_numpy(dtype=float)
    known = [np.isnan(number), number >= rule.minimum - TOLERANCE]
    return np.select(known, [CANNOT_JUDGE, MEETS], FAILS)


def figure_at(
    prepared: PreparedCity, supply: Supply, rule: Rule, service_radius: float
) -> pd.Series[float]:
    """
    Measure the figure of a rule at another radius, and nothing else.

    Parameters
    ----------
    prepared, supply
        The city, and a kind in it.
    rule
        On reach.
    service_radius
        Metres.

    Returns
    -------
    value
        As `analysis.coverage.assessment.assess` measures it, on the index of the communities.
    """
    community_land, index = prepared.community_land, prepared.communities.index
    if rule.figure == "facilities_in_reach":
        return pd.Series(supply.vicinity.counts(service_radius), index=index, dtype=float)
    if rule.figure == "population_covered_share" and prepared.demand is not None:
        covered = covered_population(
            prepared.demand, supply.distance, service_radius=service_radius
        )
        return covered / prepared.population.where(prepared.population > 0)
    area = covered_m2(supply.reach, service_radius, index)
    homes = pd.Series(np.nan, index=index)
    if community_land.residential is not None:
        homes = covered_m2(supply.homes, service_radius, index)
    return _land_share(prepared, rule, area, homes)


def _land_share(
    prepared: PreparedCity, rule: Rule, area: pd.Series[float], homes: pd.Series[float]
) -> pd.Series[float]:
    """Share that a rule asks for, of covered land and covered residential land in m²."""
    community_land, people = prepared.community_land, prepared.population
    of_area = area / community_land.area_m2.where(community_land.area_m2 > 0)
    of_homes = homes / community_land.residential_m2.where(community_land.residential_m2 > 0)
    if rule.figure == "area_covered_share":
        return of_area
    if rule.figure == "residential_covered_share":
        return of_homes
    return of_homes.fillna(of_area).where(people > 0)


def own_figure(
    prepared: PreparedCity, supply: Supply, rule: Rule, service_radius: float
) -> pd.Series[float]:
    """
    Measure the figure of a rule as if only the community's own facilities counted.

    Parameters
    ----------
    prepared
        The city.
    supply
        The rule's kind.
    rule
        On reach.
    service_radius
        Metres.

    Returns
    -------
    value
        At most the figure with all facilities, on the index of the communities.
    """
    if rule.figure == "facilities_in_reach":
        return supply.measured["facilities_inside"].astype(float)
    x, y = shapely.get_coordinates(supply.facilities.geometry.to_numpy()).reshape(-1, 2).T
    home = community_of(x, y, prepared.communities)
    points = np.column_stack([x, y])[home != OUTSIDE]
    home = home[home != OUTSIDE]
    if rule.figure == "population_covered_share" and prepared.demand is not None:
        served = _served_by_own(
            prepared.demand, supply, points, home, service_radius=service_radius
        )
        covered = prepared.demand.people_where(served)
        return covered / prepared.population.where(prepared.population > 0)
    community_land, index = prepared.community_land, prepared.communities.index
    area = _own_m2(community_land.dry, index, points, home, service_radius)
    homes = pd.Series(np.nan, index=index)
    if community_land.residential is not None:
        homes = _own_m2(community_land.residential, index, points, home, service_radius)
    return _land_share(prepared, rule, area, homes)


def _served_by_own(
    demand: Demand,
    supply: Supply,
    points: np.ndarray,
    home: np.ndarray,
    *,
    service_radius: float,
) -> np.ndarray:
    """
    Tell the residents who have a facility of their own community within reach.

    The community is a third coordinate in which neighbours are further apart than the
    radius, so one tree answers for all communities.
    """
    served = np.zeros(len(demand.people), dtype=bool)
    asked = (supply.distance <= service_radius) & (demand.membership != OUTSIDE)
    asked &= demand.people > 0
    if not len(points) or not asked.any():
        return served
    apart = 4 * service_radius
    tree = cKDTree(np.column_stack([points, home * apart]))
    places = np.column_stack([demand.places(asked), demand.membership[asked] * apart])
    bound = np.nextafter(service_radius, np.inf)
    served[asked] = np.isfinite(tree.query(places, distance_upper_bound=bound)[0])
    return served


def _own_m2(
    parts: gpd.GeoDataFrame,
    index: pd.Index,
    points: np.ndarray,
    home: np.ndarray,
    service_radius: float,
) -> pd.Series[float]:
    """Cover each community by its own facilities: all are moved apart, and each set with it."""
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
    position = parts.index.get_indexer(index[home])
    stays = position >= 0
    own = points[stays] + shift[position[stays]]
    covered = reach_of(prepare_borders(moved), own, index=parts.index).covered_area(service_radius)
    return covered.reindex(index, fill_value=0.0)


def _at_edges(prepared: PreparedCity, rules: Sequence[Rule]) -> Iterator[np.ndarray]:
    """
    Flag the communities whose reach leaves the data, rule by rule.

    That is where land within the radius lies outside all communities and no facility of the
    kind, of whatever status, is known there. Facilities beyond the data could only raise a
    figure, so a verdict that meets is safe from this.
    """
    communities = prepared.communities
    shapes = communities.geometry.to_numpy()
    border = shapely.boundary(_without_slivers(shapely.union_all(shapes)))
    shapely.prepare(border)
    for rule in rules:
        supply, radius = prepared.supply[rule.kind], float(rule.service_radius_m or 0.0)
        leaves = shapely.dwithin(border, shapes, radius)
        known = pd.concat([supply.facilities, supply.idle])
        x, y = shapely.get_coordinates(known.geometry.to_numpy()).reshape(-1, 2).T
        beyond = known[community_of(x, y, communities) == OUTSIDE]
        seen = facilities_in_reach(communities, beyond, service_radius=radius) > 0
        yield leaves & ~seen.to_numpy()


def _without_slivers(city: shapely.Geometry) -> shapely.Geometry:
    """Fill the holes that are only the gaps between borders drawn twice."""
    parts = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if _area(hole) >= SMALLEST_AREA]
        )
        for part in shapely.get_parts(city)
    ]
    return shapely.MultiPolygon(parts)


def _area(ring: shapely.LinearRing) -> float:
    return shapely.Polygon(ring).area
