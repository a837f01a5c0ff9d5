"""The alerts' second opinion: groups of communities that lately have more than their share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.hotspots.places import CLEARLY
from analysis.hotspots.rate_spread import rate_spread
from analysis.hotspots.scan import (
    BLOCK,
    LEAST_EXTRA,
    MAX_SHARE,
    REPLICAS,
    SCAN_P,
    SEED,
    Law,
    circular_windows,
    greatest_ratios,
    log_ratio,
    padded,
    tail_of,
)
from analysis.model.errors import SampleError
from analysis.model.question import ALL_ISSUES, Selection
from analysis.trends.alerts import YEAR_WEEKS, observe_weeks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import numpy.typing as npt

    from analysis.hotspots.scan import Windows
    from analysis.issues.issue_set import IssueSet

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

MAX_WEEKS = 8
"""Longest time of a cylinder; what lasts longer is no news, and is left to hot spots."""
MAX_COMMUNITIES = 20
"""Most communities of a cylinder."""
LEAST_CASES = 5
"""Least cases of a cylinder."""
ALERT_SCAN_COLUMNS = (
    "rank", "since", "week", "weeks", "community_id", "community", "parent", "communities",
    "members", "radius_m", "cases", "expected", "ratio", "dispersion", "log_ratio", "p", "p_gumbel",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class AlertScan:
    """
    Cylinders of communities and weeks that end with the last week.

    Attributes
    ----------
    clusters
        `ALERT_SCAN_COLUMNS`, as from `scan_weeks`.
    greatest
        Greatest log ratio of each replica.
    cases
        Of the weeks looked at.
    extra
        Variance of the rates of communities from week to week beyond chance.
    week
        Monday of the last week.
    """

    clusters: pd.DataFrame
    greatest: Floats
    cases: int
    extra: float
    week: str


@dataclass(frozen=True, eq=False)
class _Usual:
    """What communities should hold in each of the last weeks: expected, and how sure that is."""

    due: Floats
    """Weeks by communities, the last week first."""
    extra: float
    error: float
    unsure: Floats
    """Variance of the rate of each community for want of cases in its year before."""

    def law(self, weeks: int) -> Law:
        """Add up the last weeks; the total is that of all weeks looked at."""
        due = self.due[:weeks]
        together = due.sum(axis=0)
        spread = self.extra * (due**2).sum(axis=0) + self.unsure * together**2
        return Law(together, spread, float(self.due.sum()))


def scan_weeks(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    replicas: int = REPLICAS,
    seed: int = SEED,
) -> AlertScan:
    """
    Find groups of neighbouring communities that have had more than their share up to now.

    Cylinders: a circle of at most `MAX_COMMUNITIES` communities around one of them, over the last
    1 to `MAX_WEEKS` weeks, with at most `MAX_SHARE` of the cases expected. A community should have
    its share of the year before of what the whole city has in each week, so that season and a rise
    of the whole city call nobody. The log ratio of a cylinder is divided by its dispersion; its law
    is that of the greatest over all cylinders of maps where the same number of cases is dealt by
    expected cases times rates that vary as they did in the year before, from week to week, and
    as little as the community's share is known. One p covers all places, sizes and lengths.

    Parameters
    ----------
    issue_set, selection
        As in `analysis.trends.alerts.weekly_alerts`.
    replicas, seed
        As in `analysis.hotspots.scan.scan`.

    Returns
    -------
    alert_scan
        `clusters`, by greatest log ratio, of p ≤ `SCAN_P`, `LEAST_CASES` cases or more and
        `CLEARLY` times those expected or more, none with a community of one before: `since`,
        Monday of its first week, and `week`, of the last; `weeks`; the community in its middle;
        `communities`, how many, and `members`, their ids; `radius_m`, between centroids; cases,
        expected, their ratio, dispersion, log ratio and p as in `analysis.hotspots.scan.scan`.

    Raises
    ------
    SettingsError
        If the category cannot be.
    SampleError
        If there are fewer than a year and `MAX_WEEKS` weeks with reports, or no report lies in or
        names a community.

    Notes
    -----
    The p is that of one week's look: who looks every week is called by chance in `SCAN_P` of the
    weeks. A rise that has lasted longer than a year is usual by then.

    References
    ----------
    Kulldorff (2001), Prospective time periodic geographical disease surveillance using a scan
    statistic, doi:10.1111/1467-985X.00186.
    """
    observed = observe_weeks(issue_set, selection)
    last = np.flatnonzero(observed.seen)[::-1][: MAX_WEEKS + YEAR_WEEKS]
    if len(last) < MAX_WEEKS + YEAR_WEEKS:
        msg = f"alerts: {len(last)} weeks; {MAX_WEEKS + YEAR_WEEKS} are needed for the scan."
        raise SampleError(
            msg,
            problem="weeks_too_few",
            hint="Come back when the register holds a year.",
            found=len(last),
            least=MAX_WEEKS + YEAR_WEEKS,
        )
    counts = observed.counts[last]
    found, usual = counts[:MAX_WEEKS], _usual(counts)
    communities = issue_set.communities
    xy = shapely.get_coordinates(shapely.centroid(communities.geometry.to_numpy()))
    windows = circular_windows(xy, max_cells=MAX_COMMUNITIES, max_radius=np.inf)
    mondays = [f"{observed.first + pd.Timedelta(weeks=int(week)):%Y-%m-%d}" for week in last]
    if found.sum() == 0:
        empty = pd.DataFrame(columns=list(ALERT_SCAN_COLUMNS))
        return AlertScan(empty, np.zeros(0), 0, usual.extra, mondays[0])
    greatest = _greatest_of_maps(windows, usual, int(found.sum()), replicas=replicas, seed=seed)
    rows = _taken(windows, found, usual, greatest)
    table = _table(rows, communities, mondays[:MAX_WEEKS])
    return AlertScan(table, greatest, int(found.sum()), usual.extra, mondays[0])


def _usual(counts: Ints) -> _Usual:
    """Shares and spread from the year before; expected in each of the weeks looked at."""
    now, before = counts[:MAX_WEEKS], counts[MAX_WEEKS:]
    cases = before.sum(axis=0) + 0.5
    share = cases / cases.sum()
    usual = np.outer(before.sum(axis=1), share)
    known = usual > 0
    extra, error = rate_spread(before[known], usual[known]) if known.any() else (0.0, 0.0)
    due = np.outer(now.sum(axis=1), share)
    return _Usual(due.astype(np.float64), extra, error, 1 / cases)


def _maps(usual: _Usual, total: int, *, replicas: int, seed: int) -> Iterator[Ints]:
    """Deal the cases by chance: weeks × communities × replicas of a block."""
    rng = np.random.default_rng(seed)
    weeks, places = usual.due.shape
    for start in range(0, replicas, BLOCK):
        size = min(BLOCK, replicas - start)
        variance = np.maximum(rng.normal(usual.extra, usual.error, size), LEAST_EXTRA)
        variance = variance[:, None, None]
        rates = usual.due * rng.gamma(1 / variance, variance, size=(size, weeks, places))
        rates *= rng.gamma(1 / usual.unsure, usual.unsure, size=(size, places))[:, None, :]
        flat = rates.reshape(size, -1)
        dealt = rng.multinomial(total, flat / flat.sum(axis=1, keepdims=True))
        yield dealt.reshape(size, weeks, places).transpose(1, 2, 0)


def _greatest_of_maps(
    windows: Windows, usual: _Usual, total: int, *, replicas: int, seed: int
) -> Floats:
    """Greatest log ratio over all cylinders of each map of chance."""
    blocks = []
    for dealt in _maps(usual, total, replicas=replicas, seed=seed):
        added = np.cumsum(dealt, axis=0)
        ratios = [
            greatest_ratios(windows, padded(added[weeks - 1]), usual.law(weeks))
            for weeks in range(1, len(dealt) + 1)
        ]
        blocks.append(np.max(ratios, axis=0))
    return np.concatenate(blocks)


def _taken(
    windows: Windows, found: Ints, usual: _Usual, greatest: Floats
) -> list[tuple[Ints, dict[str, float]]]:
    """Take the cylinder of greatest log ratio, then that of those that share no community."""
    added = np.cumsum(found, axis=0)
    facts = []
    for weeks in range(1, len(found) + 1):
        law = usual.law(weeks)
        within, dispersion = law.within(windows)
        cases = np.cumsum(np.append(added[weeks - 1], 0)[windows.nearest], axis=1)
        judged = windows.closed & (within <= MAX_SHARE * law.total)
        judged &= (cases >= LEAST_CASES) & (cases >= CLEARLY * within)
        ratio = np.where(judged, log_ratio(cases, within, law.total) / dispersion, 0.0)
        facts.append((ratio, cases, within, dispersion))
    ratios, cases, due, dispersion = (np.array(each) for each in zip(*facts, strict=True))
    rows: list[tuple[Ints, dict[str, float]]] = []
    while True:
        at = np.unravel_index(np.argmax(ratios), ratios.shape)
        weeks, centre, last = map(int, at)
        p, p_gumbel = tail_of(float(ratios[at]), greatest)
        if ratios[at] <= 0 or p > SCAN_P:
            return rows
        members = windows.nearest[centre, : last + 1]
        row = {
            "weeks": weeks + 1, "radius_m": windows.distance[centre, last], "cases": cases[at],
            "expected": due[at], "dispersion": dispersion[at], "log_ratio": ratios[at],
            "p": p, "p_gumbel": p_gumbel,
        }  # fmt: skip
        rows.append((members, row))
        touched = np.isin(windows.nearest, members)
        ratios[:, np.logical_or.accumulate(touched, axis=1)] = 0


def _table(
    rows: list[tuple[Ints, dict[str, float]]], communities: gpd.GeoDataFrame, mondays: list[str]
) -> pd.DataFrame:
    names = communities.index.to_numpy()
    found = [
        {
            "rank": rank,
            "since": mondays[int(row["weeks"]) - 1],
            "week": mondays[0],
            "community_id": names[members[0]],
            "community": communities["name"].iloc[members[0]],
            "parent": communities["parent"].iloc[members[0]],
            "communities": len(members),
            "members": "; ".join(names[members]),
            "ratio": row["cases"] / row["expected"],
            **row,
        }
        for rank, (members, row) in enumerate(rows, start=1)
    ]
    table = pd.DataFrame(found, columns=list(ALERT_SCAN_COLUMNS))
    return table.astype({"weeks": "int64", "cases": "int64"}) if found else table
