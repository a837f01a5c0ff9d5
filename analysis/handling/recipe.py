"""The recipe for case handling: verification, indicators, time to close, matrix of one question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.handling.kpis import handling_kpis, time_to_close
from analysis.handling.matrix import disorder_matrix
from analysis.handling.verification import Verification, find_unchecked
from analysis.issues.counts import cases_by_community
from analysis.issues.location import locate_cases, with_communities
from analysis.issues.selection import select_issues

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import pandas as pd

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
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
    taxonomy: Taxonomy,
    area_m2: pd.Series[float],
    calendar: Calendar | None = None,
    category: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    membership: pd.Series[str] | None = None,
) -> CaseHandling:
    """
    See how cases are handled.

    Parameters
    ----------
    issues, communities
        Frames of one city (`analysis.model.contracts`).
    as_of
        The moment at which ages and deadlines are judged.
    taxonomy, area_m2
        As in `analysis.handling.matrix.disorder_matrix`.
    calendar
        Of working days; without one every day counts.
    category, since, until
        As in `analysis.issues.selection.select_issues`.
    membership
        `analysis.issues.location.locate_cases` of these or more issues, if known.

    Returns
    -------
    case_handling
        All of one question.

    Raises
    ------
    SettingsError
        If the category or the period cannot be.
    """
    if membership is None:
        membership = locate_cases(issues, communities)
    period = select_issues(issues, category=category, since=since, until=until)
    ever = select_issues(issues, category=category)
    if until is not None:
        by_then = ever.index.isin(select_issues(ever, until=until).index)
        ever = ever[by_then | ever["reported_at"].isna()]
    curve, closing = time_to_close(period, as_of=as_of)
    checks = find_unchecked(ever, as_of=as_of, calendar=calendar)
    unchecked = with_communities(checks.unchecked, membership, communities)
    places = cases_by_community(ever, membership, communities, as_of=as_of)
    waiting = unchecked["community_id"].value_counts().reindex(communities.index, fill_value=0)
    computed = "due_basis" in period and period["due_basis"].eq("computed").sum()
    return CaseHandling(
        checks=replace(checks, unchecked=unchecked),
        places=places.assign(unchecked=waiting),
        kpis=handling_kpis(period, as_of=as_of),
        curve=curve,
        closing=closing,
        matrix=disorder_matrix(period, communities, membership, taxonomy, area_m2=area_m2),
        computed=int(computed),
    )
