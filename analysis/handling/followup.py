"""The recipe for follow-up: what came back, where it repeats, whose work holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.funnel import expected_hits
from analysis.handling.kpis import due_cases
from analysis.handling.near_repeats import near_repeats
from analysis.handling.ranking import RANK_COLUMNS, rank_shares
from analysis.handling.recheck import Recheck, judge_recheck, with_results
from analysis.handling.recurrence import follow_closings, repeat_points
from analysis.handling.sampling import sample_size, seed_of, stratified_sample
from analysis.handling.survival import staying_clean
from analysis.issues.counts import most_frequent
from analysis.issues.issue_set import with_communities
from analysis.issues.location import with_community_names
from analysis.issues.selection import in_period, select_issues
from analysis.model.contracts import stated
from analysis.model.question import ALL_ISSUES, FollowUpRule, Selection

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.issues.issue_set import IssueSet

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
    without_place, without_category, without_time
        Closed cases that cannot be followed: without coordinates, without a category (those
        with coordinates), without a time of closing.
    categories_known
        Whether any case has a category: without one nothing comes back or repeats.
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
    near
        `analysis.handling.near_repeats.near_repeats` of the closings: recurrences beside those that
        chance makes where cases are as dense.
    due
        Followed closings that have not come back: those a recheck is drawn from.
    number
        What decided the draw: the public number given, else the last day of the period.
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
    without_category: int
    without_time: int
    categories_known: bool
    curve: pd.DataFrame
    squares: pd.DataFrame
    repeats: pd.DataFrame
    units: pd.DataFrame
    near: pd.DataFrame
    due: int
    number: str
    worklist: pd.DataFrame
    second: Recheck | None

    @property
    def seed(self) -> int:
        """Seed of the random sample."""
        return seed_of(self.number)

    @property
    def expected(self) -> float | None:
        """Recurrences by chance, at distance and days of the rule; `None` without closings."""
        rows = self.near[self.near["days"].eq(self.rule.days)]
        return float(rows["expected"].iloc[-1]) if len(rows) else None

    @property
    def relapsed_share(self) -> float | None:
        """Share of the closings with full follow-up that had a recurrence; `None` without any."""
        return self.relapsed / self.followed if self.followed else None


def follow_up_issues(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    rule: FollowUpRule | None = None,
    results: pd.DataFrame | None = None,
) -> FollowUp:
    """
    Find what came back after it was closed, and what is due for a recheck.

    Parameters
    ----------
    issue_set
        Issues with their communities; observation ends `as_of`.
    selection
        Category, first and last day: of closing for recurrence, of report for repeat
        points and for closing on time. Returns are looked for to the end of observation.
    rule
        What counts; the usual rule by default.
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
    cases = select_issues(issue_set.issues, Selection(selection.category))
    period = _closed(cases, selection)
    every = follow_closings(
        cases, as_of=issue_set.as_of, distance_m=rule.distance_m, days=rule.days
    )
    closings = every[period.index.get_indexer(every.index) >= 0]
    closings = with_communities(closings, issue_set)
    reported = select_issues(issue_set.issues, selection)
    counted = closings[closings["followed"]]
    now, before = (reported, counted), _period_before(cases, every, selection)
    due = counted[~counted["returned"]]
    size = sample_size(len(due), margin_share=rule.margin_share)
    number = rule.draw or f"{selection.until or issue_set.as_of:%Y-%m-%d}"
    drawn = stratified_sample(due["unit"], size=size, seed=seed_of(number))
    worklist = with_results(closings.loc[drawn], results)
    closed = cases[cases["status"].eq("closed")]
    return FollowUp(
        rule=rule,
        closings=closings,
        followed=len(counted),
        relapsed=int(counted["relapsed"].sum()),
        without_place=int(period["x"].isna().sum()),
        without_category=int((period["x"].notna() & ~stated(period["category"])).sum()),
        without_time=int(closed["closed_at"].isna().sum()),
        categories_known=bool(stated(cases["category"]).any()),
        curve=staying_clean(closings["days_clean"], closings["returned"]),
        squares=_squares(counted, issue_set.communities),
        repeats=_repeats(reported, rule, issue_set),
        units=_units(now, before, issue_set, case_mix=rule.case_mix),
        near=near_repeats(
            closings,
            cases[cases["x"].notna() & stated(cases["category"]) & cases["reported_at"].notna()],
            as_of=issue_set.as_of,
            distance_m=rule.distance_m,
            days=rule.days,
        ),
        due=len(due),
        number=number,
        worklist=worklist,
        second=judge_recheck(worklist, due["unit"], results),
    )


def _closed(cases: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Closed cases whose day of closing lies in the period."""
    closed = cases[cases["status"].eq("closed") & cases["closed_at"].notna()]
    return closed[in_period(closed["closed_at"], selection)]


def _period_before(
    cases: pd.DataFrame, closings: pd.DataFrame, selection: Selection
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Reports and followed closings of the period of the same length just before, if any."""
    earliest = cases["reported_at"].min()
    if selection.since is None or selection.until is None or pd.isna(earliest):
        return None
    first, last, earliest = (
        pd.Timestamp(each).tz_localize(None).normalize()
        for each in (selection.since, selection.until, earliest)
    )
    if first <= earliest:
        return None
    end = first - pd.DateOffset(days=1)
    before = Selection(since=end - min(last - first, end - earliest), until=end)
    closed = _closed(cases, before)
    earlier = closings[closed.index.get_indexer(closings.index) >= 0]
    return select_issues(cases, before), earlier[earlier["followed"]]


def _squares(closings: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    column = np.floor(closings["x"] / SQUARE_M).astype(int)
    row = np.floor(closings["y"] / SQUARE_M).astype(int)
    square = ("g" + column.astype(str) + "_" + row.astype(str)).rename("square_id")
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


def _repeats(cases: pd.DataFrame, rule: FollowUpRule, issue_set: IssueSet) -> pd.DataFrame:
    repeats = repeat_points(cases, distance_m=rule.distance_m, least=rule.least)
    members = repeats["case_ids"].explode()
    point = pd.Series(members.index, index=members.to_numpy(), dtype=object)
    home = most_frequent(issue_set.communities_of(point.index), point)
    return with_community_names(
        repeats.assign(community_id=home.reindex(repeats.index)), issue_set.communities
    )


def _units(
    now: tuple[pd.DataFrame, pd.DataFrame],
    before: tuple[pd.DataFrame, pd.DataFrame] | None,
    issue_set: IssueSet,
    *,
    case_mix: bool,
) -> pd.DataFrame:
    """Rank by reports and followed closings of the period, beside those of the one before."""
    tables = []
    for level in LEVELS:
        earlier = {} if before is None else _hits(*before, issue_set, level=level)
        for indicator, facts in _hits(*now, issue_set, level=level).items():
            rank = partial(_rank, more_is_better=INDICATORS[indicator], case_mix=case_mix)
            past = earlier.get(indicator)
            ranked = rank(facts, before=None if past is None else rank(past, before=None))
            tables.append(
                _labelled(ranked, issue_set.communities, level=level, indicator=indicator)
            )
    return pd.concat(tables, ignore_index=True)[list(UNIT_COLUMNS)]


def _rank(
    facts: pd.DataFrame, *, more_is_better: bool, case_mix: bool, before: pd.DataFrame | None
) -> pd.DataFrame:
    expected = facts["expected"] if case_mix else None
    return rank_shares(
        facts["hits"], facts["n"], more_is_better=more_is_better, expected=expected, before=before
    )


def _hits(
    reported: pd.DataFrame,
    counted: pd.DataFrame,
    issue_set: IssueSet,
    *,
    level: str,
) -> dict[str, pd.DataFrame]:
    """Cases, hits and hits expected by category of every unit or community, by indicator."""
    judged = due_cases(reported, as_of=issue_set.as_of)
    on_time = judged["status"].eq("closed") & (judged["closed_at"] <= judged["due_at"])
    found = {}
    for indicator, hit in (("on_time", on_time), ("relapse", counted["relapsed"])):
        frame = judged if indicator == "on_time" else counted
        by = frame["unit"] if level == "unit" else issue_set.communities_of(frame.index)
        by = by.where(stated(by))
        groups = hit.astype(int).groupby(by)
        expected = expected_hits(hit, by, frame["category"])
        found[indicator] = pd.DataFrame(
            {"hits": groups.sum(), "n": groups.size(), "expected": expected}
        )
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
