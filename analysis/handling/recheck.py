"""What a recheck found: results of the worklist read back, and the share they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.handling.ranking import wilson_interval

if TYPE_CHECKING:
    import pandas as pd

CLEAN, CAME_BACK, NOT_FOUND = "clean", "came_back", "not_found"
RESULTS = (CLEAN, CAME_BACK, NOT_FOUND)
RESULT_COLUMNS = ("result", "checked_at")


@dataclass(frozen=True)
class Recheck:
    """
    What became of the worklist.

    `judged + not_found + waiting` is the length of the list; with `off_list` every result
    read is accounted for.

    Attributes
    ----------
    judged, came_back
        Cases of the list found clean or come back, and those come back.
    not_found
        Cases whose place was not found: in no share.
    waiting
        Cases of the list without a result.
    off_list
        Results for cases that are not on this list: another period, rule or day of the data.
    share, low_share, high_share
        Of all cases due that have come back, with 95 % limits; `None` before the first
        case is judged.
    uncovered
        Cases due of units with none judged: the share says nothing of them.
    """

    judged: int
    came_back: int
    not_found: int
    waiting: int
    off_list: int
    share: float | None
    low_share: float | None
    high_share: float | None
    uncovered: int


def with_results(worklist: pd.DataFrame, results: pd.DataFrame | None) -> pd.DataFrame:
    """
    Put the results beside the cases of the worklist.

    Parameters
    ----------
    worklist
        Cases drawn, by `issue_id`.
    results
        `RESULT_COLUMNS` by `issue_id`; `None` without any.

    Returns
    -------
    worklist
        With `RESULT_COLUMNS`; empty where there is no result.
    """
    if results is None:
        return worklist.assign(result="", checked_at="")
    found = results.reindex(worklist.index)
    days = found["checked_at"].dt.strftime("%Y-%m-%d").fillna("")
    return worklist.assign(result=found["result"].fillna(""), checked_at=days)


def judge_recheck(
    worklist: pd.DataFrame, due: pd.Series[str], results: pd.DataFrame | None
) -> Recheck | None:
    """
    Estimate the share of cases due that have come back.

    Every unit counts by its cases due; the limits are Wilson's 95 % for as many cases as a
    simple random sample from so few would be worth (finite population correction).

    Parameters
    ----------
    worklist
        From `with_results`.
    due
        Unit of every case due, by `issue_id`: those the list was drawn from.
    results
        As in `with_results`.

    Returns
    -------
    second
        `None` without results.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd edition, Wiley, sections 3.2 and 5.3.
    """
    if results is None:
        return None
    judged = worklist[worklist["result"].isin([CLEAN, CAME_BACK])]
    back = judged["result"].eq(CAME_BACK)
    by_unit = back.groupby(judged["unit"].fillna("")).mean()
    sizes = due.fillna("").value_counts()
    covered = sizes.reindex(by_unit.index)
    share = float((by_unit * covered).sum() / covered.sum()) if len(judged) else None
    low, high = _limits(share, len(judged), int(covered.sum()))
    given = results.index[results["result"].ne("")]
    return Recheck(
        judged=len(judged),
        came_back=int(back.sum()),
        not_found=int(worklist["result"].eq(NOT_FOUND).sum()),
        waiting=int(worklist["result"].eq("").sum()),
        off_list=int((~given.isin(worklist.index)).sum()),
        share=share,
        low_share=low,
        high_share=high,
        uncovered=len(due) - int(covered.sum()),
    )


def _limits(share: float | None, n: int, population: int) -> tuple[float | None, float | None]:
    if share is None:
        return None, None
    if n >= population:
        return share, share
    worth = max(1.0, (n - 1) / (1 - n / population))
    low, high = wilson_interval(np.array([share * worth]), np.array([worth]))
    return float(low[0]), float(high[0])
