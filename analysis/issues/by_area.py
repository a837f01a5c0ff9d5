"""Counts of cases for the city and the areas of every level above communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.issues.counts import waiting_cases
from analysis.model.levels import OUTSIDE, areas_at, areas_of, in_order, levels_of

if TYPE_CHECKING:
    import datetime as dt

CASE_FIGURES = ("cases", "open", "overdue", "per_10k_people")
AREA_CASE_COLUMNS = ("level", "name", "communities", "population", *CASE_FIGURES)


def cases_by_area(
    issues: pd.DataFrame,
    membership: pd.Series[str],
    communities: pd.DataFrame,
    *,
    as_of: dt.date,
) -> pd.DataFrame:
    """
    Count the cases of the city and of every area of every level.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    membership
        Community of each issue, by `issue_id`, missing outside them all. It may hold more issues
        than these.
    communities
        As in `analysis.model.contracts`.
    as_of
        The moment at which a case counts as overdue, as in `analysis.issues.counts.overdue`.

    Returns
    -------
    cases
        `AREA_CASE_COLUMNS`, the city first: communities, their people (missing where those of any
        are unknown), `cases`, `open` and `overdue` as from `waiting_cases` (missing where unknown),
        and cases per 10,000 people (missing where nobody lives or people are unknown). Communities
        that name no area stand under `analysis.model.levels.NOT_GIVEN`, cases of no community under
        `OUTSIDE`, so that what is known adds up to the city on every level. Where no case has a
        place or a community, counts of areas are missing: none is known to be 0.
    """
    home = membership.reindex(issues.index)
    tables = [_counted(issues, pd.Series("", issues.index), communities, "", as_of=as_of)]
    for level in levels_of(communities):
        areas = areas_of(home, communities, level)
        tables.append(_counted(issues, areas, communities, level, as_of=as_of))
    return pd.concat(tables, ignore_index=True)[list(AREA_CASE_COLUMNS)]


def _counted(
    issues: pd.DataFrame,
    areas: pd.Series[str],
    communities: pd.DataFrame,
    level: str,
    *,
    as_of: dt.date,
) -> pd.DataFrame:
    """Count on one level; an empty one is the city."""
    own = areas_at(communities, level) if level else pd.Series("", communities.index)
    names = in_order(own) + [OUTSIDE] * bool(areas.eq(OUTSIDE).any())
    waiting = waiting_cases(issues, areas, as_of=as_of).reindex(names, fill_value=0)
    people = communities.get("population", pd.Series(float("nan"), communities.index))
    summed = people.astype(float).groupby(own).agg(lambda each: each.sum(skipna=False))
    summed = summed.reindex(names)
    cases = areas.value_counts().reindex(names, fill_value=0).astype("Int64")
    if level and len(issues) and areas.eq(OUTSIDE).all() and issues["x"].isna().all():
        cases = cases.loc[[OUTSIDE]].reindex(names)
        waiting = waiting.loc[[OUTSIDE]].reindex(names)
    rate = cases.astype("Float64") / summed.where(summed > 0) * 10_000
    return pd.DataFrame(
        {
            "level": level or "city",
            "name": names,
            "communities": own.value_counts().reindex(names, fill_value=0).to_numpy(),
            "population": summed.to_numpy(),
            "cases": cases.to_numpy(),
            "open": waiting["open"].to_numpy(),
            "overdue": waiting["overdue"].to_numpy(),
            "per_10k_people": rate.to_numpy(dtype=float, na_value=float("nan")),
        }
    ).astype({"open": "Int64", "overdue": "Int64"})
