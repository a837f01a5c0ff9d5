"""The metric grid over a study area, and the cases counted on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.hotspots.lattice import SQUARE, Lattice
from analysis.issues.location import place_cases
from analysis.model.contracts import check_communities
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

CELL_SIZES_M = (1.0, 1_000_000.0)
"""Least and greatest side of a cell, in metres."""
MAX_CELLS = 400_000
"""Most cells of a study area."""
MAX_BOX_CELLS = 4_000_000
"""Most cells of the rectangle around it, which is what memory is spent on."""
CASES_PER_CELL = 5
"""Cases a cell of the suggested size holds on average (`suggest_cell_size`)."""
SUGGESTED_CELLS = (100, 40_000)
"""Fewest and most cells that a suggestion aims at."""


@dataclass(frozen=True, eq=False)
class Grid:
    """
    The cells of a lattice over a study area, as a raster of columns and rows.

    Attributes
    ----------
    lattice
        Shape and size of the cells.
    first_col, first_row
        Column and row of the south-west cell of the raster.
    inside
        Which cells of the raster make up the study area; row 0 is the southernmost.
    """

    lattice: Lattice
    first_col: int
    first_row: int
    inside: npt.NDArray[np.bool_]

    @property
    def cell_size(self) -> float:
        """Side in metres of the square that has the area of a cell."""
        return self.lattice.cell_size

    @cached_property
    def _listed(self) -> pd.DataFrame:
        row, col = np.nonzero(self.inside)
        col, row = col + self.first_col, row + self.first_row
        names = [f"g{c}_{r}" for c, r in zip(col.tolist(), row.tolist(), strict=True)]
        x, y = self.lattice.centres(col, row)
        return pd.DataFrame(
            {"col": col, "row": row, "x": x, "y": y},
            index=pd.Index(names, name="cell_id", dtype="str"),
        )

    @property
    def size(self) -> int:
        """Number of cells in the study area."""
        return int(np.count_nonzero(self.inside))

    def cells(self) -> pd.DataFrame:
        """
        List the cells of the study area, empty ones too, from the south-west, row by row.

        Returns
        -------
        cells
            Index `cell_id` (`gCOL_ROW`, the same for every area and selection at this
            cell size); `col`, `row`, and the centre `x`, `y` in metres. The same frame each time:
            nothing may change it.
        """
        return self._listed


@dataclass(frozen=True)
class CellSize:
    """
    A suggested cell size, and what it rests on.

    Attributes
    ----------
    metres
        The side of a cell.
    reason
        `cases` (the rule of `CASES_PER_CELL`), or `many_cells`, `few_cells` where the rule
        alone would give more or fewer cells than `SUGGESTED_CELLS`.
    cases, area_km2
        Cases located in a community, and area of the communities.
    cells, cases_per_cell
        What to expect at that size.
    """

    metres: float
    reason: str
    cases: int
    area_km2: float
    cells: int
    cases_per_cell: float


def _check_cell_size(cell_size: float, communities: gpd.GeoDataFrame, shape: str) -> None:
    least, most = CELL_SIZES_M
    if not least <= cell_size <= most:
        msg = f"cell size: {cell_size:g} m; allowed are {least:,.0f} to {most:,.0f} m."
        raise SettingsError(
            msg,
            problem="cell_size_value",
            hint="Give the side in metres.",
            found=cell_size,
            least=least,
            most=most,
        )
    cells = float(communities.area.sum()) / cell_size**2
    rows, cols = _frame(Lattice(shape, cell_size), communities)[2]
    box = float(rows) * cols
    if cells > MAX_CELLS or box > MAX_BOX_CELLS:
        excess = max(cells / MAX_CELLS, box / MAX_BOX_CELLS)
        least = np.ceil(1.01 * cell_size * np.sqrt(excess))
        msg = (
            f"cell size: {cell_size:g} m makes {cells:,.0f} cells in a rectangle of {box:,.0f};"
            f" allowed are {MAX_CELLS:,} in {MAX_BOX_CELLS:,}."
        )
        raise SettingsError(
            msg,
            problem="cells_too_many",
            hint=f"Choose cells of at least {least:g} m.",
            found=cell_size,
            cells=float(np.rint(cells)),
            allowed=MAX_CELLS,
            least=least,
        )


def _edges(
    communities: gpd.GeoDataFrame,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Start and end (n × 2) of every border segment, with the polygon on its left."""
    polygons = shapely.orient_polygons(shapely.get_parts(communities.geometry.to_numpy()))
    vertices, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    same = ring[1:] == ring[:-1]
    return vertices[:-1][same], vertices[1:][same]


def _frame(lattice: Lattice, communities: gpd.GeoDataFrame) -> tuple[int, int, tuple[int, int]]:
    """First column and row, and (rows, columns), of a raster with a free cell around."""
    west, south, east, north = communities.total_bounds
    first_row = int(np.floor(south / lattice.row_height)) - 1
    last_row = int(np.floor(north / lattice.row_height)) + 1
    first_col = int(np.floor(west / lattice.spacing - lattice.skew * last_row)) - 1
    last_col = int(np.floor(east / lattice.spacing - lattice.skew * first_row)) + 1
    return first_col, first_row, (last_row - first_row + 1, last_col - first_col + 1)


def centres_inside(
    communities: gpd.GeoDataFrame,
    lattice: Lattice,
    *,
    first_col: int,
    first_row: int,
    shape: tuple[int, int],
) -> npt.NDArray[np.bool_]:
    """
    Find the cells whose centre lies in any community, by sweeping rows of centres.

    Every border segment opens or closes a span of each row of centres it crosses; the
    running sum along a row is the number of communities over a centre. No polygon is
    united or tested, so the cost is that of the vertices and of the cells.

    Parameters
    ----------
    communities
        Valid polygons; overlaps, holes and gaps are allowed.
    lattice
        Of the cells.
    first_col, first_row, shape
        South-west cell and (rows, columns) of a raster that holds the communities.

    Returns
    -------
    inside
        Raster of rows × columns, row 0 southernmost. A centre on a western or southern border is
        inside, on an eastern or northern border outside.
    """
    origin, steps = np.array([first_col, first_row]), [lattice.spacing, lattice.row_height]
    start, end = (vertex / steps - lattice.offset - origin for vertex in _edges(communities))
    up = end[:, 1] > start[:, 1]
    low, high = np.where(up[:, None], start, end), np.where(up[:, None], end, start)
    first = np.ceil(low[:, 1]).astype(np.int64)
    crossed = np.ceil(high[:, 1]).astype(np.int64) - first
    edge = np.repeat(np.arange(len(low)), crossed)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    row = first[edge] + step
    rise = high[edge, 1] - low[edge, 1]
    along = (row - low[edge, 1]) / rise
    east = low[edge, 0] + along * (high[edge, 0] - low[edge, 0])
    col = np.ceil(east - lattice.skew * (row + first_row)).astype(np.int64)
    spans = np.zeros(shape, dtype=np.int32)
    np.add.at(spans, (row, col), np.where(up[edge], -1, 1))
    covering: npt.NDArray[np.int64] = np.cumsum(spans, axis=1)
    return covering > 0


def study_grid(communities: gpd.GeoDataFrame, *, cell_size: float, shape: str = SQUARE) -> Grid:
    """
    Lay cells over the study area.

    A cell belongs to the study area if its centre lies in a community, so the cells
    cover about the same area as the communities; `cell_of_points` moves cases on the fringe
    to the cell next to them. Parts much smaller than a cell may own none.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.
    cell_size
        Side of a square in metres; hexagons have the same area.
    shape
        One of `analysis.hotspots.lattice.SHAPES`.

    Returns
    -------
    grid
        The cells, within a raster that leaves a free cell around the communities.

    Raises
    ------
    SettingsError
        If the cell size is not positive, or makes more than `MAX_CELLS` cells in the
        study area or `MAX_BOX_CELLS` in the raster around it.
    """
    check_communities(communities)
    _check_cell_size(cell_size, communities, shape)
    lattice = Lattice(shape, float(cell_size))
    first_col, first_row, box = _frame(lattice, communities)
    inside = centres_inside(
        communities, lattice, first_col=first_col, first_row=first_row, shape=box
    )
    return Grid(lattice, first_col, first_row, inside)


def cell_of_points(grid: Grid, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """
    Give each point of the study area its cell.

    Parameters
    ----------
    grid
        From `study_grid`.
    xy
        Places, n × 2, in metres.

    Returns
    -------
    cell
        Position of the cell in `Grid.cells()`: the one around the point, else, where
        that is not of the study area, the nearest centre among those that touch it; -1
        where none of them is.
    """
    number = np.full(grid.inside.shape, -1, dtype=np.int64)
    number[grid.inside] = np.arange(grid.size)
    framed = np.pad(number, 2, constant_values=-1)
    rows, cols = grid.inside.shape
    col, row = grid.lattice.cell_of(xy)
    col = np.clip(col - grid.first_col, -1, cols)
    row = np.clip(row - grid.first_row, -1, rows)
    cell: npt.NDArray[np.int64] = framed.ravel().take((row + 2) * framed.shape[1] + col + 2)
    fringe = np.flatnonzero(cell < 0)
    nearest = np.full(len(fringe), np.inf)
    for d_row, first, last in grid.lattice.neighbours(1):
        for d_col in range(first, last + 1):
            near_col, near_row = col[fringe] + d_col, row[fringe] + d_row
            other = framed[near_row + 2, near_col + 2]
            x, y = grid.lattice.centres(near_col + grid.first_col, near_row + grid.first_row)
            away = np.hypot(xy[fringe, 0] - x, xy[fringe, 1] - y)
            closer = (other >= 0) & (away < nearest)
            nearest[closer], cell[fringe[closer]] = away[closer], other[closer]
    return cell


def _round_sizes(near: float) -> npt.NDArray[np.float64]:
    power = 10.0 ** np.floor(np.log10(near))
    sizes: npt.NDArray[np.float64] = np.array([0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10]) * power
    return sizes


def suggest_cell_size(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    cases_per_cell: float = CASES_PER_CELL,
) -> CellSize:
    """
    Suggest a round cell size for the hot spots of some issues.

    Parameters
    ----------
    issues
        The selection to be mapped; only those located in a community count.
    communities
        As in `analysis.model.contracts`.
    cases_per_cell
        Cases that a cell shall hold on average.

    Returns
    -------
    cell_size
        From `propose_cell_size`.
    """
    check_communities(communities)
    cases = len(place_cases(issues, communities).xy)
    return propose_cell_size(
        cases, area_m2=float(communities.area.sum()), cases_per_cell=cases_per_cell
    )


def propose_cell_size(
    cases: int, *, area_m2: float, cases_per_cell: float = CASES_PER_CELL
) -> CellSize:
    """
    Propose a round cell size for so many cases.

    The next round side at which a cell holds `cases_per_cell` cases or more on average,
    kept to what gives a number of cells within `SUGGESTED_CELLS`. Quadrats are often
    drawn at two cases each; with so few, the normal law of Gi* calls chance a hot spot
    too often (`analysis.hotspots.cells.HotSpots.sparse`).

    Parameters
    ----------
    cases
        Located in a community.
    area_m2
        Of the communities, in square metres.
    cases_per_cell
        Cases that a cell shall hold on average.

    Returns
    -------
    cell_size
        The size and the facts behind it.

    References
    ----------
    Wong and Lee (2005), Statistical Analysis of Geographic Information, Wiley.
    """
    area = area_m2
    smallest, largest = (float(np.sqrt(area / cells)) for cells in reversed(SUGGESTED_CELLS))
    wanted = float(np.sqrt(cases_per_cell * area / cases)) if cases else np.inf
    reason = "few_cells" if wanted > largest else "many_cells" if wanted < smallest else "cases"
    near = min(max(wanted, smallest), largest)
    sizes = _round_sizes(near)
    metres = float(sizes[sizes <= near].max() if wanted > largest else sizes[sizes >= near].min())
    cells = area / metres**2
    return CellSize(metres, reason, cases, area / 1e6, round(cells), cases / cells)
