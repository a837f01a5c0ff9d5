"""The scan statistic: places of any size up to a stated one, by one test for all looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy
import shapely

from analysis.hotspots.cells import EXPOSURES
from analysis.hotspots.exposure import expected_cases
from analysis.hotspots.places import CLEARLY, PLACE_CASES
from analysis.hotspots.rate_spread import rate_spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from analysis.hotspots.cells import HotSpots

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

MAX_CELLS = 100
"""Most cells of a window."""
MAX_RADIUS_M = 2_000.0
"""Greatest radius of a window, in metres."""
MAX_SHARE = 0.5
"""Greatest share of the expected cases in a window: a larger one is a gap in the rest."""
REPLICAS = 999
SEED = 1
SCAN_P = 0.05
"""Greatest Monte Carlo p of a cluster that is listed."""
SCAN_COLUMNS = (
    "rank", "x", "y", "radius_m", "cells", "cases", "expected", "ratio", "dispersion", "log_ratio",
    "p", "p_gumbel",
)  # fmt: skip
QUARTER = 16
"""Corners of a quarter of a circle as it is drawn."""
LEAST_EXTRA = 1e-6
"""Least variance of rates in a map of chance: so small is none."""
SAME_M = 1e-3
"""Cells whose distances from a centre differ by less are equally far."""
BLOCK = 64
"""Replicas counted side by side."""
CENTRES = 2_048
"""Centres counted at once: their sums over a block of replicas stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Windows:
    """
    Circular windows as nested lists of neighbours.

    Attributes
    ----------
    nearest
        For each centre (row) the cells by distance, itself first; the number of cells where
        there are no more.
    distance
        Of these, in metres; infinite where there are none.
    closed
        Whether the cells up to this one are all within a circle. Of cells equally far only
        the last closes one.
    """

    nearest: Ints
    distance: Floats
    closed: Bools


@dataclass(frozen=True, eq=False)
class Scan:
    """
    Clusters of the scan statistic, with what their p rests on.

    Attributes
    ----------
    clusters
        As from `scan`, those of p ≤ `SCAN_P`.
    greatest
        Greatest log ratio of each replica.
    cases
        Cases scanned.
    cells
        Cells scanned.
    extra
        Variance of the rates of cells beyond chance that the maps of chance have, from
        `analysis.hotspots.rate_spread.rate_spread`.
    margin_m
        From the centre of a cell to its border, in metres.
    """

    clusters: pd.DataFrame
    greatest: Floats
    cases: int
    cells: int
    extra: float
    margin_m: float = 0.0

    def circles(self) -> npt.NDArray[np.object_]:
        """
        Outline the clusters.

        Returns
        -------
        circles
            Polygons in the order of `clusters`, around the farthest cell of each.
        """
        centres = shapely.points(self.clusters[["x", "y"]].to_numpy(float))
        reach = self.clusters["radius_m"].to_numpy(float) + self.margin_m
        return np.asarray(shapely.buffer(centres, reach, quad_segs=QUARTER), dtype=object)


@dataclass(frozen=True, eq=False)
class _Null:
    """What cells hold but for a place: cases expected, variance of rates and how sure that is."""

    due: Floats
    extra: float
    error: float

    @property
    def total(self) -> float:
        """All cases."""
        return float(self.due.sum())

    def within(self, windows: Windows) -> tuple[Floats, Floats]:
        """Cases expected in the first 1, 2, 3 … cells around each centre, and their dispersion."""
        due = _added_up(windows, self.due)
        return due, 1 + self.extra * _added_up(windows, self.due**2) / due


def circular_windows(
    xy: Floats, *, max_cells: int = MAX_CELLS, max_radius: float = MAX_RADIUS_M
) -> Windows:
    """
    List the circular windows around each cell or community.

    Parameters
    ----------
    xy
        Centres, in metres, one row each.
    max_cells, max_radius
        Most cells, and greatest radius in metres, of a window.

    Returns
    -------
    windows
        All that differ around each centre; of as many rows as `xy` and at most `max_cells`
        columns.
    """
    most = min(max_cells + 1, len(xy))
    tree = scipy.spatial.KDTree(xy)
    distance, nearest = tree.query(
        xy, k=np.arange(1, most + 1), distance_upper_bound=max_radius + SAME_M
    )
    # A circle closes where the next cell is farther; the cell after the last allowed tells it.
    after = np.pad(distance[:, 1:], ((0, 0), (0, 1)), constant_values=np.inf)
    closed = np.isfinite(distance) & (after > distance + SAME_M)
    kept = slice(0, max_cells)
    return Windows(nearest[:, kept].astype(np.int64), distance[:, kept], closed[:, kept])


def log_ratio(cases: npt.ArrayLike, expected: npt.ArrayLike, total: float) -> Floats:
    """
    Compare the likelihood of a window with a rate of its own to that of one rate for all.

    Parameters
    ----------
    cases, expected
        In the window.
    total
        Cases in all, and expected in all.

    Returns
    -------
    log_ratio
        c ln(c / e) + (C − c) ln((C − c) / (C − e)) where c > e, else 0.

    References
    ----------
    Kulldorff (1997), doi:10.1080/03610929708831995.

    Examples
    --------
    Four of four cases where one was expected: 4 ln 4.

    >>> round(float(log_ratio(4, 1, 4)), 6)
    5.545177
    """
    found, due = np.asarray(cases, dtype=float), np.asarray(expected, dtype=float)
    rest, rest_due = total - found, np.maximum(total - due, np.finfo(float).tiny)
    ratio = scipy.special.xlogy(found, found / due) + scipy.special.xlogy(rest, rest / rest_due)
    return np.where(found > due, np.maximum(ratio, 0), 0.0)


def scan(
    counts: pd.Series[int],
    expected: pd.Series[float],
    xy: pd.DataFrame,
    *,
    max_cells: int = MAX_CELLS,
    max_radius: float = MAX_RADIUS_M,
    replicas: int = REPLICAS,
    seed: int = SEED,
) -> Scan:
    """
    Find the circles that hold more cases than chance makes in any circle at all.

    For each circle around a cell with at most `max_cells` cells, `max_radius` metres and
    `MAX_SHARE` of the expected cases, the log ratio of likelihoods (`log_ratio`) compares a rate
    of its own to one rate everywhere. It is divided by φ, by which the cases of its cells vary
    more than chance, where rates differ from cell to cell as they usually do here. Its law is that
    of the greatest over all circles of maps where the same number of cases is dealt to cells by
    their expected cases times rates that vary as much (a gamma law; the variance itself by its
    standard error). One p therefore covers all
    places and all sizes looked at.

    Parameters
    ----------
    counts
        Cases of each cell or community.
    expected
        Cases of each in proportion to what they are counted over, on the same index; positive,
        in any unit: they are scaled to as many as there are cases.
    xy
        Columns `x` and `y` of their centres in metres, on the same index.
    max_cells, max_radius
        Most cells, and greatest radius in metres, of a window.
    replicas
        Maps of chance, two or more.
    seed
        Of these: the same seed gives the same p.

    Returns
    -------
    scan
        `clusters`, by greatest log ratio, of `PLACE_CASES` cases or more and `CLEARLY` times those
        expected or more, of which none shares a cell with one before: index
        is that of the centre; `rank`; `x`, `y` of the centre; `radius_m`, to the centre of the
        farthest cell; `cells`; `cases`; `expected`; `ratio` of the two; `dispersion`, φ = 1 + a
        Σ e² / Σ e over its cells with the variance a of the rates; `log_ratio`, over φ; `p` =
        (1 + replicas with as great a log ratio) / (1 + replicas); `p_gumbel`, the upper tail of
        Gumbel's law with mean and variance of the replicas, which tells apart what lies beyond
        all of them. For clusters after the first p is an upper bound.

    Raises
    ------
    ValueError
        If an expected number is not positive, a count is negative, the indexes differ, or
        there are fewer than two replicas.

    Notes
    -----
    Rates of neighbouring cells are taken as independent but for the place: where they are alike for
    a long way there are more clusters than the stated p. One event reported by many makes one. A
    long or crooked place is shown as the circles that hold most of it; what
    lies outside the study area is not seen. Fewer cases than expected are not looked for.

    References
    ----------
    Kulldorff (1997), A spatial scan statistic, doi:10.1080/03610929708831995; Abrams, Kulldorff
    and Kleinman (2010), Gumbel based p-value approximations for spatial scan statistics,
    doi:10.1186/1476-072X-9-61.
    """
    _check(counts, expected, xy)
    if replicas < 2:  # noqa: PLR2004  a variance
        msg = f"`replicas` must be two or more, got {replicas!r}."
        raise ValueError(msg)
    found = np.asarray(counts, dtype=np.int64)
    total = int(found.sum())
    due: Floats = np.asarray(expected, dtype=np.float64) * (total / float(expected.sum() or 1))
    if total == 0:
        return Scan(_no_clusters(counts.index), np.zeros(0), 0, len(counts), 0.0)
    null = _Null(due, *rate_spread(found, due))
    windows = circular_windows(
        xy[["x", "y"]].to_numpy(float), max_cells=max_cells, max_radius=max_radius
    )
    dealt = _replicas(null, total, replicas=replicas, seed=seed)
    greatest = np.concatenate([_greatest(windows, block, null) for block in dealt])
    clusters = _table(_clusters(windows, found, null, greatest), xy)
    return Scan(clusters, greatest, total, len(counts), null.extra)


def scan_cells(hot_spots: HotSpots) -> Scan:
    """
    Scan the cells of hot spots over the exposure that they were tested by.

    Parameters
    ----------
    hot_spots
        From `analysis.hotspots.cells.spots_on`.

    Returns
    -------
    scan
        As from `scan`. By residents or streets, cells that have too few for a rate of their
        own, with their cases, are left out, as they are of Gi*; by count, each cell expects as
        many cases as any other.
    """
    cells, margin = hot_spots.cells, hot_spots.grid.cell_size / 2
    if hot_spots.basis in EXPOSURES:
        exposure = cells[EXPOSURES[hot_spots.basis]].to_numpy(float)
        _, enough = expected_cases(cells["count"].to_numpy(np.int64), exposure)
        cells = cells[enough]
        found = scan(cells["count"], cells["expected"], cells[["x", "y"]])
        return replace(found, margin_m=margin)
    even = pd.Series(1.0, index=cells.index)
    return replace(scan(cells["count"], even, cells[["x", "y"]]), margin_m=margin)


def _check(counts: pd.Series[int], expected: pd.Series[float], xy: pd.DataFrame) -> None:
    if not (counts.index.equals(expected.index) and counts.index.equals(xy.index)):
        msg = "`counts`, `expected` and `xy` must share one index."
        raise ValueError(msg)
    if not (expected > 0).all() or not (counts >= 0).all():
        msg = "`expected` must be positive and `counts` must not be negative."
        raise ValueError(msg)


def _replicas(null: _Null, total: int, *, replicas: int, seed: int) -> Iterator[Ints]:
    """Deal the cases by chance; blocks of cells by replicas, with an empty cell at the end."""
    rng = np.random.default_rng(seed)
    share = null.due / null.due.sum()
    for start in range(0, replicas, BLOCK):
        size = min(BLOCK, replicas - start)
        extra = np.maximum(rng.normal(null.extra, null.error, size), LEAST_EXTRA)[:, None]
        rates = share * rng.gamma(1 / extra, extra, size=(size, len(share)))
        rates /= rates.sum(axis=1, keepdims=True)
        yield _padded(rng.multinomial(total, rates).T)


def _padded(values: npt.NDArray[np.generic]) -> Ints:
    """Rows with one of zeros behind them, which missing neighbours point to."""
    small = values.astype(np.int32)
    padded: Ints = np.concatenate([small, np.zeros((1, *small.shape[1:]), np.int32)])
    return padded


def _added_up(windows: Windows, values: Floats) -> Floats:
    """Sums over the first 1, 2, 3 … cells around each centre."""
    within: Floats = np.cumsum(np.append(values, 0.0)[windows.nearest], axis=1)
    return within


def _greatest(windows: Windows, dealt: Ints, null: _Null) -> Floats:
    """Greatest log ratio of each replica of a block."""
    best = np.zeros(dealt.shape[1])
    for start in range(0, len(windows.nearest), CENTRES):
        some = slice(start, start + CENTRES)
        part = Windows(windows.nearest[some], windows.distance[some], windows.closed[some])
        _raise_best(best, part, dealt, null)
    return best


def _raise_best(best: Floats, windows: Windows, dealt: Ints, null: _Null) -> None:
    """
    Raise the best of each replica by the windows of some centres.

    Circles grow by a cell a step, for all centres and replicas at once:

        found += dealt[nearest[:, step]]        centres x replicas

    By the inequality of Kullback-Leibler and chi-square divergence the log ratio is at most
    (c - e)² / (e (1 - e / C)), which needs no logarithm; only what may pass the best is computed.
    """
    within, dispersion = null.within(windows)
    total = null.total
    found = np.zeros((len(windows.nearest), dealt.shape[1]), dtype=dealt.dtype)
    judged = windows.closed & (within <= MAX_SHARE * total)
    for step in range(windows.nearest.shape[1]):
        found += dealt[windows.nearest[:, step]]
        rows = np.flatnonzero(judged[:, step])
        if not len(rows):
            continue
        due, spread = within[rows, step], dispersion[rows, step]
        scale = 1 / np.sqrt(spread * due * (1 - due / total))
        excess = (found[rows] - due[:, None]) * scale[:, None]
        row, replica = np.nonzero(excess > np.sqrt(best))
        ratio = log_ratio(found[rows[row], replica], due[row], total) / spread[row]
        np.maximum.at(best, replica, ratio)


def _clusters(windows: Windows, counts: Ints, null: _Null, greatest: Floats) -> pd.DataFrame:
    """Take the place of greatest log ratio, then that of those that share no cell with it."""
    total = int(counts.sum())
    found = np.cumsum(np.append(counts, 0)[windows.nearest], axis=1)
    within, dispersion = null.within(windows)
    ratio = np.zeros(within.shape)
    judged = windows.closed & (within <= MAX_SHARE * total)
    judged &= (found >= PLACE_CASES) & (found >= CLEARLY * within)
    ratio[judged] = log_ratio(found[judged], within[judged], total) / dispersion[judged]
    rows = []
    while True:
        centre, last = np.unravel_index(np.argmax(ratio), ratio.shape)
        p, p_gumbel = _p(float(ratio[centre, last]), greatest)
        if ratio[centre, last] <= 0 or p > SCAN_P:
            break
        taken = windows.nearest[centre, : last + 1]
        size = (centre, windows.distance[centre, last], last + 1)
        at = centre, last
        inside = (found[at], within[at], dispersion[at], ratio[at])
        rows.append((*size, *inside, p, p_gumbel))
        touched = np.isin(windows.nearest, taken)
        ratio[np.logical_or.accumulate(touched, axis=1)] = 0
    names = ["centre", "radius_m", "cells", "cases", "expected", "dispersion", "log_ratio"]
    names += ["p", "p_gumbel"]
    return pd.DataFrame(rows, columns=names)


def _p(ratio: float, greatest: Floats) -> tuple[float, float]:
    """Chance of a greatest log ratio like this: by rank, and by the tail of Gumbel's law."""
    # Equal maps must count as equal, whatever the order of their sums.
    by_rank = (1 + int((greatest >= ratio - 1e-9).sum())) / (1 + len(greatest))
    scale = float(greatest.std(ddof=1)) * np.sqrt(6) / np.pi
    if not scale > 0:
        return by_rank, by_rank
    mode = float(greatest.mean()) - np.euler_gamma * scale
    return by_rank, float(scipy.stats.gumbel_r.sf(ratio, mode, scale))


def _table(clusters: pd.DataFrame, xy: pd.DataFrame) -> pd.DataFrame:
    centre = clusters["centre"].to_numpy(dtype=np.int64)
    table = clusters.set_axis(xy.index[centre], axis=0)
    table = table.assign(
        rank=np.arange(1, len(table) + 1),
        ratio=table["cases"] / table["expected"],
        **{axis: xy[axis].to_numpy(float)[centre] for axis in ("x", "y")},
    )
    return table[list(SCAN_COLUMNS)].astype({"cells": "int64", "cases": "int64"})


def _no_clusters(index: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(columns=list(SCAN_COLUMNS), index=index[:0]).astype(float)
