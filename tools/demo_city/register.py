"""What the register of the demo city knows: handling, leaders, rounds, two planted units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SLOW_UNIT = "柳堤街道城管中队"
SLOWER = 6
"""Times as long as others that the slow unit takes to close and to check."""
SLOW_UNTIL = np.datetime64("2026-04-01")
SMALL_UNIT = "市园林绿化队"
SMALL_CASES = 3
SMALL_SINCE = np.datetime64("2025-09-01")
INSPECTED = ("市级督查", "省级暗访")
OWN_CHECKS = ("社区自查", "街道巡查", "市级督查")
ROUND, ROUND_SINCE = "2026年省级暗访回访", np.datetime64("2026-01-01")
ROUND_FINDINGS, ROUND_KNOWN = 20, 6
ROUND_WITHIN = (100.0, 30)
"""Metres and days within which own checks had known six of the round's twenty findings."""
SURNAMES = "陈林黄吴周徐孙马朱胡郭何"
TITLES = ("副主任", "主任", "副局长")


def keep_register(issues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """
    Add what the register knows besides, and plant two units.

    No earlier draw is disturbed: everything here has its own source, and no case is
    opened or closed that was not.
    """
    issues = _slowed(issues)
    issues = _with_small_unit(issues, rng)
    reported, closed = issues["reported_at"].to_numpy(), issues["closed_at"].to_numpy()
    part = rng.uniform(0.7, 0.97, len(issues))
    minutes = (closed - reported).astype("timedelta64[m]").astype(float)
    known = ~np.isnat(closed)
    handled = np.full(len(issues), np.datetime64("NaT"), dtype="datetime64[m]")
    handled[known] = reported[known].astype("datetime64[m]") + np.rint(
        minutes[known] * part[known]
    ).astype("timedelta64[m]")
    quarter = issues["reported_at"].dt.strftime("%Y年第") + (
        issues["reported_at"].dt.quarter.astype(str) + "季度"
    )
    found = issues["source"].isin(INSPECTED)
    rounds = (quarter + issues["source"]).where(found, "")
    return issues.assign(
        handled_at=handled.astype(reported.dtype),
        leader=issues["unit"].map(_leaders(issues["unit"], rng)),
        inspection=rounds.mask(planted_round(issues), ROUND),
    )


def planted_round(issues: pd.DataFrame) -> NDArray[np.bool_]:
    """
    Choose the findings of a round of its own, of which own checks had known exactly so many.

    They are findings of the province that clearly were known (within 90 m and 29 days) or
    clearly were not (nothing within 110 m and 31 days): no rounding moves one over.
    """
    since = issues["reported_at"] >= ROUND_SINCE
    mine = np.flatnonzero(((issues["source"] == INSPECTED[1]) & since).to_numpy())
    own = issues[issues["source"].isin(OWN_CHECKS)]
    chosen = np.zeros(len(issues), dtype=bool)
    wanted = {True: ROUND_KNOWN, False: ROUND_FINDINGS - ROUND_KNOWN}
    for row in mine:
        case = issues.iloc[row]
        same = own[own["category"] == case["category"]]
        far = np.hypot(same["x"] - case["x"], same["y"] - case["y"])
        days = (case["reported_at"] - same["reported_at"]) / np.timedelta64(1, "D")
        sure = bool(((far <= 90) & days.between(0, 29)).any())
        maybe = bool(((far <= 110) & days.between(0, 31)).any())
        if sure == maybe and wanted[sure]:
            wanted[sure] -= 1
            chosen[row] = True
    return chosen


def _slowed(issues: pd.DataFrame) -> pd.DataFrame:
    reported, closed = issues["reported_at"].to_numpy(), issues["closed_at"].to_numpy()
    slow = (issues["unit"] == SLOW_UNIT).to_numpy() & (reported < SLOW_UNTIL) & ~np.isnat(closed)
    later = np.where(slow, (closed - reported) * (SLOWER - 1), np.timedelta64(0, "m"))
    return issues.assign(
        closed_at=closed + later, verified_at=issues["verified_at"].to_numpy() + later
    )


def _with_small_unit(issues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    late = (issues["closed_at"] > issues["due_at"]) & (issues["reported_at"] > SMALL_SINCE)
    usual = issues["unit"].str.endswith("居委会") & (issues["planted"] == "")
    rows = rng.choice(np.flatnonzero(late & usual), SMALL_CASES, replace=False)
    unit = issues["unit"].to_numpy(dtype=object).copy()
    unit[rows] = SMALL_UNIT
    return issues.assign(unit=unit)


def _leaders(units: pd.Series, rng: np.random.Generator) -> dict[str, str]:
    names = sorted(units.unique())
    surname: NDArray[np.int64] = rng.integers(len(SURNAMES), size=len(names))
    title = rng.integers(len(TITLES), size=len(names))
    return {
        name: f"{SURNAMES[first]}{TITLES[second]}"
        for name, first, second in zip(names, surname, title, strict=True)
    }
