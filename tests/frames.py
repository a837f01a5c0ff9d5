"""Toy cities in metres, small enough to do every sum by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.issues.issue_set import issue_set
from analysis.model.contracts import HANDLED, TIME_COLUMNS

TEXTS = ("category", "unit", "source", "text")
CRS = "+proj=laea +lat_0=30 +lon_0=114 +datum=WGS84 +units=m +no_defs"


def polygons(shapes, *, parents=None, **columns):
    """Make a communities frame: ids c0, c1 …, in metres."""
    names = [f"c{place}" for place in range(len(shapes))]
    frame = gpd.GeoDataFrame(
        {"name": [name.upper() for name in names], "parent": parents or "", **columns},
        geometry=list(shapes),
        index=names,
        crs=CRS,
    )
    return frame.rename_axis("community_id")


def points(xy, *, kind="toilet", status="open"):
    """Make a facilities frame: ids f0, f1 …, in metres."""
    names = [f"{kind}{place}" for place in range(len(xy))]
    frame = gpd.GeoDataFrame(
        {"kind": kind, "name": names, "status": status},
        geometry=shapely.points(xy) if len(xy) else [],
        index=names,
        crs=CRS,
    )
    return frame.rename_axis("facility_id")


def residents(rows):
    """Make a residents frame from (x, y, people)."""
    frame = pd.DataFrame(rows, columns=["x", "y", "population"], dtype=float)
    frame.index = pd.Index([f"r{place}" for place in range(len(rows))], name="resident_id")
    return frame


def issues(**columns):
    """Make an issues frame: ids i0, i1 …; times as text in Shanghai; what is not given is empty."""
    length = max(len(values) for values in columns.values())
    given = {"x": np.nan, "y": np.nan, "status": "open", **dict.fromkeys(TEXTS, ""), **columns}
    frame = pd.DataFrame(given, index=[f"i{place}" for place in range(length)])
    for column in {*TIME_COLUMNS, *({HANDLED} & set(columns))}:
        times = pd.to_datetime(list(columns.get(column, [None] * length)))
        frame[column] = times.tz_localize("Asia/Shanghai").as_unit("us")
    return frame.rename_axis("issue_id")


def reports_at(xy, days, *, category="litter"):
    """Make an issues frame: open reports of one category at places, on the given days."""
    x, y = np.asarray(xy, dtype=float).reshape(-1, 2).T
    return issues(x=x, y=y, reported_at=days, category=[category] * len(x))


def issues_of(city):
    """The issues of a city, located."""
    return issue_set(city.issues, city.communities, as_of=city.as_of)
