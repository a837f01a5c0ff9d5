"""How hot spots change: Gi* in space and time, and the pattern of every cell's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy

from analysis.hotspots.cells import LEVELS
from analysis.hotspots.getis_ord import neighbour_sums
from analysis.issues.counts import most_frequent
from analysis.model.multiple_testing import adjusted
from analysis.trends.mann_kendall import Trends, mann_kendall, prewhitened
from analysis.trends.space_time_cube import EARLIER, RINGS

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from analysis.trends.space_time_cube import Cube

EDITION = (
    "Esri, How Emerging Hot Spot Analysis works, ArcGIS AllSource edition"
    " (consecutive: two steps or more; sporadic: hot in the final step)"
)
"""Whose definitions of the eight patterns are used."""
PATTERNS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
    "unclear",
)
MOSTLY = 0.9
"""Share of the steps that makes a hot spot a lasting one."""
SURE = 2
"""Class from which a cell counts as hot: q ≤ 0.05."""
TREND_Q = CHANGE_Q = 0.05
"""Greatest q, over all cells, at which a share is said to rise or fall, or a cell to change."""
PLACE_COLUMNS = (
    "rank",
    "pattern",
    "community",
    "community_id",
    "parent",
    "cases",
    "cases_last",
    "since",
    "steps_hot",
    "trend",
    "top_category",
    "cells",
    "area_m2",
    "x",
    "y",
)


@dataclass(frozen=True, eq=False)
class Emerging:
    """
    The history of every cell.

    Attributes
    ----------
    cube
        What it was computed from.
    cells
        Every cell of the study area: index `cell_id`; `col`, `row`, `x`, `y`; `count`,
        `count_last` (cases, of the last step); `pattern`, one of `PATTERNS` or `none`;
        `steps_hot`, `steps_cold`; `since`, the first step of the hot run that lasts to the
        end, or empty; `z_last`, `q_last`; `trend` (`up`, `down`, `none`), `trend_s`,
        `trend_z`, `trend_p` and `trend_q`; `change_q` of `change_test`; `place`, its rank in
        `places`, or 0.
    places
        `PLACE_COLUMNS`: cells with a pattern that touch, most cases first; the pattern,
        `since`, `steps_hot` and `trend` are those of its cell with the most cases.
    classes
        Steps × cells: -3, -2, -1 cold at q ≤ 0.01, 0.05, 0.10, 0, 1, 2, 3 hot.
    """

    cube: Cube
    cells: pd.DataFrame
    places: pd.DataFrame
    classes: npt.NDArray[np.int8]


def space_time_gi_star(
    counts: npt.NDArray[np.int64],
    inside: npt.NDArray[np.bool_],
    *,
    rings: int = 1,
    earlier: int = EARLIER,
) -> npt.NDArray[np.float64]:
    """
    Compute Gi* of every cell and step with neighbours in space and in earlier steps.

    z as in `analysis.hotspots.getis_ord.gi_star`, w = 1 for the cell itself, for its
    neighbours in space, and for all of these in the `earlier` steps before. The reference
    window is every cell of the steps that the neighbourhood spans: a month in which the whole
    city reports more makes no place hot.

    Parameters
    ----------
    counts
        Cases, steps × cells of the study area in the order of `inside`.
    inside
        Which cells of the raster make up the study area.
    rings
        As in `gi_star`.
    earlier
        Steps before; the first steps have as many as there are.

    Returns
    -------
    z
        Steps × cells; 0 where all cells of the window are alike. Steps share cases with the
        one before, so that one month's burst makes the next month hot, too.

    References
    ----------
    Ord and Getis (1995), doi:10.1111/j.1538-4632.1995.tb00912.x.
    """
    near = neighbour_sums(inside.astype(np.int64), rings=rings)[inside].astype(float)
    around = np.empty_like(counts)
    raster = np.zeros(inside.shape, dtype=np.int64)
    for step, values in enumerate(counts):
        raster[inside] = values
        around[step] = neighbour_sums(raster, rings=rings)[inside]
    total, squares = counts.sum(axis=1), (counts.astype(float) ** 2).sum(axis=1)
    z = np.empty(counts.shape)
    for step in range(len(counts)):
        window = slice(max(0, step - earlier), step + 1)
        spans = step + 1 - window.start
        n, weight = counts.shape[1] * spans, near * spans
        mean = total[window].sum() / n
        spread = np.sqrt(max(squares[window].sum() / n - mean**2, 0.0))
        scale = spread * np.sqrt((n * weight - weight**2) / (n - 1))
        z[step] = np.divide(
            around[window].sum(axis=0) - mean * weight,
            scale,
            out=np.zeros(counts.shape[1]),
            where=scale > 0,
        )
    return z


def patterns(
    hot: npt.NDArray[np.bool_],
    cold: npt.NDArray[np.bool_],
    *,
    up: npt.NDArray[np.bool_],
    down: npt.NDArray[np.bool_],
    changed: npt.NDArray[np.bool_],
) -> npt.NDArray[Any]:
    """
    Name the pattern of every cell's history.

    The first that fits, in this order; "mostly" is at least nine steps of ten: historical (mostly
    hot, not in the last step), intensifying, diminishing, persistent (mostly hot, last step
    too, rising, falling, neither), new (hot in the last step only), consecutive (hot in a last
    run of two or more steps and never before), oscillating (hot in the last step, cold
    before), sporadic (hot in the last step, on and off before). The last four say that something
    changed, and need a test that it did: without, the cell is unclear, as one that is always
    near the border of hot crosses it now and then. Cold spots are given no pattern: few
    reports do not mean clean.

    Parameters
    ----------
    hot, cold
        Steps × cells.
    up, down
        Whether the cell's share of all cases rises or falls, one a cell.
    changed
        Whether its own steps differ more than chance, one a cell, from `change_test`.

    Returns
    -------
    pattern
        One of `PATTERNS` or `none`, one a cell.

    References
    ----------
    `EDITION`.

    Examples
    --------
    >>> import numpy as np
    >>> hot = np.array([[0, 1, 1], [0, 1, 0], [1, 1, 1]], dtype=bool)
    >>> flat = np.zeros(3, dtype=bool)
    >>> cold, all_did = np.zeros_like(hot), np.ones(3, dtype=bool)
    >>> patterns(hot, cold, up=flat, down=flat, changed=all_did).tolist()
    ['new', 'persistent', 'sporadic']
    """
    last, times = hot[-1], hot.sum(axis=0)
    mostly = times >= MOSTLY * len(hot) - 1e-9
    return np.select(
        [
            mostly & ~last,
            mostly & up,
            mostly & down,
            mostly,
            last & ~changed,
            last & (times == 1),
            last & (_last_run(hot) == times),
            last & cold.any(axis=0),
            last,
        ],
        ["historical", "intensifying", "diminishing", "persistent", "unclear",
         "new", "consecutive", "oscillating", "sporadic"],
        default="none",
    )  # fmt: skip


def _last_run(hot: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Steps of the hot run that ends with the last step."""
    run: npt.NDArray[np.int64] = np.logical_and.accumulate(hot[::-1], axis=0).sum(axis=0)
    return run


def emerging_hot_spots(cube: Cube, communities: gpd.GeoDataFrame) -> Emerging:
    """
    Find which places are becoming hot, stay so, or have ceased to be.

    Parameters
    ----------
    cube
        From `analysis.trends.space_time_cube.case_cube`.
    communities
        Those it was made with.

    Returns
    -------
    emerging
        Gi* of `space_time_gi_star` with Benjamini and Hochberg's correction over all cells
        and steps; hot or cold at q ≤ 0.05. The trend is that of the share of the month's
        cases that fall on a cell and its neighbours, without earlier months: Mann and
        Kendall's test on the prewhitened series, at `TREND_Q` after Benjamini and Hochberg over
        all cells, as is `change_test`. Counts, not rates.
    """
    inside = cube.grid.inside
    cells, classes = cell_histories(cube)
    number, _ = scipy.ndimage.label(
        _on_map(cube, cells["pattern"] != "none"), structure=np.ones((3, 3))
    )
    places = _places(cells, number[inside], cube, communities)
    rank = places["rank"].to_dict()
    cells["place"] = [rank.get(each, 0) for each in number[inside].tolist()]
    return Emerging(cube, cells, places.reset_index(drop=True), classes)


def cell_histories(cube: Cube) -> tuple[pd.DataFrame, npt.NDArray[np.int8]]:
    """
    Tell the history of every cell, without joining cells to places.

    Parameters
    ----------
    cube
        As in `emerging_hot_spots`.

    Returns
    -------
    cells, classes
        As in `Emerging`, but for `place`.
    """
    z = space_time_gi_star(cube.counts, cube.grid.inside, rings=RINGS, earlier=EARLIER)
    q = adjusted(2 * scipy.special.ndtr(-np.abs(z)).ravel()).reshape(z.shape)
    classes = _classes(z, q)
    around, totals = _around(cube), cube.counts.sum(axis=1)
    trend = mann_kendall(prewhitened(around / np.maximum(totals, 1)[:, None]))
    change_q = adjusted(change_test(around, totals))
    return _histories(cube, z, q, classes, trend, change_q=change_q), classes


def _on_map(cube: Cube, chosen: pd.Series) -> npt.NDArray[np.bool_]:
    raster = np.zeros(cube.grid.inside.shape, dtype=bool)
    raster[cube.grid.inside] = chosen.to_numpy()
    return raster


def _classes(z: npt.NDArray[np.float64], q: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    size = sum((q <= limit).astype(np.int8) for limit, _ in LEVELS)
    classes: npt.NDArray[np.int8] = np.where(z > 0, size, -size).astype(np.int8)
    return classes


def _around(cube: Cube) -> npt.NDArray[np.int64]:
    """Cases of each step around each cell, in space alone."""
    inside = cube.grid.inside
    raster = np.zeros(inside.shape, dtype=np.int64)
    around = np.empty_like(cube.counts)
    for step, values in enumerate(cube.counts):
        raster[inside] = values
        around[step] = neighbour_sums(raster, rings=RINGS)[inside]
    return around


def change_test(
    counts: npt.NDArray[np.int64], totals: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """
    Test whether the steps of a cell differ more than those of the city and chance explain.

    Parameters
    ----------
    counts
        Cases, steps × cells.
    totals
        Cases of the whole city in each step: season and trend of the city are no change.

    Returns
    -------
    p
        Of X² = Σ (y − e)² / e / φ over the steps, e the cell's cases dealt to steps as the city
        has them, by the chi-square law with steps − 1 degrees of freedom; φ is X² over its
        degrees of freedom of the middle cell, and no less than 1. 1 where there are fewer cases
        than steps.

    References
    ----------
    Pearson (1900), doi:10.1080/14786440009463897.
    """
    seen = totals > 0
    share = totals[seen] / max(totals.sum(), 1)
    cases, freedom = counts.sum(axis=0), int(seen.sum()) - 1
    p = np.ones(counts.shape[1])
    enough = cases >= len(totals)
    if freedom < 1 or not enough.any():
        return p
    expected = share[:, None] * cases[enough]
    square = ((counts[seen][:, enough] - expected) ** 2 / expected).sum(axis=0)
    middle = float(np.median(square)) / float(scipy.stats.chi2.median(freedom))
    p[enough] = scipy.stats.chi2.sf(square / max(middle, 1.0), freedom)
    return p


def _histories(
    cube: Cube,
    z: npt.NDArray[np.float64],
    q: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int8],
    trend: Trends,
    *,
    change_q: npt.NDArray[np.float64],
) -> pd.DataFrame:
    hot, cold = classes >= SURE, classes <= -SURE
    trend_q = adjusted(trend.p)
    sure = trend_q <= TREND_Q
    up, down = sure & (trend.s > 0), sure & (trend.s < 0)
    run = _last_run(hot)
    names = np.array([*cube.steps, ""], dtype=object)
    return cube.grid.cells().assign(
        count=cube.counts.sum(axis=0),
        count_last=cube.counts[-1],
        pattern=patterns(hot, cold, up=up, down=down, changed=change_q <= CHANGE_Q),
        steps_hot=hot.sum(axis=0),
        steps_cold=cold.sum(axis=0),
        since=names[len(cube.steps) - run],
        z_last=z[-1],
        q_last=q[-1],
        trend=np.select([up, down], ["up", "down"], default="none"),
        trend_s=trend.s,
        trend_z=trend.z,
        trend_p=trend.p,
        trend_q=trend_q,
        change_q=change_q,
    )


def _places(
    cells: pd.DataFrame,
    number: npt.NDArray[np.int64],
    cube: Cube,
    communities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Index the number of the place; the columns of `PLACE_COLUMNS`."""
    members = cells.assign(place=number)[number > 0].sort_values(
        ["count", "z_last"], ascending=False, kind="stable"
    )
    grouped = members.groupby("place")
    first = grouped[["pattern", "since", "steps_hot", "trend"]].first()
    sums = grouped[["count", "count_last"]].sum()
    sums = sums.rename(columns={"count": "cases", "count_last": "cases_last"})
    places = first.join(sums).assign(cells=grouped.size())
    places["area_m2"] = places["cells"] * cube.grid.cell_size**2
    place = pd.Series(number[cube.cases["cell"]], index=cube.cases.index)
    cases = cube.cases[place > 0]
    place = place[place > 0]
    places = places.join(cases.groupby(place)[["x", "y"]].mean())
    places["top_category"] = most_frequent(cases["category"], place).reindex(places.index)
    places["community_id"] = most_frequent(cases["community_id"], place).reindex(places.index)
    places["community"] = places["community_id"].map(communities["name"])
    places["parent"] = places["community_id"].map(communities["parent"])
    places = places.sort_values(["cases", "cases_last"], ascending=False, kind="stable")
    places["rank"] = np.arange(1, len(places) + 1)
    return places[list(PLACE_COLUMNS)]
