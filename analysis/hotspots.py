"""Hot and cold spots of issues: Getis-Ord Gi* on a grid, and the hottest places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import ndimage, special, stats

from analysis.cases import locate_cases, overdue, place_cases
from analysis.errors import SampleError
from analysis.gistar import gi_star
from analysis.grid import CASES_PER_CELL, Grid, cell_of_points, study_grid

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import numpy.typing as npt

MIN_CELLS = 30
MIN_CASES = 30
"""Below these the normal law that p rests on is no longer near the truth."""
MIN_NEIGHBOURHOOD_CASES = 5.0
"""Least mean number of cases in a full neighbourhood: below it two or three cases that
happen to lie together pass for a hot spot (on 400 cells of pure chance at 2 a
neighbourhood, in 35 maps of 100)."""
LEVELS = ((0.01, "99"), (0.05, "95"), (0.10, "90"))
PLACE_Q = 0.05
"""Greatest q of a cell that belongs to a hot place."""


PLACE_COLUMNS = (
    "rank",
    "community",
    "community_id",
    "parent",
    "cases",
    "cases_share",
    "open",
    "overdue",
    "top_category",
    "top_category_cases",
    "cells",
    "area_m2",
    "cases_per_km2",
    "z_max",
    "q_min",
    "x",
    "y",
)
"""Columns of `hottest_places`."""
PLACE_COUNTS = ("cases", "open", "overdue", "top_category_cases", "cells")


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
        Benjamini-Hochberg adjusted p over all cells; `level`, one of `hot_99`, `hot_95`,
        `hot_90`, `none`, `cold_90`, `cold_95`, `cold_99`.
    grid
        The cells as a raster.
    rings
        Rings of cells around a cell that are its neighbours.
    case_cells
        Position in `cells` of every case used, by `issue_id`.
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
    """

    cells: pd.DataFrame
    grid: Grid
    rings: int
    case_cells: pd.Series[int]
    cases: int
    unlocated: int
    outside: int
    off_grid: int
    neighbourhood_cases: float

    @property
    def sparse(self) -> bool:
        """
        Whether chance alone is called hot too often at this cell size.

        With `CASES_PER_CELL` cases a cell or more, 5-8 of 100 maps of pure chance (400-1,600
        cells, one ring) show any cell at q ≤ 0.05; with 2 a cell 9-14, with 0.5 23-33.
        """
        return self.cases < CASES_PER_CELL * self.grid.size


def _check_sample(*, cells: int, cases: int, mean: float, cell_size: float) -> None:
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
            found=f"{cell_size:g}",
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
            mean=f"{mean:.1f}",
            least=f"{MIN_NEIGHBOURHOOD_CASES:g}",
            found=f"{cell_size:g}",
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
    rings: int = 1,
    membership: pd.Series[str] | None = None,
) -> HotSpots:
    """
    Test every cell of the study area for more or fewer cases around it than by chance.

    Parameters
    ----------
    issues
        The selection to be mapped, as in `analysis.contracts`.
    communities
        The study area, in the same metric CRS.
    cell_size
        Side of a cell in metres; `analysis.grid.suggest_cell_size` proposes one.
    rings
        As in `gi_star`.
    membership
        `analysis.cases.locate_cases` of these or more issues, if known; it is computed
        otherwise.

    Returns
    -------
    hot_spots
        Cells with z as in `gi_star`; p = 2 (1 − Φ(|z|)). Counts, not rates: a cell where more
        people live or report is hot for that alone. Cases just outside the study area are
        not seen by the cells at its border.

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
    grid = study_grid(communities, cell_size=cell_size)
    placed = place_cases(issues, communities, membership=membership)
    position = cell_of_points(grid, placed.xy.to_numpy(dtype=float))
    case_cells = pd.Series(position, index=placed.xy.index, name="cell")[position >= 0]
    count = np.bincount(case_cells, minlength=grid.size)
    mean = len(case_cells) / max(grid.size, 1) * (2 * rings + 1) ** 2
    _check_sample(cells=grid.size, cases=len(case_cells), mean=mean, cell_size=cell_size)

    counts = np.zeros(grid.inside.shape, dtype=np.int64)
    counts[grid.inside] = count
    z = gi_star(counts, grid.inside, rings=rings)[grid.inside]
    p = 2 * special.ndtr(-np.abs(z))
    q = stats.false_discovery_control(p)
    return HotSpots(
        cells=grid.cells().assign(count=count, z=z, p=p, q=q, level=_levels(z, q)),
        grid=grid,
        rings=rings,
        case_cells=case_cells,
        cases=len(case_cells),
        unlocated=placed.unlocated,
        outside=placed.outside,
        off_grid=len(placed.xy) - len(case_cells),
        neighbourhood_cases=mean,
    )


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
    hot = _hot(result).to_numpy()
    cases: pd.Index[str] = result.case_cells.index[hot[result.case_cells.to_numpy()]]
    return cases


def _hot(result: HotSpots) -> pd.Series[bool]:
    hot: pd.Series[bool] = (result.cells["q"] <= PLACE_Q) & (result.cells["z"] > 0)
    return hot


def _hot_places(result: HotSpots) -> npt.NDArray[np.int64]:
    """Number the contiguous hot places from 1, on the rows of `cells`; 0 is no place."""
    hot = np.zeros(result.grid.inside.shape, dtype=bool)
    hot[result.grid.inside] = _hot(result)
    places, _ = ndimage.label(hot, structure=np.ones((3, 3), dtype=bool))
    return np.asarray(places[result.grid.inside], dtype=np.int64)


def _most_frequent(values: pd.Series[str], place: pd.Series[int]) -> pd.DataFrame:
    """Give each place its most frequent value and the count; ties go to the first in text order."""
    counts = values.groupby([place, values]).size().rename("count")
    table = counts.rename_axis(["place", "value"]).reset_index()
    table = table.sort_values(["place", "count", "value"], ascending=[True, False, True])
    return table.drop_duplicates("place").set_index("place")


def _cells_by_place(result: HotSpots, place: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Index place; its cells, z_max, q_min, the mean centre and its hottest cell's id."""
    cells = result.cells.assign(place=place)
    cells = cells[cells["place"] > 0].sort_values(
        ["z", "row", "col"], ascending=[False, True, True]
    )
    grouped = cells.rename_axis("place_id").reset_index().groupby("place")
    return grouped.agg(
        place_id=("place_id", "first"),
        cells=("z", "size"),
        z_max=("z", "max"),
        q_min=("q", "min"),
        x=("x", "mean"),
        y=("y", "mean"),
    )


def _cases_by_place(cases: pd.DataFrame, place: pd.Series[int], *, as_of: dt.date) -> pd.DataFrame:
    """Index place; counts of its cases, their mean place and most frequent category."""
    facts = pd.DataFrame(
        {
            "cases": 1,
            "open": cases["status"].eq("open").astype(int),
            "overdue": overdue(cases, as_of=as_of).astype(int),
        },
        index=cases.index,
    )
    top = _most_frequent(cases["category"], place)
    names = {"value": "top_category", "count": "top_category_cases"}
    counts = facts.groupby(place).sum().join(cases[["x", "y"]].groupby(place).mean())
    return counts.join(top.rename(columns=names))


def hottest_places(
    result: HotSpots,
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
    membership: pd.Series[str] | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """
    Join hot cells that touch, also at a corner, to places, and describe each.

    Parameters
    ----------
    result
        From `hot_spots`.
    issues, communities
        Those it was computed from.
    as_of
        The moment at which a case counts as overdue, as in `analysis.cases.overdue`.
    membership
        As in `hot_spots`.
    limit
        At most so many places; all of them by default.

    Returns
    -------
    places
        Hot at q ≤ `PLACE_Q`; most cases first, then highest z. Index `place_id` (the cell of
        highest z); `rank`; `community`, `community_id`, `parent` where most of its cases
        lie; `cases` in its cells, `cases_share` of all cases used, `open`, `overdue`;
        `top_category`, `top_category_cases`; `cells`; `area_m2`; `cases_per_km2`;
        `z_max`, `q_min`; `x`, `y`, the mean place of its cases, in metres. No rows where
        nothing is hot. Neighbouring cells share cases in Gi*, so the area is wider than the
        cause by up to the rings on each side.

    Raises
    ------
    ValueError
        If `result` rests on issues that are not given.
    """
    if (issues.index.get_indexer(result.case_cells.index) < 0).any():
        msg = "`issues` must hold every case that `result` was computed from."
        raise ValueError(msg)
    number = _hot_places(result)
    place = pd.Series(number[result.case_cells], index=result.case_cells.index, name="place")
    place = place[place > 0]
    cases = issues.loc[place.index]
    community = locate_cases(cases, communities) if membership is None else membership
    places = _cells_by_place(result, number)
    places["area_m2"] = places["cells"] * result.grid.cell_size**2
    places = _cases_by_place(cases, place, as_of=as_of).combine_first(places)
    places = places.fillna({"cases": 0, "open": 0, "overdue": 0, "top_category_cases": 0})
    places = places.astype(dict.fromkeys(PLACE_COUNTS, "int64"))
    places["cases_share"] = places["cases"] / result.cases
    places["cases_per_km2"] = places["cases"] / places["area_m2"] * 1e6
    home = _most_frequent(community.reindex(place.index), place)["value"].reindex(places.index)
    places["community_id"] = home
    places["community"] = home.map(communities["name"])
    places["parent"] = home.map(communities["parent"])
    places = places.sort_values(["cases", "z_max", "place_id"], ascending=[False, False, True])
    places["rank"] = np.arange(1, len(places) + 1)
    places = places.set_index("place_id")[list(PLACE_COLUMNS)]
    return places if limit is None else places.head(limit)
