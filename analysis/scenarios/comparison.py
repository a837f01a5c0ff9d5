"""A scenario beside today in the form of two editions, so that maps and tables serve both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.coverage.editions import (
    ALONE,
    BY_ID,
    CHANGE_COLUMNS,
    CLOSED,
    DOWN,
    FACILITY_CHANGE_COLUMNS,
    IDLE,
    MOVED,
    OPENED,
    SAME,
    STILL_M,
    UNCHANGED,
    UNCLEAR,
    UP,
    EditionComparison,
)
from analysis.coverage.figures import NETWORK, can_walk, distances_of
from analysis.coverage.verdicts import FAILS, MEETS
from analysis.model.contracts import SUPPLY_STATUS

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.model.standards import Rule
    from analysis.scenarios.changes import ChangedFacilities
    from analysis.scenarios.incremental import Baseline, ChangedCity

THEN = ("value", "verdict", "population_covered", "facilities_inside")


def compare_with_today(
    baseline: Baseline, changed: ChangedFacilities, city: ChangedCity, kind: str
) -> EditionComparison:
    """
    Tell what changes of facilities move, as if today were the earlier of two editions.

    Parameters
    ----------
    baseline, changed, city
        The city as it is, the facilities after the changes, and what they come to.
    kind
        Whose facilities and rules.

    Returns
    -------
    comparison
        Each rule by the measure in use. People gained are within reach after and not before, lost
        the reverse, place by place, by walking for certain; missing where it is not known where
        they live, or nothing can be walked.
    """
    used = baseline.assessment.scored
    before, after = (
        each.coverage[each.coverage["kind"] == kind] for each in (used, city.assessment.scored)
    )
    table = after.assign(**{f"{name}_then": before[name] for name in THEN})
    was, now = before["verdict"], after["verdict"]
    table["crossed"] = np.select(
        [(was == FAILS) & (now == MEETS), (was == MEETS) & (now == FAILS), was == now],
        [UP, DOWN, SAME],
        UNCLEAR,
    )
    table[["people_gained", "people_lost"]] = np.nan
    for rule, measure in used.judged:
        if rule.kind == kind and rule.service_radius_m is not None:
            rows = (table["rule"] == rule.id).to_numpy()
            for name, people in _people(baseline, city, rule, measure).items():
                table.loc[rows, name] = people.to_numpy()
    facilities = _facilities(baseline.prepared.facilities, changed.facilities, kind)
    return EditionComparison((kind,), facilities, table[list(CHANGE_COLUMNS)])


def _people(
    baseline: Baseline, city: ChangedCity, rule: Rule, measure: str
) -> dict[str, pd.Series[float]]:
    """Count who comes within reach and who falls out of it, by community."""
    index, demand = baseline.prepared.communities.index, baseline.prepared.demand
    part, nobody = city.part, pd.Series(0.0, index=index)
    if demand is None or (measure == NETWORK and not can_walk(baseline.prepared)):
        return {}
    if part is None or part.demand is None or rule.kind not in part.supply:
        return {"people_gained": nobody, "people_lost": nobody}
    radius = rule.service_radius_m or 0.0
    rows = demand.part(index.get_indexer(part.communities.index))[1]
    was = distances_of(baseline.prepared, rule.kind, measure).known[rows] <= radius
    now = distances_of(part, rule.kind, measure).known <= radius
    return {
        "people_gained": part.demand.people_where(now & ~was).reindex(index, fill_value=0.0),
        "people_lost": part.demand.people_where(was & ~now).reindex(index, fill_value=0.0),
    }


def _facilities(then: gpd.GeoDataFrame, now: gpd.GeoDataFrame, kind: str) -> pd.DataFrame:
    """Tell of every facility what becomes of it; identifiers are the same on both sides."""
    old, new = (_plain(each[each["kind"] == kind]) for each in (then, now))
    table = new.join(old, how="outer", rsuffix="_then", sort=False)
    served = table["status_then"].isin(SUPPLY_STATUS)
    serves = table["status"].isin(SUPPLY_STATUS)
    moved = np.hypot(table["x"] - table["x_then"], table["y"] - table["y_then"])
    table["moved_m"] = moved
    table["outcome"] = np.select(
        [served & serves & (moved > STILL_M), served & serves, serves, served],
        [MOVED, UNCHANGED, OPENED, CLOSED],
        IDLE,
    )
    table["name"] = table["name"].where(table["name"].notna(), table["name_then"])
    table["matched_by"] = np.where(table["moved_m"].notna(), BY_ID, ALONE)
    return table.assign(kind=kind).reset_index(drop=True)[list(FACILITY_CHANGE_COLUMNS)]


def _plain(facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    points = facilities.geometry
    return pd.DataFrame(
        {
            "facility_id": facilities.index.astype(object),
            "name": facilities["name"].astype(object),
            "status": facilities["status"].astype(object),
            "x": points.x,
            "y": points.y,
        },
        index=facilities.index,
    )
