"""Two assessments of one city side by side: what differs, by community and for the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.coverage.verdicts import FAILS, MEETS

if TYPE_CHECKING:
    from analysis.coverage.assessment import Assessment

UP, DOWN, SAME, UNCLEAR = "up", "down", "same", "unclear"
COMPARED = (
    "value",
    "verdict",
    "gap_type",
    "shortfall",
    "population_covered",
    "facilities_inside",
    "nearest_distance_m",
)
"""Columns of the coverage table that stand twice: as they were, and as they are."""
DELTA_COLUMNS = (
    *("community_id", "community", "parent", "kind", "standard", "rule", "measure"),
    *("service_radius_m", "figure", "minimum", "population"),
    *(f"{name}{suffix}" for name in COMPARED for suffix in ("_before", "")),
    *("people_gained", "crossed"),
)
HEADLINE = ("value", "meets", "fails", "cannot_judge", "population_covered", "facilities_inside")
HEADLINE_COLUMNS = (
    *("kind", "standard", "rule", "measure", "service_radius_m", "figure", "communities"),
    *(f"{name}{suffix}" for name in HEADLINE for suffix in ("_before", "")),
    "people_gained",
)
TOLERANCE = 1e-6
"""By which numbers of two assessments may differ without meaning anything: rounding of areas."""


def compare_assessments(before: Assessment, after: Assessment) -> pd.DataFrame:
    """
    List every community and rule in which anything differs.

    Parameters
    ----------
    before, after
        Of the same communities by the same standard and measures.

    Returns
    -------
    deltas
        Columns `DELTA_COLUMNS`, in the order of the coverage table. `people_gained` are those
        within reach after and not before, less those lost; missing where it is not known.
        `crossed` is `up` where a community meets the rule now and failed it, `down` the
        reverse, `unclear` where either cannot be judged, else `same`.

    Raises
    ------
    ValueError
        If the rows are not of the same communities, rules and measures.
    """
    old, new = before.coverage, after.coverage
    _check_rows(old, new, ["community_id", "rule", "measure"])
    differs = np.zeros(len(new), dtype=bool)
    for name in COMPARED:
        differs |= _differs(old[name], new[name])
    old, new = old[differs], new[differs]
    table = new.assign(**{f"{name}_before": old[name] for name in COMPARED})
    table["people_gained"] = new["population_covered"] - old["population_covered"]
    was, now = old["verdict"], new["verdict"]
    table["crossed"] = np.select(
        [(was == FAILS) & (now == MEETS), (was == MEETS) & (now == FAILS), was == now],
        [UP, DOWN, SAME],
        UNCLEAR,
    )
    return table[list(DELTA_COLUMNS)].reset_index(drop=True)


def headline(before: Assessment, after: Assessment) -> pd.DataFrame:
    """
    Put the city's own row of every rule side by side.

    Parameters
    ----------
    before, after
        As for `compare_assessments`.

    Returns
    -------
    headline
        Columns `HEADLINE_COLUMNS`, one row a rule and measure. `value` is the rule's figure of
        the whole city.

    Raises
    ------
    ValueError
        If the rows are not of the same rules and measures.
    """
    old, new = (_of_city(each) for each in (before, after))
    _check_rows(old, new, ["rule", "measure"])
    table = new.assign(**{f"{name}_before": old[name] for name in HEADLINE})
    table["people_gained"] = new["population_covered"] - old["population_covered"]
    return table[list(HEADLINE_COLUMNS)]


def _of_city(assessment: Assessment) -> pd.DataFrame:
    rows = assessment.summary[assessment.summary["level"] == "city"].reset_index(drop=True)
    values = [row[row["figure"]] for _, row in rows.iterrows()]
    return rows.assign(value=np.array(values, dtype=float))


def _check_rows(old: pd.DataFrame, new: pd.DataFrame, keys: list[str]) -> None:
    if not old[keys].reset_index(drop=True).equals(new[keys].reset_index(drop=True)):
        msg = "two assessments can be compared row by row only if these are of the same things."
        raise ValueError(msg)


def _differs(old: pd.Series, new: pd.Series) -> np.ndarray:
    """Tell where two columns differ; what is missing in both does not."""
    if not pd.api.types.is_numeric_dtype(new.dtype):
        other: np.ndarray = old.to_numpy(dtype=object) != new.to_numpy(dtype=object)
        return other.astype(bool)
    was, now = (each.to_numpy(dtype=float, na_value=np.nan) for each in (old, new))
    close = np.isclose(was, now, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    differs: np.ndarray = ~close
    return differs
