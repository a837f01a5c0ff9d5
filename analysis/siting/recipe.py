"""Where to build next: from a city, a rule and what is asked to sites, curve and effect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from analysis.access.prepared_city import with_facilities
from analysis.coverage.assessment import assess
from analysis.coverage.catchment import pairs_within
from analysis.coverage.figures import STRAIGHT
from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.contracts import SUPPLY_STATUS
from analysis.model.errors import SampleError
from analysis.model.figures import RESIDENTS
from analysis.siting.candidates import beyond_reach, candidate_sites
from analysis.siting.curve import CURVE_BEYOND, Curve, Fewest, curve, fewest
from analysis.siting.exact import Limits
from analysis.siting.instance import Cover, make_cover
from analysis.siting.maximal_cover import (
    Answer,
    Effort,
    alternatives,
    cover_most,
    cover_within,
    lost_without,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.assessment import Assessment
    from analysis.model.question import SitingRequest
    from analysis.model.standards import Rule, Standard

SITE_COLUMNS = (
    "rank", "community_id", "community", "parent", "x", "y", "people_gained", "people_alone",
    "nearest_facility_m",
)  # fmt: skip
CURVE_COLUMNS = ("sites", "people", "people_bound", "share", "share_bound")
EFFECT_COLUMNS = (
    "community_id", "community", "parent", "share_before", "share_after", "people_gained",
    "verdict_before", "verdict_after",
)  # fmt: skip
ALTERNATIVE_COLUMNS = ("plan", "sites_differ", "people_gained", "share_of_best")
TIE = 1e-9
"""Share of the radius by which pairs are searched wider, before distance <= radius decides."""
DIFFERING = 5
"""One in so many sites, at least one, has to differ in an alternative."""


@dataclass(frozen=True, eq=False)
class SitingPlan:
    """
    Sites for new facilities and what they would do.

    Attributes
    ----------
    rule
        On people in reach, by which sites are compared.
    answer
        The plan and what is proven of it; sites are rows of the candidates.
    least
        Fewest sites that can do, where a share was asked for; else `None`.
    people, reached, coverable
        People of the city; within reach today; beyond reach that some candidate would reach.
    candidates
        Number of possible sites.
    sites
        One row a site, most people first: `rank, community_id, community, parent, x, y,
        people_gained, people_alone, nearest_facility_m`. `people_gained` come in with the
        site after those before it; `people_alone` would be lost without it.
    curve
        One row a number of sites: `sites, people, people_bound, share, share_bound`; people
        newly reached at least and at most.
    communities
        One row a community that changes: `community_id, community, parent, share_before,
        share_after, people_gained, verdict_before, verdict_after`.
    alternatives
        One row a plan: `plan, sites_differ, people_gained, share_of_best`.
    city_after, after
        The city with the new sites open, for the rule's kind alone, and judged by the rule.
    """

    rule: Rule
    answer: Answer
    least: int | None
    people: float
    reached: float
    coverable: float
    candidates: int
    sites: pd.DataFrame
    curve: pd.DataFrame
    communities: pd.DataFrame
    alternatives: pd.DataFrame
    city_after: PreparedCity
    after: Assessment


def plan_sites(
    prepared: PreparedCity,
    standard: Standard,
    rule: Rule,
    request: SitingRequest,
    *,
    streets: gpd.GeoDataFrame | None = None,
    effort: Effort | None = None,
) -> SitingPlan:
    """
    Choose sites for new facilities of a rule's kind.

    Distance is the straight line. A site at exactly the service radius reaches; capacity,
    cost, ownership and slope of the ground are not modelled.

    Parameters
    ----------
    prepared
        The city, with residents.
    standard
        That the rule belongs to.
    rule
        On people in reach.
    request
        How many sites or which share of the residents, among which places, how far apart.
    streets
        In the CRS of the city, where sites are asked for at their ends.
    effort
        How long to try; `None` for the usual.

    Returns
    -------
    plan
        With no site where everybody who can be reached is.

    Raises
    ------
    SampleError
        If the rule is not on people in reach, the city has no such layer or does not know
        where people live, or the share asked for is out of reach of all sites together.
    """
    if rule.figure.covers != RESIDENTS or rule.kind not in prepared.supply:
        msg = f"sites are compared by people in reach; rule {rule.id} cannot be asked that here."
        raise SampleError(msg, problem="siting_rule", rule=rule.id)
    radius = float(rule.service_radius_m or 0.0)
    xy = candidate_sites(
        prepared, rule.kind, service_radius=radius, among=request.candidates, streets=streets
    )
    task = _Task(prepared, rule.kind, radius, _apart_from_existing(xy, prepared, rule, request))
    answer, least, band = _answer(task, request, effort)
    facilities = _with_sites(prepared, rule.kind, task.xy[answer.sites])
    # Only the rule asked for is judged: sites of one kind change nothing for the others.
    asked = replace(standard, rules=(rule,))
    city_after = with_facilities(prepared, facilities, kinds=[rule.kind])
    after = assess(city_after, asked)
    return SitingPlan(
        rule=rule,
        answer=answer,
        least=least,
        people=task.people,
        reached=task.reached,
        coverable=float(task.cover.people.sum()),
        candidates=len(task.xy),
        sites=task.sites(answer),
        curve=task.curve(band, len(answer.sites)),
        communities=_changed(prepared, assess(prepared, asked), after, rule),
        alternatives=task.alternatives(answer, request, effort),
        city_after=city_after,
        after=after,
    )


class _Task:
    """The demand beyond reach, the candidates, and who would be reached from where."""

    def __init__(
        self, prepared: PreparedCity, kind: str, radius: float, xy: NDArray[np.float64]
    ) -> None:
        demand = prepared.demand
        assert demand is not None  # noqa: S101  asked before the candidates were listed
        beyond = beyond_reach(prepared, kind, radius)
        places, people = demand.places(beyond), demand.people[beyond]
        pairs = pairs_within(places, xy, service_radius=radius * (1 + TIE))
        near = pairs.distance_m <= radius
        self.prepared, self.kind, self.xy = prepared, kind, xy
        self.people = float(demand.people[demand.membership != OUTSIDE].sum())
        self.reached = self.people - float(people.sum())
        self.cover: Cover = make_cover(pairs.place[near], pairs.facility[near], people, xy)

    def apart(self, request: SitingRequest) -> NDArray[np.int64] | None:
        """Pair the candidates that stand nearer to one another than they may."""
        if not (request.apart_m and len(self.xy)):
            return None
        nearer = np.nextafter(request.apart_m, 0)
        pairs: NDArray[np.int64] = cKDTree(self.xy).query_pairs(nearer, output_type="ndarray")
        return pairs

    def sites(self, answer: Answer) -> pd.DataFrame:
        chosen, cover = answer.sites, self.cover
        gained = [cover.value(chosen[: number + 1]) for number in range(len(chosen))]
        x, y = self.xy[chosen].T
        existing = self.prepared.supply[self.kind].facilities.geometry
        open_now = np.column_stack([existing.x, existing.y])
        nearest = cKDTree(open_now).query(self.xy[chosen])[0] if len(open_now) else np.nan
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(chosen) + 1),
                **_stands_in(self.prepared, x, y),
                "x": x,
                "y": y,
                "people_gained": np.diff([0.0, *gained]),
                "people_alone": lost_without(cover, chosen),
                "nearest_facility_m": nearest,
            }
        )

    def curve(self, band: Curve, sites: int) -> pd.DataFrame:
        table = pd.DataFrame({"people": band.people, "people_bound": band.bound})
        table = table.head(max(CURVE_BEYOND * sites, 1))
        table.insert(0, "sites", np.arange(1, len(table) + 1))
        shares = (table[["people", "people_bound"]] + self.reached) / self.people
        return table.assign(share=shares["people"], share_bound=shares["people_bound"])

    def alternatives(
        self, answer: Answer, request: SitingRequest, effort: Effort | None
    ) -> pd.DataFrame:
        differing = max(len(answer.sites) // DIFFERING, 1)
        others = alternatives(
            self.cover,
            answer,
            count=request.alternatives,
            differing=differing,
            apart=self.apart(request),
            effort=effort,
        )
        rows = [
            (
                number,
                len(np.setdiff1d(each.sites, answer.sites)),
                each.people,
                each.people / answer.people,
            )
            for number, each in enumerate(others, 2)
        ]
        return pd.DataFrame(rows, columns=list(ALTERNATIVE_COLUMNS))


def _apart_from_existing(
    xy: NDArray[np.float64], prepared: PreparedCity, rule: Rule, request: SitingRequest
) -> NDArray[np.float64]:
    """Leave out the candidates that stand too near to what is there."""
    existing = prepared.supply[rule.kind].facilities.geometry
    if not (request.apart_m and len(existing) and len(xy)):
        return xy
    there = cKDTree(np.column_stack([existing.x, existing.y]))
    kept: NDArray[np.float64] = xy[there.query(xy)[0] >= request.apart_m]
    return kept


def _answer(
    task: _Task, request: SitingRequest, effort: Effort | None
) -> tuple[Answer, int | None, Curve]:
    """Give the plan, the fewest sites if a share is asked for, and the curve, bounded once."""
    cover = task.cover
    if request.share is not None:
        wanted = request.share * task.people - task.reached
        found: Fewest = fewest(cover, wanted, effort=effort)
        if found.answer is None:
            most = (task.reached + float(cover.people.sum())) / task.people
            msg = f"all {len(task.xy)} possible sites together reach {most:.1%} of the residents."
            raise SampleError(msg, problem="siting_share", share=most, count=len(task.xy))
        return found.answer, found.least, found.band
    sites = request.sites or 1
    answer = (
        cover_within(cover, Limits(sites, task.apart(request)), effort=effort)
        if request.apart_m
        else cover_most(cover, sites, effort=effort)
    )
    return answer, None, curve(cover, max(CURVE_BEYOND * len(answer.sites), 1), effort=effort)


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


def _with_sites(prepared: PreparedCity, kind: str, xy: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Add the new sites to the facilities, open, by identifiers that no other has."""
    old = prepared.facilities
    free = (name for number in count(1) if (name := f"new-{number}") not in old.index)
    names = list(islice(free, len(xy)))
    new = gpd.GeoDataFrame(
        {"kind": kind, "name": names, "status": SUPPLY_STATUS[0]},
        index=pd.Index(names, name=old.index.name),
        geometry=gpd.points_from_xy(*xy.T),
        crs=old.crs,
    )
    return pd.concat([old, new]) if len(new) else old


def _changed(
    prepared: PreparedCity, before: Assessment, after: Assessment, rule: Rule
) -> pd.DataFrame:
    """Set the communities whose share changes side by side, most people first."""
    was, now = (
        each.rows_of(rule.id, STRAIGHT).set_index("community_id") for each in (before, after)
    )
    gained = now["population_covered"] - was["population_covered"]
    table = pd.DataFrame(
        {
            "community": was["community"],
            "parent": was["parent"],
            "share_before": was["population_covered_share"],
            "share_after": now["population_covered_share"],
            "people_gained": gained,
            "verdict_before": was["verdict"],
            "verdict_after": now["verdict"],
        }
    )
    table = table.reindex(prepared.communities.index)
    moved = table[gained.reindex(table.index) > 0].rename_axis("community_id").reset_index()
    order = ["people_gained", "community_id"]
    return moved.sort_values(order, ascending=[False, True], ignore_index=True)
