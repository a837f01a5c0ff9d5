"""
The recipe for coverage: what the page, the command line and the tests all call.

`analysis.access.prepared_city` does once per city what no radius changes; `assess` judges every
community against every rule of a standard. Reach is a straight line, where streets, rivers and
walls are ignored, or for rules on people in reach the walking distance that `with_shortest_paths`
adds. Closed and planned facilities are no supply; facilities outside a community, or outside the
city, count for it as soon as they are within the service radius.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.access.prepared_city import on_land
from analysis.access.supply_filter import SupplyFilter
from analysis.coverage.figures import (
    NETWORK,
    STRAIGHT,
    density_m2,
    measure_straight,
    measure_walks,
    measures_of,
)
from analysis.coverage.provision import PROVISION_COLUMNS
from analysis.coverage.shortfall import SHORTFALL_COLUMNS, name_gaps
from analysis.coverage.summary import summarise
from analysis.coverage.verdicts import give_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply_filter import FilterResult
    from analysis.coverage.figures import Figures
    from analysis.model.standards import Rule, Standard

COUNTS = (
    *("facilities_inside", "facilities_in_reach", "facilities_idle", "facilities_to_add"),
    *("facilities_unknown", "accessible_inside"),
)
"""Columns of the coverage table that are whole numbers."""
COVERAGE_COLUMNS = (
    "community_id",
    "community",
    "parent",
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
    "facilities_inside",
    "facilities_in_reach",
    "nearest_distance_m",
    "density_per_km2",
    "per_10k_people",
    "verdict",
    "reason",
    "figure",
    "value",
    "minimum",
    "minimum_basis",
    "confidence",
    "population_basis",
    "mean_distance_m",
    "detour_ratio",
    "mean_leg_m",
    "population_not_judged",
    "population_without_streets",
    "population_unreachable",
    "denominators",
    "area_basis",
    "residential_m2",
    "residential_covered_m2",
    "residential_covered_share",
    "built_up_m2",
    "density_basis",
    *SHORTFALL_COLUMNS,
    *("value_least", "value_most", "only", "least_class", "at"),
    *PROVISION_COLUMNS,
    *("straight_covered", "straight_covered_share"),
)


@dataclass(frozen=True)
class Assessment:
    """
    Every community judged against every rule of one standard.

    Attributes
    ----------
    standard
        With the service radii that were used.
    coverage
        One row per community × kind × rule × measure, columns `COVERAGE_COLUMNS`.
    summary
        One row per rule and measure for the city and for each parent, columns
        `analysis.coverage.summary.SUMMARY_COLUMNS`.
    filter_result
        As in `PreparedCity`.
    """

    standard: Standard
    coverage: pd.DataFrame
    summary: pd.DataFrame
    filter_result: FilterResult | None = None

    @property
    def judged(self) -> list[tuple[Rule, str]]:
        """Every rule with every measure it was judged by, in the order of the table."""
        rules = {rule.id: rule for rule in self.standard.rules}
        pairs = self.coverage[["rule", "measure"]].drop_duplicates()
        return [(rules[rule], measure) for rule, measure in pairs.itertuples(index=False)]

    @property
    def scored(self) -> Assessment:
        """Each rule by the measure in use alone: the first that it was judged by."""

        def kept(table: pd.DataFrame) -> pd.DataFrame:
            first = table.drop_duplicates("rule").set_index("rule")["measure"]
            return table[table["measure"] == table["rule"].map(first)]

        return replace(self, coverage=kept(self.coverage), summary=kept(self.summary))

    def rows_of(self, rule: str, measure: str) -> pd.DataFrame:
        """
        Select the rows of the coverage table for one rule and measure.

        Parameters
        ----------
        rule, measure
            Identifier of the rule; `STRAIGHT` or `NETWORK`.

        Returns
        -------
        rows
            In the order of the communities; none if it was not judged so.
        """
        return self.coverage[
            (self.coverage["rule"] == rule) & (self.coverage["measure"] == measure)
        ]


def assess(
    prepared: PreparedCity, standard: Standard, *, measures: Sequence[str] = (STRAIGHT,)
) -> Assessment:
    """
    Judge every community against every rule of a standard.

    Parameters
    ----------
    prepared
        The city, from `prepare`.
    standard
        With the radii wanted (`analysis.model.standards.with_service_radius`).
    measures
        As in `measures_of`: `STRAIGHT`, `NETWORK`, both, or `BY_RULE`. Walking distance judges the
        rules on `walkable` figures alone, the others stay with the straight line; it needs a
        preparation `with_shortest_paths`.

    Returns
    -------
    assessment
        Coverage and summary tables. A rule on a kind that the city has no layer for,
        or on people where nobody knows how many, is "cannot_judge", never a number.

    Raises
    ------
    ValueError
        If walking distance is asked for without `with_shortest_paths`.
    """
    pairs = [(rule, each) for rule in standard.rules for each in measures_of(rule, measures)]
    if prepared.shortest_paths is None and any(measure == NETWORK for _, measure in pairs):
        msg = "`with_shortest_paths` must come before walking distances are asked for."
        raise ValueError(msg)
    judged = [(rule, _judge(prepared, standard, rule, measure)) for rule, measure in pairs]
    coverage = pd.concat([rows for _, rows in judged], ignore_index=True)
    return Assessment(standard, coverage, summarise(prepared, judged), prepared.filter_result)


def _judge(prepared: PreparedCity, standard: Standard, rule: Rule, measure: str) -> pd.DataFrame:
    """
    Give the rows of the coverage table for one rule and measure.

    Columns stay plain arrays until the end: in a city of a few hundred communities, frames
    would cost more than what is reckoned in them.
    """
    prepared = on_land(prepared, rule)
    index = prepared.communities.index
    figures: Figures = dict.fromkeys(COVERAGE_COLUMNS, np.full(len(index), np.nan))
    supply = prepared.supply.get(rule.kind)
    shortest_paths = prepared.shortest_paths if measure == NETWORK else None
    if supply is not None and shortest_paths is not None:
        figures |= measure_walks(prepared, shortest_paths, rule)
    elif supply is not None:
        figures |= measure_straight(prepared, supply, rule)
    figures |= _facts(prepared, standard, rule, measure)
    figures["value"] = figures[rule.figure.id].astype(float)
    figures |= give_verdict(figures, prepared, rule, supply=supply, shortest_paths=shortest_paths)
    figures |= name_gaps(prepared, supply, rule, figures)
    for name in COUNTS:
        figures[name] = pd.array(figures[name], dtype="Int64")
    return pd.DataFrame(figures, index=index)


def _facts(prepared: PreparedCity, standard: Standard, rule: Rule, measure: str) -> Figures:
    """Columns that no measuring moves; a single value stands in every row."""
    communities, community_land = prepared.communities, prepared.community_land
    radius = rule.service_radius_m
    part = prepared.filter_result.by_kind.get(rule.kind) if prepared.filter_result else None
    return {
        "community_id": communities.index.astype("str"),
        "community": communities["name"].astype("str").array,
        "parent": communities["parent"].astype("str").array,
        "population": prepared.population.to_numpy(),
        "population_basis": prepared.population_basis,
        "area_m2": community_land.area_m2.to_numpy(),
        "area_basis": community_land.area_basis,
        "residential_m2": community_land.residential_m2.to_numpy(),
        "built_up_m2": community_land.built_up_m2.to_numpy(),
        "density_basis": density_m2(prepared, rule)[1],
        "denominators": pd.array(_denominators(prepared), dtype="str"),
        "kind": rule.kind,
        "standard": standard.id,
        "rule": rule.id,
        "measure": measure,
        "service_radius_m": np.nan if radius is None else float(radius),
        "figure": rule.figure.id,
        "minimum": float(rule.minimum),
        "minimum_basis": rule.minimum_basis,
        "confidence": rule.confidence,
        **(part or SupplyFilter()).record(),
    }


def _denominators(prepared: PreparedCity) -> list[str]:
    """Name what a community's shares can be of: whichever of its measures is above 0."""
    community_land = prepared.community_land
    wholes = {
        "area": community_land.area_m2,
        "residential": community_land.residential_m2,
        "people": prepared.population,
    }
    there = np.column_stack([whole.to_numpy() > 0 for whole in wholes.values()])
    return ["; ".join(compress(wholes, each)) for each in there.tolist()]
