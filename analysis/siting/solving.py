"""From what is asked to the best plan that can be found: at once, on the way, proven."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.coverage.assessment import assess
from analysis.model.errors import SampleError
from analysis.model.question import CAPACITY, CENTRE, COVER, MEDIAN, PEOPLE
from analysis.siting.curve import Curve, Fewest, curve, curve_length, fewest, greedy_curve
from analysis.siting.exact import Limits
from analysis.siting.maximal_cover import (
    Answer,
    Effort,
    Heard,
    alternatives,
    cover_most,
    cover_within,
    preview,
    stopped,
)
from analysis.siting.nearer import Nearer, bring_nearer
from analysis.siting.stalls import Served, serve_most
from analysis.siting.task import Ground, Task, make_task
from analysis.siting.together import Together, fewest_together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.assessment import Assessment
    from analysis.model.question import SitingRequest
    from analysis.model.standards import Rule, Standard
    from analysis.siting.closing import Moves
    from analysis.siting.instance import Cover

DIFFERING = 5
"""One in so many sites, at least one, has to differ in an alternative."""


@dataclass(frozen=True, eq=False)
class Solution:
    """
    A plan and what is proven, by numbers of the candidates alone.

    Attributes
    ----------
    answer, least, together, nearer, served
        As in `analysis.siting.recipe.SitingPlan`.
    moves
        Facilities to close and sites to open instead, where those were asked for; then `answer`
        holds no sites, and the people whom the moves bring within reach.
    band
        The curve; `None` where something else than people is counted, or it is not known yet.
    others
        Plans that are nearly as good.
    """

    answer: Answer
    least: int | None = None
    together: Together | None = None
    nearer: Nearer | None = None
    served: Served | None = None
    moves: Moves | None = None
    band: Curve | None = None
    others: tuple[Answer, ...] = ()


@dataclass(frozen=True, eq=False)
class Siting:
    """
    A question where to build, made ready to be solved.

    Attributes
    ----------
    task, request
        What is asked.
    standard
        With the rules asked for alone: sites change nothing for the others.
    before
        Verdicts today.
    """

    task: Task
    request: SitingRequest
    standard: Standard
    before: Assessment


def make_siting(
    prepared: PreparedCity,
    standard: Standard,
    rules: Sequence[Rule],
    request: SitingRequest,
    ground: Ground,
) -> Siting:
    """
    Make a question where to build ready to be solved.

    Parameters
    ----------
    prepared, standard, rules, request, ground
        As in `analysis.siting.recipe.plan_sites`.

    Returns
    -------
    siting
        The task, and what is there today.

    Raises
    ------
    SampleError
        As in `analysis.siting.task.make_task`.
    """
    task = make_task(prepared, rules, request, ground)
    asked = replace(standard, rules=tuple(rules))
    return Siting(task, request, asked, assess(prepared, asked, measures=(ground.measure,)))


def preview_siting(siting: Siting) -> Solution | None:
    """
    Give a plan at once, without proof, and how the number of people grows with it.

    Parameters
    ----------
    siting
        What is asked.

    Returns
    -------
    solution
        `None` where such a plan would be no answer: the fewest sites for something, and ways.
    """
    request, task = siting.request, siting.task
    if not _limited(request):
        return None
    answer = preview(task.cover, _limits(task, request))
    return Solution(answer, band=_greedy_curve(task, request, len(answer.sites)))


def stop_siting(siting: Siting, last: Solution) -> Solution:
    """
    Keep the best plan met when somebody stopped the search.

    Parameters
    ----------
    siting
        What is asked.
    last
        What was heard last.

    Returns
    -------
    solution
        Its bounds hold however early the search was stopped.
    """
    return replace(last, answer=stopped(siting.task.cover, last.answer))


def solve_siting(
    siting: Siting,
    *,
    effort: Effort | None = None,
    heard: Callable[[Solution], None] | None = None,
) -> Solution:
    """
    Look for the best plan.

    Parameters
    ----------
    siting
        What is asked.
    effort
        How long to try; `None` for the usual.
    heard
        Is told the best plan so far whenever it or its bound gets better.

    Returns
    -------
    solution
        With the curve, and other plans that are nearly as good.

    Raises
    ------
    SampleError
        If the share asked for is out of reach of all sites together.
    """
    task, request = siting.task, siting.request
    if request.minimum:
        together = fewest_together(task, siting.before)
        return Solution(together.answer, together.least, together)
    if request.problem in {MEDIAN, CENTRE}:
        nearer = bring_nearer(task, request)
        return Solution(nearer.answer, nearer=nearer)
    if request.problem == CAPACITY:
        served = serve_most(task, request, task.ground.sharing)
        return Solution(served.answer, served=served)
    if request.share is not None:
        found = _fewest(task, request.share, effort, heard)
    else:
        found = _most(task, request, effort, heard)
    if heard is not None:
        heard(found)
    return replace(found, others=tuple(_others(task, found.answer, request, effort)))


def _limited(request: SitingRequest) -> bool:
    """Tell whether as many people as possible are asked for, within a number or a budget."""
    most = request.share is None and not request.minimum
    return most and request.problem not in {MEDIAN, CENTRE, CAPACITY}


def _limits(task: Task, request: SitingRequest) -> Limits:
    budget = float(request.sites or 1) if request.budget is None else request.budget
    return Limits(budget, task.apart(request.apart_m))


def _fewest(
    task: Task,
    share: float,
    effort: Effort | None,
    heard: Callable[[Solution], None] | None,
) -> Solution:
    """Give the plan with fewest sites for a share of the people."""

    def told(found: Fewest) -> None:
        if heard is not None and found.answer is not None:
            heard(Solution(found.answer, found.least, band=found.band))

    cover = task.cover
    found = fewest(cover, share * task.people - task.reached, effort=effort, heard=told)
    if found.answer is None:
        most = (task.reached + float(cover.people.sum())) / task.people
        msg = f"all {len(task.xy)} possible sites together reach {most:.1%} of the residents."
        raise SampleError(msg, problem="siting_share", share=most, count=len(task.xy))
    return Solution(found.answer, found.least, band=found.band)


def _most(
    task: Task,
    request: SitingRequest,
    effort: Effort | None,
    heard: Callable[[Solution], None] | None,
) -> Solution:
    """Give the plan with most people within a number or a budget, and the curve."""
    told: Heard | None = heard and (lambda answer: heard(Solution(answer)))
    cover, limits = task.cover, _limits(task, request)
    if request.budget is not None or limits.apart is not None:
        answer = cover_within(cover, limits, effort=effort, heard=told)
    else:
        answer = cover_most(cover, request.sites or 1, effort=effort, heard=told)
    if not _counts_people(request):
        return Solution(answer)
    most = curve_length(len(answer.sites))
    return Solution(answer, band=curve(_by_number(task), most, effort=effort))


def _counts_people(request: SitingRequest) -> bool:
    return request.weight == PEOPLE and request.problem == COVER


def _by_number(task: Task) -> Cover:
    """Count every site as one, whatever it costs."""
    return replace(task.cover, cost=np.ones(task.cover.sites))


def _greedy_curve(task: Task, request: SitingRequest, sites: int) -> Curve | None:
    if not _counts_people(request):
        return None
    return greedy_curve(_by_number(task), curve_length(sites))


def _others(
    task: Task, answer: Answer, request: SitingRequest, effort: Effort | None
) -> list[Answer]:
    differing = max(len(answer.sites) // DIFFERING, 1)
    return alternatives(
        task.cover,
        answer,
        count=request.alternatives,
        differing=differing,
        apart=task.apart(request.apart_m),
        budget=request.budget,
        effort=effort,
    )
