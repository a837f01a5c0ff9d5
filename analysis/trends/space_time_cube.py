"""Cases by cell and month: what change over time and prediction are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.hotspots.cells import check_sample
from analysis.hotspots.grid import Grid, cell_of_points, propose_cell_size, study_grid
from analysis.issues.location import check_placed, placed_among
from analysis.issues.months import month_name, month_numbers, whole_months
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from analysis.model.question import ALL_ISSUES, Selection

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

    from analysis.issues.issue_set import IssueSet

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
        The issues used, with the positions `step` and `cell` and the `community_id` of each.
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
    issue_set: IssueSet, selection: Selection = ALL_ISSUES, *, cell_size: float | None = None
) -> Cube:
    """
    Count the cases of every cell and whole month.

    Parameters
    ----------
    issue_set
        The whole register: it tells which months were observed.
    selection
        Category, first and last day; months that these cut are left out. Without a first
        day, the last `STEPS` months.
    cell_size
        Side of a cell in metres; by default such that a cell holds `CASES_PER_STEP` cases a
        month on average.

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
    issues, since = issue_set.issues, selection.since
    check_placed(issues)
    months = whole_months(
        issue_set.register,
        as_of=issue_set.as_of,
        since=since,
        until=selection.until,
        limit=None if since else STEPS,
    )
    _check_steps(len(months.seen))
    chosen = select_issues(issues, Selection(selection.category))
    number = month_numbers(chosen["reported_at"])
    chosen = chosen.assign(
        step=np.searchsorted(months.seen, number),
        community_id=issue_set.communities_of(chosen.index),
    )[np.isin(number, months.seen)]
    placed = placed_among(chosen, chosen["community_id"], np.ones(len(chosen), dtype=bool))
    size = cell_size or _proposed(len(placed.xy), len(months.seen), issue_set.communities)
    grid = study_grid(issue_set.communities, cell_size=size)
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


def _proposed(cases: int, steps: int, communities: gpd.GeoDataFrame) -> float:
    area, each = float(communities.area.sum()), CASES_PER_STEP * steps
    return propose_cell_size(cases, area_m2=area, cases_per_cell=each).metres


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
