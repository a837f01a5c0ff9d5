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
    return issues.assign(
        handled_at=handled.astype(reported.dtype),
        leader=issues["unit"].map(_leaders(issues["unit"], rng)),
        inspection=(quarter + issues["source"]).where(found, ""),
    )


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
