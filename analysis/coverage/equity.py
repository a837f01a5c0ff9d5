"""
Who is beyond reach: groups of residents compared, and how unequally distances are shared.

Distances are those of the measure that a rule is judged by, from the point of a resident row to
the nearest facility that is supply; every person of a row is at its point, and every group of a
row is spread over its people alike. On streets whose heights are known old people are slowed by
the slope, as much as anybody. By walking distance people count as beyond reach where that is
certain, and means and quantiles are over those with a known path. Residents who live in no
community are left out, as in all sums. Nothing here says why a group lives further away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.coverage.figures import NETWORK, Distances, distances_of
from analysis.geometry.locate import OUTSIDE
from analysis.model.contracts import GROUPS, INCOME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule

    Floats = NDArray[np.float64]

EVERYONE = "everyone"
SLOW_PACE = 0.69
"""Walking speed at 80 years and more, as a part of that of adults of 20 to 59."""
STEP_M = 100.0
"""Width of a class of distance."""
LAST_STEP = 30
"""Classes at most; the last is open."""
TOP, LOW = 0.1, 0.4
"""Parts of the people that Palma's ratio compares."""
EQUITY_COLUMNS = (
    *("kind", "rule", "measure", "service_radius_m", "group", "people", "people_unknown"),
    *("people_beyond", "people_not_judged", "beyond_share", "ratio_to_all", "beyond_slow_share"),
    *(
        "heights_known_share",
        "distance_mean_m",
        "distance_median_m",
        "distance_p90_m",
        "gini",
        "palma",
    ),
    *("concentration_distance", "concentration_reach"),
)
DISTANCE_COLUMNS = ("kind", "measure", "from_m", "to_m", "people", "people_share", "share_within")


def equity(prepared: PreparedCity, assessment: Assessment) -> pd.DataFrame:
    """
    Compare the groups of residents rule by rule, and with everyone.

    Parameters
    ----------
    prepared
        The city; without residents nothing can be told.
    assessment
        Its rules with a service radius are looked at, each by the measures it is judged by; the
        city must be prepared for these.

    Returns
    -------
    equity
        Columns `EQUITY_COLUMNS`, one row a rule, measure and group that the residents layer
        carries, `everyone` first. Distances in metres; shares in [0, 1]. `people_unknown` live
        where the group is not known, and are left out; of `people_not_judged` the streets do not
        tell. `beyond_slow_share` is of those beyond `SLOW_PACE` times the radius, what old people
        walk in the same time, with slopes where streets have heights: `heights_known_share` of
        their length, missing in a straight line. Distances are missing without a facility,
        `concentration_` without incomes.

    References
    ----------
    Bohannon and Andrews (2011), doi:10.1016/j.physio.2010.12.004, for the pace; Tobler (1993),
    as in `analysis.access.slope`, for slopes; Kakwani, Wagstaff and van Doorslaer (1997),
    doi:10.1016/S0304-4076(96)01807-6, for concentration;
    Cobham, Schlogl and Sumner (2016), doi:10.1111/1758-5899.12320, for Palma's ratio.
    """
    rows = [row for judged in _rules(prepared, assessment) for row in _of_rule(prepared, *judged)]
    return pd.DataFrame(rows, columns=list(EQUITY_COLUMNS))


def distance_classes(prepared: PreparedCity, assessment: Assessment) -> pd.DataFrame:
    """
    Count the people by 100 m of distance to the nearest facility.

    Parameters
    ----------
    prepared, assessment
        As in `equity`.

    Returns
    -------
    classes
        Columns `DISTANCE_COLUMNS`, one row a kind, measure and class up to the furthest resident
        whose distance is known; the last of 30 classes has no upper end. Shares are of all people;
        `share_within` is of those up to its end.
    """
    tables = []
    judged = [(rule.kind, measure) for rule, measure in _rules(prepared, assessment)]
    for kind, measure in dict.fromkeys(judged):
        distances, people, _ = _residents(prepared, kind, measure)
        known = np.isfinite(distances.known)
        if not people[known].sum() > 0:
            continue
        distance = distances.known[known]
        step = np.minimum(np.maximum(np.ceil(distance / STEP_M) - 1, 0), LAST_STEP - 1)
        counts = np.bincount(step.astype(np.int64), weights=people[known])
        share = counts / people.sum()
        start = np.arange(len(counts)) * STEP_M
        end = np.where(np.arange(len(counts)) == LAST_STEP - 1, np.nan, start + STEP_M)
        values = (kind, measure, start, end, counts, share, share.cumsum())
        tables.append(pd.DataFrame(dict(zip(DISTANCE_COLUMNS, values, strict=True))))
    return (
        pd.concat(tables, ignore_index=True)
        if tables
        else pd.DataFrame(columns=list(DISTANCE_COLUMNS))
    )


def _rules(prepared: PreparedCity, assessment: Assessment) -> list[tuple[Rule, str]]:
    if prepared.demand is None:
        return []
    return [
        (rule, measure)
        for rule, measure in assessment.judged
        if rule.service_radius_m and rule.kind in prepared.supply
    ]


def _residents(
    prepared: PreparedCity, kind: str, measure: str
) -> tuple[Distances, Floats, NDArray[np.bool_]]:
    """Distances and people of the rows in communities, and which rows these are."""
    demand = prepared.demand
    if demand is None:
        return Distances(np.empty(0), np.empty(0)), np.empty(0), np.empty(0, dtype=bool)
    inside = demand.membership != OUTSIDE
    known, least = distances_of(prepared, kind, measure)
    return Distances(known[inside], least[inside]), demand.people[inside], inside


def _on_slopes(
    prepared: PreparedCity, kind: str, measure: str, least: Floats
) -> tuple[Floats, float]:
    """Least distances in communities with slopes, and the share of streets with heights."""
    paths, demand = prepared.shortest_paths, prepared.demand
    if measure != NETWORK or paths is None or demand is None:
        return least, np.nan
    points, found = paths.walking_network.access_points, paths.by_kind.get(kind)
    if points is None or found is None:
        return least, np.nan
    return found.slope_bound[demand.membership != OUTSIDE], points.network.heights_known


def _of_rule(prepared: PreparedCity, rule: Rule, measure: str) -> list[dict[str, object]]:
    distances, people, inside = _residents(prepared, rule.kind, measure)
    distance = distances.known
    slow, heights = _on_slopes(prepared, rule.kind, measure, distances.least)
    known = {} if prepared.demand is None else prepared.demand.groups
    members = {EVERYONE: people} | {
        group: known[group][inside] for group in GROUPS if group in known
    }
    income = known[INCOME][inside] if INCOME in known else np.full(len(people), np.nan)
    radius = float(rule.service_radius_m or 0.0)
    rows: list[dict[str, object]] = []
    for group, of_group in members.items():
        told = np.isfinite(of_group)
        weight = np.where(told, of_group, 0.0)
        row: dict[str, object] = {
            "kind": rule.kind,
            "rule": rule.id,
            "measure": measure,
            "service_radius_m": radius,
            "group": group,
            "people": weight.sum(),
            "people_unknown": people[~told].sum(),
            **_reach(distances, weight, radius, slow),
            "heights_known_share": heights,
            **_spread(distance, weight),
            "concentration_distance": concentration_index(distance, weight, income),
            "concentration_reach": concentration_index(
                (distance <= radius).astype(float), weight, income
            ),
        }
        whole = rows[0]["beyond_share"] if rows else row["beyond_share"]
        row["ratio_to_all"] = _ratio(row["beyond_share"], whole)
        rows.append(row)
    return rows


def _ratio(part: object, whole: object) -> float:
    return float(part) / float(whole) if isinstance(whole, float) and whole > 0 else np.nan  # type: ignore[arg-type]


def _reach(
    distances: Distances, weight: Floats, radius: float, slow_least: Floats
) -> dict[str, float]:
    known, least = distances
    total, beyond = float(weight.sum()), float(weight[least > radius].sum())
    slow = float(weight[slow_least > SLOW_PACE * radius].sum())
    return {
        "people_not_judged": float(weight[(least <= radius) & ~(known <= radius)].sum()),
        "people_beyond": beyond,
        "beyond_share": beyond / total if total > 0 else np.nan,
        "beyond_slow_share": slow / total if total > 0 else np.nan,
    }


def _spread(distance: Floats, weight: Floats) -> dict[str, float]:
    there = (weight > 0) & np.isfinite(distance)
    if not there.any():
        names = ("distance_mean_m", "distance_median_m", "distance_p90_m", "gini", "palma")
        return dict.fromkeys(names, np.nan)
    values, weight = distance[there], weight[there]
    return {
        "distance_mean_m": float(np.average(values, weights=weight)),
        "distance_median_m": weighted_quantile(values, weight, 0.5),
        "distance_p90_m": weighted_quantile(values, weight, 0.9),
        "gini": gini(values, weight),
        "palma": palma(values, weight),
    }


def weighted_quantile(values: Floats, weight: Floats, part: float) -> float:
    """
    Find the least value that at least a part of the people do not exceed.

    Parameters
    ----------
    values, weight
        One a row; weights are positive.
    part
        In (0, 1].

    Returns
    -------
    quantile
        One of the values.

    Examples
    --------
    >>> weighted_quantile(np.array([100.0, 200.0, 300.0]), np.array([1.0, 1.0, 2.0]), 0.5)
    200.0
    """
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    place = int(np.searchsorted(share, part - 1e-12))
    return float(values[order][min(place, len(values) - 1)])


def gini(values: Floats, weight: Floats) -> float:
    """
    Measure how unequally an amount is shared: 0 if all have the same.

    Parameters
    ----------
    values, weight
        Amounts of 0 or more, and people who have each.

    Returns
    -------
    gini
        Σᵢ Σⱼ wᵢ wⱼ |vᵢ − vⱼ| / (2 W² mean), in [0, 1); missing if nobody has anything.

    Examples
    --------
    >>> round(gini(np.array([0.0, 1.0]), np.array([1.0, 1.0])), 12)
    0.5
    """
    order = np.argsort(values, kind="stable")
    v, w = values[order], weight[order]
    total, whole = w.sum(), (v * w).sum()
    if not whole > 0:
        return float("nan")
    # the area below the curve of Lorenz, a trapezium for each row
    after = np.cumsum(v * w) / whole
    before = after - v * w / whole
    return float(1 - ((before + after) * w).sum() / total)


def palma(values: Floats, weight: Floats) -> float:
    """
    Compare what the tenth with most has to what the four tenths with least have.

    Parameters
    ----------
    values, weight
        As in `gini`; a row that lies across a limit is divided.

    Returns
    -------
    palma
        0.25 if all have the same; missing if the four tenths have nothing.

    Examples
    --------
    >>> round(palma(np.arange(1.0, 11.0), np.ones(10)), 12)
    1.0
    """
    order = np.argsort(values, kind="stable")
    edges = np.concatenate([[0.0], np.cumsum(weight[order]) / weight.sum()])
    held = np.concatenate([[0.0], np.cumsum((values * weight)[order])])
    low, rest = np.interp([LOW, 1 - TOP], edges, held)
    return float((held[-1] - rest) / low) if low > 0 else float("nan")


def concentration_index(values: Floats, weight: Floats, income: Floats) -> float:
    """
    Measure whether an amount lies with the poor (below 0) or with the rich (above 0).

    Parameters
    ----------
    values, weight
        As in `gini`.
    income
        Of a person of each row; rows without one are left out. Equal incomes share a rank.

    Returns
    -------
    concentration
        2 cov(v, R) / mean of v, with R the fractional rank by income, in [−1, 1]; missing
        without incomes, or if nobody has anything.

    Examples
    --------
    >>> distance, people = np.array([400.0, 100.0]), np.ones(2)
    >>> round(concentration_index(distance, people, np.array([1000.0, 3000.0])), 12)
    -0.3
    """
    told = np.isfinite(income) & (weight > 0) & np.isfinite(values)
    v, w = values[told], weight[told]
    if not (w.sum() > 0 and (v * w).sum() > 0):
        return float("nan")
    _, place = np.unique(income[told], return_inverse=True)
    part = np.bincount(place, weights=w) / w.sum()
    rank = (np.cumsum(part) - part / 2)[place]
    mean = np.average(v, weights=w)
    return float(2 * np.average((v - mean) * (rank - 0.5), weights=w) / mean)
