"""The way to the nearest facility, asked of a task: the mean of all people, or the greatest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.coverage.figures import STRAIGHT
from analysis.geometry.locate import OUTSIDE
from analysis.model.errors import SettingsError
from analysis.model.question import MEDIAN
from analysis.siting.centre import least_farthest
from analysis.siting.distances import list_nearest
from analysis.siting.maximal_cover import Answer, ranked
from analysis.siting.median import least_distance
from analysis.siting.task import weight_of

if TYPE_CHECKING:
    from analysis.model.question import SitingRequest
    from analysis.siting.task import Task


@dataclass(frozen=True, eq=False)
class Nearer:
    """
    A plan that shortens ways.

    Attributes
    ----------
    answer
        The sites, with the people whom they newly reach; its status is that of the ways.
    before, after, bound
        Metres today, with the plan, and below which no plan comes: the mean way to the nearest
        facility, or the greatest. Infinite today where nothing stands.
    gap
        Share of the bound by which the plan may be above the best.
    """

    answer: Answer
    before: float
    after: float
    bound: float
    gap: float


def bring_nearer(task: Task, request: SitingRequest) -> Nearer:
    """
    Choose sites by the way to the nearest facility, in a straight line.

    Parameters
    ----------
    task
        What was asked, of one kind.
    request
        A number of sites; `MEDIAN` or `CENTRE`.

    Returns
    -------
    nearer
        The plan and what is proven of it.

    Raises
    ------
    SettingsError
        If several kinds, walking, a least distance or another limit than a number is asked for.
    """
    simple = request.sites is not None and not request.apart_m and len(task.parts) == 1
    if not simple or task.ground.measure != STRAIGHT:
        msg = f"--problem {request.problem} takes one --kind, --sites and the straight line."
        raise SettingsError(
            msg,
            problem="siting_nearer",
            hint="Leave out --apart, state --measure straight, and ask for one --kind.",
            asked=request.problem,
        )
    part, demand = task.parts[0], task.prepared.demand
    assert demand is not None  # noqa: S101  asked before
    rows = np.flatnonzero((demand.membership != OUTSIDE) & (demand.people > 0))
    weight = weight_of(demand, rows, part.rule, request.weight, task.ground.reports)
    rows, weight = rows[weight > 0], weight[weight > 0]
    stands = task.prepared.supply[part.rule.kind].distance[rows]
    if not (len(rows) and len(part.xy)):
        none = Answer(np.empty(0, dtype=np.int64), 0.0, 0.0, "optimal", "exact")
        return Nearer(none, np.nan, np.nan, np.nan, 0.0)
    distances = list_nearest(demand.places(rows), weight, part.xy, stands=stands)
    count = request.sites or 1
    if request.problem == MEDIAN:
        found, unit = least_distance(distances, count), float(weight.sum())
        before = float(weight @ stands) / unit
    else:
        found, unit = least_farthest(distances, count), 1.0
        before = float(stands.max())
    cover = task.cover
    # Sites that bring nobody within reach come last, in the order of the candidates.
    first = ranked(cover, found.sites)
    sites = np.concatenate([first, np.setdiff1d(found.sites, first)])
    people = cover.value(sites)
    answer = Answer(sites, people, people, found.status, found.method)
    return Nearer(answer, before, found.metres / unit, found.bound / unit, found.gap)
