"""
What the facilities inside a community offer: capacity, its parts for women and men, access.

A facility that does not state what a figure is made from is counted and never guessed. A
figure is then the least it can be, beside the most: a capacity has no most, the share of
accessible facilities has one, and a ratio of women's to men's could be anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.figures import FIGURES, POPULATION

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply import Supply
    from analysis.model.standards import Rule

PROVISION = tuple(figure for figure in FIGURES.values() if figure.made_from)
"""Figures on what facilities offer."""
PROVISION_SUMS = (
    *(column for figure in PROVISION for _, column in figure.made_from),
    "facilities_unknown",
)
PROVISION_COLUMNS = (*PROVISION_SUMS, *(figure.id for figure in PROVISION))
ATTRIBUTE_UNKNOWN, NOTHING_TO_COMPARE = "attribute_unknown", "nothing_to_compare"


def provision(
    prepared: PreparedCity, supply: Supply, rule: Rule, *, idle: bool = False
) -> dict[str, NDArray[np.float64]]:
    """
    Measure what the facilities inside each community offer.

    Parameters
    ----------
    prepared, supply
        The city, and the kind in it. What facilities in doubt offer is unknown.
    rule
        One with `columns`.
    idle
        Whether idle facilities, too, are taken to serve; then none is in doubt.

    Returns
    -------
    figures
        By column, in the order of the communities: the sums of the figure over the facilities that
        state all its columns, missing where there are facilities and none states them;
        `facilities_unknown` (the others), the figure, and
        `value_most`, infinite where nothing bounds it.
    """
    communities, sure = prepared.communities, supply.facilities
    widest = sure if supply.upper is None else supply.upper.facilities
    if idle:
        widest = sure = pd.concat([sure, supply.idle])
    columns = [_numbers(sure, column) for column in rule.columns]
    known = pd.concat(columns, axis=1).reindex(widest.index)
    states_all = known.notna().all(axis=1).to_numpy()
    x, y = shapely.get_coordinates(widest.geometry.to_numpy()).reshape(-1, 2).T
    community = community_of(x, y, communities)
    inside = community != OUTSIDE

    def add(amount: NDArray[Any]) -> NDArray[np.float64]:
        total = np.bincount(community[inside], weights=amount[inside], minlength=len(communities))
        return np.asarray(total, dtype=float)

    sums = [add(known[column].where(states_all, 0.0).to_numpy()) for column in known]
    figure, unknown = rule.figure, add(~states_all)
    stated = dict(zip([column for _, column in figure.made_from], sums, strict=True))
    nothing_stated = (unknown > 0) & (add(states_all) == 0)
    whole = {
        POPULATION: np.asarray(prepared.population, dtype=np.float64),
        "facilities_inside": add(np.ones(len(community))),
        **stated,
    }[figure.denominator]
    numerator, denominator = stated[figure.numerator], whole / figure.per
    value = ratio(numerator, denominator)
    if figure.unknown_adds is None:
        value = most = np.where(unknown > 0, np.nan, value)
    else:
        more = np.multiply(unknown, figure.unknown_adds, where=unknown > 0, out=0 * unknown)
        most = ratio(numerator + more, denominator)
        value = np.where(nothing_stated & np.isinf(figure.unknown_adds), np.nan, value)
    shown = {column: np.where(nothing_stated, np.nan, total) for column, total in stated.items()}
    return {**shown, "facilities_unknown": unknown, figure.id: value, "value_most": most}


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


def why_no_figure(unknown: NDArray[np.float64]) -> NDArray[np.object_]:
    """
    Say why a ratio or a share of facilities has no value.

    Parameters
    ----------
    unknown
        Facilities that do not state it, by community.

    Returns
    -------
    reason
        `ATTRIBUTE_UNKNOWN` or `NOTHING_TO_COMPARE`; it holds where there is no value.
    """
    return np.where(unknown > 0, ATTRIBUTE_UNKNOWN, NOTHING_TO_COMPARE).astype(object)


def _numbers(facilities: gpd.GeoDataFrame, column: str) -> pd.Series[float]:
    """Numbers, or flags as 0 and 1; missing where unknown or where there is no such column."""
    if column not in facilities:
        return pd.Series(np.nan, index=facilities.index, name=column)
    numbers: pd.Series[float] = facilities[column].astype("Float64").astype(float)
    return numbers.rename(column)
