"""How long places stay clean: the product-limit curve of Kaplan and Meier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.ranking import Z95

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def staying_clean(days: ArrayLike, returned: ArrayLike) -> pd.DataFrame:
    """
    Estimate the share of closings that have not come back after so many days.

    A closing that has not come back counts for as long as it was watched and no longer, so
    young closings do not make the curve look better than it is. Closings are taken as
    independent of each other and of how long they were watched; neighbours are not.

    Parameters
    ----------
    days
        Days from closing to return, or to the end of observation.
    returned
        Whether it came back then.

    Returns
    -------
    curve
        On each number of `days` at which one came back: `at_risk`, `returns`,
        `clean_share` just after, with its 95 % limits `low_share` and `high_share` (on the
        log-minus-log scale with the variance of Greenwood; missing where the share is 0).

    References
    ----------
    Kaplan and Meier (1958), doi:10.1080/01621459.1958.10501452.

    Examples
    --------
    >>> staying_clean([1, 2, 3, 4], [True, False, True, False])["clean_share"].tolist()
    [0.75, 0.375]
    """
    times = np.asarray(days, dtype=float)
    events = np.sort(times[np.asarray(returned, dtype=bool)])
    moments, returns = np.unique(events, return_counts=True)
    at_risk = len(times) - np.searchsorted(np.sort(times), moments, side="left")
    share = np.cumprod(1 - returns / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(returns / (at_risk * (at_risk - returns)))) / np.log(share)
        low, high = share ** np.exp(-Z95 * spread), share ** np.exp(Z95 * spread)
    known = share > 0
    return pd.DataFrame(
        {
            "at_risk": at_risk,
            "returns": returns,
            "clean_share": share,
            "low_share": np.where(known, low, np.nan),
            "high_share": np.where(known, high, np.nan),
        },
        index=pd.Index(moments, name="days"),
    )


def clean_after(curve: pd.DataFrame, days: ArrayLike) -> pd.Series[float]:
    """
    Read the curve at given numbers of days.

    Parameters
    ----------
    curve
        From `staying_clean`; without rows nothing has come back.
    days
        Where to read; beyond the last return the curve is level.

    Returns
    -------
    clean_share
        On an index of `days`.
    """
    at = np.asarray(days, dtype=float)
    step = np.searchsorted(curve.index.to_numpy(float), at, side="right")
    shares = np.concatenate([[1.0], curve["clean_share"].to_numpy(float)])
    return pd.Series(shares[step], index=pd.Index(at, name="days"), name="clean_share")
