"""The way to the nearest facility, asked of a task: the mean of all people, or the greatest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.coverage.figures import NETWORK, distances_of
from analysis.geometry.locate import OUTSIDE
from analysis.model.errors import SampleError, SettingsError
from analysis.model.question import MEDIAN
from analysis.siting.centre import least_farthest
from analysis.siting.distances import list_nearest, list_walks
from analysis.siting.maximal_cover import Answer, ranked
from analysis.siting.median import least_distance
from analysis.siting.task import weight_of

if TYPE_CHECKING:
    from analysis.model.question import SitingRequest
    from analysis.siting.task import KindTask, Task

MOST_WALKS = 60_000_000
"""Pairs of a place and a possible site whose way along streets is looked for, at most."""


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
    unknown
        People left out, as they can walk to none of the facilities that stand: their streets are
        not known, or lead to none.
    """

    answer: Answer
    before: float
    after: float
    bound: float
    gap: float
    unknown: float = 0.0


def bring_nearer(task: Task, request: SitingRequest) -> Nearer:
    """
    Choose sites by the way to the nearest facility, in a straight line or along streets.

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
        If several kinds, a least distance or another limit than a number is asked for.
    SampleError
        If by walking nobody reaches a facility today, or places and sites are too many.
    """
    check_number(task, request)
    part, demand = task.parts[0], task.prepared.demand
    assert demand is not None  # noqa: S101  asked before
    rows = np.flatnonzero((demand.membership != OUTSIDE) & (demand.people > 0))
    weight = weight_of(demand, rows, part.rule, request.weight, task.ground.reports)
    rows, weight = rows[weight > 0], weight[weight > 0]
    stands = distances_of(task.prepared, part.rule.kind, task.ground.measure).known[rows]
    unknown = 0.0
    if task.ground.measure == NETWORK:
        known = np.isfinite(stands)
        unknown = float(demand.people[rows[~known]].sum())
        rows, weight, stands = rows[known], weight[known], stands[known]
        _check_walks(part, len(rows))
    if not (len(rows) and len(part.xy)):
        none = Answer(np.empty(0, dtype=np.int64), 0.0, 0.0, "optimal", "exact")
        return Nearer(none, np.nan, np.nan, np.nan, 0.0, unknown)
    places = demand.places(rows)
    paths = task.prepared.shortest_paths
    access = paths.walking_network.access_points if paths else None
    if task.ground.measure == NETWORK and access is not None:
        distances = list_walks(access, rows, weight, part.xy, places=places, stands=stands)
    else:
        distances = list_nearest(places, weight, part.xy, stands=stands)
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
    return Nearer(answer, before, found.metres / unit, found.bound / unit, found.gap, unknown)


def check_number(task: Task, request: SitingRequest) -> None:
    """
    Refuse other limits than a number of sites of one kind.

    Parameters
    ----------
    task, request
        What is asked.

    Raises
    ------
    SettingsError
        If several kinds, a least distance or another limit than a number is asked for.
    """
    if request.sites is None or request.apart_m or len(task.parts) != 1:
        msg = f"--problem {request.problem} takes one --kind and --sites."
        raise SettingsError(
            msg,
            problem="siting_nearer",
            hint="Leave out --apart, and ask for --sites of one --kind.",
            asked=request.problem,
        )


def _check_walks(part: KindTask, places: int) -> None:
    """Refuse what has no way to compare with, or more ways than can be listed."""
    if len(part.xy) and not places:
        msg = "nobody can walk to a facility of the kind today: there is no way to shorten."
        raise SampleError(
            msg, problem="siting_no_way", hint="Ask with --measure straight.", kind=part.rule.kind
        )
    if places * len(part.xy) > MOST_WALKS:
        msg = f"{places} places and {len(part.xy)} possible sites are too many ways to walk."
        raise SampleError(
            msg,
            problem="siting_many_walks",
            hint="Give fewer sites with --plots, or ask with --measure straight.",
            places=places,
            sites=len(part.xy),
        )
