"""
One-closure stress: which facility, if it closed, would leave most people without reach.

Residents depend on one facility alone if their nearest is within the service radius and
their second nearest is not, in a straight line or along streets. So no closure has to be
played through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.coverage.figures import STRAIGHT
from analysis.coverage.shortfall import TOLERANCE
from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.figures import RESIDENTS

if TYPE_CHECKING:
    from analysis.access.prepared_city import PreparedCity
    from analysis.access.residents import Demand
    from analysis.access.supply import Supply
    from analysis.coverage.assessment import Assessment
    from analysis.coverage.catchment import Pairs
    from analysis.model.standards import Rule

CLOSURE_COLUMNS = (
    "rank",
    "kind",
    "standard",
    "rule",
    "measure",
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


def sole_reach(
    demand: Demand, supply: Supply, *, service_radius: float, walks: Pairs | None = None
) -> pd.DataFrame:
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
    walks
        Who can walk where within the radius (`analysis.coverage.catchment.pairs_of`); `None` for
        the straight line.

    Returns
    -------
    people
        Columns `facility` and `community` (positions), `people`, sorted by both. Two
        facilities at one place stand in for each other, so nobody depends on either. By walking,
        those who reach one for certain; another off the streets does not stand in.
    """
    if walks is None:
        place, facility = _alone_straight(demand, supply, service_radius)
    else:
        alone = walks.sum_by_place(np.ones(len(walks.place)))[walks.place] == 1
        place, facility = walks.place[alone], walks.facility[alone]
    lived_in = (demand.membership[place] != OUTSIDE) & (demand.people[place] > 0)
    place, facility = place[lived_in], facility[lived_in]
    found = pd.DataFrame(
        {
            "facility": facility,
            "community": demand.membership[place],
            "people": demand.people[place].astype(float),
        }
    )
    return found.groupby(["facility", "community"])["people"].sum().reset_index()


def _alone_straight(
    demand: Demand, supply: Supply, service_radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of residents with one facility within the radius and no other, and which one."""
    in_reach = np.flatnonzero(
        (supply.distance <= service_radius) & (demand.membership != OUTSIDE) & (demand.people > 0)
    )
    if not len(in_reach):
        return in_reach, in_reach
    tree = cKDTree(shapely.get_coordinates(supply.facilities.geometry.to_numpy()))
    bound = np.nextafter(service_radius, np.inf)
    distance, nearest = tree.query(demand.places(in_reach), k=2, distance_upper_bound=bound)
    alone = ~np.isfinite(distance[:, 1])
    return in_reach[alone], nearest[alone, 0]


def rank_closures(
    prepared: PreparedCity,
    assessment: Assessment,
    rule: Rule,
    *,
    measure: str = STRAIGHT,
    walks: Pairs | None = None,
) -> pd.DataFrame:
    """
    Rank the facilities of a rule's kind by the people who depend on each alone.

    Parameters
    ----------
    prepared
        The city.
    assessment
        Judged by the measure and by a standard that has the rule.
    rule
        One with a service radius, on a kind that the city has.
    measure
        Of distance.
    walks
        As in `sole_reach`, where the measure is walking.

    Returns
    -------
    closures
        Columns `CLOSURE_COLUMNS`, most people lost first; facilities on which nobody
        depends are left out. `lost_in` names the communities with the people each loses,
        most first; `verdicts_lost` counts those that would no longer meet, for certain, a rule on
        people that they meet. Every closure is looked at by itself.
    """
    demand, supply = prepared.demand, prepared.supply[rule.kind]
    if demand is None:
        return pd.DataFrame(columns=list(CLOSURE_COLUMNS))
    pairs = sole_reach(demand, supply, service_radius=rule.service_radius_m or 0.0, walks=walks)
    pairs = pairs.sort_values(["facility", "people", "community"], ascending=[True, False, True])
    names = prepared.communities["name"].to_numpy()[pairs["community"].astype(int)]
    pairs["text"] = [f"{name}: {n:.0f}" for name, n in zip(names, pairs["people"], strict=True)]
    pairs["turned"] = _turned(pairs, prepared, assessment.rows_of(rule.id, measure), rule)
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
        measure=measure,
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
    pairs: pd.DataFrame, prepared: PreparedCity, rows: pd.DataFrame, rule: Rule
) -> np.ndarray:
    """Tell where the people lost would leave a rule on people no longer met."""
    if rule.figure.covers != RESIDENTS:
        return np.zeros(len(pairs), dtype=bool)
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
