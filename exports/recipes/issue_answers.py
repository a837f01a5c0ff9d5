"""What a city answers about its issues: which part of a question goes where, written once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.access.residents import people_of
from analysis.casework.ladder import Warnings, warning_levels
from analysis.handling.followup import FollowUp, follow_up_issues
from analysis.handling.recipe import CaseHandling, assess_handling
from analysis.hotspots.clusters import Clusters, find_clusters
from analysis.hotspots.grid import Grid, study_grid
from analysis.hotspots.grid_choices import GridChoices, try_grids
from analysis.hotspots.recipe import (
    HotSpotResult,
    counted_over,
    find_hot_spots,
    hotspot_surface,
)
from analysis.hotspots.scan import Scan, scan_cells
from analysis.issues.by_area import CASE_FIGURES, cases_by_area
from analysis.issues.campaign import within_campaign
from analysis.issues.counts import (
    Cases,
    cases_by_category,
    cases_by_community,
    count_cases,
    undated,
)
from analysis.issues.issue_set import IssueSet, issue_set
from analysis.issues.selection import issues_within, select_issues
from analysis.model.errors import SampleError
from analysis.model.question import ALL_ISSUES, PRIORITY_PARTS, WINDOWS, FollowUpRule
from analysis.priority import Evidence, Priority, gather_evidence, rank_communities
from analysis.trends.alert_scan import AlertScan, scan_weeks
from analysis.trends.alerts import weekly_alerts
from analysis.trends.campaigns import CampaignChange, compare_campaign
from analysis.trends.emerging import Emerging, emerging_hot_spots
from analysis.trends.periods import compare_periods
from analysis.trends.prediction import predict_next
from analysis.trends.recipe import Trends, gather_trends
from analysis.trends.space_time_cube import Cube, case_cube
from analysis.trends.underreporting import UnderReporting, silent_communities
from exports.recipes.facility_answers import FacilityAnswers, kept

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from analysis.geometry.drawn_area import DrawnArea
    from analysis.hotspots.density import Surface
    from analysis.model.question import Question, Selection
    from analysis.model.standards import Standard


ELLIPSES = WINDOWS[1]
ROUNDING = 1e-9
"""Share of an area that a cut may lose by rounding alone."""


class IssueAnswers(FacilityAnswers):
    """
    A city that is asked about its issues.

    What is public takes a `Question`; what is kept takes the parts of it that matter, so that
    a change of another part makes nothing anew.
    """

    def issue_set(self, selection: Selection = ALL_ISSUES) -> IssueSet:
        """Locate the issues of the city; of a campaign, those of its categories and area."""
        return self._issue_set(selection.campaign)

    @kept
    def _issue_set(self, campaign: str) -> IssueSet:
        city = self.city
        if city.issues is None:
            msg = f"{city.id}: there is no layer of issues."
            raise SampleError(msg, problem="no_issues", city=city.id)
        if campaign:
            return within_campaign(self._issue_set(""), city.campaigns[campaign])
        people = people_of(city.communities, city.residents)
        known = {} if people is None else {"population": people}
        return issue_set(city.issues, city.communities.assign(**known), as_of=city.as_of)

    def campaign_change(self, question: Question, campaign: str) -> CampaignChange:
        """Hold a campaign against the time before and after it."""
        return self._campaign_change(
            campaign, question.follow_up.distance_m, question.follow_up.days
        )

    @kept
    def _campaign_change(self, campaign: str, distance_m: float, days: int) -> CampaignChange:
        rule = FollowUpRule(distance_m=distance_m, days=days)
        return compare_campaign(self._issue_set(campaign), self.city.campaigns[campaign], rule=rule)

    def are_named_alone(self) -> bool:
        """Tell whether no issue has a place, but some name the community that they are of."""
        found = self.issue_set()
        return bool(found.issues["x"].isna().all() and found.membership.notna().any())

    def by_community(self, question: Question) -> pd.DataFrame:
        """Count the issues of every community; missing where a campaign is not about it."""
        return self._by_community(question.selection)

    @kept
    def _by_community(self, selection: Selection) -> pd.DataFrame:
        found = self.issue_set(selection)
        chosen = select_issues(found.issues, selection)
        counts = cases_by_community(
            chosen, found.membership, found.communities, as_of=self.city.as_of
        )
        every = self.city.communities.index
        return counts if counts.index.equals(every) else counts.astype("Float64").reindex(every)

    def by_area(self, question: Question) -> pd.DataFrame:
        """Count the issues of the city and of the areas of every level above communities."""
        return self._by_area(question.selection)

    @kept
    def _by_area(self, selection: Selection) -> pd.DataFrame:
        found = self.issue_set(selection)
        chosen = select_issues(found.issues, selection)
        table = cases_by_area(chosen, found.membership, found.communities, as_of=self.city.as_of)
        if (selection.since or selection.until) and undated(found.issues):
            table[[*CASE_FIGURES]] = None  # nothing is known of any period
        return table

    def cases(self, question: Question) -> Cases:
        """Count the issues asked for by what has become of them."""
        return self._cases(question.selection)

    @kept
    def _cases(self, selection: Selection) -> Cases:
        known = self.issue_set(selection)
        return count_cases(select_issues(known.issues, selection), as_of=known.as_of)

    def cases_in(self, question: Question, area: DrawnArea) -> pd.DataFrame:
        """Count the issues asked for that lie in an area, by category."""
        return self._cases_in(question.selection, area)

    @kept
    def _cases_in(self, selection: Selection, area: DrawnArea) -> pd.DataFrame:
        known = self.issue_set(selection)
        chosen = select_issues(known.issues, selection)
        inside = issues_within(chosen, area.shape(self.city.crs))
        return cases_by_category(inside, as_of=known.as_of)

    # --- where they concentrate

    def hot_spots(self, question: Question) -> HotSpotResult:
        """Find where issues concentrate beyond chance."""
        cell, grid, basis = question.cell, question.grid, question.basis
        return self._hot_spots(question.selection, cell, grid, basis)

    @kept
    def _grid(self, campaign: str, *, cell_size: float, shape: str) -> Grid:
        area = self._issue_set(campaign).communities
        return study_grid(area, cell_size=cell_size, shape=shape)

    def _at_home(self, selection: Selection) -> npt.NDArray[np.int64] | None:
        """Tell where residents live, as far as it is known; not of a campaign's area."""
        demand = self.preparation().demand
        return None if demand is None or selection.campaign else demand.membership

    @kept
    def _hot_spots(
        self, selection: Selection, cell: float | None, grid: str, basis: str | None
    ) -> HotSpotResult:
        city = self.city
        return find_hot_spots(
            self.issue_set(selection),
            selection,
            cell_size=cell,
            shape=grid,
            basis=basis,
            residents=city.residents,
            resident_community=self._at_home(selection),
            streets=city.streets,
            lay_grid=lambda _, **given: self._grid(selection.campaign, **given),
        )

    def grid_choices(self, question: Question) -> GridChoices:
        """Tell which hot places do not depend on the grid."""
        cell, grid, basis = question.cell, question.grid, question.basis
        return self._grid_choices(question.selection, cell, grid, basis)

    @kept
    def _grid_choices(
        self, selection: Selection, cell: float | None, grid: str, basis: str | None
    ) -> GridChoices:
        found, city = self._hot_spots(selection, cell, grid, basis), self.city
        area = self.issue_set(selection).communities
        over = counted_over(
            found.hot_spots.basis,
            area,
            residents=city.residents,
            resident_community=self._at_home(selection),
            streets=city.streets,
        )
        return try_grids(found, area, over=over)

    def scan(self, question: Question) -> Scan:
        """Find the circles, or ellipses, with more cases than chance makes in any."""
        cells = question.cell, question.grid, question.basis
        return self._scan(question.selection, cells, question.windows)

    @kept
    def _scan(
        self, selection: Selection, cells: tuple[float | None, str, str | None], windows: str
    ) -> Scan:
        found = self._hot_spots(selection, *cells).hot_spots
        return scan_cells(found, ellipses=windows == ELLIPSES)

    def surface(self, question: Question) -> Surface:
        """Draw the density of issues."""
        cell, grid, basis = question.cell, question.grid, question.basis
        return self._surface(question.selection, cell, grid, basis)

    @kept
    def _surface(
        self, selection: Selection, cell: float | None, grid: str, basis: str | None
    ) -> Surface:
        found = self._hot_spots(selection, cell, grid, basis)
        return hotspot_surface(found, self.issue_set(selection).communities)

    def clusters(self, question: Question) -> Clusters:
        """Join cases that lie dense."""
        limits = question.cluster_distance, question.cluster_cases
        return self._clusters(question.selection, *limits)

    @kept
    def _clusters(self, selection: Selection, distance: float, least: int) -> Clusters:
        streets = self.city.streets
        return find_clusters(
            self.issue_set(selection), selection, distance=distance, least=least, streets=streets
        )

    # --- how they are handled

    def follow_up(self, question: Question) -> FollowUp:
        """Find what came back after it was closed."""
        return self._follow_up(question.selection, question.follow_up)

    @kept
    def _follow_up(self, selection: Selection, rule: FollowUpRule) -> FollowUp:
        results = self.city.rechecks
        return follow_up_issues(self.issue_set(selection), selection, rule=rule, results=results)

    def warnings(self, question: Question) -> Warnings:
        """Put units and areas on the city's levels of warning."""
        return self._warnings(question.follow_up.distance_m, question.follow_up.days)

    @kept
    def _warnings(self, distance_m: float, days: int) -> Warnings:
        rule = FollowUpRule(distance_m=distance_m, days=days)
        return warning_levels(self.issue_set(), self.city.ladder, rule)

    def handling(self, question: Question) -> CaseHandling:
        """See how cases are handled."""
        return self._handling(question.selection)

    @kept
    def _handling(self, selection: Selection) -> CaseHandling:
        return assess_handling(
            self.issue_set(selection),
            selection,
            taxonomy=self.city.taxonomy,
            area_m2=self._area_m2(selection),
            calendar=self.city.calendar,
        )

    def _area_m2(self, selection: Selection) -> pd.Series[float]:
        """Give the land of every community; of one that a campaign's area cuts, nothing."""
        area = self.preparation().area_m2
        if not selection.campaign:
            return area
        part = self.issue_set(selection).communities
        cut = part.area < self.city.communities.area.reindex(part.index) * (1 - ROUNDING)
        return area.reindex(part.index).mask(cut)

    # --- how they change; all of this looks at the history

    @kept
    def _cube(self, history: Selection, cell: float | None) -> Cube:
        return case_cube(self.issue_set(history), history, cell_size=cell)

    def emerging(self, question: Question) -> Emerging:
        """Find how hot spots change."""
        return self._emerging(question.history, question.cell)

    @kept
    def _emerging(self, history: Selection, cell: float | None) -> Emerging:
        area = self.issue_set(history).communities
        return emerging_hot_spots(self._cube(history, cell), area)

    def prediction(self, question: Question) -> pd.DataFrame:
        """Judge the maps of each month by the cases of the next."""
        return self._prediction(question.history, question.cell)

    @kept
    def _prediction(self, history: Selection, cell: float | None) -> pd.DataFrame:
        return predict_next(self._cube(history, cell))

    def periods(self, question: Question, *, basis: str) -> pd.DataFrame:
        """Compare the last months with earlier ones."""
        return self._periods(question.history, question.months, basis)

    @kept
    def _periods(self, history: Selection, months: int, basis: str) -> pd.DataFrame:
        return compare_periods(self.issue_set(history), history, months=months, basis=basis)

    def alerts(self, question: Question) -> pd.DataFrame:
        """Find the communities that left their expected range in the last weeks."""
        return self._alerts(question.history)

    @kept
    def _alerts(self, history: Selection) -> pd.DataFrame:
        return weekly_alerts(self.issue_set(history), history)

    def alert_scan(self, question: Question) -> AlertScan:
        """Find groups of communities that lately have more than their share."""
        return self._alert_scan(question.history)

    @kept
    def _alert_scan(self, history: Selection) -> AlertScan:
        return scan_weeks(self.issue_set(history), history)

    def under_reporting(self, question: Question) -> UnderReporting:
        """Find the communities with too few reports to be believed."""
        return self._under_reporting(question.history)

    @kept
    def _under_reporting(self, history: Selection) -> UnderReporting:
        city = self.city
        return silent_communities(
            self.issue_set(history), history, residents=city.residents, facilities=city.facilities
        )

    def trends(self, question: Question) -> Trends:
        """Answer every question about change that the data suffice for."""
        return gather_trends(
            emerging=partial(self.emerging, question),
            prediction=partial(self.prediction, question),
            periods=partial(self.periods, question),
            alerts=partial(self.alerts, question),
            alert_scan=partial(self.alert_scan, question),
            under_reporting=partial(self.under_reporting, question),
        )

    # --- where to act first

    def priority(self, question: Question) -> Priority:
        """Rank communities by reach, hot spots, recurrence and overdue cases together."""
        cells = question.cell, question.grid, question.basis
        standard, selection = self.own_standard(question), question.selection
        measures = self.measures(standard, question.measures)
        evidence = self._evidence(standard, measures, selection, cells, question.follow_up)
        weights = dict(zip(PRIORITY_PARTS, question.weights, strict=True))
        return rank_communities(evidence, self.city.communities, weights=weights)

    @kept
    def _evidence(
        self,
        standard: Standard,
        measures: tuple[str, ...],
        selection: Selection,
        cells: tuple[float | None, str, str | None],
        rule: FollowUpRule,
    ) -> Evidence:
        assessment = self.assessment(standard, measures)
        if self.city.issues is None:
            return gather_evidence(self.city.communities, assessment)
        communities = self.issue_set(selection).communities
        try:
            places = self._hot_spots(selection, *cells).places
        except SampleError:
            places = None
        return gather_evidence(
            communities,
            assessment,
            issue_set=self.issue_set(selection),
            selection=selection,
            places=places,
            follow_up=self._follow_up(selection, rule),
        )
