"""Which units lie beyond chance and usual differences: a funnel with the spread of the units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from analysis.model.multiple_testing import adjusted

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

VERDICT_Q = 0.05
"""Greatest q of a unit that is called better or worse."""
BETTER, WORSE, SAME = "better", "worse", "same"
VERDICTS = (BETTER, WORSE, SAME)
WINSORISED = 0.10
"""Share at each end of the units whose squares count no more than those next to them."""
DEGREES_SHARE, MAX_DEGREES = 0.75, 20.0
"""Degrees of freedom for each unit beyond the first, as the spread is estimated from few, and the
most of them: the law of units is not known well enough for thinner tails."""
MAX_SPREAD = 0.99
ROUNDS = 25
"""Rounds in which middle and spread of the units settle, at most."""
SETTLED = 1e-6
"""Relative step at which they have."""
FUNNEL_LEVELS = (0.95, 0.998)


def usual_spread(squares: ArrayLike, n: ArrayLike) -> float:
    """
    Estimate how much units differ beyond chance: by cases that depend on each other, and as usual.

    Parameters
    ----------
    squares
        Of each unit its squared distance from what is expected over the variance by chance.
    n
        Its cases.

    Returns
    -------
    spread
        ρ ≥ 0 of the variance 1 + (n − 1) ρ of such a distance: the correlation between cases of one
        unit. Squares beyond the normal law's 10 % at each end count as if they lay there, so that
        a few units which really differ do not hide themselves. 0 with fewer than two units.

    References
    ----------
    Spiegelhalter (2005), Handling over-dispersion of performance indicators,
    doi:10.1136/qshc.2005.013755.

    Examples
    --------
    Ten units of 101 cases that lie twice as far as chance puts them:

    >>> round(usual_spread([4.0] * 10, [101] * 10), 3) > 0.03
    True
    """
    square, size = np.asarray(squares, dtype=float), np.asarray(n, dtype=float)
    cut = float(scipy.stats.norm.isf(WINSORISED)) ** 2
    usual = scipy.stats.chi2.cdf(cut, 3) + cut * scipy.stats.chi2.sf(cut, 1)

    def excess(spread: float) -> float:
        scaled = square / (1 + (size - 1) * spread)
        return float(np.minimum(scaled, cut).sum() - usual * (len(square) - 1))

    if len(square) < 2 or excess(0.0) <= 0:  # noqa: PLR2004
        return 0.0
    if excess(MAX_SPREAD) > 0:
        return MAX_SPREAD
    return float(scipy.optimize.brentq(excess, 0.0, MAX_SPREAD, xtol=1e-6))


def usual_units(hits: Floats, n: Floats, expected: Floats) -> tuple[Floats, float]:
    """
    Find what the middle of the units does, and how far they usually lie from it.

    Parameters
    ----------
    hits, n, expected
        Cases that count, all cases, and how many would count at one rate for all, of each unit; the
        last two positive.

    Returns
    -------
    share, spread
        Expected share of each unit, in (0, 1) where units differ at all: `expected` times a factor
        on which a unit far away has no more weight than one at the cut (Huber), so that one large
        bad unit does not make all others good; ρ of `usual_spread`.

    References
    ----------
    Huber (1964), Robust estimation of a location parameter, doi:10.1214/aoms/1177703732.
    """
    cut = float(scipy.stats.norm.isf(WINSORISED))
    factor, spread = _weighted_median(hits / expected, n), 0.0
    if not factor > 0:
        factor = float(hits.sum() / max(expected.sum(), 1e-9))
    for _ in range(ROUNDS):
        share = np.clip(factor * expected / n, 0.0, 1.0)
        chance = n * share * (1 - share)
        known = chance > 0
        if not known.any():
            break
        away = (hits - n * share)[known] / np.sqrt(chance[known])
        spread = usual_spread(away**2, n[known])
        dispersion = 1 + (n - 1) * spread
        far = np.abs(away) / np.sqrt(dispersion[known])
        weight = np.ones(len(n))
        weight[known] = cut / np.maximum(far, cut)
        weight /= dispersion
        before, factor = factor, (weight * hits).sum() / (weight * expected).sum()
        if abs(factor - before) <= SETTLED * factor:
            break
    return np.clip(factor * expected / n, 0.0, 1.0), spread


def _weighted_median(values: Floats, weights: Floats) -> float:
    if not len(values):
        return 0.0
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) >= weights.sum() / 2
    return float(values[order][np.argmax(reached)])


def judge_shares(
    hits: pd.Series[float], n: pd.Series[float], expected: pd.Series[float], *, more_is_better: bool
) -> pd.DataFrame:
    """
    Tell which units have more or fewer hits than expected beyond chance and usual differences.

    Parameters
    ----------
    hits, n, expected
        Cases that count, all cases, and how many of them would count at one rate for all, on one
        index; `n` is positive.
    more_is_better
        Whether a high share is good.

    Returns
    -------
    judged
        On the same index `expected`, the hits of a unit that does as the middle of the units
        (`usual_units`); `dispersion`, φ = 1 + (n − 1) ρ; two-sided `p`, the greater of two laws,
        so that neither tail is thinner than units have: the binomial law of counts divided by φ,
        and the normal law of log odds with a variance of φ, half a case nearer to the expected;
        both read as Student's with the degrees of freedom that the number of units allows. `q` by
        Benjamini and Hochberg; `verdict`, one of `VERDICTS`.

    Notes
    -----
    Spread between units and cases of one unit that depend on each other are one number here: a unit
    is judged against how units of this city differ, not against equal ones.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance,
    doi:10.1002/sim.1970, and doi:10.1136/qshc.2005.013755; Benjamini and Hochberg (1995).
    """
    count, size, due = (np.asarray(each, dtype=np.float64) for each in (hits, n, expected))
    possible = due > 0
    share, spread = np.zeros(len(size)), 0.0
    share[possible], spread = usual_units(count[possible], size[possible], due[possible])
    dispersion = 1 + np.maximum(size - 1, 0) * spread
    known = (share > 0) & (share < 1)
    p = np.ones(len(size))
    z = np.minimum(
        _quasi_binomial(
            (count / dispersion)[known], ((size - count) / dispersion)[known], share[known]
        ),
        _log_odds(count[known], size[known], share[known], dispersion[known]),
    )
    p[known] = np.minimum(2 * scipy.stats.t.sf(z, degrees_of(int(known.sum()))), 1)
    q = adjusted(p)
    more = count > size * share
    better = more if more_is_better else ~more
    verdict = np.where(q > VERDICT_Q, SAME, np.where(better, BETTER, WORSE))
    table = {"expected": size * share, "dispersion": dispersion, "p": p, "q": q, "verdict": verdict}
    return pd.DataFrame(table, index=hits.index)


def degrees_of(units: int) -> float:
    """
    Give the degrees of freedom of a spread estimated from some units.

    Parameters
    ----------
    units
        How many.

    Returns
    -------
    degrees
        1 or more.
    """
    return float(np.clip(DEGREES_SHARE * (units - 1), 1, MAX_DEGREES))


def half_width(level: float, units: int) -> float:
    """
    Give half the width of an interval, in standard errors.

    Parameters
    ----------
    level
        Between 0 and 1.
    units
        From which the spread was estimated.

    Returns
    -------
    width
        By Student's law with `degrees_of` these units.
    """
    return float(scipy.stats.t.isf((1 - level) / 2, degrees_of(units)))


def compare_shares(now: pd.DataFrame, before: pd.DataFrame, *, more_is_better: bool) -> pd.Series:
    """
    Tell which units have changed beyond chance and usual changes.

    Parameters
    ----------
    now, before
        `hits` and `n`, on one index; `n` is positive.
    more_is_better
        Whether a high share is good.

    Returns
    -------
    change
        One of `VERDICTS` on the index, by q ≤ `VERDICT_Q` over the units. The difference of two
        shares is normal (Student's, as in `judge_shares`) with a variance of P (1 − P) (1 / n₁ +
        1 / n₀) φ, P of both together and φ = 1 + (2 n₁ n₀ / (n₁ + n₀) − 1) ρ; ρ from
        `usual_spread` of the differences beside that of all units together. A change that all units
        share is a change.
    """
    size = now["n"].to_numpy(float), before["n"].to_numpy(float)
    share = [each["hits"].to_numpy(float) / n for each, n in zip((now, before), size, strict=True)]
    pooled = (now["hits"].to_numpy(float) + before["hits"].to_numpy(float)) / (size[0] + size[1])
    paired = 2 * size[0] * size[1] / (size[0] + size[1])
    chance = pooled * (1 - pooled) * 2 / paired
    known = chance > 0
    difference = (share[0] - share[1])[known]
    scale, pairs = chance[known], paired[known]
    whole = np.average(difference, weights=1 / scale) if known.any() else 0.0
    spread = usual_spread((difference - whole) ** 2 / scale, pairs)
    t = np.abs(difference) / np.sqrt(scale * (1 + (pairs - 1) * spread))
    p = np.ones(len(chance))
    p[known] = 2 * scipy.stats.t.sf(t, degrees_of(int(known.sum())))
    up = share[0] > share[1]
    better = up if more_is_better else ~up
    change = np.where(adjusted(p) > VERDICT_Q, SAME, np.where(better, BETTER, WORSE))
    return pd.Series(change, index=now.index, dtype="str")


def expected_hits(hits: pd.Series[bool], of: pd.Series, category: pd.Series) -> pd.Series[float]:
    """
    Count how many cases of each unit would count if it did with each category as the city does.

    Parameters
    ----------
    hits, of, category
        Of each case whether it counts, its unit and its category, on one index; cases without a
        unit are in the city's shares alone, and those without a category are one of their own.

    Returns
    -------
    expected
        By unit (indirect standardisation).

    Examples
    --------
    Half of the city's waste and all of its noise counts; b has one of each.

    >>> import pandas as pd
    >>> hits = pd.Series([True, False, True, True])
    >>> of, category = pd.Series(list("aabb")), pd.Series(["waste", "waste", "noise", "noise"])
    >>> expected_hits(hits, of, category).to_dict()
    {'a': 1.0, 'b': 2.0}
    """
    usual = hits.astype(float).groupby(category.fillna("")).transform("mean")
    return usual.groupby(of).sum()


def funnel_limits(n: ArrayLike, share: float, *, spread: float, units: int) -> pd.DataFrame:
    """
    Draw the funnel: between which shares units of a size lie by chance and usual differences.

    Parameters
    ----------
    n
        Sizes.
    share
        Of the city, strictly between 0 and 1.
    spread, units
        ρ, and from how many units it was estimated.

    Returns
    -------
    limits
        `n`, and for each of `FUNNEL_LEVELS` `low_95`, `high_95`, `low_998`, `high_998`, of the
        law of log odds, for one unit alone.
    """
    size = np.asarray(n, dtype=float)
    middle = scipy.special.logit(share)
    one = np.sqrt((1 + (size - 1) * spread) / (size * share * (1 - share)))
    table = {"n": size}
    for level in FUNNEL_LEVELS:
        half = half_width(level, units) * one
        name = f"{level:g}".removeprefix("0.")
        table[f"low_{name}"] = scipy.special.expit(middle - half)
        table[f"high_{name}"] = scipy.special.expit(middle + half)
    return pd.DataFrame(table)


def _quasi_binomial(hits: Floats, misses: Floats, share: Floats) -> Floats:
    """Distance of the smaller binomial tail in normal units; counts need not be whole."""
    some, had = np.where(hits > 0, hits, 1.0), np.where(misses > 0, misses, 1.0)
    above = np.where(hits > 0, scipy.special.betainc(some, misses + 1, share), 1.0)
    below = np.where(misses > 0, scipy.special.betaincc(hits + 1, had, share), 1.0)
    z: Floats = -scipy.special.ndtri(np.clip(np.minimum(above, below), 1e-300, 0.5))
    return z


def _log_odds(hits: Floats, n: Floats, share: Floats, dispersion: Floats) -> Floats:
    nearer = np.where(hits > n * share, -0.5, 0.5)
    found = np.clip(hits + nearer, 0.5, n - 0.5) / n
    away = np.abs(scipy.special.logit(found) - scipy.special.logit(share))
    z: Floats = away * np.sqrt(n * share * (1 - share) / dispersion)
    return z
