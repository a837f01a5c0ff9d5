"""Hot and cold spots of issues: Getis-Ord Gi* on a grid, per resident, per street or by counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy

from analysis.hotspots.exposure import expected_cases, residents_by_cell, street_metres
from analysis.hotspots.getis_ord import gi_star, gi_star_expected
from analysis.hotspots.grid import CASES_PER_CELL, Grid, cell_of_points, study_grid
from analysis.hotspots.lattice import SQUARE
from analysis.issues.location import place_cases
from analysis.model.errors import SampleError
from analysis.model.multiple_testing import adjusted
from analysis.model.question import BASES

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from analysis.issues.location import Placed

RATE, STREET, COUNT = BASES
FEW = "few"
"""Level of a cell where too few people live (or too few streets lie) to judge a rate."""
MIN_CELLS = 30
MIN_CASES = 30
"""Below these the normal law that p rests on is no longer near the truth."""
MIN_NEIGHBOURHOOD_CASES = 5.0
"""Least mean number of cases in a full neighbourhood: below it two or three cases that
happen to lie together pass for a hot spot (on 400 cells of pure chance at 2 a
neighbourhood, in 35 maps of 100). Per resident, as many must be expected in each
neighbourhood that is judged."""
CELL_COLUMNS = (
    "col", "row", "x", "y", "count", "population", "street_m", "expected", "ratio",
    "z", "p", "q", "level",
)  # fmt: skip
LEVELS = ((0.01, "01"), (0.05, "05"), (0.10, "10"))
"""Greatest q of a class, and its name. q is no confidence: it is the share of the cells called
that may be chance."""
EXPOSURES: dict[str, str] = {RATE: "population", STREET: "street_m"}
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
        Benjamini-Hochberg adjusted p over all cells tested; `level`, one of `hot_01`,
        `hot_05`, `hot_10`, `none`, `cold_10`, `cold_05`, `cold_01`, by the greatest q, or `few`
        where too few people live: there z, p and q are missing. `population` or `street_m`,
        what cases are counted over, `expected` cases of the cell and `ratio` of the cases to
        those expected in the cell and its neighbours: missing where counts are tested.
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
        Mean number of cases in a full neighbourhood of the cells tested.
    basis
        What cases are counted over, one of `BASES`.
    few_cases
        Cases in cells with the level `few`.
    dispersion
        How much more the cells differ than Poisson's law, as in `gi_star_expected`; missing
        where counts are tested.
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
    few_cases: int = 0
    dispersion: float = np.nan

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
        If given, cases are tested against those expected of the residents and not as counts:
        those who live in a community, as in `analysis.model.contracts`.

    Returns
    -------
    hot_spots
        Cells with z as in `gi_star` and p = 2 (1 − Φ(|z|)), or both as in `gi_star_expected` per
        resident. By counts, a cell where more people live or report is hot for
        that alone. Per resident, a cell is judged if its own residents would bring
        `analysis.hotspots.exposure.MIN_EXPECTED` cases and those of its neighbourhood
        `MIN_NEIGHBOURHOOD_CASES` at the city's rate; the cases of cells below the first are in
        no sum. Cases just outside the study area are not seen by the cells at its border.

    Raises
    ------
    SettingsError
        If the cell size or the rings do not fit the study area.
    SampleError
        If there are fewer than `MIN_CELLS` cells, `MIN_CASES` cases or
        `MIN_NEIGHBOURHOOD_CASES` a neighbourhood, or, by counts, all cells are equal.

    References
    ----------
    Ord and Getis (1995), doi:10.1111/j.1538-4632.1995.tb00912.x; Benjamini and Hochberg
    (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    grid = study_grid(communities, cell_size=cell_size, shape=shape)
    placed = place_cases(issues, communities)
    if residents is None:
        return spots_on(grid, placed, rings=rings)
    return spots_on(grid, placed, rings=rings, basis=RATE, over=residents)


def spots_on(
    grid: Grid,
    placed: Placed,
    *,
    rings: int = 1,
    basis: str = COUNT,
    over: pd.DataFrame | gpd.GeoDataFrame | None = None,
) -> HotSpots:
    """
    Test the cells of a grid that is laid already, for cases that have their place.

    Parameters
    ----------
    grid
        From `analysis.hotspots.grid.study_grid`.
    placed
        From `analysis.issues.location.place_cases`.
    rings
        As in `hot_spots`.
    basis
        One of `analysis.model.question.BASES`.
    over
        Residents of the communities, or streets, as the basis has it.

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
    tests = (
        _by_count(grid, count, rings=rings)
        if over is None
        else _by_rate(grid, count, _exposure(grid, basis, over), rings=rings, basis=basis)
    )
    few = int(count[tests.level == FEW].sum())
    return HotSpots(
        cells=_table(grid, count, tests),
        grid=grid,
        rings=rings,
        case_cells=case_cells,
        case_rows=placed.rows[used],
        cases=len(case_cells),
        unlocated=placed.unlocated,
        outside=placed.outside,
        off_grid=len(placed.xy) - len(case_cells),
        neighbourhood_cases=tests.mean,
        basis=basis,
        few_cases=few,
        dispersion=tests.dispersion,
    )


@dataclass(frozen=True, eq=False)
class _Tests:
    """z and level of every cell, with what only rates have; mean cases of a neighbourhood."""

    z: npt.NDArray[np.float64]
    level: npt.NDArray[Any]
    p: npt.NDArray[np.float64]
    q: npt.NDArray[np.float64]
    mean: float
    facts: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    dispersion: float = np.nan


def _table(grid: Grid, count: npt.NDArray[np.int64], tests: _Tests) -> pd.DataFrame:
    facts = dict.fromkeys((*EXPOSURES.values(), "expected", "ratio"), np.nan) | tests.facts
    found = {"z": tests.z, "p": tests.p, "q": tests.q, "level": tests.level}
    return grid.cells().assign(count=count, **facts, **found)[list(CELL_COLUMNS)]


def _exposure(
    grid: Grid, basis: str, over: pd.DataFrame | gpd.GeoDataFrame
) -> npt.NDArray[np.float64]:
    measure: Any = street_metres if basis == STREET else residents_by_cell
    exposure: npt.NDArray[np.float64] = measure(grid, over)
    return exposure


def _full(grid: Grid, rings: int) -> int:
    """Cells of a full neighbourhood."""
    return sum(last - first + 1 for _, first, last in grid.lattice.neighbours(rings))


def _on_raster(grid: Grid, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    raster = np.zeros(grid.inside.shape, dtype=values.dtype)
    raster[grid.inside] = values
    return raster


def _by_count(grid: Grid, count: npt.NDArray[np.int64], *, rings: int) -> _Tests:
    mean = int(count.sum()) / max(grid.size, 1) * _full(grid, rings)
    check_sample(cells=grid.size, cases=int(count.sum()), mean=mean, cell_size=grid.cell_size)
    raster = _on_raster(grid, count)
    z = gi_star(raster, grid.inside, rings=rings, shape=grid.lattice.shape)[grid.inside]
    p = 2 * scipy.special.ndtr(-np.abs(z))
    return _judged(z, p, np.ones(grid.size, dtype=bool), mean=mean)


def _by_rate(
    grid: Grid,
    count: npt.NDArray[np.int64],
    exposure: npt.NDArray[np.float64],
    *,
    rings: int,
    basis: str,
) -> _Tests:
    """Judge cells with enough people, in neighbourhoods that expect enough cases."""
    expected, enough = expected_cases(count, exposure)
    _check_judged(judged := int(enough.sum()), grid.cell_size)
    cases = int(count[enough].sum())
    mean = cases / judged * _full(grid, rings)
    check_sample(cells=judged, cases=cases, mean=mean, cell_size=grid.cell_size)
    found = gi_star_expected(
        _on_raster(grid, count),
        _on_raster(grid, expected),
        _on_raster(grid, enough),
        rings=rings,
        shape=grid.lattice.shape,
    )
    due = found.due[grid.inside]
    tested = enough & (due >= MIN_NEIGHBOURHOOD_CASES)
    _check_judged(int(tested.sum()), grid.cell_size)
    ratio = np.divide(found.found[grid.inside], due, out=np.full(grid.size, np.nan), where=tested)
    facts = {EXPOSURES[basis]: exposure, "expected": expected, "ratio": ratio}
    tests = _judged(found.z[grid.inside], found.p[grid.inside], tested, mean=mean)
    return replace(tests, facts=facts, dispersion=found.dispersion)


def _check_judged(cells: int, cell_size: float) -> None:
    if cells < MIN_CELLS:
        msg = (
            f"hot spots: people enough to judge a rate live in {cells} cells of {cell_size:g} m;"
            f" at least {MIN_CELLS} are needed."
        )
        raise SampleError(
            msg,
            problem="judged_too_few",
            hint="Choose larger cells, a longer period, all categories, or counts.",
            cells=cells,
            least=MIN_CELLS,
            found=cell_size,
        )


def _judged(
    z: npt.NDArray[np.float64],
    p: npt.NDArray[np.float64],
    tested: npt.NDArray[np.bool_],
    *,
    mean: float,
) -> _Tests:
    """Give q and level of the cells tested; the others are `FEW`."""
    z, p, q = np.where(tested, z, np.nan), np.where(tested, p, np.nan), np.full(z.shape, np.nan)
    q[tested] = adjusted(p[tested])
    return _Tests(z, np.where(tested, _levels(z, q), FEW), p, q, mean)


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


def few_people_cells(result: HotSpots) -> pd.Series[bool]:
    """
    Tell which cells are not judged because too few people live there.

    Parameters
    ----------
    result
        From `hot_spots`.

    Returns
    -------
    few
        On the index of `cells`.
    """
    few: pd.Series[bool] = result.cells["level"] == FEW
    return few
