"""
The joint priority of communities: where poor reach, hot spots, recurrence and overdue cases meet.

A weighted sum of four parts, each divided by its greatest value in the city. The sum, its
parts and what a change of weights would do to the rank stand in every row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from analysis.handling.ranking import wilson_interval
from analysis.issues.counts import overdue
from analysis.issues.selection import select_issues
from analysis.model.errors import SettingsError
from analysis.model.question import ALL_ISSUES, PRIORITY_PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from analysis.coverage.assessment import Assessment
    from analysis.handling.followup import FollowUp
    from analysis.issues.issue_set import IssueSet
    from analysis.model.question import Selection

REACH, HOT, RELAPSE, OVERDUE = PRIORITY_PARTS
ABSENT = ("no_people", "no_issues", "hot_refused", "no_closings", "no_category", "no_due")
"""Why a part cannot be judged anywhere in the city."""
SWING = 0.5
"""By how much of itself each weight may change in `rank_best` and `rank_worst`."""
TIE = 1e-12
FACTS = ("relapse_hits", "relapse_n", "overdue_hits", "overdue_n")
"""Cases behind the two shares."""
PARTS = ("value", "scaled", "weight", "points")
PRIORITY_COLUMNS = (
    "rank",
    "rank_best",
    "rank_worst",
    "community_id",
    "community",
    "parent",
    "score",
    "score_most",
    "not_judged",
    *(f"{component}_{part}" for component in PRIORITY_PARTS for part in PARTS),
    *FACTS,
)


@dataclass(frozen=True, eq=False)
class Evidence:
    """
    What is known of every community before any weight is chosen.

    Attributes
    ----------
    table
        `PRIORITY_PARTS` and `FACTS` on the index of the communities; missing where a part cannot
        be judged. `reach`: people beyond reach, the mean over `kinds`. `hot`: cases
        of the hot places that lie mostly in it, as the list of places has them. `relapse`: lower
        limit of Wilson's 95 % interval of the share of followed closings with a recurrence.
        `overdue`: the same of the share of open cases with a due time that are overdue.
    kinds
        Kinds whose reach is known, by the first rule of the standard on people in reach.
    absent
        Parts that cannot be judged for any community, with one of `ABSENT`.
    """

    table: pd.DataFrame
    kinds: tuple[str, ...]
    absent: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Priority:
    """
    Communities in the order in which to act, for one set of weights.

    Attributes
    ----------
    weights
        Share of each part in the score; they add up to 1. Parts in `absent` have none.
    greatest
        Value of each part that counts as 1.
    kinds, absent
        As in `Evidence`.
    table
        `PRIORITY_COLUMNS`, highest score first; index 0 … n-1. `<part>_points` =
        `<part>_weight` × `<part>_scaled`, and they add up to `score`; a part that
        cannot be judged in a row adds nothing there and is named in `not_judged`; with
        `score_most`, as if it were the worst of the city. `rank_best` and `rank_worst`
        hold for any change of the weights by up to `SWING` of each.
    """

    weights: Mapping[str, float]
    greatest: Mapping[str, float]
    kinds: tuple[str, ...]
    absent: Mapping[str, str]
    table: pd.DataFrame


def gather_evidence(
    communities: gpd.GeoDataFrame,
    assessment: Assessment,
    *,
    issue_set: IssueSet | None = None,
    selection: Selection = ALL_ISSUES,
    places: pd.DataFrame | None = None,
    follow_up: FollowUp | None = None,
) -> Evidence:
    """
    Bring together what the other recipes found for each community.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.
    assessment
        Of the same communities, by the standard whose reach counts.
    issue_set
        Issues with their communities, or `None` without a layer of them.
    selection
        Which of the issues.
    places
        Their hot places, from `analysis.hotspots.places.hottest_places`; `None` where these were
        refused.
    follow_up
        The look back at them; `None` without a layer.

    Returns
    -------
    evidence
        One row a community.
    """
    values = pd.DataFrame(
        np.nan, index=communities.index, columns=[*PRIORITY_PARTS, *FACTS], dtype=float
    )
    values[REACH], kinds = _people_beyond(assessment, communities)
    if issue_set is not None:
        if places is not None:
            held = places.groupby("community_id")["cases"].sum()
            values[HOT] = held.reindex(communities.index, fill_value=0).astype(float)
        values[["relapse_hits", "relapse_n"]] = _relapses(follow_up, communities)
        values[["overdue_hits", "overdue_n"]] = _overdue(issue_set, selection)
        for part in (RELAPSE, OVERDUE):
            values[part] = wilson_interval(values[f"{part}_hits"], values[f"{part}_n"])[0]
    known = values[list(PRIORITY_PARTS)].notna().any()
    reasons = {REACH: "no_people", HOT: "hot_refused", RELAPSE: "no_closings", OVERDUE: "no_due"}
    if follow_up is not None and not follow_up.categories_known:
        reasons[RELAPSE] = "no_category"
    if issue_set is None:
        reasons |= dict.fromkeys((HOT, RELAPSE, OVERDUE), "no_issues")
    return Evidence(
        values, kinds, {part: reasons[part] for part in PRIORITY_PARTS if not known[part]}
    )


def _people_beyond(
    assessment: Assessment, communities: gpd.GeoDataFrame
) -> tuple[pd.Series[float], tuple[str, ...]]:
    """People beyond reach, as the mean over the kinds for which they are known."""
    beyond: dict[str, pd.Series[float]] = {}
    for rule, measure in assessment.scored.judged:
        if rule.kind in beyond or rule.service_radius_m is None:
            continue
        rows = assessment.rows_of(rule.id, measure).set_index("community_id")
        known = rows["population_covered"] + rows["population_not_judged"].fillna(0)
        out = (rows["population"] - known).clip(lower=0)
        if out.notna().any():
            beyond[rule.kind] = out.reindex(communities.index).astype(float)
    if not beyond:
        return pd.Series(np.nan, index=communities.index), ()
    return pd.DataFrame(beyond).mean(axis=1), tuple(beyond)


def _by_community(cases: pd.Index[str], issue_set: IssueSet) -> pd.Series[int]:
    counts = issue_set.communities_of(cases).value_counts()
    return counts.reindex(issue_set.communities.index, fill_value=0)


def _relapses(follow_up: FollowUp | None, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    if follow_up is None:
        return pd.DataFrame(0.0, index=communities.index, columns=["hits", "n"])
    units = follow_up.units
    chosen = units["level"].eq("community") & units["indicator"].eq("relapse")
    table = units[chosen].set_index("unit_id")[["hits", "n"]]
    return table.reindex(communities.index, fill_value=0).astype(float)


def _overdue(issue_set: IssueSet, selection: Selection) -> pd.DataFrame:
    issues = select_issues(issue_set.issues, selection)
    waiting = issues[issues["status"].eq("open") & issues["due_at"].notna()]
    late = waiting.index[overdue(waiting, as_of=issue_set.as_of)]
    counts = [_by_community(each, issue_set) for each in (late, waiting.index)]
    return pd.DataFrame({"hits": counts[0], "n": counts[1]}).astype(float)


def check_weights(weights: Mapping[str, float]) -> None:
    """
    Hold weights to what makes sense.

    Parameters
    ----------
    weights
        One number a part of `PRIORITY_PARTS`.

    Raises
    ------
    SettingsError
        If one is negative or no number, or none is above 0.
    """
    numbers = [weights[part] for part in PRIORITY_PARTS]
    if not (all(np.isfinite(number) and number >= 0 for number in numbers) and any(numbers)):
        found = ", ".join(f"{part} {weights[part]:g}" for part in PRIORITY_PARTS)
        msg = f"weights: {found}; each must be 0 or more, and one of them above 0."
        raise SettingsError(
            msg, problem="weights_value", hint="Give one part a weight above 0.", found=found
        )


def rank_communities(
    evidence: Evidence, communities: gpd.GeoDataFrame, *, weights: Mapping[str, float]
) -> Priority:
    """
    Rank communities by the weighted sum of what is known of them.

    Parameters
    ----------
    evidence
        From `gather_evidence`.
    communities
        Those it is about.
    weights
        One number a part of `PRIORITY_PARTS`, 0 or more; only their proportions count. What
        a part that is absent would have had goes to the others.

    Returns
    -------
    priority
        Without rows for communities where nothing can be judged. A rank is 1 + the number
        of communities with a higher score: equals share it. Nothing here says why a
        place is as it is, or what helping it costs.

    Raises
    ------
    SettingsError
        If a weight cannot be, or none is left for the parts that can be judged.

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators, steps 5-7,
    doi:10.1787/9789264043466-en.
    """
    check_weights(weights)
    judged = [part for part in PRIORITY_PARTS if part not in evidence.absent]
    shares = _shares(weights, judged)
    values = evidence.table[evidence.table[judged].notna().any(axis=1)]
    greatest = {part: float(values[part].max()) for part in judged}
    parts = {}
    for part in PRIORITY_PARTS:
        scaled = values[part] / (greatest.get(part, 0.0) or 1.0)
        weight = shares.get(part, np.nan)
        parts[part] = pd.DataFrame(
            {"value": values[part], "scaled": scaled, "weight": weight, "points": weight * scaled}
        ).add_prefix(f"{part}_")
    table = pd.concat([*parts.values(), values[list(FACTS)]], axis=1)
    points = table[[f"{part}_points" for part in judged]].to_numpy(dtype=float)
    missing = np.isnan(points)
    table["score"] = np.nansum(points, axis=1)
    table["score_most"] = table["score"] + missing @ np.array([shares[part] for part in judged])
    titles = np.array(judged, dtype=object)
    table["not_judged"] = ["; ".join(titles[gone]) for gone in missing]
    table[["rank", "rank_best", "rank_worst"]] = _ranks(np.nan_to_num(points))
    names = communities.loc[table.index]
    table = table.assign(community=names["name"], parent=names["parent"])
    table = table.rename_axis("community_id").reset_index()
    table = table.sort_values(["score", "community_id"], ascending=[False, True], kind="stable")
    table = table[list(PRIORITY_COLUMNS)].reset_index(drop=True)
    return Priority(shares, greatest, evidence.kinds, evidence.absent, table)


def _shares(weights: Mapping[str, float], judged: list[str]) -> dict[str, float]:
    total = sum(weights[part] for part in judged)
    if judged and not total > 0:
        found = ", ".join(judged)
        msg = f"weights: all weight lies on parts that cannot be judged; judged are {found}."
        raise SettingsError(
            msg, problem="weights_unjudged", hint="Give one of them a weight.", found=found
        )
    return {part: weights[part] / total for part in judged}


def _ranks(points: np.ndarray) -> np.ndarray:
    """
    Rank, and the best and worst rank as any weight changes by up to `SWING` of itself.

    The lead of one row over another is linear in the weights, so over all these changes it
    lies within the lead now ± `SWING` × the sum of the absolute differences of the points.
    """
    score = points.sum(axis=1)
    ranks = np.empty((len(points), 3), dtype=np.int64)
    for start in range(0, len(points), 512):
        rows = slice(start, start + 512)
        lead = score[None, :] - score[rows, None]
        give = SWING * cdist(points[rows], points, metric="cityblock")
        for column, least in enumerate((lead, lead - give, lead + give)):
            ranks[rows, column] = 1 + (least > TIE).sum(axis=1)
    return ranks
