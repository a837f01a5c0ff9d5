"""
How many more facilities a community needs, so that a budget can be made of its shortfall.

A rule on counts or densities says so itself. For a rule on people in reach, sites are taken one
after the other among the places where residents live, each where most people still lacking are
within the radius. That many are enough, each community for itself; this is a count, no plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.access.walking_pairs import walking_pairs
from analysis.coverage.catchment import pairs_within
from analysis.coverage.figures import STRAIGHT, distances_of
from analysis.coverage.shortfall import TOLERANCE
from analysis.coverage.summary import summarise
from analysis.coverage.verdicts import CANNOT_JUDGE
from analysis.model.figures import RESIDENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule

SITE_SPACING = 1 / 3
"""Side of the squares that hold one possible site each, as a share of the service radius."""


def with_additions(prepared: PreparedCity, assessment: Assessment) -> Assessment:
    """
    Count the facilities to add for rules on people in reach too.

    Parameters
    ----------
    prepared
        The city.
    assessment
        Of that city.

    Returns
    -------
    assessment
        A copy with `facilities_to_add` in coverage and summary, where it is known.
    """
    rules = assessment.standard.rules
    wanted = facilities_to_add(prepared, rules, assessment.coverage)
    coverage = assessment.coverage.assign(facilities_to_add=wanted)
    counted = replace(assessment, coverage=coverage)
    judged = [(rule, counted.rows_of(rule.id, measure)) for rule, measure in counted.judged]
    return replace(counted, summary=summarise(prepared, judged))


def facilities_to_add(
    prepared: PreparedCity, rules: Iterable[Rule], rows: pd.DataFrame
) -> pd.Series[int]:
    """
    Count how many more facilities would make communities meet their rules.

    Parameters
    ----------
    prepared
        The city.
    rules
        Those of the rows.
    rows
        Any rows of its coverage table.

    Returns
    -------
    facilities_to_add
        On the index of `rows`; 0 where a rule is met. Missing where it cannot be judged; for
        rules on area or on what facilities offer; and for rules on people where it is not known
        where they live. Rows by walking distance are counted by it: a new facility brings those
        within reach who can walk to it.
    """
    stated: pd.Series[int] = rows["facilities_to_add"]
    if prepared.demand is None:
        return stated
    by_id = {rule.id: rule for rule in rules}
    candidates = CandidateSites(prepared)
    on_residents = [name for name, rule in by_id.items() if rule.figure.covers == RESIDENTS]
    judged = rows[rows["rule"].isin(on_residents)]
    judged = judged[judged["verdict"] != CANNOT_JUDGE]
    places = prepared.communities.index.get_indexer(judged["community_id"]).tolist()
    lacking = judged["shortfall"].tolist()
    asked = zip(places, judged["rule"], judged["measure"], lacking, strict=True)
    chosen = [
        candidates.sites(place, by_id[rule], people, measure=measure)
        for place, rule, measure, people in asked
    ]
    counts = [pd.NA if sites is None else len(sites) for sites in chosen]
    counted = pd.Series(counts, index=judged.index, dtype="Int64")
    return counted.reindex(rows.index).fillna(stated)


class CandidateSites:
    """
    The places where residents live, as sites that would bring others within reach.

    Parameters
    ----------
    prepared
        The city, with residents.
    """

    def __init__(self, prepared: PreparedCity) -> None:
        demand = prepared.demand
        if demand is None:
            msg = "sites are looked for among residents: the city must have some."
            raise ValueError(msg)
        self._prepared = prepared
        self._people = demand.people
        self._xy = demand.places(slice(None))
        lived_in = np.flatnonzero(demand.people > 0)
        self._rows = lived_in[np.argsort(demand.membership[lived_in], kind="stable")]
        communities = np.arange(len(demand.communities) + 1)
        self._starts = np.searchsorted(demand.membership[self._rows], communities)

    def sites(
        self, community: int, rule: Rule, lacking: float, *, measure: str = STRAIGHT
    ) -> NDArray[np.int64] | None:
        """
        Choose places at which new facilities would bring enough people within reach.

        Parameters
        ----------
        community
            Its position.
        rule
            On people in reach.
        lacking
            People still to be reached.
        measure
            Of distance, as in `analysis.coverage.figures.distances_of`.

        Returns
        -------
        sites
            Rows of the residents, in the order in which they are chosen; `None` where the streets
            lead from no place to enough of those still lacking.
        """
        if not lacking > 0:
            return np.empty(0, dtype=np.int64)
        service_radius = rule.service_radius_m or np.nan
        rows = self._rows[self._starts[community] : self._starts[community + 1]]
        # The first place of each square stands for it: sites nearer together gain little.
        column, row = np.floor(self._xy[rows] / (service_radius * SITE_SPACING)).astype(np.int64).T
        square = (column - column.min()) * (np.ptp(row) + 1) + row
        sites = rows[np.sort(np.unique(square, return_index=True)[1])]
        known = distances_of(self._prepared, rule.kind, measure).known
        out = rows[known[rows] > service_radius]
        place, site = self._pairs(out, sites, service_radius, measure)
        people = self._people[out]
        enough = TOLERANCE * float(self._people[rows].sum())
        chosen: list[int] = []
        # Greedy: the site that most of those still out of reach are near, until enough are.
        while lacking > enough and len(place):
            gain = np.bincount(site, weights=people[place], minlength=len(sites))
            best = int(gain.argmax())
            chosen.append(best)
            lacking -= float(gain[best])
            reached = np.zeros(len(out), dtype=bool)
            reached[place[site == best]] = True
            left = ~reached[place]
            place, site = place[left], site[left]
        return sites[chosen] if lacking <= enough else None

    def _pairs(
        self, out: NDArray[np.int64], sites: NDArray[np.int64], radius: float, measure: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions in `out` and in `sites` of those within reach of each other."""
        if measure == STRAIGHT:
            pairs = pairs_within(self._xy[out], self._xy[sites], service_radius=radius)
            return pairs.place, pairs.facility
        paths = self._prepared.shortest_paths
        points = None if paths is None else paths.walking_network.access_points
        if points is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        homes = points.residents
        walks = walking_pairs(points.network, homes.at(out), homes.at(sites), service_radius=radius)
        return walks.place, walks.site
