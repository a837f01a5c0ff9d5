"""What is known of the city's facilities: reach, capacity, robustness, change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.access.prepared_city import PreparedCity, prepare, with_filter, with_shortest_paths
from analysis.access.supply_filter import (
    ANY,
    FilterOptions,
    SupplyFilter,
    apply_filter,
    filter_options,
)
from analysis.access.walking import WalkingNetwork, prepare_walking_network
from analysis.coverage.additions import facilities_to_add
from analysis.coverage.assessment import Assessment, assess
from analysis.coverage.capacity import Capacity, judge_capacity
from analysis.coverage.editions import EditionComparison, compare
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.gaps import Gaps, gaps_of
from analysis.coverage.robustness import Robustness, judge_robustness
from analysis.coverage.zones import communities_in, compare_zones
from views.cache.city import city, knowledge, of_city

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from analysis.model.standards import Kind, Standard
    from layers.city import City


@of_city(most=1)
def _preparation() -> PreparedCity:
    loaded = city()
    return prepare(
        loaded.communities,
        loaded.facilities,
        loaded.residents,
        kinds=loaded.kinds,
        land=loaded.land,
    )


@of_city(most=16)
def _filtered(asked: SupplyFilter) -> PreparedCity:
    loaded = city()
    filter_result = apply_filter(loaded.facilities, loaded.kinds, asked)
    return with_filter(_preparation(), filter_result)


def preparation(asked: SupplyFilter = ANY) -> PreparedCity:
    """Give the city made ready for any radius."""
    return _filtered(asked) if asked else _preparation()


@of_city(most=16)
def offered(kind: str) -> FilterOptions:
    """Tell what the city's data on a kind can be asked."""
    loaded = city()
    return filter_options(loaded.facilities, loaded.kinds[kind])


@of_city(most=1)
def _ways() -> WalkingNetwork:
    ready = _preparation()
    return prepare_walking_network(ready.communities, ready.demand, city().streets)


@of_city(most=4)
def walks(asked: SupplyFilter = ANY) -> PreparedCity:
    """Give the city with its ways along streets."""
    return with_shortest_paths(preparation(asked), _ways())


@of_city(most=256)
def assessment(
    standard: Standard,
    *,
    measures: tuple[str, ...] = (STRAIGHT,),
    asked: SupplyFilter = ANY,
) -> Assessment:
    """Judge the city by a standard."""
    ready = walks(asked) if NETWORK in measures else preparation(asked)
    return assess(ready, standard, measures=measures)


@of_city(most=64)
def to_add(standard: Standard, community: str, asked: SupplyFilter = ANY) -> dict[str, int]:
    """Count the facilities that a community needs to meet its rules."""
    rows = assessment(standard, asked=asked).coverage
    rows = rows[rows["community_id"] == community]
    found = facilities_to_add(preparation(asked), standard.rules, rows)
    known = found.notna()
    return dict(zip(rows.loc[known, "rule"], found[known].astype(int).tolist(), strict=True))


@of_city(most=32)
def robustness(standard: Standard, *, position_error: int, asked: SupplyFilter = ANY) -> Robustness:
    """Ask how far the verdicts of a standard can be trusted."""
    result = assessment(standard, asked=asked)
    return judge_robustness(preparation(asked), result, position_error=position_error)


def outline(loaded: City, zone: str) -> gpd.GeoDataFrame:
    """Find a zone of the city."""
    if loaded.zones is None:
        msg = f"{loaded.id} has no zones."
        raise ValueError(msg)
    return loaded.zones.loc[[zone]]


@of_city(most=64)
def zones(zone: str, standard: Standard, *, asked: SupplyFilter = ANY) -> pd.DataFrame:
    """Compare one zone with the city."""
    return compare_zones(preparation(asked), outline(city(), zone), standard)


@of_city(most=16)
def zone_communities(zone: str) -> pd.Index:
    """List the communities of a zone."""
    return communities_in(preparation().community_land.dry, outline(city(), zone))


@of_city(most=32)
def gaps(kind: str, radius: float, asked: SupplyFilter = ANY) -> Gaps:
    """Give the parts of communities beyond reach of a kind."""
    return gaps_of(preparation(asked), kind, service_radius=radius)


@of_city(most=64)
def _capacity(kind: Kind, radius: float, method: str, need: float) -> Capacity:
    return judge_capacity(
        preparation(),
        kind,
        service_radius=radius,
        method=method,
        need_per_1000=need or None,
    )


def capacity(kind: str, radius: float, method: str, need: float) -> Capacity:
    """Find whom a kind can serve."""
    return _capacity(knowledge().kinds[kind], radius, method, need)


@of_city(most=64)
def comparison(standard: Standard, edition: str) -> EditionComparison:
    """Compare today with an earlier edition."""
    return compare(preparation(), city().earlier[edition], standard)
