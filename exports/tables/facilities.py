"""Coverage and facilities arranged as the tables that `data/dictionary.toml` describes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.access.supply_filter import SupplyFilter
from analysis.access.walking import walk_reach
from analysis.coverage.figures import NETWORK
from analysis.coverage.scorecard import rule_prefix
from analysis.model.contracts import SUPPLY_STATUS
from analysis.model.standards import BUILT_UP, REACH_FIGURES
from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pyproj import CRS

    from analysis.access.prepared_city import Preparation
    from analysis.access.supply_filter import Answers
    from analysis.coverage.assessment import Assessment
    from analysis.coverage.editions import Comparison
    from analysis.coverage.gaps import Gaps
    from analysis.model.standards import Rule, Standard
    from layers.city import City
    from layers.knowledge.dictionary import Column
from exports.tables.coordinates import with_degrees


def gaps_by_rule(
    standard: Standard, kinds: Collection[str], find: Callable[[str, float], Gaps]
) -> dict[str, Gaps]:
    """
    Find the gaps of every rule about reach, once for each kind and service radius.

    Parameters
    ----------
    standard
        With the radii wanted.
    kinds
        Kinds that the city has a layer for; a rule on another has no gaps to show,
        because nothing is known.
    find
        Gives the gaps of a kind at a service radius in metres.

    Returns
    -------
    gaps
        By identifier of the rule.
    """
    found: dict[tuple[str, float], Gaps] = {}
    by_rule: dict[str, Gaps] = {}
    for rule in standard.rules:
        radius = rule.service_radius_m
        if rule.figure not in REACH_FIGURES or radius is None or rule.kind not in kinds:
            continue
        if (rule.kind, radius) not in found:
            found[rule.kind, radius] = find(rule.kind, radius)
        by_rule[rule.id] = found[rule.kind, radius]
    return by_rule


def walk_reach_table(
    city: City, preparation: Preparation, assessment: Assessment
) -> gpd.GeoDataFrame:
    """
    List the streets within walking distance, rule by rule.

    Parameters
    ----------
    city
        For the CRS.
    preparation
        With the ways along streets that the assessment was made with.
    assessment
        Which rules were judged by walking distance, at which radius.

    Returns
    -------
    streets
        Columns of the dictionary's table `walk_reach`, and geometry; one row a rule, none
        without streets.
    """
    rows, shapes = [], []
    for rule, measure in assessment.judged:
        supply, walks = preparation.supply.get(rule.kind), preparation.walks
        if measure != NETWORK or supply is None or walks is None or rule.service_radius_m is None:
            continue
        lines = walk_reach(walks, supply.facilities, service_radius=rule.service_radius_m)
        if len(lines):
            length = float(shapely.length(lines).sum())
            rows.append((rule.kind, rule.id, rule.service_radius_m, length))
            shapes.append(shapely.multilinestrings(lines))
    columns = [column.id for column in load_dictionary().tables["walk_reach"].columns]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=shapes, crs=city.crs)


def gap_table(
    standard: Standard, gaps: Mapping[str, Gaps], *, crs: CRS, answers: Answers | None = None
) -> gpd.GeoDataFrame:
    """
    Put the gaps of all rules into one frame.

    Parameters
    ----------
    standard
        Whose rules they are.
    gaps
        By rule, from `gaps_by_rule`; none at all gives no rows.
    crs
        Of the city.
    answers
        What was asked of the facilities, and what they answer.

    Returns
    -------
    gaps
        Columns of the dictionary's table `gaps`, and geometry; index 0 … n-1.
    """
    rules = {rule.id: rule for rule in standard.rules}
    columns = [column.id for column in load_dictionary().tables["gaps"].columns]
    frames = [_labelled(rules[name], each.frame) for name, each in gaps.items() if len(each.frame)]
    if not frames:
        return gpd.GeoDataFrame(columns=[*columns, "geometry"], geometry="geometry", crs=crs)
    table = stated(pd.concat(frames, ignore_index=True), answers)
    return table[[*columns, "geometry"]]


def stated(frame: pd.DataFrame, answers: Answers | None) -> pd.DataFrame:
    """
    Put beside every row what was asked of the facilities.

    Parameters
    ----------
    frame
        Any table.
    answers
        With the filter, or `None`.

    Returns
    -------
    frame
        With `only`, `least_class` and `at`, the same in every row: each kind was asked
        those of them that it declares.
    """
    asked = SupplyFilter() if answers is None else answers.asked
    return frame.assign(**asked.record())


def _labelled(rule: Rule, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame = frame.reset_index()
    known = frame["population"] if "population" in frame.columns else np.nan
    return frame.assign(
        kind=rule.kind,
        rule=rule.id,
        service_radius_m=float(rule.service_radius_m or np.nan),
        population=known,
    )


def community_table(communities: gpd.GeoDataFrame, assessment: Assessment) -> gpd.GeoDataFrame:
    """
    Put what was found for each community beside its shape, rule by rule.

    Parameters
    ----------
    communities
        Those that were assessed.
    assessment
        Its coverage table.

    Returns
    -------
    communities
        Columns of the dictionary's table `communities`; `community_en`, `parent_en` where
        the city has them; for every rule those of `per_rule` under `<rule>_<column>`, and
        by walking distance those of `per_walk` under `<rule>_walk_<column>`, hyphens of the
        rule made underscores; geometry as given; index 0 … n-1 in the order of
        `communities`. Areas are of the whole land, unless every rule means the built-up area.
    """
    table = load_dictionary().tables["communities"]
    own = [column.id for column in table.columns]
    clipped = assessment.coverage["area_basis"] == BUILT_UP
    whole = assessment.coverage[~clipped | bool(clipped.all())].drop_duplicates("community_id")
    whole = whole.set_index("community_id").reindex(communities.index)
    first = stated(whole.rename_axis("community_id").reset_index(), assessment.answers)
    parts = [first[own], _other_names(communities)]
    for rule, measure in assessment.judged:
        found = assessment.rows_of(rule.id, measure)
        found = found.set_index("community_id").reindex(communities.index)
        each = table.per_walk if measure == NETWORK else table.per_rule
        figures = found[[column.id for column in each]].reset_index(drop=True)
        parts.append(figures.add_prefix(_prefix(rule, measure)))
    return gpd.GeoDataFrame(
        pd.concat(parts, axis=1), geometry=communities.geometry.to_numpy(), crs=communities.crs
    )


def _other_names(communities: gpd.GeoDataFrame) -> pd.DataFrame:
    present = [name for name in ("name_en", "parent_en") if name in communities.columns]
    names = pd.DataFrame(communities[present]).reset_index(drop=True)
    return names.rename(columns={"name_en": "community_en"})


def rule_columns(assessment: Assessment, *, table: str) -> list[Column]:
    """
    List the columns of a table that repeats some for every rule.

    Parameters
    ----------
    assessment
        Whose rules and measures.
    table
        `communities` or `scorecard`.

    Returns
    -------
    columns
        The table's own, then those of every rule under `<rule>_<column>`, or
        `<rule>_walk_<column>` where it was judged by walking, as the dictionary describes
        them.
    """
    described = load_dictionary().tables[table]
    if not described.per_walk:
        return [*described.columns, *_repeated(assessment, described.per_rule)]
    per_rule = [
        replace(column, id=f"{_prefix(rule, measure)}{column.id}")
        for rule, measure in assessment.judged
        for column in (described.per_walk if measure == NETWORK else described.per_rule)
    ]
    return [*described.columns, *per_rule]


def _repeated(assessment: Assessment, columns: Sequence[Column]) -> list[Column]:
    return [
        replace(column, id=f"{rule_prefix(rule.id)}{column.id}")
        for rule in assessment.standard.rules
        for column in columns
    ]


def _prefix(rule: Rule, measure: str) -> str:
    return f"{rule_prefix(rule.id)}{'walk_' if measure == NETWORK else ''}"


def facility_table(
    facilities: gpd.GeoDataFrame, answers: Answers | None = None
) -> gpd.GeoDataFrame:
    """
    List every facility, with whether it counts as supply.

    Parameters
    ----------
    facilities
        Every kind and status.
    answers
        What was asked of them, and what they answer.

    Returns
    -------
    facilities
        Columns of the dictionary's table `facilities`, then the kinds' own, then geometry;
        index 0 … n-1.
    """
    table = facilities.reset_index()
    serving = table["status"].isin(SUPPLY_STATUS)
    fits = serving if answers is None else answers.fits.reset_index(drop=True)
    table["supply"] = serving & fits.fillna(value=False).astype(bool)
    table["in_doubt"] = serving & fits.isna()
    first = [column.id for column in load_dictionary().tables["facilities"].columns]
    rest = [name for name in table.columns if name not in {*first, "geometry"}]
    return table[[*first, *rest, "geometry"]]


def change_facility_table(comparison: Comparison, city: City) -> pd.DataFrame:
    """
    List the facilities of both dates and what became of each.

    Parameters
    ----------
    comparison
        From `analysis.coverage.editions.compare`.
    city
        For the CRS.

    Returns
    -------
    facilities
        Columns of the dictionary's table `facilities_change`; where it stands now, else
        where it stood.
    """
    table = comparison.facilities
    return with_degrees(
        table.assign(x=table["x"].fillna(table["x_then"]), y=table["y"].fillna(table["y_then"])),
        city,
    )


def closure_table(closures: pd.DataFrame, city: City) -> pd.DataFrame:
    """
    List the facilities on which people depend alone.

    Parameters
    ----------
    closures
        Of `analysis.coverage.robustness.Robustness`.
    city
        For the CRS.

    Returns
    -------
    closures
        Columns of the dictionary's table `closures`.
    """
    return with_degrees(closures, city)
