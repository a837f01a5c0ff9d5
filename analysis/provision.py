"""
What the facilities inside a community offer: capacity, its parts for women and men, access.

A facility that does not state what a figure is made from is counted and never guessed. A
figure is then the least it can be, beside the most: a capacity has no most, the share of
accessible facilities has one, and a ratio of women's to men's could be anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.people import OUTSIDE, community_of

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.assessment import Preparation, Supply
    from analysis.standards import Rule

PROVISION_SUMS = (
    *("capacity_inside", "female_inside", "male_inside", "accessible_inside"),
    "facilities_unknown",
)
PROVISION_COLUMNS = (
    *PROVISION_SUMS,
    *("capacity_per_10k_people", "female_male_ratio", "accessible_share"),
)
ATTRIBUTE_UNKNOWN, NOTHING_TO_COMPARE = "attribute_unknown", "nothing_to_compare"
SUMS = {
    "capacity_per_10k_people": ("capacity_inside",),
    "female_male_ratio": ("female_inside", "male_inside"),
    "accessible_share": ("accessible_inside",),
}
"""Sums that each figure is made from, in the order of the columns of its rules."""


def provision(
    preparation: Preparation, supply: Supply, rule: Rule, *, idle: bool = False
) -> pd.DataFrame:
    """
    Measure what the facilities inside each community offer.

    Parameters
    ----------
    preparation, supply
        The city, and the kind in it. What facilities in doubt offer is unknown.
    rule
        One with `columns`.
    idle
        Whether idle facilities, too, are taken to serve; then none is in doubt.

    Returns
    -------
    table
        On the index of the communities: the sums of the figure over the facilities that
        state all its columns, `facilities_unknown` (the others), the figure, and
        `value_most`, infinite where nothing bounds it.
    """
    communities, sure = preparation.communities, supply.facilities
    widest = sure if supply.most is None else supply.most.facilities
    if idle:
        widest = sure = pd.concat([sure, supply.idle])
    columns = [_numbers(sure, column) for column in rule.columns]
    known = pd.concat(columns, axis=1).reindex(widest.index)
    told = known.notna().all(axis=1).to_numpy()
    x, y = shapely.get_coordinates(widest.geometry.to_numpy()).reshape(-1, 2).T
    home = community_of(x, y, communities)
    inside = home != OUTSIDE

    def add(amount: np.ndarray) -> pd.Series[float]:
        total = np.bincount(home[inside], weights=amount[inside], minlength=len(communities))
        return pd.Series(total, index=communities.index)

    sums = [add(known[column].where(told, 0.0).to_numpy()) for column in known]
    table = pd.DataFrame(dict(zip(SUMS[rule.figure], sums, strict=True)))
    table["facilities_unknown"] = add(~told)
    everyone, people = add(np.ones(len(home))), preparation.population
    table[rule.figure], table["value_most"] = _figure(table, everyone, people, rule.figure)
    return table


def _figure(
    table: pd.DataFrame, facilities: pd.Series[float], population: pd.Series[float], figure: str
) -> tuple[pd.Series[float], pd.Series[float]]:
    """The least and the most that a figure can be."""
    unknown = table["facilities_unknown"]
    if figure == "capacity_per_10k_people":
        value = table["capacity_inside"] / population.where(population > 0) * 1e4
        return value, value.where(unknown == 0, value + np.inf)
    if figure == "female_male_ratio":
        male = table["male_inside"]
        ratio = (table["female_inside"] / male.where(male > 0)).where(unknown == 0)
        return ratio, ratio
    whole = facilities.where(facilities > 0)
    return table["accessible_inside"] / whole, (table["accessible_inside"] + unknown) / whole


def why_no_figure(table: pd.DataFrame) -> np.ndarray:
    """
    Say why a ratio or a share of facilities has no value.

    Parameters
    ----------
    table
        With `facilities_unknown`.

    Returns
    -------
    reason
        `ATTRIBUTE_UNKNOWN` or `NOTHING_TO_COMPARE`, one a row; meant where there is none.
    """
    unknown = pd.to_numeric(table["facilities_unknown"]) > 0
    return np.where(unknown, ATTRIBUTE_UNKNOWN, NOTHING_TO_COMPARE).astype(object)


def _numbers(facilities: gpd.GeoDataFrame, column: str) -> pd.Series[float]:
    """Numbers, or flags as 0 and 1; missing where unknown or where there is no such column."""
    if column not in facilities:
        return pd.Series(np.nan, index=facilities.index, name=column)
    numbers: pd.Series[float] = facilities[column].astype("Float64").astype(float)
    return numbers.rename(column)
