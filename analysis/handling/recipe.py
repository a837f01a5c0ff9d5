"""The recipe for case handling: verification, indicators, time to close, matrix of one question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.handling.kpis import handling_kpis, time_to_close
from analysis.handling.matrix import disorder_matrix
from analysis.handling.verification import Verification, find_unchecked
from analysis.issues.counts import cases_by_community
from analysis.issues.issue_set import with_communities
from analysis.issues.selection import in_period, select_issues
from analysis.model.question import ALL_ISSUES, Selection

if TYPE_CHECKING:
    import pandas as pd

    from analysis.issues.issue_set import IssueSet
    from analysis.issues.working_time import Calendar
    from analysis.model.taxonomy import Taxonomy


@dataclass(frozen=True, eq=False)
class CaseHandling:
    """
    How cases are handled.

    Attributes
    ----------
    checks
        With the communities of those unchecked. Of all reports up to the end of the period,
        those without a time of report too: an old one must not vanish.
    places
        On the communities: `total` reports, `open`, `overdue` and `unchecked`, of the same.
    kpis
        `analysis.handling.kpis.KPI_COLUMNS` of the cases reported in the period.
    curve, closing
        `analysis.handling.kpis.time_to_close` of the same cases.
    matrix
        `analysis.handling.matrix.MATRIX_COLUMNS` of the same cases.
    computed
        Cases of the period whose due time was computed.
    """

    checks: Verification
    places: pd.DataFrame
    kpis: pd.DataFrame
    curve: pd.DataFrame
    closing: pd.DataFrame
    matrix: pd.DataFrame
    computed: int


def assess_handling(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    taxonomy: Taxonomy,
    area_m2: pd.Series[float],
    calendar: Calendar | None = None,
) -> CaseHandling:
    """
    See how cases are handled.

    Parameters
    ----------
    issue_set, selection
        Issues with their communities, and which of them.
    taxonomy, area_m2
        As in `analysis.handling.matrix.disorder_matrix`.
    calendar
        Of working days; without one every day counts.

    Returns
    -------
    case_handling
        All of one question.

    Raises
    ------
    SettingsError
        If the category or the period cannot be.
    """
    issues, as_of = issue_set.issues, issue_set.as_of
    communities = issue_set.communities
    period = select_issues(issues, selection)
    ever = select_issues(issues, Selection(selection.category))
    if selection.until is not None:
        by_then = in_period(ever["reported_at"], Selection(until=selection.until))
        ever = ever[by_then | ever["reported_at"].isna().to_numpy()]
    curve, closing = time_to_close(period, as_of=as_of)
    checks = find_unchecked(ever, as_of=as_of, calendar=calendar)
    unchecked = with_communities(checks.unchecked, issue_set)
    places = cases_by_community(ever, issue_set.membership, communities, as_of=as_of)
    waiting = unchecked["community_id"].value_counts().reindex(communities.index, fill_value=0)
    computed = "due_basis" in period and period["due_basis"].eq("computed").sum()
    return CaseHandling(
        checks=replace(checks, unchecked=unchecked),
        places=places.assign(unchecked=waiting),
        kpis=handling_kpis(period, as_of=as_of),
        curve=curve,
        closing=closing,
        matrix=disorder_matrix(
            period, communities, issue_set.communities_of(period.index), taxonomy, area_m2=area_m2
        ),
        computed=int(computed),
    )
