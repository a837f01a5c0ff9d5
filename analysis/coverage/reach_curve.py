"""How many residents live within each distance of the nearest facility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.coverage.figures import STRAIGHT, distances_of

if TYPE_CHECKING:
    from analysis.access.prepared_city import PreparedCity

STEPS = 20
"""Distances up to the service radius; as many again beyond it."""


def reach_curve(
    prepared: PreparedCity, kind: str, *, service_radius: float, measure: str = STRAIGHT
) -> pd.DataFrame | None:
    """
    Count the residents within each of a row of distances, up to twice a service radius.

    Parameters
    ----------
    prepared
        The city, from `analysis.access.prepared_city.prepare`.
    kind
        Of facilities; those that count as supply are meant.
    service_radius
        In metres; one of the distances.
    measure
        `STRAIGHT`, or `NETWORK` in a city `with_shortest_paths`.

    Returns
    -------
    curve
        `distance_m` from 0 on in equal steps, `people` of the residents in communities whose
        nearest facility is for certain no farther, and their `share` of those
        residents. Rises with the distance. `None` where it is not known where people live,
        nobody does, or the city has no layer of the kind.

    Raises
    ------
    ValueError
        If the radius is not positive.
    """
    if not service_radius > 0:
        msg = f"`service_radius` must be positive metres, got {service_radius!r}."
        raise ValueError(msg)
    demand, supply = prepared.demand, prepared.supply.get(kind)
    if demand is None or supply is None:
        return None
    inside = demand.membership >= 0
    people, total = demand.people[inside], float(demand.people[inside].sum())
    if not total > 0:
        return None
    distances = service_radius * (np.arange(2 * STEPS + 1) / STEPS)
    known = distances_of(prepared, kind, measure).known[inside]
    order = np.argsort(known, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(people[order])])
    reached = sums[np.searchsorted(known[order], distances, side="right")]
    return pd.DataFrame({"distance_m": distances, "people": reached, "share": reached / total})
