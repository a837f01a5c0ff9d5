"""Getis and Ord's Gi* on the cells of a raster, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.hotspots.lattice import SQUARE, Lattice
from analysis.model.errors import SampleError, SettingsError

if TYPE_CHECKING:
    import numpy.typing as npt


def neighbour_sums(
    values: npt.NDArray[Any], *, rings: int = 1, shape: str = SQUARE
) -> npt.NDArray[Any]:
    """
    Sum each cell and its neighbours; outside the raster counts 0.

    Parameters
    ----------
    values
        Rows × columns.
    rings, shape
        As in `gi_star`.

    Returns
    -------
    sums
        On the same cells; exact for whole numbers.
    """
    rows, cols = values.shape
    begun, kind = rings + 1, np.result_type(values.dtype, np.int64)
    running = np.zeros((rows + 2 * rings, cols + 2 * rings + 1), dtype=kind)
    within = running[rings : rings + rows]
    np.cumsum(values, axis=1, out=within[:, begun : begun + cols])
    within[:, begun + cols :] = within[:, begun + cols - 1, None]
    sums: npt.NDArray[Any] = np.zeros((rows, cols), dtype=kind)
    for step, first, last in Lattice(shape, 1.0).neighbours(rings):
        strip = running[rings + step : rings + step + rows]
        sums += strip[:, begun + last : begun + last + cols]
        sums -= strip[:, rings + first : rings + first + cols]
    return sums


def gi_star(
    counts: npt.NDArray[Any],
    inside: npt.NDArray[np.bool_],
    *,
    rings: int = 1,
    shape: str = SQUARE,
) -> npt.NDArray[np.float64]:
    """
    Compute Getis and Ord's Gi* as a z value for every cell of a study area.

    z = (Σ w y − ȳ W) / (S √((n W − W²) / (n − 1))), with w = 1 for the cell itself and
    for its neighbours within the study area, else 0; W their number; ȳ and S the mean and
    the population standard deviation over all n cells of the study area.

    Parameters
    ----------
    counts
        Cases, or a rate, of each cell, rows × columns. Values outside the study area are
        ignored.
    inside
        Which cells make up the study area.
    rings
        Rings of cells that are neighbours: 1 is the 8 around a square or the 6 around a
        hexagon.
    shape
        One of `analysis.hotspots.lattice.SHAPES`; hexagons by axial columns and rows.

    Returns
    -------
    z
        On the cells of `counts`; not a number outside the study area. Sums of counts are
        exact: they are of whole numbers.

    Raises
    ------
    ValueError
        If `rings` is less than 1.
    SettingsError
        If a neighbourhood holds the whole study area, where Gi* is undefined.
    SampleError
        If all cells have the same count.

    References
    ----------
    Ord and Getis (1995), doi:10.1111/j.1538-4632.1995.tb00912.x.

    Examples
    --------
    Four cells in a row, all cases in the first: ȳ = 1, S = √3, and z of the first is
    (4 − 2) / (√3 √((4·2 − 4) / 3)) = 1.

    >>> import numpy as np
    >>> float(gi_star(np.array([[4, 0, 0, 0]]), np.ones((1, 4), dtype=bool))[0, 0].round(9))
    1.0
    """
    if rings < 1:
        msg = f"`rings` must be 1 or more, got {rings!r}."
        raise ValueError(msg)
    values = counts[inside]
    if values.size == 0 or values.min() == values.max():
        msg = "hot spots: every cell holds the same number of cases, so none stands out."
        raise SampleError(
            msg, problem="cells_equal", hint="Choose a longer period or all categories."
        )
    neighbours = neighbour_sums(inside.astype(np.int64), rings=rings, shape=shape)
    if neighbours.max(initial=0, where=inside) == values.size:
        msg = f"hot spots: with {rings} rings a neighbourhood holds all {values.size} cells."
        raise SettingsError(
            msg,
            problem="rings_too_many",
            hint="Choose fewer rings or smaller cells.",
            found=rings,
            cells=values.size,
        )
    sums = neighbour_sums(np.where(inside, counts, 0), rings=rings, shape=shape)
    n, number = values.size, np.arange(neighbours.max() + 1, dtype=float)
    spread = values.std() * np.sqrt(np.maximum(n * number - number**2, 0) / (n - 1))
    spread[spread == 0] = np.nan
    z: npt.NDArray[np.float64] = sums - (values.mean() * number)[neighbours]
    z /= spread[neighbours]
    z[~inside] = np.nan
    return z
