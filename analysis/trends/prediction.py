"""Whether the map of one month tells where the cases of the next month are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from analysis.handling.recurrence import repeat_points
from analysis.hotspots.grid import cell_of_points
from analysis.model.multiple_testing import adjusted
from analysis.trends.emerging import space_time_gi_star
from analysis.trends.space_time_cube import EARLIER, RINGS

if TYPE_CHECKING:
    import numpy.typing as npt

    from analysis.trends.space_time_cube import Cube

SHARES = (0.01, 0.02, 0.05)
"""Parts of the area that the ranked maps flag."""
Q_LEVELS = {"gi_01": 0.01, "gi_05": 0.05, "gi_10": 0.10}
PREDICTION_COLUMNS = (
    "method",
    "months",
    "months_empty",
    "cells_mean",
    "area_share",
    "cases",
    "hits",
    "hit_rate",
    "pai",
    "hit_rate_last",
    "pai_last",
)


def predictive_value(
    hits: npt.NDArray[np.int64], cases: npt.NDArray[np.int64], area: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """
    Give hit rate and predictive accuracy index of some maps together.

    Parameters
    ----------
    hits, cases
        Cases of the month after each map: in its flagged area, and all of them.
    area
        Share of the study area that each map flags.

    Returns
    -------
    hit_rate, pai
        Σ hits / Σ cases, and that divided by the cases that chance would give the area, as a
        share: Σ (area · cases) / Σ cases; not a number without cases, or without area.

    References
    ----------
    Chainey, Tompson and Uhlig (2008), doi:10.1057/palgrave.sj.8350066.

    Examples
    --------
    Six of ten cases on a tenth of the area:

    >>> import numpy as np
    >>> predictive_value(np.array([6]), np.array([10]), np.array([0.1]))
    (0.6, 6.0)
    """
    by_chance = float((area * cases).sum())
    rate = float(hits.sum() / cases.sum()) if cases.sum() else np.nan
    return rate, float(hits.sum() / by_chance) if by_chance else np.nan


def predict_next(cube: Cube, *, distance_m: float = 50.0, least: int = 3) -> pd.DataFrame:
    """
    Judge every way to draw a map by the cases of the month after it.

    Each map is drawn from one month (Gi*: and the one before it), and judged on the next; no
    map is judged on a month that it was drawn from.

    Parameters
    ----------
    cube
        From `analysis.trends.space_time_cube.case_cube`.
    distance_m, least
        Of repeat points, as in `analysis.handling.recurrence.repeat_points`.

    Returns
    -------
    prediction
        `PREDICTION_COLUMNS`, one row a method: `gi_01`, `gi_05`, `gi_10`, hot cells at q ≤ 1, 5,
        10 %, corrected over the cells of the month; `density_1` …, the cells of highest
        smoothed count (Gaussian, one cell wide); `counts_1` …, of highest count, in parts of
        1, 2, 5 % of the area; `repeat`, cells that hold the middle of a repeat point.
        `months` judged, `months_empty` in which the map flagged nothing; `area_share`
        flagged on average, weighted by cases; `cases` and `hits` of all months; `hit_rate`
        and `pai` of all and, with `_last`, of the last month alone.
    """
    drawn = len(cube.steps) - 1
    cases = cube.counts[1:].sum(axis=1)
    rows = []
    for method, flags in _flags(cube, distance_m=distance_m, least=least).items():
        cells = flags[:drawn].sum(axis=1)
        area = cells / cube.counts.shape[1]
        hits = (cube.counts[1:] * flags[:drawn]).sum(axis=1)
        rate, pai = predictive_value(hits, cases, area)
        rate_last, pai_last = predictive_value(hits[-1:], cases[-1:], area[-1:])
        rows.append(
            {
                "method": method,
                "months": drawn,
                "months_empty": int((cells == 0).sum()),
                "cells_mean": float(cells.mean()),
                "area_share": rate / pai if pai > 0 else float(area.mean()),
                "cases": int(cases.sum()),
                "hits": int(hits.sum()),
                "hit_rate": rate,
                "pai": pai,
                "hit_rate_last": rate_last,
                "pai_last": pai_last,
            }
        )
    return pd.DataFrame(rows, columns=list(PREDICTION_COLUMNS))


def _flags(cube: Cube, *, distance_m: float, least: int) -> dict[str, npt.NDArray[np.bool_]]:
    """Steps × cells flagged by each method."""
    z = space_time_gi_star(cube.counts, cube.grid.inside, rings=RINGS, earlier=EARLIER)
    q = np.stack([adjusted(step) for step in 2 * scipy.special.ndtr(-np.abs(z))])
    flags = {name: (q <= limit) & (z > 0) for name, limit in Q_LEVELS.items()}
    for name, values in (("density", _smooth(cube)), ("counts", cube.counts.astype(float))):
        for share in SHARES:
            flags[f"{name}_{share * 100:g}"] = _top(values, share)
    flags["repeat"] = _repeated(cube, distance_m=distance_m, least=least)
    return flags


def _smooth(cube: Cube) -> npt.NDArray[np.float64]:
    raster = np.zeros(cube.grid.inside.shape)
    values = np.empty(cube.counts.shape)
    for step, counts in enumerate(cube.counts):
        raster[cube.grid.inside] = counts
        smooth = scipy.ndimage.gaussian_filter(raster, 1.0, mode="constant")
        values[step] = smooth[cube.grid.inside]
    return values


def _top(values: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.bool_]:
    """Flag the highest cells of each step; of equal ones the first, and none that are empty."""
    size = max(1, round(share * values.shape[1]))
    order = np.argsort(-values, axis=1, kind="stable")[:, :size]
    flags = np.zeros(values.shape, dtype=bool)
    np.put_along_axis(flags, order, values=True, axis=1)
    return flags & (values > 0)


def _repeated(cube: Cube, *, distance_m: float, least: int) -> npt.NDArray[np.bool_]:
    points = repeat_points(cube.cases, distance_m=distance_m, least=least)
    flags = np.zeros(cube.counts.shape, dtype=bool)
    cell = cell_of_points(cube.grid, points[["x", "y"]].to_numpy(dtype=float))
    step = points["month"].map({name: at for at, name in enumerate(cube.steps)})
    flags[step.to_numpy(dtype=np.int64)[cell >= 0], cell[cell >= 0]] = True
    return flags
