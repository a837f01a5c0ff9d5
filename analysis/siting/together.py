"""The minimum of every community, asked of a task: what each lacks, alone and together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.coverage.verdicts import FAILS
from analysis.siting.maximal_cover import OPTIMAL, REDUCED, WITHIN, Answer, ranked
from analysis.siting.minimum import Needs, each_alone, fewest_for_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.coverage.assessment import Assessment
    from analysis.siting.task import KindTask, Task


@dataclass(frozen=True, eq=False)
class Together:
    """
    The fewest sites found by which communities meet the minimum.

    Attributes
    ----------
    answer
        The sites; people are those whom they newly reach.
    least
        Fewer than this cannot do.
    alone
        Sites that the communities would need if each chose for itself, the others building none.
    failing, unmet
        Communities that fail today, and those that all possible sites together do not lift.
    """

    answer: Answer
    least: int
    alone: int
    failing: int
    unmet: int


def fewest_together(task: Task, before: Assessment) -> Together:
    """
    Find how few sites make every community meet its rules that can.

    Parameters
    ----------
    task
        What was asked.
    before
        Verdicts today, by the task's rules and measure.

    Returns
    -------
    together
        Added up over the kinds, whose sites do not depend on one another.
    """
    chosen, start, counts = [np.empty(0, dtype=np.int64)], 0, np.zeros(4, dtype=np.int64)
    for part in task.parts:
        sites, *found = _of_part(task, part, before)
        chosen.append(start + sites)
        counts += found
        start += len(part.xy)
    plan = np.concatenate(chosen)
    least, alone, failing, unmet = counts.tolist()
    status = OPTIMAL if least == len(plan) else WITHIN
    people = task.cover.value(plan)
    answer = Answer(ranked(task.cover, plan), people, people, status, REDUCED)
    return Together(answer, least, alone, failing, unmet)


def _of_part(
    task: Task, part: KindTask, before: Assessment
) -> tuple[NDArray[np.int64], int, int, int, int]:
    """Give the sites of one kind, the least number, that of each alone, failing and unmet."""
    demand = task.prepared.demand
    assert demand is not None  # noqa: S101  asked before
    rows = before.rows_of(part.rule.id, task.ground.measure).set_index("community_id")
    rows = rows.reindex(demand.communities)
    fails = (rows["verdict"] == FAILS).to_numpy()
    lacking = np.where(fails, rows["shortfall"].to_numpy(float), 0.0)
    group = demand.membership[part.rows]
    some = np.diff(part.reach.tocsc().indptr) > 0
    reachable = np.bincount(group[some], weights=part.people[some], minlength=len(fails))
    unmet = lacking > reachable
    lacking[unmet] = 0
    places = np.flatnonzero(lacking[group] > 0)
    needs = Needs(
        part.reach[:, places].tocsr(),
        part.people[places],
        group[places],
        lacking,
        part.xy,
        np.arange(len(part.xy)),
    )
    alone = each_alone(needs)
    if not alone:
        return np.empty(0, dtype=np.int64), 0, 0, int(fails.sum()), int(unmet.sum())
    found = fewest_for_all(needs, np.unique(np.concatenate(alone)))
    return found.sites, found.least, sum(map(len, alone)), int(fails.sum()), int(unmet.sum())
