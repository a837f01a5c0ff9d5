"""
How far each verdict can be trusted: what if the radius, the places or the borders were others.

Nothing here is a probability. A figure is measured again with a service radius a tenth
smaller and larger, with every distance wrong by the position error in either direction, and
with the community's own facilities alone; a verdict that does not stay the same says so.
Distance is what the rule is judged by. Along streets, too, only the length of a path is taken to
be wrong: that a place may in truth join another street is not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from analysis.access.prepared_city import on_land
from analysis.access.proximity import facilities_in_reach
from analysis.coverage.catchment import pairs_of
from analysis.coverage.closures import CLOSURE_COLUMNS, rank_closures
from analysis.coverage.figures import NETWORK, can_walk, figure_at
from analysis.coverage.gaps import MIN_GAP_M2
from analysis.coverage.own_facilities import own_figure
from analysis.coverage.shortfall import TOLERANCE
from analysis.coverage.verdicts import CANNOT_JUDGE, FAILS, MEETS
from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.errors import SettingsError
from analysis.model.question import POSITION_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.assessment import Assessment
    from analysis.coverage.catchment import Pairs
    from analysis.model.standards import Rule

RADIUS_BAND = 0.10
"""Share by which the service radius is varied, down and up."""
MIN_RADIUS_M = 0.001
ROBUSTNESS_COLUMNS = (
    "community_id",
    "community",
    "parent",
    "kind",
    "standard",
    "rule",
    "measure",
    "service_radius_m",
    "figure",
    "minimum",
    "value",
    "verdict",
    "value_radius_less",
    "value_radius_more",
    "value_position_less",
    "value_position_more",
    "verdict_low",
    "verdict_high",
    "flips",
    "value_own",
    "verdict_own",
    "border_effect",
    "at_edge",
)


@dataclass(frozen=True, eq=False)
class Robustness:
    """
    What an assessment would be if its choices and data were a little different.

    Attributes
    ----------
    communities
        One row per community, rule with a service radius and measure, columns
        `ROBUSTNESS_COLUMNS`.
    closures
        Facilities by the people who depend on each alone, rule after rule, columns
        `analysis.coverage.closures.CLOSURE_COLUMNS`; none without a residents layer.
    position_error_m
        That was assumed.
    """

    communities: pd.DataFrame
    closures: pd.DataFrame
    position_error_m: float


def judge_robustness(
    prepared: PreparedCity,
    assessment: Assessment,
    *,
    position_error: float = float(POSITION_ERRORS[0]),
) -> Robustness:
    """
    Ask of every verdict on reach whether it would stay.

    Parameters
    ----------
    prepared
        The city.
    assessment
        Of that city, by any measures: each is varied by itself.
    position_error
        Metres by which the distance between a resident and a facility may be wrong, 0 or
        more.

    Returns
    -------
    robustness
        Tables in the order of the assessment; empty where no rule has a radius.

    Raises
    ------
    SettingsError
        If the position error is negative or no number.

    References
    ----------
    Zandbergen (2009), Accuracy of iPhone Locations, doi:10.1111/j.1467-9671.2009.01152.x.
    """
    if not (position_error >= 0 and np.isfinite(position_error)):
        msg = f"The position error is {position_error:g} m; it must be 0 or more."
        raise SettingsError(
            msg,
            problem="position_error_value",
            hint="Give it in metres, such as 10.",
            found=position_error,
        )
    asked = [
        _Judged(rule, measure, _walks(prepared, rule, measure))
        for rule, measure in assessment.judged
        if rule.service_radius_m and rule.kind in prepared.supply
    ]
    judged = [_judge(prepared, assessment, each, position_error) for each in asked]
    for table, edge in zip(judged, _at_edges(prepared, [e.rule for e in asked]), strict=True):
        table["at_edge"] = edge
    ranked = [
        rank_closures(prepared, assessment, rule, measure=measure, walks=walks)
        for rule, measure, walks in asked
    ]
    return Robustness(
        _stacked(judged, ROBUSTNESS_COLUMNS), _stacked(ranked, CLOSURE_COLUMNS), position_error
    )


def _stacked(tables: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    tables = [table for table in tables if len(table)]
    if not tables:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(tables, ignore_index=True)[list(columns)]


class _Judged(NamedTuple):
    """A rule with a measure it was judged by, and who walks where within the radius."""

    rule: Rule
    measure: str
    walks: Pairs | None


def _walks(prepared: PreparedCity, rule: Rule, measure: str) -> Pairs | None:
    """Who can walk where within the radius; `None` by the straight line."""
    if measure != NETWORK or prepared.demand is None:
        return None
    radius = float(rule.service_radius_m or 0.0)
    return pairs_of(prepared, rule.kind, service_radius=radius, measure=measure)


def _judge(
    prepared: PreparedCity, assessment: Assessment, judged: _Judged, position_error: float
) -> pd.DataFrame:
    rule, measure, walks = judged
    prepared = on_land(prepared, rule)
    radius = float(rule.service_radius_m or 0.0)
    rows = assessment.rows_of(rule.id, measure).set_index("community_id")
    table = rows[list(ROBUSTNESS_COLUMNS[1:12])].copy()
    radii = {
        "value_radius_less": radius * (1 - RADIUS_BAND),
        "value_radius_more": radius * (1 + RADIUS_BAND),
        "value_position_less": max(radius - position_error, MIN_RADIUS_M),
        "value_position_more": radius + position_error,
    }
    for column, metres in radii.items():
        table[column] = figure_at(prepared, rule, metres, measure=measure)
    if position_error >= radius:  # whatever lies within reach may lie beyond it
        table["value_position_less"] = table["value_position_less"].where(lambda at: at.isna(), 0.0)
    values = table[list(radii)]
    highest = values.max(axis=1)
    if measure == NETWORK or prepared.supply[rule.kind].upper is not None:
        highest = figure_at(prepared, rule, max(radii.values()), measure=measure, most=True)
    table["verdict_low"] = _verdicts(values.min(axis=1), rule)
    table["verdict_high"] = _verdicts(highest, rule)
    known = table["verdict"] != CANNOT_JUDGE
    table["flips"] = known & (table["verdict_low"] != table["verdict_high"])
    unknown = measure == NETWORK and not can_walk(prepared)
    table["value_own"] = np.nan if unknown else own_figure(prepared, rule, radius, walks=walks)
    table["verdict_own"] = _verdicts(table["value_own"], rule)
    table["border_effect"] = table["value"] - table["value_own"]
    return table.reset_index()


def _verdicts(values: pd.Series[float], rule: Rule) -> np.ndarray:
    number = values.to_numpy(dtype=float)
    known = [np.isnan(number), number >= rule.minimum - TOLERANCE]
    return np.select(known, [CANNOT_JUDGE, MEETS], FAILS)


def _at_edges(prepared: PreparedCity, rules: Sequence[Rule]) -> Iterator[np.ndarray]:
    """
    Flag the communities whose reach leaves the data, rule by rule.

    That is where some place within the radius lies outside all communities and further than
    the radius from every facility of the kind, of whatever status, that is known out there:

        +---------+ . . . .        o known outside: its disc is taken out of the ring
        |community|     o  .       what is left of the ring may hold facilities that
        +---------+ . . . .        are missing from the data

    Facilities beyond the data could only raise a figure, so a verdict that meets is safe.
    """
    communities = prepared.communities
    shapes = communities.geometry.to_numpy()
    city = _without_slivers(shapely.union_all(shapes))
    border = shapely.boundary(city)
    shapely.prepare(border)
    for rule in rules:
        supply, radius = prepared.supply[rule.kind], float(rule.service_radius_m or 0.0)
        leaves = shapely.dwithin(border, shapes, radius)
        known = pd.concat([supply.facilities, supply.idle])
        x, y = shapely.get_coordinates(known.geometry.to_numpy()).reshape(-1, 2).T
        beyond = known[community_of(x, y, communities) == OUTSIDE]
        seen = facilities_in_reach(communities, beyond, service_radius=2 * radius) > 0
        doubtful = np.flatnonzero(leaves & seen.to_numpy())
        known_there = shapely.union_all(shapely.buffer(beyond.geometry.to_numpy(), radius))
        ring = shapely.difference(shapely.buffer(shapes[doubtful], radius), city)
        leaves[doubtful] = shapely.area(shapely.difference(ring, known_there)) >= MIN_GAP_M2
        yield leaves


def _without_slivers(city: shapely.Geometry) -> shapely.Geometry:
    """Fill the holes that are only the gaps between borders drawn twice."""
    parts = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if _area(hole) >= MIN_GAP_M2]
        )
        for part in shapely.get_parts(city)
    ]
    return shapely.MultiPolygon(parts)


def _area(ring: shapely.LinearRing) -> float:
    return shapely.Polygon(ring).area
