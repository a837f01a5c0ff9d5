"""Rounds of inspection: what they found, what became of it, what the city had known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from analysis.handling.kpis import time_to_close
from analysis.handling.ranking import wilson_interval
from analysis.handling.verification import not_cancelled
from analysis.issues.due_dates import text_column
from analysis.issues.moments import in_zone

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

OWN_LEVEL = "self"
LADDER = (OWN_LEVEL, "city", "province", "national")
"""Levels of inspectors, the city's own checks first; the public is none."""
ROUND_COLUMNS = (
    "level", "first_day", "last_day", "findings", "rectified", "open", "unknown", "share",
    "low_share", "high_share", "median_days",
)  # fmt: skip
AREA_COLUMNS = (
    "community_id", "community", "parent", "findings", "rectified", "open", "unknown", "share",
    "low_share", "high_share",
)  # fmt: skip
AGREEMENT_COLUMNS = (
    "judged", "known", "known_share", "known_low_share", "known_high_share", "not_judged", "reason",
)  # fmt: skip
NO_OWN_CHECKS, OWN_ROUND, NO_LEVEL, NO_PLACE_OR_TIME = REASONS = (
    "no_own_checks", "own_round", "no_level", "no_place_or_time",
)  # fmt: skip
"""Why agreement cannot be judged."""


def names_rounds(issues: pd.DataFrame | None) -> bool:
    """
    Tell whether issues say which round of inspection found them.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`, or none.

    Returns
    -------
    named
        Whether there is a column of rounds.
    """
    return issues is not None and "inspection" in issues


def inspected(issues: pd.DataFrame) -> pd.DataFrame:
    """
    Keep what rounds of inspection have found.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.

    Returns
    -------
    findings
        Those with a round in `inspection` that are not cancelled.
    """
    received = not_cancelled(issues)
    return received[text_column(received, "inspection").fillna("").ne("")]


def rounds(issues: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """
    Tell of every round what it found and how much of it is rectified.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    as_of
        The day that is looked at; a plain day means its first instant. What was closed later
        counts as open.

    Returns
    -------
    rounds
        `ROUND_COLUMNS` on `inspection`, the latest round first: level of most of its findings;
        days of its first and last one; how many there are, are closed, open, or of a status or
        time of closing that is not known; the share rectified of those known with Wilson's 95 %
        limits, missing where none is known; and the median of days from finding to closing
        (`analysis.handling.kpis.time_to_close`), missing while more than half are open.
    """
    found = inspected(issues)
    found = found[~(found["reported_at"] >= in_zone(as_of, found["reported_at"].dt.tz))]
    names = text_column(found, "inspection")
    rows = {}
    for name, cases in found.groupby(names):
        level = text_column(cases, "source_level").fillna("")
        days = cases["reported_at"]
        _, closing = time_to_close(_as_of(cases, as_of), as_of=as_of)
        rows[str(name)] = {
            "level": str(level.mode().iloc[0]) if level.ne("").any() else "",
            "first_day": days.min(),
            "last_day": days.max(),
            **_counted(cases, as_of),
            "median_days": closing["median_days"].iloc[0],
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("inspection")
    table = _with_share(table.reindex(columns=list(ROUND_COLUMNS)))
    return table.sort_values(["last_day", "first_day"], ascending=False, kind="stable")


def _as_of(cases: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Cases as they stood on a day: what was closed later was open."""
    later = cases["closed_at"] >= in_zone(as_of, cases["closed_at"].dt.tz)
    return cases.assign(
        status=cases["status"].mask(later, "open"), closed_at=cases["closed_at"].mask(later)
    )


def _counted(cases: pd.DataFrame, as_of: dt.date) -> dict[str, int]:
    stood = _as_of(cases, as_of)
    closed = stood["status"].eq("closed")
    told = closed & stood["closed_at"].notna()
    open_ = stood["status"].eq("open")
    return {
        "findings": len(cases),
        "rectified": int(told.sum()),
        "open": int(open_.sum()),
        "unknown": int((~told & ~open_).sum()),
    }


def _with_share(table: pd.DataFrame) -> pd.DataFrame:
    hits = table["rectified"].to_numpy(dtype=float)
    known = hits + table["open"].to_numpy(dtype=float)
    low, high = wilson_interval(hits, known)
    share = hits / np.where(known > 0, known, np.nan)
    return table.assign(share=share, low_share=low, high_share=high)


def round_areas(cases: pd.DataFrame, name: str, *, as_of: dt.date) -> pd.DataFrame:
    """
    Tell of every community what a round found there.

    Parameters
    ----------
    cases
        Issues with `community_id`, `community` and `parent`.
    name
        Of the round.
    as_of
        As in `rounds`.

    Returns
    -------
    areas
        `AREA_COLUMNS`, most findings first; what lies in no community stands under an empty one.
    """
    own = round_findings(cases, name, as_of=as_of)
    keys = ["community_id", "community", "parent"]
    rows = [
        {**dict(zip(keys, key, strict=True)), **_counted(group, as_of)}
        for key, group in own.groupby([own[each].fillna("") for each in keys])
    ]
    table = _with_share(pd.DataFrame(rows, columns=list(AREA_COLUMNS)))
    return table.sort_values("findings", ascending=False, kind="stable", ignore_index=True)


def round_findings(cases: pd.DataFrame, name: str, *, as_of: dt.date) -> pd.DataFrame:
    """
    Give what a round had found by a day, as it stood then.

    Parameters
    ----------
    cases
        Issues.
    name
        Of the round.
    as_of
        As in `rounds`.

    Returns
    -------
    findings
        Rows of `cases`; what was closed later is open.
    """
    found = inspected(cases)
    until = ~(found["reported_at"] >= in_zone(as_of, found["reported_at"].dt.tz))
    return _as_of(found[until & text_column(found, "inspection").eq(name)], as_of)


def known_before(
    issues: pd.DataFrame, name: str, *, within_m: float, within_days: int
) -> pd.Series[float]:
    """
    Tell which findings of a round the city's own checks had known before.

    A finding was known if checks of a lower level (`LADDER`) than its own reported the same
    category, at most so far away and at most so long before, not later; whether that
    report was closed meanwhile does not matter. Reports of the public are no checks. Where one
    category is reported all over the place, some agreement is chance.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    name
        Of the round.
    within_m
        Greatest distance, in metres.
    within_days
        Greatest time before, in days of 24 hours.

    Returns
    -------
    known
        1 or 0 on the findings of the round; missing where level, place, category or time is not
        known, or no lower level of checks is in the register at all.
    """
    received = not_cancelled(issues)
    level = text_column(received, "source_level").fillna("")
    own = text_column(received, "inspection").eq(name)
    known = pd.Series(np.nan, index=received.index[own], name="known")
    for each in LADDER[1:]:
        mine = received[own & level.eq(each)]
        checks = received[level.isin(LADDER[: LADDER.index(each)]) & ~own]
        mine, checks = (table[_placed(table)] for table in (mine, checks))
        if len(mine) and len(checks):
            known[mine.index] = _matched(mine, checks, within_m, within_days)
    return known


def _placed(table: pd.DataFrame) -> pd.Series[bool]:
    placed = table["x"].notna() & table["y"].notna() & table["reported_at"].notna()
    return placed & table["category"].fillna("").ne("")


def _matched(
    mine: pd.DataFrame, checks: pd.DataFrame, within_m: float, within_days: int
) -> NDArray[np.float64]:
    """Whether a check is near each finding in place and time, and of its category."""
    trees = [cKDTree(table[["x", "y"]].to_numpy(dtype=float)) for table in (mine, checks)]
    near = trees[0].sparse_distance_matrix(trees[1], within_m, output_type="ndarray")
    rows, others = near["i"], near["j"]
    alike = mine["category"].to_numpy()[rows] == checks["category"].to_numpy()[others]
    spent = (
        mine["reported_at"].to_numpy("datetime64[ns]")[rows]
        - checks["reported_at"].to_numpy("datetime64[ns]")[others]
    )
    in_time = (spent >= np.timedelta64(0)) & (spent <= np.timedelta64(within_days, "D"))
    found = np.zeros(len(mine))
    found[rows[alike & in_time]] = 1
    return found


def agreement(
    issues: pd.DataFrame, names: pd.Index, *, within_m: float, within_days: int
) -> pd.DataFrame:
    """
    Tell what share of every round's findings the city's own checks had known before.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    names
        Of the rounds, as from `rounds`.
    within_m, within_days
        As in `known_before`.

    Returns
    -------
    agreement
        `AGREEMENT_COLUMNS` on `names`: findings that can be judged, known ones, their share with
        Wilson's 95 % limits (findings are taken as independent; several at one place make the
        true interval wider), findings that cannot be judged, and one of `REASONS` where none can.
    """
    level = text_column(issues, "source_level").fillna("")
    rows = []
    for name in names:
        known = known_before(issues, name, within_m=within_m, within_days=within_days)
        judged = int(known.notna().sum())
        levels = set(level[known.index])
        reason = ""
        if not judged:
            reason = _why_not(levels, has_checks=bool(level.isin(LADDER).any()))
        rows.append((judged, int(known.sum()), len(known) - judged, reason))
    table = pd.DataFrame(rows, columns=["judged", "known", "not_judged", "reason"], index=names)
    low, high = wilson_interval(table["known"], table["judged"])
    share = table["known"] / table["judged"].where(table["judged"] > 0)
    table = table.assign(known_share=share, known_low_share=low, known_high_share=high)
    return table[list(AGREEMENT_COLUMNS)]


def _why_not(levels: set[str], *, has_checks: bool) -> str:
    if levels <= {OWN_LEVEL}:
        return OWN_ROUND
    if not levels & set(LADDER):
        return NO_LEVEL
    return NO_PLACE_OR_TIME if has_checks else NO_OWN_CHECKS
