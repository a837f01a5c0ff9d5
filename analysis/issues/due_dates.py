"""The register of cases: stages of the loop, levels of the source, and computed due times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.issues.working_time import due_times
from analysis.model.contracts import STAGES
from analysis.model.taxonomy import CATEGORY, Taxonomy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.issues.working_time import Calendar, Deadline

CHECKED_STAGES = ("verified", "checked", "closed")
"""Stated stages in which somebody has looked at the place."""
DONE_STAGES = ("handled", "checked", "closed")
"""Stated stages after handling."""
BY_STATUS = {"open": "reported", "closed": "closed", "unknown": ""}
"""Stage of a case whose source knows only open and closed, as Open311 does."""


def text_column(issues: pd.DataFrame, column: str) -> pd.Series[str]:
    """
    Give an optional column of issues.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    column
        Its name.

    Returns
    -------
    column
        Empty text where the source has none.
    """
    if column in issues.columns:
        return issues[column]
    return pd.Series("", index=issues.index, name=column, dtype="str")


def stages(issues: pd.DataFrame) -> pd.Series[str]:
    """
    Find the stage of the loop that each case stands at.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.

    Returns
    -------
    stage
        The one stated, else what the status says: open is `reported`, closed `closed`;
        empty if neither is known.
    """
    stated = text_column(issues, "stage")
    known = stated.isin(STAGES)
    return stated.where(known, issues["status"].map(BY_STATUS)).fillna("").rename("stage")


def with_due_times(
    issues: pd.DataFrame,
    taxonomy: Taxonomy,
    deadlines: Mapping[str, Deadline],
    calendar: Calendar | None,
) -> pd.DataFrame:
    """
    Compute the due times that the source lacks.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    taxonomy
        Finds the category's code and major class.
    deadlines
        By code of a category or a major class; the category's own comes first.
    calendar
        Which days and hours are worked.

    Returns
    -------
    issues
        A copy with `due_basis`: `stated`, `computed`, or empty where there is no due time.
        Cases without a time of report or a deadline stay without.
    """
    missing = (issues["due_at"].isna() & issues["reported_at"].notna()).to_numpy()
    due = issues["due_at"].copy()
    lacking = issues.loc[missing]
    severity = text_column(lacking, "severity")
    for category in lacking["category"].unique():
        code, major = (taxonomy.key(category, level) for level in (CATEGORY, "major"))
        deadline = deadlines.get(code) or deadlines.get(major)
        of_category = lacking["category"].eq(category)
        if deadline is None:
            continue
        for grade in severity[of_category].unique():
            start = lacking.loc[of_category & severity.eq(grade), "reported_at"]
            due.loc[start.index] = due_times(start, deadline.of(grade), calendar)
    basis = np.where(issues["due_at"].notna(), "stated", np.where(due.notna(), "computed", ""))
    return issues.assign(due_at=due, due_basis=pd.array(basis, dtype="str"))
