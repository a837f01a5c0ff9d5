"""What is known of the city's issues: where, how they change, come back and are handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.handling.followup import FollowUp, FollowUpRule
from analysis.handling.followup import follow_up_issues as look_back_recipe
from analysis.handling.recipe import CaseHandling, assess_handling
from analysis.hotspots.clusters import Clusters, find_clusters
from analysis.hotspots.grid import Grid, study_grid
from analysis.hotspots.recipe import HotSpotResult, find_hot_spots, survey_surface
from analysis.issues.counts import Cases, count_cases
from analysis.issues.location import locate_cases
from analysis.issues.months import last_whole_month, month_name
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from analysis.priority import (
    COMPONENTS,
    Evidence,
    Priority,
    gather_evidence,
    rank_communities,
)
from analysis.trends.alerts import weekly_alerts
from analysis.trends.emerging import Emerging, emerging_hot_spots
from analysis.trends.periods import compare_periods
from analysis.trends.prediction import predict_next
from analysis.trends.recipe import Trends, find_trends
from analysis.trends.space_time_cube import Cube, case_cube
from analysis.trends.underreporting import UnderReporting, silent_communities
from views.cache.city import city, of_city
from views.cache.facilities import assessment, preparation

if TYPE_CHECKING:
    from analysis.hotspots.density import Surface
    from analysis.model.question import Question
    from analysis.model.standards import Standard
    from layers.city import City


@of_city(most=1)
def _membership() -> pd.Series[str]:
    loaded = city()
    return locate_cases(_issues(loaded), loaded.communities)


def _issues(loaded: City) -> pd.DataFrame:
    if loaded.issues is None:
        msg = f"{loaded.id}: there is no layer of issues."
        raise SampleError(msg, problem="no_issues", city=loaded.id)
    return loaded.issues


@of_city(most=1)
def cases() -> Cases:
    """Count the city's issues by what has become of them."""
    loaded = city()
    return count_cases(_issues(loaded), as_of=loaded.as_of)


@of_city(most=1)
def categories() -> pd.Series[int]:
    """Count the city's issues by category."""
    return _issues(city())["category"].value_counts()


def _of_issues(question: Question) -> Question:
    """Give the question without what concerns cells alone."""
    return type(question)(*question[:3], cell=0)


def _period(question: Question) -> dict[str, Any]:
    return {
        "category": question.category or None,
        "since": pd.Timestamp(question.since) if question.since else None,
        "until": pd.Timestamp(question.until) if question.until else None,
    }


@of_city(most=8)
def _grid(cell_size: float, shape: str) -> Grid:
    return study_grid(city().communities, cell_size=cell_size, shape=shape)


@of_city(most=16)
def hotspot_result(question: Question) -> HotSpotResult:
    """Find where issues concentrate."""
    loaded = city()
    return find_hot_spots(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        cell_size=float(question.cell) if question.cell else None,
        shape=question.grid,
        basis=question.basis,
        membership=_membership(),
        residents=loaded.residents,
        homes=None if (demand := preparation().demand) is None else demand.membership,
        streets=loaded.streets,
        lay_grid=lambda _, *, cell_size, shape: _grid(cell_size, shape),
    )


@of_city(most=16)
def surface(question: Question) -> Surface:
    """Draw the density of issues."""
    return survey_surface(hotspot_result(question), city().communities)


@of_city(most=16)
def _clusters(question: Question, within: int, crowd: int) -> Clusters:
    loaded = city()
    return find_clusters(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        distance=float(within),
        least=crowd,
        membership=_membership(),
        streets=loaded.streets,
    )


def clusters(question: Question, within: int, crowd: int) -> Clusters:
    """Join cases that lie dense."""
    return _clusters(_of_issues(question), within, crowd)


@of_city(most=32)
def _look_back(question: Question, rule: FollowUpRule) -> FollowUp:
    loaded = city()
    return look_back_recipe(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        results=loaded.rechecks,
        rule=rule,
        membership=_membership(),
    )


def follow_up_issues(question: Question, near: int, days: int, margin: int) -> FollowUp:
    """Find what came back after it was closed."""
    return _look_back(_of_issues(question), _rule(near, days, margin))


def _rule(near: int, days: int, margin: int) -> FollowUpRule:
    return FollowUpRule(distance_m=float(near), days=days, margin_share=margin / 100)


@of_city(most=16)
def _cube(question: Question) -> Cube:
    loaded = city()
    return case_cube(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        cell_size=float(question.cell) if question.cell else None,
        membership=_membership(),
    )


@of_city(most=16)
def emerging(question: Question) -> Emerging:
    """Find how hot spots change."""
    return emerging_hot_spots(_cube(question), city().communities, membership=_membership())


@of_city(most=16)
def prediction(question: Question) -> pd.DataFrame:
    """Judge the maps of each month by the cases of the next."""
    return predict_next(_cube(question))


@of_city(most=32)
def periods(question: Question, months: int, basis: str) -> pd.DataFrame:
    """Compare the last months with earlier ones."""
    loaded, period = city(), _period(question)
    return compare_periods(
        _issues(loaded),
        loaded.communities,
        membership=_membership(),
        last_month=month_name(last_whole_month(loaded.as_of, period["until"])),
        months=months,
        basis=basis,
        category=period["category"],
    )


@of_city(most=16)
def alerts(question: Question) -> pd.DataFrame:
    """Find the communities that left their expected range in the last weeks."""
    loaded, period = city(), _period(question)
    return weekly_alerts(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        membership=_membership(),
        category=period["category"],
        until=period["until"],
    )


@of_city(most=16)
def _silence(question: Question) -> UnderReporting:
    loaded = city()
    return silent_communities(
        select_issues(_issues(loaded), **_period(question)),
        loaded.communities,
        membership=_membership(),
        residents=loaded.residents,
        facilities=loaded.facilities,
    )


def under_reporting(question: Question) -> UnderReporting:
    """Find the communities with too few reports to be believed."""
    return _silence(_of_issues(question))


def trends(question: Question, months: int) -> Trends:
    """Answer every question about change, for the files."""
    loaded = city()
    return find_trends(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        cell_size=float(question.cell) if question.cell else None,
        months=months,
        residents=loaded.residents,
        facilities=loaded.facilities,
        membership=_membership(),
    )


@of_city(most=16)
def _evidence(standard: Standard, question: Question, rule: FollowUpRule) -> Evidence:
    loaded, hot, follow_up, issues, membership = city(), None, None, None, None
    if loaded.issues is not None:
        membership = _membership()
        issues = select_issues(loaded.issues, **_period(question))
        follow_up = _look_back(_of_issues(question), rule)
        try:
            hot = hotspot_result(question).hot_spots
        except SampleError:
            hot = None
    return gather_evidence(
        loaded.communities,
        assessment(standard),
        issues=issues,
        hot=hot,
        follow_up=follow_up,
        membership=membership,
        as_of=loaded.as_of,
    )


def priority(
    standard: Standard,
    question: Question,
    *,
    near: int,
    days: int,
    margin: int,
    weights: tuple[int, ...],
) -> Priority:
    """Rank communities by reach, hot spots, recurrence and overdue cases together."""
    evidence = _evidence(standard, question, _rule(near, days, margin))
    chosen = dict(zip(COMPONENTS, map(float, weights), strict=True))
    return rank_communities(evidence, city().communities, weights=chosen)


@of_city(most=16)
def _oversight(question: Question) -> CaseHandling:
    loaded = city()
    return assess_handling(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        taxonomy=loaded.taxonomy,
        area_m2=preparation().area_m2,
        calendar=loaded.calendar,
        **_period(question),
        membership=_membership(),
    )


def case_handling(question: Question) -> CaseHandling:
    """See how cases are handled."""
    return _oversight(_of_issues(question))
