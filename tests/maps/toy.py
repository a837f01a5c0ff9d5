"""A toy map, and what a page of HTML links to."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from maps.spec import (
    WORDS,
    MapSpec,
)

UTM = CRS("EPSG:32651")


def wavy_squares():
    """A row of three squares of 1 km with wiggly common borders."""
    y = np.linspace(0, 1000, 201)
    walls = [np.column_stack([x + 3 * np.sin(y / 9 + x), y]) for x in (0, 1000, 2000, 3000)]
    rings = [np.vstack([left, right[::-1]]) for left, right in pairwise(walls)]
    return gpd.GeoSeries(shapely.polygons(rings), crs=UTM).translate(350_000, 3_450_000)


def make_spec(**parts):
    return MapSpec(id="toy", language="en", words=dict.fromkeys(WORDS, "word"), **parts)


class Links(HTMLParser):
    """Collects what a page would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, _tag, attrs):
        self.found += [value for name, value in attrs if name in {"src", "href", "action"}]


def links(page):
    parser = Links()
    parser.feed(page)
    return parser.found
