"""Why a site: whom it brings, which communities it lifts over the minimum, what it is near."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from analysis.coverage.shortfall import TOLERANCE
from analysis.coverage.verdicts import FAILS, MEETS
from analysis.geometry.locate import OUTSIDE
from analysis.siting.task import in_reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.coverage.assessment import Assessment
    from analysis.siting.task import KindTask, Task

REASON_COLUMNS = (
    "people_in_reach", "people_overlap", "communities_met", "gained_in", "hot_places",
    "hot_cases", "repeat_points",
)  # fmt: skip

NAMED = ("communities_met", "gained_in")


class Troubles(NamedTuple):
    """
    Where reports gather.

    Attributes
    ----------
    hot_places
        x, y in metres and number of cases, n × 3.
    repeat_points
        x, y in metres, n × 2; `None` where they cannot be told.
    """

    hot_places: NDArray[np.float64]
    repeat_points: NDArray[np.float64] | None


def site_reasons(
    task: Task,
    chosen: NDArray[np.int64],
    *,
    before: Assessment,
    after: Assessment,
    troubles: Troubles | None,
) -> pd.DataFrame:
    """
    Find what speaks for each site of a plan.

    Parameters
    ----------
    task
        What was asked.
    chosen
        Sites in the order in which they come.
    before, after
        Verdicts without and with them, by the task's rules and measure.
    troubles
        Where reports gather; `None` where that is not known.

    Returns
    -------
    reasons
        Columns `REASON_COLUMNS`, one row a site. `people_in_reach` live within reach of the
        site, `people_overlap` of them have a facility in reach already. `communities_met`:
        identifiers of the communities that come to meet the minimum with this site, after those
        before it; `gained_in`: of those where it brings people within reach, most first.
        `hot_places` (with `hot_cases`) and `repeat_points` lie within the radius in a straight
        line, whatever the measure; missing where that is not known.
    """
    numbers = [name for name in REASON_COLUMNS if name not in NAMED]
    table = pd.DataFrame(np.nan, index=range(len(chosen)), columns=numbers)
    named: dict[str, list[tuple[str, ...]]] = {name: [()] * len(chosen) for name in NAMED}
    for number, part in enumerate(task.parts):
        own = np.flatnonzero(task.part_of[chosen] == number)
        sites = task.within(number, chosen)
        table.loc[own, ["people_in_reach", "people_overlap"]] = _people(task, part, sites)
        communities = _communities(task, part, sites, before, after)
        for name, found in zip(NAMED, communities, strict=True):
            for row, each in zip(own.tolist(), found, strict=True):
                named[name][row] = each
        if troubles is not None:
            near = _troubles_near(part, sites, troubles)
            table.loc[own, ["hot_places", "hot_cases", "repeat_points"]] = near
    for name, rows in named.items():
        table[name] = pd.Series(rows, dtype=object)
    return table[list(REASON_COLUMNS)]


def _troubles_near(
    part: KindTask, sites: NDArray[np.int64], troubles: Troubles
) -> NDArray[np.float64]:
    """Count hot places, their cases, and repeat points around each site."""
    radius = float(part.rule.service_radius_m or 0.0)
    hot = _near(part.xy[sites], troubles.hot_places[:, :2], radius)
    cases = troubles.hot_places[:, 2]
    near = np.full((len(sites), 3), np.nan)
    near[:, 0] = [len(each) for each in hot]
    near[:, 1] = [cases[each].sum() for each in hot]
    if troubles.repeat_points is not None:
        again = _near(part.xy[sites], troubles.repeat_points, radius)
        near[:, 2] = [len(each) for each in again]
    return near


def _near(
    sites: NDArray[np.float64], places: NDArray[np.float64], radius: float
) -> list[NDArray[np.int64]]:
    if not (len(sites) and len(places)):
        return [np.empty(0, dtype=np.int64)] * len(sites)
    found = cKDTree(places).query_ball_point(sites, radius)
    return [np.asarray(each, dtype=np.int64) for each in found]


def _people(task: Task, part: KindTask, sites: NDArray[np.int64]) -> NDArray[np.float64]:
    """Count who lives within reach of each site, and who of them has a facility already."""
    demand = task.prepared.demand
    assert demand is not None  # noqa: S101  asked before
    rows = np.flatnonzero((demand.membership != OUTSIDE) & (demand.people > 0))
    radius = float(part.rule.service_radius_m or 0.0)
    place, site = in_reach(task.prepared, rows, part.xy[sites], radius, task.ground.measure)
    people, wants = demand.people[rows], np.isin(rows, part.rows[part.have == 0])
    return np.column_stack(
        [
            np.bincount(site, weights=people[place] * count[place], minlength=len(sites))
            for count in (np.ones(len(rows)), ~wants)
        ]
    )


def _communities(
    task: Task,
    part: KindTask,
    sites: NDArray[np.int64],
    before: Assessment,
    after: Assessment,
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Tell where each site brings people within reach, and which communities it lifts."""
    demand = task.prepared.demand
    assert demand is not None  # noqa: S101  asked before
    index = demand.communities
    count = len(sites)
    if not count:
        return [], []
    first, member = part.first_reached(sites), demand.membership[part.rows]
    brings = first < count
    # People of each community by the site that brings them: a row a site.
    key = first[brings] * len(index) + member[brings]
    gained = np.bincount(key, weights=part.people[brings], minlength=count * len(index))
    gained = gained.reshape(count, len(index))
    was, now = (
        each.rows_of(part.rule.id, task.ground.measure).set_index("community_id").reindex(index)
        for each in (before, after)
    )
    crosses = ((was["verdict"] == FAILS) & (now["verdict"] == MEETS)).to_numpy()
    enough = (part.rule.minimum - TOLERANCE) * was["population"].to_numpy(float)
    reached = was["population_covered"].to_numpy(float) + np.cumsum(gained, axis=0)
    lifted = np.where(
        (reached >= enough).any(axis=0), (reached >= enough).argmax(axis=0), count - 1
    )
    met = [tuple(index[crosses & (lifted == row)]) for row in range(count)]
    where = [
        tuple(index[place] for place in np.argsort(-each, kind="stable") if each[place] > 0)
        for each in gained
    ]
    return met, where
