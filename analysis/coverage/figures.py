"""The figures of one kind at one radius, by the straight line or along streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from analysis.access.residents import covered_population
from analysis.access.walking import ShortestPaths, walking_means, walking_reach
from analysis.coverage.provision import provision, ratio
from analysis.model.figures import AREA_M2, DENSITY_M2, FIGURES, POPULATION, RESIDENTIAL_M2
from analysis.model.question import BY_RULE, MEASURES
from analysis.model.standards import AREA, BUILT_UP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply import Supply
    from analysis.geometry.disc_cover import DiscCover
    from analysis.model.standards import Rule

    Figures = dict[str, Any]
    """Columns of the coverage table: arrays in the order of the communities, or one value."""

STRAIGHT, NETWORK = MEASURES
"""Measures of distance: the straight line, and walking along streets."""


class Distances(NamedTuple):
    """
    How far residents are from the nearest facility of a kind.

    Attributes
    ----------
    known
        Metres, one a resident row; infinite where no path is known.
    least
        Metres that the distance cannot be below, one a resident row.
    """

    known: NDArray[np.float64]
    least: NDArray[np.float64]


def measures_of(rule: Rule, measures: Sequence[str] = BY_RULE) -> tuple[str, ...]:
    """
    Tell by which measures of distance a rule is judged.

    Parameters
    ----------
    rule
        Any rule.
    measures
        Those wanted, the one in use first; `BY_RULE` for the one that the rule's document states,
        the straight line where it states none.

    Returns
    -------
    measures
        At least one, the one in use first; `NETWORK` only where the figure is `walkable`.
    """
    stated = STRAIGHT if rule.distance is None else rule.distance.measure
    wanted = tuple(measures) or (stated,)
    return tuple(each for each in wanted if each != NETWORK or rule.figure.walkable) or (STRAIGHT,)


def distances_of(prepared: PreparedCity, kind: str, measure: str) -> Distances:
    """
    Give the distance of every resident row to the nearest facility of a kind.

    Parameters
    ----------
    prepared
        The city, with residents.
    kind
        One that it has a layer for.
    measure
        `STRAIGHT`, or `NETWORK` in a city `with_shortest_paths`.

    Returns
    -------
    distances
        In the order of the resident rows. A straight line is always known.

    Raises
    ------
    ValueError
        If walking distance is asked for without `with_shortest_paths`.
    """
    if measure == STRAIGHT:
        straight = prepared.supply[kind].distance
        return Distances(straight, straight)
    if prepared.shortest_paths is None:
        msg = "`with_shortest_paths` must come before walking distances are asked for."
        raise ValueError(msg)
    paths = prepared.shortest_paths.by_kind.get(kind)
    if paths is None:  # nothing can be walked, so nothing is known
        rows = len(prepared.supply[kind].distance)
        return Distances(np.full(rows, np.inf), np.zeros(rows))
    return Distances(paths.distance, paths.lower_bound)


def covered_m2(cover: DiscCover | None, service_radius: float, index: pd.Index) -> pd.Series[float]:
    """
    Measure covered land by community, also by those that have none.

    Parameters
    ----------
    cover
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
    if cover is None:
        return pd.Series(0.0, index=index)
    return cover.covered_area(service_radius).reindex(index, fill_value=0.0)


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


def quotients(numerators: Figures, denominators: Figures) -> Figures:
    """
    Divide whatever figures are made of.

    Parameters
    ----------
    numerators, denominators
        Columns by the names that `analysis.model.figures.FIGURES` has for them; figures
        without theirs are left out, and so are counts.

    Returns
    -------
    figures
        By identifier.
    """
    return {
        name: ratio(numerators[figure.numerator], denominators[figure.denominator] / figure.per)
        for name, figure in FIGURES.items()
        if figure.numerator in numerators and figure.denominator in denominators
    }


def _denominators(prepared: PreparedCity, rule: Rule) -> Figures:
    return {
        POPULATION: prepared.population.to_numpy(),
        AREA_M2: prepared.community_land.area_m2.to_numpy(),
        RESIDENTIAL_M2: prepared.community_land.residential_m2.to_numpy(),
        DENSITY_M2: density_m2(prepared, rule)[0].to_numpy(),
    }


def spread_population(
    prepared: PreparedCity, area_m2: pd.Series[float], residential_m2: pd.Series[float]
) -> pd.Series[float]:
    """
    Count the people on parts of communities, spread evenly as `population_basis` has it.

    Parameters
    ----------
    prepared
        The city.
    area_m2, residential_m2
        Land and residential land of each part, by community.

    Returns
    -------
    population
        People by community.
    """
    land = prepared.community_land
    of_area = area_m2 / land.area_m2.where(land.area_m2 > 0)
    of_residential = residential_m2 / land.residential_m2.where(land.residential_m2 > 0)
    population: pd.Series[float] = prepared.population * of_residential.fillna(of_area)
    return population


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
    if supply.upper is None:
        return figures
    upper = _measure(prepared, supply.upper, rule)
    figures["value_most"] = upper[rule.figure.id]
    if rule.service_radius_m is not None:
        doubt = upper["population_covered"] - figures["population_covered"]
        figures["population_not_judged"] = doubt
    return figures


def _measure(prepared: PreparedCity, supply: Supply, rule: Rule) -> Figures:
    """Figures of one kind at one radius, in the order of the communities."""
    numerators = {str(name): column.to_numpy() for name, column in supply.measured.items()}
    if rule.service_radius_m is not None:
        numerators |= {
            name: measure(prepared, supply, rule.service_radius_m).to_numpy()
            for name, measure in REACHED.items()
        }
    return numerators | quotients(numerators, _denominators(prepared, rule))


def _area_covered(
    prepared: PreparedCity, supply: Supply, service_radius: float
) -> pd.Series[float]:
    return covered_m2(supply.cover, service_radius, prepared.communities.index)


def _residential_covered(
    prepared: PreparedCity, supply: Supply, service_radius: float
) -> pd.Series[float]:
    index = prepared.communities.index
    if prepared.community_land.residential is None:
        return pd.Series(np.nan, index=index)
    return covered_m2(supply.residential_cover, service_radius, index)


def _in_reach(prepared: PreparedCity, supply: Supply, service_radius: float) -> pd.Series[float]:
    counts = supply.vicinity.counts(service_radius)
    return pd.Series(counts, index=prepared.communities.index, dtype=float)


def _population_covered(
    prepared: PreparedCity, supply: Supply, service_radius: float
) -> pd.Series[float]:
    if prepared.demand is not None:
        return covered_population(prepared.demand, supply.distance, service_radius=service_radius)
    area = _area_covered(prepared, supply, service_radius)
    return spread_population(prepared, area, _residential_covered(prepared, supply, service_radius))


REACHED = {
    "area_covered_m2": _area_covered,
    "residential_covered_m2": _residential_covered,
    "facilities_in_reach": _in_reach,
    "population_covered": _population_covered,
}
"""What is measured at a service radius: numerators of figures, by community."""


def figure_at(
    prepared: PreparedCity,
    rule: Rule,
    service_radius: float,
    *,
    measure: str = STRAIGHT,
    most: bool = False,
) -> pd.Series[float]:
    """
    Measure the figure of a rule at another radius, and nothing else.

    Parameters
    ----------
    prepared
        The city, with a layer of the rule's kind.
    rule
        On reach.
    service_radius
        Metres.
    measure
        `STRAIGHT`, or `NETWORK` for a figure that can be walked, in a city `with_shortest_paths`.
    most
        What it may be at most: whatever is in doubt is counted in, facilities and paths.

    Returns
    -------
    value
        As `analysis.coverage.assessment.assess` measures it, on the index of the communities;
        missing where nothing can be walked.

    Raises
    ------
    ValueError
        If walking distance is asked for without `with_shortest_paths`.
    """
    if measure == STRAIGHT:
        supply = prepared.supply[rule.kind]
        supply = supply.upper if most and supply.upper is not None else supply
        numerator = REACHED[rule.figure.numerator](prepared, supply, service_radius)
        return figure_of(prepared, rule, numerator)
    demand, known = prepared.demand, distances_of(prepared, rule.kind, measure)
    if demand is None or not can_walk(prepared):
        return pd.Series(np.nan, index=prepared.communities.index)
    metres = known.least if most else known.known
    people = covered_population(demand, metres, service_radius=service_radius)
    return figure_of(prepared, rule, people)


def can_walk(prepared: PreparedCity) -> bool:
    """
    Tell whether any walking distance is known.

    Parameters
    ----------
    prepared
        The city.

    Returns
    -------
    walks
        Whether it is `with_shortest_paths`, and has streets and residents.
    """
    paths = prepared.shortest_paths
    return paths is not None and not paths.walking_network.missing


def figure_of(prepared: PreparedCity, rule: Rule, numerator: pd.Series[float]) -> pd.Series[float]:
    """
    Make the figure of a rule from its numerator.

    Parameters
    ----------
    prepared
        The city.
    rule
        Any rule.
    numerator
        By community.

    Returns
    -------
    value
        A count stays as it is.
    """
    if not rule.figure.denominator:
        return numerator
    denominator = _denominators(prepared, rule)[rule.figure.denominator] / rule.figure.per
    return pd.Series(ratio(numerator.to_numpy(), denominator), index=numerator.index)


def measure_walks(prepared: PreparedCity, shortest_paths: ShortestPaths, rule: Rule) -> Figures:
    """
    Measure by walking distance: people alone, areas have none.

    Parameters
    ----------
    prepared
        The city.
    shortest_paths
        From each resident place to each kind.
    rule
        With the service radius.

    Returns
    -------
    figures
        As from `measure_straight`.
    """
    measured = prepared.supply[rule.kind].measured
    figures = {"facilities_inside": measured["facilities_inside"].to_numpy()}
    denominators = _denominators(prepared, rule)
    paths = shortest_paths.by_kind.get(rule.kind)
    if paths is None or prepared.demand is None:
        return figures | quotients(figures, denominators)
    radius = rule.service_radius_m or np.nan
    reach = walking_reach(prepared.demand, paths, service_radius=radius)
    known = ["nearest_distance_m", "population_without_streets", "population_unreachable"]
    for part in (reach, walking_means(paths.measured), paths.measured[known]):
        figures |= {str(name): column.to_numpy() for name, column in part.items()}
    return figures | quotients(figures, denominators) | _by_straight_line(prepared, rule)


def _by_straight_line(prepared: PreparedCity, rule: Rule) -> Figures:
    """Whom the straight line would reach: never fewer than can walk, so an optimistic bound."""
    supply, radius = prepared.supply[rule.kind], rule.service_radius_m or np.nan
    people = _population_covered(prepared, supply, radius).to_numpy()
    share = ratio(people, _denominators(prepared, rule)[POPULATION])
    return {"straight_covered": people, "straight_covered_share": share}
