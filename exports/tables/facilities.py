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
from analysis.model.standards import BUILT_UP
from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pyproj import CRS

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.supply_filter import FilterResult
    from analysis.coverage.assessment import Assessment
    from analysis.coverage.editions import EditionComparison
    from analysis.coverage.gaps import Gaps
    from analysis.model.standards import Rule, Standard
    from layers.city import City
    from layers.knowledge.dictionary import Column
from exports.tables.coordinates import with_degrees


def gaps_by_rule(
    assessment: Assessment, kinds: Collection[str], find: Callable[..., Gaps]
) -> dict[tuple[str, str], Gaps]:
    """Find the gaps of every rule about reach by each measure, what is the same once."""
    found: dict[tuple[str, float, str], Gaps] = {}
    by_rule: dict[tuple[str, str], Gaps] = {}
    for rule, measure in assessment.judged:
        radius = rule.service_radius_m
        if not rule.figure.needs_radius or radius is None or rule.kind not in kinds:
            continue
        key = rule.kind, radius, measure
        if key not in found:
            found[key] = find(rule.kind, radius, measure=measure)
        by_rule[rule.id, measure] = found[key]
    return by_rule


def walk_reach_table(
    city: City, preparation: PreparedCity, assessment: Assessment
) -> gpd.GeoDataFrame:
    """List the streets within walking distance, rule by rule."""
    rows, shapes = [], []
    for rule, measure in assessment.judged:
        supply, paths = preparation.supply.get(rule.kind), preparation.shortest_paths
        radius = rule.service_radius_m
        if measure != NETWORK or supply is None or paths is None or radius is None:
            continue
        lines = walk_reach(paths, supply.facilities, service_radius=radius)
        if len(lines):
            length = float(shapely.length(lines).sum())
            rows.append((rule.kind, rule.id, measure, radius, length))
            shapes.append(shapely.multilinestrings(lines))
    columns = [column.id for column in load_dictionary().tables["walk_reach"].columns]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=shapes, crs=city.crs)


def gap_table(
    standard: Standard,
    gaps: Mapping[tuple[str, str], Gaps],
    *,
    crs: CRS,
    filter_result: FilterResult | None = None,
) -> gpd.GeoDataFrame:
    """Put the gaps of all rules into one frame."""
    rules = {rule.id: rule for rule in standard.rules}
    columns = [column.id for column in load_dictionary().tables["gaps"].columns]
    frames = [
        _labelled(rules[name], measure, each.frame)
        for (name, measure), each in gaps.items()
        if len(each.frame)
    ]
    if not frames:
        return gpd.GeoDataFrame(columns=[*columns, "geometry"], geometry="geometry", crs=crs)
    table = stated(pd.concat(frames, ignore_index=True), filter_result)
    return table[[*columns, "geometry"]]


def stated(frame: pd.DataFrame, filter_result: FilterResult | None) -> pd.DataFrame:
    """Put beside every row what was asked of the facilities."""
    supply_filter = SupplyFilter() if filter_result is None else filter_result.supply_filter
    return frame.assign(**supply_filter.record())


def _labelled(rule: Rule, measure: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame = frame.reset_index()
    known = frame["population"] if "population" in frame.columns else np.nan
    return frame.assign(
        kind=rule.kind,
        rule=rule.id,
        measure=measure,
        service_radius_m=float(rule.service_radius_m or np.nan),
        population=known,
    )


def community_table(communities: gpd.GeoDataFrame, assessment: Assessment) -> gpd.GeoDataFrame:
    """Put what was found for each community beside its shape, rule by rule."""
    table = load_dictionary().tables["communities"]
    own = [column.id for column in table.columns]
    clipped = assessment.coverage["area_basis"] == BUILT_UP
    whole = assessment.coverage[~clipped | bool(clipped.all())].drop_duplicates("community_id")
    whole = whole.set_index("community_id").reindex(communities.index)
    first = stated(whole.rename_axis("community_id").reset_index(), assessment.filter_result)
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
    """List the columns of a table that repeats some for every rule."""
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
    facilities: gpd.GeoDataFrame, filter_result: FilterResult | None = None
) -> gpd.GeoDataFrame:
    """List every facility, with whether it counts as supply."""
    table = facilities.reset_index()
    serving = table["status"].isin(SUPPLY_STATUS)
    fits = serving if filter_result is None else filter_result.fits.reset_index(drop=True)
    table["supply"] = serving & fits.fillna(value=False).astype(bool)
    table["in_doubt"] = serving & fits.isna()
    first = [column.id for column in load_dictionary().tables["facilities"].columns]
    rest = [name for name in table.columns if name not in {*first, "geometry"}]
    return table[[*first, *rest, "geometry"]]


def change_facility_table(comparison: EditionComparison, city: City) -> pd.DataFrame:
    """List the facilities of both dates and what became of each."""
    table = comparison.facilities
    return with_degrees(
        table.assign(x=table["x"].fillna(table["x_then"]), y=table["y"].fillna(table["y_then"])),
        city,
    )


def closure_table(closures: pd.DataFrame, city: City) -> pd.DataFrame:
    """List the facilities on which people depend alone."""
    return with_degrees(closures, city)
