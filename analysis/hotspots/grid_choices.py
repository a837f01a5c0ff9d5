"""Which hot places do not depend on the grid: the same test on other cells, origins and rings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.hotspots.cells import COUNT, spots_on
from analysis.hotspots.grid import study_grid
from analysis.hotspots.places import hot_place_of_cells
from analysis.model.errors import SampleError, SettingsError

if TYPE_CHECKING:
    import numpy.typing as npt

    from analysis.hotspots.cells import HotSpots
    from analysis.hotspots.grid import Grid
    from analysis.hotspots.recipe import HotSpotResult
    from analysis.issues.location import Placed

SCALES = (1.0, 0.75, 1.5)
"""Sides of the cells, as parts of the side in use."""
SHIFTS = (0.0, 0.5)
"""Where the grid begins, both eastwards and northwards, in cells from where it does."""
RINGS = (1, 2)
"""Rings of cells around a cell that are its neighbours."""
HELD_SHARE = 0.5
"""Least share of a place's cases that lie in hot places of a choice under which it holds."""
CHOICE_COLUMNS = ("cell_size_m", "shift_m", "rings", "in_use", "judged", "places", "held")


@dataclass(frozen=True, eq=False)
class GridChoices:
    """
    What becomes of hot places under other choices of the grid.

    Attributes
    ----------
    choices
        `CHOICE_COLUMNS`, one row a choice, the one in use first: side of the cells and shift of
        their origin in metres, rings; whether it is the one `in_use`; whether it could be
        `judged`; hot `places` under it; how many of the places in use are `held` by it. The last
        two are missing where it could not be judged.
    places
        Index place_id, in the order of the places in use: `survives`, the choices under which a
        place holds, the one in use among them; `choices`, those that could be judged.
    """

    choices: pd.DataFrame
    places: pd.DataFrame

    @property
    def firm(self) -> int:
        """Number of places that hold under every choice."""
        return int((self.places["survives"] == self.places["choices"]).sum())


def try_grids(
    hotspot_result: HotSpotResult,
    communities: gpd.GeoDataFrame,
    *,
    over: pd.DataFrame | gpd.GeoDataFrame | None,
) -> GridChoices:
    """
    Look for the hot places on other grids.

    Parameters
    ----------
    hotspot_result
        From `analysis.hotspots.recipe.find_hot_spots`.
    communities
        Those it was made with.
    over
        What its cases are counted over, from `analysis.hotspots.recipe.counted_over`.

    Returns
    -------
    grid_choices
        All of `SCALES` × `SHIFTS` × `RINGS`, cells of the same shape and cases counted over the
        same. A place holds under a choice if `HELD_SHARE` of its cases or more lie in the hot
        places of that choice.

    Raises
    ------
    ValueError
        If cases are counted over something and it is not given.

    Notes
    -----
    The same cases are tested again and again: the choices are no independent evidence, and a place
    that holds under all of them may still be chance, about as likely as under one. A choice that
    has too few cases or cells for a test is not judged and counts neither way. Other shapes and
    other ways to count (by rate, by street, by count) are not tried: they ask another question.

    References
    ----------
    Openshaw (1984), The Modifiable Areal Unit Problem, CATMOG 38; Fotheringham and Wong (1991),
    doi:10.1068/a231025.
    """
    found = hotspot_result.hot_spots
    if (found.basis == COUNT) != (over is None):
        msg = "`over` must be what the cases of `hotspot_result` are counted over."
        raise ValueError(msg)
    home = _place_of_rows(hotspot_result)
    total = np.bincount(home[home >= 0], minlength=len(hotspot_result.places))
    choices: list[tuple[object, ...]] = []
    held: list[npt.NDArray[np.bool_]] = []
    for scale, shift in product(SCALES, SHIFTS):
        size = found.grid.cell_size * scale
        laid = _laid(hotspot_result, communities, over, size=size, shift=shift * size)
        for rings in RINGS:
            in_use = (scale, shift, rings) == (1.0, 0.0, found.rings)
            row = (size, shift * size, rings, in_use)
            places, hot_rows = _hot_rows(laid, found, rings=rings)
            if places is None:
                choices.append((*row, False, pd.NA, pd.NA))
                continue
            hits = home[hot_rows]
            holds = np.bincount(hits[hits >= 0], minlength=len(total)) >= HELD_SHARE * total
            held.append(holds)
            choices.append((*row, True, places, int(holds.sum())))
    table = pd.DataFrame(choices, columns=list(CHOICE_COLUMNS))
    whole = table.astype({"places": "Int64", "held": "Int64"})
    return GridChoices(whole, _survival(held, hotspot_result.places.index))


def _place_of_rows(hotspot_result: HotSpotResult) -> npt.NDArray[np.int64]:
    """For each row of the issues the row of its hot place, -1 for none."""
    found, places = hotspot_result.hot_spots, hotspot_result.places
    number = hot_place_of_cells(found)
    listed = number[found.cells.index.get_indexer(places.index)]
    order = np.full(int(number.max(initial=0)) + 1, -1, dtype=np.int64)
    order[listed] = np.arange(len(places))
    home = np.full(int(hotspot_result.placed.rows.max(initial=-1)) + 1, -1, dtype=np.int64)
    home[found.case_rows] = order[number[found.case_cells.to_numpy()]]
    return home


@dataclass(frozen=True, eq=False)
class _Laid:
    """A grid, or none where it cannot be laid, with cases and what they are counted over."""

    grid: Grid | None
    placed: Placed
    over: pd.DataFrame | gpd.GeoDataFrame | None


def _laid(
    hotspot_result: HotSpotResult,
    communities: gpd.GeoDataFrame,
    over: pd.DataFrame | gpd.GeoDataFrame | None,
    *,
    size: float,
    shift: float,
) -> _Laid:
    """Lay a grid whose origin lies further north-east: by moving the city south-west instead."""
    shape = hotspot_result.hot_spots.grid.lattice.shape
    placed = hotspot_result.placed
    moved = communities.set_geometry(communities.geometry.translate(-shift, -shift))
    try:
        grid = study_grid(moved, cell_size=size, shape=shape)
    except SettingsError:  # more cells than can be
        return _Laid(None, placed, over)
    return _Laid(grid, replace(placed, xy=placed.xy - shift), _moved(over, shift))


def _moved(
    over: pd.DataFrame | gpd.GeoDataFrame | None, shift: float
) -> pd.DataFrame | gpd.GeoDataFrame | None:
    if over is None:
        return None
    if isinstance(over, gpd.GeoDataFrame):
        return over.set_geometry(over.geometry.translate(-shift, -shift))
    return over.assign(x=over["x"] - shift, y=over["y"] - shift)


def _hot_rows(
    laid: _Laid, found: HotSpots, *, rings: int
) -> tuple[int | None, npt.NDArray[np.int64]]:
    """Count the hot places of a choice, and give the rows of their cases; none if refused."""
    none = np.zeros(0, dtype=np.int64)
    if laid.grid is None:
        return None, none
    try:
        other = spots_on(laid.grid, laid.placed, rings=rings, basis=found.basis, over=laid.over)
    except SampleError:
        return None, none
    place = hot_place_of_cells(other)
    rows: npt.NDArray[np.int64] = other.case_rows[place[other.case_cells.to_numpy()] > 0]
    return len(np.unique(place[place > 0])), rows


def _survival(held: list[npt.NDArray[np.bool_]], places: pd.Index[str]) -> pd.DataFrame:
    holds = np.array(held, dtype=np.int64).reshape(len(held), len(places))
    return pd.DataFrame({"survives": holds.sum(axis=0), "choices": len(held)}, index=places)
