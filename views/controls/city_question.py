"""From what a reader has chosen to what is asked of the city."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from analysis.model.question import (
    MEASURES,
    PRIORITY_PARTS,
    FollowUpRule,
    Question,
    Selection,
)
from wording.numbers import last_year

if TYPE_CHECKING:
    from layers.city import City
    from views.controls.choice import Choice


def question_of(choice: Choice, city: City) -> Question:
    """Give the question that a choice asks of a city."""
    supply_filter = choice.supply_filter
    return Question(
        standard=choice.standard,
        radii=((choice.kind, float(choice.radius)),) if choice.radius and choice.rule else (),
        rule=choice.rule,
        measures=MEASURES[: MEASURES.index(choice.measure) + 1],
        only=supply_filter.only,
        least_class=supply_filter.least_class,
        at=supply_filter.at,
        on=supply_filter.on,
        catchment=choice.catchment,
        needs=((choice.kind, choice.need),) if choice.need else (),
        edition=choice.edition,
        position_error=float(choice.off),
        selection=_selection(choice, city),
        history=Selection(choice.category or None, _date(choice.since), _date(choice.until)),
        cell=float(choice.cell) if choice.cell else None,
        grid=choice.grid,
        basis=choice.basis or None,
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


def _selection(choice: Choice, city: City) -> Selection:
    """Where no period is chosen, pages show the last year of the data."""
    first, last = last_year(city.as_of)
    category = choice.category or None
    return Selection(category, _date(choice.since or first), _date(choice.until or last))


def last_year_of(city: City) -> Selection:
    """Every issue of the last year of the data."""
    first, last = last_year(city.as_of)
    return Selection(None, _date(first), _date(last))


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
