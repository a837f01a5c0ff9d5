"""How long what people wrote is kept: older texts go, the cases they came with stay."""

from __future__ import annotations

import pandas as pd


def past_keeping(reported_at: pd.Series[pd.Timestamp], *, months: int) -> pd.Series[bool]:
    """
    Tell which reports are older than texts are kept.

    Parameters
    ----------
    reported_at
        Shape (n,), time of each report; missing ones count as too old, for nothing says that
        they are not.
    months
        Calendar months before the latest report that are kept; at least 1.

    Returns
    -------
    past
        Shape (n,), on the same index. Counted from the latest report and not from today, so that
        the same register gives the same result on every day.

    Raises
    ------
    ValueError
        If `months` is below 1.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2026-01-31", "2026-02-28", "2026-03-31", None]))
    >>> past_keeping(times, months=1).tolist()
    [True, False, False, True]
    """
    if months < 1:
        msg = f"`months` must be 1 or more, got {months!r}."
        raise ValueError(msg)
    first = reported_at.max() - pd.DateOffset(months=months)
    return ~(reported_at >= first)
