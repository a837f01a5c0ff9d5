"""Results and reports arranged as the tables that `data/dictionary.toml` describes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from analysis.clusters import cluster_outlines
from analysis.contracts import SUPPLY_STATUS
from analysis.land import BUILT_UP
from analysis.measuring import NETWORK
from analysis.scorecard import rule_prefix
from analysis.standards import REACH_FIGURES
from analysis.supply import SupplyFilter
from analysis.taxonomy import LEVELS
from analysis.walking import walk_reach
from layers.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pyproj import CRS

    from analysis.assessment import Assessment
    from analysis.clusters import Clusters
    from analysis.compare import Comparison
    from analysis.gaps import Gaps
    from analysis.grid import Grid
    from analysis.lookback import LookBack
    from analysis.preparation import Preparation
    from analysis.standards import Rule, Standard
    from analysis.supply import Answers
    from analysis.survey import Survey
    from layers.city import City
    from layers.dictionary import Column
    from layers.words import Words

SEPARATOR = "; "


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
        From `analysis.compare.compare`.
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


def cell_table(survey: Survey, city: City) -> gpd.GeoDataFrame:
    """
    List the cells of a survey with their outlines.

    Parameters
    ----------
    survey
        From `analysis.survey.survey_issues`.
    city
        For the CRS.

    Returns
    -------
    cells
        Columns of the dictionary's table `hotspots`, and geometry; index 0 … n-1.
    """
    return outlined_cells(survey.hot_spots.cells, survey.hot_spots.grid, city)


def outlined_cells(cells: pd.DataFrame, grid: Grid, city: City) -> gpd.GeoDataFrame:
    """
    Give cells of a grid their outlines.

    Parameters
    ----------
    cells
        With their centres `x`, `y` in metres.
    grid
        That they belong to.
    city
        For the CRS.

    Returns
    -------
    cells
        With `lon`, `lat` and geometry; the index as a column, index 0 … n-1.
    """
    table = with_degrees(cells.reset_index(), city)
    outlines = grid.lattice.outlines(table["x"], table["y"])
    return gpd.GeoDataFrame(table, geometry=outlines, crs=city.crs)


def place_table(survey: Survey, city: City) -> gpd.GeoDataFrame:
    """
    List the hottest places of a survey as points.

    Parameters
    ----------
    survey
        From `analysis.survey.survey_issues`.
    city
        For the CRS.

    Returns
    -------
    places
        Columns of the dictionary's table `places`, and geometry; index 0 … n-1.
    """
    places = with_degrees(survey.places.reset_index(), city)
    points = shapely.points(places["x"].to_numpy(float), places["y"].to_numpy(float))
    return gpd.GeoDataFrame(places, geometry=points, crs=city.crs)


def cluster_table(clusters: Clusters, city: City) -> gpd.GeoDataFrame:
    """
    List the density clusters with the squares that hold their cases.

    Parameters
    ----------
    clusters
        From `analysis.clusters.find_clusters`.
    city
        For the CRS.

    Returns
    -------
    clusters
        Columns of the dictionary's table `clusters`, and geometry; index 0 … n-1.
    """
    table = with_degrees(clusters.table.reset_index(), city)
    outlines = cluster_outlines(clusters).to_numpy()
    return gpd.GeoDataFrame(table, geometry=outlines, crs=city.crs)


def closure_table(closures: pd.DataFrame, city: City) -> pd.DataFrame:
    """
    List the facilities on which people depend alone.

    Parameters
    ----------
    closures
        Of `analysis.robustness.Robustness`.
    city
        For the CRS.

    Returns
    -------
    closures
        Columns of the dictionary's table `closures`.
    """
    return with_degrees(closures, city)


def closing_table(closings: pd.DataFrame, city: City) -> pd.DataFrame:
    """
    List closed cases and what became of them.

    Parameters
    ----------
    closings
        Rows of `analysis.lookback.LookBack.closings`.
    city
        For the CRS.

    Returns
    -------
    closings
        Columns of the dictionary's tables `relapse` and `lookback`; times to the minute in
        the city's zone; index 0 … n-1.
    """
    table = with_degrees(closings.reset_index(), city)
    for name in ("closed_at", "returned_at"):
        table[name] = table[name].dt.strftime("%Y-%m-%d %H:%M")
    return table


def unchecked_table(unchecked: pd.DataFrame, city: City) -> pd.DataFrame:
    """
    List the reports that nobody has checked.

    Parameters
    ----------
    unchecked
        Of `analysis.oversight.Oversight.checks`.
    city
        For the CRS.

    Returns
    -------
    unchecked
        Columns of the dictionary's table `unchecked`; times to the minute in the city's
        zone; nothing that people wrote; index 0 … n-1.
    """
    table = with_degrees(unchecked.reset_index(), city)
    for name in ("reported_at", "due_at"):
        table[name] = table[name].dt.strftime("%Y-%m-%d %H:%M")
    return table


def matrix_table(matrix: pd.DataFrame) -> pd.DataFrame:
    """
    Leave out of the matrix what only says that there is nothing.

    Parameters
    ----------
    matrix
        Of `analysis.oversight.Oversight`.

    Returns
    -------
    matrix
        Of the ten disorders every row, so that every community is there; of the longer
        lists, which differ from city to city, those with cases.
    """
    return matrix[(matrix["level"] == LEVELS[0]) | (matrix["cases"] > 0)]


def repeat_table(look: LookBack, city: City) -> pd.DataFrame:
    """
    List the repeat points.

    Parameters
    ----------
    look
        From `analysis.lookback.look_back`.
    city
        For the CRS.

    Returns
    -------
    repeats
        Columns of the dictionary's table `repeat_points`; index 0 … n-1.
    """
    table = with_degrees(look.repeats.reset_index(), city)
    return table.assign(case_ids=[SEPARATOR.join(ids) for ids in table["case_ids"]])


def with_degrees(table: pd.DataFrame, city: City) -> pd.DataFrame:
    """
    Put longitude and latitude beside x and y.

    Parameters
    ----------
    table
        With `x` and `y` in metres.
    city
        For the CRS.

    Returns
    -------
    table
        A copy with `lon` and `lat`, WGS 84.
    """
    to_degrees = Transformer.from_crs(city.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(table["x"].to_numpy(float), table["y"].to_numpy(float))
    return table.assign(lon=lon, lat=lat)


def layer_table(city: City, *, language: str) -> pd.DataFrame:
    """
    List the layers of a city: source, and what became of every row.

    Parameters
    ----------
    city
        As loaded.
    language
        Of the remarks.

    Returns
    -------
    layers
        Columns of the dictionary's table `layers`.
    """
    columns = load_dictionary().tables["layers"].columns
    rows = [
        vars(report)
        | {
            "layer": report.id,
            "files": SEPARATOR.join(report.files),
            "sha256": SEPARATOR.join(report.files.values()),
            "remark": report.remark.get(language, ""),
        }
        for report in city.reports
    ]
    return pd.DataFrame(rows, columns=[column.id for column in columns])


def public_quarantine(city: City) -> pd.DataFrame:
    """
    List the rows kept aside without what people wrote in their reports.

    Parameters
    ----------
    city
        As loaded.

    Returns
    -------
    rows
        As `City.quarantine`; of reported issues only where the row stands and why it was
        kept aside, since their text may name people. The whole rows are in
        `quarantine.csv`, which is asked for on purpose.
    """
    reported = {report.id for report in city.reports if report.kind == "issues"}
    private = city.quarantine["layer"].isin(reported)
    rows = city.quarantine.copy()
    rows.loc[private, ["content", "detail"]] = ""
    return rows


def note_table(city: City, *, words: Words, language: str) -> pd.DataFrame:
    """
    List everything that loading did or saw.

    Parameters
    ----------
    city
        As loaded.
    words
        For the sentences.
    language
        `zh` or `en`.

    Returns
    -------
    notes
        Columns of the dictionary's table `notes`.
    """
    rows = [
        {
            "layer": note.layer,
            "outcome": note.outcome,
            "note": note.rule,
            "message": words(language, f"note.{note.rule}", **note.facts),
            "count": note.count,
            "first": SEPARATOR.join(note.first),
            "facts": json.dumps(dict(note.facts), ensure_ascii=False, default=str),
        }
        for report in city.reports
        for note in report.notes
    ]
    columns = load_dictionary().tables["notes"].columns
    return pd.DataFrame(rows, columns=[column.id for column in columns])
