"""The coverage table added up for the city and for the areas of every level above communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.access.walking import SUMS, walking_means
from analysis.coverage.figures import quotients
from analysis.coverage.provision import PROVISION_COLUMNS, PROVISION_SUMS, ratio
from analysis.coverage.shortfall import TOLERANCE
from analysis.model.figures import AREA_M2, DENSITY_M2, MISSING, SHORT, WEAK
from analysis.model.levels import units_of
from analysis.model.standards import BUILT_UP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.figures import Figures
    from analysis.model.standards import Rule

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
    "population_covered_share_most",
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
    "facilities_to_add",
    *("only", "least_class", "at"),
    *PROVISION_COLUMNS,
    *("straight_covered", "straight_covered_share", "straight_meets"),
)
WALKED_PEOPLE = ("population_not_judged", "population_without_streets", "population_unreachable")
ADDED = (
    *("population", "population_covered", "area_m2", "area_covered_m2", "residential_m2"),
    *("residential_covered_m2", "built_up_m2", "facilities_inside", "shortfall", *WALKED_PEOPLE),
    *("facilities_to_add", "straight_covered"),
)
"""Columns of the coverage table that add up over communities."""
PEOPLE_UNKNOWN = "communities whose people are unknown"
MEANS = ("nearest_distance_m", "mean_distance_m")
"""Columns whose mean over communities is weighted."""
VERDICTS = ("meets", "fails", "cannot_judge")
NO_TARGET = "no_target"
"""Verdict on the city where the standard sets no share of communities: no data are missing."""
COUNTS = (
    *("facilities_inside", "facilities_in_reach", "communities", *VERDICTS),
    *(MISSING, SHORT, WEAK, "facilities_unknown", "accessible_inside", "facilities_to_add"),
    "straight_meets",
)
SAME = (
    *("kind", "standard", "rule", "measure", "service_radius_m", "figure", "minimum"),
    *("minimum_basis", "confidence", "population_basis", "area_basis", "density_basis"),
    *("shortfall_unit", "only", "least_class", "at"),
)
"""Columns that are the same in every row of one rule and measure."""


def summarise(prepared: PreparedCity, judged: Iterable[tuple[Rule, pd.DataFrame]]) -> pd.DataFrame:
    """
    Add the coverage table up for the city and for the areas of every level above communities.

    People, areas and facilities inside are sums over the communities; where the people of any
    are unknown, so are the people of the unit and their shares, and `population_covered` is of
    the others. Shares and
    densities are made from the sums, those on what facilities offer over the facilities that
    state it; facilities in reach are counted once per unit;
    distances are means weighted by people, or by area where people are unknown.
    Of walking distances the means are over the people with a known way. The shares count
    who and what is within reach for certain; `population_covered_share_most` counts those
    not judged as well. The shortfall is the sum over
    the communities, each for itself. Rows by walking distance have beside it whom the
    straight line would reach, and how many communities would meet the rule by it. The verdict
    compares the share of communities that meet the rule with the target share, and is
    "cannot_judge" where communities that could not be judged decide it.
    Communities that name no area on a level on which others do stand in a row of their own,
    `analysis.model.levels.NOT_GIVEN`, so that what adds up does so on every level.

    Parameters
    ----------
    prepared
        The city, from `analysis.access.prepared_city.prepare`.
    judged
        Rules, each with its rows of the coverage table by one measure.

    Returns
    -------
    summary
        Columns `SUMMARY_COLUMNS`; the city's row of a rule and measure comes first.
    """
    return pd.concat(
        [_summarise_rule(prepared, rule, rows) for rule, rows in judged], ignore_index=True
    )


def _summarise_rule(prepared: PreparedCity, rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    """Columns are plain arrays until the end, as in `analysis.coverage.assessment`."""
    units, unit = units_of(prepared.communities.loc[rows["community_id"]])
    figures: Figures = dict.fromkeys(PROVISION_COLUMNS, np.full(len(units), np.nan))
    if rule.columns:
        figures |= _provided(rows, unit)
    figures |= _add_up(_addends(rows), unit)
    # what some communities do not know is no sum, and no share of the others' people
    whole = figures[PEOPLE_UNKNOWN] == 0
    figures["population"] = np.where(whole, figures["population"], np.nan)
    same = {name: rows[name].iloc[0] for name in SAME}
    land = figures["built_up_m2" if same["density_basis"] == BUILT_UP else AREA_M2]
    figures |= quotients(figures, {**figures, DENSITY_M2: land})
    doubt = np.nan_to_num(figures["population_not_judged"])
    most = ratio(figures["population_covered"] + doubt, figures["population"])
    figures["population_covered_share_most"] = most
    figures["straight_covered_share"] = ratio(figures["straight_covered"], figures["population"])
    for name in MEANS:
        figures[name] = ratio(figures[f"sum of {name}"], figures[f"weight of {name}"])
    figures["facilities_in_reach"] = np.full(len(units), np.nan)
    figures["detour_ratio"] = figures["mean_leg_m"] = np.nan
    if same["measure"] == "straight":
        figures["facilities_in_reach"] = _in_reach(prepared, rule, unit, len(units))
    else:
        sums = _add_up(_walks_of(prepared, rule, rows), unit)
        means = walking_means(pd.DataFrame(sums))
        figures |= {str(name): column.to_numpy() for name, column in means.items()}
    figures["meets_share"] = figures["meets"] / figures["communities"]
    figures["target_share"] = np.nan if rule.target_share is None else float(rule.target_share)
    figures["verdict"], figures["reason"] = _verdict(figures, figures["target_share"])
    figures |= {name: pd.array(figures[name], dtype="Int64") for name in COUNTS}
    figures |= {level: units.get_level_values(level) for level in ("level", "name")} | same
    return pd.DataFrame({name: figures[name] for name in SUMMARY_COLUMNS}, index=range(len(units)))


def _provided(rows: pd.DataFrame, unit: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Sums of what facilities offer; missing where there are facilities and none states it."""
    known = {name: rows[name].to_numpy(dtype=float, na_value=np.nan) for name in PROVISION_SUMS}
    inside = rows["facilities_inside"].to_numpy(dtype=float, na_value=np.nan)
    stated = {f"{name} stated": (inside > 0) & ~np.isnan(sums) for name, sums in known.items()}
    added = _add_up(known | stated, unit)
    unknown = added["facilities_unknown"] > 0
    hidden = {name: unknown & (added[f"{name} stated"] == 0) for name in known}
    return {name: np.where(hidden[name], np.nan, added[name]) for name in known}


def _addends(rows: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """What the units add up, one value a community."""
    known = {name: rows[name].to_numpy(dtype=float, na_value=np.nan) for name in (*ADDED, *MEANS)}
    whole = known["area_m2" if np.isnan(known["population"]).any() else "population"]
    weights = {name: np.where(np.isnan(known[name]), np.nan, whole) for name in MEANS}
    verdict, gap = (rows[name].to_numpy(dtype=object) for name in ("verdict", "gap_type"))
    straight = rows["straight_covered_share"].to_numpy()
    meets = straight >= rows["minimum"].to_numpy() - TOLERANCE
    added = {
        **{name: known[name] for name in ADDED},
        "straight_meets": np.where(np.isnan(straight), np.nan, meets),
        **{each: verdict == each for each in VERDICTS},
        **{each: gap == each for each in (MISSING, SHORT, WEAK)},
        **{f"weight of {name}": weight for name, weight in weights.items()},
        **{f"sum of {name}": known[name] * weight for name, weight in weights.items()},
        "communities": np.ones(len(rows)),
        PEOPLE_UNKNOWN: np.isnan(known["population"]),
    }
    return {name: column.astype(float) for name, column in added.items()}


def _add_up(
    rows: dict[str, NDArray[np.float64]], unit: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """Sums over the rows of every unit; missing where nothing is known."""
    values = np.column_stack(list(rows.values()))
    repeated = pd.DataFrame(np.tile(values, (len(unit), 1)), copy=False)
    sums = repeated.groupby(unit.ravel()).sum(min_count=1).to_numpy()
    return dict(zip(rows, sums.T, strict=True))


def _walks_of(
    prepared: PreparedCity, rule: Rule, rows: pd.DataFrame
) -> dict[str, NDArray[np.float64]]:
    found = prepared.shortest_paths
    paths = None if found is None else found.by_kind.get(rule.kind)
    if paths is None:
        return dict.fromkeys(SUMS, np.full(len(rows), np.nan))
    measured = paths.measured.loc[rows["community_id"], list(SUMS)]
    return {str(name): column.to_numpy() for name, column in measured.items()}


def _in_reach(
    prepared: PreparedCity, rule: Rule, unit: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Facilities in reach of any community of each unit, each counted once."""
    supply = prepared.supply.get(rule.kind)
    if supply is None or rule.service_radius_m is None:
        return np.full(count, np.nan)
    community, facility = supply.vicinity.pairs(rule.service_radius_m)
    facilities = len(supply.facilities)
    once = np.unique(unit[:, community] * facilities + facility)
    return np.bincount(once // max(facilities, 1), minlength=count).astype(float)


def _verdict(table: Figures, target: float) -> tuple[np.ndarray, np.ndarray]:
    surely = table["meets"] / table["communities"]
    perhaps = (table["meets"] + table["cannot_judge"]) / table["communities"]
    if np.isnan(target):
        nothing = np.full(len(surely), NO_TARGET, dtype=object)
        return nothing, np.full(len(surely), "no_target_share", dtype=object)
    meets, fails = surely >= target - 1e-9, perhaps < target - 1e-9
    verdict = np.select([meets, fails], ["meets", "fails"], "cannot_judge")
    reason = np.select(
        [meets, fails], ["at_or_above_target", "below_target"], "too_many_not_judged"
    )
    return verdict, reason
