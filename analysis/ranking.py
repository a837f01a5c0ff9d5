"""Fair ranking of units by a share: small numbers are not ranked, chance makes no rank."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST_CASES = 10
"""Units with fewer cases are shown but not ranked."""
LEVEL = 0.95
RANK_COLUMNS = (
    "n",
    "hits",
    "share",
    "low_share",
    "high_share",
    "rank",
    "rank_worst",
    "alike",
    "previous_n",
    "previous_share",
    "previous_rank",
    "previous_rank_worst",
    "change",
)
BETTER, WORSE, SAME = "better", "worse", "same"
CHANGES = (BETTER, WORSE, SAME)


def wilson_interval(
    hits: ArrayLike, n: ArrayLike, *, level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Give Wilson's interval of a share.

    Parameters
    ----------
    hits, n
        Cases that count, and all cases; missing where `n` is 0.
    level
        Of confidence, between 0 and 1.

    Returns
    -------
    low, high
        Limits in [0, 1].

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> low, high = wilson_interval([5], [10])
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.237, 0.763)
    """
    z2 = NormalDist().inv_cdf(0.5 + level / 2) ** 2
    total = np.asarray(n, dtype=float)
    total = np.where(total > 0, total, np.nan)
    share = np.asarray(hits, dtype=float) / total
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = np.sqrt(z2 * (share * (1 - share) / total + z2 / (4 * total**2))) / (1 + z2 / total)
    low = np.where(share > 0, np.clip(centre - half, 0, 1), share)
    high = np.where(share < 1, np.clip(centre + half, 0, 1), share)
    return low, high


def rank_shares(
    hits: pd.Series,
    n: pd.Series,
    *,
    more_is_better: bool,
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Rank units by a share, telling apart only what chance does not explain.

    A unit is surely better than another if their intervals do not touch; the intervals
    are widened (Bonferroni over the units ranked) so that all ranks together hold with
    95 %. A unit's rank is 1 + the number of units surely better: equals share rank 1.
    Cases are taken as independent. How hard a unit's area is, is not in it.

    Parameters
    ----------
    hits, n
        Cases that count, and all cases, on one index.
    more_is_better
        Whether a high share is good.
    before
        The ranking of the period before, if there was one.

    Returns
    -------
    ranking
        `RANK_COLUMNS` on the same index, best share first: the plain Wilson 95 % limits;
        `rank`, and `rank_worst`, the last rank it could have: the number of units ranked
        less those surely worse; `alike`, the others that it cannot be told apart from. All
        missing below `LEAST_CASES`. Then n, share and ranks of the period before, and
        `change`, one of `CHANGES`: `same` where the two intervals touch; empty where one of
        the periods has fewer than `LEAST_CASES`.

    References
    ----------
    Klein, Wright and Wieczorek (2020), A joint confidence region for an overall ranking
    of populations, doi:10.1111/rssc.12402.
    """
    low, high = wilson_interval(hits, n)
    table = pd.DataFrame(
        {"n": n, "hits": hits, "share": hits / n.where(n > 0), "low_share": low, "high_share": high}
    )
    ranked = (n >= LEAST_CASES).to_numpy()
    first, last = _ranks(hits[ranked], n[ranked], more_is_better=more_is_better)
    for name, ranks in (("rank", first), ("rank_worst", last)):
        table[name] = pd.Series(pd.NA, index=table.index, dtype="Int64")
        table.loc[ranked, name] = ranks
    table["alike"] = table["rank_worst"] - table["rank"]
    table = _compared(table, before, more_is_better=more_is_better)
    return table.sort_values(
        ["rank", "share"], ascending=[True, not more_is_better], kind="stable", na_position="last"
    )


def _compared(
    table: pd.DataFrame, before: pd.DataFrame | None, *, more_is_better: bool
) -> pd.DataFrame:
    columns = ["n", "share", "rank", "rank_worst"]
    empty = pd.DataFrame(columns=[*columns, "low_share", "high_share"], dtype=float)
    old = (empty if before is None else before).reindex(table.index)
    table = table.assign(
        previous_share=old["share"].astype(float),
        previous_n=old["n"].astype("Int64"),
        previous_rank=old["rank"].astype("Int64"),
        previous_rank_worst=old["rank_worst"].astype("Int64"),
    )
    judged = (table["n"] >= LEAST_CASES) & (old["n"] >= LEAST_CASES)
    up, down = table["low_share"] > old["high_share"], table["high_share"] < old["low_share"]
    better, worse = (up, down) if more_is_better else (down, up)
    change = np.select([~judged, better, worse], ["", BETTER, WORSE], SAME)
    return table.assign(change=pd.array(change, dtype="str"))


def _ranks(
    hits: pd.Series, n: pd.Series, *, more_is_better: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    count = len(n)
    if not count:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    low, high = wilson_interval(hits, n, level=1 - (1 - LEVEL) / count)
    if not more_is_better:
        low, high = -high, -low
    better = count - np.searchsorted(np.sort(low), high, side="right")
    worse = np.searchsorted(np.sort(high), low, side="left")
    return better + 1, count - worse
