"""From what a reader has chosen to what is asked of the city."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from analysis.coverage.figures import NETWORK, STRAIGHT, measures_of
from analysis.model.question import (
    BOTH,
    BY_RULE,
    PRIORITY_PARTS,
    FollowUpRule,
    Question,
    Selection,
)
from exports.recipes.hotspots import usual_period
from views import cache
from wording.numbers import last_year

if TYPE_CHECKING:
    from analysis.model.standards import Standard
    from layers.city import City
    from views.controls.choice import Choice


def question_of(choice: Choice, city: City) -> Question:
    """Give the question that a choice asks of a city."""
    supply_filter = choice.supply_filter
    return Question(
        standard=choice.standard,
        radii=((choice.kind, float(choice.radius)),) if choice.radius and choice.rule else (),
        rule=choice.rule,
        measures=measures_chosen(choice),
        only=supply_filter.only,
        least_class=supply_filter.least_class,
        at=supply_filter.at,
        on=supply_filter.on,
        catchment=choice.catchment,
        needs=((choice.kind, choice.need),) if choice.need else (),
        edition=choice.edition,
        position_error=float(choice.off),
        selection=_selection(choice, city),
        history=Selection(
            choice.category or None, _date(choice.since), _date(choice.until), choice.campaign
        ),
        cell=float(choice.cell) if choice.cell else None,
        grid=choice.grid,
        basis=choice.basis or None,
        windows=choice.windows,
        follow_up=FollowUpRule(
            distance_m=float(choice.near),
            days=choice.days,
            margin_share=choice.margin / 100,
            draw=choice.draw,
            case_mix=bool(choice.mix),
        ),
        months=choice.span,
        cluster_distance=float(choice.within),
        cluster_cases=choice.crowd,
        weights=tuple(float(getattr(choice, f"weigh_{part}")) for part in PRIORITY_PARTS),
    )


def measures_chosen(choice: Choice) -> tuple[str, ...]:
    """Give the measure of distance chosen, or leave it to each rule."""
    return (choice.measure,) if choice.measure else BY_RULE


def measure_mark(choice: Choice) -> str:
    """Name the measure in the name of a file, where it was chosen."""
    return f"{choice.measure}-" if choice.measure else ""


def beside_straight(choice: Choice, standard: Standard) -> tuple[str, ...]:
    """Give the same with the straight line beside whatever is walked."""
    asked = cache.answers()
    measures = asked.measures(standard, measures_chosen(choice))
    walked = any(NETWORK in measures_of(rule, measures) for rule in standard.rules)
    return BOTH if walked else (STRAIGHT,)


def _selection(choice: Choice, city: City) -> Selection:
    """Where no period is chosen, pages show the usual one."""
    first, last = usual_period(city, choice.campaign)
    since, until = _date(choice.since) or first, _date(choice.until) or last
    return Selection(choice.category or None, since, until, choice.campaign)


def last_year_of(city: City) -> Selection:
    """Every issue of the last year of the data."""
    first, last = last_year(city.as_of)
    return Selection(None, _date(first), _date(last))


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
