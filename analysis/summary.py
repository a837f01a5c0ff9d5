"""The coverage table added up for the city and for each parent (district, street …)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.land import BUILT_UP
from analysis.provision import PROVISION_COLUMNS, PROVISION_SUMS
from analysis.proximity import facilities_in_reach
from analysis.shortfall import MISSING, SHORT, WEAK
from analysis.walking import SUMS, walking_means

if TYPE_CHECKING:
    from analysis.assessment import Preparation
    from analysis.standards import Rule, Standard

SUMMARY_COLUMNS = (
    "level",
    "name",
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
    "communities",
    "meets",
    "fails",
    "cannot_judge",
    "meets_share",
    "target_share",
    "verdict",
    "reason",
    "figure",
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
    "area_basis",
    "residential_m2",
    "residential_covered_m2",
    "residential_covered_share",
    "built_up_m2",
    "density_basis",
    "missing",
    "short",
    "weak",
    "shortfall",
    "shortfall_unit",
    *("only", "least_class", "at"),
    *PROVISION_COLUMNS,
)
WALKED_PEOPLE = ("population_not_judged", "population_without_streets", "population_unreachable")
ADDED = (
    *("population", "population_covered", "area_m2", "area_covered_m2", "residential_m2"),
    *("residential_covered_m2", "built_up_m2", "facilities_inside", "shortfall", *WALKED_PEOPLE),
    *PROVISION_SUMS,
)
"""Columns of the coverage table that add up over communities."""
MEANS = ("nearest_distance_m", "mean_distance_m")
"""Columns whose mean over communities is weighted."""
VERDICTS = ("meets", "fails", "cannot_judge")


def units_of(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Join communities into the city and its parents.

    Parameters
    ----------
    communities
        As in `analysis.contracts`.

    Returns
    -------
    units
        Index (level, name): first the city (`city`, empty name), then every parent that
        has a name (`parent`, name), sorted; geometry is the union.
    """
    geometry = communities.geometry.to_numpy()
    parents = communities["parent"].to_numpy()
    rows = [("city", "", shapely.union_all(geometry))]
    rows += [
        ("parent", name, shapely.union_all(geometry[parents == name]))
        for name in sorted(set(parents) - {""})
    ]
    frame = gpd.GeoDataFrame(
        {"level": [row[0] for row in rows], "name": [row[1] for row in rows]},
        geometry=[row[2] for row in rows],
        crs=communities.crs,
    )
    return frame.set_index(["level", "name"])


def summarise(preparation: Preparation, standard: Standard, coverage: pd.DataFrame) -> pd.DataFrame:
    """
    Add the coverage table up for the city and for each parent.

    People, areas and facilities inside are sums over the communities; shares and
    densities are made from the sums, those on what facilities offer over the facilities that
    state it; facilities in reach are counted once per unit;
    distances are means weighted by people, or by area where people are unknown.
    Of walking distances the means are over the people with a known way, and the share of
    people covered counts those within reach for certain. The shortfall is the sum over
    the communities, each for itself. The verdict compares the share of communities that
    meet the rule with the target share, and is "cannot_judge" where communities that
    could not be judged decide it.

    Parameters
    ----------
    preparation
        The city, from `analysis.assessment.prepare`.
    standard
        The standard that `coverage` was made with.
    coverage
        Table of `analysis.assessment.assess`.

    Returns
    -------
    summary
        Columns `SUMMARY_COLUMNS`; the city's row of a rule and measure comes first.
    """
    rules = {rule.id: rule for rule in standard.rules}
    tables = [
        _summarise_rule(preparation, rules[str(rule)], rows)
        for (rule, _), rows in coverage.groupby(["rule", "measure"], sort=False)
    ]
    return pd.concat(tables, ignore_index=True)


def _summarise_rule(preparation: Preparation, rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    units, unit = _units(rows)
    weights = {name: _weight(rows, name) for name in MEANS}
    added = {
        **{name: rows[name] for name in ADDED},
        **{verdict: rows["verdict"] == verdict for verdict in VERDICTS},
        **{gap: rows["gap_type"] == gap for gap in (MISSING, SHORT, WEAK)},
        **{f"weight of {name}": weight for name, weight in weights.items()},
        **{f"sum of {name}": rows[name] * weight for name, weight in weights.items()},
    }
    table = _add_up(pd.DataFrame(added, dtype=float).assign(communities=1), unit, units)
    table["population_covered_share"] = _ratio(table["population_covered"], table["population"])
    table["area_covered_share"] = _ratio(table["area_covered_m2"], table["area_m2"])
    homes = _ratio(table["residential_covered_m2"], table["residential_m2"])
    table["residential_covered_share"] = homes
    land = "built_up_m2" if rows["density_basis"].iloc[0] == BUILT_UP else "area_m2"
    table["density_per_km2"] = _ratio(table["facilities_inside"], table[land] / 1e6)
    table["per_10k_people"] = _ratio(table["facilities_inside"], table["population"] / 1e4)
    _provide(table)
    means = {name: _ratio(table[f"sum of {name}"], table[f"weight of {name}"]) for name in MEANS}
    table["nearest_distance_m"] = means["nearest_distance_m"]
    if rows["measure"].iloc[0] == "straight":
        table["facilities_in_reach"] = _in_reach(preparation, rule, table.index)
        table["mean_distance_m"] = means["mean_distance_m"]
        table[["detour_ratio", "mean_leg_m"]] = np.nan
    else:
        table["facilities_in_reach"] = np.nan
        walked = walking_means(_add_up(_walks_of(preparation, rule, rows), unit, units))
        table[walked.columns] = walked
    table["meets_share"] = table["meets"] / table["communities"]
    target = np.nan if rule.target_share is None else rule.target_share
    table["target_share"] = target
    table["verdict"], table["reason"] = _verdict(table, target)
    same = ("kind", "standard", "rule", "measure", "service_radius_m", "figure", "minimum",
            "minimum_basis", "confidence", "population_basis", "area_basis", "density_basis",
            "shortfall_unit", "only", "least_class", "at")  # fmt: skip
    for column in same:
        table[column] = rows[column].iloc[0]
    counts = ["facilities_inside", "facilities_in_reach", "communities", "meets", "fails",
              "cannot_judge", MISSING, SHORT, WEAK, "facilities_unknown",
              "accessible_inside"]  # fmt: skip
    table[counts] = table[counts].astype("Int64")
    return table.reset_index()[list(SUMMARY_COLUMNS)]


def _provide(table: pd.DataFrame) -> None:
    """Figures on what facilities offer, of those that state it."""
    people = table["population"] / 1e4
    table["capacity_per_10k_people"] = _ratio(table["capacity_inside"], people)
    table["female_male_ratio"] = _ratio(table["female_inside"], table["male_inside"])
    table["accessible_share"] = _ratio(table["accessible_inside"], table["facilities_inside"])


def _ratio(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    return part / whole.where(whole > 0)


def _weight(rows: pd.DataFrame, column: str) -> pd.Series[float]:
    weight = rows["population"] if rows["population"].notna().all() else rows["area_m2"]
    return weight.where(rows[column].notna())


def _units(rows: pd.DataFrame) -> tuple[pd.MultiIndex, np.ndarray]:
    """The city and its parents, and the place among these of each row's parent, or -1."""
    parents = rows["parent"].to_numpy(dtype=object)
    names, place = np.unique(parents, return_inverse=True)
    named = names != ""
    units = [("city", ""), *(("parent", name) for name in names[named])]
    index = pd.MultiIndex.from_tuples(units, names=["level", "name"])
    return index, np.where(named, np.cumsum(named), -1)[place]


def _add_up(rows: pd.DataFrame, unit: np.ndarray, units: pd.MultiIndex) -> pd.DataFrame:
    """Sums over all rows and over those of each parent; missing where nothing is known."""
    inside = unit >= 0
    both = pd.concat([rows, rows[inside]], ignore_index=True)
    places = np.concatenate([np.zeros(len(rows), dtype=np.int64), unit[inside]])
    return both.groupby(places).sum(min_count=1).set_axis(units)


def _walks_of(preparation: Preparation, rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    walk = None if preparation.walks is None else preparation.walks.by_kind.get(rule.kind)
    sums = pd.DataFrame(np.nan, index=rows.index, columns=list(SUMS))
    if walk is not None:
        sums[:] = walk.measured.loc[rows["community_id"], list(SUMS)].to_numpy()
    return sums


def _in_reach(preparation: Preparation, rule: Rule, index: pd.Index) -> pd.Series[float]:
    supply = preparation.supply.get(rule.kind)
    if supply is None or rule.service_radius_m is None:
        return pd.Series(np.nan, index=index)
    found = facilities_in_reach(
        preparation.units, supply.facilities, service_radius=rule.service_radius_m
    )
    return found.reindex(index).astype(float)


def _verdict(table: pd.DataFrame, target: float) -> tuple[np.ndarray, np.ndarray]:
    surely = (table["meets"] / table["communities"]).to_numpy(dtype=float)
    perhaps = ((table["meets"] + table["cannot_judge"]) / table["communities"]).to_numpy(float)
    if np.isnan(target):
        nothing = np.full(len(table), "cannot_judge", dtype=object)
        return nothing, np.full(len(table), "no_target_share", dtype=object)
    meets, fails = surely >= target - 1e-9, perhaps < target - 1e-9
    verdict = np.select([meets, fails], ["meets", "fails"], "cannot_judge")
    reason = np.select(
        [meets, fails], ["at_or_above_target", "below_target"], "too_many_not_judged"
    )
    return verdict, reason
