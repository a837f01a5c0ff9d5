"""
The three gaps as campaigns name them, and what closing each one takes.

A community that fails a rule has one of three gaps. Weak: what stands or is planned there
would be enough, but does not serve. Missing: nobody, or too few, within reach. Short: served,
but too thinly, or too little for women. Too few accessible facilities are weak as well. The
shortfall is what the rule still lacks, in facilities, capacity, people or m².
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.land import BUILT_UP
from analysis.people import covered_population
from analysis.provision import provision
from analysis.proximity import facilities_in_reach, facilities_inside
from analysis.reach import prepare_reach
from analysis.standards import REACH_FIGURES

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.assessment import Preparation, Supply
    from analysis.standards import Rule

NO_GAP, MISSING, SHORT, WEAK, UNKNOWN = "none", "missing", "short", "weak", "cannot_judge"
GAP_TYPES = (NO_GAP, MISSING, SHORT, WEAK, UNKNOWN)
SHORTFALL_UNITS = ("facilities", "people", "m2", "capacity", "female_capacity", "accessible")
SHORTFALL_COLUMNS = (
    "gap_type",
    "shortfall",
    "shortfall_unit",
    "facilities_idle",
    "value_if_open",
)
TOLERANCE = 1e-9
"""By which a figure may lie under the minimum and still meet it."""


def shortfall_unit(rule: Rule) -> str:
    """
    Tell what a rule's shortfall is counted in.

    Parameters
    ----------
    rule
        Any rule.

    Returns
    -------
    unit
        One of `SHORTFALL_UNITS`.
    """
    units = {
        "population_covered_share": "people",
        "area_covered_share": "m2",
        "residential_covered_share": "m2",
        "capacity_per_10k_people": "capacity",
        "female_male_ratio": "female_capacity",
        "accessible_share": "accessible",
    }
    return units.get(rule.figure, "facilities")


def shortfall(table: pd.DataFrame, rule: Rule) -> pd.Series[float]:
    """
    Measure what each community lacks to meet a rule.

    Parameters
    ----------
    table
        Coverage of one rule with figures, `value`, the wholes of its shares and `verdict`.
    rule
        The rule.

    Returns
    -------
    shortfall
        In `shortfall_unit`: the least whole number of further facilities inside (or in
        reach), or of capacity inside, that meets a rule on counts, densities or ratios, or of
        facilities to be made accessible; people, or m², still to be brought within reach for
        a rule on shares. 0 where the rule is met, missing where it cannot
        be judged. Where new facilities may stand is not looked at.
    """
    figure = pd.to_numeric(table["value"]).astype(float)
    if rule.figure.endswith("_covered_share"):
        lacking = (rule.minimum - figure) * _base(table, rule)
    else:
        wanted = (rule.minimum - TOLERANCE - figure) * _base(table, rule)
        lacking = (-(-wanted // 1)).clip(lower=1)
    fails, judged = table["verdict"] == "fails", table["verdict"] != "cannot_judge"
    return lacking.where(fails, 0.0).where(judged).rename("shortfall")


def _base(table: pd.DataFrame, rule: Rule) -> pd.Series[float]:
    """What the figure is counted over: people, m², km², men's stalls, facilities, or 1."""
    inside = {"female_male_ratio": "male_inside", "accessible_share": "facilities_inside"}
    if rule.figure in inside:
        return table[inside[rule.figure]].astype(float)
    built_up = table["density_basis"] == BUILT_UP
    bases = {
        "population_covered_share": table["population"],
        "area_covered_share": table["area_m2"],
        "residential_covered_share": table["residential_m2"],
        "density_per_km2": table["area_m2"].mask(built_up, table["built_up_m2"]) / 1e6,
        "per_10k_people": table["population"] / 1e4,
        "capacity_per_10k_people": table["population"] / 1e4,
    }
    return bases.get(rule.figure, pd.Series(1.0, index=table.index)).astype(float)


def idle_facilities(preparation: Preparation, supply: Supply, rule: Rule) -> pd.Series[int]:
    """
    Count the facilities of a kind that are there but no supply: closed, or only planned.

    Parameters
    ----------
    preparation, supply
        The city, and the kind in it.
    rule
        Rules on reach count those in reach of the community, others those inside it.

    Returns
    -------
    facilities_idle
        On the index of the communities.
    """
    if rule.figure in REACH_FIGURES and rule.service_radius_m is not None:
        found = facilities_in_reach(
            preparation.communities, supply.idle, service_radius=rule.service_radius_m
        )
    else:
        found = facilities_inside(preparation.communities, supply.idle)
    return found.rename("facilities_idle")


def value_if_open(
    preparation: Preparation, supply: Supply, rule: Rule, table: pd.DataFrame
) -> pd.Series[float]:
    """
    Measure a rule's figure again as if every idle facility served.

    Parameters
    ----------
    preparation, supply
        The city, and the kind in it.
    rule
        The rule.
    table
        Its coverage on the index of the communities, with `facilities_idle` and `verdict`.

    Returns
    -------
    value_if_open
        In the unit of the figure; missing but where the community fails and has idle
        facilities.
    """
    asked = (table["verdict"] == "fails") & (table["facilities_idle"] > 0)
    value = pd.Series(np.nan, index=table.index, name="value_if_open")
    if not asked.any():
        return value
    rows = table[asked]
    if rule.columns:
        found = provision(preparation, supply, rule, idle=True).loc[rows.index, rule.figure]
    elif rule.figure.endswith("_share"):
        found = _covered_if_open(preparation, supply, rule, rows)
    else:
        more = rows["facilities_idle"].astype(float) / _base(rows, rule)
        found = pd.to_numeric(rows["value"]).astype(float) + more
    value[asked] = found
    return value


def _covered_if_open(
    preparation: Preparation, supply: Supply, rule: Rule, rows: pd.DataFrame
) -> pd.Series[float]:
    radius = rule.service_radius_m or 0.0
    if rule.figure == "population_covered_share" and preparation.demand is not None:
        nearest = np.minimum(supply.distance, supply.idle_distance)
        people = covered_population(preparation.demand, nearest, service_radius=radius)
        return people.loc[rows.index] / preparation.population.loc[rows.index]
    parts = _parts_of(preparation, rule, rows.index)
    reach = prepare_reach(parts, pd.concat([supply.facilities, supply.idle]))
    found: pd.Series[float] = reach.covered_area(radius) / parts.area
    return found


def _parts_of(preparation: Preparation, rule: Rule, index: pd.Index) -> gpd.GeoDataFrame:
    """Land that a share is of; people are spread over residential land where there is any."""
    ground = preparation.ground
    parts = ground.dry.loc[index]
    if rule.figure == "area_covered_share" or ground.residential is None:
        return parts
    homes = ground.residential.loc[ground.residential.index.intersection(index)]
    return pd.concat([homes, parts.drop(homes.index)]).loc[index]


def gap_type(table: pd.DataFrame, rule: Rule) -> pd.Series[str]:
    """
    Name the gap of each community.

    Parameters
    ----------
    table
        Coverage of one rule with `verdict`, `value` and `value_if_open`.
    rule
        The rule.

    Returns
    -------
    gap_type
        One of `GAP_TYPES`. A gap that opening what is there would close is `weak`; else a
        rule on reach, or a rule on a count or a capacity where there is none at all, is
        `missing`, one on accessible facilities `weak`, and one on density, a count, a capacity
        or a ratio `short`.
    """
    counts = rule.figure in {"facilities_inside", "capacity_per_10k_people"}
    none_inside = counts & (pd.to_numeric(table["value"]) == 0)
    missing = none_inside | (rule.figure in REACH_FIGURES)
    conditions = [
        table["verdict"] == "cannot_judge",
        table["verdict"] == "meets",
        table["value_if_open"] >= rule.minimum - TOLERANCE,
        missing,
    ]
    else_named = WEAK if rule.figure == "accessible_share" else SHORT
    names = np.select(conditions, [UNKNOWN, NO_GAP, WEAK, MISSING], else_named)
    return pd.Series(names, index=table.index, name="gap_type")


def name_gaps(
    preparation: Preparation, supply: Supply | None, rule: Rule, table: pd.DataFrame
) -> pd.DataFrame:
    """
    Name the gap of each community in one rule, and measure what it lacks.

    Parameters
    ----------
    preparation
        The city.
    supply
        The rule's kind in it, or `None` where the city has no layer of it, or where ways
        along streets were measured: then idle facilities are not looked at.
    rule
        The rule.
    table
        Its coverage on the index of the communities, with the verdicts.

    Returns
    -------
    gaps
        Columns `SHORTFALL_COLUMNS`, on the index of `table`.
    """
    gaps = table.assign(facilities_idle=np.nan, value_if_open=np.nan)
    if supply is not None:
        gaps["facilities_idle"] = idle_facilities(preparation, supply, rule)
        gaps["value_if_open"] = value_if_open(preparation, supply, rule, gaps)
    gaps["gap_type"] = gap_type(gaps, rule)
    gaps["shortfall"] = shortfall(gaps, rule)
    gaps["shortfall_unit"] = shortfall_unit(rule)
    return gaps[list(SHORTFALL_COLUMNS)]
