"""The files of a proposal where to build next."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd

from analysis.coverage.figures import STRAIGHT
from analysis.coverage.gaps import gaps_of
from analysis.model.figures import RESIDENTS
from analysis.siting.maximal_cover import OPTIMAL
from analysis.siting.recipe import SitingPlan, plan_sites
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.provenance import RECORD, with_record
from exports.tables.coordinates import with_degrees
from layers.knowledge.dictionary import load_dictionary
from layers.toml_entry import unknown
from maps.documents import coverage_document, document_html

if TYPE_CHECKING:
    from analysis.model.question import Question, SitingRequest
    from analysis.model.standards import Rule, Standard
    from exports.recipes.facility_answers import FacilityAnswers
    from wording.speaker import Speaker

SITING_FILES = (
    "sites.csv", "sites.geojson", "curve.csv", "communities.csv", "alternatives.csv",
    "siting_map.html", RECORD,
)  # fmt: skip


def propose_sites(
    answers: FacilityAnswers, question: Question, kind: str, request: SitingRequest
) -> SitingPlan:
    """Choose sites for a kind by the first rule of the standard on people in reach of it."""
    standard = answers.standard(question)
    rule = siting_rule(standard, kind)
    return plan_sites(answers.preparation(), standard, rule, request, streets=answers.city.streets)


def siting_rule(standard: Standard, kind: str) -> Rule:
    """Find the rule by which sites of a kind are compared."""
    rules = {
        rule.kind: rule for rule in reversed(standard.rules) if rule.figure.covers == RESIDENTS
    }
    if kind not in rules:
        raise unknown(kind, rules, entry="--kind", what="kind", problem="kind_unknown")
    return rules[kind]


def siting_files(
    answers: FacilityAnswers,
    question: Question,
    plan: SitingPlan,
    request: SitingRequest,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files of a proposal."""
    city, standard, kind = answers.city, answers.standard(question), plan.rule.kind
    tables = load_dictionary().tables
    sites = with_degrees(plan.sites, city)
    frames = {
        "sites": sites,
        "curve": plan.curve,
        "effect": plan.communities,
        "alternatives": plan.alternatives,
    }
    files = {
        tables[name].files[0]: csv_bytes(frame, tables[name].columns)
        for name, frame in frames.items()
    }
    shapes = gpd.GeoDataFrame(
        sites, geometry=gpd.points_from_xy(sites["x"], sites["y"]), crs=city.crs
    )
    layer = with_rounding(shapes, tables["sites"].columns)
    files["sites.geojson"] = geojson_bytes(layer, identifiers=("community_id",))
    files["siting_map.html"] = _map(answers, plan, translate)
    return with_record(
        {name: files[name] for name in SITING_FILES if name in files},
        city,
        command="place",
        parameters={
            "standard": standard.id,
            "rule": plan.rule.id,
            "kind": kind,
            "measure": STRAIGHT,
            "service_radius_m": {kind: plan.rule.service_radius_m},
            "sites_asked": request.sites,
            "share_asked": request.share,
            "candidates": request.candidates,
            "apart_m": request.apart_m,
            "language": translate.language,
            **found(plan),
        },
        created=created or dt.datetime.now(dt.UTC),
        standard=standard,
    )


def sentences(plan: SitingPlan, translate: Speaker) -> list[str]:
    """Say what the plan does and what is proven of it."""
    if not len(plan.sites):
        return [translate("siting.none")]
    facts = {
        "people": translate.count(round(plan.answer.people)),
        "share": translate.share((plan.reached + plan.answer.people) / plan.people),
        "before": translate.share(plan.reached / plan.people),
    }
    said = [translate("siting.effect", count=len(plan.sites), **facts)]
    said.append(
        translate("siting.optimal")
        if plan.answer.status == OPTIMAL
        else translate("siting.within", gap=translate.share(plan.answer.gap))
    )
    if plan.least is not None:
        proven = plan.least == len(plan.sites)
        key = "siting.fewest" if proven else "siting.least"
        said.append(translate(key, count=plan.least))
    return said


def found(plan: SitingPlan) -> dict[str, object]:
    """Sum a plan up: objective, bound, gap and status."""
    return {
        "sites": len(plan.sites),
        "fewest_proven": plan.least,
        "possible_sites": plan.candidates,
        "people": plan.people,
        "people_reached_before": plan.reached,
        "people_gained": plan.answer.people,
        "people_bound": plan.answer.bound,
        "gap_share_of_new_people": plan.answer.gap,
        "status": plan.answer.status,
        "people_no_site_reaches": plan.people - plan.reached - plan.coverable,
    }


def _map(answers: FacilityAnswers, plan: SitingPlan, translate: Speaker) -> bytes:
    """Draw the city as it would be, the proposed sites among its facilities."""
    city = replace(answers.city, facilities=plan.city_after.facilities)
    radius = float(plan.rule.service_radius_m or 0.0)
    document = coverage_document(
        city,
        plan.after,
        {plan.rule.id: gaps_of(plan.city_after, plan.rule.kind, service_radius=radius)},
        rule=plan.rule.id,
        kinds=answers.kinds,
        translate=translate,
        areas=answers.areas(),
    )
    return document_html(document, city).encode()
