"""
One-closure stress: which facility, if it closed, would leave most people without reach.

Residents depend on one facility alone if their nearest is within the service radius and
their second nearest is not. So no closure has to be played through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.coverage.shortfall import TOLERANCE
from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.figures import RESIDENTS

if TYPE_CHECKING:
    from analysis.access.prepared_city import PreparedCity
    from analysis.access.residents import Demand
    from analysis.access.supply import Supply
    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule

CLOSURE_COLUMNS = (
    "rank",
    "kind",
    "standard",
    "rule",
    "service_radius_m",
    "facility_id",
    "facility",
    "community_id",
    "community",
    "parent",
    "people_lost",
    "communities_lost",
    "verdicts_lost",
    "lost_in",
    "x",
    "y",
)


def sole_reach(demand: Demand, supply: Supply, *, service_radius: float) -> pd.DataFrame:
    """
    Count the people of each community who depend on one facility alone.

    Parameters
    ----------
    demand
        Located residents.
    supply
        Facilities of one kind, with the distance from every resident to the nearest.
    service_radius
        Greatest distance served, in metres.

    Returns
    -------
    people
        Columns `facility` and `community` (positions), `people`, sorted by both. Two
        facilities at one place stand in for each other, so nobody depends on either.
    """
    in_reach = (
        (supply.distance <= service_radius) & (demand.membership != OUTSIDE) & (demand.people > 0)
    )
    columns = ["facility", "community", "people"]
    if not in_reach.any():
        return pd.DataFrame(columns=columns).astype({"people": float})
    places = demand.places(in_reach)
    tree = cKDTree(shapely.get_coordinates(supply.facilities.geometry.to_numpy()))
    bound = np.nextafter(service_radius, np.inf)
    distance, nearest = tree.query(places, k=2, distance_upper_bound=bound)
    alone = ~np.isfinite(distance[:, 1])
    found = pd.DataFrame(
        {
            "facility": nearest[alone, 0],
            "community": demand.membership[in_reach][alone],
            "people": demand.people[in_reach][alone],
        }
    )
    return found.groupby(columns[:2])["people"].sum().reset_index()


def rank_closures(prepared: PreparedCity, assessment: Assessment, rule: Rule) -> pd.DataFrame:
    """
    Rank the facilities of a rule's kind by the people who depend on each alone.

    Parameters
    ----------
    prepared
        The city.
    assessment
        Judged in a straight line by a standard that has the rule.
    rule
        One with a service radius, on a kind that the city has.

    Returns
    -------
    closures
        Columns `CLOSURE_COLUMNS`, most people lost first; facilities on which nobody
        depends are left out. `lost_in` names the communities with the people each loses,
        most first; `verdicts_lost` counts those that would fail a rule on people that
        they meet. Every closure is looked at by itself.
    """
    demand, supply = prepared.demand, prepared.supply[rule.kind]
    if demand is None:
        return pd.DataFrame(columns=list(CLOSURE_COLUMNS))
    pairs = sole_reach(demand, supply, service_radius=rule.service_radius_m or 0.0)
    pairs = pairs.sort_values(["facility", "people", "community"], ascending=[True, False, True])
    names = prepared.communities["name"].to_numpy()[pairs["community"].astype(int)]
    pairs["text"] = [f"{name}: {n:.0f}" for name, n in zip(names, pairs["people"], strict=True)]
    pairs["turned"] = _turned(pairs, prepared, assessment, rule)
    lost = pairs.groupby("facility").agg(
        people_lost=("people", "sum"),
        communities_lost=("community", "size"),
        verdicts_lost=("turned", "sum"),
        lost_in=("text", "; ".join),
    )
    facilities = supply.facilities.iloc[lost.index.astype(int)]
    x, y = shapely.get_coordinates(facilities.geometry.to_numpy()).T
    community = community_of(x, y, prepared.communities)
    table = lost.reset_index(drop=True).assign(
        kind=rule.kind,
        standard=assessment.standard.id,
        rule=rule.id,
        service_radius_m=float(rule.service_radius_m or 0.0),
        facility_id=facilities.index.to_numpy(),
        facility=facilities["name"].to_numpy(),
        x=x,
        y=y,
        **_stands_in(prepared, community),
    )
    order = ["people_lost", "facility_id"]
    table = table.sort_values(order, ascending=[False, True], ignore_index=True)
    return table.assign(rank=np.arange(1, len(table) + 1))[list(CLOSURE_COLUMNS)]


def _turned(
    pairs: pd.DataFrame, prepared: PreparedCity, assessment: Assessment, rule: Rule
) -> np.ndarray:
    """Tell where the people lost would turn a rule on people from met to failed."""
    if rule.figure.covers != RESIDENTS:
        return np.zeros(len(pairs), dtype=bool)
    rows = assessment.rows_of(rule.id, "straight")
    place = pairs["community"].astype(int)
    meets = (rows["verdict"] == "meets").to_numpy()[place]
    left = rows["population_covered"].to_numpy()[place] - pairs["people"].to_numpy(dtype=float)
    people = prepared.population.to_numpy()[place]
    turned: np.ndarray = meets & (left < (rule.minimum - TOLERANCE) * people)
    return turned


def _stands_in(prepared: PreparedCity, community: np.ndarray) -> dict[str, np.ndarray]:
    """Community that each facility stands in; empty text outside all of them."""
    communities = prepared.communities
    inside = community != OUTSIDE
    columns = {
        "community_id": communities.index.to_numpy(),
        "community": communities["name"].to_numpy(),
        "parent": communities["parent"].to_numpy(),
    }
    return {name: np.where(inside, values[community], "") for name, values in columns.items()}
