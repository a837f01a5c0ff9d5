"""What cases are counted over: how many each cell would have under one rate for the whole city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from analysis.hotspots.grid import cell_of_points

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

    from analysis.hotspots.grid import Grid

    Floats = npt.NDArray[np.float64]

MIN_EXPECTED = 1.0
"""Least cases that a cell should have by its own residents (or streets) at the city's rate; with
less, a few cases of people who do not live there would make any rate."""
PIECES_PER_CELL = 10
"""Streets are cut into pieces of a tenth of a cell, each counted in the cell of its middle."""


def residents_by_cell(grid: Grid, residents: pd.DataFrame) -> Floats:
    """
    Add up the residents of each cell.

    Parameters
    ----------
    grid
        From `analysis.hotspots.grid.study_grid`.
    residents
        As in `analysis.model.contracts`; unknown numbers count as none.

    Returns
    -------
    people
        On the cells of `grid`.
    """
    cell = cell_of_points(grid, residents[["x", "y"]].to_numpy(dtype=float))
    people = np.nan_to_num(residents["population"].to_numpy(dtype=float))
    return _added(grid, cell, people)


def street_metres(grid: Grid, streets: gpd.GeoDataFrame) -> Floats:
    """
    Measure the streets in each cell.

    Parameters
    ----------
    grid
        From `analysis.hotspots.grid.study_grid`.
    streets
        As in `analysis.model.contracts`.

    Returns
    -------
    metres
        On the cells of `grid`, to `1 / PIECES_PER_CELL` of a cell at each border crossed.
    """
    pieces = shapely.segmentize(streets.geometry.to_numpy(), grid.cell_size / PIECES_PER_CELL)
    xy, line = shapely.get_coordinates(pieces, return_index=True)
    same = line[1:] == line[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    cell = cell_of_points(grid, (start + end) / 2)
    metres = np.hypot(*(end - start).T)
    return _added(grid, cell, metres)


def _added(grid: Grid, cell: npt.NDArray[np.int64], values: Floats) -> Floats:
    known = cell >= 0
    sums = np.bincount(cell[known], weights=values[known], minlength=grid.size)
    return sums.astype(np.float64)


def expected_cases(
    counts: npt.NDArray[np.int64], exposure: Floats
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """
    Deal the cases to cells as their exposure has it.

    Parameters
    ----------
    counts
        Cases of each cell.
    exposure
        Residents, or metres of street, of each cell.

    Returns
    -------
    expected
        Cases of each cell at one rate. It is that of the cells that are `enough`, so that what
        is reported where hardly anybody lives does not raise it.
    enough
        Where all cases, dealt to the whole exposure, would make `MIN_EXPECTED` or more.

    Examples
    --------
    Four cases in three cells, all but one resident in two of them: the case of the last
    cell is in no rate.

    >>> import numpy as np
    >>> expected, enough = expected_cases(np.array([2, 1, 1]), np.array([50.0, 50.0, 1.0]))
    >>> expected.tolist(), enough.tolist()
    ([1.5, 1.5, 0.03], [True, True, False])
    """
    whole = exposure.sum()
    if whole <= 0:
        return np.zeros(len(counts)), np.zeros(len(counts), dtype=bool)
    enough = exposure * (counts.sum() / whole) >= MIN_EXPECTED
    judged = exposure[enough].sum()
    rate = counts[enough].sum() / judged if judged > 0 else 0.0
    expected: Floats = exposure * rate
    return expected, enough
