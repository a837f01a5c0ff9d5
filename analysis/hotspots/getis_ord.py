"""Getis and Ord's Gi* on the cells of a raster, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

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


@dataclass(frozen=True, eq=False)
class OffsetGiStar:
    """
    What `gi_star_expected` finds.

    Attributes
    ----------
    z, found, due
        z, O and E of each cell.
    dispersion
        φ.
    """

    z: npt.NDArray[np.float64]
    found: npt.NDArray[np.float64]
    due: npt.NDArray[np.float64]
    dispersion: float

    @property
    def p(self) -> npt.NDArray[np.float64]:
        """
        Two-sided p: the greater of what two laws say, so that both must be surprised.

        That of z by the normal law, as for `gi_star`, allows for cells that differ more than
        chance; twice the smaller tail of O as a Poisson count with mean E allows for few cases,
        where the normal law alone calls chance hot too often (2,970 cells of 1.7 cases each: in 22
        maps of 100).
        """
        above = np.where(self.found > 0, _poisson_tail(self.found, self.due), 1.0)
        below = scipy.special.gammaincc(self.found + 1, self.due)
        by_chance = np.minimum(1.0, 2 * np.minimum(above, below))
        p: npt.NDArray[np.float64] = np.maximum(by_chance, 2 * scipy.special.ndtr(-np.abs(self.z)))
        return p


def _poisson_tail(
    found: npt.NDArray[np.float64], due: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Chance of so many or more."""
    tail: npt.NDArray[np.float64] = scipy.special.gammainc(np.maximum(found, 1), due)
    return tail


def gi_star_expected(
    counts: npt.NDArray[Any],
    expected: npt.NDArray[np.float64],
    inside: npt.NDArray[np.bool_],
    *,
    rings: int = 1,
    shape: str = SQUARE,
) -> OffsetGiStar:
    """
    Compute Gi* with an offset: cases around each cell against those expected there.

    z = (O − E) / √(φ E (1 − E / T)), with O and E the cases found and expected in the cell and
    its neighbours within the area, T all cases of the area, and φ the dispersion, Pearson's
    Σ (y − e)² / e / (n − 1) over its n cells, and no less than 1, which is Poisson's. Where the
    same is expected everywhere and the cells differ by chance or more, this is `gi_star` itself.

    Parameters
    ----------
    counts, expected
        Cases of each cell and those expected, rows × columns; in the area, expected is more
        than 0 and both have the same sum.
    inside
        Which cells make up the area; the others are in no sum.
    rings, shape
        As in `gi_star`.

    Returns
    -------
    offset_gi_star
        On the cells of `counts`; not a number outside the area, z = 0 where a neighbourhood
        holds the whole area.

    References
    ----------
    Ord and Getis (1995), doi:10.1111/j.1538-4632.1995.tb00912.x; McCullagh and Nelder (1989),
    Generalized Linear Models, 4.5 (dispersion); Waller and Gotway (2004), Applied Spatial
    Statistics for Public Health Data, doi:10.1002/0471662682.

    Examples
    --------
    Four cells in a row that should have one case each, all four cases in the first: φ = 4, and
    z of the first is (4 − 2) / √(4 · 2 · (1 − 2/4)) = 1, as with `gi_star`.

    >>> import numpy as np
    >>> row, area = np.array([[4, 0, 0, 0]]), np.ones((1, 4), dtype=bool)
    >>> float(gi_star_expected(row, np.ones((1, 4)), area).z[0, 0])
    1.0
    """
    y, e = counts[inside], expected[inside]
    dispersion = max(float(((y - e) ** 2 / e).sum()) / max(y.size - 1, 1), 1.0)
    found = neighbour_sums(np.where(inside, counts, 0), rings=rings, shape=shape)
    due = _float_sums(np.where(inside, expected, 0.0), rings=rings, shape=shape)
    variance = np.maximum(dispersion * due * (1 - due / y.sum()), 0.0)
    z = np.divide(found - due, np.sqrt(variance), out=np.zeros_like(due), where=variance > 0)
    for values in (z, due):
        values[~inside] = np.nan
    return OffsetGiStar(z, np.where(inside, found, np.nan), due, dispersion)


def _float_sums(
    values: npt.NDArray[np.float64], *, rings: int, shape: str
) -> npt.NDArray[np.float64]:
    """Sum as `neighbour_sums`, in units small enough that running sums lose nothing seen."""
    scale = 2.0**40 / max(float(values.sum()), 1.0)
    whole = np.rint(values * scale).astype(np.int64)
    sums: npt.NDArray[np.float64] = neighbour_sums(whole, rings=rings, shape=shape) / scale
    return sums
