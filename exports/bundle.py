"""
The recipes for results: what the Export page, the command line and the tests all call.

Each gives the content of every file by its name. Nothing is written to a disk here;
`exports.formats.folder.write_folder` does that for the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from exports.formats.csv import csv_bytes
from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.trends.recipe import Trends
    from layers.city import City

import datetime as dt
from typing import TYPE_CHECKING

from analysis.coverage.scorecard import scorecard
from exports.bulletin import bulletin_html
from exports.formats.gis import geojson_bytes, geopackage_bytes, with_rounding
from exports.formats.xlsx import coverage_workbook, hotspot_workbook
from exports.provenance import RECORD, with_record
from exports.tables.bulletin import bulletin_table
from exports.tables.data import layer_table, note_table
from exports.tables.facilities import (
    change_facility_table,
    community_table,
    facility_table,
    gap_table,
    rule_columns,
    stated,
)
from exports.tables.issues import (
    cell_table,
    closing_table,
    cluster_table,
    matrix_table,
    place_table,
    repeat_table,
    unchecked_table,
)
from exports.tables.trends import CHANGE_FILES, change_record, change_sheets, emerging_table
from exports.tables.trends import change_tables as tables_of_change
from wording.catalogue import load_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from analysis.coverage.assessment import Assessment
    from analysis.coverage.editions import EditionComparison
    from analysis.coverage.gaps import Gaps
    from analysis.handling.followup import FollowUp
    from analysis.handling.recipe import CaseHandling
    from analysis.hotspots.clusters import Clusters
    from analysis.hotspots.recipe import HotSpotResult
    from analysis.priority import Priority
    from analysis.trends.recipe import Trends
    from layers.city import City

COVERAGE_FILES = (
    "coverage.csv",
    "summary.csv",
    "scorecard.csv",
    "capacity.csv",
    "robustness.csv",
    "closures.csv",
    "zones.csv",
    "coverage.xlsx",
    "coverage.gpkg",
    "gaps.geojson",
    "map.html",
    RECORD,
)
COMPARE_FILES = ("change.csv", "facilities_change.csv")
"""What a comparison with another date adds to `COVERAGE_FILES`."""
LOOKBACK_FILES = ("relapse.csv", "repeat_points.csv", "lookback.csv", "units.csv")
OVERSIGHT_FILES = ("unchecked.csv", "kpis.csv", "closing.csv", "matrix.csv", "bulletin.html")
HOTSPOT_FILES = (
    "hotspots.csv",
    "places.csv",
    "clusters.csv",
    "priority.csv",
    "hotspots.xlsx",
    "hotspots.gpkg",
    "map.html",
    *LOOKBACK_FILES,
    *OVERSIGHT_FILES,
    *CHANGE_FILES,
    RECORD,
)
CHECK_FILES = ("layers.csv", "notes.csv", "quarantine.csv", RECORD)


def coverage_files(
    city: City,
    assessment: Assessment,
    gaps: Mapping[str, Gaps],
    *,
    extra_tables: Mapping[str, pd.DataFrame],
    language: str,
    map_html: str,
    parameters: Mapping[str, object],
    walk_reach: gpd.GeoDataFrame | None = None,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files of a coverage assessment."""
    tables = load_dictionary().tables
    scored = assessment.scored
    gap_frame = gap_table(
        assessment.standard, gaps, crs=city.crs, filter_result=assessment.filter_result
    )
    gap_layer = with_rounding(gap_frame, tables["gaps"].columns)
    layers = {
        "communities": _community_layer(city, assessment),
        "gaps": gap_layer,
        "facilities": facility_table(city.facilities, assessment.filter_result),
    }
    if walk_reach is not None:
        layers["walk_reach"] = with_rounding(walk_reach, tables["walk_reach"].columns)
    files = {
        "coverage.csv": csv_bytes(assessment.coverage, tables["coverage"].columns),
        "summary.csv": csv_bytes(assessment.summary, tables["summary"].columns),
        "scorecard.csv": csv_bytes(
            stated(scorecard(scored.standard, scored.coverage), assessment.filter_result),
            rule_columns(scored, table="scorecard"),
        ),
        **{
            f"{name}.csv": csv_bytes(frame, tables[name].columns)
            for name, frame in extra_tables.items()
        },
        "coverage.xlsx": coverage_workbook(
            city,
            assessment,
            gaps,
            gap_frame=gap_frame,
            extra_tables=extra_tables,
            parameters=parameters,
            words=load_words(),
            language=language,
        ),
        "coverage.gpkg": geopackage_bytes(
            layers, points=("facilities",), lines=("walk_reach",), day=city.as_of
        ),
        "gaps.geojson": geojson_bytes(gap_layer, identifiers=("rule", "gap_id")),
        "map.html": map_html.encode(),
    }
    return with_record(
        files,
        city,
        command="coverage",
        parameters=parameters,
        created=created or _now(),
        standard=assessment.standard,
    )


def change_tables(city: City, comparison: EditionComparison) -> dict[str, pd.DataFrame]:
    """Arrange a comparison as further tables of `coverage_files`."""
    return {
        "change": comparison.change,
        "facilities_change": change_facility_table(comparison, city),
    }


def coverage_geojson(city: City, assessment: Assessment) -> bytes:
    """Make the communities with what was found for them, as GeoJSON."""
    return geojson_bytes(_community_layer(city, assessment), identifiers=("community_id",))


def hotspot_files(
    city: City,
    hotspot_result: HotSpotResult,
    follow_up: FollowUp,
    case_handling: CaseHandling,
    priority: Priority,
    *,
    trends: Trends,
    clusters: Clusters,
    language: str,
    map_html: str,
    parameters: Mapping[str, object],
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files on issues."""
    tables = load_dictionary().tables
    cells, places = cell_table(hotspot_result, city), place_table(hotspot_result, city)
    emerging, dense = emerging_table(trends, city), cluster_table(clusters, city)
    changed = tables_of_change(city, trends, emerging)
    layers = {
        "hotspots": with_rounding(cells, tables["hotspots"].columns),
        "places": with_rounding(places, tables["places"].columns),
        "clusters": with_rounding(dense, tables["clusters"].columns),
        "emerging": with_rounding(emerging, tables["emerging"].columns),
    }
    found = hotspot_result.hot_spots
    counts = {
        "cell_size_m": found.grid.cell_size,
        "shape": found.grid.lattice.shape,
        "basis": found.basis,
        "untested_cases": found.untested_cases,
        "rings": found.rings,
        "cases": found.cases,
        "unlocated": found.unlocated,
        "outside": found.outside,
        "off_grid": found.off_grid,
        "neighbourhood_cases": round(found.neighbourhood_cases, 3),
        "sparse": found.sparse,
    }
    files = {
        "hotspots.csv": csv_bytes(cells, tables["hotspots"].columns),
        "places.csv": csv_bytes(places, tables["places"].columns),
        "clusters.csv": csv_bytes(dense, tables["clusters"].columns),
        "priority.csv": csv_bytes(priority.table, tables["priority"].columns),
        "hotspots.xlsx": hotspot_workbook(
            city,
            places,
            follow_up,
            case_handling,
            priority,
            clusters=clusters,
            extra_tables={"clusters": dense, **change_sheets(changed)},
            words=load_words(),
            language=language,
        ),
        "hotspots.gpkg": geopackage_bytes(layers, points=("places",), day=city.as_of),
        "map.html": map_html.encode(),
        **_lookback_files(city, follow_up),
        **_oversight_files(city, follow_up, case_handling, parameters, language=language),
        **change_files(changed),
    }
    return with_record(
        files,
        city,
        command="hotspots",
        parameters={
            **parameters,
            "used": counts,
            "look_back": _lookback_record(follow_up),
            "oversight": _oversight_record(city, case_handling),
            "priority": _priority_record(priority),
            "change": change_record(trends),
            "clusters": _cluster_record(clusters),
        },
        created=created or _now(),
    )


def _lookback_files(city: City, follow_up: FollowUp) -> dict[str, bytes]:
    tables = load_dictionary().tables
    relapsed = closing_table(follow_up.closings[follow_up.closings["relapsed"]], city)
    drawn = closing_table(follow_up.worklist, city)
    repeats = repeat_table(follow_up, city)
    return {
        "relapse.csv": csv_bytes(relapsed, tables["relapse"].columns),
        "repeat_points.csv": csv_bytes(repeats, tables["repeat_points"].columns),
        "lookback.csv": csv_bytes(drawn, tables["lookback"].columns),
        "units.csv": csv_bytes(follow_up.units, tables["units"].columns),
    }


def _lookback_record(follow_up: FollowUp) -> dict[str, object]:
    return {
        **vars(follow_up.rule),
        "closings": len(follow_up.closings),
        "followed": follow_up.followed,
        "relapsed": follow_up.relapsed,
        "without_place": follow_up.without_place,
        "without_time": follow_up.without_time,
        "due": follow_up.due,
        "drawn": len(follow_up.worklist),
        "second_look": None if follow_up.second is None else vars(follow_up.second),
    }


def _oversight_files(
    city: City,
    follow_up: FollowUp,
    case_handling: CaseHandling,
    parameters: Mapping[str, object],
    *,
    language: str,
) -> dict[str, bytes]:
    tables, words = load_dictionary().tables, load_words()
    unchecked = unchecked_table(case_handling.checks.unchecked, city)
    days = [str(parameters.get(name) or "…") for name in ("since", "until")]
    page = bulletin_html(
        bulletin_table(follow_up.units, city, words, language),
        city,
        words,
        language,
        period="" if days == ["…", "…"] else " – ".join(days),
    )
    return {
        "unchecked.csv": csv_bytes(unchecked, tables["unchecked"].columns),
        "kpis.csv": csv_bytes(case_handling.kpis, tables["kpis"].columns),
        "closing.csv": csv_bytes(case_handling.closing, tables["closing"].columns),
        "matrix.csv": csv_bytes(matrix_table(case_handling.matrix), tables["matrix"].columns),
        "bulletin.html": page.encode(),
    }


def _oversight_record(city: City, case_handling: CaseHandling) -> dict[str, object]:
    checks = case_handling.checks
    return {
        "received": checks.received,
        "cancelled": checks.cancelled,
        "checks_known": checks.judged,
        "unchecked": len(checks.unchecked) if checks.judged else None,
        "due_computed": case_handling.computed,
        "calendar": city.calendar.id if city.calendar else None,
    }


def _cluster_record(clusters: Clusters) -> dict[str, object]:
    return {
        "distance_m": clusters.distance_m,
        "least_cases": clusters.least,
        "cases": clusters.cases,
        "in_clusters": clusters.inside,
        "unlocated": clusters.unlocated,
        "outside": clusters.outside,
    }


def _priority_record(priority: Priority) -> dict[str, object]:
    return {
        "weights": dict(priority.weights),
        "greatest": dict(priority.greatest),
        "kinds": list(priority.kinds),
        "absent": dict(priority.absent),
    }


def check_files(
    city: City, *, language: str, created: dt.datetime | None = None
) -> dict[str, bytes]:
    """Make the files that tell what became of every row of a city's data."""
    tables = load_dictionary().tables
    notes = note_table(city, words=load_words(), language=language)
    files = {
        "layers.csv": csv_bytes(layer_table(city, language=language), tables["layers"].columns),
        "notes.csv": csv_bytes(notes, tables["notes"].columns),
        "quarantine.csv": csv_bytes(city.quarantine, tables["quarantine"].columns),
    }
    return with_record(
        files,
        city,
        command="check",
        parameters={"language": language},
        created=created or _now(),
    )


def _community_layer(city: City, assessment: Assessment) -> gpd.GeoDataFrame:
    columns = rule_columns(assessment, table="communities")
    return with_rounding(community_table(city.communities, assessment), columns)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def change_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Make the files of change."""
    known = load_dictionary().tables
    return {f"{name}.csv": csv_bytes(frame, known[name].columns) for name, frame in tables.items()}
