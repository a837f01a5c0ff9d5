"""The scan statistic: places of any size up to a stated one, by one test for all looks."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy
import shapely
from shapely import affinity

from analysis.hotspots.cells import EXPOSURES
from analysis.hotspots.exposure import expected_cases
from analysis.hotspots.places import CLEARLY, PLACE_CASES
from analysis.hotspots.rate_spread import rate_spread
from analysis.model.errors import SampleError

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
    "p", "p_gumbel", "axis_ratio", "angle",
)  # fmt: skip
QUARTER = 16
"""Corners of a quarter of a circle as it is drawn."""
LEAST_EXTRA = 1e-6
"""Least variance of rates in a map of chance: so small is none."""
SAME_M = 1e-3
"""Cells whose distances from a centre differ by less are equally far."""
ELLIPSES = ((1.0, 1), (1.5, 4), (2.0, 6), (3.0, 9))
"""Shapes of elliptic windows: length over width, and how many directions of it are tried."""
MAX_ELLIPTIC_CELLS = 10_000
"""Most cells that are scanned by ellipses, which take twenty times the memory and the time."""
BLOCK = 64
"""Replicas counted side by side."""
CENTRES = 2_048
"""Centres counted at once: their sums over a block of replicas stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Windows:
    """
    Windows of one shape around each centre as nested lists of neighbours.

    Attributes
    ----------
    nearest
        For each centre and shape (row) the cells by distance, itself first; the number of cells
        where there are no more.
    distance
        Half the length of the ellipse that reaches them (of a circle its radius), in metres;
        infinite where there are none.
    closed
        Whether the cells up to this one are all within a window. Of cells equally far only
        the last closes one.
    axis_ratio, angle
        Of each row: length over width, 1 for circles; direction of the length in degrees from
        east to north.
    """

    nearest: Ints
    distance: Floats
    closed: Bools
    axis_ratio: Floats
    angle: Floats

    def part(self, some: slice) -> Windows:
        """Take some of the rows."""
        return Windows(*(getattr(self, each.name)[some] for each in fields(self)))


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
            Polygons in the order of `clusters`, around the farthest cell of each; ellipses where
            these were looked for.
        """
        rows = self.clusters[["x", "y", "radius_m", "axis_ratio", "angle"]].to_numpy(float)
        round_ = shapely.Point(0, 0).buffer(1.0, quad_segs=QUARTER)
        outlines = []
        for x, y, reach, axis_ratio, angle in rows:
            length, width = reach + self.margin_m, reach / axis_ratio + self.margin_m
            turned = affinity.rotate(affinity.scale(round_, length, width), angle, origin=(0, 0))
            outlines.append(affinity.translate(turned, x, y))
        return np.asarray(outlines, dtype=object)


@dataclass(frozen=True, eq=False)
class Law:
    """
    What cells hold but for a place.

    Attributes
    ----------
    due
        Cases expected of each.
    spread
        Variance of each beyond that of Poisson's law.
    total
        All cases, those outside the windows too.
    """

    due: Floats
    spread: Floats
    total: float

    def within(self, windows: Windows) -> tuple[Floats, Floats]:
        """Cases expected in the first 1, 2, 3 … cells around each centre, and their dispersion."""
        due = _added_up(windows, self.due)
        return due, 1 + _added_up(windows, self.spread) / due


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
    found = nearest[:, kept].astype(np.int64), distance[:, kept], closed[:, kept]
    return Windows(*found, np.ones(len(xy)), np.zeros(len(xy)))


def elliptic_windows(
    xy: Floats, *, max_cells: int = MAX_CELLS, max_radius: float = MAX_RADIUS_M
) -> Windows:
    """
    List the circles and ellipses around each cell or community.

    Parameters
    ----------
    xy
        Centres, in metres, one row each.
    max_cells, max_radius
        Most cells, and greatest half of the length in metres, of a window.

    Returns
    -------
    windows
        All shapes and directions of `ELLIPSES`, one below the other.

    Raises
    ------
    SampleError
        With more than `MAX_ELLIPTIC_CELLS` centres.

    References
    ----------
    Kulldorff, Huang, Pickle and Duczmal (2006), doi:10.1002/sim.2490, without its penalty for
    length.
    """
    if len(xy) > MAX_ELLIPTIC_CELLS:
        msg = f"scan: {len(xy)} cells; ellipses are tried on at most {MAX_ELLIPTIC_CELLS}."
        raise SampleError(
            msg,
            problem="scan_cells_many",
            hint="Choose larger cells, or circles.",
            found=len(xy),
            most=MAX_ELLIPTIC_CELLS,
        )
    parts = []
    for axis_ratio, directions in ELLIPSES:
        for angle in np.arange(directions) * (180.0 / directions):
            turn = np.radians(angle)
            along = xy @ np.array([np.cos(turn), np.sin(turn)])
            across = xy @ np.array([-np.sin(turn), np.cos(turn)]) * axis_ratio
            # Within the ellipse where the distance so stretched is half its length at most.
            stretched = np.column_stack([along, across])
            part = circular_windows(stretched, max_cells=max_cells, max_radius=max_radius)
            size = np.full(len(xy), axis_ratio), np.full(len(xy), angle)
            parts.append(Windows(part.nearest, part.distance, part.closed, *size))
    return Windows(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Windows))
    )


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
    # a total that is a sum of expected cases may fall short of a whole number by rounding
    rest, rest_due = np.maximum(total - found, 0), np.maximum(total - due, np.finfo(float).tiny)
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
    ellipses: bool = False,
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
    ellipses
        Whether windows are also ellipses, as from `elliptic_windows`: twenty times the work.

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
        all of them; `axis_ratio`, `angle` as in `Windows` (`radius_m` is half the length of an
        ellipse). For clusters after the first p is an upper bound.

    Raises
    ------
    ValueError
        If an expected number is not positive, a count is negative, the indexes differ, or
        there are fewer than two replicas.
    SampleError
        With more than `MAX_ELLIPTIC_CELLS` for ellipses.

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
    extra, error = rate_spread(found, due)
    law = Law(due, extra * due**2, float(due.sum()))
    shapes = elliptic_windows if ellipses else circular_windows
    windows = shapes(xy[["x", "y"]].to_numpy(float), max_cells=max_cells, max_radius=max_radius)
    dealt = _replicas(due, extra, error, replicas=replicas, seed=seed)
    greatest = np.concatenate([greatest_ratios(windows, block, law) for block in dealt])
    clusters = _table(_clusters(windows, found, law, greatest), xy)
    return Scan(clusters, greatest, total, len(counts), extra)


def scan_cells(hot_spots: HotSpots, *, ellipses: bool = False) -> Scan:
    """
    Scan the cells of hot spots over the exposure that they were tested by.

    Parameters
    ----------
    hot_spots
        From `analysis.hotspots.cells.spots_on`.
    ellipses
        As in `scan`.

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
        found = scan(cells["count"], cells["expected"], cells[["x", "y"]], ellipses=ellipses)
        return replace(found, margin_m=margin)
    even = pd.Series(1.0, index=cells.index)
    found = scan(cells["count"], even, cells[["x", "y"]], ellipses=ellipses)
    return replace(found, margin_m=margin)


def _check(counts: pd.Series[int], expected: pd.Series[float], xy: pd.DataFrame) -> None:
    if not (counts.index.equals(expected.index) and counts.index.equals(xy.index)):
        msg = "`counts`, `expected` and `xy` must share one index."
        raise ValueError(msg)
    if not (expected > 0).all() or not (counts >= 0).all():
        msg = "`expected` must be positive and `counts` must not be negative."
        raise ValueError(msg)


def _replicas(
    due: Floats, extra: float, error: float, *, replicas: int, seed: int
) -> Iterator[Ints]:
    """Deal the cases by chance; blocks of cells by replicas, with an empty cell at the end."""
    rng = np.random.default_rng(seed)
    total, share = round(float(due.sum())), due / due.sum()
    for start in range(0, replicas, BLOCK):
        size = min(BLOCK, replicas - start)
        variance = np.maximum(rng.normal(extra, error, size), LEAST_EXTRA)[:, None]
        rates = share * rng.gamma(1 / variance, variance, size=(size, len(share)))
        rates /= rates.sum(axis=1, keepdims=True)
        yield padded(rng.multinomial(total, rates).T)


def padded(values: npt.NDArray[np.generic]) -> Ints:
    """
    Put a row of zeros behind others, which missing neighbours point to.

    Parameters
    ----------
    values
        Cases, cells by replicas.

    Returns
    -------
    padded
        With one row more.
    """
    small = values.astype(np.int32)
    longer: Ints = np.concatenate([small, np.zeros((1, *small.shape[1:]), np.int32)])
    return longer


def _added_up(windows: Windows, values: Floats) -> Floats:
    """Sums over the first 1, 2, 3 … cells around each centre."""
    within: Floats = np.cumsum(np.append(values, 0.0)[windows.nearest], axis=1)
    return within


def greatest_ratios(windows: Windows, dealt: Ints, law: Law) -> Floats:
    """
    Find the greatest log ratio, over its dispersion, of each replica.

    Parameters
    ----------
    windows
        From `circular_windows` or `elliptic_windows`.
    dealt
        Cases of cells by replicas, from `padded`.
    law
        What cells should hold.

    Returns
    -------
    greatest
        One a replica, 0 where no window holds more than expected.
    """
    best = np.zeros(dealt.shape[1])
    for start in range(0, len(windows.nearest), CENTRES):
        _raise_best(best, windows.part(slice(start, start + CENTRES)), dealt, law)
    return best


def _raise_best(best: Floats, windows: Windows, dealt: Ints, law: Law) -> None:
    """
    Raise the best of each replica by the windows of some centres.

    Circles grow by a cell a step, for all centres and replicas at once:

        found += dealt[nearest[:, step]]        centres x replicas

    By the inequality of Kullback-Leibler and chi-square divergence the log ratio is at most
    (c - e)² / (e (1 - e / C)), which needs no logarithm; only what may pass the best is computed.
    """
    within, dispersion = law.within(windows)
    total = law.total
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


def _clusters(windows: Windows, counts: Ints, law: Law, greatest: Floats) -> pd.DataFrame:
    """Take the place of greatest log ratio, then that of those that share no cell with it."""
    total = int(counts.sum())
    found = np.cumsum(np.append(counts, 0)[windows.nearest], axis=1)
    within, dispersion = law.within(windows)
    ratio = np.zeros(within.shape)
    judged = windows.closed & (within <= MAX_SHARE * total)
    judged &= (found >= PLACE_CASES) & (found >= CLEARLY * within)
    ratio[judged] = log_ratio(found[judged], within[judged], total) / dispersion[judged]
    rows = []
    while True:
        row, last = at = np.unravel_index(np.argmax(ratio), ratio.shape)
        p, p_gumbel = tail_of(float(ratio[at]), greatest)
        if ratio[at] <= 0 or p > SCAN_P:
            break
        taken = windows.nearest[row, : last + 1]
        size = (windows.nearest[row, 0], windows.distance[at], last + 1)
        inside = (found[at], within[at], dispersion[at], ratio[at])
        shape = (windows.axis_ratio[row], windows.angle[row])
        rows.append((*size, *inside, p, p_gumbel, *shape))
        touched = np.isin(windows.nearest, taken)
        ratio[np.logical_or.accumulate(touched, axis=1)] = 0
    names = ["centre", "radius_m", "cells", "cases", "expected", "dispersion", "log_ratio"]
    names += ["p", "p_gumbel", "axis_ratio", "angle"]
    return pd.DataFrame(rows, columns=names)


def tail_of(ratio: float, greatest: Floats) -> tuple[float, float]:
    """
    Tell the chance of a greatest log ratio like this.

    Parameters
    ----------
    ratio
        Found.
    greatest
        Of the replicas.

    Returns
    -------
    p, p_gumbel
        By rank, and by the tail of Gumbel's law.
    """
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
