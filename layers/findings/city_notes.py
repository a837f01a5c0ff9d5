"""Adds to the account of each layer what it says against the others and against good sense."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.issues.moments import after_day
from layers.findings.communities import crowded, overlapping, unlevelled
from layers.findings.facilities import near_twice, out_of_proportion, outside
from layers.findings.finding import Finding
from layers.findings.shifts import suspected_shift

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd

    from analysis.model.standards import Kind
    from layers.city import LayerReport

MOST_LOOKED_AT = 50_000
"""Issues of larger registers are looked at in an even sample."""
UNLIKE = 1.25
"""Sums of people that differ by a larger factor are told."""


COMPARED = ("residents", "issues", "streets")
"""Frames that a city may lack."""


@dataclass(frozen=True, eq=False)
class Frames:
    """The frames of a city that are compared with each other."""

    communities: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    residents: pd.DataFrame | None
    issues: pd.DataFrame | None
    streets: gpd.GeoDataFrame | None
    as_of: pd.Timestamp


def with_findings(
    reports: Sequence[LayerReport], frames: Frames, kinds: Mapping[str, Kind]
) -> tuple[LayerReport, ...]:
    """Add what was found to the notes of the first layer of each kind."""
    found = {kind: list(_found_in(kind, frames, kinds)) for kind in {each.kind for each in reports}}
    noted = []
    for report in reports:
        findings = [] if report.edition else found.pop(report.kind, [])
        notes = tuple(finding.note(report.id) for finding in findings)
        noted.append(replace(report, notes=report.notes + notes))
    return tuple(noted)


def _found_in(kind: str, frames: Frames, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    if kind == "communities":
        yield from overlapping(frames.communities)
        yield from crowded(frames.communities)
        yield from unlevelled(frames.communities)
        corners = shapely.get_coordinates(frames.communities.geometry.to_numpy())
        yield from _shifted(pd.DataFrame(corners, columns=["x", "y"]), frames)
    elif kind == "residents" and frames.residents is not None:
        yield from _people_unlike(frames)
        yield from _shifted(frames.residents, frames)
    elif kind == "issues" and frames.issues is not None:
        placed = frames.issues["x"].notna().to_numpy()
        places = frames.issues.loc[placed, ["x", "y"]]
        step = max(1, len(places) // MOST_LOOKED_AT)
        yield from outside(places.iloc[::step], frames.communities)
        yield from _shifted(places, frames)
        yield from _later(frames.issues, frames.as_of)
    elif kind in kinds:
        yield from _found_of_kind(kinds[kind], frames)


def _found_of_kind(kind: Kind, frames: Frames) -> Iterator[Finding]:
    own = frames.facilities[frames.facilities["kind"] == kind.id]
    places = pd.DataFrame({"x": own.geometry.x, "y": own.geometry.y}, index=own.index)
    numbers = [name for name, what in kind.columns.items() if what == "number" and name in own]
    yield from near_twice(own)
    yield from out_of_proportion(own, numbers)
    yield from outside(places, frames.communities)
    yield from _shifted(places, frames)


def _later(issues: pd.DataFrame, as_of: pd.Timestamp) -> Iterator[Finding]:
    """Find what the register knows of days after the city's own."""
    closed = issues["status"].eq("closed") & after_day(issues["closed_at"], as_of)
    for rule, later in (
        ("closed_later", closed),
        ("reported_later", after_day(issues["reported_at"], as_of)),
    ):
        if later.any():
            yield Finding(rule, issues.index[later], {"day": f"{as_of:%Y-%m-%d}"})


def _people_unlike(frames: Frames) -> Iterator[Finding]:
    """Compare the people of communities with those of their residents, where both are stated."""
    residents, communities = frames.residents, frames.communities
    if residents is None or "population" not in communities:
        return
    sums = float(communities["population"].sum()), float(residents["population"].sum())
    if communities["population"].isna().any() or min(sums) <= 0 or max(sums) < UNLIKE * min(sums):
        return
    facts = {"communities": sums[0], "residents": sums[1]}
    yield Finding("people_unlike", residents.index, facts)


def _shifted(places: pd.DataFrame, frames: Frames) -> Iterator[Finding]:
    """Look for a Chinese shift against the streets, where there are any around."""
    streets = frames.streets
    if streets is None or streets.empty:
        return
    west, south, east, north = streets.total_bounds
    near = places["x"].between(west, east) & places["y"].between(south, north)
    shift = suspected_shift(places.loc[near, ["x", "y"]].to_numpy(dtype=float), streets.geometry)
    if shift is not None:
        facts = {
            "system": shift.system,
            "shift_m": round(shift.distance_m),
            "bearing": round(shift.bearing),
            "apart_m": round(shift.apart_m),
            "apart_shifted_m": round(shift.apart_shifted_m),
        }
        yield Finding("shift_suspected", places.index[np.asarray(near)], facts)
