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
    "groups",
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
        less those surely worse; `alike`, the others that it cannot be told apart from; `groups`,
        its letters, such as `B` or `B–D`, A for the best: two units share a letter if and only if
        they cannot be told apart. All missing below `LEAST_CASES`. Then n, share and
        ranks of the period before, and `change`, one of `CHANGES`: `same` where the two
        intervals touch; empty where one of the periods has fewer than `LEAST_CASES`.

    References
    ----------
    Klein, Wright and Wieczorek (2020), A joint confidence region for an overall ranking
    of populations, doi:10.1111/rssc.12402; letters: Piepho (2004), An algorithm for a
    letter-based representation of all-pairwise comparisons, doi:10.1198/1061860043515.
    """
    low, high = wilson_interval(hits, n)
    table = pd.DataFrame(
        {"n": n, "hits": hits, "share": hits / n.where(n > 0), "low_share": low, "high_share": high}
    )
    ranked = (n >= LEAST_CASES).to_numpy()
    low, high = _goodness(hits[ranked], n[ranked], more_is_better=more_is_better)
    for name, ranks in zip(("rank", "rank_worst"), _ranks(low, high), strict=True):
        table[name] = pd.Series(pd.NA, index=table.index, dtype="Int64")
        table.loc[ranked, name] = ranks
    table["alike"] = table["rank_worst"] - table["rank"]
    table["groups"] = pd.Series("", index=table.index, dtype="str")
    table.loc[ranked, "groups"] = _groups(low, high)
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


def _goodness(
    hits: pd.Series, n: pd.Series, *, more_is_better: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Joint limits of units, turned so that more is better."""
    low, high = wilson_interval(hits, n, level=1 - (1 - LEVEL) / max(len(n), 1))
    return (low, high) if more_is_better else (-high, -low)


def _groups(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[str]:
    """
    Give every interval the letters of the groups it belongs to.

    Intervals that touch each other all have a point in common, so every greatest group is
    those around one point: the last lower limit at or below some upper limit. Groups follow
    each other along the axis, and an interval belongs to neighbouring ones.
    """
    lows = np.sort(low)
    points = np.unique(lows[np.searchsorted(lows, high, side="right") - 1])
    first = len(points) - np.searchsorted(points, high, side="right")
    last = len(points) - 1 - np.searchsorted(points, low, side="left")
    ends = zip(first.tolist(), last.tolist(), strict=True)
    return [_letters(one) if one == other else f"{_letters(one)}–{_letters(other)}"
            for one, other in ends]  # fmt: skip


def _letters(place: int) -> str:
    """Name a place in a row as spreadsheets name columns: A to Z, AA and so on."""
    text = ""
    while place >= 0:
        place, letter = place // 26 - 1, place % 26
        text = chr(ord("A") + letter) + text
    return text


def _ranks(
    low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    count = len(low)
    better = count - np.searchsorted(np.sort(low), high, side="right")
    worse = np.searchsorted(np.sort(high), low, side="left")
    return better + 1, count - worse
