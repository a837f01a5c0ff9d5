"""What is known of the supply of one kind before any radius is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd

    from analysis.access.proximity import Vicinity
    from analysis.geometry.disc_cover import DiscCover


@dataclass(frozen=True)
class Supply:
    """
    What is known of one kind before any radius is chosen.

    Attributes
    ----------
    facilities
        Those that count as supply.
    vicinity
        The same and the communities around them.
    cover
        Prepared exact coverage by area, water taken out.
    residential_cover
        The same of residential land; `None` where there is none.
    distance
        Straight line from every resident row to the nearest, in metres.
    measured
        On the index of the communities: `facilities_inside`, `nearest_distance_m` (from
        a point inside the community), `mean_distance_m` (people-weighted).
    idle
        Facilities of the kind that are there but do not count as supply.
    idle_distance
        As `distance`, to the nearest of those.
    upper
        The same with facilities in doubt as supply, and none idle; `None` where there are
        none in doubt.
    """

    facilities: gpd.GeoDataFrame
    vicinity: Vicinity
    cover: DiscCover | None
    residential_cover: DiscCover | None
    distance: np.ndarray
    measured: pd.DataFrame
    idle: gpd.GeoDataFrame
    idle_distance: np.ndarray
    upper: Supply | None = None
