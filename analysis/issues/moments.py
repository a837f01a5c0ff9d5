"""Moments in the time zone of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import datetime as dt


LAST_DAY = pd.Timestamp(9999, 12, 30)
"""Last day that another can follow."""


def in_zone(moment: dt.date, zone: dt.tzinfo) -> pd.Timestamp:
    """
    Put a moment into a time zone.

    Parameters
    ----------
    moment
        A plain day or time means that of the zone.
    zone
        Of the data.

    Returns
    -------
    moment
        With the zone.
    """
    stamp = pd.Timestamp(moment)
    return stamp.tz_localize(zone) if stamp.tzinfo is None else stamp.tz_convert(zone)
