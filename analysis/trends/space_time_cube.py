"""Cases by cell and month: what change over time and prediction are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.hotspots.cells import check_sample
from analysis.hotspots.grid import Grid, cell_of_points, study_grid, suggest_cell_size
from analysis.issues.location import check_placed, place_cases
from analysis.issues.months import month_name, month_numbers, whole_months
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

MIN_STEPS = 10
"""Fewest steps; with six, Mann and Kendall's test hardly ever rejects."""
STEPS = 24
"""Months looked at unless a period is given."""
EARLIER = 1
"""Earlier steps that are neighbours of a step."""
RINGS = 1
CASES_PER_STEP = 1.0
"""Cases of a cell and step on average at the proposed cell size: 18 a neighbourhood."""


@dataclass(frozen=True, eq=False)
class Cube:
    """
    Cases counted by month and cell.

    `len(cases) + unlocated + outside + off_grid` is the number of issues of these months.

    Attributes
    ----------
    steps, unseen
        Months, as `YYYY-MM`: looked at, and left out because nothing at all was reported.
    grid
        The cells.
    counts
        Steps × cells, in the order of `Grid.cells`.
    cases
        The issues used, with the positions `step` and `cell` of each.
    unlocated, outside, off_grid
        As in `analysis.hotspots.cells.HotSpots`.
    neighbourhood_cases
        Mean number of cases in a full neighbourhood: `RINGS` in space, `EARLIER` months.
    """

    steps: tuple[str, ...]
    unseen: tuple[str, ...]
    grid: Grid
    counts: npt.NDArray[np.int64]
    cases: pd.DataFrame
    unlocated: int
    outside: int
    off_grid: int
    neighbourhood_cases: float


def case_cube(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
    category: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    cell_size: float | None = None,
    membership: pd.Series[str] | None = None,
) -> Cube:
    """
    Count the cases of every cell and whole month.

    Parameters
    ----------
    issues
        The whole register, as in `analysis.model.contracts`: it tells which months were observed.
    communities
        The study area.
    as_of
        Last day of the data.
    category
        As in `analysis.issues.selection.select_issues`.
    since, until
        First and last day; months that they cut are left out. Without `since`, the last
        `STEPS` months.
    cell_size
        Side of a cell in metres; by default such that a cell holds `CASES_PER_STEP` cases a
        month on average.
    membership
        `analysis.issues.location.locate_cases` of these or more issues, if known.

    Returns
    -------
    cube
        Empty cells of the study area included.

    Raises
    ------
    SettingsError
        If the category, the period or the cell size cannot be.
    SampleError
        If there are fewer than `MIN_STEPS` months, or too few cases or cells, or none with
        coordinates.
    """
    check_placed(issues)
    months = whole_months(
        issues, as_of=as_of, since=since, until=until, limit=None if since else STEPS
    )
    _check_steps(len(months.seen))
    chosen = select_issues(issues, category=category)
    number = month_numbers(chosen["reported_at"])
    chosen = chosen.assign(step=np.searchsorted(months.seen, number))[np.isin(number, months.seen)]
    wanted = CASES_PER_STEP * len(months.seen)
    size = (
        cell_size
        or suggest_cell_size(
            chosen, communities, membership=membership, cases_per_cell=wanted
        ).metres
    )
    grid = study_grid(communities, cell_size=size)
    placed = place_cases(chosen, communities, membership=membership)
    cell = cell_of_points(grid, placed.xy.to_numpy(dtype=float))
    cases = chosen.loc[placed.xy.index].assign(cell=cell)
    cases = cases[cases["cell"] >= 0]
    bins = grid.size * len(months.seen)
    mean = len(cases) / max(bins, 1) * (2 * RINGS + 1) ** 2 * (1 + EARLIER)
    check_sample(cells=grid.size, cases=len(cases), mean=mean, cell_size=size)
    counts = np.bincount(cases["step"] * grid.size + cases["cell"], minlength=bins)
    return Cube(
        steps=tuple(map(month_name, months.seen)),
        unseen=tuple(map(month_name, months.unseen)),
        grid=grid,
        counts=counts.reshape(len(months.seen), grid.size),
        cases=cases,
        unlocated=placed.unlocated,
        outside=placed.outside,
        off_grid=len(placed.xy) - len(cases),
        neighbourhood_cases=mean,
    )


def _check_steps(found: int) -> None:
    if found < MIN_STEPS:
        msg = f"change: {found} whole months with reports; at least {MIN_STEPS} are needed."
        raise SampleError(
            msg,
            problem="steps_too_few",
            hint="Choose a longer period.",
            found=found,
            least=MIN_STEPS,
        )
