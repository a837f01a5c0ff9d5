"""Does a community meet a rule, fail it, or can nobody judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.coverage.provision import ATTRIBUTE_UNKNOWN, ratio, why_no_figure
from analysis.coverage.shortfall import TOLERANCE
from analysis.model.figures import FIGURES, POPULATION, RESIDENTIAL_M2, RESIDENTS

if TYPE_CHECKING:
    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply import Supply
    from analysis.access.walking import ShortestPaths
    from analysis.coverage.figures import Figures
    from analysis.model.standards import Rule

MEETS, FAILS, CANNOT_JUDGE = "meets", "fails", "cannot_judge"


def give_verdict(
    figures: Figures,
    prepared: PreparedCity,
    rule: Rule,
    *,
    supply: Supply | None,
    shortest_paths: ShortestPaths | None,
) -> Figures:
    """
    Compare values with the minimum; what is in doubt decides where it could turn it.

    Parameters
    ----------
    figures
        Measured columns, among them `value`.
    prepared
        The city.
    rule
        With the minimum.
    supply
        Of the rule's kind; `None` without a layer of it.
    shortest_paths
        Where walking distance is the measure.

    Returns
    -------
    judged
        Columns `verdict`, `reason`, `value_least` and `value_most`; and the value and the
        shares, missing where doubt leaves them undecided.
    """
    unknown, doubt = _why_not(prepared, supply, shortest_paths, rule, figures), _doubt(supply, rule)
    value: np.ndarray = figures["value"]
    known: np.ndarray = figures["value_most"]
    most = np.where(np.isnan(known), value, known)
    if rule.figure.covers == RESIDENTS:
        not_judged = ratio(figures["population_not_judged"], figures["population"])
        most = value + np.where(np.isnan(not_judged), 0.0, not_judged)
    meets, fails = value >= rule.minimum - TOLERANCE, most < rule.minimum - TOLERANCE
    if rule.figure.covers == RESIDENTS:
        fails &= ~_without_ways(figures)
    reason = np.select(
        [meets, fails, np.isfinite(value)],
        ["at_or_above_minimum", "below_minimum", doubt],
        unknown,
    )
    shares = [name for name, figure in FIGURES.items() if figure.covers]
    in_doubt = ("value", *shares, *((rule.figure.id,) if rule.columns else ()))
    return {
        "verdict": np.select([meets, fails], [MEETS, FAILS], CANNOT_JUDGE),
        "reason": reason,
        "value_least": value,
        "value_most": np.where(np.isfinite(most), most, np.nan),
        **{name: np.where(reason == doubt, np.nan, figures[name]) for name in in_doubt},
    }


def _without_ways(figures: Figures) -> np.ndarray:
    """Find communities in which nobody's way is known, and some are perhaps in reach."""
    unknown = figures["population_without_streets"] + figures["population_unreachable"]
    without = ratio(unknown, figures["population"])
    found: np.ndarray = (np.asarray(figures["population_not_judged"]) > 0) & (
        without >= 1 - TOLERANCE
    )
    return found


def _doubt(supply: Supply | None, rule: Rule) -> str:
    """What a value between the least and the most is in doubt for."""
    if supply is not None and supply.upper is not None:
        return "facilities_in_doubt"
    return ATTRIBUTE_UNKNOWN if rule.columns else "too_many_without_streets"


def _why_not(
    prepared: PreparedCity,
    supply: Supply | None,
    shortest_paths: ShortestPaths | None,
    rule: Rule,
    figures: Figures,
) -> np.ndarray:
    population = prepared.population
    unknown = np.where(population.isna(), "population_unknown", "nobody_lives_here").astype(object)
    if supply is None:
        unknown[:] = "no_layer_of_this_kind"
    elif shortest_paths is not None and shortest_paths.walking_network.missing:
        unknown[:] = shortest_paths.walking_network.missing
    elif rule.figure.denominator == RESIDENTIAL_M2:
        missing = prepared.community_land.residential is None
        unknown[:] = "no_residential_layer" if missing else "no_such_land_here"
    elif rule.figure.of_land:
        unknown[:] = "no_such_land_here"
    elif rule.figure.made_from and rule.figure.denominator != POPULATION:
        unknown = why_no_figure(figures["facilities_unknown"])
    elif rule.figure.made_from:
        silent = (population.fillna(0) > 0) & (figures["facilities_unknown"] > 0)
        unknown = np.where(silent, _doubt(supply, rule), unknown).astype(object)
    return unknown
