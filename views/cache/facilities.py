"""What is known of the city's facilities: reach, capacity, robustness, change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

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
from analysis.model.standards import with_service_radius
from views.cache.city import city, knowledge, of_city

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from analysis.model.standards import Kind, Rule, Standard
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


def chosen_rules(standard: Standard, *, rule: str = "", radius: int = 0) -> Standard:
    """Narrow a standard to what a page asks for."""
    if not rule:
        return standard
    chosen = tuple(each for each in standard.rules if each.id == rule)
    standard = replace(standard, rules=chosen)
    if radius and chosen[0].service_radius_m is not None:
        standard = with_service_radius(standard, {chosen[0].kind: float(radius)})
    return standard


@of_city(most=256)
def _assessment(standard: Standard, measures: tuple[str, ...], asked: SupplyFilter) -> Assessment:
    ready = walks(asked) if NETWORK in measures else preparation(asked)
    return assess(ready, standard, measures=measures)


def assessment(
    standard: Standard,
    *,
    rule: str = "",
    radius: int = 0,
    measures: tuple[str, ...] = (STRAIGHT,),
    asked: SupplyFilter = ANY,
) -> Assessment:
    """Judge the city by a standard, or by one rule of it at another radius."""
    return _assessment(chosen_rules(standard, rule=rule, radius=radius), measures, asked)


@of_city(most=64)
def to_add(standard: Standard, community: str, asked: SupplyFilter = ANY) -> dict[str, int]:
    """Count the facilities that a community needs to meet its rules."""
    rows = assessment(standard, asked=asked).coverage
    rows = rows[rows["community_id"] == community]
    found = facilities_to_add(preparation(asked), standard.rules, rows)
    told = found.notna()
    return dict(zip(rows.loc[told, "rule"], found[told].astype(int).tolist(), strict=True))


@of_city(most=32)
def _robustness(standard: Standard, position_error: int, asked: SupplyFilter) -> Robustness:
    return judge_robustness(
        preparation(asked),
        assessment(standard, asked=asked),
        position_error=position_error,
    )


def robustness(
    standard: Standard,
    *,
    rule: str = "",
    radius: int = 0,
    position_error: int,
    asked: SupplyFilter = ANY,
) -> Robustness:
    """Ask how far the verdicts of a standard, or of one rule of it, can be trusted."""
    narrowed = chosen_rules(standard, rule=rule, radius=radius)
    return _robustness(narrowed, position_error, asked)


@of_city(most=64)
def _zones(zone: str, standard: Standard, asked: SupplyFilter) -> pd.DataFrame:
    return compare_zones(preparation(asked), outline(city(), zone), standard)


def outline(loaded: City, zone: str) -> gpd.GeoDataFrame:
    """Find a zone of the city."""
    if loaded.zones is None:
        msg = f"{loaded.id} has no zones."
        raise ValueError(msg)
    return loaded.zones.loc[[zone]]


def zones(
    zone: str,
    standard: Standard,
    *,
    rule: str = "",
    radius: int = 0,
    asked: SupplyFilter = ANY,
) -> pd.DataFrame:
    """Compare one zone with the city."""
    return _zones(zone, chosen_rules(standard, rule=rule, radius=radius), asked)


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


class Compared(NamedTuple):
    """A comparison of two dates by one rule, with the radius that was used."""

    rule: Rule
    comparison: EditionComparison


@of_city(most=64)
def _comparison(standard: Standard, edition: str) -> Compared:
    found = compare(preparation(), city().earlier[edition], standard)
    return Compared(standard.rules[0], found)


def comparison(standard: Standard, rule: str, radius: int, edition: str) -> Compared:
    """Compare today with an earlier edition, by one rule."""
    return _comparison(chosen_rules(standard, rule=rule, radius=radius), edition)
