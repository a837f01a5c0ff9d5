"""A toy town, and cases by chance or where one puts them."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
from analysis.model.crs import local_crs

CRS = local_crs((120.9, 30.9, 121.1, 31.1))

AS_OF = dt.date(2026, 6, 30)

SIDE = 2_000


def area(*polygons):
    names = [f"c{n}" for n in range(len(polygons))]
    return gpd.GeoDataFrame(
        {"name": [name.upper() for name in names], "parent": "Town"},
        geometry=list(polygons),
        index=pd.Index(names, name="community_id", dtype="str"),
        crs=CRS,
    )


def issues_at(xy, *, category="litter", status="open"):
    index = pd.Index([f"i{n}" for n in range(len(xy))], name="issue_id", dtype="str")
    issues = pd.DataFrame(index=index, columns=list(ISSUE_COLUMNS))
    issues = issues.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))
    issues[["x", "y"]] = np.asarray(xy, dtype=float).reshape(-1, 2)
    issues["due_at"] = pd.Timestamp("2026-06-01", tz="Asia/Shanghai")
    return issues.assign(category=category, status=status)


def scattered(seed=0, cases=3_000, side=SIDE):
    return np.random.default_rng(seed).uniform(0, side, (cases, 2))
