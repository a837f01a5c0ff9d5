"""The files on issues: where they concentrate, how they change, how they are handled."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from analysis.hotspots.grid_choices import HELD_SHARE
from analysis.hotspots.places import CLEARLY, PLACE_CASES
from analysis.hotspots.scan import MAX_CELLS, MAX_RADIUS_M, MAX_SHARE, REPLICAS, SCAN_P, SEED
from analysis.issues.selection import select_issues
from analysis.model.question import PRIORITY_PARTS
from exports.bulletin import bulletin_html
from exports.formats.csv import csv_bytes
from exports.formats.gis import geopackage_bytes, with_rounding
from exports.formats.xlsx import hotspot_workbook
from exports.provenance import RECORD, with_record
from exports.recipes.coverage import asked_measures
from exports.tables.bulletin import bulletin_table
from exports.tables.issues import (
    case_table,
    cell_table,
    cluster_table,
    matrix_table,
    place_table,
    repeat_table,
    scan_table,
)
from exports.tables.trends import (
    CHANGE_FILES,
    change_record,
    change_sheets,
    change_tables,
    emerging_table,
    empty_layer,
)
from layers.campaigns import find_campaign
from layers.knowledge.dictionary import load_dictionary
from maps.documents import cases_document, document_html, hotspots_document
from wording.campaigns import asked_period
from wording.numbers import last_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from analysis.handling.followup import FollowUp
    from analysis.handling.recipe import CaseHandling
    from analysis.hotspots.clusters import Clusters
    from analysis.hotspots.grid_choices import GridChoices
    from analysis.hotspots.recipe import HotSpotResult
    from analysis.hotspots.scan import Scan
    from analysis.model.question import Question, Selection
    from analysis.priority import Priority
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from maps.documents import MapDocument
    from wording.speaker import Speaker

CASE_LAYERS = ("hotspots", "places", "clusters", "scan")
"""Tables that are layers of the map, where cases have a place."""
HOTSPOT_FILES = (
    "hotspots.csv",
    "places.csv",
    "clusters.csv",
    "scan.csv",
    "priority.csv",
    "hotspots.xlsx",
    "hotspots.gpkg",
    "hotspots_map.html",
    "relapse.csv",
    "near_repeats.csv",
    "repeat_points.csv",
    "lookback.csv",
    "units.csv",
    "unchecked.csv",
    "kpis.csv",
    "closing.csv",
    "matrix.csv",
    "bulletin.html",
    *CHANGE_FILES,
    RECORD,
)


def hotspot_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files on the issues asked for."""
    city, layers = answers.city, _layers(answers, question)
    changed = change_tables(city, answers.trends(question), layers["emerging"])
    files = {
        **_tables(answers, question, layers=layers, changed=changed),
        "hotspots.xlsx": _workbook(answers, question, translate, layers=layers, changed=changed),
        "hotspots.gpkg": _package(layers, city),
        **_pages(answers, question, translate),
    }
    ordered = {name: files[name] for name in HOTSPOT_FILES if name != RECORD}
    return _with_record(ordered, answers, question, translate, created)


def hotspot_tables(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the tables among `hotspot_files`, and their record."""
    layers = _layers(answers, question)
    changed = change_tables(answers.city, answers.trends(question), layers["emerging"])
    tables = _tables(answers, question, layers=layers, changed=changed)
    return _with_record(tables, answers, question, translate, created)


def _tables(
    answers: IssueAnswers,
    question: Question,
    *,
    layers: Mapping[str, gpd.GeoDataFrame],
    changed: Mapping[str, pd.DataFrame],
) -> dict[str, bytes]:
    tables = {
        **{name: layers[name] for name in CASE_LAYERS},
        "priority": answers.priority(question).table,
        **_follow_up_tables(answers.city, answers.follow_up(question)),
        **_handling_tables(answers.city, answers.handling(question)),
        **changed,
    }
    return csv_files(tables)


def _with_record(
    files: Mapping[str, bytes],
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    created: dt.datetime | None,
) -> dict[str, bytes]:
    return with_record(
        files,
        answers.city,
        command="hotspots",
        parameters={
            **asked_of_issues(answers, question, translate),
            **_found(answers, question),
            "priority": _priority_record(answers.priority(question)),
        },
        created=created or dt.datetime.now(dt.UTC),
        standard=answers.own_standard(question),
    )


def _layers(answers: IssueAnswers, question: Question) -> dict[str, gpd.GeoDataFrame]:
    city, emerging = answers.city, emerging_table(answers.trends(question), answers.city)
    if answers.are_named_alone():
        nowhere = {name: empty_layer(name, city) for name in CASE_LAYERS}
        return {**nowhere, "emerging": emerging}
    found = answers.hot_spots(question)
    return {
        "hotspots": cell_table(found, city),
        "places": place_table(found, answers.grid_choices(question), city),
        "clusters": cluster_table(answers.clusters(question), city),
        "scan": scan_table(answers.scan(question), city),
        "emerging": emerging,
    }


def _workbook(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    layers: Mapping[str, gpd.GeoDataFrame],
    changed: Mapping[str, pd.DataFrame],
) -> bytes:
    said = partial(asked_period, city=answers.city, translate=translate)
    return hotspot_workbook(
        answers.city,
        layers["places"],
        answers.follow_up(question),
        answers.handling(question),
        answers.priority(question),
        cluster_limits=(question.cluster_distance, question.cluster_cases),
        extra_tables={
            **{name: layers[name] for name in ("clusters", "scan")},
            **change_sheets(changed),
        },
        period=said(question.selection),
        received=said(replace(question.selection, since=None)),
        history=said(question.history),
        words=translate.words,
        language=translate.language,
    )


def _pages(answers: IssueAnswers, question: Question, translate: Speaker) -> dict[str, bytes]:
    city, words, language = answers.city, translate.words, translate.language
    period = asked_period(question.selection, city, translate)
    bulletin = bulletin_table(answers.follow_up(question).units, city, words, language)
    document = hotspot_document(answers, question, translate)
    pages = {
        "hotspots_map.html": document_html(document, city),
        "bulletin.html": bulletin_html(bulletin, city, words, language, period=period),
    }
    return {name: page.encode() for name, page in pages.items()}


def hotspot_document(answers: IssueAnswers, question: Question, translate: Speaker) -> MapDocument:
    """Compose the map of where issues concentrate, or how many each community has."""
    period = asked_period(question.selection, answers.city, translate)
    if answers.are_named_alone():
        return cases_document(
            answers.city,
            answers.by_community(question),
            translate=translate,
            period=period,
            areas=answers.areas(),
            ground=answers.ground(translate.language),
        )
    return hotspots_document(
        answers.city,
        answers.hot_spots(question),
        translate=translate,
        period=period,
        areas=answers.areas(),
        ground=answers.ground(translate.language),
    )


def usual_period(city: City, campaign: str) -> tuple[dt.date, dt.date]:
    """Give the days that are shown where none are chosen: a campaign's, else the last year."""
    if campaign:
        chosen = city.campaigns[campaign]
        return chosen.since, chosen.until
    first, last = (dt.date.fromisoformat(day) for day in last_year(city.as_of))
    return first, last


def with_usual_period(question: Question, city: City) -> Question:
    """Put the usual period in the place of none, as pages do; change looks at all."""
    asked = with_campaign(question.selection, city)
    if asked.since or asked.until:
        return replace(question, selection=asked, history=with_campaign(question.history, city))
    first, last = usual_period(city, asked.campaign)
    return replace(question, selection=replace(asked, since=first, until=last), history=asked)


def with_campaign(selection: Selection, city: City) -> Selection:
    """Put the identifier of a campaign in the place of any of its names."""
    if not selection.campaign:
        return selection
    found = find_campaign(city.campaigns, selection.campaign, entry="--campaign")
    return replace(selection, campaign=found.id)


def days_asked(selection: Selection) -> dict[str, str | None]:
    """Record the first and the last day of what was asked."""
    return {
        name: None if day is None else f"{day:%Y-%m-%d}"
        for name, day in (("since", selection.since), ("until", selection.until))
    }


def csv_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Write tables of the dictionary as files."""
    known = load_dictionary().tables
    return {f"{name}.csv": csv_bytes(frame, known[name].columns) for name, frame in tables.items()}


def _package(layers: Mapping[str, pd.DataFrame], city: City) -> bytes:
    known = load_dictionary().tables
    rounded = {name: with_rounding(each, known[name].columns) for name, each in layers.items()}
    return geopackage_bytes(rounded, points=("places",), day=city.as_of)


def _follow_up_tables(city: City, follow_up: FollowUp) -> dict[str, pd.DataFrame]:
    relapsed = follow_up.closings[follow_up.closings["relapsed"]]
    return {
        "relapse": case_table(relapsed, city),
        "near_repeats": follow_up.near,
        "repeat_points": repeat_table(follow_up, city),
        "lookback": case_table(follow_up.worklist, city),
        "units": follow_up.units,
    }


def _handling_tables(city: City, handling: CaseHandling) -> dict[str, pd.DataFrame]:
    return {
        "unchecked": case_table(handling.checks.unchecked, city),
        "kpis": handling.kpis,
        "closing": handling.closing,
        "matrix": matrix_table(handling.matrix),
    }


# --- the record


def asked_of_issues(
    answers: IssueAnswers, question: Question, translate: Speaker
) -> dict[str, object]:
    """Record what was asked of the issues, as it was used."""
    return {
        "category": question.selection.category,
        "campaign": question.selection.campaign or None,
        **days_asked(question.selection),
        "cell_m": question.cell,
        "grid": question.grid,
        "basis": question.basis,
        "months": question.months,
        "standard": answers.own_standard(question).id,
        **asked_measures(answers, question, answers.own_standard(question)),
        "weights": dict(zip(PRIORITY_PARTS, question.weights, strict=True)),
        "language": translate.language,
    }


def _found(answers: IssueAnswers, question: Question) -> dict[str, object]:
    """Record what was used and found, part by part."""
    return {
        "used": _counted(answers, question)
        if answers.are_named_alone()
        else _used(answers.hot_spots(question)),
        "look_back": _follow_up_record(answers.follow_up(question)),
        "oversight": _handling_record(answers.city, answers.handling(question)),
        "change": {**days_asked(question.history), **change_record(answers.trends(question))},
        "clusters": None
        if answers.are_named_alone()
        else _cluster_record(answers.clusters(question)),
        "scan": None
        if answers.are_named_alone()
        else _scan_record(answers.scan(question), question.windows),
        "grid_choices": None
        if answers.are_named_alone()
        else _grid_record(answers.grid_choices(question)),
    }


def _counted(answers: IssueAnswers, question: Question) -> dict[str, object]:
    """Record how many reports were counted by the community they name, for lack of places."""
    register = answers.issue_set(question.selection)
    chosen = select_issues(register.issues, question.selection)
    named = int(answers.by_community(question)["total"].sum())
    return {
        "refused": "no_places",
        "cases": len(chosen),
        "community_named": named,
        "community_unknown": len(chosen) - named,
    }


def _used(hotspot_result: HotSpotResult) -> dict[str, object]:
    found, period = hotspot_result.hot_spots, hotspot_result.period
    first, after = period or (None, None)
    return {
        "first_day": None if first is None else f"{first:%Y-%m-%d}",
        "last_day": None if after is None else f"{after - dt.timedelta(days=1):%Y-%m-%d}",
        "cell_size_m": found.grid.cell_size,
        "shape": found.grid.lattice.shape,
        "basis": found.basis,
        "rate_refused": hotspot_result.rate_refused,
        "few_people_cases": found.few_cases,
        "dispersion": None if math.isnan(found.dispersion) else round(found.dispersion, 4),
        "rings": found.rings,
        "cases": found.cases,
        "unlocated": found.unlocated,
        "outside": found.outside,
        "off_grid": found.off_grid,
        "neighbourhood_cases": round(found.neighbourhood_cases, 3),
        "sparse": found.sparse,
    }


def _follow_up_record(follow_up: FollowUp) -> dict[str, object]:
    return {
        **vars(follow_up.rule),
        "drawn_by": follow_up.number,
        "seed": follow_up.seed,
        "closings": len(follow_up.closings),
        "followed": follow_up.followed,
        "relapsed": follow_up.relapsed,
        "expected_by_chance": None if follow_up.expected is None else round(follow_up.expected, 2),
        "without_place": follow_up.without_place,
        "without_category": follow_up.without_category,
        "without_time": follow_up.without_time,
        "due": follow_up.due,
        "drawn": len(follow_up.worklist),
        "second_look": None if follow_up.second is None else vars(follow_up.second),
    }


def _handling_record(city: City, handling: CaseHandling) -> dict[str, object]:
    checks = handling.checks
    return {
        "received": checks.received,
        "cancelled": checks.cancelled,
        "checks_known": checks.judged,
        "unchecked": len(checks.unchecked) if checks.judged else None,
        "due_computed": handling.computed,
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


def _scan_record(scan: Scan, windows: str) -> dict[str, object]:
    return {
        "windows": windows,
        "max_cells": MAX_CELLS,
        "max_radius_m": MAX_RADIUS_M,
        "max_share": MAX_SHARE,
        "replicas": REPLICAS,
        "seed": SEED,
        "greatest_p": SCAN_P,
        "cells": scan.cells,
        "cases": scan.cases,
        "rate_variance": round(scan.extra, 4),
        "least_cases": PLACE_CASES,
        "least_ratio": CLEARLY,
        "clusters": len(scan.clusters),
    }


def _grid_record(grid_choices: GridChoices) -> dict[str, object]:
    rows = grid_choices.choices.astype(object).to_dict("records")
    known = [{name: None if pd.isna(each) else each for name, each in row.items()} for row in rows]
    return {"choices": known, "held_share": HELD_SHARE, "firm": grid_choices.firm}


def _priority_record(priority: Priority) -> dict[str, object]:
    return {
        "weights": dict(priority.weights),
        "greatest": dict(priority.greatest),
        "kinds": list(priority.kinds),
        "absent": dict(priority.absent),
    }
