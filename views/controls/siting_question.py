"""From what a reader has chosen to what is asked where to build."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.model.figures import RESIDENTS
from analysis.model.question import (
    BACKUP,
    CAPACITY,
    CENTRE,
    COVER,
    MEDIAN,
    PEOPLE,
    SITES,
    SitingRequest,
)
from exports.recipes.siting import ANYWHERE, AskedSiting, siting_rule
from views import cache
from views.cache.searches import SEARCHES
from views.controls.choice import MINIMUM, USUAL_PERCENT, USUAL_SITES, USUAL_STALLS
from views.controls.city_question import question_of

if TYPE_CHECKING:
    from analysis.model.question import Problem
    from analysis.siting.together import Together
    from exports.recipes.siting import Where
    from layers.city import City
    from views.controls.choice import Choice
    from views.controls.screen import Screen

LIMITED = ("number", "budget")
"""Goals in which something is to be most; in the others as few sites as possible are looked for."""


def compared_by(screen: Screen) -> str:
    """Name the rule that sites are compared by: the first on people in reach; empty for none."""
    standard = cache.answers().standard(screen.question)
    kinds = {rule.kind for rule in standard.rules if rule.figure.covers == RESIDENTS}
    return siting_rule(standard, screen.choice.kind).id if screen.choice.kind in kinds else ""


def found_together(screen: Screen, rule: str) -> Together | None:
    """Give how few facilities do for all communities by a rule, once that was looked for."""
    if compared_by(screen) != rule:
        return None
    asked = asked_siting(replace(screen.choice, goal=MINIMUM, inside=""), screen.city)
    search = SEARCHES.answered(asked)
    return search.best.together if search is not None and search.best is not None else None


def asked_siting(choice: Choice, city: City, where: Where = ANYWHERE) -> AskedSiting:
    """Give what a choice asks where to build; what its goal has no use for is left out."""
    request = SitingRequest(
        candidates=next(each for each in SITES if each == choice.stand), zone=choice.inside
    )
    if choice.goal == "share":
        request = replace(request, share=(choice.percent or USUAL_PERCENT) / 100)
    elif choice.goal == MINIMUM:
        request = replace(request, minimum=True)
    elif choice.goal == "budget":
        cost = choice.cost or 1.0
        request = replace(
            request,
            budget=choice.budget or USUAL_SITES * cost,
            costs=((choice.kind, cost),),
        )
    else:
        request = replace(request, sites=choice.number or USUAL_SITES)
    if choice.goal in LIMITED:
        aim = next((each for each in aims_of(choice) if each == choice.aim), COVER)
        request = replace(request, problem=aim, weight=choice.counted)
        if aim == CAPACITY:
            request = replace(request, weight=PEOPLE, stalls=choice.stalls or USUAL_STALLS)
        elif aim not in {MEDIAN, CENTRE}:
            request = replace(request, apart_m=float(choice.apart))
    return AskedSiting(question_of(choice, city), (choice.kind,), request, where)


def aims_of(choice: Choice) -> tuple[Problem, ...]:
    """Tell what sites can be asked to do: some of it by a number of sites alone."""
    if choice.goal != "number":
        return COVER, BACKUP
    ways: tuple[Problem, ...] = (COVER, BACKUP, MEDIAN, CENTRE)
    kind = cache.answers().kinds.get(choice.kind)
    return (*ways, CAPACITY) if kind is not None and kind.capacity else ways
