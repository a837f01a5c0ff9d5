"""What a city answers about its facilities: which part of a question goes where, written once."""

from __future__ import annotations

import datetime as dt
import inspect
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from analysis.access.opening_hours import Holidays
from analysis.access.prepared_city import prepare, with_filter, with_shortest_paths
from analysis.access.supply_filter import ANY, SupplyFilter, apply_filter
from analysis.access.walking import (
    FEW_JOINED,
    MIN_JOINED,
    NO_RESIDENTS,
    NO_STREETS,
    joined_share,
    prepare_walking_network,
)
from analysis.coverage.assessment import assess
from analysis.coverage.equity import distance_classes, equity
from analysis.coverage.figures import NETWORK, STRAIGHT, measures_of
from analysis.coverage.gaps import gaps_of
from analysis.coverage.robustness import judge_robustness
from analysis.coverage.zones import compare_zones
from analysis.model.question import BY_RULE
from analysis.model.standards import with_service_radius
from analysis.scenarios.incremental import prepare_changes
from layers.knowledge.standards import load_kinds, load_standards
from layers.toml_entry import unknown
from maps.background import background_of
from maps.payloads import areas_payload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pandas as pd

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.walking import WalkingNetwork
    from analysis.coverage.assessment import Assessment
    from analysis.coverage.editions import EditionComparison
    from analysis.coverage.gaps import Gaps
    from analysis.coverage.robustness import Robustness
    from analysis.geometry.drawn_area import DrawnArea
    from analysis.issues.working_time import Calendar
    from analysis.model.question import Question
    from analysis.model.standards import Kind, Standard
    from analysis.scenarios.incremental import Baseline
    from layers.city import City
    from maps.background import Background

Asked = TypeVar("Asked", bound="FacilityAnswers")
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def kept(
    make: Callable[Concatenate[Asked, Given], Answer],
) -> Callable[Concatenate[Asked, Given], Answer]:
    """Keep the answers of a method."""
    form = inspect.signature(make)

    @wraps(make)
    def answer(self: Asked, /, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        given = form.bind(self, *args, **kwargs)
        given.apply_defaults()
        key = repr(list(given.arguments.items())[1:])
        return self.keep(make.__name__, key, lambda: make(self, *args, **kwargs))

    return answer


class FacilityAnswers:
    """A city that is asked; every answer is made once. A server keeps them longer (`keep`)."""

    def __init__(
        self,
        city: City,
        *,
        standards: Mapping[str, Standard] | None = None,
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        self.city = city
        self.standards = load_standards(city=city.folder) if standards is None else standards
        self.kinds = load_kinds() if kinds is None else kinds
        self._kept: dict[tuple[str, str], object] = {}

    def keep(self, name: str, key: str, make: Callable[[], Answer]) -> Answer:
        """Give an answer that is kept, or make it; one run keeps all of its few."""
        if (name, key) not in self._kept:
            self._kept[name, key] = make()
        return self._kept[name, key]  # type: ignore[return-value]

    def standard(self, question: Question) -> Standard:
        """Find the standard asked for, with the service radii put in place of its own."""
        return with_service_radius(self.own_standard(question), dict(question.radii))

    def own_standard(self, question: Question) -> Standard:
        """Find the standard asked for as it stands."""
        name, entry = question.standard, "--standard"
        if not name:
            name, entry = self.city.standard, "city.toml"
        if name not in self.standards:
            raise unknown(
                name, self.standards, entry=entry, what="standard", problem="standard_unknown"
            )
        return self.standards[name]

    @kept
    def preparation(self, supply: SupplyFilter = ANY) -> PreparedCity:
        """Give the city made ready for any radius."""
        city = self.city
        if supply:
            answers = apply_filter(
                city.facilities, city.kinds, supply, holidays=_holidays(city.calendar)
            )
            return with_filter(self.preparation(), answers)
        return prepare(
            city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
        )

    @kept
    def areas(self) -> bytes:
        """Write the communities as every map draws them."""
        return areas_payload(self.city.communities)

    @kept
    def ground(self, language: str) -> Background:
        """Give what lies under and over every map, with names in a language."""
        return background_of(self.city, language)

    @kept
    def _ways(self) -> WalkingNetwork:
        ready = self.preparation()
        return prepare_walking_network(ready.communities, ready.demand, self.city.streets)

    @kept
    def walking(self, supply: SupplyFilter = ANY) -> PreparedCity:
        """Give the city with its shortest paths along streets."""
        return with_shortest_paths(self.preparation(supply), self._ways())

    @kept
    def joined_share(self) -> float:
        """Tell how many of the residents are joined to a street."""
        return joined_share(self._ways(), self.preparation().demand)

    def why_straight(self) -> str:
        """Say why rules stated in walking distance fall back to the straight line; else nothing."""
        if self.city.streets is None:
            return NO_STREETS
        if self.city.residents is None:
            return NO_RESIDENTS
        return FEW_JOINED if self.joined_share() < MIN_JOINED else ""

    def measures(self, standard: Standard, chosen: tuple[str, ...] = BY_RULE) -> tuple[str, ...]:
        """
        Decide how distance is measured: by what is chosen, else by each rule, where streets tell.

        `BY_RULE` comes back only where a rule is to be walked. Page, command line and papers ask
        here and nowhere else.
        """
        walked = any(NETWORK in measures_of(rule, chosen) for rule in standard.rules)
        if not walked:
            return (STRAIGHT,)
        return chosen if chosen or not self.why_straight() else (STRAIGHT,)

    def ready_for(
        self, standard: Standard, measures: tuple[str, ...], supply: SupplyFilter = ANY
    ) -> PreparedCity:
        """Give the city made ready for a standard by some measures."""
        walked = any(NETWORK in measures_of(rule, measures) for rule in standard.rules)
        return self.walking(supply) if walked else self.preparation(supply)

    def assessment(
        self, standard: Standard, chosen: tuple[str, ...] = BY_RULE, supply: SupplyFilter = ANY
    ) -> Assessment:
        """Judge the city by a standard."""
        return self._assessment(standard, self.measures(standard, chosen), supply)

    @kept
    def _assessment(
        self, standard: Standard, measures: tuple[str, ...], supply: SupplyFilter
    ) -> Assessment:
        return self._judge(standard, measures, supply)

    @kept
    def baseline(self, standard: Standard, chosen: tuple[str, ...] = BY_RULE) -> Baseline:
        """Make the city, with all its supply, ready for changes of facilities."""
        return prepare_changes(*self._judged(standard, chosen, ANY))

    def _judge(
        self, standard: Standard, measures: tuple[str, ...], supply: SupplyFilter
    ) -> Assessment:
        return assess(self.ready_for(standard, measures, supply), standard, measures=measures)

    @kept
    def gaps(
        self, kind: str, radius: float, supply: SupplyFilter = ANY, measure: str = STRAIGHT
    ) -> Gaps:
        """Give what lies beyond reach of a kind: land, or by walking where residents live."""
        ready = self.preparation(supply) if measure == STRAIGHT else self.walking(supply)
        return gaps_of(ready, kind, service_radius=radius, measure=measure)

    @kept
    def equity(
        self, standard: Standard, supply: SupplyFilter = ANY, chosen: tuple[str, ...] = BY_RULE
    ) -> pd.DataFrame:
        """Compare the groups of residents."""
        return equity(*self._judged(standard, chosen, supply))

    @kept
    def distances(
        self, standard: Standard, supply: SupplyFilter = ANY, chosen: tuple[str, ...] = BY_RULE
    ) -> pd.DataFrame:
        """Count the people by distance."""
        return distance_classes(*self._judged(standard, chosen, supply))

    def _judged(
        self, standard: Standard, chosen: tuple[str, ...], supply: SupplyFilter
    ) -> tuple[PreparedCity, Assessment]:
        """Give the city as it was judged, and the verdicts."""
        measures = self.measures(standard, chosen)
        return (
            self.ready_for(standard, measures, supply),
            self.assessment(standard, measures, supply),
        )

    @kept
    def robustness(
        self,
        standard: Standard,
        position_error: float,
        supply: SupplyFilter = ANY,
        chosen: tuple[str, ...] = BY_RULE,
    ) -> Robustness:
        """Ask how far the verdicts can be trusted."""
        return judge_robustness(
            *self._judged(standard, chosen, supply), position_error=position_error
        )

    @kept
    def zones(
        self,
        standard: Standard,
        supply: SupplyFilter = ANY,
        chosen: tuple[str, ...] = BY_RULE,
        drawn: DrawnArea | None = None,
    ) -> pd.DataFrame:
        """Compare every zone with the city, or the area that was drawn."""
        measures = self.measures(standard, chosen)
        ready = self.ready_for(standard, measures, supply)
        zones = self.city.zones if drawn is None else drawn.zone(self.city.crs)
        return compare_zones(ready, zones, standard, measures=measures)

    def comparison(
        self, standard: Standard, edition: str, chosen: tuple[str, ...] = BY_RULE
    ) -> EditionComparison:
        """Compare today with an earlier edition, or with another folder."""
        return self._comparison(standard, edition, self.measures(standard, chosen))

    @kept
    def _comparison(
        self, standard: Standard, edition: str, measures: tuple[str, ...]
    ) -> EditionComparison:
        from analysis.coverage.editions import compare  # noqa: PLC0415  only where it is asked for
        from layers.editions import other_facilities  # noqa: PLC0415  the same

        ready, then = self.ready_for(standard, measures), other_facilities(self.city, edition)
        return compare(ready, then, standard, measures=measures)


def _holidays(calendar: Calendar | None) -> Holidays:
    """Give the holidays of a city's calendar; without one none are known."""
    if calendar is None:
        return Holidays()
    return Holidays(
        public=set(map(_date, calendar.holidays)),
        school=set(map(_date, calendar.school_holidays)),
        public_years=calendar.years,
        school_years=calendar.school_years,
    )


def _date(day: np.datetime64) -> dt.date:
    return dt.date.fromisoformat(str(day))
