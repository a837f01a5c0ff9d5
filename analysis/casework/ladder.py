"""Warning levels: who stays beyond a threshold for months, by more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from analysis.handling.funnel import usual_spread
from analysis.handling.kpis import due_cases
from analysis.handling.ranking import wilson_interval
from analysis.handling.recurrence import follow_closings
from analysis.handling.verification import not_cancelled
from analysis.issues.months import YEAR, last_whole_month, month_name, month_numbers
from analysis.model.ladder import LADDER_INDICATORS, LATE, RELAPSE

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from analysis.issues.issue_set import IssueSet
    from analysis.model.ladder import Ladder
    from analysis.model.question import FollowUpRule

    Bools = NDArray[np.bool_]

LADDER_LEVELS = ("unit", "community", "parent")
"""Who stands on the ladder: units, communities, and what is above these."""
MONTH_COLUMNS = ("level", "indicator", "unit_id", "month", "n", "hits", "share", "low_share")
WARNING_COLUMNS = (
    "level",
    "unit_id",
    "name",
    "parent",
    "indicator",
    "step",
    "since",
    "months",
    "n",
    "hits",
    "share",
    "low_share",
    "threshold",
    "rising",
    "reason",
)
NO_STEP = ""
WIDTH = float(scipy.stats.norm.isf(0.05))
"""Standard errors below a month's share at which its lower limit lies: 95 % on one side."""
RISING_P, RISING_MONTHS = 0.05, 6
"""Greatest p of a rise, and the least months that tell one."""
FRESH = 3
"""Months before the last one in which a month has to be judged, else nothing is said of now."""
TOO_FEW, NOT_LATELY = "too_few", "not_lately"
"""Why there is no word on a unit: no month with cases enough, none of them of late."""


@dataclass(frozen=True, eq=False)
class Warnings:
    """
    Who stands on which level, and the months it rests on.

    Attributes
    ----------
    table
        `WARNING_COLUMNS`, one row for each unit or area and indicator, the highest level
        first. `step` is empty where none is reached, and `reason` says why nothing can be
        told. `since` is the first of the `months` in a row that lie beyond `threshold`; `n`,
        `hits`, `share` and `low_share` are of those months together, or of the last judged
        month where there is no step. `rising` marks who stands one step higher for a rise.
    months
        `MONTH_COLUMNS`, the months with cases of every unit or area.
    spread
        ρ by level and indicator: how much the months of one unit differ beyond chance.
    unknown
        Indicators that the data cannot tell.
    """

    table: pd.DataFrame
    months: pd.DataFrame
    spread: Mapping[tuple[str, str], float]
    unknown: tuple[str, ...]


def warning_levels(issue_set: IssueSet, ladder: Ladder, rule: FollowUpRule) -> Warnings:
    """
    Put units, communities and what is above them on the levels of a ladder.

    A level asks for several months in a row, each beyond the threshold by more than chance and
    by more than its months usually differ. So one bad month raises nobody. Who has a level and
    rises over the year (Kendall's tau of the shares, one-sided) stands one level higher.

    Parameters
    ----------
    issue_set
        Issues with their communities. Months are whole ones, up to `as_of`.
    ladder
        Levels, thresholds and the least number of cases of a month.
    rule
        Distance and days of a recurrence. Its months end where the follow-up is complete.

    Returns
    -------
    warnings
        For the last `YEAR` months.

    Raises
    ------
    SettingsError
        If the rule cannot be.

    Notes
    -----
    A month's lower limit is Wilson's at 95 % on one side, its variance times 1 + (n - 1) ρ.
    A unit whose share is at the threshold is called beyond it in 5 % of months at most, so two
    months in a row in 0.25 %; there is no correction for the number of units. Not modelled:
    that months follow one another in dependence, how hard cases are, reports not made. How many
    cases are reported raises nobody: who reports more would be punished for it.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953; Spiegelhalter (2005),
    doi:10.1136/qshc.2005.013755; Kendall (1938), doi:10.1093/biomet/30.1-2.81.
    """
    months = monthly_shares(issue_set, rule)
    spread: dict[tuple[str, str], float] = {}
    tables, judged = [], []
    for (level, indicator), counted in months.groupby(["level", "indicator"], sort=False):
        rho = monthly_spread(counted)
        facts = counted.assign(low_share=_low(counted["hits"], counted["n"], rho))
        climbed = _climbed(facts, ladder, str(indicator), rho)
        tables.append(climbed.assign(level=str(level), indicator=str(indicator)))
        spread[str(level), str(indicator)] = rho
        judged.append(facts)
    table = pd.concat(tables) if tables else pd.DataFrame()
    table = table.reindex(columns=[*WARNING_COLUMNS]).reset_index(drop=True)
    kept = pd.concat(judged) if judged else months
    known = set(months["indicator"])
    return Warnings(
        table=_ordered(_named(table, issue_set), ladder),
        months=kept.assign(month=[month_name(each) for each in kept["number"]]).reindex(
            columns=list(MONTH_COLUMNS)
        ),
        spread=spread,
        unknown=tuple(each for each in LADDER_INDICATORS if each not in known),
    )


def monthly_shares(issue_set: IssueSet, rule: FollowUpRule) -> pd.DataFrame:
    """
    Count cases of each indicator by month and unit or area.

    Parameters
    ----------
    issue_set, rule
        As in `warning_levels`.

    Returns
    -------
    months
        `level`, `indicator`, `unit_id`, `number` (a month as in `analysis.issues.months`), `n`,
        `hits` and `share`; the last `YEAR` months that are over, of recurrence those whose
        follow-up is. Cases without unit or community are in none of their level.
    """
    cases, end = not_cancelled(issue_set.issues), issue_set.as_of
    due = due_cases(cases, as_of=end)
    late = ~(due["status"].eq("closed") & (due["closed_at"] <= due["due_at"]))
    closings = follow_closings(cases, as_of=end, distance_m=rule.distance_m, days=rule.days)
    closings = closings[closings["followed"]]
    followed_until = pd.Timestamp(end) - pd.Timedelta(days=rule.days)
    parts = []
    for indicator, facts, times, hit, until in (
        (LATE, due, due["due_at"], late, end),
        (RELAPSE, closings, closings["closed_at"], closings["relapsed"], followed_until),
    ):
        last = last_whole_month(until)
        number = pd.Series(month_numbers(times), index=facts.index)
        chosen = number.between(last - YEAR + 1, last)
        homes = issue_set.communities_of(facts.index)
        above = homes.map(issue_set.communities["parent"])
        for level, by in zip(LADDER_LEVELS, (facts["unit"], homes, above), strict=True):
            keys = [by.where(by.ne(""))[chosen].rename("unit_id"), number[chosen].rename("number")]
            groups = hit[chosen].astype(int).groupby(keys)
            counted = groups.agg(n="size", hits="sum").reset_index()
            parts.append(counted.assign(level=str(level), indicator=str(indicator)))
    months = pd.concat(parts, ignore_index=True)
    return months.assign(share=months["hits"] / months["n"])


def monthly_spread(months: pd.DataFrame) -> float:
    """
    Estimate how much the months of one unit differ beyond chance.

    Parameters
    ----------
    months
        `unit_id`, `hits` and `n`, of one level and indicator.

    Returns
    -------
    spread
        ρ of `analysis.handling.funnel.usual_spread`, each month beside its unit's own mean; 0
        where no unit has two months. A unit that changes over the year adds to it.
    """
    groups = months.groupby("unit_id")
    total, count = groups["n"].transform("sum"), groups["n"].transform("size")
    mean = groups["hits"].transform("sum") / total
    chance = months["n"] * mean * (1 - mean) * (1 - months["n"] / total)
    known = (chance > 0) & (count > 1)
    away = (months["hits"] - months["n"] * mean)[known]
    return usual_spread(away**2 / chance[known], months["n"][known])


def _low(hits: ArrayLike, n: ArrayLike, spread: float) -> NDArray[np.float64]:
    """Lower limits of shares whose variance is 1 + (n - 1) ρ times that of chance."""
    size = np.asarray(n, dtype=float)
    dispersion = 1 + (size - 1) * spread
    low, _ = wilson_interval(np.asarray(hits) / dispersion, size / dispersion, width=WIDTH)
    return low


def _climbed(facts: pd.DataFrame, ladder: Ladder, indicator: str, spread: float) -> pd.DataFrame:
    """Find the highest step of every unit of one level; the months are columns here."""
    first = int(facts["number"].max()) - YEAR + 1
    place, units = pd.factorize(facts["unit_id"], sort=True)
    n, hits, low = np.zeros((3, len(units), YEAR))
    for matrix, name in ((n, "n"), (hits, "hits"), (low, "low_share")):
        matrix[place, facts["number"] - first] = facts[name]
    judged = n >= ladder.least_cases
    steps = [(height, step) for height, step in enumerate(ladder.steps) if indicator in step.above]
    rank, run = np.full(len(n), -1), np.ones(len(n), dtype=int)
    for height, step in steps:
        beyond = _run(judged, low > step.above[indicator])
        reached = beyond >= step.months
        rank[reached], run[reached] = height, beyond[reached]
    rests = judged & (np.cumsum(judged[:, ::-1], axis=1)[:, ::-1] <= run[:, None])
    rising = np.zeros(len(n), dtype=bool)
    for row in np.flatnonzero((rank >= 0) & (rank < len(ladder.steps) - 1)):
        shares = hits[row, judged[row]] / n[row, judged[row]]
        rising[row] = _rises(shares)
    sums = {name: np.where(rests, each, 0).sum(axis=1) for name, each in (("n", n), ("hits", hits))}
    told = rests.any(axis=1) & judged[:, -FRESH:].any(axis=1)
    on = told & (rank >= 0)
    ids = np.array([NO_STEP, *(step.id for step in ladder.steps)], dtype=object)
    above = np.array([step.above.get(indicator, np.nan) for step in ladder.steps])
    lowest = above[steps[0][0]] if steps else np.nan
    months = first + rests.argmax(axis=1)
    return pd.DataFrame(
        {
            "unit_id": units,
            "step": ids[np.where(on, rank + 1 + rising, 0)],
            "since": [month_name(each) if each else None for each in np.where(on, months, 0)],
            "months": np.where(on, rests.sum(axis=1), 0),
            "n": np.where(told, sums["n"], np.nan),
            "hits": np.where(told, sums["hits"], np.nan),
            "share": np.where(told, sums["hits"] / np.maximum(sums["n"], 1), np.nan),
            "low_share": np.where(told, _low(sums["hits"], sums["n"], spread), np.nan),
            "threshold": np.where(on, above[rank], np.where(told, lowest, np.nan)),
            "rising": rising & on,
            "reason": np.where(told, "", np.where(judged.any(axis=1), NOT_LATELY, TOO_FEW)),
        }
    )


def _run(judged: Bools, beyond: Bools) -> NDArray[np.int64]:
    """Count the months in a row at the end that lie beyond; months not judged are passed over."""
    broken = np.cumsum((judged & ~beyond)[:, ::-1], axis=1) > 0
    counted: NDArray[np.int64] = (judged[:, ::-1] & ~broken).sum(axis=1)
    return counted


def _rises(shares: NDArray[np.float64]) -> bool:
    if len(shares) < RISING_MONTHS or (shares == shares[0]).all():
        return False
    tau = scipy.stats.kendalltau(np.arange(len(shares)), shares, alternative="greater")
    return bool(tau.pvalue <= RISING_P)


def _named(table: pd.DataFrame, issue_set: IssueSet) -> pd.DataFrame:
    """Call communities by their names; units and what is above are called by their own."""
    key, places = table["unit_id"], issue_set.communities
    of_community = table["level"].eq("community")
    return table.assign(
        name=key.map(places["name"]).where(of_community, key),
        parent=key.map(places["parent"]).where(of_community, ""),
    )


def _ordered(table: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    ranks: dict[Hashable, int] = {step.id: rank for rank, step in enumerate(ladder.steps, start=1)}
    levels = {level: rank for rank, level in enumerate(LADDER_LEVELS)}
    keys = pd.DataFrame(
        {
            "step": -table["step"].map(ranks).fillna(0),
            "level": table["level"].map(levels),
            "share": -table["share"].fillna(-1).astype(float),
            "unit_id": table["unit_id"].astype(str),
            "indicator": table["indicator"].astype(str),
        }
    )
    order = keys.sort_values(keys.columns.to_list()).index
    return table.loc[order].reset_index(drop=True)
