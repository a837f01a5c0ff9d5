"""The output dictionary says what the files hold: both ways."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

import pytest

from analysis.access.land import WHOLE, WITHOUT_WATER
from analysis.access.walking import NO_STREETS
from analysis.casework.findings import (
    AREA_KM2,
    CASES,
    FINDING_COLUMNS,
    FINDING_KINDS,
    REMEDIES,
    SPOTS,
)
from analysis.casework.ladder import (
    LADDER_LEVELS,
    MONTH_COLUMNS,
    NOT_LATELY,
    TOO_FEW,
    WARNING_COLUMNS,
)
from analysis.casework.monitoring import (
    LIMIT_SOURCES,
    MONITORING_COLUMNS,
    NEAREST_COLUMNS,
    RATE_REASONS,
    READING_REASONS,
    READING_STATES,
    STATION_COLUMNS,
)
from analysis.casework.readiness import CLAUSE_COLUMNS, CLAUSE_REASONS, WORK_COLUMNS
from analysis.casework.readiness import WHOLE as EVERY_WORK
from analysis.casework.survey import (
    CHANGES,
    RATE_COLUMNS,
    SURVEY_REASONS,
    SURVEY_VERDICTS,
)
from analysis.coverage.assessment import COVERAGE_COLUMNS
from analysis.coverage.capacity import (
    CAPACITY_COLUMNS,
    MEAN,
    NO_COLUMN,
    NO_LAYER,
    NO_RESIDENTS,
    NOBODY,
    SHARED,
    STATED,
    UNKNOWN,
)
from analysis.coverage.closures import CLOSURE_COLUMNS
from analysis.coverage.editions import (
    CHANGE_COLUMNS,
    CROSSINGS,
    FACILITY_CHANGE_COLUMNS,
    MATCHES,
    OUTCOMES,
)
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.robustness import ROBUSTNESS_COLUMNS
from analysis.coverage.summary import NO_TARGET, SUMMARY_COLUMNS
from analysis.coverage.verdicts import CANNOT_JUDGE, FAILS, MEETS
from analysis.coverage.zones import PARTS, ZONE_COLUMNS
from analysis.handling.followup import INDICATORS, UNIT_COLUMNS
from analysis.handling.followup import LEVELS as UNIT_LEVELS
from analysis.handling.funnel import VERDICTS as UNIT_VERDICTS
from analysis.handling.kpis import CLOSING_COLUMNS, KPI_COLUMNS, KPI_LEVELS, KPI_REASONS, KPIS
from analysis.handling.matrix import MATRIX_COLUMNS
from analysis.handling.verification import AGE_BANDS, UNCHECKED_COLUMNS
from analysis.hotspots.cells import FEW, LEVELS
from analysis.hotspots.clusters import CLUSTER_COLUMNS
from analysis.hotspots.places import PLACE_COLUMNS, TRENDS
from analysis.hotspots.scan import SCAN_COLUMNS
from analysis.model.contracts import (
    DUE_BASIS,
    DUTY_RESULTS,
    FACILITY_COLUMNS,
    FACILITY_STATUS,
    ISSUE_STATUS,
    SOURCE_LEVELS,
    STAGES,
    SURVEY_LEVELS,
    UNREAD,
    VALUE_SIGNS,
)
from analysis.model.figures import FIGURES, SHORTFALL_UNITS
from analysis.model.ladder import LADDER_INDICATORS
from analysis.model.question import CATCHMENTS, COMPARISONS
from analysis.model.standards import AREA, BUILT_UP, CONFIDENCE
from analysis.model.taxonomy import LEVELS as TAXONOMY_LEVELS
from analysis.model.title import (
    CLAUSE_FIGURES,
    CLAUSE_UNITS,
    THRESHOLD_BASIS,
    WAYS,
    WORKS,
)
from analysis.model.title import COMPARISONS as CLAUSE_COMPARISONS
from analysis.priority import PRIORITY_COLUMNS
from analysis.siting.recipe import (
    ALTERNATIVE_COLUMNS,
    CURVE_COLUMNS,
    EFFECT_COLUMNS,
    SITE_COLUMNS,
)
from analysis.trends.alerts import ALERT_COLUMNS
from analysis.trends.campaigns import CHANGE_COLUMNS as CAMPAIGN_CHANGES
from analysis.trends.campaigns import CHANGES as CAMPAIGN_CALLS
from analysis.trends.campaigns import PERIOD_COLUMNS as CAMPAIGN_PERIODS
from analysis.trends.campaigns import PERIODS as CAMPAIGN_SPANS
from analysis.trends.campaigns import REASONS as CAMPAIGN_REASONS
from analysis.trends.emerging import PATTERNS
from analysis.trends.emerging import PLACE_COLUMNS as EMERGING_PLACES
from analysis.trends.periods import PERIOD_COLUMNS
from analysis.trends.prediction import PREDICTION_COLUMNS
from analysis.trends.underreporting import SILENCE_COLUMNS
from exports.papers.public import COVERED
from exports.recipes.area import AREA_FILES
from exports.recipes.casework.campaigns import CAMPAIGN_FILES
from exports.recipes.casework.campaigns import STATES as CAMPAIGN_STATES
from exports.recipes.casework.findings import FINDING_FILES
from exports.recipes.casework.frontage import DUTY_FILES
from exports.recipes.casework.inspections import ROUND_FILES
from exports.recipes.casework.ladder import WARNING_FILES
from exports.recipes.casework.levels import LEVEL_FILES
from exports.recipes.casework.monitoring import MONITORING_FILES
from exports.recipes.casework.readiness import READINESS_FILES
from exports.recipes.casework.survey import SURVEY_FILES
from exports.recipes.casework.task_commands import TASK_FILES, WORKBOOK
from exports.recipes.check import CHECK_FILES
from exports.recipes.coverage import COMPARE_FILES, COVERAGE_FILES
from exports.recipes.hotspots import HOTSPOT_FILES
from exports.recipes.osm_city import ASIDE
from exports.recipes.public import PAGES, PUBLIC_FILES
from exports.recipes.scenarios import SCENARIO_FILES
from exports.recipes.siting import SITING_FILES
from exports.reference import PAGE, dictionary_page
from layers.city import LayerReport
from layers.cleaning.row_account import QUARANTINE_COLUMNS
from layers.knowledge.dictionary import FILE, load_dictionary
from layers.knowledge.standards import MINIMUM_BASIS
from layers.languages import LANGUAGES, with_every_language

DICTIONARY = load_dictionary()
TABLES = DICTIONARY.tables


def every(table):
    return (*table.columns, *table.per_rule, *table.per_walk)


def names(table):
    return tuple(column.id for column in TABLES[table].columns)


def codes(table, column):
    return set(next(each for each in TABLES[table].columns if each.id == column).codes)


def test_names_the_columns_and_codes_of_campaigns():
    assert names("campaign_periods") == ("campaign", *CAMPAIGN_PERIODS)
    assert names("campaign_changes") == ("campaign", *CAMPAIGN_CHANGES)
    assert codes("campaigns", "state") == set(CAMPAIGN_STATES)
    assert codes("campaign_periods", "period") == set(CAMPAIGN_SPANS)
    assert codes("campaign_changes", "change") == set(CAMPAIGN_CALLS)
    assert codes("campaign_changes", "reason") == set(CAMPAIGN_REASONS)


def test_names_the_columns_and_codes_of_monitoring():
    assert names("monitoring") == MONITORING_COLUMNS
    assert set(names("monitoring_stations")) - {"community", "parent", "lon", "lat"} == {
        *STATION_COLUMNS
    } - {"x", "y"}
    assert names("monitoring_nearest") == NEAREST_COLUMNS
    assert codes("monitoring", "reason") == set(RATE_REASONS)
    assert codes("monitoring_stations", "state") == set(READING_STATES)
    assert codes("monitoring_readings", "reason") == set(READING_REASONS)
    assert codes("monitoring_readings", "sign") == set(VALUE_SIGNS)
    assert codes("monitoring_readings", "limit_from") == set(LIMIT_SOURCES)
    assert codes("monitoring_readings", "result") == {*DUTY_RESULTS, UNREAD}


def test_names_the_columns_of_every_table_in_order():
    assert names("coverage") == COVERAGE_COLUMNS
    assert names("summary") == SUMMARY_COLUMNS
    assert names("quarantine") == QUARANTINE_COLUMNS
    assert names("facilities") == ("facility_id", *FACILITY_COLUMNS, "supply", "in_doubt")
    of_grids = {"survives", "choices"}
    assert set(names("places")) == {"level", "place_id", *PLACE_COLUMNS, *of_grids, "lon", "lat"}
    assert names("warnings") == WARNING_COLUMNS
    assert names("warning_months") == MONTH_COLUMNS
    assert codes("warnings", "indicator") == set(LADDER_INDICATORS)
    assert codes("warnings", "level") == set(LADDER_LEVELS)
    assert codes("warnings", "reason") == {TOO_FEW, NOT_LATELY}
    assert names("survey") == RATE_COLUMNS
    assert set(names("survey_areas")) < {"community_id", *RATE_COLUMNS}
    assert codes("survey", "level") == set(SURVEY_LEVELS)
    assert codes("survey", "verdict") == set(SURVEY_VERDICTS)
    assert codes("survey", "reason") == set(SURVEY_REASONS)
    assert codes("survey", "change") == set(CHANGES)
    assert names("public_coverage") == COVERED
    assert names("clusters") == ("cluster_id", *CLUSTER_COLUMNS, "lon", "lat")
    home = {"centre_id", "community", "community_id", "parent"}
    assert set(names("scan")) == {*home, *SCAN_COLUMNS, "lon", "lat"}
    assert names("units") == UNIT_COLUMNS
    assert names("robustness") == ROBUSTNESS_COLUMNS
    assert names("zones") == ZONE_COLUMNS
    assert codes("zones", "part") == set(PARTS)
    assert names("closures") == (*CLOSURE_COLUMNS, "lon", "lat")
    assert set(names("sites")) == {*SITE_COLUMNS, "measure", "reason", "lon", "lat"}
    assert names("curve") == ("measure", *CURVE_COLUMNS)
    assert names("effect") == (EFFECT_COLUMNS[0], "measure", *EFFECT_COLUMNS[1:])
    assert names("alternatives") == ("measure", *ALTERNATIVE_COLUMNS)
    assert names("capacity") == CAPACITY_COLUMNS
    assert names("change") == CHANGE_COLUMNS
    places = {"x", "y", "x_then", "y_then"}
    assert names("facilities_change") == (
        *(name for name in FACILITY_CHANGE_COLUMNS if name not in places), "lon", "lat",
    )  # fmt: skip
    assert set(names("unchecked")) == {*UNCHECKED_COLUMNS, "x", "y", "lon", "lat"}
    assert names("kpis") == KPI_COLUMNS
    assert names("closing") == CLOSING_COLUMNS
    assert names("matrix") == MATRIX_COLUMNS
    assert set(names("bulletin")) - set(UNIT_COLUMNS) == {"ranks", "previous_ranks", "reason"}
    assert names("priority") == PRIORITY_COLUMNS
    assert names("emerging_places") == (*EMERGING_PLACES, "lon", "lat")
    assert names("periods") == PERIOD_COLUMNS
    assert names("alerts") == ALERT_COLUMNS
    assert names("silence") == ("community_id", *SILENCE_COLUMNS)
    assert names("prediction") == PREDICTION_COLUMNS
    report = {field.name for field in fields(LayerReport)} - {"id", "notes"}
    assert set(names("layers")) == {*report, "layer", "sha256"}


def test_every_table_of_what_is_within_reach_names_the_measure():
    tables = load_dictionary().tables
    about = {"service_radius_m", "rule", "people_in_reach", "share_before"}
    proposed = ("sites", "curve", "effect", "alternatives")
    for name, table in tables.items():
        described = {column.id for column in table.columns}
        if table.per_rule:
            assert "measure" in {column.id for column in table.per_rule}, name
        elif described & about or name in proposed:
            assert "measure" in described, name


def test_explains_every_code():
    assert codes("coverage", "verdict") == {MEETS, FAILS, CANNOT_JUDGE, NO_TARGET}
    assert codes("coverage", "measure") == {STRAIGHT, NETWORK}
    assert codes("coverage", "figure") == set(FIGURES)
    assert names("findings") == ("finding_id", *FINDING_COLUMNS, "lon", "lat")
    assert codes("findings", "kind") == set(FINDING_KINDS)
    assert codes("findings", "remedy") == set(REMEDIES)
    assert codes("findings", "quantity_unit") == {
        *(*SHORTFALL_UNITS, AREA_KM2, SPOTS, CASES),
        *CLAUSE_UNITS,
    }
    assert names("clauses") == (CLAUSE_COLUMNS[0], "text", *CLAUSE_COLUMNS[1:], "source", "note")
    assert names("key_works") == WORK_COLUMNS
    assert codes("clauses", "work") == codes("key_works", "work") == {EVERY_WORK, *WORKS}
    assert codes("clauses", "reason") == set(CLAUSE_REASONS)
    assert codes("clauses", "figure") == set(CLAUSE_FIGURES)
    assert codes("clauses", "judged") == set(WAYS)
    assert codes("clauses", "unit") == set(CLAUSE_UNITS)
    assert codes("clauses", "comparison") == set(CLAUSE_COMPARISONS)
    assert codes("clauses", "basis") == set(THRESHOLD_BASIS)
    assert codes("coverage", "confidence") == set(CONFIDENCE)
    assert codes("coverage", "minimum_basis") == set(MINIMUM_BASIS)
    assert codes("coverage", "area_basis") == {WHOLE, WITHOUT_WATER, BUILT_UP}
    assert codes("coverage", "density_basis") == {AREA, BUILT_UP}
    assert codes("facilities", "status") == set(FACILITY_STATUS)
    assert codes("facilities_change", "outcome") == set(OUTCOMES)
    assert codes("facilities_change", "matched_by") == set(MATCHES)
    assert codes("change", "crossed") == set(CROSSINGS)
    assert codes("capacity", "method") == set(CATCHMENTS)
    assert codes("capacity", "need_basis") == {MEAN, STATED}
    reasons = {NO_LAYER, NO_COLUMN, NO_RESIDENTS, NO_STREETS, UNKNOWN, NOBODY, SHARED}
    assert codes("capacity", "reason") == reasons
    assert codes("units", "indicator") == set(INDICATORS)
    assert codes("units", "level") == set(UNIT_LEVELS)
    assert codes("emerging", "pattern") == {*PATTERNS, "none"}
    assert codes("periods", "basis") == set(COMPARISONS)
    assert codes("units", "change") == codes("units", "verdict") == set(UNIT_VERDICTS)
    assert codes("bulletin", "verdict") == set(UNIT_VERDICTS)
    assert codes("unchecked", "stage") == set(STAGES)
    assert codes("unchecked", "status") == set(ISSUE_STATUS)
    assert codes("unchecked", "source_level") == set(SOURCE_LEVELS)
    assert codes("unchecked", "due_basis") == set(DUE_BASIS)
    assert codes("unchecked", "age_band") == set(AGE_BANDS)
    assert codes("kpis", "kpi") == set(KPIS)
    assert codes("kpis", "level") == set(KPI_LEVELS)
    assert codes("kpis", "reason") == set(KPI_REASONS)
    assert codes("matrix", "level") == set(TAXONOMY_LEVELS)
    classes = {f"{side}_{percent}" for side in ("hot", "cold") for _, percent in LEVELS}
    assert codes("hotspots", "level") == classes | {"none", FEW}
    assert codes("places", "trend") == set(TRENDS)


@pytest.mark.parametrize("table", TABLES)
def test_says_everything_in_both_languages(table):
    for column in every(TABLES[table]):
        for texts in (column.title, column.definition, column.unit.title):
            assert set(texts) == set(LANGUAGES), column.id
        assert all(column.title.values()), column.id
        assert all(column.definition.values()), column.id
        for pairs in column.codes.values():
            assert set(pairs) == set(LANGUAGES)
            assert all(len(pair) == 2 and all(pair) for pair in pairs.values())
    assert set(TABLES[table].title) == set(LANGUAGES)


def test_units_fit_the_names_of_columns():
    endings = {"_m": "m", "_m2": "m2", "_share": "share"}
    for table in TABLES.values():
        for column in table.columns:
            for ending, unit in endings.items():
                if column.id.endswith(ending):
                    assert column.unit.id == unit, column.id


def test_names_no_file_that_is_not_written_and_none_is_forgotten():
    named = {file for table in TABLES.values() for file in table.files}
    written = {*COVERAGE_FILES, *COMPARE_FILES, *HOTSPOT_FILES, *CHECK_FILES, *SITING_FILES, ASIDE}
    written |= {*FINDING_FILES, *SCENARIO_FILES, *TASK_FILES} - {WORKBOOK}
    written |= {*AREA_FILES, *WARNING_FILES, *PUBLIC_FILES} - {"area.geojson", *PAGES.values()}
    written |= {name for name in (*READINESS_FILES, *CAMPAIGN_FILES) if name.endswith(".csv")}
    written |= {*LEVEL_FILES}
    written |= {*DUTY_FILES} - {"frontage_map.html"}
    written |= {name for name in ROUND_FILES if name.endswith(".csv")}
    written |= {name for name in MONITORING_FILES if name.endswith((".csv", ".geojson"))}
    written |= {name for name in SURVEY_FILES if name.endswith((".csv", ".geojson"))}
    maps = {"index.html", "coverage_map.html", "hotspots_map.html", "siting_map.html"}
    maps.add("difference_map_1.html")
    assert named == written - {"run.json", "scenarios.json", *maps}


def test_defines_no_column_unit_or_code_that_no_table_uses():
    content = with_every_language(tomllib.loads(FILE.read_text("utf-8")))
    columns = [column for table in TABLES.values() for column in every(table)]
    assert set(content["column"]) <= {column.id for column in columns}
    assert set(content["unit"]) == {column.unit.id for column in columns}
    used = [column.codes for column in columns if column.codes]
    for entry in content["code"].values():
        pairs = {
            value: {language: tuple(pair) for language, pair in texts.items()}
            for value, texts in entry.items()
        }
        assert any(pairs.items() <= codes.items() for codes in used)


def test_labels_take_the_same_facts_in_both_languages():
    for key, texts in DICTIONARY.labels.items():
        facts = [set(re.findall(r"\{(\w+)\}", text)) for text in texts.values()]
        assert facts[0] == facts[1], key


def test_page_of_the_documentation_is_made_from_it():
    assert PAGE.read_text("utf-8") == dictionary_page(DICTIONARY), (
        "run: python -m exports.reference"
    )
