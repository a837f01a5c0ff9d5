"""
What changes of facilities would move, measured in the communities that they touch alone.

A change at a place s can move the figures of a community only if s lies within the greatest
service radius of it, or within the circle around some place in it that reaches to its nearest
facility: else that one stays the nearest. Every change is compared with the city as it is, so no
error adds up. ::

    ╭───────╮            the circle around p reaches to its nearest facility f:
    │ p     │            a new facility at s is nearer, one at t is not
    │    s  │ f   t
    ╰───────╯
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.access.prepared_city import part_of_city, supply_of
from analysis.access.proximity import nearest_distance
from analysis.access.walking import NearestPaths, ShortestPaths, find_shortest_paths
from analysis.coverage.assessment import Assessment, assess
from analysis.coverage.gaps import gap_polygons
from analysis.coverage.summary import summarise
from analysis.geometry.locate import OUTSIDE
from analysis.model.contracts import check_facilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.proximity import Pairs
    from analysis.access.supply import Supply
    from analysis.coverage.gaps import Gaps
    from analysis.model.standards import Rule
    from analysis.scenarios.changes import ChangedFacilities

ROUNDING_M = 1e-6
"""By which two ways to a distance may differ."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """
    A city and its assessment, made ready for changes of facilities.

    Attributes
    ----------
    prepared
        The city, with shortest paths where walking distance was a measure.
    assessment
        Of it, by the straight line, along streets, or both.
    in_reach
        By kind and service radius: communities and the facilities in reach of them.
    bounds
        West, south, east, north of each community.
    extent
        By community: metres from the point inside it to the farthest corner of its box.
    sharing
        By kind: pairs of communities that overlap, or touch, where a facility lies.
    """

    prepared: PreparedCity
    assessment: Assessment
    in_reach: dict[tuple[str, float], Pairs]
    bounds: NDArray[np.float64]
    extent: NDArray[np.float64]
    sharing: dict[str, Pairs]


@dataclass(frozen=True, eq=False)
class ChangedCity:
    """
    What changes of facilities come to.

    Attributes
    ----------
    assessment
        Of all communities, as `analysis.coverage.assessment.assess` would judge them.
    facilities
        All of them, after the changes.
    touched
        Positions of the communities that were measured again, ascending.
    part
        These communities, and some that overlap them, as a city; `None` where nothing changed.
    """

    assessment: Assessment
    facilities: gpd.GeoDataFrame
    touched: NDArray[np.int64]
    part: PreparedCity | None


def prepare_changes(prepared: PreparedCity, assessment: Assessment) -> Baseline:
    """
    Do once per city and standard what no change of facilities moves.

    Parameters
    ----------
    prepared
        The city, without a supply filter.
    assessment
        From `analysis.coverage.assessment.assess`, of that city.

    Returns
    -------
    baseline
        For `assess_changed`.

    Raises
    ------
    ValueError
        If the supply of the city is filtered.
    """
    if prepared.filter_result is not None:
        msg = "changes are assessed on all supply: the city must have no filter."
        raise ValueError(msg)
    communities = prepared.communities
    bounds, points = communities.bounds.to_numpy(), communities.representative_point()
    inner = np.column_stack([points.x, points.y])
    corner = np.maximum(inner - bounds[:, :2], bounds[:, 2:] - inner)
    rules = [rule for rule, _ in assessment.judged if rule.kind in prepared.supply]
    return Baseline(
        prepared,
        assessment,
        {
            (rule.kind, radius): prepared.supply[rule.kind].vicinity.pairs(radius)
            for rule in rules
            if (radius := rule.service_radius_m) is not None
        },
        bounds,
        np.hypot(*corner.T),
        {kind: _sharing(prepared, kind) for kind in {rule.kind for rule in rules}},
    )


def assess_changed(baseline: Baseline, changed: ChangedFacilities) -> ChangedCity:
    """
    Judge a city after changes of facilities.

    Parameters
    ----------
    baseline
        From `prepare_changes`.
    changed
        From `analysis.scenarios.changes.apply_changes`, of the city's facilities.

    Returns
    -------
    city
        Its coverage and summary are those of a full assessment of these facilities, to rounding:
        areas differ by some 1e-9 of themselves.

    Raises
    ------
    FrameError
        If the facilities break their contract.
    """
    prepared, before = baseline.prepared, baseline.assessment
    check_facilities(changed.facilities)
    judged = before.judged
    kinds = {kind for kind in changed.places if any(rule.kind == kind for rule, _ in judged)}
    kinds &= set(prepared.supply)
    if not kinds:
        return ChangedCity(before, changed.facilities, np.empty(0, dtype=np.int64), None)
    touched = _touched(baseline, changed, kinds)
    part = _part(baseline, changed, kinds, touched)
    whole = _whole(baseline, changed, kinds, part)
    if prepared.shortest_paths is not None:
        walked = _walked(prepared, whole, kinds)
        if len(np.setdiff1d(walked, touched)):
            touched = np.union1d(touched, walked)
            part = _part(baseline, changed, kinds, touched)
        part = _with_paths(part, prepared, whole)
    coverage = _patched(before, part, kinds, touched, prepared.communities.index)
    after = Assessment(before.standard, coverage, before.summary)
    summary = _summed(baseline, changed, whole, after, kinds)
    return ChangedCity(replace(after, summary=summary), changed.facilities, touched, part)


def gaps_changed(baseline: Gaps, city: ChangedCity, kind: str, *, service_radius: float) -> Gaps:
    """
    Draw the gaps of a city after changes of facilities.

    Parameters
    ----------
    baseline
        The gaps of the city as it is (`analysis.coverage.gaps.gaps_of`).
    city
        From `assess_changed`.
    kind
        Whose gaps.
    service_radius
        That of `baseline`, in metres.

    Returns
    -------
    gaps
        In the order of the communities. Of slivers only those of the city as it is are counted.
    """
    if city.part is None or kind not in city.part.supply:
        return baseline
    # Which ones were measured again, and not only taken along for their overlaps.
    all_ids = city.assessment.coverage["community_id"].drop_duplicates().to_numpy()
    again = all_ids[city.touched]
    part, supply = city.part, city.part.supply[kind]
    new = gap_polygons(
        part.community_land.dry,
        supply_of(city.facilities, kind),
        service_radius=service_radius,
        demand=part.demand,
        cover=supply.cover,
        distance=supply.distance,
    ).frame
    new = new[new["community_id"].isin(again)]
    old = baseline.frame[~baseline.frame["community_id"].isin(again)]
    both = pd.concat([old, new])
    order = pd.Index(all_ids).get_indexer(both["community_id"])
    frame = gpd.GeoDataFrame(both.iloc[np.argsort(order, kind="stable")], crs=old.crs)
    return replace(baseline, frame=frame.rename_axis(baseline.frame.index.name))


def _sharing(prepared: PreparedCity, kind: str) -> Pairs:
    """Pairs of communities in both of which one facility lies: it counts for the first alone."""
    facilities = prepared.facilities
    points = facilities.geometry[facilities["kind"] == kind].to_numpy()
    tree = shapely.STRtree(prepared.communities.geometry.to_numpy())
    facility, community = tree.query(points, predicate="intersects")
    several = np.bincount(facility, minlength=len(points))[facility] > 1
    held = pd.DataFrame({"facility": facility[several], "community": community[several]})
    pairs = held.merge(held, on="facility")
    pairs = pairs[pairs["community_x"] != pairs["community_y"]].drop_duplicates()
    return pairs["community_x"].to_numpy(), pairs["community_y"].to_numpy()


def _greatest_radius(assessment: Assessment, kind: str) -> float:
    rules = [rule for rule, _ in assessment.judged if rule.kind == kind]
    return max((rule.service_radius_m or 0.0 for rule in rules), default=0.0)


def _touched(baseline: Baseline, changed: ChangedFacilities, kinds: set[str]) -> NDArray[np.int64]:
    """Find the communities whose figures in a straight line may move."""
    touched = np.zeros(len(baseline.bounds), dtype=bool)
    west, south, east, north = baseline.bounds.T
    for kind in kinds:
        nearest = baseline.prepared.supply[kind].measured["nearest_distance_m"].to_numpy()
        # From any place inside, the nearest is no farther than from the point inside, and the way.
        farthest = np.where(np.isnan(nearest), np.inf, nearest) + baseline.extent
        within = np.maximum(farthest, _greatest_radius(baseline.assessment, kind)) + ROUNDING_M
        for x, y in changed.places[kind]:
            dx = np.maximum(np.maximum(west - x, x - east), 0)
            dy = np.maximum(np.maximum(south - y, y - north), 0)
            touched |= np.hypot(dx, dy) <= within
    return np.flatnonzero(touched)


def _part(
    baseline: Baseline, changed: ChangedFacilities, kinds: set[str], touched: NDArray[np.int64]
) -> PreparedCity:
    """Take out the communities touched, and those with which they share facilities."""
    along = [second[np.isin(first, touched)] for first, second in baseline.sharing.values()]
    return part_of_city(
        baseline.prepared,
        np.unique(np.concatenate([touched, *along])),
        changed.facilities,
        kinds=kinds,
        reach=max(_greatest_radius(baseline.assessment, kind) for kind in kinds),
    )


def _whole(
    baseline: Baseline, changed: ChangedFacilities, kinds: set[str], part: PreparedCity
) -> PreparedCity:
    """Give the city with its new supply, as far as sums and paths over all of it need that."""
    prepared = baseline.prepared
    supply = {}
    for kind in kinds:
        before = prepared.supply[kind]
        facilities = supply_of(changed.facilities, kind)
        distance = before.distance
        if prepared.shortest_paths is not None:
            distance = _distances(prepared, part, kind, facilities)
        present = changed.facilities[changed.facilities["kind"] == kind]
        idle = present.drop(facilities.index)
        supply[kind] = replace(before, facilities=facilities, distance=distance, idle=idle)
    paths = prepared.shortest_paths
    if paths is not None:
        found = find_shortest_paths(paths.walking_network, supply, prepared.demand)
        paths = ShortestPaths(paths.walking_network, {**paths.by_kind, **found.by_kind})
    return replace(
        prepared,
        facilities=changed.facilities,
        supply={**prepared.supply, **supply},
        shortest_paths=paths,
    )


def _distances(
    prepared: PreparedCity, part: PreparedCity, kind: str, facilities: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    """Straight lines of all residents: those of the part anew, and of who lives in no community."""
    distance, demand = prepared.supply[kind].distance.copy(), prepared.demand
    if demand is None:
        return distance
    positions = prepared.communities.index.get_indexer(part.communities.index)
    distance[demand.part(positions)[1]] = part.supply[kind].distance
    outside = demand.membership == OUTSIDE
    x, y = demand.places(outside).T
    distance[outside] = nearest_distance(x, y, facilities)
    return distance


def _walked(prepared: PreparedCity, whole: PreparedCity, kinds: set[str]) -> NDArray[np.int64]:
    """Find the communities in which any walking distance moved."""
    before, after, demand = prepared.shortest_paths, whole.shortest_paths, prepared.demand
    touched = np.zeros(len(prepared.communities), dtype=bool)
    if before is None or after is None or demand is None:
        return np.flatnonzero(touched)
    for kind in kinds & set(before.by_kind):
        old, new = before.by_kind[kind], after.by_kind[kind]
        rows = (old.distance != new.distance) | (old.lower_bound != new.lower_bound)
        rows |= old.idle_distance != new.idle_distance
        places = demand.membership[rows]
        touched[places[places != OUTSIDE]] = True
        was, now = (each.measured["nearest_distance_m"].fillna(np.inf) for each in (old, new))
        touched |= (was != now).to_numpy()
    return np.flatnonzero(touched)


def _with_paths(part: PreparedCity, prepared: PreparedCity, whole: PreparedCity) -> PreparedCity:
    """Give the part its share of the paths, which are found in the whole city."""
    paths, demand = whole.shortest_paths, prepared.demand
    assert paths is not None  # noqa: S101  the caller has looked
    positions = prepared.communities.index.get_indexer(part.communities.index)
    rows = np.empty(0, dtype=np.int64) if demand is None else demand.part(positions)[1]
    by_kind = {
        kind: NearestPaths(
            each.distance[rows],
            each.lower_bound[rows],
            each.measured.iloc[positions],
            each.idle_distance[rows],
            each.slope_bound[rows],
        )
        for kind, each in paths.by_kind.items()
        if kind in part.supply
    }
    return replace(part, shortest_paths=ShortestPaths(paths.walking_network, by_kind))


def _patched(
    before: Assessment,
    part: PreparedCity,
    kinds: set[str],
    touched: NDArray[np.int64],
    index: pd.Index,
) -> pd.DataFrame:
    """Put the rows of the communities touched in place of the earlier ones."""
    standard = before.standard
    rules = tuple(rule for rule in standard.rules if rule.kind in kinds)
    # Each rule by its own measures: where none was chosen they differ from rule to rule.
    by_rule = [(rule, [m for r, m in before.judged if r.id == rule.id]) for rule in rules]
    judged = [
        assess(part, replace(standard, rules=(rule,)), measures=measures).coverage
        for rule, measures in by_rule
    ]
    new = pd.concat(judged, ignore_index=True)
    place = part.communities.index.get_indexer(index[touched])
    blocks = [rule.kind in kinds for rule, _ in before.judged]
    source = np.arange(len(before.coverage))
    for number, block in enumerate(np.flatnonzero(blocks)):
        rows = len(before.coverage) + number * len(part.communities) + place
        source[block * len(index) + touched] = rows
    return pd.concat([before.coverage, new], ignore_index=True).take(source).reset_index(drop=True)


def _summed(
    baseline: Baseline,
    changed: ChangedFacilities,
    whole: PreparedCity,
    after: Assessment,
    kinds: set[str],
) -> pd.DataFrame:
    """Add up the rules on the kinds that changed; the others are as they were."""
    before = after.summary
    parts = []
    for rule, measure in after.judged:
        if rule.kind in kinds:
            city = _with_vicinity(baseline, changed, whole, rule)
            parts.append(summarise(city, [(rule, after.rows_of(rule.id, measure))]))
        else:
            same = (before["rule"] == rule.id) & (before["measure"] == measure)
            parts.append(before[same])
    return pd.concat(parts, ignore_index=True)


def _with_vicinity(
    baseline: Baseline, changed: ChangedFacilities, whole: PreparedCity, rule: Rule
) -> PreparedCity:
    """Give the city with what is in reach at the radius of one rule."""
    radius = rule.service_radius_m
    if radius is None:
        return whole
    kind, before = rule.kind, baseline.prepared.supply[rule.kind]
    supply = whole.supply[kind]
    vicinity = before.vicinity.with_others(
        supply.facilities,
        _came_from(baseline, changed, before, supply.facilities),
        baseline.in_reach[kind, radius],
        radius,
    )
    return replace(whole, supply={**whole.supply, kind: replace(supply, vicinity=vicinity)})


def _came_from(
    baseline: Baseline, changed: ChangedFacilities, before: Supply, now: gpd.GeoDataFrame
) -> NDArray[np.int64]:
    """Position among the earlier supply of each facility that serves now, or -1."""
    row = changed.came_from[changed.facilities.index.get_indexer(now.index)]
    names = baseline.prepared.facilities.index
    place = before.facilities.index.get_indexer(names)
    place = np.append(place, -1)  # the last one is what has no row
    found: NDArray[np.int64] = place[row]
    return found
