"""The matrix: kinds of disorder by community."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.taxonomy import CATEGORY, LEVELS, UNMAPPED, Taxonomy, classify

if TYPE_CHECKING:
    import geopandas as gpd

TOP = 3
MATRIX_COLUMNS = (
    "community_id",
    "community",
    "parent",
    "level",
    "key",
    "key_zh",
    "key_en",
    "cases",
    "cases_per_km2",
    "top",
)


def disorder_matrix(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    membership: pd.Series[str],
    taxonomy: Taxonomy,
    *,
    area_m2: pd.Series[float],
) -> pd.DataFrame:
    """
    Count cases by kind of disorder and community, on every level of the taxonomy.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`, of one period.
    communities
        As in `analysis.model.contracts`.
    membership
        `analysis.issues.location.locate_cases` of these or more issues. Cases outside every
        community are in no row.
    taxonomy
        What is known of categories.
    area_m2
        Of every community, in square metres.

    Returns
    -------
    matrix
        `MATRIX_COLUMNS`, one row for each community and key of a level, also without
        cases; the cases that the taxonomy puts nowhere have the key `UNMAPPED`, last. `top`
        is 1 to `TOP` for the most frequent keys of the community, equals sharing the best
        of their places; missing for others.
    """
    home = membership.reindex(issues.index)
    inside = home.notna()
    parts = [
        _level(issues[inside], home[inside], communities, taxonomy, area_m2, level=level)
        for level in LEVELS
    ]
    return pd.concat(parts, ignore_index=True)[list(MATRIX_COLUMNS)]


def _level(
    issues: pd.DataFrame,
    home: pd.Series[str],
    communities: gpd.GeoDataFrame,
    taxonomy: Taxonomy,
    area_m2: pd.Series[float],
    *,
    level: str,
) -> pd.DataFrame:
    key = classify(issues, taxonomy, level=level)
    named = taxonomy.names.get(level, {})
    found = set(key.unique())
    if level == CATEGORY:
        keys = [each for each in named if each in found] + sorted(found - set(named) - {UNMAPPED})
    else:
        keys = list(named)
    keys += [UNMAPPED] if UNMAPPED in found else []
    counts = pd.crosstab(home, key).reindex(index=communities.index, columns=keys, fill_value=0)
    ranked = counts.drop(columns=UNMAPPED, errors="ignore")
    place = ranked.where(ranked > 0).rank(axis=1, method="min", ascending=False)
    place = place.where(place <= TOP).reindex(columns=keys)
    rows = len(communities) * len(keys)
    table = pd.DataFrame(
        {
            "community_id": np.repeat(communities.index.to_numpy(), len(keys)),
            "community": np.repeat(communities["name"].to_numpy(), len(keys)),
            "parent": np.repeat(communities["parent"].to_numpy(), len(keys)),
            "level": level,
            "key": keys * len(communities),
            "cases": counts.to_numpy().reshape(rows),
            "top": pd.array(place.to_numpy(dtype=float).reshape(rows), dtype="Int64"),
        }
    )
    area = np.repeat(area_m2.reindex(communities.index).to_numpy(float), len(keys)) / 1e6
    table["cases_per_km2"] = table["cases"] / np.where(area > 0, area, np.nan)
    for language in ("zh", "en"):
        names = {each: named.get(each, {}).get(language, each) for each in keys}
        table[f"key_{language}"] = table["key"].map(names)
    return table


def wide_matrix(matrix: pd.DataFrame, *, level: str, value: str) -> pd.DataFrame:
    """
    Turn one level of the matrix into a table of communities by keys.

    Parameters
    ----------
    matrix
        From `disorder_matrix`.
    level
        One of `analysis.model.taxonomy.LEVELS`.
    value
        `cases`, `cases_per_km2` or `top`.

    Returns
    -------
    table
        Index and columns in the order of the matrix.
    """
    rows = matrix[matrix["level"] == level]
    keys = rows["key"].unique()
    shape = (-1, max(len(keys), 1))
    return pd.DataFrame(
        rows[value].to_numpy(dtype=float, na_value=np.nan).reshape(shape)[:, : len(keys)],
        index=pd.Index(rows["community_id"].unique(), name="community_id"),
        columns=list(keys),
    )
