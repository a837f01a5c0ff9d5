"""The files of a proposal where to build next."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd

from analysis.coverage.figures import NETWORK
from analysis.coverage.gaps import gaps_of
from analysis.model.figures import RESIDENTS
from analysis.model.question import COMPLAINTS, COVER, PEOPLE
from analysis.siting.maximal_cover import OPTIMAL
from analysis.siting.recipe import SitingPlan, plan_sites
from analysis.siting.task import Ground
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.provenance import RECORD, with_record
from exports.recipes.coverage import supply_filter
from exports.tables.coordinates import with_degrees
from exports.tables.facilities import walk_reach_table
from layers.knowledge.dictionary import load_dictionary
from layers.toml_entry import unknown
from maps.documents import coverage_document, document_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from analysis.model.question import Question, SitingRequest
    from analysis.model.standards import Rule, Standard
    from exports.recipes.facility_answers import FacilityAnswers
    from wording.speaker import Speaker

SITING_FILES = (
    "sites.csv", "sites.geojson", "curve.csv", "communities.csv", "alternatives.csv",
    "siting_map.html", RECORD,
)  # fmt: skip


def propose_sites(
    answers: FacilityAnswers, question: Question, kinds: Sequence[str], request: SitingRequest
) -> SitingPlan:
    """Choose sites for kinds by the standard's first rules on people in reach of them."""
    standard, supply = answers.standard(question), supply_filter(question)
    measure = question.measures[-1]
    rules = [siting_rule(standard, kind) for kind in dict.fromkeys(kinds)]
    ground = Ground(measure, answers.city.streets, _reports(answers, request))
    prepared = answers.ready_for((measure,), supply)
    return plan_sites(prepared, standard, rules, request, ground=ground)


def _reports(answers: FacilityAnswers, request: SitingRequest) -> NDArray[np.float64] | None:
    """Give the places of the reports, where people are weighed by them."""
    issues = answers.city.issues
    if request.weight != COMPLAINTS or issues is None:
        return None
    places: NDArray[np.float64] = issues[["x", "y"]].dropna().to_numpy(float)
    return places


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
    city, standard = answers.city, answers.standard(question)
    rules = [part.rule for part in plan.task.parts]
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
            "rule": [rule.id for rule in rules],
            "kind": [rule.kind for rule in rules],
            "measure": plan.task.ground.measure,
            **supply_filter(question).record(),
            "service_radius_m": {rule.kind: rule.service_radius_m for rule in rules},
            "problem": request.problem,
            "weight": request.weight,
            "sites_asked": request.sites,
            "share_asked": request.share,
            "budget_asked": request.budget,
            "cost": dict(request.costs),
            "candidates": request.candidates,
            "apart_m": request.apart_m,
            "from_existing_m": request.from_existing_m,
            "language": translate.language,
            **found(plan, request),
        },
        created=created or dt.datetime.now(dt.UTC),
        standard=standard,
    )


def _counts_people(request: SitingRequest) -> bool:
    return request.problem == COVER and request.weight == PEOPLE


def sentences(plan: SitingPlan, request: SitingRequest, translate: Speaker) -> list[str]:
    """Say what the plan does and what is proven of it."""
    if not len(plan.sites):
        left = plan.people > plan.reached and not plan.coverable
        return [translate("siting.none_possible" if left else "siting.none")]
    facts = {
        "people": translate.count(round(plan.gained)),
        "share": translate.share((plan.reached + plan.gained) / plan.people),
        "before": translate.share(plan.reached / plan.people),
    }
    said = [translate("siting.effect", count=len(plan.sites), **facts)]
    limit = translate("siting.of_number" if request.budget is None else "siting.of_budget")
    key = "siting.optimal" if plan.answer.status == OPTIMAL else "siting.within"
    key += "" if _counts_people(request) else "_weighed"
    said.append(translate(key, limit=limit, gap=translate.share(plan.answer.gap)))
    if len(plan.task.parts) > 1:
        said.append(translate("siting.kinds"))
    if plan.least is not None:
        key = "siting.fewest" if plan.least == len(plan.sites) else "siting.least"
        said.append(translate(key, count=plan.least))
    return said


def found(plan: SitingPlan, request: SitingRequest) -> dict[str, object]:
    """Sum a plan up: objective, bound, gap and status."""
    return {
        "sites": len(plan.sites),
        "fewest_proven": plan.least,
        "possible_sites": plan.candidates,
        "people": plan.people,
        "people_reached_before": plan.reached,
        "people_gained": plan.gained,
        "objective": plan.answer.people,
        "bound": plan.answer.bound,
        "gap_share_of_new": plan.answer.gap,
        "gap_share_of_all": _of_all(plan) if _counts_people(request) else None,
        "status": plan.answer.status,
        "method": plan.answer.method,
        "cost": float(plan.sites["cost"].sum()),
        "people_no_site_reaches": plan.people - plan.reached - plan.coverable,
    }


def _of_all(plan: SitingPlan) -> float | None:
    """Give the gap as a share of all people that any plan reaches at most."""
    most = plan.reached + plan.answer.bound
    return (plan.answer.bound - plan.answer.people) / most if most else None


def _map(answers: FacilityAnswers, plan: SitingPlan, translate: Speaker) -> bytes:
    """Draw the city as it would be, the proposed sites among its facilities."""
    city = replace(answers.city, facilities=plan.city_after.facilities)
    radius, measure = float(plan.rule.service_radius_m or 0.0), plan.task.ground.measure
    walked = measure == NETWORK
    gaps = gaps_of(plan.city_after, plan.rule.kind, service_radius=radius) if not walked else None
    document = coverage_document(
        city,
        plan.after,
        {} if gaps is None else {plan.rule.id: gaps},
        rule=plan.rule.id,
        measure=measure,
        walk_reach=walk_reach_table(city, plan.city_after, plan.after) if walked else None,
        kinds=answers.kinds,
        translate=translate,
        areas=answers.areas(),
    )
    return document_html(document, city).encode()
