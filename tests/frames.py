"""Toy cities in metres, small enough to do every sum by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.contracts import ISSUE_COLUMNS, TIME_COLUMNS

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


def issues(xy, days, *, category="litter"):
    """Make an issues frame: ids i0, i1 …, in metres, reported on the given days, open."""
    index = pd.Index([f"i{place}" for place in range(len(xy))], name="issue_id", dtype="str")
    frame = pd.DataFrame(index=index, columns=list(ISSUE_COLUMNS))
    frame = frame.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))
    frame[["x", "y"]] = np.asarray(xy, dtype=float).reshape(-1, 2)
    frame["reported_at"] = pd.DatetimeIndex(days).tz_localize("Asia/Shanghai").as_unit("us")
    return frame.assign(category=category, status="open", unit="U", source="", text="")
