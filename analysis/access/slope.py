"""
What a climb adds to a way on foot.

Walking speed falls with the slope, uphill and, if it is steep, downhill. Whoever walks to a
facility walks back as well, so a street is as long as the time there and back on it allows to go
on level ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FALL, EASIEST = 3.5, 0.05
"""Tobler's speed is 6 km/h exp(-`FALL` |slope + `EASIEST`|): fastest at 5 % downhill."""
MAX_SLOPE = 0.5
"""
Rise over run of public steps, 0.15 m on 0.30 m. What is steeper is no street: a wrong height, a
bridge beside the ground below it, a lift.
"""


def slope_factor(
    climb_m: NDArray[np.float64], length_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Weight the lengths of streets by their slope, mean of both directions.

    Parameters
    ----------
    climb_m
        Metres up and down along each street, added up; missing where heights are not known.
    length_m
        Of each in the plane, positive.

    Returns
    -------
    factor
        With s = climb / length, at most `MAX_SLOPE`: (exp(3.5 |s + 0.05|) + exp(3.5 |s - 0.05|))
        / (2 exp(3.5 x 0.05)). 1 on level ground and where heights are not known, never less. A
        street is taken as evenly steep all along.

    References
    ----------
    Tobler (1993), Three presentations on geographical analysis and modeling, National Center for
    Geographic Information and Analysis, Technical Report 93-1.

    Examples
    --------
    >>> slope_factor(np.array([0.0, 10.0, np.nan]), np.full(3, 100.0)).round(3).tolist()
    [1.0, 1.21, 1.0]
    """
    slope = np.minimum(np.divide(climb_m, length_m), MAX_SLOPE)
    ways = [np.exp(FALL * (np.abs(slope + turn) - EASIEST)) for turn in (EASIEST, -EASIEST)]
    return np.where(np.isnan(slope), 1.0, np.mean(ways, axis=0))
