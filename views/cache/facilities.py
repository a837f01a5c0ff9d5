"""What is known of the city's facilities: reach, capacity, robustness, change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.access.supply_filter import ANY, FilterOptions, SupplyFilter, filter_options
from analysis.coverage.additions import facilities_to_add
from analysis.coverage.capacity import Capacity, judge_capacity
from analysis.coverage.figures import STRAIGHT
from analysis.coverage.zones import communities_in, compare_zones
from analysis.model.question import BY_RULE
from views.cache.city import city, knowledge, of_city
from views.cache.kept_answers import answers

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.assessment import Assessment
    from analysis.coverage.editions import EditionComparison
    from analysis.coverage.gaps import Gaps
    from analysis.coverage.robustness import Robustness
    from analysis.model.standards import Kind, Standard
    from layers.city import City


def preparation(supply_filter: SupplyFilter = ANY) -> PreparedCity:
    """Give the city made ready for any radius."""
    return answers().preparation(supply_filter)


@of_city
def offered(kind: str) -> FilterOptions:
    """Tell what the city's data on a kind can be asked."""
    loaded = city()
    return filter_options(loaded.facilities, loaded.kinds[kind])


def walking(supply_filter: SupplyFilter = ANY) -> PreparedCity:
    """Give the city with its shortest paths along streets."""
    return answers().walking(supply_filter)


def assessment(
    standard: Standard,
    *,
    chosen: tuple[str, ...] = BY_RULE,
    supply_filter: SupplyFilter = ANY,
) -> Assessment:
    """Judge the city by a standard."""
    return answers().assessment(standard, chosen, supply_filter)


@of_city
def with_to_add(
    standard: Standard,
    community: str,
    chosen: tuple[str, ...],
    supply_filter: SupplyFilter = ANY,
) -> pd.DataFrame:
    """Give the rows of a community with the facilities that it needs to meet its rules."""
    asked = answers()
    measures = asked.measures(standard, chosen)
    rows = asked.assessment(standard, measures, supply_filter).coverage
    rows = rows[rows["community_id"] == community]
    ready = asked.ready_for(standard, measures, supply_filter)
    return rows.assign(facilities_to_add=facilities_to_add(ready, standard.rules, rows))


def robustness(
    standard: Standard,
    *,
    position_error: int,
    supply_filter: SupplyFilter = ANY,
    chosen: tuple[str, ...] = BY_RULE,
) -> Robustness:
    """Ask how far the verdicts of a standard can be trusted."""
    return answers().robustness(standard, float(position_error), supply_filter, chosen)


def outline(loaded: City, zone: str) -> gpd.GeoDataFrame:
    """Find a zone of the city."""
    if loaded.zones is None:
        msg = f"{loaded.id} has no zones."
        raise ValueError(msg)
    return loaded.zones.loc[[zone]]


@of_city
def zones(
    zone: str,
    standard: Standard,
    *,
    chosen: tuple[str, ...] = BY_RULE,
    supply_filter: SupplyFilter = ANY,
) -> pd.DataFrame:
    """Compare one zone with the city."""
    asked = answers()
    measures = asked.measures(standard, chosen)
    ready = asked.ready_for(standard, measures, supply_filter)
    return compare_zones(ready, outline(city(), zone), standard, measures=measures)


@of_city
def zone_communities(zone: str) -> pd.Index:
    """List the communities of a zone."""
    return communities_in(answers().preparation().community_land.dry, outline(city(), zone))


def gaps(
    kind: str, radius: float, supply_filter: SupplyFilter = ANY, measure: str = STRAIGHT
) -> Gaps:
    """Give what lies beyond reach of a kind."""
    return answers().gaps(kind, radius, supply_filter, measure)


@of_city
def _capacity(kind: Kind, radius: float, method: str, need: float, measure: str) -> Capacity:
    return judge_capacity(
        preparation() if measure == STRAIGHT else walking(),
        kind,
        service_radius=radius,
        method=method,
        measure=measure,
        need_per_1000=need or None,
    )


def capacity(kind: str, radius: float, method: str, need: float, *, measure: str) -> Capacity:
    """Find whom a kind can serve."""
    return _capacity(knowledge().kinds[kind], radius, method, need, measure)


def comparison(
    standard: Standard, edition: str, chosen: tuple[str, ...] = BY_RULE
) -> EditionComparison:
    """Compare today with an earlier edition."""
    return answers().comparison(standard, edition, chosen)
