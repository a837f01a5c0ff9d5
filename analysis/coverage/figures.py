"""The figures of one kind at one radius, by the straight line or along streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.access.residents import covered_population
from analysis.access.walking import ShortestPaths, walking_means, walking_reach
from analysis.coverage.provision import provision
from analysis.model.standards import AREA, BUILT_UP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply import Supply
    from analysis.geometry.disc_cover import Reach
    from analysis.model.standards import Rule

    Figures = dict[str, Any]
    """Columns of the coverage table: arrays in the order of the communities, or one value."""

STRAIGHT, NETWORK = "straight", "network"
"""Measures of distance: the straight line, and walking along streets."""
WALKED_FIGURE = "population_covered_share"
"""The figure that walking distance can judge; areas and counts need the straight line."""


def measures_of(rule: Rule, measures: Sequence[str] = (STRAIGHT, NETWORK)) -> tuple[str, ...]:
    """
    Tell which measures of distance a rule can be judged by.

    Parameters
    ----------
    rule
        Any rule.
    measures
        Those wanted.

    Returns
    -------
    measures
        `NETWORK` only where the rule is on `WALKED_FIGURE`.
    """
    return tuple(each for each in measures if each != NETWORK or rule.figure == WALKED_FIGURE)


def covered_m2(reach: Reach | None, service_radius: float, index: pd.Index) -> pd.Series[float]:
    """
    Measure covered land by community, also by those that have none.

    Parameters
    ----------
    reach
        Of the communities that have land; `None` if no community has.
    service_radius
        Metres.
    index
        Of all communities.

    Returns
    -------
    covered
        m², 0 without land.
    """
    if reach is None:
        return pd.Series(0.0, index=index)
    return reach.covered_area(service_radius).reindex(index, fill_value=0.0)


def density_m2(prepared: PreparedCity, rule: Rule) -> tuple[pd.Series[float], str]:
    """
    Give the land that a rule counts facilities over.

    Parameters
    ----------
    prepared
        The city.
    rule
        One that means the built-up area gets it where the city has a layer for it.

    Returns
    -------
    area, basis
        m² by community, missing where there is none; `AREA` or `BUILT_UP`.
    """
    built_up = prepared.community_land.built_up_m2
    clipped = rule.land == BUILT_UP and bool(built_up.notna().all())
    area = built_up if clipped else prepared.area_m2
    return area.where(area > 0), BUILT_UP if clipped else AREA


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """
    Divide.

    Parameters
    ----------
    part, whole
        Of the same length.

    Returns
    -------
    ratio
        Missing where there is nothing to divide by.
    """
    return part / np.where(whole > 0, whole, np.nan)


def _densities(figures: Figures, prepared: PreparedCity, rule: Rule) -> None:
    area, people = density_m2(prepared, rule)[0].to_numpy(), prepared.population.to_numpy()
    figures["density_per_km2"] = figures["facilities_inside"] / area * 1e6
    figures["per_10k_people"] = ratio(figures["facilities_inside"], people) * 1e4


def measure_straight(prepared: PreparedCity, supply: Supply, rule: Rule) -> Figures:
    """
    Measure by the straight line, and how far facilities in doubt may move the figures.

    Parameters
    ----------
    prepared
        The city.
    supply
        Of the rule's kind.
    rule
        With the service radius.

    Returns
    -------
    figures
        Columns of `analysis.coverage.assessment.COVERAGE_COLUMNS`, in the order of the communities.
    """
    figures = _measure(prepared, supply, rule)
    if rule.columns:
        return figures | provision(prepared, supply, rule)
    if supply.most is None:
        return figures
    most = _measure(prepared, supply.most, rule)
    figures["value_most"] = most[rule.figure]
    if rule.service_radius_m is not None:
        doubt = most["population_covered"] - figures["population_covered"]
        figures["population_not_judged"] = doubt
    return figures


def _measure(prepared: PreparedCity, supply: Supply, rule: Rule) -> Figures:
    """Figures of one kind at one radius, in the order of the communities."""
    figures = {str(name): column.to_numpy() for name, column in supply.measured.items()}
    _densities(figures, prepared, rule)
    service_radius = rule.service_radius_m
    if service_radius is None:
        return figures
    _measure_land(figures, prepared, supply, service_radius)
    figures["facilities_in_reach"] = supply.vicinity.counts(service_radius)
    population = prepared.population.to_numpy()
    if prepared.demand is not None:
        figures["population_covered"] = covered_population(
            prepared.demand, supply.distance, service_radius=service_radius
        ).to_numpy()
    elif prepared.population_basis == "none":
        figures["population_covered"] = np.full(len(population), np.nan)
    else:
        homes = figures["residential_covered_share"]
        spread = np.where(np.isnan(homes), figures["area_covered_share"], homes)
        figures["population_covered"] = population * spread
    figures["population_covered_share"] = ratio(figures["population_covered"], population)
    return figures


def _measure_land(
    figures: Figures, prepared: PreparedCity, supply: Supply, service_radius: float
) -> None:
    community_land, index = prepared.community_land, prepared.communities.index
    area = covered_m2(supply.reach, service_radius, index).to_numpy()
    homes = np.full(len(index), np.nan)
    if community_land.residential is not None:
        homes = covered_m2(supply.homes, service_radius, index).to_numpy()
    figures["area_covered_m2"], figures["residential_covered_m2"] = area, homes
    figures["area_covered_share"] = ratio(area, community_land.area_m2.to_numpy())
    figures["residential_covered_share"] = ratio(homes, community_land.residential_m2.to_numpy())


def measure_walks(prepared: PreparedCity, walks: ShortestPaths, rule: Rule) -> Figures:
    """
    Measure by walking distance: people alone, areas have none.

    Parameters
    ----------
    prepared
        The city.
    walks
        Its ways.
    rule
        With the service radius.

    Returns
    -------
    figures
        As from `measure_straight`.
    """
    measured = prepared.supply[rule.kind].measured
    figures = {"facilities_inside": measured["facilities_inside"].to_numpy()}
    _densities(figures, prepared, rule)
    walk = walks.by_kind.get(rule.kind)
    if walk is None or prepared.demand is None:
        return figures
    radius = rule.service_radius_m or np.nan
    reach = walking_reach(prepared.demand, walk, service_radius=radius)
    known = ["nearest_distance_m", "population_without_streets", "population_unreachable"]
    for part in (reach, walking_means(walk.measured), walk.measured[known]):
        figures |= {str(name): column.to_numpy() for name, column in part.items()}
    population = prepared.population.to_numpy()
    figures["population_covered_share"] = ratio(figures["population_covered"], population)
    return figures
