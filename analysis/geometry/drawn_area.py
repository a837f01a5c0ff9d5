"""An area that somebody drew on a map: a circle or a polygon, written in one line of text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely
from pyproj import Transformer

if TYPE_CHECKING:
    from pyproj import CRS

DECIMALS = 5
"""Of degrees: about a metre."""
MOST_CORNERS = 200
MAX_RADIUS_M = 50_000.0
QUARTER = 32
"""Sides of a quarter of a circle, whose area so is 0.04 % low."""
PLACE = r"-?\d{1,3}(?:\.\d+)?,-?\d{1,2}(?:\.\d+)?"
CIRCLE = re.compile(rf"(\d{{1,5}})@({PLACE})")
POLYGON = re.compile(rf"{PLACE}(?:;{PLACE}){{2,{MOST_CORNERS - 1}}}")


@dataclass(frozen=True)
class DrawnArea:
    """
    An area drawn by hand.

    Attributes
    ----------
    corners
        Longitude and latitude of the corners of a polygon, in degrees; or the centre of a circle.
    radius_m
        Of the circle, in metres; 0 for a polygon.

    Examples
    --------
    >>> read_area("500@116.12345,39.5").text()
    '500@116.12345,39.5'
    >>> read_area("0,0;1,1;1,0;0,1") is None  # its border crosses itself
    True
    """

    corners: tuple[tuple[float, float], ...]
    radius_m: float = 0.0

    def text(self) -> str:
        """Write the area: `radius@lon,lat`, or `lon,lat;lon,lat;lon,lat` and so on."""
        places = ";".join(
            f"{round(lon, DECIMALS):.12g},{round(lat, DECIMALS):.12g}" for lon, lat in self.corners
        )
        return f"{self.radius_m:.0f}@{places}" if self.radius_m else places

    def shape(self, crs: CRS) -> shapely.Polygon:
        """
        Give the polygon in a CRS of metres.

        Parameters
        ----------
        crs
            Of the city.

        Returns
        -------
        shape
            A circle as a polygon of 128 sides; sides of a polygon are straight lines of the CRS.
        """
        move = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        lon, lat = zip(*self.corners, strict=True)
        places = list(zip(*move.transform(lon, lat), strict=True))
        if self.radius_m:
            return shapely.Point(places[0]).buffer(self.radius_m, quad_segs=QUARTER)
        return shapely.Polygon(places)

    def zone(self, crs: CRS) -> gpd.GeoDataFrame:
        """
        Give the area as a zone that `analysis.coverage.zones` compares with the city.

        Parameters
        ----------
        crs
            Of the city.

        Returns
        -------
        zone
            One row, named by its text.
        """
        text = self.text()
        zone = gpd.GeoDataFrame({"name": [text]}, index=[text], geometry=[self.shape(crs)], crs=crs)
        return zone.rename_axis("zone_id")


def read_area(text: str) -> DrawnArea | None:
    """
    Read an area from its text.

    Parameters
    ----------
    text
        As `DrawnArea.text` writes it.

    Returns
    -------
    area
        `None` where the text is no area on the earth: wrongly written, without any extent, of more
        than `MOST_CORNERS` corners or `MAX_RADIUS_M`, or with a border that crosses itself.
    """
    if circle := CIRCLE.fullmatch(text):
        area = DrawnArea((_place(circle[2]),), float(circle[1]))
        return area if _on_earth(area) and 0 < area.radius_m <= MAX_RADIUS_M else None
    if not POLYGON.fullmatch(text):
        return None
    area = DrawnArea(tuple(map(_place, text.split(";"))))
    drawn = shapely.Polygon(area.corners)
    return area if _on_earth(area) and drawn.is_valid and drawn.area > 0 else None


def _place(text: str) -> tuple[float, float]:
    lon, lat = (round(float(each), DECIMALS) for each in text.split(","))
    return lon, lat


def _on_earth(area: DrawnArea) -> bool:
    """Longitudes may be counted on beyond 180 where a city lies on both sides of it."""
    return all(math.fabs(lon) <= 360 and math.fabs(lat) < 90 for lon, lat in area.corners)  # noqa: PLR2004
