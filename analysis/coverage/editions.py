"""
What changed between two editions of facilities: what opened, closed, moved, and for whom.

Communities, people and land are those of today on both dates, so that a change of coverage
comes from the facilities alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.access.prepared_city import with_facilities, with_shortest_paths
from analysis.coverage.assessment import assess
from analysis.coverage.catchment import pairs_within
from analysis.coverage.figures import STRAIGHT, distances_of, measures_of
from analysis.coverage.verdicts import FAILS, MEETS
from analysis.model.contracts import SUPPLY_STATUS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.model.standards import Rule, Standard

OPENED, CLOSED, MOVED, UNCHANGED, IDLE = "opened", "closed", "moved", "unchanged", "idle"
OUTCOMES = (OPENED, CLOSED, MOVED, UNCHANGED, IDLE)
BY_ID, BY_NAME, BY_PLACE, ALONE = "id", "name", "place", "none"
MATCHES = (BY_ID, BY_NAME, BY_PLACE, ALONE)
UP, DOWN, SAME, UNCLEAR = "up", "down", "same", "unclear"
CROSSINGS = (UP, DOWN, SAME, UNCLEAR)
NEAR_M = 300.0
"""Two rows of one name, or of one identifier but another name, are one facility so near."""
SAME_PLACE_M = 10.0
"""Two rows of another name and identifier are one facility so near: it was renamed."""
STILL_M = 20.0
"""A facility that is not farther from where it was has not moved: coordinates differ so."""
FACILITY_CHANGE_COLUMNS = (
    "facility_id", "facility_id_then", "kind", "name", "outcome", "matched_by", "moved_m",
    "status_then", "status", "x", "y", "x_then", "y_then",
)  # fmt: skip
CHANGE_COLUMNS = (
    "community_id", "community", "parent", "kind", "standard", "rule", "measure",
    "service_radius_m", "figure", "minimum", "value_then", "value", "verdict_then", "verdict",
    "crossed", "population", "population_covered_then", "population_covered", "people_gained",
    "people_lost", "facilities_inside_then", "facilities_inside",
)  # fmt: skip


@dataclass(frozen=True)
class EditionComparison:
    """
    What changed between then and now.

    Attributes
    ----------
    kinds
        Those compared: the ones that both editions know.
    facilities
        One row a facility of either edition, columns `FACILITY_CHANGE_COLUMNS`.
    change
        One row a community × rule on these kinds, columns `CHANGE_COLUMNS`.
    """

    kinds: tuple[str, ...]
    facilities: pd.DataFrame
    change: pd.DataFrame

    def counts(self, kind: str) -> pd.Series[int]:
        """
        Count the facilities of a kind by outcome.

        Parameters
        ----------
        kind
            One of `kinds`.

        Returns
        -------
        counts
            By every outcome of `OUTCOMES`. Supply then is closed + moved + unchanged,
            supply now is opened + moved + unchanged.
        """
        found = self.facilities.loc[self.facilities["kind"] == kind, "outcome"]
        counts: pd.Series[int] = found.value_counts().reindex(list(OUTCOMES), fill_value=0)
        return counts


def compare(
    prepared: PreparedCity,
    then: gpd.GeoDataFrame,
    standard: Standard,
    *,
    measures: Sequence[str] = (STRAIGHT,),
) -> EditionComparison:
    """
    Compare the facilities of two dates, and what they mean for communities and people.

    Parameters
    ----------
    prepared
        The city of today, from `analysis.access.prepared_city.prepare`.
    then
        Those of another date or edition, in the same CRS. Kinds that it has no row of are
        not compared.
    standard
        Whose rules are judged on both dates.
    measures
        As in `analysis.coverage.assessment.assess`; each rule is judged by the first that it can
        be judged by.

    Returns
    -------
    comparison
        People gained are those within reach now but not then, lost the reverse, place by
        place; without a residents layer they are not known. By walking distance, within reach for
        certain is meant.

    Raises
    ------
    FrameError
        If a frame breaks its contract or the CRS differ.
    """
    kinds = tuple(kind for kind in prepared.supply if kind in set(then["kind"]))
    before = with_facilities(prepared, then, kinds=kinds)
    if prepared.shortest_paths is not None:
        before = with_shortest_paths(before, prepared.shortest_paths.walking_network)
    rules = tuple(rule for rule in standard.rules if rule.kind in kinds)
    change = pd.DataFrame(columns=list(CHANGE_COLUMNS))
    if rules:
        narrowed = replace(standard, rules=rules)
        change = _change(prepared, before, narrowed, measures)
    facilities = facilities_change(then, prepared.facilities, kinds=kinds)
    return EditionComparison(kinds, facilities, change)


def facilities_change(
    then: gpd.GeoDataFrame, now: gpd.GeoDataFrame, *, kinds: Collection[str]
) -> pd.DataFrame:
    """
    Tell of every facility of either edition what became of it.

    Two rows of one kind are one facility if they have the same identifier and are near
    (`NEAR_M`) or have the same name; else the same name and are near; else are at the same
    place (`SAME_PLACE_M`). Each row is matched once, the nearest pair first; an identifier
    that was given to something else far away matches nothing.

    Parameters
    ----------
    then, now
        As in `analysis.model.contracts`, in one CRS.
    kinds
        Those compared.

    Returns
    -------
    change
        Columns `FACILITY_CHANGE_COLUMNS`. Opened: supply now and not then, by status or as
        a new row. Closed: supply then and not now, by status or because the row is gone.
        Moved and unchanged: supply on both dates, farther than `STILL_M` apart or not.
        Idle: supply on neither. What left no row on one date has no columns of that date.
    """
    tables = [_joined(then[then["kind"] == kind], now[now["kind"] == kind], kind) for kind in kinds]
    if not tables:
        return pd.DataFrame(columns=list(FACILITY_CHANGE_COLUMNS))
    return pd.concat(tables, ignore_index=True)


def _joined(then: gpd.GeoDataFrame, now: gpd.GeoDataFrame, kind: str) -> pd.DataFrame:
    pairs = match_facilities(then, now)
    gone = np.setdiff1d(np.arange(len(then)), pairs["then"])
    new = np.setdiff1d(np.arange(len(now)), pairs["now"])
    rows = pd.concat(
        [
            pairs,
            pd.DataFrame({"then": gone, "now": -1, "matched_by": ALONE}),
            pd.DataFrame({"then": -1, "now": new, "matched_by": ALONE}),
        ],
        ignore_index=True,
    )
    old = _at(then, rows["then"]).add_suffix("_then")
    table = pd.concat([_at(now, rows["now"]), old, rows[["matched_by", "moved_m"]]], axis=1)
    table["name"] = table["name"].where(table["name"].notna(), table["name_then"])
    served = table["status_then"].isin(SUPPLY_STATUS)
    serves = table["status"].isin(SUPPLY_STATUS)
    table["outcome"] = np.select(
        [served & serves & (table["moved_m"] > STILL_M), served & serves, serves, served],
        [MOVED, UNCHANGED, OPENED, CLOSED],
        IDLE,
    )
    return table.assign(kind=kind)[list(FACILITY_CHANGE_COLUMNS)]


def _at(facilities: gpd.GeoDataFrame, rows: pd.Series[int]) -> pd.DataFrame:
    """Take the facilities of some rows; empty where there is none (-1)."""
    points = facilities.geometry
    plain = pd.DataFrame(
        {
            "facility_id": facilities.index.astype(object),
            "name": facilities["name"].astype(object).to_numpy(),
            "status": facilities["status"].astype(object).to_numpy(),
            "x": points.x.to_numpy(),
            "y": points.y.to_numpy(),
        }
    )
    return plain.reindex(rows).reset_index(drop=True)


def match_facilities(then: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Pair the rows of two editions that are the same facility.

    Parameters
    ----------
    then, now
        Facilities of one kind, in one CRS.

    Returns
    -------
    pairs
        Columns `then`, `now` (positions), `matched_by` (`MATCHES`), `moved_m`; each
        position at most once.
    """
    places, sites = (shapely.get_coordinates(each.geometry.to_numpy()) for each in (then, now))
    names, others = (_plain_names(each) for each in (then, now))
    near = pairs_within(places, sites, service_radius=NEAR_M)
    old, new = near.place, near.facility
    alike = (names[old] == others[new]) & (names[old] != "")
    same_place = near.distance_m <= SAME_PLACE_M
    both = then.index.intersection(now.index)
    mine, theirs = then.index.get_indexer(both), now.index.get_indexer(both)
    apart = np.hypot(*(places[mine] - sites[theirs]).T)
    named = (names[mine] == others[theirs]) & (names[mine] != "")
    same = named | (apart <= NEAR_M)
    stages = [
        (BY_ID, mine[same], theirs[same], apart[same]),
        (BY_NAME, old[alike], new[alike], near.distance_m[alike]),
        (BY_PLACE, old[same_place], new[same_place], near.distance_m[same_place]),
    ]
    return _once(stages)


def _plain_names(facilities: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Names without capitals and blanks."""
    plain = ["".join(str(name).casefold().split()) for name in facilities["name"]]
    return np.array(plain, dtype=object)


def _once(
    stages: list[tuple[str, NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]],
) -> pd.DataFrame:
    """Take pairs stage by stage, the nearest first, each position once."""
    taken_then: set[int] = set()
    taken_now: set[int] = set()
    rows = []
    for how, old, new, metres in stages:
        order = np.lexsort((new, old, metres))
        for place in order.tolist():
            first, second = int(old[place]), int(new[place])
            if first in taken_then or second in taken_now:
                continue
            taken_then.add(first)
            taken_now.add(second)
            rows.append((first, second, how, float(metres[place])))
    table = pd.DataFrame(rows, columns=["then", "now", "matched_by", "moved_m"])
    return table.astype({"then": int, "now": int, "moved_m": float})


def _change(
    now: PreparedCity, then: PreparedCity, standard: Standard, measures: Sequence[str]
) -> pd.DataFrame:
    """Join the coverage of both dates, and count who gained and who lost."""
    after, before = (
        assess(each, standard, measures=measures).scored.coverage.reset_index(drop=True)
        for each in (now, then)
    )
    earlier = ("value", "verdict", "population_covered", "facilities_inside")
    table = after.assign(**{f"{name}_then": before[name] for name in earlier})
    pairs = list(zip(table["verdict_then"], table["verdict"], strict=True))
    table["crossed"] = [_crossed(*pair) for pair in pairs]
    people = [_people(now, then, rule, measures) for rule in standard.rules]
    for name in ("people_gained", "people_lost"):
        table[name] = np.concatenate([each[name] for each in people])
    return table[list(CHANGE_COLUMNS)]


def _crossed(before: str, after: str) -> str:
    if before == after:
        return SAME
    return {(FAILS, MEETS): UP, (MEETS, FAILS): DOWN}.get((before, after), UNCLEAR)


def _people(
    now: PreparedCity, then: PreparedCity, rule: Rule, measures: Sequence[str]
) -> pd.DataFrame:
    """People of each community who came within reach of a rule's kind, and who lost it."""
    index, radius = now.communities.index, rule.service_radius_m
    if now.demand is None or radius is None:
        return pd.DataFrame({"people_gained": np.nan, "people_lost": np.nan}, index=index)
    measure = measures_of(rule, measures)[0]
    covered, was = (distances_of(each, rule.kind, measure).known <= radius for each in (now, then))
    return pd.DataFrame(
        {
            "people_gained": now.demand.people_where(covered & ~was),
            "people_lost": now.demand.people_where(was & ~covered),
        }
    )
