"""Where to build next: from a city, rules and what is asked to sites, curve and effect."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from analysis.access.prepared_city import with_facilities, with_shortest_paths
from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK
from analysis.geometry.locate import community_of
from analysis.model.contracts import SUPPLY_STATUS
from analysis.siting.curve import Curve, curve_length
from analysis.siting.reasons import REASON_COLUMNS, Troubles, site_reasons
from analysis.siting.solving import Siting, Solution, make_siting, solve_siting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.assessment import Assessment
    from analysis.model.question import SitingRequest
    from analysis.model.standards import Rule, Standard
    from analysis.siting.maximal_cover import Answer, Effort
    from analysis.siting.nearer import Nearer
    from analysis.siting.stalls import Served
    from analysis.siting.task import Ground, KindTask, Task
    from analysis.siting.together import Together

SITE_COLUMNS = (
    "rank", "kind", "community_id", "community", "parent", "x", "y", "people_gained",
    "people_alone", "people_served", "nearest_facility_m", "cost", *REASON_COLUMNS,
)  # fmt: skip
CURVE_COLUMNS = ("sites", "people", "people_bound", "share", "share_bound")
EFFECT_COLUMNS = (
    "kind", "community_id", "community", "parent", "share_before", "share_after",
    "people_gained", "verdict_before", "verdict_after",
)  # fmt: skip
ALTERNATIVE_COLUMNS = ("plan", "sites_differ", "people_gained", "share_of_best")


@dataclass(frozen=True, eq=False)
class SitingPlan:
    """
    Sites for new facilities and what they would do.

    Attributes
    ----------
    task
        What was asked.
    answer
        The plan and what is proven of it; sites are rows of the candidates.
    least
        Fewest sites that can do, where a share or the minimum was asked for; else `None`.
    together
        What was found for the minimum of every community; `None` where it was not asked for.
    nearer
        What was found of ways to the nearest facility; `None` where it was not asked for.
    served
        What was found of people whom stalls are enough for; `None` where it was not asked for.
    gained
        People beyond reach today whom the plan reaches, summed over the kinds.
    sites
        One row a site, most people first: `rank, kind, community_id, community, parent, x, y,
        people_gained, people_alone, people_served, nearest_facility_m, cost`, and
        `REASON_COLUMNS`. `people_gained` come in with the site after those before it;
        `people_alone` would be lost without it; `people_served` are newly served with it, missing
        where stalls were not asked about.
    curve
        One row a number of sites: `sites, people, people_bound, share, share_bound`; people
        newly reached at least and at most. Empty where something else than people is counted.
    communities
        One row a community and kind that changes: `kind, community_id, community, parent,
        share_before, share_after, people_gained, verdict_before, verdict_after`.
    alternatives
        One row a plan: `plan, sites_differ, people_gained, share_of_best`, the share of what
        was to be most.
    city_after, after
        The city with the new sites open, for the kinds asked for alone, and judged.
    seconds
        That the search took by the clock of whoever asked; `None` where nobody looked.
    """

    task: Task
    answer: Answer
    least: int | None
    together: Together | None
    nearer: Nearer | None
    served: Served | None
    gained: float
    sites: pd.DataFrame
    curve: pd.DataFrame
    communities: pd.DataFrame
    alternatives: pd.DataFrame
    city_after: PreparedCity
    after: Assessment
    seconds: float | None = None

    @property
    def rule(self) -> Rule:
        """The first of the rules asked for."""
        return self.task.parts[0].rule

    @property
    def people(self) -> float:
        """People of the city, summed over the kinds."""
        return self.task.people

    @property
    def reached(self) -> float:
        """People within reach today, summed over the kinds."""
        return self.task.reached

    @property
    def candidates(self) -> int:
        """Number of possible sites."""
        return len(self.task.xy)

    @property
    def coverable(self) -> float:
        """People beyond reach that some candidate would reach, summed over the kinds."""
        return sum(part.coverable for part in self.task.parts)

    def of_unknown_group(self, group: str) -> float:
        """
        Count whom a weight leaves out for want of knowledge.

        Parameters
        ----------
        group
            That people are weighed by.

        Returns
        -------
        people
            Who want a facility where it is not known how many are of the group, summed over the
            kinds; 0 for a weight that is no group.
        """
        demand = self.task.prepared.demand
        known = demand.groups.get(group) if demand else None
        if known is None:
            return 0.0
        return float(sum(part.people[np.isnan(known[part.rows])].sum() for part in self.task.parts))


def plan_sites(
    prepared: PreparedCity,
    standard: Standard,
    rules: Sequence[Rule],
    request: SitingRequest,
    *,
    ground: Ground,
    troubles: Troubles | None = None,
    effort: Effort | None = None,
) -> SitingPlan:
    """
    Choose sites for new facilities of the kinds of some rules.

    A site at exactly the service radius reaches. Walking, somebody without streets is reached
    by none. Capacity, ownership and slope of the ground are not modelled.

    Parameters
    ----------
    prepared
        The city, with residents; for walking with shortest paths.
    standard
        That the rules belong to.
    rules
        On people in reach, each of another kind; the sites or the budget are shared.
    request
        How many sites, which share of the residents or which budget, among which places.
    ground
        Measure of distance, streets, reports, where sites may stand.
    troubles
        Where reports gather, for the reasons; `None` where that is not known.
    effort
        How long to try; `None` for the usual.

    Returns
    -------
    plan
        With no site where everybody who can be reached is.

    Raises
    ------
    SampleError
        As in `analysis.siting.task.make_task`, or if the share asked for is out of reach of
        all sites together.
    """
    siting = make_siting(prepared, standard, rules, request, ground)
    return describe(siting, solve_siting(siting, effort=effort), troubles)


def describe(siting: Siting, solution: Solution, troubles: Troubles | None = None) -> SitingPlan:
    """
    Say what a plan does: its sites with what speaks for each, and the city with them.

    Parameters
    ----------
    siting
        What was asked.
    solution
        Any plan of it, whether a better one is looked for or not.
    troubles
        Where reports gather, for the reasons; `None` where that is not known.

    Returns
    -------
    plan
        As `plan_sites` gives it.
    """
    task, answer, before = siting.task, solution.answer, siting.before
    city_after = _city_after(task, answer, siting.request.stalls)
    after = assess(city_after, siting.standard, measures=(task.ground.measure,))
    reasons = site_reasons(task, answer.sites, before=before, after=after, troubles=troubles)
    sites = _sites(task, answer).join(reasons)
    if solution.served is not None:
        sites["people_served"] = solution.served.by_site
    return SitingPlan(
        task=task,
        answer=answer,
        least=solution.least,
        together=solution.together,
        nearer=solution.nearer,
        served=solution.served,
        gained=float(sites["people_gained"].sum()),
        sites=sites,
        curve=_curve(task, solution.band, len(answer.sites)),
        communities=_changed(task, before, after),
        alternatives=_alternatives(task, answer, solution.others),
        city_after=city_after,
        after=after,
    )


def _city_after(task: Task, answer: Answer, stalls: float | None) -> PreparedCity:
    """Open the sites, with so many stalls each where that is stated."""
    prepared, facilities, sharing = task.prepared, task.prepared.facilities, task.ground.sharing
    if prepared.filter_result is not None:
        # What does not fit the filter is no supply, with new sites or without.
        serving = [prepared.supply[part.rule.kind].facilities for part in task.parts]
        facilities = pd.concat(serving)
    for number, part in enumerate(task.parts):
        xy = part.xy[task.within(number, answer.sites)]
        states = {} if sharing is None else {sharing.kind.capacity: stalls}
        facilities = _with_sites(facilities, part.rule.kind, xy, states)
    kinds = [part.rule.kind for part in task.parts]
    after = with_facilities(prepared, facilities, kinds=kinds)
    if task.ground.measure != NETWORK or prepared.shortest_paths is None:
        return after
    return with_shortest_paths(after, prepared.shortest_paths.walking_network)


def _sites(task: Task, answer: Answer) -> pd.DataFrame:
    """List the sites of a plan."""
    chosen = answer.sites
    x, y = task.xy[chosen].T
    part_of = task.part_of[chosen]
    kinds = np.array([part.rule.kind for part in task.parts], dtype=object)
    table = pd.DataFrame(
        {
            "rank": np.arange(1, len(chosen) + 1),
            "kind": kinds[part_of],
            **_stands_in(task.prepared, x, y),
            "x": x,
            "y": y,
            "cost": task.cover.cost[chosen],
        }
    )
    columns = ["people_gained", "people_alone", "nearest_facility_m"]
    for name in (*columns, "people_served"):
        table[name] = np.nan
    for number, part in enumerate(task.parts):
        own = part_of == number
        table.loc[own, columns] = _effects(task, part, task.within(number, chosen))
    return table


def _effects(task: Task, part: KindTask, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Measure what each site of one kind does: people gained, people alone, nearest facility."""
    first = part.first_reached(chosen)
    gained = np.bincount(first, weights=part.people, minlength=len(chosen) + 1)[: len(chosen)]
    existing = task.prepared.supply[part.rule.kind].facilities.geometry
    open_now = np.column_stack([existing.x, existing.y])
    away = (
        cKDTree(open_now).query(part.xy[chosen])[0]
        if len(open_now)
        else np.full(len(chosen), np.nan)
    )
    return np.column_stack([gained, part.alone(chosen), away])


def _curve(task: Task, band: Curve | None, sites: int) -> pd.DataFrame:
    band = Curve(np.empty(0), np.empty(0)) if band is None else band
    table = pd.DataFrame({"people": band.people, "people_bound": band.bound})
    table = table.head(curve_length(sites))
    table.insert(0, "sites", np.arange(1, len(table) + 1))
    shares = (table[["people", "people_bound"]] + task.reached) / task.people
    return table.assign(share=shares["people"], share_bound=shares["people_bound"])


def _alternatives(task: Task, answer: Answer, others: Sequence[Answer]) -> pd.DataFrame:
    rows = [
        (
            number,
            len(np.setdiff1d(each.sites, answer.sites)),
            _sites(task, each)["people_gained"].sum(),
            each.people / answer.people,
        )
        for number, each in enumerate(others, 2)
    ]
    return pd.DataFrame(rows, columns=list(ALTERNATIVE_COLUMNS))


def _stands_in(
    prepared: PreparedCity, x: NDArray[np.float64], y: NDArray[np.float64]
) -> dict[str, Any]:
    """Name the community that each site stands in; empty outside all."""
    communities = prepared.communities
    position = community_of(x, y, communities)
    inside = communities.iloc[position.clip(min=0)].reset_index()
    known = position >= 0
    return {
        "community_id": inside["community_id"].where(known).array,
        "community": inside["name"].where(known).array,
        "parent": inside["parent"].where(known).array if "parent" in inside else None,
    }


def _with_sites(
    old: gpd.GeoDataFrame, kind: str, xy: NDArray[np.float64], states: dict[str, float | None]
) -> gpd.GeoDataFrame:
    """Add the new sites to the facilities, open, by identifiers that no other has."""
    free = (name for number in count(1) if (name := f"new-{number}") not in old.index)
    names = list(islice(free, len(xy)))
    new = gpd.GeoDataFrame(
        {"kind": kind, "name": names, "status": SUPPLY_STATUS[0], **states},
        index=pd.Index(names, name=old.index.name),
        geometry=gpd.points_from_xy(*xy.T),
        crs=old.crs,
    )
    return pd.concat([old, new]) if len(new) else old


def _changed(task: Task, before: Assessment, after: Assessment) -> pd.DataFrame:
    """Set the communities whose share changes side by side, most people first."""
    tables = []
    for part in task.parts:
        was, now = (
            each.rows_of(part.rule.id, task.ground.measure).set_index("community_id")
            for each in (before, after)
        )
        gained = now["population_covered"] - was["population_covered"]
        table = pd.DataFrame(
            {
                "kind": part.rule.kind,
                "community": was["community"],
                "parent": was["parent"],
                "share_before": was["population_covered_share"],
                "share_after": now["population_covered_share"],
                "people_gained": gained,
                "verdict_before": was["verdict"],
                "verdict_after": now["verdict"],
            }
        )
        table = table.reindex(task.prepared.communities.index)
        moved = gained.reindex(table.index) > 0
        tables.append(table[moved].rename_axis("community_id").reset_index())
    order = ["people_gained", "community_id", "kind"]
    return pd.concat(tables).sort_values(order, ascending=[False, True, True], ignore_index=True)
