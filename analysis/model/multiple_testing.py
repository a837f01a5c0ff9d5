"""Many tests at once: p values adjusted so that few of those called significant are chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def adjusted(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """
    Adjust p values by Benjamini and Hochberg.

    Parameters
    ----------
    p
        Of all tests of one question, one dimension; none are missing.

    Returns
    -------
    q
        In the order of `p`: q ≤ a for those called significant if at most a share a of
        them shall be chance.

    References
    ----------
    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    Of four tests the least p counts four times, the next one twice.

    >>> adjusted([0.01, 0.5, 0.02, 0.6]).round(9).tolist()
    [0.04, 0.6, 0.04, 0.6]
    """
    values = np.asarray(p, dtype=float)
    order = np.argsort(values)
    steps = values[order] * (values.size / np.arange(1, values.size + 1))
    q = np.empty_like(steps)
    q[order] = np.minimum.accumulate(steps[::-1])[::-1]
    return np.minimum(q, 1, out=q)
