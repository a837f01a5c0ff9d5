"""How many tell a share to a stated margin, and a random sample of closed cases to see again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.ranking import Z95
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def needed_answers(
    margin: float, *, residents: ArrayLike = np.nan, design: ArrayLike = 1.0
) -> NDArray[np.float64]:
    """
    Give the number of answers with which a share is known to within a margin.

    Parameters
    ----------
    margin
        Half the width of the 95 % interval, as a share above 0.
    residents
        People who could be asked; missing: no correction for their number.
    design
        Answers for each effective one: what weights cost, at least 1.

    Returns
    -------
    needed
        Whole answers, at most the residents. For a share of one half, which takes most:
        n₀ = z² / 4 m², then n₀ / (1 + (n₀ - 1) / N), times `design`.

    Notes
    -----
    Assumes a simple random sample of the residents, all of whom answer.

    References
    ----------
    Cochran (1977), Sampling Techniques, 4.4; Krejcie and Morgan (1970),
    doi:10.1177/001316447003000308.

    Examples
    --------
    >>> needed_answers(0.05).item(), needed_answers(0.05, residents=1000).item()
    (385.0, 278.0)
    """
    people = np.asarray(residents, dtype=float)
    usual = Z95**2 / (4 * margin**2)
    known = people > 0
    corrected = usual / (1 + (usual - 1) / np.where(known, people, np.inf))
    needed = np.ceil(corrected * np.asarray(design, dtype=float) - 1e-9)
    return np.asarray(np.where(known, np.minimum(needed, np.floor(people)), needed), dtype=float)


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
        As from `needed_answers`.

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
    return int(needed_answers(margin_share, residents=population)) if population else 0


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
