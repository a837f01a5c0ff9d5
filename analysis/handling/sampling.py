"""A random sample of closed cases to look at again, large enough for a stated margin."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pandas as pd

from analysis.handling.ranking import Z95
from analysis.model.errors import SettingsError


def sample_size(population: int, *, margin_share: float) -> int:
    """
    Give the cases needed to know a share within a margin, with 95 % confidence.

    Parameters
    ----------
    population
        Cases to draw from; 0 gives 0.
    margin_share
        Half the width of the interval, above 0 and at most 0.5.

    Returns
    -------
    size
        For the least favourable share (one half), simple random sampling and a finite
        population, rounded up; never above `population`.

    Raises
    ------
    SettingsError
        If the margin cannot be.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd edition, Wiley, sections 4.4-4.5.

    Examples
    --------
    >>> sample_size(10**9, margin_share=0.05), sample_size(100, margin_share=0.05)
    (385, 80)
    """
    if not 0 < margin_share <= 0.5:  # noqa: PLR2004  half is no knowledge at all
        msg = f"margin: {margin_share!r}; allowed is more than 0 up to 0.5."
        raise SettingsError(msg, problem="margin_value", found=margin_share)
    endless = (Z95 / margin_share) ** 2 / 4
    return (
        min(population, math.ceil(endless / (1 + (endless - 1) / population))) if population else 0
    )


def seed_of(number: str) -> int:
    """
    Make a seed of a public number, so that nobody who drew could have chosen it.

    Parameters
    ----------
    number
        As it was published; surrounding blanks do not count.

    Returns
    -------
    seed
        The first 32 bits of its SHA-256.

    Examples
    --------
    >>> seed_of("03 11 17 24 30") == seed_of(" 03 11 17 24 30 ")
    True
    """
    return int.from_bytes(hashlib.sha256(number.strip().encode()).digest()[:4], "big")


def stratified_sample(strata: pd.Series[str], *, size: int, seed: int) -> pd.Index[str]:
    """
    Draw cases at random from every stratum in proportion.

    Parameters
    ----------
    strata
        Stratum of every case, on its identifier; missing is a stratum of its own.
    size
        Cases to draw; all, if there are fewer.
    seed
        The same seed draws the same cases of the same strata, in whatever order they come.

    Returns
    -------
    drawn
        Identifiers, sorted by stratum and identifier. Each stratum has its exact quota
        rounded up or down (largest remainders; ties to the larger stratum, then by name).
    """
    if strata.empty or not size:
        return strata.index[:0]
    cases = strata.fillna("").rename("stratum").rename_axis("id").reset_index()
    cases = cases.sort_values(["stratum", "id"], ignore_index=True)
    counts = cases["stratum"].value_counts().sort_index()
    quota = _quotas(counts, min(size, len(cases)))
    rng = np.random.default_rng(seed)
    order = pd.Series(rng.random(len(cases))).groupby(cases["stratum"]).rank(method="first")
    taken = order <= cases["stratum"].map(quota)
    drawn: pd.Index[str] = pd.Index(cases.loc[taken, "id"], name=strata.index.name)
    return drawn


def _quotas(counts: pd.Series[int], size: int) -> pd.Series[int]:
    exact = (counts * (size / counts.sum())).to_numpy()
    whole = np.floor(exact + 1e-9).astype(int)
    order = np.lexsort((-counts.to_numpy(), whole - exact))
    whole[order[: size - whole.sum()]] += 1
    return pd.Series(whole, index=counts.index)
