"""
The recipe for capacity: whom facilities can serve, not only whom they reach.

Every resident place is in one of four: served (access is at least the need), in reach but
over capacity (below the need), out of reach (no facility within the radius), or not judged
(below the need by what is known, but a facility of unknown capacity is in reach too; or the
streets do not tell whether any is within a walk). A capacity is never guessed. Who is out of
reach is who the coverage of the same measure has beyond reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.coverage.catchment import Shares, pairs_of, share_capacity
from analysis.coverage.figures import NETWORK, STRAIGHT, distances_of, measures_of
from analysis.geometry.locate import community_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.residents import Demand
    from analysis.model.standards import Kind, Standard

MEAN, STATED = "mean", "stated"
"""Where the need comes from: the mean access of all residents, or the reader."""
NO_LAYER, NO_COLUMN, NO_RESIDENTS = (
    "no_layer_of_this_kind", "no_capacity_column", "no_residents_layer",
)  # fmt: skip
UNKNOWN_WITHOUT_CAPACITY = (
    *("access_per_1000", "people_served", "people_over_capacity"),
    *("capacity_lacking", "capacity_inside"),
)
"""Columns that nothing is known of where no facility states its capacity."""
UNKNOWN, NOBODY, SHARED = "capacity_unknown", "nobody_lives_here", "shared_out"
CAPACITY_COLUMNS = (
    "community_id", "community", "parent", "kind", "measure", "service_radius_m", "method",
    "capacity_unit", "population", "capacity_inside", "facilities_unknown", "access_per_1000",
    "need_per_1000", "need_basis", "people_served", "people_over_capacity",
    "people_not_judged", "people_out_of_reach", "served_share", "over_capacity_share",
    "capacity_lacking", "reason",
)  # fmt: skip
SUMS = (
    "population", "capacity_inside", "people_served", "people_over_capacity",
    "people_not_judged", "people_out_of_reach", "capacity_lacking",
)  # fmt: skip
ARITHMETIC_COLUMNS = (
    "facility_id", "facility", "capacity", "people_in_catchment", "per_1000",
    "people_here_in_reach", "adds_per_1000",
)  # fmt: skip
TOLERANCE = 1e-9
"""Share of the need by which access may lie under it and still reach it."""


@dataclass(frozen=True, eq=False)
class Capacity:
    """
    What one kind can serve, at one radius and by one method.

    Attributes
    ----------
    table
        One row a community, columns `CAPACITY_COLUMNS`. Figures are missing where they
        cannot be judged, and `reason` says why.
    facilities
        Those that are supply.
    known
        Their capacity; missing where unknown.
    demand
        Residents, or `None`.
    shares
        How the capacity is shared out, or `None` where it cannot be.
    """

    table: pd.DataFrame
    facilities: gpd.GeoDataFrame
    known: pd.Series[float]
    demand: Demand | None
    shares: Shares | None

    @property
    def mean(self) -> float:
        """Mean access of all residents per 1,000; missing where no capacity is known."""
        if self.shares is None or self.demand is None or self.known.isna().all():
            return np.nan
        people = self.demand.people
        return float((people * self.shares.access).sum() / people.sum() * 1000)

    @property
    def whole(self) -> pd.Series:
        """The city's sums over the communities (`SUMS`), and its mean access per 1,000."""
        sums = self.table[list(SUMS)].sum(min_count=1)
        people = self.table["population"]
        mean = (self.table["access_per_1000"] * people).sum(min_count=1) / people.sum()
        whole: pd.Series = pd.concat([sums, pd.Series({"access_per_1000": mean})])
        return whole


def capacity_measure(standard: Standard, kind: str, measures: Sequence[str]) -> str:
    """
    Tell by which measure the capacity of a kind is shared out: the one its coverage is judged by.

    Parameters
    ----------
    standard
        With rules on the kind, or without any.
    kind
        Identifier.
    measures
        As `analysis.coverage.assessment.assess` is given them.

    Returns
    -------
    measure
        `NETWORK` where any rule on the kind within a radius is judged by walking first.
    """
    used = {
        measures_of(rule, measures)[0]
        for rule in standard.rules
        if rule.kind == kind and rule.service_radius_m is not None
    }
    return NETWORK if NETWORK in used else STRAIGHT


def capacity_radii(standard: Standard) -> list[tuple[str, float]]:
    """
    List the kinds and service radii of a standard, each pair once.

    Parameters
    ----------
    standard
        With the radii wanted.

    Returns
    -------
    pairs
        Kind and metres, in the order of the rules.
    """
    pairs = [
        (rule.kind, rule.service_radius_m)
        for rule in standard.rules
        if rule.service_radius_m is not None
    ]
    return list(dict.fromkeys(pairs))


def judge_capacity(
    prepared: PreparedCity,
    kind: Kind,
    *,
    service_radius: float,
    method: str,
    measure: str = STRAIGHT,
    need_per_1000: float | None = None,
) -> Capacity:
    """
    Find whom the facilities of a kind can serve.

    Parameters
    ----------
    prepared
        From `analysis.access.prepared_city.prepare`. All its residents draw on the
        facilities, also those who live in no community.
    kind
        With the column that holds the capacity.
    service_radius
        Size of the catchments, in metres.
    method
        One of `analysis.coverage.catchment.CATCHMENTS`.
    measure
        Of distance, from residents to facilities: `STRAIGHT`, or `NETWORK` in a city
        `with_shortest_paths`.
    need_per_1000
        Capacity wanted for 1,000 people; by default the mean access of all residents, so
        that "over capacity" means less than an equal share.

    Returns
    -------
    capacity
        Served, over capacity, not judged and out of reach add up to the population.

    Raises
    ------
    ValueError
        If a number is not positive, the method is none, or walking distance is asked for without
        `with_shortest_paths`.
    """
    if need_per_1000 is not None and not need_per_1000 > 0:
        msg = f"`need_per_1000` must be positive, got {need_per_1000!r}."
        raise ValueError(msg)
    communities, demand = prepared.communities, prepared.demand
    supply = prepared.supply.get(kind.id)
    table = _named(prepared, kind).assign(
        measure=measure,
        service_radius_m=float(service_radius),
        method=method,
        need_basis=MEAN if need_per_1000 is None else STATED,
    )
    facilities = communities.iloc[:0] if supply is None else supply.facilities
    known = _known(facilities, kind)
    missing = _missing(prepared, kind, measure)
    if missing or demand is None:
        return Capacity(_finished(table, missing), facilities, known, demand, None)
    pairs = pairs_of(prepared, kind.id, service_radius=service_radius, measure=measure)
    shares = share_capacity(
        pairs, demand.people, known, service_radius=service_radius, method=method
    )
    perhaps = np.zeros(len(demand.people), dtype=bool)
    if measure == NETWORK:  # whose path is not known may be as near as it is straight
        perhaps = distances_of(prepared, kind.id, measure).least <= service_radius
    figures = _figures(shares, known, demand, perhaps, need_per_1000)
    table = table.join(figures).assign(capacity_inside=_inside(communities, facilities, known))
    unknown = UNKNOWN if len(known) and known.isna().all() else SHARED
    return Capacity(_finished(table, unknown), facilities, known, demand, shares)


def _named(prepared: PreparedCity, kind: Kind) -> pd.DataFrame:
    """Communities with their names and people."""
    return pd.DataFrame(
        {
            "community": prepared.communities["name"],
            "parent": prepared.communities["parent"],
            "kind": kind.id,
            "capacity_unit": kind.capacity,
            "population": prepared.population,
        },
        index=prepared.communities.index,
    )


def capacity_table(
    prepared: PreparedCity,
    standard: Standard,
    kinds: Mapping[str, Kind],
    *,
    method: str,
    needs: Mapping[str, float],
    measures: Sequence[str] = (STRAIGHT,),
) -> pd.DataFrame:
    """
    Find whom each kind of a standard can serve, at each of its radii.

    Parameters
    ----------
    prepared
        As in `judge_capacity`.
    standard
        With the radii wanted.
    kinds
        Every kind known, by identifier.
    method
        As in `judge_capacity`.
    needs
        Capacity wanted for 1,000 people, by kind; the mean access for the others.
    measures
        As `analysis.coverage.assessment.assess` is given them; each kind as `capacity_measure`.

    Returns
    -------
    table
        Columns `CAPACITY_COLUMNS`, one row a community, kind and radius.
    """
    tables = [
        judge_capacity(
            prepared,
            kinds[kind],
            service_radius=radius,
            method=method,
            measure=capacity_measure(standard, kind, measures),
            need_per_1000=needs.get(kind),
        ).table
        for kind, radius in capacity_radii(standard)
    ]
    if not tables:
        return pd.DataFrame(columns=list(CAPACITY_COLUMNS))
    return pd.concat(tables, ignore_index=True)


def _missing(prepared: PreparedCity, kind: Kind, measure: str) -> str:
    if kind.id not in prepared.supply:
        return NO_LAYER
    if not kind.capacity:
        return NO_COLUMN
    if prepared.demand is None:
        return NO_RESIDENTS
    paths = prepared.shortest_paths if measure == NETWORK else None
    return "" if paths is None else paths.walking_network.missing


def _known(facilities: gpd.GeoDataFrame, kind: Kind) -> pd.Series[float]:
    """Capacity as the data state it; a negative number is none."""
    if kind.capacity not in facilities:
        return pd.Series(np.nan, index=facilities.index)
    stated: pd.Series[float] = facilities[kind.capacity].astype(float)
    return stated.where(stated >= 0)


def _inside(
    communities: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, known: pd.Series[float]
) -> pd.Series[float]:
    """Known capacity that stands in each community; missing where all that stands is unknown."""
    points = facilities.geometry
    community = community_of(points.x, points.y, communities)
    states, count = known.notna().to_numpy(), len(communities)
    stands = (community >= 0) & states
    sums = np.bincount(community[stands], weights=known[stands], minlength=count)
    unknown = np.bincount(community[(community >= 0) & ~states], minlength=count) > 0
    stated = np.bincount(community[stands], minlength=count) > 0
    return pd.Series(np.where(unknown & ~stated, np.nan, sums), index=communities.index)


def _figures(
    shares: Shares,
    known: pd.Series[float],
    demand: Demand,
    perhaps: NDArray[np.bool_],
    need_per_1000: float | None,
) -> pd.DataFrame:
    """Figures by community; `perhaps` are the rows that are not for certain out of reach."""
    people, access, pairs = demand.people, shares.access, shares.pairs
    total = people.sum()
    mean = float((people * access).sum() / total) if total > 0 and known.notna().any() else np.nan
    need = mean if need_per_1000 is None else need_per_1000 / 1000
    unknown = known.isna().to_numpy()[pairs.facility]
    reached = pairs.sum_by_place(np.ones(len(pairs.place))) > 0
    silent = pairs.sum_by_place(unknown.astype(float)) > 0
    enough = is_enough(access, need)
    not_judged = (reached & ~enough & silent) | (~reached & perhaps)
    lacking = np.where(not_judged, 0.0, people * np.maximum(need - access, 0))

    def total_of(values: NDArray[np.float64]) -> pd.Series[float]:
        inside = demand.membership >= 0
        sums = np.bincount(
            demand.membership[inside], values[inside], minlength=len(demand.communities)
        )
        return pd.Series(sums, index=demand.communities)

    population = demand.population.where(demand.population > 0)
    return pd.DataFrame(
        {
            "facilities_unknown": _unknown_near(shares, known, demand),
            "access_per_1000": total_of(people * access) / population * 1000,
            "need_per_1000": need * 1000,
            "people_served": demand.people_where(enough),
            "people_over_capacity": demand.people_where(reached & ~enough & ~silent),
            "people_not_judged": demand.people_where(not_judged),
            "people_out_of_reach": demand.people_where(~reached & ~perhaps),
            "capacity_lacking": total_of(lacking),
        }
    )


def is_enough(access: NDArray[np.float64], need: float) -> NDArray[np.bool_]:
    """
    Tell where people are served: some capacity comes to them, and at least the need.

    Parameters
    ----------
    access
        Capacity for each person of a place.
    need
        Capacity wanted for each; missing where it is not known.

    Returns
    -------
    enough
        One truth value a place; false for all where the need is missing.
    """
    return (access > 0) & (access >= need * (1 - TOLERANCE))


def _unknown_near(shares: Shares, known: pd.Series[float], demand: Demand) -> pd.Series[int]:
    """Facilities of unknown capacity within reach of anyone of each community."""
    pairs = shares.pairs
    community = demand.membership[pairs.place]
    lived_in = (community >= 0) & (demand.people[pairs.place] > 0)
    near = lived_in & known.isna().to_numpy()[pairs.facility]
    each = np.unique(community[near] * len(known) + pairs.facility[near]) // max(len(known), 1)
    counts = np.bincount(each, minlength=len(demand.communities))
    return pd.Series(counts, index=demand.communities)


def _finished(table: pd.DataFrame, reason: str) -> pd.DataFrame:
    table = table.reindex(columns=[*CAPACITY_COLUMNS[1:]])
    people = table["population"].where(table["population"] > 0)
    if reason == UNKNOWN:
        table[list(UNKNOWN_WITHOUT_CAPACITY)] = np.nan
    table["served_share"] = table["people_served"] / people
    table["over_capacity_share"] = table["people_over_capacity"] / people
    nobody = (table["population"] == 0) & (reason in {SHARED, UNKNOWN})
    table["reason"] = np.where(nobody, NOBODY, reason)
    return table.rename_axis("community_id").reset_index()


def arithmetic(capacity: Capacity, community: str) -> pd.DataFrame:
    """
    Show how the access of one community adds up, facility by facility.

    Parameters
    ----------
    capacity
        From `judge_capacity`, with its shares.
    community
        Identifier.

    Returns
    -------
    terms
        Columns `ARITHMETIC_COLUMNS`, one row a facility that reaches anyone there, the
        greatest term first: its capacity, the (weighted) people of its catchment, capacity
        for 1,000 of them, people of the community in reach of it, and what it adds to the
        community's mean access. The last column adds up to `access_per_1000`.

    Raises
    ------
    ValueError
        If nothing could be shared out.
    """
    if capacity.shares is None or capacity.demand is None:
        msg = "Nothing was shared out."
        raise ValueError(msg)
    shares, demand = capacity.shares, capacity.demand
    pairs = shares.pairs
    here = demand.membership[pairs.place] == demand.communities.get_loc(community)
    people = np.where(here, demand.people[pairs.place], 0.0)
    population = float(demand.population[community])
    ratio = np.nan_to_num(shares.ratio)
    adds = pairs.sum_by_facility(people * shares.weight) * ratio
    terms = pd.DataFrame(
        {
            "facility_id": capacity.facilities.index,
            "facility": capacity.facilities["name"].to_numpy(),
            "capacity": capacity.known.to_numpy(),
            "people_in_catchment": shares.demand,
            "per_1000": shares.ratio * 1000,
            "people_here_in_reach": pairs.sum_by_facility(people),
            "adds_per_1000": adds / population * 1000 if population > 0 else np.nan,
        }
    )
    terms = terms[terms["people_here_in_reach"] > 0]
    ordered = terms.sort_values(["adds_per_1000", "facility_id"], ascending=[False, True])
    return ordered.reset_index(drop=True)
