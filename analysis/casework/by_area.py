"""Load of tasks for the city and the areas of every level above communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.task_table import LOAD_COLUMNS, load_by
from analysis.casework.tasks import UNFINISHED
from analysis.model.levels import OUTSIDE, areas_at, areas_of, in_order, levels_of

if TYPE_CHECKING:
    import geopandas as gpd

AREA_TASK_COLUMNS = ("level", "name", "unfinished", *LOAD_COLUMNS)


def load_by_area(
    table: pd.DataFrame, communities: gpd.GeoDataFrame, *, times: pd.DataFrame, slips: pd.DataFrame
) -> pd.DataFrame:
    """
    Count the tasks of the city and of every area of every level.

    Parameters
    ----------
    table
        As in `analysis.casework.task_table.load_by`.
    communities
        As in `analysis.model.contracts`: a task belongs to the areas that its community is part
        of today.
    times, slips
        As `table`.

    Returns
    -------
    load
        `AREA_TASK_COLUMNS`, the city first; areas without a task too, with a missing `progress`.
        Tasks of communities that name no area stand under `analysis.model.levels.NOT_GIVEN`,
        those of no community under `OUTSIDE`, so that tasks add up to the city on every level.
    """
    tables = []
    for level in ("", *levels_of(communities)):
        whole = pd.Series("", table.index, dtype=object)
        areas = areas_of(table["community_id"], communities, level) if level else whole
        load = load_by(table.assign(area=areas), "area", times=times, slips=slips)
        names = in_order(areas_at(communities, level)) if level else [""]
        names += [OUTSIDE] * (OUTSIDE in load.index)
        load = load.reindex(pd.Index(names, dtype=object, name="name"))
        counts = [name for name in LOAD_COLUMNS if name != "progress"]
        load[counts] = load[counts].fillna(0).astype("int64")
        load["unfinished"] = load[list(UNFINISHED)].sum(axis=1)
        tables.append(load.reset_index().assign(level=level or "city"))
    return pd.concat(tables, ignore_index=True)[list(AREA_TASK_COLUMNS)]
