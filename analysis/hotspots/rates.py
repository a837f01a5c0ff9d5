"""Cases per resident, steadied where few people live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def smoothed_rate(cases: ArrayLike, people: ArrayLike) -> NDArray[np.float64]:
    """
    Estimate the rate of each area by empirical Bayes, drawing small ones to the mean.

    weight × cases/people + (1 − weight) × m, with m = Σ cases / Σ people,
    weight = a / (a + m / people) and a = Σ people (rate − m)² / Σ people − m / mean people: what
    of the spread of the rates is more than chance; 0 if it is less.

    Parameters
    ----------
    cases
        Cases of each area, 0 or more.
    people
        Residents of each area. Where nobody lives there is no rate, and the area is in no
        sum.

    Returns
    -------
    rate
        Cases per resident; missing where nobody lives.

    References
    ----------
    Marshall (1991), Mapping disease and mortality rates using empirical Bayes estimators,
    doi:10.2307/2347593.

    Examples
    --------
    m = 30/300 = 0.1; the rates 0.2, 0.1 and 0 spread by (0.01 + 0 + 0.01)/3 = 2/300, of which
    m/100 = 0.001 is chance: a = 2/300 − 0.001 and each weight a / (2/300) = 0.85. The first
    rate is then 0.85 × 0.2 + 0.15 × 0.1 = 0.185, the last 0.15 × 0.1 = 0.015.

    >>> [round(float(each), 3) for each in smoothed_rate([20, 10, 0, 4], [100, 100, 100, 0])]
    [0.185, 0.1, 0.015, nan]
    """
    events, base = np.asarray(cases, dtype=float), np.asarray(people, dtype=float)
    rate = np.full(len(base), np.nan)
    lived = base > 0
    if not lived.any():
        return rate
    events, base = events[lived], base[lived]
    mean = events.sum() / base.sum()
    crude = events / base
    beyond = (base * (crude - mean) ** 2).sum() / base.sum() - mean / base.mean()
    beyond = max(beyond, 0.0)
    spread = beyond + mean / base
    weight = np.divide(beyond, spread, out=np.zeros_like(spread), where=spread > 0)
    rate[lived] = weight * crude + (1 - weight) * mean
    return rate
