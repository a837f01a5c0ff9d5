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

from analysis.access.proximity import facilities_in_reach, facilities_inside
from analysis.access.residents import covered_population
from analysis.coverage.provision import provision
from analysis.geometry.disc_cover import prepare_disc_cover
from analysis.model.figures import AREA_M2, DENSITY_M2, FACILITIES, MISSING, RESIDENTS, SHORT, WEAK
from analysis.model.question import MEASURES
from analysis.model.standards import BUILT_UP

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply import Supply
    from analysis.model.standards import Rule

STRAIGHT, _ = MEASURES
NO_GAP, UNKNOWN = "none", "cannot_judge"
GAP_TYPES = (NO_GAP, MISSING, SHORT, WEAK, UNKNOWN)
SHORTFALL_COLUMNS = (
    "gap_type",
    "shortfall",
    "shortfall_unit",
    "facilities_to_add",
    "facilities_idle",
    "value_if_open",
)
TOLERANCE = 1e-9
"""By which a figure may lie under the minimum and still meet it."""


def shortfall(table: Mapping[str, ArrayLike], rule: Rule) -> NDArray[np.float64]:
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
        In `Figure.shortfall_unit`: the least whole number of further facilities inside (or in
        reach), or of capacity inside, that meets a rule on counts, densities or ratios, or of
        facilities to be made accessible; people, or m², still to be brought within reach for
        a rule on shares. 0 where the rule is met, missing where it cannot
        be judged. Where new facilities may stand is not looked at.
    """
    figure, verdict = np.asarray(table["value"], dtype=float), np.asarray(table["verdict"])
    if rule.figure.covers:
        lacking = (rule.minimum - figure) * _base(table, rule)
    else:
        wanted = (rule.minimum - TOLERANCE - figure) * _base(table, rule)
        lacking = np.maximum(-(-wanted // 1), 1)
    found = np.where(verdict == "fails", lacking, 0.0)
    return np.where(verdict == "cannot_judge", np.nan, found)


def _base(table: Mapping[str, ArrayLike], rule: Rule) -> NDArray[np.float64]:
    """What the figure is counted over: people, m², km², men's stalls, facilities, or 1."""
    name = rule.figure.denominator
    if not name:
        return np.ones(len(np.asarray(table["value"])))
    if name == DENSITY_M2:
        clipped = np.asarray(table["density_basis"]) == BUILT_UP
        return np.where(clipped, table["built_up_m2"], table[AREA_M2]) / rule.figure.per
    return np.asarray(table[name], dtype=float) / rule.figure.per


def idle_facilities(prepared: PreparedCity, supply: Supply, rule: Rule) -> pd.Series[int]:
    """
    Count the facilities of a kind that are there but no supply: closed, or only planned.

    Parameters
    ----------
    prepared, supply
        The city, and the kind in it.
    rule
        Rules on reach count those in reach of the community in a straight line, others those
        inside it.

    Returns
    -------
    facilities_idle
        On the index of the communities.
    """
    if rule.figure.needs_radius and rule.service_radius_m is not None:
        found = facilities_in_reach(
            prepared.communities, supply.idle, service_radius=rule.service_radius_m
        )
    else:
        found = facilities_inside(prepared.communities, supply.idle)
    return found.rename("facilities_idle")


def value_if_open(
    prepared: PreparedCity, supply: Supply, rule: Rule, table: Mapping[str, ArrayLike]
) -> NDArray[np.float64]:
    """
    Measure a rule's figure again as if every idle facility served.

    Parameters
    ----------
    prepared, supply
        The city, and the kind in it.
    rule
        The rule.
    table
        Its coverage in the order of the communities, with `measure`, `facilities_idle` and
        `verdict`.

    Returns
    -------
    value_if_open
        In the unit of the figure; missing but where the community fails and has idle
        facilities.
    """
    figure, idle = (np.asarray(table[name], dtype=float) for name in ("value", "facilities_idle"))
    failing = (np.asarray(table["verdict"]) == "fails") & (idle > 0)
    value = np.full(len(failing), np.nan)
    if not failing.any():
        return value
    if rule.columns:
        value[failing] = provision(prepared, supply, rule, idle=True)[rule.figure.id][failing]
    elif rule.figure.covers:
        nearest = _nearest_if_open(prepared, supply, rule, str(table["measure"]))
        value[failing] = _covered_if_open(prepared, supply, rule, failing, nearest)
    else:
        value[failing] = figure[failing] + idle[failing] / _base(table, rule)[failing]
    return value


def _nearest_if_open(
    prepared: PreparedCity, supply: Supply, rule: Rule, measure: str
) -> NDArray[np.float64]:
    """Distance of every resident row to the nearest facility, idle ones among them."""
    known = None if prepared.shortest_paths is None else prepared.shortest_paths.by_kind
    paths = known.get(rule.kind) if known is not None and measure != STRAIGHT else None
    serving = supply.distance if paths is None else paths.distance
    idle = supply.idle_distance if paths is None else paths.idle_distance
    nearest: NDArray[np.float64] = np.minimum(serving, idle)
    return nearest


def _covered_if_open(
    prepared: PreparedCity,
    supply: Supply,
    rule: Rule,
    failing: NDArray[np.bool_],
    nearest: NDArray[np.float64],
) -> NDArray[np.float64]:
    radius = rule.service_radius_m or 0.0
    if rule.figure.covers == RESIDENTS and prepared.demand is not None:
        people = covered_population(prepared.demand, nearest, service_radius=radius)
        return people.to_numpy()[failing] / prepared.population.to_numpy()[failing]
    parts = _parts_of(prepared, rule, prepared.communities.index[failing])
    cover = prepare_disc_cover(parts, pd.concat([supply.facilities, supply.idle]))
    found: NDArray[np.float64] = (cover.covered_area(radius) / parts.area).to_numpy()
    return found


def _parts_of(prepared: PreparedCity, rule: Rule, index: pd.Index) -> gpd.GeoDataFrame:
    """Land that a share is of; people are spread over residential land where there is any."""
    community_land = prepared.community_land
    parts = community_land.dry.loc[index]
    if rule.figure.denominator == AREA_M2 or community_land.residential is None:
        return parts
    residential = community_land.residential
    residential = residential.loc[residential.index.intersection(index)]
    return pd.concat([residential, parts.drop(residential.index)]).loc[index]


def gap_type(table: Mapping[str, ArrayLike], rule: Rule) -> NDArray[np.str_]:
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
    verdict, value = np.asarray(table["verdict"]), np.asarray(table["value"], dtype=float)
    conditions = [
        verdict == "cannot_judge",
        verdict == "meets",
        np.asarray(table["value_if_open"], dtype=float) >= rule.minimum - TOLERANCE,
        rule.figure.missing_at_zero & (value == 0),
    ]
    return np.select(conditions, [UNKNOWN, NO_GAP, WEAK, MISSING], rule.figure.gap)


def name_gaps(
    prepared: PreparedCity, supply: Supply | None, rule: Rule, table: Mapping[str, ArrayLike]
) -> dict[str, ArrayLike]:
    """
    Name the gap of each community in one rule, and measure what it lacks.

    Parameters
    ----------
    prepared
        The city.
    supply
        The rule's kind in it, or `None` where the city has no layer of it.
    rule
        The rule.
    table
        Its coverage in the order of the communities, with the verdicts.

    Returns
    -------
    gaps
        Columns `SHORTFALL_COLUMNS`, in the order of `table`; the unit once for all.
        `facilities_to_add` only of rules on counts and densities; of rules on people see
        `analysis.coverage.additions`.
    """
    unknown = np.full(len(prepared.communities), np.nan)
    idle, opened = unknown, unknown
    lacking, unit = shortfall(table, rule), rule.figure.shortfall_unit
    if supply is not None:
        idle = idle_facilities(prepared, supply, rule).to_numpy()
        judged = {**table, "facilities_idle": idle}
        opened = value_if_open(prepared, supply, rule, judged)
    return {
        "gap_type": gap_type({**table, "value_if_open": opened}, rule),
        "shortfall": lacking,
        "shortfall_unit": unit,
        "facilities_to_add": lacking if unit == FACILITIES else unknown,
        "facilities_idle": idle,
        "value_if_open": opened,
    }
