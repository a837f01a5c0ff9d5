"""Hot and cold spots of issues: Getis-Ord Gi* on a grid, by counts or by rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy

from analysis.hotspots.getis_ord import gi_star
from analysis.hotspots.grid import CASES_PER_CELL, Grid, cell_of_points, study_grid
from analysis.hotspots.lattice import SQUARE
from analysis.hotspots.multiple_testing import adjusted
from analysis.hotspots.rates import smoothed_rate
from analysis.issues.location import place_cases
from analysis.model.errors import SampleError
from analysis.model.question import BASES

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from analysis.issues.location import Placed

COUNT, RATE = BASES
UNTESTED = "untested"
MIN_CELLS = 30
MIN_CASES = 30
"""Below these the normal law that p rests on is no longer near the truth."""
MIN_NEIGHBOURHOOD_CASES = 5.0
"""Least mean number of cases in a full neighbourhood: below it two or three cases that
happen to lie together pass for a hot spot (on 400 cells of pure chance at 2 a
neighbourhood, in 35 maps of 100)."""
CELL_COLUMNS = ("col", "row", "x", "y", "count", "population", "rate", "z", "p", "q", "level")
LEVELS = ((0.01, "99"), (0.05, "95"), (0.10, "90"))
PLACE_Q = 0.05
"""Greatest q of a cell that belongs to a hot place."""


@dataclass(frozen=True, eq=False)
class HotSpots:
    """
    Gi* of every cell, with all that went into it.

    `cases + unlocated + outside + off_grid` is the number of issues given.

    Attributes
    ----------
    cells
        Every cell of the study area, empty ones too: index `cell_id`; `col`, `row`;
        `x`, `y` of the centre in metres; `count` (cases); `z`; two-sided `p`; `q`, the
        Benjamini-Hochberg adjusted p over all cells tested; `level`, one of `hot_99`,
        `hot_95`, `hot_90`, `none`, `cold_90`, `cold_95`, `cold_99`, or `untested` where
        nobody lives and rates are tested: there z, p and q are missing. `population` and
        `rate`, cases per resident smoothed by empirical Bayes, where rates are tested, else
        missing.
    grid
        The cells as a raster.
    rings
        Rings of cells around a cell that are its neighbours.
    case_cells
        Position in `cells` of every case used, by `issue_id`.
    case_rows
        Position of each of these among the issues given.
    cases
        Cases used.
    unlocated
        Issues without coordinates.
    outside
        Located, but in no community.
    off_grid
        In a community, but on a part so small that neither its cell nor a neighbour is
        of the study area.
    neighbourhood_cases
        Mean number of cases in a full neighbourhood.
    basis
        What was tested, one of `BASES`.
    untested_cases
        Cases in cells where nobody lives, if rates were tested: they are in no rate.
    """

    cells: pd.DataFrame
    grid: Grid
    rings: int
    case_cells: pd.Series[int]
    case_rows: npt.NDArray[np.int64]
    cases: int
    unlocated: int
    outside: int
    off_grid: int
    neighbourhood_cases: float
    basis: str = COUNT
    untested_cases: int = 0

    @property
    def sparse(self) -> bool:
        """
        Whether chance alone is called hot too often at this cell size.

        With `CASES_PER_CELL` cases a cell or more, 5-8 of 100 maps of pure chance (400-1,600
        cells, one ring) show any cell at q ≤ 0.05; with 2 a cell 9-14, with 0.5 23-33.
        """
        return self.cases < CASES_PER_CELL * self.grid.size


def check_sample(*, cells: int, cases: int, mean: float, cell_size: float) -> None:
    """
    Refuse what is too little for a test by the normal law.

    Parameters
    ----------
    cells, cases
        Of the study area.
    mean
        Cases of a full neighbourhood on average.
    cell_size
        In metres.

    Raises
    ------
    SampleError
        Below `MIN_CELLS`, `MIN_CASES` or `MIN_NEIGHBOURHOOD_CASES`.
    """
    if cells < MIN_CELLS:
        msg = (
            f"hot spots: cells of {cell_size:g} m make {cells} cells of the study area;"
            f" at least {MIN_CELLS} are needed."
        )
        raise SampleError(
            msg,
            problem="cells_too_few",
            hint="Choose smaller cells.",
            cells=cells,
            least=MIN_CELLS,
            found=cell_size,
        )
    if cases < MIN_CASES:
        msg = f"hot spots: {cases} cases with a place; at least {MIN_CASES} are needed."
        raise SampleError(
            msg,
            problem="cases_too_few",
            hint="Choose a longer period or all categories.",
            cases=cases,
            least=MIN_CASES,
        )
    if mean < MIN_NEIGHBOURHOOD_CASES:
        msg = (
            f"hot spots: {cases} cases make {mean:.1f} a neighbourhood of cells of"
            f" {cell_size:g} m; at least {MIN_NEIGHBOURHOOD_CASES:g} are needed."
        )
        raise SampleError(
            msg,
            problem="cases_too_sparse",
            hint="Choose larger cells, a longer period or all categories.",
            cases=cases,
            mean=round(mean, 1),
            least=MIN_NEIGHBOURHOOD_CASES,
            found=cell_size,
        )


def _levels(z: npt.NDArray[np.float64], q: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    side = np.where(z > 0, "hot_", "cold_")
    names = [np.char.add(side, percent) for _, percent in LEVELS]
    return np.select([q <= limit for limit, _ in LEVELS], names, default="none")


def hot_spots(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    cell_size: float,
    shape: str = SQUARE,
    rings: int = 1,
    residents: pd.DataFrame | None = None,
) -> HotSpots:
    """
    Test every cell of the study area for more or fewer cases around it than by chance.

    Parameters
    ----------
    issues
        The selection to be mapped, as in `analysis.model.contracts`.
    communities
        The study area, in the same metric CRS.
    cell_size
        Side of a cell in metres; `analysis.hotspots.grid.suggest_cell_size` proposes one.
    shape, rings
        As in `gi_star`.
    residents
        If given, cases per resident are tested and not counts: those who live in a community,
        as in `analysis.model.contracts`. Cells where nobody lives are not tested.

    Returns
    -------
    hot_spots
        Cells with z as in `gi_star`; p = 2 (1 − Φ(|z|)). By counts, a cell where more people
        live or report is hot for that alone; by rates, smoothed by empirical Bayes
        (`analysis.hotspots.rates.smoothed_rate`), one that many only pass through is. Cases
        just outside the study area are not seen by the cells at its border.

    Raises
    ------
    SettingsError
        If the cell size or the rings do not fit the study area.
    SampleError
        If there are fewer than `MIN_CELLS` cells, `MIN_CASES` cases or
        `MIN_NEIGHBOURHOOD_CASES` a neighbourhood, or all cells are equal.

    References
    ----------
    Ord and Getis (1995), doi:10.1111/j.1538-4632.1995.tb00912.x; Benjamini and Hochberg
    (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    grid = study_grid(communities, cell_size=cell_size, shape=shape)
    placed = place_cases(issues, communities)
    return spots_on(grid, placed, rings=rings, residents=residents)


def spots_on(
    grid: Grid, placed: Placed, *, rings: int = 1, residents: pd.DataFrame | None = None
) -> HotSpots:
    """
    Test the cells of a grid that is laid already, for cases that have their place.

    Parameters
    ----------
    grid
        From `analysis.hotspots.grid.study_grid`.
    placed
        From `analysis.issues.location.place_cases`.
    rings, residents
        As in `hot_spots`.

    Returns
    -------
    hot_spots
        As from `hot_spots`, which lays the grid and places the cases itself.

    Raises
    ------
    SettingsError, SampleError
        As there.
    """
    position = cell_of_points(grid, placed.xy.to_numpy(dtype=float))
    used = np.flatnonzero(position >= 0)
    case_cells = pd.Series(position[used], index=placed.xy.index[used], name="cell")
    count = np.bincount(position[used], minlength=grid.size)
    cells = grid.cells().assign(count=count, population=np.nan, rate=np.nan)
    if residents is not None:
        cells["population"] = _people(grid, residents)
        cells["rate"] = smoothed_rate(count, cells["population"])
    tested = np.ones(grid.size, dtype=bool) if residents is None else cells["rate"].notna()
    full = sum(last - first + 1 for _, first, last in grid.lattice.neighbours(rings))
    judged = int(count[tested].sum())
    mean = judged / max(int(tested.sum()), 1) * full
    check_sample(cells=int(tested.sum()), cases=judged, mean=mean, cell_size=grid.cell_size)
    tests = _tests(grid, cells, np.asarray(tested, dtype=bool), rings=rings)
    return HotSpots(
        cells=cells.assign(**tests)[list(CELL_COLUMNS)],
        grid=grid,
        rings=rings,
        case_cells=case_cells,
        case_rows=placed.rows[used],
        cases=len(case_cells),
        unlocated=placed.unlocated,
        outside=placed.outside,
        off_grid=len(placed.xy) - len(case_cells),
        neighbourhood_cases=mean,
        basis=COUNT if residents is None else RATE,
        untested_cases=len(case_cells) - judged,
    )


def _people(grid: Grid, residents: pd.DataFrame) -> npt.NDArray[np.float64]:
    cell = cell_of_points(grid, residents[["x", "y"]].to_numpy(dtype=float))
    people = residents["population"].to_numpy(dtype=float)
    living = np.bincount(cell[cell >= 0], weights=people[cell >= 0], minlength=grid.size)
    return living.astype(np.float64)


def _tests(
    grid: Grid, cells: pd.DataFrame, tested: npt.NDArray[np.bool_], *, rings: int
) -> dict[str, npt.NDArray[Any]]:
    """Give z, p, q and level of the cells tested; the others are `UNTESTED`."""
    rates = cells["rate"].notna().any()
    values = (cells["rate"].fillna(0.0) if rates else cells["count"]).to_numpy()
    raster = np.zeros(grid.inside.shape, dtype=values.dtype)
    raster[grid.inside] = values
    area = grid.inside.copy()
    area[grid.inside] = tested
    found = {name: np.full(grid.size, np.nan) for name in ("z", "p", "q")}
    z = gi_star(raster, area, rings=rings, shape=grid.lattice.shape)[area]
    found["z"][tested] = z
    found["p"][tested] = 2 * scipy.special.ndtr(-np.abs(z))
    found["q"][tested] = adjusted(found["p"][tested])
    level = np.where(tested, _levels(found["z"], found["q"]), UNTESTED)
    return {**found, "level": level}


def hot_cases(result: HotSpots) -> pd.Index[str]:
    """
    List the cases in cells that are hot at q ≤ `PLACE_Q`.

    Parameters
    ----------
    result
        From `hot_spots`.

    Returns
    -------
    cases
        Their `issue_id`.
    """
    hot = hot_cells(result).to_numpy()
    cases: pd.Index[str] = result.case_cells.index[hot[result.case_cells.to_numpy()]]
    return cases


def hot_cells(result: HotSpots) -> pd.Series[bool]:
    """
    Tell which cells are hot at q ≤ `PLACE_Q`.

    Parameters
    ----------
    result
        From `hot_spots`.

    Returns
    -------
    hot
        On the index of `cells`.
    """
    hot: pd.Series[bool] = (result.cells["q"] <= PLACE_Q) & (result.cells["z"] > 0)
    return hot
