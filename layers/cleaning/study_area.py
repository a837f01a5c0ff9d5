"""Where the city is: what lies within its communities' extent belongs to its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyproj import Transformer

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.places.gazetteer import Gazetteer

    Floats = NDArray[np.float64]

MARGIN_M = 10_000.0
"""How far beyond the communities' extent a place still belongs to the city's data."""


@dataclass(frozen=True)
class StudyArea:
    """
    Where the city is.

    Attributes
    ----------
    crs
        Its metric CRS.
    bounds
        West, south, east, north of the communities, in metres of `crs`.
    gazetteer
        Makes what places are found in by address; `None` where no row needs it.
    """

    crs: CRS
    bounds: tuple[float, float, float, float]
    gazetteer: Callable[[], Gazetteer] | None = None

    def holds(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Tell which places lie in the extent or at most `MARGIN_M` beside it."""
        west, south, east, north = self.bounds
        inside: NDArray[np.bool_] = (
            (x >= west - MARGIN_M)
            & (x <= east + MARGIN_M)
            & (y >= south - MARGIN_M)
            & (y <= north + MARGIN_M)
        )
        return inside

    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of its extent."""
        west, south, east, north = self.bounds
        degrees = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        lon, lat = degrees.transform((west + east) / 2, (south + north) / 2)
        return float(lon), float(lat)
