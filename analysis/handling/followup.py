"""The recipe for follow-up: what came back, where it repeats, whose work holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.kpis import due_cases
from analysis.handling.ranking import RANK_COLUMNS, rank_shares
from analysis.handling.recheck import Recheck, judge_recheck, with_results
from analysis.handling.recurrence import follow_closings, repeat_points
from analysis.handling.sampling import sample_size, stratified_sample
from analysis.handling.survival import staying_clean
from analysis.issues.counts import most_frequent
from analysis.issues.location import locate_cases, with_communities, with_community_names
from analysis.issues.selection import select_issues

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd

SQUARE_M = 200.0
"""Side of the squares in which closings and recurrences are counted, in metres."""
SQUARE_COLUMNS = (
    "rank",
    "community",
    "community_id",
    "parent",
    "followed",
    "relapsed",
    "relapsed_share",
    "top_category",
    "unit",
    "x",
    "y",
)
UNIT_COLUMNS = ("level", "indicator", "unit_id", "name", "parent", *RANK_COLUMNS)
LEVELS = ("unit", "community")
INDICATORS = {"on_time": True, "relapse": False}
"""What units are ranked on, and whether more is better."""


@dataclass(frozen=True)
class FollowUpRule:
    """
    What counts as a return, and how sure the recheck must be.

    Attributes
    ----------
    distance_m
        Greatest distance between cases of one place.
    days
        Length of the follow-up.
    least
        Cases of one category in a month that make a repeat point.
    margin_share
        Half the width of the 95 % interval that the recheck shall give.
    seed
        Of the random sample.
    """

    distance_m: float = 50.0
    days: int = 30
    least: int = 3
    margin_share: float = 0.1
    seed: int = 1


@dataclass(frozen=True, eq=False)
class FollowUp:
    """
    What became of closed cases.

    Attributes
    ----------
    rule
        What counts.
    closings
        `analysis.handling.recurrence.follow_closings` of the closings of the period, with
        `community_id`, `community` and `parent`; missing outside every community.
    followed, relapsed
        Closings with the full follow-up, and how many of them came back within it.
    without_place, without_time
        Closed cases that cannot be followed: without coordinates, without a time of closing.
    curve
        `analysis.handling.survival.staying_clean` of the closings.
    squares
        `SQUARE_COLUMNS`, one row for each square of `SQUARE_M` with a recurrence.
    repeats
        `analysis.handling.recurrence.repeat_points` of the cases reported in the period, with
        `community_id`, `community`, `parent`.
    units
        `UNIT_COLUMNS`: units and communities on each indicator, beside the period of the same
        length just before, as far as there are cases, if the period has a first and a last day.
    due
        Followed closings that have not come back: those a recheck is drawn from.
    worklist
        The rows of `closings` drawn, by unit, with what the recheck found.
    second
        `analysis.handling.recheck.judge_recheck` of the worklist; `None` without results.
    """

    rule: FollowUpRule
    closings: pd.DataFrame
    followed: int
    relapsed: int
    without_place: int
    without_time: int
    curve: pd.DataFrame
    squares: pd.DataFrame
    repeats: pd.DataFrame
    units: pd.DataFrame
    due: int
    worklist: pd.DataFrame
    second: Recheck | None

    @property
    def relapsed_share(self) -> float | None:
        """Share of the closings with full follow-up that had a recurrence; `None` without any."""
        return self.relapsed / self.followed if self.followed else None


def follow_up_issues(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
    category: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    rule: FollowUpRule | None = None,
    membership: pd.Series[str] | None = None,
    results: pd.DataFrame | None = None,
) -> FollowUp:
    """
    Find what came back after it was closed, and what is due for a recheck.

    Parameters
    ----------
    issues, communities
        Frames of one city (`analysis.model.contracts`).
    as_of
        Where observation ends, as in `analysis.handling.recurrence.follow_closings`.
    category
        As in `analysis.issues.selection.select_issues`.
    since, until
        First and last day: of closing for recurrence, of report for repeat points and
        for closing on time. Returns are looked for until `as_of`.
    rule
        What counts; the usual rule by default.
    membership
        `analysis.issues.location.locate_cases` of these or more issues, if known.
    results
        What rechecks found, as in `analysis.handling.recheck.with_results`.

    Returns
    -------
    follow_up
        Counts, places, units and worklist of one question.

    Raises
    ------
    SettingsError
        If the category, the period or a part of the rule cannot be.
    """
    rule = rule or FollowUpRule()
    cases = select_issues(issues, category=category)
    if membership is None:
        membership = locate_cases(cases, communities)
    period = _reported_when_closed(cases, since, until)
    every = follow_closings(cases, as_of=as_of, distance_m=rule.distance_m, days=rule.days)
    closings = every[period.index.get_indexer(every.index) >= 0]
    closings = with_communities(closings, membership, communities)
    reported = select_issues(issues, category=category, since=since, until=until)
    counted = closings[closings["followed"]]
    now, before = (reported, counted), _period_before(cases, every, since, until)
    due = counted[~counted["returned"]]
    size = sample_size(len(due), margin_share=rule.margin_share)
    drawn = stratified_sample(due["unit"], size=size, seed=rule.seed)
    worklist = with_results(closings.loc[drawn], results)
    closed = cases[cases["status"].eq("closed")]
    return FollowUp(
        rule=rule,
        closings=closings,
        followed=len(counted),
        relapsed=int(counted["relapsed"].sum()),
        without_place=int(period["x"].isna().sum()),
        without_time=int(closed["closed_at"].isna().sum()),
        curve=staying_clean(closings["days_clean"], closings["returned"]),
        squares=_squares(counted, communities),
        repeats=_repeats(reported, rule, membership, communities),
        units=_units(now, before, membership, communities, as_of=as_of),
        due=len(due),
        worklist=worklist,
        second=judge_recheck(worklist, due["unit"], results),
    )


def _reported_when_closed(
    cases: pd.DataFrame, since: dt.date | None, until: dt.date | None
) -> pd.DataFrame:
    """Closed cases whose day of closing lies in the period."""
    closed = cases[cases["status"].eq("closed") & cases["closed_at"].notna()]
    by_closing = closed.assign(reported_at=closed["closed_at"])
    return select_issues(by_closing, since=since, until=until)


def _period_before(
    cases: pd.DataFrame, closings: pd.DataFrame, since: dt.date | None, until: dt.date | None
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Reports and followed closings of the period of the same length just before, if any."""
    earliest = cases["reported_at"].min()
    if since is None or until is None or pd.isna(earliest):
        return None
    first, last, earliest = (
        pd.Timestamp(each).tz_localize(None).normalize() for each in (since, until, earliest)
    )
    if first <= earliest:
        return None
    end = first - pd.DateOffset(days=1)
    start = end - min(last - first, end - earliest)
    closed = _reported_when_closed(cases, start, end)
    earlier = closings[closed.index.get_indexer(closings.index) >= 0]
    return select_issues(cases, since=start, until=end), earlier[earlier["followed"]]


def _squares(closings: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    column = np.floor(closings["x"] / SQUARE_M).astype(int)
    row = np.floor(closings["y"] / SQUARE_M).astype(int)
    square = (column.astype(str) + "_" + row.astype(str)).rename("square_id")
    facts = closings.assign(
        followed=1, x=(column + 0.5) * SQUARE_M, y=(row + 0.5) * SQUARE_M
    ).groupby(square)
    table = facts[["followed", "relapsed"]].sum().join(facts[["x", "y"]].first())
    table = table[table["relapsed"] > 0]
    table["relapsed_share"] = table["relapsed"] / table["followed"]
    back = closings[closings["relapsed"]]
    for name, column_of in (("top_category", "category"), ("unit", "unit"),
                            ("community_id", "community_id")):  # fmt: skip
        table[name] = most_frequent(back[column_of], square[back.index]).reindex(table.index)
    table = with_community_names(table, communities).reset_index()
    table = table.sort_values(
        ["relapsed", "relapsed_share", "square_id"], ascending=[False, False, True]
    )
    table["rank"] = np.arange(1, len(table) + 1)
    return table.set_index("square_id")[list(SQUARE_COLUMNS)]


def _repeats(
    cases: pd.DataFrame,
    rule: FollowUpRule,
    membership: pd.Series[str],
    communities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    repeats = repeat_points(cases, distance_m=rule.distance_m, least=rule.least)
    members = repeats["case_ids"].explode()
    point = pd.Series(members.index, index=members.to_numpy(), dtype=object)
    home = most_frequent(membership.reindex(point.index), point)
    return with_community_names(
        repeats.assign(community_id=home.reindex(repeats.index)), communities
    )


def _units(
    now: tuple[pd.DataFrame, pd.DataFrame],
    before: tuple[pd.DataFrame, pd.DataFrame] | None,
    membership: pd.Series[str],
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
) -> pd.DataFrame:
    """Rank by reports and followed closings of the period, beside those of the one before."""
    tables = []
    for level in LEVELS:
        earlier = {} if before is None else _hits(*before, membership, level=level, as_of=as_of)
        for indicator, facts in _hits(*now, membership, level=level, as_of=as_of).items():
            good = INDICATORS[indicator]
            past = earlier.get(indicator)
            old = None if past is None else rank_shares(past.hits, past.n, more_is_better=good)
            ranked = rank_shares(facts.hits, facts.n, more_is_better=good, before=old)
            tables.append(_labelled(ranked, communities, level=level, indicator=indicator))
    return pd.concat(tables, ignore_index=True)[list(UNIT_COLUMNS)]


def _hits(
    reported: pd.DataFrame,
    counted: pd.DataFrame,
    membership: pd.Series[str],
    *,
    level: str,
    as_of: dt.date,
) -> dict[str, pd.DataFrame]:
    """Cases and hits of every unit or community, by indicator."""
    judged = due_cases(reported, as_of=as_of)
    on_time = judged["status"].eq("closed") & (judged["closed_at"] <= judged["due_at"])
    found = {}
    for indicator, hit in (("on_time", on_time), ("relapse", counted["relapsed"])):
        frame = judged if indicator == "on_time" else counted
        by = frame["unit"] if level == "unit" else membership.reindex(frame.index)
        by = by.where(by.notna() & (by != ""))
        groups = hit.astype(int).groupby(by)
        found[indicator] = pd.DataFrame({"hits": groups.sum(), "n": groups.size()})
    return found


def _labelled(
    ranked: pd.DataFrame, communities: gpd.GeoDataFrame, *, level: str, indicator: str
) -> pd.DataFrame:
    key = ranked.index.to_series()
    of_community = level == "community"
    return ranked.assign(
        level=level,
        indicator=indicator,
        unit_id=key,
        name=key.map(communities["name"]) if of_community else key,
        parent=key.map(communities["parent"]) if of_community else "",
    )
