"""Names from the data in the reader's language, where the data have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def with_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame, language: str) -> pd.DataFrame:
    """
    Put the names of communities and parents into the reader's language.

    Parameters
    ----------
    rows
        With `community_id`, `community` and `parent`, or only `name` and `parent` on the
        index of the communities.
    communities
        Where they come from; `name_en` and `parent_en` are optional.
    language
        `zh` or `en`.

    Returns
    -------
    rows
        A copy where anything changes. A name without an English form stays as it is.
    """
    key = rows["community_id"] if "community_id" in rows else rows.index.to_series()
    changes = {}
    for column in ("community", "name", "parent"):
        source = f"{'name' if column == 'community' else column}_{language}"
        if column in rows and source in communities:
            names = key.map(communities[source])
            changes[column] = names.where(names.notna() & (names != ""), rows[column])
    return rows.assign(**changes) if changes else rows
