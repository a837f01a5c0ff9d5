"""What siting is asked about: who wants a facility, where one may stand, and who reaches whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from analysis.access.walking_pairs import pairs_with_sites
from analysis.coverage.catchment import pairs_within
from analysis.coverage.figures import NETWORK
from analysis.geometry.locate import OUTSIDE
from analysis.model.errors import SampleError, SettingsError
from analysis.model.figures import RESIDENTS
from analysis.model.question import BACKUP, CAPACITY, CENTRE, COMPLAINTS, MEDIAN, PEOPLE
from analysis.siting.candidates import candidate_sites, given_sites, may_stand
from analysis.siting.instance import Cover, entries, make_cover, stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import shapely
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.residents import Demand
    from analysis.model.question import SitingRequest
    from analysis.model.standards import Kind, Rule

TIE = 1e-9
"""Share of the radius by which pairs are searched wider, before distance <= radius decides."""
SECOND = 0.5
"""What a second facility in reach of a person counts, where the first counts 1."""


class Sharing(NamedTuple):
    """
    How stalls are shared out among people.

    Attributes
    ----------
    kind
        With the column that holds them.
    method
        One of `analysis.model.question.CATCHMENTS`.
    need_per_1000
        Wanted for 1,000 people; `None` for the mean that all residents have today.
    """

    kind: Kind
    method: str
    need_per_1000: float | None


class Ground(NamedTuple):
    """
    What a task is about beside the city that is prepared.

    Attributes
    ----------
    measure
        Of distance: `STRAIGHT` or `NETWORK`, then with the shortest paths prepared.
    streets
        In the CRS of the city, where sites are asked for at their ends.
    reports
        x, y of reports in metres, n × 2, where people are weighed by them.
    sites
        Points at which facilities may stand, in the CRS of the city, with `cost`, missing where
        it is not stated; `None` for those that the request names.
    within, outside
        Where alone they may stand, and where not; `None` for everywhere, nowhere.
    sharing
        How stalls are shared out, where sites are to let people be served; else `None`.
    """

    measure: str
    streets: gpd.GeoDataFrame | None = None
    reports: NDArray[np.float64] | None = None
    sites: gpd.GeoDataFrame | None = None
    within: shapely.Geometry | None = None
    outside: shapely.Geometry | None = None
    sharing: Sharing | None = None


@dataclass(frozen=True, eq=False)
class KindTask:
    """
    The task of one rule.

    Attributes
    ----------
    rule
        On people in reach.
    xy, cost
        Of the possible sites.
    rows
        Resident rows that want a facility.
    reach
        One row a site, one column one of `rows`; 1 where the site would be in reach.
    have
        Facilities that each of `rows` has in reach today, 2 for more.
    people, weight
        Of each of `rows`.
    second
        What a second facility in reach counts; 0 for nothing.
    """

    rule: Rule
    xy: NDArray[np.float64]
    cost: NDArray[np.float64]
    rows: NDArray[np.int64]
    reach: sparse.csr_matrix
    have: NDArray[np.int64]
    people: NDArray[np.float64]
    weight: NDArray[np.float64]
    second: float

    @cached_property
    def cover(self) -> Cover:
        """The same as demand that sites cover, once or twice."""
        pairs, count = self.reach.tocoo(), len(self.rows)
        if not self.second:
            return make_cover(pairs.col, pairs.row, self.weight, self.xy, cost=self.cost)
        # Of n facilities the first counts 1, the second less: min(n, 1) and min(n, 2) in parts.
        return make_cover(
            np.concatenate([pairs.col, pairs.col + count]),
            np.tile(pairs.row, 2),
            np.concatenate([self.weight * (1 - self.second), self.weight * self.second]),
            self.xy,
            cost=self.cost,
            need=np.concatenate([1 - np.minimum(self.have, 1), 2 - self.have]),
        )

    @property
    def coverable(self) -> float:
        """People beyond reach today whom some site would reach."""
        some = np.diff(self.reach.tocsc().indptr) > 0
        return float(self.people[some & (self.have == 0)].sum())

    def first_reached(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """
        Tell which site of a plan brings each place within reach.

        Parameters
        ----------
        chosen
            Sites in the order in which they come.

        Returns
        -------
        first
            Position in `chosen` for each of `rows`; their number where none does, or where a
            facility is in reach today.
        """
        first = np.full(len(self.rows), len(chosen))
        places, owner = entries(self.reach, chosen)
        np.minimum.at(first, places, owner)
        late: NDArray[np.int64] = np.where(self.have > 0, len(chosen), first)
        return late

    def alone(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """
        Count the people whom one site of a plan alone brings within reach.

        Parameters
        ----------
        chosen
            Sites.

        Returns
        -------
        people
            One a site.
        """
        places, owner = entries(self.reach, chosen)
        times = np.bincount(places, minlength=len(self.rows)) + self.have
        only = times[places] == 1
        weights = self.people[places[only]]
        return np.bincount(owner[only], weights=weights, minlength=len(chosen)).astype(float)


@dataclass(frozen=True, eq=False)
class Task:
    """
    The tasks of some rules, which share a number of sites or a budget.

    Attributes
    ----------
    prepared, ground
        The city, and what else it is about.
    parts
        One a rule.
    people, reached
        People of the city, and those with a facility in reach, summed over the rules.
    """

    prepared: PreparedCity
    ground: Ground
    parts: tuple[KindTask, ...]
    people: float
    reached: float

    @cached_property
    def cover(self) -> Cover:
        """All parts side by side."""
        covers = [part.cover for part in self.parts]
        return covers[0] if len(covers) == 1 else stacked(covers)

    @cached_property
    def xy(self) -> NDArray[np.float64]:
        """Possible sites of all parts, one after the other."""
        return np.concatenate([part.xy for part in self.parts])

    @cached_property
    def part_of(self) -> NDArray[np.int64]:
        """Which part each site belongs to."""
        return np.repeat(np.arange(len(self.parts)), [len(part.xy) for part in self.parts])

    def within(self, part: int, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """
        Number sites as one part does.

        Parameters
        ----------
        part
            Which.
        chosen
            Sites; those of other parts are left out.

        Returns
        -------
        sites
            In the same order.
        """
        start = int(np.searchsorted(self.part_of, part))
        own: NDArray[np.int64] = chosen[self.part_of[chosen] == part] - start
        return own

    def apart(self, metres: float) -> NDArray[np.int64] | None:
        """
        Pair the sites of one kind that stand nearer to one another than they may.

        Parameters
        ----------
        metres
            Least distance; 0 for none.

        Returns
        -------
        pairs
            n × 2; `None` where none is stated.
        """
        if not (metres and len(self.xy)):
            return None
        nearer, start = np.nextafter(metres, 0), 0
        found: list[NDArray[np.int64]] = []
        for part in self.parts:
            if len(part.xy):
                pairs = cKDTree(part.xy).query_pairs(nearer, output_type="ndarray")
                found.append(pairs + start)
            start += len(part.xy)
        return np.concatenate(found)


def make_task(
    prepared: PreparedCity, rules: Sequence[Rule], request: SitingRequest, ground: Ground
) -> Task:
    """
    Find who wants a facility, where one may stand, and who would reach it.

    Parameters
    ----------
    prepared
        The city, with residents; for walking with shortest paths.
    rules
        On people in reach, each of another kind.
    request
        What is asked.
    ground
        What it is about beside the city.

    Returns
    -------
    task
        One part a rule.

    Raises
    ------
    SampleError
        If a rule is not on people in reach, the city has no such layer or does not know
        where people live, or nothing can be walked.
    SettingsError
        If people are to be weighed by a group that the layer does not carry.
    """
    demand = check_rule(prepared, rules[0], ground)
    for rule in rules[1:]:
        check_rule(prepared, rule, ground)
    parts = tuple(_part(prepared, demand, rule, request, ground) for rule in rules)
    people = float(demand.people[demand.membership != OUTSIDE].sum())
    reached = [people - _beyond(prepared, demand, rule, ground.measure)[1] for rule in rules]
    return Task(prepared, ground, parts, people * len(rules), sum(reached))


def check_rule(prepared: PreparedCity, rule: Rule, ground: Ground) -> Demand:
    """
    Refuse a rule by which sites cannot be compared in a city.

    Parameters
    ----------
    prepared
        The city.
    rule
        Any rule.
    ground
        With the measure of distance.

    Returns
    -------
    demand
        The residents.

    Raises
    ------
    SampleError
        If the rule is not on people in reach, the city has no such layer or does not know
        where people live, or nothing can be walked.
    """
    if rule.figure.covers != RESIDENTS or rule.kind not in prepared.supply:
        msg = f"sites are compared by people in reach; rule {rule.id} cannot be asked that."
        raise SampleError(msg, problem="siting_rule", rule=rule.id)
    if prepared.demand is None:
        msg = "no residents layer tells where people live: sites cannot be compared."
        raise SampleError(msg, problem="siting_no_residents")
    if ground.measure == NETWORK:
        _walked(prepared)
    return prepared.demand


def _part(
    prepared: PreparedCity, demand: Demand, rule: Rule, request: SitingRequest, ground: Ground
) -> KindTask:
    radius = float(rule.service_radius_m or 0.0)
    existing = prepared.supply[rule.kind].facilities.geometry
    open_now = np.column_stack([existing.x, existing.y])
    beyond = _beyond(prepared, demand, rule, ground.measure)[0]
    have = np.where(beyond, 0, 2)
    if request.problem == BACKUP:
        times = _times(prepared, len(demand.people), open_now, radius, ground.measure)
        # Who is within reach of one by the figure of coverage has one, whatever rounding says.
        have = np.where(beyond, 0, np.clip(times, 1, 2))
    in_city = (demand.membership != OUTSIDE) & (demand.people > 0)
    rows = np.flatnonzero(in_city & (have < (2 if request.problem == BACKUP else 1)))
    # Who is near already may be nearer, or have no stall: then sites count wherever people live.
    nearer = request.problem in {MEDIAN, CENTRE, CAPACITY}
    wanting = demand.places(np.flatnonzero(in_city) if nearer else rows)
    xy, cost = possible_sites(prepared, rule, request, ground, wanting)
    place, site = in_reach(prepared, rows, xy, radius, ground.measure)
    reach = sparse.csr_matrix((np.ones(len(site)), (site, place)), shape=(len(xy), len(rows)))
    return KindTask(
        rule=rule,
        xy=xy,
        cost=cost,
        rows=rows,
        reach=reach,
        have=have[rows],
        people=demand.people[rows],
        weight=weight_of(demand, rows, rule, request.weight, ground.reports),
        second=SECOND if request.problem == BACKUP else 0.0,
    )


def possible_sites(
    prepared: PreparedCity,
    rule: Rule,
    request: SitingRequest,
    ground: Ground,
    wanting: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    List where a facility may stand from which somebody who wants one would be reached.

    Where the way is asked for, given points need not reach anybody.

    Parameters
    ----------
    prepared
        The city, with residents.
    rule
        With kind and service radius.
    request
        Among which places, how far apart.
    ground
        Points, zones and streets.
    wanting
        Places of people who want one, in metres, n × 2.

    Returns
    -------
    xy, cost
        Metres, n × 2, and the cost of each.

    Raises
    ------
    SettingsError
        If a budget is asked for and a point states no cost.
    """
    radius = float(rule.service_radius_m or 0.0)
    existing = prepared.supply[rule.kind].facilities.geometry
    open_now = np.column_stack([existing.x, existing.y])
    if ground.sites is None:
        xy = candidate_sites(
            prepared,
            wanting,
            service_radius=radius,
            among=request.candidates,
            streets=ground.streets,
        )
        cost = np.full(len(xy), _cost(rule.kind, request))
    else:
        # A way may be shortened from anywhere: what is given is all there is.
        far = np.inf if request.problem in {MEDIAN, CENTRE} else radius
        xy, cost = given_sites(ground.sites, wanting, service_radius=far)
        cost = _stated(cost, rule.kind, request)
    allowed = may_stand(xy, ground.within, ground.outside) & _away(xy, open_now, request)
    return xy[allowed], cost[allowed]


def _beyond(
    prepared: PreparedCity, demand: Demand, rule: Rule, measure: str
) -> tuple[NDArray[np.bool_], float]:
    """Tell at which places of the city people live whom no facility reaches, and count them."""
    if measure == NETWORK:
        _walked(prepared)
        paths = prepared.shortest_paths
        assert paths is not None  # noqa: S101  asked just before
        distance = paths.by_kind[rule.kind].distance
    else:
        distance = prepared.supply[rule.kind].distance
    radius = float(rule.service_radius_m or 0.0)
    inside = (demand.membership != OUTSIDE) & (demand.people > 0)
    beyond = ~(distance <= radius) & inside
    return beyond, float(demand.people[beyond].sum())


def _walked(prepared: PreparedCity) -> None:
    paths = prepared.shortest_paths
    if paths is None or paths.walking_network.access_points is None:
        msg = "the city has no layer of streets: nothing can be walked."
        raise SampleError(msg, problem="siting_no_walking")


def in_reach(
    prepared: PreparedCity,
    rows: NDArray[np.int64],
    xy: NDArray[np.float64],
    radius: float,
    measure: str,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Pair resident rows with the sites in reach of them.

    Parameters
    ----------
    prepared
        The city, with residents; for walking with shortest paths.
    rows
        Resident rows that count.
    xy
        Sites, in metres, n × 2.
    radius
        Metres; at exactly this distance is in reach.
    measure
        `STRAIGHT` or `NETWORK`.

    Returns
    -------
    place, site
        Positions in `rows` and in `xy`, one a pair.
    """
    demand = prepared.demand
    assert demand is not None  # noqa: S101  asked before
    if measure == NETWORK:
        paths = prepared.shortest_paths
        access = paths.walking_network.access_points if paths else None
        assert access is not None  # noqa: S101  asked before
        walked = pairs_with_sites(access, xy, service_radius=radius)
        position = np.full(len(demand.people), -1)
        position[rows] = np.arange(len(rows))
        place = position[walked.place]
        return place[place >= 0], walked.site[place >= 0]
    pairs = pairs_within(demand.places(rows), xy, service_radius=radius * (1 + TIE))
    near = pairs.distance_m <= radius
    return pairs.place[near], pairs.facility[near]


def people_gained(
    prepared: PreparedCity, rule: Rule, xy: NDArray[np.float64], *, measure: str
) -> NDArray[np.float64]:
    """
    Count the people whom sites that stand already chosen would bring within reach.

    Parameters
    ----------
    prepared
        The city, with residents; for walking with shortest paths.
    rule
        On people in reach, with its service radius.
    xy
        Sites in the order in which they come, in metres, n × 2.
    measure
        `STRAIGHT` or `NETWORK`.

    Returns
    -------
    people
        One a site: beyond the reach of every facility today and of the sites before it, the
        same as `people_gained` of a plan of one kind.

    Raises
    ------
    SampleError
        As in `check_rule`.
    """
    demand = check_rule(prepared, rule, Ground(measure))
    rows = np.flatnonzero(_beyond(prepared, demand, rule, measure)[0])
    place, site = in_reach(prepared, rows, xy, float(rule.service_radius_m or 0.0), measure)
    first = np.full(len(rows), len(xy))
    np.minimum.at(first, place, site)
    gained = np.bincount(first, weights=demand.people[rows], minlength=len(xy) + 1)
    return gained[: len(xy)].astype(float)


def _times(
    prepared: PreparedCity,
    count: int,
    open_now: NDArray[np.float64],
    radius: float,
    measure: str,
) -> NDArray[np.int64]:
    """Count the facilities that each of so many resident rows has in reach today."""
    rows = np.arange(count)
    place, _ = in_reach(prepared, rows, open_now, radius, measure)
    return np.bincount(place, minlength=len(rows))


def _away(
    xy: NDArray[np.float64], open_now: NDArray[np.float64], request: SitingRequest
) -> NDArray[np.bool_]:
    """Tell which candidates do not stand too near to what is there."""
    away = request.apart_m if request.from_existing_m is None else request.from_existing_m
    if not (away and len(open_now) and len(xy)):
        return np.ones(len(xy), dtype=bool)
    kept: NDArray[np.bool_] = cKDTree(open_now).query(xy)[0] >= away
    return kept


def _stated(cost: NDArray[np.float64], kind: str, request: SitingRequest) -> NDArray[np.float64]:
    """Give what given sites cost: as they state, else as the request does."""
    if request.budget is None:
        return np.ones(len(cost))
    other = dict(request.costs).get(kind)
    if other is None and np.isnan(cost).any():
        missing = int(np.isnan(cost).sum())
        msg = f"--plots: {missing} of {len(cost)} possible sites state no cost."
        raise SettingsError(
            msg,
            problem="siting_plot_cost",
            hint=f"State --cost {kind}=NUMBER too.",
            kind=kind,
            missing=missing,
            count=len(cost),
        )
    return np.where(np.isnan(cost), other or 0.0, cost)


def _cost(kind: str, request: SitingRequest) -> float:
    """Give what a site costs; where sites are counted each costs 1."""
    if request.budget is None:
        return 1.0
    return dict(request.costs).get(kind, 1.0)


def weight_of(
    demand: Demand,
    rows: NDArray[np.int64],
    rule: Rule,
    weight: str,
    reports: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """
    Weigh each place: people, people of a group, or people times the reports near them.

    Parameters
    ----------
    demand
        Located residents.
    rows
        Of them.
    rule
        Reports within its radius are near.
    weight
        As in `analysis.model.question.SitingRequest`.
    reports
        x, y in metres, n × 2; `None` for none.

    Returns
    -------
    weight
        One of `rows`; 0 where a group is not known.

    Raises
    ------
    SampleError
        If people are to be weighed by reports and none has a place.
    SettingsError
        If it is no weight, and no group that the layer carries.
    """
    radius = float(rule.service_radius_m or 0.0)
    people = demand.people[rows]
    if weight == PEOPLE:
        return people
    if weight == COMPLAINTS:
        if reports is None or not len(reports):
            msg = "no report has a place: people cannot be weighed by reports."
            raise SampleError(msg, problem="siting_no_reports")
        near = cKDTree(reports).query_ball_point(demand.places(rows), radius, return_length=True)
        weighed: NDArray[np.float64] = people * near
        return weighed
    if weight not in demand.groups:
        known = ", ".join([PEOPLE, COMPLAINTS, *demand.groups])
        msg = f"--weight: {weight!r} is none of {known}."
        raise SettingsError(msg, problem="siting_weight", value=weight, allowed=known)
    # People of a group that is not known at a place weigh nothing there.
    return np.nan_to_num(demand.groups[weight][rows])
