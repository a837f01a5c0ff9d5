"""How many closings would have a recurrence by chance, where cases are as dense as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.nearby import near_pairs
from analysis.issues.moments import in_zone

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NEAR_COLUMNS = (
    "distance_m", "days", "followed", "relapsed", "relapsed_share", "expected", "expected_share",
    "ratio",
)  # fmt: skip
PARTS = (0.25, 0.5, 1.0)
"""Distances looked at, as parts of the distance of one place."""
SPANS = (7, 14, 30, 60, 90, 180)
"""Follow-ups looked at beside the one asked for, where they are shorter."""
DAY = np.timedelta64(86_400_000_000, "us")


def near_repeats(
    closings: pd.DataFrame, reports: pd.DataFrame, *, as_of: dt.date, distance_m: float, days: int
) -> pd.DataFrame:
    """
    Set recurrences beside those of chance, by distance and days (near-repeat ratio).

    Parameters
    ----------
    closings
        From `analysis.handling.recurrence.follow_closings`.
    reports
        All cases with a place, a category and a time of report, closings among them, as in
        `analysis.model.contracts`; `reported_at` with zone.
    as_of
        Where observation ends.
    distance_m, days
        Greatest distance of one place, and length of the follow-up.

    Returns
    -------
    ratios
        `NEAR_COLUMNS`, one row for each distance (`PARTS` of it) and number of days (`SPANS` and
        `days`): closings with so long a follow-up, how many had a case of the category as
        near and as soon, how many would have if the cases of the category kept their places
        and came at one another's times, and the ratio of the two; missing without any expected.
        No rows without closings.

    Notes
    -----
    A closing with K other cases of its category within the distance, at any time, would have one of
    them within the days with a chance of 1 − (1 − f)^K, f the share of the category's other cases
    reported in these days: what is dense in space, and what is frequent in time, are expected. No
    test: closings near each other share their returns.

    References
    ----------
    Knox (1964), The detection of space-time interactions, doi:10.2307/2985220; Johnson et al.
    (2007), Space-time patterns of risk, doi:10.1007/s10940-007-9025-3.
    """
    if closings.empty:
        return pd.DataFrame(columns=list(NEAR_COLUMNS), dtype=float)
    end = _instants(pd.Series([in_zone(as_of, reports["reported_at"].dt.tz)]))
    reports = reports.sort_values("reported_at", kind="stable")
    reported, closed = _instants(reports["reported_at"]), _instants(closings["closed_at"])
    reports = reports[reported < end[0]]
    reported = reported[reported < end[0]]
    codes = pd.Categorical(pd.concat([closings["category"], reports["category"]])).codes
    mine, theirs = np.split(np.asarray(codes, dtype=np.int64), [len(closings)])
    near = _near(closings, reports, (mine, theirs), (closed, reported), distance_m)
    rows = []
    for span in sorted({days, *(each for each in SPANS if each < days)}):
        followed = closed + span * DAY <= end[0]
        part = _share_of_time(mine, theirs, closed, reported, span)
        for share, (others, first) in zip(PARTS, near, strict=True):
            relapsed = int((first <= span)[followed].sum())
            expected = float((1 - (1 - part) ** others)[followed].sum())
            rows.append((share * distance_m, span, int(followed.sum()), relapsed, expected))
    table = pd.DataFrame(rows, columns=["distance_m", "days", "followed", "relapsed", "expected"])
    followed = table["followed"].where(table["followed"] > 0)
    return table.assign(
        relapsed_share=table["relapsed"] / followed,
        expected_share=table["expected"] / followed,
        ratio=table["relapsed"] / table["expected"].where(table["expected"] > 0),
    )[list(NEAR_COLUMNS)]


def _near(
    closings: pd.DataFrame,
    reports: pd.DataFrame,
    codes: tuple[Ints, Ints],
    times: tuple[NDArray[np.datetime64], NDArray[np.datetime64]],
    distance_m: float,
) -> list[tuple[Ints, Floats]]:
    """Other cases near each closing, and days to the first after it, for each distance."""
    own = reports.index.get_indexer(closings.index)
    count = len(closings)
    near = [(np.zeros(count, np.int64), np.full(count, np.inf)) for _ in PARTS]
    apart = 3 * distance_m  # a third coordinate keeps categories away from each other
    here, there = (
        np.column_stack([each["x"], each["y"], code * apart])
        for each, code in zip((closings, reports), codes, strict=True)
    )
    for point, other in near_pairs(here, there, distance_m=distance_m):
        another = other != own[point]
        at, found = point[another], other[another]
        away = np.linalg.norm(here[at] - there[found], axis=1)
        after = (times[1][found] - times[0][at]) / DAY
        after = np.where(after > 0, after, np.inf)
        for share, (others, first) in zip(PARTS, near, strict=True):
            close = away <= share * distance_m
            np.add.at(others, at[close], 1)
            np.minimum.at(first, at[close], after[close])
    return near


def _share_of_time(
    mine: Ints,
    theirs: Ints,
    closed: NDArray[np.datetime64],
    reported: NDArray[np.datetime64],
    days: int,
) -> Floats:
    """Share of the other cases of its category reported within the days after each closing."""
    share = np.zeros(len(mine))
    for code in np.unique(mine):
        when, chosen = reported[theirs == code], mine == code
        begin, end = (
            np.searchsorted(when, closed[chosen] + later, side="right")
            for later in (0 * DAY, days * DAY)
        )
        share[chosen] = (end - begin) / max(len(when) - 1, 1)
    return np.clip(share, 0, 1)


def _instants(times: pd.Series) -> NDArray[np.datetime64]:
    plain: NDArray[np.datetime64]
    plain = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    return plain
