"""The files of a coverage assessment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from analysis.access.supply_filter import SupplyFilter
from analysis.coverage.additions import with_additions
from analysis.coverage.capacity import capacity_table
from analysis.coverage.figures import NETWORK, measures_of
from analysis.coverage.scorecard import scorecard
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, geopackage_bytes, with_rounding
from exports.formats.xlsx import coverage_workbook
from exports.provenance import RECORD, with_record
from exports.tables.facilities import (
    change_facility_table,
    closure_table,
    community_table,
    facility_table,
    gap_table,
    gaps_by_rule,
    rule_columns,
    stated,
    walk_reach_table,
)
from layers.knowledge.dictionary import load_dictionary
from maps.documents import coverage_document, document_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from analysis.coverage.assessment import Assessment
    from analysis.coverage.gaps import Gaps
    from analysis.model.question import Question
    from analysis.model.standards import Standard
    from exports.recipes.facility_answers import FacilityAnswers
    from layers.city import City
    from maps.documents import MapDocument
    from wording.speaker import Speaker

COVERAGE_FILES = (
    "coverage.csv",
    "summary.csv",
    "scorecard.csv",
    "capacity.csv",
    "robustness.csv",
    "equity.csv",
    "distances.csv",
    "closures.csv",
    "zones.csv",
    "coverage.xlsx",
    "coverage.gpkg",
    "coverage.geojson",
    "gaps.geojson",
    "coverage_map.html",
    RECORD,
)
COMPARE_FILES = ("change.csv", "facilities_change.csv")
"""What a comparison with another date adds to `COVERAGE_FILES`."""


def coverage_files(
    answers: FacilityAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files of a coverage assessment."""
    city, standard, supply = answers.city, answers.standard(question), supply_filter(question)
    answer = answer_coverage(answers, question)
    assessment, gaps = answer.assessment, answer.gaps
    mapped = mapped_rule(question, assessment, city)
    parameters = {**asked(answers, question, assessment), "language": translate.language}
    document = rule_document(answers, answer, translate, rule=mapped[0], measure=mapped[1])
    extra_tables = _extra_tables(answers, question, standard, supply)
    files = {
        **_tables(assessment, extra_tables),
        **_layers(city, assessment, gaps, answer.walk_reach),
        "coverage.xlsx": coverage_workbook(
            city,
            assessment,
            gaps,
            gap_frame=_gap_frame(city, assessment, gaps),
            extra_tables=extra_tables,
            parameters=parameters,
            words=translate.words,
            language=translate.language,
        ),
        "coverage_map.html": document_html(document, city).encode(),
    }
    return with_record(
        _in_order(files),
        city,
        command="coverage",
        parameters=parameters,
        created=created or dt.datetime.now(dt.UTC),
        standard=assessment.standard,
    )


def coverage_tables(
    answers: FacilityAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the tables among `coverage_files`, and their record."""
    assessment = assessed(answers, question)
    standard, supply = answers.standard(question), supply_filter(question)
    tables = _tables(assessment, _extra_tables(answers, question, standard, supply))
    return with_record(
        _in_order(tables),
        answers.city,
        command="coverage",
        parameters={**asked(answers, question, assessment), "language": translate.language},
        created=created or dt.datetime.now(dt.UTC),
        standard=assessment.standard,
    )


@dataclass(frozen=True, eq=False)
class CoverageAnswer:
    """What files and papers on coverage are made of: verdicts, gaps, streets in reach."""

    assessment: Assessment
    gaps: Mapping[tuple[str, str], Gaps]
    walk_reach: gpd.GeoDataFrame | None


def answer_coverage(answers: FacilityAnswers, question: Question) -> CoverageAnswer:
    """Judge the city, and find what lies within and beyond reach."""
    assessment = assessed(answers, question)
    walk_reach = None
    if any(measure == NETWORK for _, measure in assessment.judged):
        walking = answers.walking(supply_filter(question))
        walk_reach = walk_reach_table(answers.city, walking, assessment)
    find = partial(answers.gaps, supply=supply_filter(question))
    gaps = gaps_by_rule(assessment, answers.city.kinds, find)
    return CoverageAnswer(assessment, gaps, walk_reach)


def rule_document(
    answers: FacilityAnswers,
    answer: CoverageAnswer,
    translate: Speaker,
    *,
    rule: str,
    measure: str,
    community: str = "",
) -> MapDocument:
    """Compose the map of one rule."""
    return coverage_document(
        answers.city,
        answer.assessment,
        answer.gaps,
        rule=rule,
        measure=measure,
        kinds=answers.kinds,
        translate=translate,
        walk_reach=answer.walk_reach,
        areas=answers.areas(),
        ground=answers.ground(translate.language),
        community=community,
    )


def _in_order(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: files[name] for name in (*COVERAGE_FILES, *COMPARE_FILES) if name in files}


def asked(
    answers: FacilityAnswers, question: Question, assessment: Assessment
) -> dict[str, object]:
    """Record what was asked, as it was used: of each rule the measures, the one in use first."""
    mapped = mapped_rule(question, assessment, answers.city)
    return {
        "standard": assessment.standard.id,
        "service_radius_m": dict(question.radii),
        **asked_measures(answers, question, assessment.standard),
        "map_rule": mapped[0],
        "map_measure": mapped[1],
        **supply_filter(question).record(),
        "catchment": question.catchment,
        "need_per_1000": dict(question.needs),
        "compare": question.edition,
        "position_error_m": question.position_error,
    }


def assessed(answers: FacilityAnswers, question: Question) -> Assessment:
    """Judge the city by the standard asked for, and count the facilities to add."""
    standard, supply = answers.standard(question), supply_filter(question)
    measures = answers.measures(standard, question.measures)
    assessment = answers.assessment(standard, measures, supply)
    return with_additions(answers.ready_for(standard, measures, supply), assessment)


def asked_measures(
    answers: FacilityAnswers, question: Question, standard: Standard
) -> dict[str, object]:
    """Record by which measures each rule is judged, the one in use first, and why."""
    measures = answers.measures(standard, question.measures)
    return {
        "measure": {rule.id: list(measures_of(rule, measures)) for rule in standard.rules},
        "measure_chosen": bool(question.measures),
        "measure_why_straight": why_straight(answers, question, standard),
    }


def measure_sentence(
    answers: FacilityAnswers, question: Question, standard: Standard, translate: Speaker
) -> str:
    """Say why rules that mean walking distance are judged by the straight line; else nothing."""
    why = why_straight(answers, question, standard)
    share = translate.share(answers.joined_share()) if why else ""
    return translate(f"measure.{why}", share=share) if why else ""


def why_straight(answers: FacilityAnswers, question: Question, standard: Standard) -> str:
    """Say why rules that mean walking distance are judged by the straight line, unasked."""
    meant = any(NETWORK in measures_of(rule) for rule in standard.rules)
    return answers.why_straight() if meant and not question.measures else ""


def supply_filter(question: Question) -> SupplyFilter:
    """Tell which facilities count."""
    return SupplyFilter(question.only, question.least_class, question.at, question.on)


def mapped_rule(question: Question, assessment: Assessment, city: City) -> tuple[str, str]:
    """Choose the rule on the map, by the measure in use: by default one with facilities."""
    judged = [(rule.id, measure) for rule, measure in assessment.judged]
    there = [rule.id for rule, _ in assessment.judged if rule.kind in city.kinds]
    rule = question.rule or (there[0] if there else judged[0][0])
    return next(each for each in judged if each[0] == rule)


def _extra_tables(
    answers: FacilityAnswers, question: Question, standard: Standard, supply: SupplyFilter
) -> dict[str, pd.DataFrame]:
    city = answers.city
    measures = answers.measures(standard, question.measures)
    robustness = answers.robustness(standard, question.position_error, supply, measures)
    return {
        "capacity": capacity_table(
            answers.ready_for(standard, measures),
            standard,
            answers.kinds,
            method=question.catchment,
            needs=dict(question.needs),
            measures=measures,
        ),
        "robustness": robustness.communities,
        "equity": answers.equity(standard, supply, measures),
        "distances": answers.distances(standard, supply, measures),
        "closures": closure_table(robustness.closures, city),
        "zones": answers.zones(standard, supply, measures),
        **_compared(answers, question, standard),
    }


def _compared(
    answers: FacilityAnswers, question: Question, standard: Standard
) -> dict[str, pd.DataFrame]:
    if not question.edition:
        return {}
    found = answers.comparison(standard, question.edition, question.measures)
    return {
        "change": found.change,
        "facilities_change": change_facility_table(found, answers.city),
    }


def _tables(assessment: Assessment, extra_tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    tables, scored = load_dictionary().tables, assessment.scored
    frames = {"coverage": assessment.coverage, "summary": assessment.summary, **extra_tables}
    scores = stated(scorecard(scored.standard, scored.coverage), assessment.filter_result)
    return {
        **{f"{name}.csv": csv_bytes(each, tables[name].columns) for name, each in frames.items()},
        "scorecard.csv": csv_bytes(scores, rule_columns(scored, table="scorecard")),
    }


def _gap_frame(
    city: City, assessment: Assessment, gaps: Mapping[tuple[str, str], Gaps]
) -> gpd.GeoDataFrame:
    return gap_table(
        assessment.standard, gaps, crs=city.crs, filter_result=assessment.filter_result
    )


def _layers(
    city: City,
    assessment: Assessment,
    gaps: Mapping[tuple[str, str], Gaps],
    walk_reach: gpd.GeoDataFrame | None,
) -> dict[str, bytes]:
    tables = load_dictionary().tables
    columns = rule_columns(assessment, table="communities")
    layers = {
        "communities": with_rounding(community_table(city.communities, assessment), columns),
        "gaps": with_rounding(_gap_frame(city, assessment, gaps), tables["gaps"].columns),
        "facilities": facility_table(city.facilities, assessment.filter_result),
    }
    package = dict(layers)
    if walk_reach is not None:
        package["walk_reach"] = with_rounding(walk_reach, tables["walk_reach"].columns)
    return {
        "coverage.gpkg": geopackage_bytes(
            package, points=("facilities",), lines=("walk_reach",), day=city.as_of
        ),
        "coverage.geojson": geojson_bytes(layers["communities"], identifiers=("community_id",)),
        "gaps.geojson": geojson_bytes(layers["gaps"], identifiers=("rule", "measure", "gap_id")),
    }
