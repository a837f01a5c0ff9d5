"""How much the rates of cells differ beyond chance, whatever a few hot ones hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

CUT = 1.2815515655446004
"""Distance in standard deviations beyond which a cell counts no more: the normal law's 10 %."""
STEPS = 48
"""Expected numbers for which the usual square is computed; it is read off between them."""
MAX_EXTRA = 20.0
STEP = 0.1
"""Relative step for the slope that the standard error comes from, of at least this variance."""


def rate_spread(counts: npt.NDArray[np.int64], expected: Floats) -> tuple[float, float]:
    """
    Estimate the variance of the rates of cells beyond chance.

    Parameters
    ----------
    counts, expected
        Cases of each cell, and those at one rate for all; the latter positive.

    Returns
    -------
    extra, error
        a of the variance e + a e² of a cell's cases (negative binomial law), 0 or more: such that
        the squares of (c - e) / sqrt(e + a e²), cut at `CUT`², add up to what that law has. A
        few cells with many more cases do not move it. Then its standard error.

    References
    ----------
    McCullagh and Nelder (1989), Generalized Linear Models, 6.2; Huber (1964), Robust estimation
    of a location parameter, doi:10.1214/aoms/1177703732.

    Examples
    --------
    Half of the cells have twice the cases of the others:

    >>> import numpy as np
    >>> extra, error = rate_spread(np.array([40, 80] * 50), np.full(100, 60.0))
    >>> round(extra, 2)
    0.15
    """
    number = len(counts)
    steps = np.geomspace(expected.min(), expected.max() * (1 + 1e-9), STEPS)
    at = np.log(expected)

    def squares(extra: float) -> Floats:
        square = (counts - expected) ** 2 / (expected + extra * expected**2)
        return np.minimum(square, CUT**2)

    def excess(extra: float) -> float:
        usual = np.interp(at, np.log(steps), [_usual_square(each, extra) for each in steps])
        return float(squares(extra).sum() - usual.sum() * (number - 1) / number)

    if number < 2:  # noqa: PLR2004
        return 0.0, 0.0
    extra = 0.0
    if excess(0.0) > 0:
        over = excess(MAX_EXTRA) > 0
        extra = MAX_EXTRA if over else float(scipy.optimize.brentq(excess, 0.0, MAX_EXTRA))
    step = max(extra, STEP) * STEP
    slope = (excess(extra) - excess(extra + step)) / step
    error = np.sqrt(number) * squares(extra).std() / slope if slope > 0 else 0.0
    return extra, float(error)


def _usual_square(expected: float, extra: float) -> float:
    """Mean of the square, cut, under the law: what is cut off needs the middle of the law alone."""
    spread = float(np.sqrt(expected + extra * expected**2))
    low, high = max(np.ceil(expected - CUT * spread), 0), np.floor(expected + CUT * spread)
    k = np.arange(low, high + 1)
    chance = (
        scipy.stats.nbinom.pmf(k, 1 / extra, 1 / (1 + extra * expected))
        if extra > 0
        else scipy.stats.poisson.pmf(k, expected)
    )
    return float(CUT**2 - (chance * (CUT**2 - ((k - expected) / spread) ** 2)).sum())
