"""Proposed sites as findings: facilities that saved scenarios add, and whom each would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy.spatial import cKDTree

from analysis.casework.findings import Findings, site_findings
from analysis.coverage.figures import NETWORK
from analysis.geometry.locate import community_of
from analysis.issues.location import with_community_names
from analysis.model.contracts import SUPPLY_STATUS
from analysis.model.figures import RESIDENTS
from analysis.scenarios.changes import apply_changes
from analysis.siting.task import people_gained
from exports.recipes.coverage import supply_filter
from exports.recipes.scenarios import from_values, read_all
from exports.recipes.siting import siting_measure
from store.address import is_named
from store.database import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.model.question import Question
    from analysis.model.standards import Rule, Standard
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from store.database import Store


class ProposedSite(NamedTuple):
    """
    A facility that a saved scenario adds.

    Attributes
    ----------
    scenario, facility
        Names of the scenario, and of the facility in it.
    kind
        Of the facility.
    lon, lat
        Where, in degrees.
    """

    scenario: str
    facility: str
    kind: str
    lon: float
    lat: float


def proposed_sites(store: Store, city: City) -> tuple[ProposedSite, ...]:
    """Read the sites of every saved scenario of a city, by the names of the scenarios."""
    nothing, sites = city.facilities.iloc[:0], []
    for record in read_all(store, city):
        # On no facilities at all nothing is left of a scenario but what it adds, in its degrees.
        changes = from_values(record.body, entry=record.name).changes
        added = apply_changes(nothing, changes).facilities
        added = added[added["status"].isin(SUPPLY_STATUS)]
        sites += [
            ProposedSite(record.name, str(name), kind, point.x, point.y)
            for name, kind, point in zip(added.index, added["kind"], added.geometry, strict=True)
        ]
    return tuple(sites)


def kept_sites(city: City) -> tuple[ProposedSite, ...]:
    """Read the sites from the store that the operator named; where none is, there are none."""
    if not is_named():
        return ()
    with opened() as store:
        return proposed_sites(store, city)


def found_sites(
    answers: IssueAnswers, question: Question, sites: Sequence[ProposedSite]
) -> Findings:
    """Hold sites to the facilities of today, and measure whom each would bring within reach."""
    standard, city = answers.standard(question), answers.city
    table = pd.DataFrame(sites, columns=list(ProposedSite._fields))
    to_metres = Transformer.from_crs("EPSG:4326", city.crs, always_xy=True)
    table["x"], table["y"] = to_metres.transform(table["lon"].to_numpy(), table["lat"].to_numpy())
    position = community_of(table["x"], table["y"], city.communities)
    names = pd.Series(city.communities.index, dtype=object).reindex(position).to_numpy()
    table = with_community_names(table.assign(community_id=names), city.communities)
    table["evidence_row"] = table["scenario"] + "; " + table["facility"]
    table["subject"], table["measure"] = table["kind"], ""
    table["people_gained"], table["facility_m"] = np.nan, np.nan
    for kind, rows in table.groupby("kind", sort=False):
        table.loc[rows.index, "facility_m"] = _away(city, str(kind), rows)
        rule = _rule(standard, str(kind))
        if rule is not None:
            table.loc[rows.index, "subject"] = f"{standard.id}/{rule.id}"
            _measure(answers, question, rule, table, rows)
    return site_findings(table)


def _rule(standard: Standard, kind: str) -> Rule | None:
    """Give the rule of a kind by which sites are compared, else the first one of the kind."""
    rules = [rule for rule in standard.rules if rule.kind == kind]
    on_people = (rule for rule in rules if rule.figure.covers == RESIDENTS)
    return next(on_people, rules[0] if rules else None)


def _away(city: City, kind: str, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Measure how far the nearest open facility of a kind is."""
    facilities = city.facilities
    own = facilities["kind"].eq(kind) & facilities["status"].isin(SUPPLY_STATUS)
    points = facilities.geometry[own]
    if points.empty:
        return np.full(len(rows), np.nan)
    distance: NDArray[np.float64] = cKDTree(np.column_stack([points.x, points.y])).query(
        rows[["x", "y"]].to_numpy(float)
    )[0]
    return distance


def _measure(
    answers: IssueAnswers, question: Question, rule: Rule, table: pd.DataFrame, rows: pd.DataFrame
) -> None:
    """Count people for the sites of one kind, those of each scenario in their order."""
    city, supply = answers.city, supply_filter(question)
    if city.residents is None or rule.kind not in city.kinds or rule.figure.covers != RESIDENTS:
        return
    measure = siting_measure(answers, question, answers.standard(question), [rule])
    prepared = answers.walking(supply) if measure == NETWORK else answers.preparation(supply)
    for _, plan in rows.groupby("scenario", sort=False):
        xy = plan[["x", "y"]].to_numpy(float)
        table.loc[plan.index, "people_gained"] = people_gained(prepared, rule, xy, measure=measure)
    table.loc[rows.index, "measure"] = measure
