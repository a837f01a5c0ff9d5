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
from views.controls.choice import MINIMUM, MOVES, USUAL_PERCENT, USUAL_SITES, USUAL_STALLS
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
    stand = screen.choice.stand if screen.choice.stand in SITES else SITES[0]
    alone = replace(screen.choice, goal=MINIMUM, inside="", also="", stand=stand)
    asked = asked_siting(alone, screen.city)
    search = SEARCHES.answered(asked)
    return search.best.together if search is not None and search.best is not None else None


def asked_siting(choice: Choice, city: City, where: Where = ANYWHERE) -> AskedSiting:
    """Give what a choice asks where to build; what its goal has no use for is left out."""
    request = SitingRequest(candidates=choice.stand, zone=choice.inside)
    kinds = (choice.kind, *(others_of(choice, city) if shares_sites(choice) else ()))
    if choice.goal == "share":
        request = replace(request, share=(choice.percent or USUAL_PERCENT) / 100)
    elif choice.goal == MOVES:
        request = replace(request, closures=choice.shut or 1, sites=choice.instead or None)
    elif choice.goal == MINIMUM:
        request = replace(request, minimum=True)
    elif choice.goal == "budget":
        cost = choice.cost or 1.0
        request = replace(
            request,
            budget=choice.budget or USUAL_SITES * cost,
            costs=tuple((kind, cost) for kind in kinds),
        )
    else:
        request = replace(request, sites=choice.number or USUAL_SITES)
    if choice.goal in LIMITED:
        aim = aim_of(choice)
        request = replace(request, problem=aim, weight=choice.counted)
        if aim == CAPACITY:
            request = replace(request, weight=PEOPLE, stalls=choice.stalls or USUAL_STALLS)
        elif aim not in {MEDIAN, CENTRE}:
            request = replace(request, apart_m=float(choice.apart))
    return AskedSiting(question_of(choice, city), kinds, request, where)


def shares_sites(choice: Choice) -> bool:
    """Tell whether several kinds can share the sites: not where ways or stalls are asked about."""
    if choice.goal == MOVES:
        return False
    return choice.goal not in LIMITED or aim_of(choice) in {COVER, BACKUP}


def others_of(choice: Choice, city: City) -> tuple[str, ...]:
    """Name the kinds chosen beside the one that the map shows."""
    may = may_share(choice, city)
    return tuple(kind for kind in dict.fromkeys(choice.also.split(",")) if kind in may)


def may_share(choice: Choice, city: City) -> list[str]:
    """List the kinds that can share the sites: of the city, with a rule on people in reach."""
    standard = cache.answers().standard(question_of(choice, city))
    kinds = {rule.kind for rule in standard.rules if rule.figure.covers == RESIDENTS}
    return [kind for kind in city.kinds if kind in kinds and kind != choice.kind]


def aim_of(choice: Choice) -> Problem:
    """Tell what sites are to do: what was chosen, where that can be asked."""
    return next((each for each in aims_of(choice) if each == choice.aim), COVER)


def aims_of(choice: Choice) -> tuple[Problem, ...]:
    """Tell what sites can be asked to do: some of it by a number of sites alone."""
    if choice.goal != "number":
        return COVER, BACKUP
    ways: tuple[Problem, ...] = (COVER, BACKUP, MEDIAN, CENTRE)
    kind = cache.answers().kinds.get(choice.kind)
    return (*ways, CAPACITY) if kind is not None and kind.capacity else ways
