"""Fair ranking of units: small numbers are not ranked, chance and usual spread make no rank."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.funnel import compare_shares, half_width, judge_shares

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST_CASES = 10
"""Units with fewer cases are shown but not ranked."""
LEVEL = 0.95
Z95 = NormalDist().inv_cdf(0.975)
"""Half the width of a 95 % interval in standard errors."""
RANK_COLUMNS = (
    "n",
    "hits",
    "share",
    "compared_share",
    "low_share",
    "high_share",
    "expected",
    "dispersion",
    "q",
    "verdict",
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


def wilson_interval(
    hits: ArrayLike, n: ArrayLike, *, level: float = LEVEL, width: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Give Wilson's interval of a share.

    Parameters
    ----------
    hits, n
        Cases that count, and all cases; missing where `n` is 0.
    level
        Of confidence, between 0 and 1.
    width
        Half the width in standard errors, in place of the normal law's at `level`.

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
    z2 = (NormalDist().inv_cdf(0.5 + level / 2) if width is None else width) ** 2
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
    expected: pd.Series[float] | None = None,
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Rank units by a share, telling apart only what chance and usual differences do not explain.

    Each unit is judged against what is expected of it (`analysis.handling.funnel`), and ranked
    against the others: it is ahead of another if their intervals do not touch, widened by the
    spread of the units and (Bonferroni over the units ranked) so that all ranks together hold with
    95 %. A unit's rank is 1 + the number of units ahead of it: equals share rank 1.

    Parameters
    ----------
    hits, n
        Cases that count, and all cases, on one index.
    more_is_better
        Whether a high share is good.
    expected
        Cases that would count by the mix of a unit's cases, on the same index
        (`analysis.handling.funnel.expected_hits`); by default those at the share of all together.
    before
        The ranking of the period before, if there was one.

    Returns
    -------
    ranking
        `RANK_COLUMNS` on the same index, best first: `compared_share`, the share that a unit would
        have with the city's mix of cases, by default the share itself; its Wilson 95 % limits for n
        / φ cases, φ the `dispersion`; `expected`, `q` and `verdict` of `judge_shares`; `rank`, and
        `rank_worst`, the last rank it could have: the number of units ranked less those it is ahead
        of; `alike`, the others that it cannot be told apart from; `groups`, its letters, such
        as `B` or `B–D`, A for the best: two units share a letter if and only if they cannot be
        told apart. From `expected` on all missing below `LEAST_CASES`. Then n, share and ranks of
        the period before, and `change`, from `compare_shares`; empty where one of the periods
        has fewer than `LEAST_CASES`.

    References
    ----------
    Klein, Wright and Wieczorek (2020), A joint confidence region for an overall ranking
    of populations, doi:10.1111/rssc.12402; letters: Piepho (2004), An algorithm for a
    letter-based representation of all-pairwise comparisons, doi:10.1198/1061860043515.
    """
    whole = hits.sum() / n.sum() if n.sum() else 0.0
    due = n * whole if expected is None else expected.reindex(n.index)
    mix = pd.Series(1.0, index=n.index) if expected is None else n * whole / due.where(due > 0)
    share = hits / n.where(n > 0)
    table = pd.DataFrame(
        {
            "n": n,
            "hits": hits,
            "share": share,
            "compared_share": (share * mix.fillna(1.0)).clip(0, 1),
        }
    )
    table = table.join(_judged(table, due, more_is_better=more_is_better))
    table = table.join(_ranked(table, more_is_better=more_is_better))
    table = _compared(table, before, more_is_better=more_is_better)
    return table.sort_values(
        ["rank", "compared_share"],
        ascending=[True, not more_is_better],
        kind="stable",
        na_position="last",
    )


def _judged(table: pd.DataFrame, due: pd.Series[float], *, more_is_better: bool) -> pd.DataFrame:
    """Limits of all units; what is expected of those with enough cases, spread, q and verdict."""
    enough = table[table["n"] >= LEAST_CASES]
    found = judge_shares(
        enough["hits"], enough["n"], due[enough.index], more_is_better=more_is_better
    ).reindex(table.index)
    n = table["n"] / found["dispersion"].fillna(1.0)
    low, high = wilson_interval(table["compared_share"] * n, n)
    judged = found.assign(low_share=low, high_share=high, verdict=found["verdict"].fillna(""))
    return judged.astype({"verdict": "str"})


def _ranked(table: pd.DataFrame, *, more_is_better: bool) -> pd.DataFrame:
    """Ranks and letters of the units with enough cases, by joint limits."""
    ranked = (table["n"] >= LEAST_CASES).to_numpy()
    found = table[ranked]
    low, high = _goodness(found, more_is_better=more_is_better)
    ranks = pd.DataFrame(
        dict(zip(("rank", "rank_worst"), _ranks(low, high), strict=True)),
        index=found.index,
        dtype="Int64",
    ).reindex(table.index)
    groups = pd.Series(groups_of(low, high), index=found.index, dtype="str")
    return ranks.assign(
        alike=ranks["rank_worst"] - ranks["rank"], groups=groups.reindex(table.index).fillna("")
    )


def _compared(
    table: pd.DataFrame, before: pd.DataFrame | None, *, more_is_better: bool
) -> pd.DataFrame:
    columns = ["n", "share", "compared_share", "rank", "rank_worst"]
    empty = pd.DataFrame(columns=columns, dtype=float)
    old = (empty if before is None else before).reindex(table.index)
    table = table.assign(
        previous_share=old["share"].astype(float),
        previous_n=old["n"].astype("Int64"),
        previous_rank=old["rank"].astype("Int64"),
        previous_rank_worst=old["rank_worst"].astype("Int64"),
    )
    judged = (table["n"] >= LEAST_CASES) & (old["n"] >= LEAST_CASES)
    pair = [
        pd.DataFrame({"n": each["n"], "hits": each["compared_share"] * each["n"]})[judged]
        for each in (table, old)
    ]
    change = compare_shares(*pair, more_is_better=more_is_better).reindex(table.index).fillna("")
    return table.assign(change=change.astype("str"))


def _goodness(
    found: pd.DataFrame, *, more_is_better: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Joint limits of units, turned so that more is better."""
    count, n = max(len(found), 1), found["n"] / found["dispersion"]
    width = half_width(1 - (1 - LEVEL) / count, count)
    low, high = wilson_interval(found["compared_share"] * n, n, width=width)
    return (low, high) if more_is_better else (-high, -low)


def groups_of(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[str]:
    """
    Give every interval the letters of the groups it belongs to.

    Parameters
    ----------
    low, high
        Limits, more is better.

    Returns
    -------
    groups
        A letter, or the first and the last of neighbouring ones, A for the best.

    Notes
    -----
    Intervals that touch each other all have a point in common, so every greatest group is
    those around one point: the last lower limit at or below some upper limit. Groups follow
    each other along the axis, and an interval belongs to neighbouring ones.

    Examples
    --------
    >>> import numpy as np
    >>> groups_of(np.array([0.1, 0.4, 0.6]), np.array([0.3, 0.7, 0.9]))
    ['B', 'A', 'A']
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
