"""Rounds of inspection: what they found, what became of it, what the city had known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.handling.kpis import time_to_close
from analysis.handling.ranking import wilson_interval
from analysis.handling.verification import not_cancelled
from analysis.issues.due_dates import text_column
from analysis.issues.moments import after_day, as_they_stood
from analysis.model.contracts import stated

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    import geopandas as gpd
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
    "judged", "known", "known_share", "known_low_share", "known_high_share", "chance_share",
    "not_judged", "reason",
)  # fmt: skip
NO_OWN_CHECKS, OWN_ROUND, NO_LEVEL, NO_PLACE_OR_TIME = REASONS = (
    "no_own_checks", "own_round", "no_level", "no_place_or_time",
)  # fmt: skip
"""Why agreement cannot be judged."""
READ = ("x", "y", "category", "reported_at", "stage", "inspection", "source_level")
"""Columns of issues that agreement looks at."""
SHIFTS = 48
"""Other places at which each finding is tried to tell what chance alone would match."""
NEAREST, FARTHEST = 2, 10
"""Their least and greatest distance from its own, as a multiple of the distance for a match."""


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
    return received[stated(text_column(received, "inspection"))]


def rounds(issues: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """
    Tell of every round what it found and how much of it is rectified.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    as_of
        The day that is looked at, to its end. What was closed later counts as open.

    Returns
    -------
    rounds
        `ROUND_COLUMNS` on `inspection`, the latest round first: level of most of its findings;
        days of its first and last one; how many there are, are closed, open, or of a status that
        is not known (closed and open are missing where that of none is); the share rectified of
        those known with Wilson's 95 % limits, missing where none is known; and the median
        of days from finding to closing (`analysis.handling.kpis.time_to_close`), missing while
        more than half are open.
    """
    found = inspected(issues)
    found = found[~after_day(found["reported_at"], as_of)]
    names = text_column(found, "inspection")
    rows = {}
    for name, cases in found.groupby(names):
        level = text_column(cases, "source_level").fillna("")
        days = cases["reported_at"]
        _, closing = time_to_close(as_they_stood(cases, as_of), as_of=as_of)
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


def _counted(cases: pd.DataFrame, as_of: dt.date) -> dict[str, float]:
    status = as_they_stood(cases, as_of)["status"]
    closed, waiting = int(status.eq("closed").sum()), int(status.eq("open").sum())
    known = closed + waiting > 0
    return {
        "findings": len(cases),
        "rectified": closed if known else np.nan,
        "open": waiting if known else np.nan,
        "unknown": len(cases) - closed - waiting,
    }


def _with_share(table: pd.DataFrame) -> pd.DataFrame:
    hits = table["rectified"].to_numpy(dtype=float)
    known = hits + table["open"].to_numpy(dtype=float)
    low, high = wilson_interval(hits, known)
    share = hits / np.where(known > 0, known, np.nan)
    counts = table[["rectified", "open"]].astype("Float64").astype("Int64")
    return table.assign(**counts, share=share, low_share=low, high_share=high)


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
    until = ~after_day(found["reported_at"], as_of)
    return as_they_stood(found[until & text_column(found, "inspection").eq(name)], as_of)


def known_before(
    issues: pd.DataFrame, name: str, *, within_m: float, within_days: int
) -> pd.Series[float]:
    """
    Tell which findings of a round the city's own checks had known before.

    A finding was known if checks of a lower level (`LADDER`) than its own reported the same
    category, at most so far away and at most so long before, not later; whether that
    report was closed meanwhile does not matter. Reports of the public are no checks. Where one
    category is reported all over the place, some agreement is chance (`known_by_chance`).

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
    known = _of_round(issues, name)
    for mine, checks in _against_checks(issues, name):
        known[mine.index] = _matched(mine, checks, within_m, within_days)
    return known.rename("known")


def _of_round(issues: pd.DataFrame, name: str) -> pd.Series[float]:
    """Give a missing number for every finding of a round."""
    received = not_cancelled(issues)
    return pd.Series(np.nan, index=received.index[text_column(received, "inspection").eq(name)])


def _against_checks(issues: pd.DataFrame, name: str) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Give the findings of a round that can be judged, level by level, with the checks below."""
    received = not_cancelled(issues)
    level = text_column(received, "source_level").fillna("")
    own = text_column(received, "inspection").eq(name)
    for each in LADDER[1:]:
        mine = received[own & level.eq(each)]
        mine = mine[_placed(mine)]
        if mine.empty:
            continue
        checks = received[level.isin(LADDER[: LADDER.index(each)]) & ~own]
        checks = checks[_placed(checks)]
        if len(checks):
            yield mine, checks


def _placed(table: pd.DataFrame) -> pd.Series[bool]:
    placed = table["x"].notna() & table["y"].notna() & table["reported_at"].notna()
    return placed & stated(table["category"])


def _matched(
    mine: pd.DataFrame, checks: pd.DataFrame, within_m: float, within_days: int
) -> NDArray[np.float64]:
    """Whether a check is near each finding in place and time, and of its category."""
    found, span = np.zeros(len(mine)), np.timedelta64(within_days, "D")
    times = mine["reported_at"].to_numpy("datetime64[ns]")
    checked = checks["reported_at"].to_numpy("datetime64[ns]")
    recent = (checked >= times.min() - span) & (checked <= times.max())
    here, there = (each[["x", "y"]].to_numpy(dtype=float) for each in (mine, checks))
    there, checked, of_check = there[recent], checked[recent], checks["category"].to_numpy()[recent]
    for category, rows in mine.groupby("category").indices.items():
        alike = of_check == category
        near = cKDTree(here[rows]).sparse_distance_matrix(
            cKDTree(there[alike]), within_m, output_type="ndarray"
        )
        spent = times[rows][near["i"]] - checked[alike][near["j"]]
        found[rows[near["i"][(spent >= np.timedelta64(0)) & (spent <= span)]]] = 1
    return found


def known_by_chance(
    issues: pd.DataFrame,
    name: str,
    *,
    within_m: float,
    within_days: int,
    communities: gpd.GeoDataFrame,
) -> pd.Series[float]:
    """
    Tell how often each finding of a round would have been known at another place near by.

    Day and category stay; the place is moved to `SHIFTS` points around it, `NEAREST` to
    `FARTHEST` times `within_m` away and evenly spread over that ring, those outside the
    communities left out. Checks that are dense there match as well by chance. Not modelled:
    what is built at these points; where checks and inspectors both keep to a few streets, some
    of what is beyond chance is that.

    Parameters
    ----------
    issues, name, within_m, within_days
        As in `known_before`.
    communities
        As in `analysis.model.contracts`, in the CRS of the issues.

    Returns
    -------
    by_chance
        0-1 on the findings of the round; missing as in `known_before`, and where no such point
        lies in a community.
    """
    chance = _of_round(issues, name)
    number = np.arange(SHIFTS)
    apart = within_m * np.sqrt(NEAREST**2 + (FARTHEST**2 - NEAREST**2) * (number + 0.5) / SHIFTS)
    angle = number * np.pi * (3 - np.sqrt(5))  # the golden angle leaves no direction out
    for mine, checks in _against_checks(issues, name):
        parts = mine[["x", "y", "category", "reported_at"]].reset_index(drop=True)
        moved = parts.loc[parts.index.repeat(SHIFTS)].reset_index(drop=True)
        x = moved["x"] + np.tile(apart * np.cos(angle), len(mine))
        y = moved["y"] + np.tile(apart * np.sin(angle), len(mine))
        inside = community_of(x, y, communities) != OUTSIDE
        hits = np.zeros(len(moved))
        if inside.any():
            shifted = moved.assign(x=x, y=y)[inside]
            hits[inside] = _matched(shifted, checks, within_m, within_days)
        hits, counts = (each.reshape(-1, SHIFTS).sum(axis=1) for each in (hits, inside))
        chance[mine.index] = hits / np.where(counts > 0, counts, np.nan)
    return chance.rename("by_chance")


def agreement(
    issues: pd.DataFrame,
    names: pd.Index,
    *,
    within_m: float,
    within_days: int,
    communities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """
    Tell what share of every round's findings the city's own checks had known before.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    names
        Of the rounds, as from `rounds`.
    within_m, within_days, communities
        As in `known_by_chance`.

    Returns
    -------
    agreement
        `AGREEMENT_COLUMNS` on `names`: findings that can be judged, known ones, their share with
        Wilson's 95 % limits (findings are taken as independent; several at one place make the
        true interval wider); the mean of `known_by_chance`; findings that cannot be judged, and
        one of `REASONS` where none can.
    """
    # the rest of a register is not taken along through every round
    issues = issues[[column for column in READ if column in issues]]
    level = text_column(issues, "source_level").fillna("")
    rows = []
    for name in names:
        known = known_before(issues, name, within_m=within_m, within_days=within_days)
        chance = known_by_chance(
            issues, name, within_m=within_m, within_days=within_days, communities=communities
        ).mean()
        judged = int(known.notna().sum())
        levels = set(level[known.index])
        reason = ""
        if not judged:
            reason = _why_not(levels, has_checks=bool(level.isin(LADDER).any()))
        rows.append((judged, int(known.sum()), chance, len(known) - judged, reason))
    columns = ["judged", "known", "chance_share", "not_judged", "reason"]
    table = pd.DataFrame(rows, columns=columns, index=names)
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
