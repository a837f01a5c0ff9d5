"""The files of a proposal where to build next."""

from __future__ import annotations

import datetime as dt
import math
import time
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.coverage.figures import NETWORK, STRAIGHT, measures_of
from analysis.coverage.gaps import gaps_of
from analysis.model.errors import SampleError
from analysis.model.figures import RESIDENTS
from analysis.model.question import CAPACITY, CENTRE, COMPLAINTS, COVER, MEDIAN, PEOPLE, SITES
from analysis.siting.curve import merged
from analysis.siting.maximal_cover import HEURISTIC, OPTIMAL, PREVIEW, STOPPED
from analysis.siting.reasons import Troubles
from analysis.siting.recipe import SitingPlan, describe
from analysis.siting.solving import Siting, make_siting, solve_siting
from analysis.siting.task import Ground, Sharing
from charts.siting import siting_curve
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.formats.siting_workbook import siting_workbook
from exports.papers.decision import decision_paper
from exports.papers.model import Picture
from exports.papers.write import WRITERS
from exports.pictures.draw import INSET, document_svg
from exports.provenance import RECORD, with_record
from exports.recipes.coverage import supply_filter
from exports.recipes.hotspots import days_asked, with_usual_period
from exports.tables.coordinates import with_degrees
from exports.tables.facilities import walk_reach_table
from layers.knowledge.dictionary import load_dictionary
from layers.site_files import read_sites, read_zone
from layers.toml_entry import unknown
from maps.coverage import site_marks
from maps.documents import coverage_document, document_html
from wording.names import with_names, zone_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    from analysis.model.question import Question, SitingRequest
    from analysis.model.standards import Rule, Standard
    from analysis.siting.maximal_cover import Answer
    from analysis.siting.nearer import Nearer
    from analysis.siting.solving import Solution
    from analysis.siting.stalls import Served
    from analysis.siting.together import Together
    from exports.papers.model import Paper
    from exports.recipes.facility_answers import FacilityAnswers
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from maps.documents import MapDocument
    from wording.speaker import Speaker

SITING_FILES = (
    "sites.csv", "sites.geojson", "curve.csv", "communities.csv", "alternatives.csv",
    "siting.xlsx", "siting_map.html", RECORD,
)  # fmt: skip
DECISION_FILES = tuple(f"decision.{form}" for form in WRITERS)
"""The paper for a decision, in the formats that are asked for."""

PER_MILLE, TINY = 1000, 1e-6
"""Gaps are written in tenths of a per cent; what is above one by less is rounding."""


class Where(NamedTuple):
    """Files that say where new facilities may stand; `None` for no such file."""

    plots: Path | None = None
    within: Path | None = None
    outside: Path | None = None

    def record(self) -> dict[str, object]:
        """Name the files, with the hash of each."""
        return {
            name: {"file": path.name, "sha256": sha256(path.read_bytes()).hexdigest()}
            for name, path in self._asdict().items()
            if path is not None
        }


ANYWHERE = Where()


class AskedSiting(NamedTuple):
    """All that is asked where to build: plain values, which a process beside is told too."""

    question: Question
    kinds: tuple[str, ...]
    request: SitingRequest
    where: Where = ANYWHERE


def propose_sites(
    answers: IssueAnswers,
    question: Question,
    kinds: Sequence[str],
    request: SitingRequest,
    *,
    where: Where = ANYWHERE,
) -> SitingPlan:
    """Choose sites for kinds by the standard's first rules on people in reach of them."""
    siting = siting_of(answers, AskedSiting(question, tuple(kinds), request, where))
    started = time.monotonic()
    solution = solve_siting(siting)
    seconds = time.monotonic() - started
    return replace(describe(siting, solution, troubles(answers, question)), seconds=seconds)


def siting_of(answers: IssueAnswers, asked: AskedSiting) -> Siting:
    """Make what is asked ready to be solved; kept as the other answers are."""

    def make() -> Siting:
        question = asked.question
        standard, supply = answers.standard(question), supply_filter(question)
        rules = [siting_rule(standard, kind) for kind in dict.fromkeys(asked.kinds)]
        measure = siting_measure(answers, question, standard, rules)
        prepared = answers.walking(supply) if measure == NETWORK else answers.preparation(supply)
        ground = ground_of(answers, measure, asked.request, asked.where)
        if asked.request.problem == CAPACITY:
            ground = ground._replace(sharing=_sharing(answers, question, asked.kinds[0]))
        return make_siting(prepared, standard, rules, asked.request, ground)

    return answers.keep("siting", repr(asked), make)


def _sharing(answers: IssueAnswers, question: Question, kind: str) -> Sharing:
    """Share stalls out as the figures of capacity do."""
    return Sharing(answers.kinds[kind], question.catchment, dict(question.needs).get(kind))


def siting_measure(
    answers: IssueAnswers, question: Question, standard: Standard, rules: Sequence[Rule]
) -> str:
    """Compare sites as the rules are judged; by the straight line where they differ in that."""
    measures = answers.measures(standard, question.measures)
    used = {measures_of(rule, measures)[0] for rule in rules}
    return used.pop() if len(used) == 1 else STRAIGHT


def ground_of(answers: IssueAnswers, measure: str, request: SitingRequest, where: Where) -> Ground:
    """Gather what siting is about: streets, reports, and where facilities may stand."""
    city, reports = answers.city, None
    if request.weight == COMPLAINTS and city.issues is not None:
        reports = city.issues[["x", "y"]].dropna().to_numpy(float)
    water = city.land.water
    outside = [] if water is None else list(water.geometry)
    if where.outside is not None:
        outside.append(read_zone(where.outside, city, entry="--outside"))
    return Ground(
        measure,
        streets=city.streets,
        reports=reports,
        sites=_given(city, request, where),
        within=_within(city, request, where),
        outside=shapely.union_all(outside) if outside else None,
    )


def _given(city: City, request: SitingRequest, where: Where) -> gpd.GeoDataFrame | None:
    """Give the points of a file, or the places of a kind of facility, closed ones among them."""
    if where.plots is not None:
        return read_sites(where.plots, city, entry="--plots")
    kind = request.candidates
    if kind in SITES:
        return None
    if kind not in city.kinds:
        allowed = [*SITES, *city.kinds]
        raise unknown(kind, allowed, entry="--candidates", what="kind", problem="kind_unknown")
    places = city.facilities.loc[city.facilities["kind"] == kind, ["geometry"]]
    return places.assign(cost=np.nan)


def _within(city: City, request: SitingRequest, where: Where) -> shapely.Geometry | None:
    """Give what sites have to stand in: the polygons of a file, a zone of the city, or both."""
    drawn = None if where.within is None else read_zone(where.within, city, entry="--within")
    if not request.zone:
        return drawn
    zones = {} if city.zones is None else dict(city.zones.geometry)
    if request.zone not in zones:
        raise unknown(request.zone, zones, entry="--zone", what="zone", problem="zone_unknown")
    zone: shapely.Geometry = zones[request.zone]
    return zone if drawn is None else shapely.intersection(zone, drawn)


def zone_line(request: SitingRequest, city: City, translate: Speaker) -> list[str]:
    """Say in which zone of the city sites were looked for, where that was asked."""
    if not request.zone:
        return []
    zone = zone_name(city.zones, request.zone, translate.language)
    return [translate("siting.in_zone", zone=zone)]


def troubles(answers: IssueAnswers, question: Question) -> Troubles | None:
    """Find where reports of the period gather; `None` where there are too few to tell."""
    if answers.city.issues is None:
        return None
    question = with_usual_period(question, answers.city)
    try:
        places = answers.hot_spots(question).places
        follow_up = answers.follow_up(question)
    except SampleError:
        return None
    repeats = follow_up.repeats[["x", "y"]].to_numpy(float)
    return Troubles(
        places[["x", "y", "cases"]].to_numpy(float), repeats if follow_up.categories_known else None
    )


def siting_rule(standard: Standard, kind: str) -> Rule:
    """Find the rule by which sites of a kind are compared."""
    rules = {
        rule.kind: rule for rule in reversed(standard.rules) if rule.figure.covers == RESIDENTS
    }
    if kind not in rules:
        raise unknown(kind, rules, entry="--kind", what="kind", problem="kind_unknown")
    return rules[kind]


def _frames(plan: SitingPlan, city: City, translate: Speaker) -> dict[str, pd.DataFrame]:
    """Give the tables of a proposal, each with the measure of distance."""
    frames = {
        "sites": with_degrees(site_table(plan, city, translate), city),
        "curve": plan.curve,
        "effect": plan.communities,
        "alternatives": plan.alternatives,
    }
    return {name: frame.assign(measure=plan.task.ground.measure) for name, frame in frames.items()}


def _points(sites: pd.DataFrame, city: City) -> bytes:
    """Write the sites as a map layer."""
    places = gpd.points_from_xy(sites["x"], sites["y"])
    shapes = gpd.GeoDataFrame(sites, geometry=places, crs=city.crs)
    layer = with_rounding(shapes, load_dictionary().tables["sites"].columns)
    return geojson_bytes(layer, identifiers=("kind", "rank"))


def siting_files(
    answers: FacilityAnswers,
    question: Question,
    plan: SitingPlan,
    request: SitingRequest,
    translate: Speaker,
    *,
    where: Where = ANYWHERE,
    formats: Sequence[str] = (),
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files of a proposal, and the paper for a decision in some of `WRITERS`."""
    city, standard = answers.city, answers.standard(question)
    tables = load_dictionary().tables
    frames = _frames(plan, city, translate)
    files = {
        tables[each].files[0]: csv_bytes(rows, tables[each].columns)
        for each, rows in frames.items()
    }
    files["sites.geojson"] = _points(frames["sites"], city)
    document = _document(answers, plan, translate)
    files["siting_map.html"] = document_html(document, city).encode()
    parameters = _parameters(
        question, plan, request, where=where, standard=standard, translate=translate
    ) | _days_of_troubles(question, city)
    said = sentences(plan, request, translate)
    files["siting.xlsx"] = siting_workbook(
        city, standard, frames, said=said, parameters=parameters, translate=translate
    )
    paper = _paper(answers, plan, request, document, translate) if formats else None
    files |= {f"decision.{form}": WRITERS[form](paper) for form in formats if paper}
    return with_record(
        {name: files[name] for name in (*SITING_FILES, *DECISION_FILES) if name in files},
        city,
        command="place",
        parameters=parameters,
        created=created or dt.datetime.now(dt.UTC),
        standard=standard,
    )


def _days_of_troubles(question: Question, city: City) -> dict[str, str | None]:
    """Record of when the cases are whose hot places and repeat points are told of."""
    return {} if city.issues is None else days_asked(with_usual_period(question, city).selection)


def _parameters(
    question: Question,
    plan: SitingPlan,
    request: SitingRequest,
    *,
    where: Where,
    standard: Standard,
    translate: Speaker,
) -> dict[str, object]:
    """Record what was asked and what was found."""
    rules = [part.rule for part in plan.task.parts]
    return {
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
        "minimum_asked": request.minimum,
        "cost": dict(request.costs),
        "candidates": request.candidates,
        "zone": request.zone,
        **where.record(),
        "stalls_each": request.stalls,
        "catchment": question.catchment if plan.served else None,
        "apart_m": request.apart_m,
        "from_existing_m": request.from_existing_m,
        "language": translate.language,
        **found(plan, request),
    }


def site_table(plan: SitingPlan, city: City, translate: Speaker) -> pd.DataFrame:
    """Put the reason of each site into words, and names for identifiers of communities."""
    names = with_names(city.communities, city.communities, translate.language)["name"]
    sites, between = plan.sites.copy(), translate("asked.and")
    for column in ("communities_met", "gained_in"):
        sites[column] = [between.join(names[each] for each in row) for row in sites[column]]
    rows = sites.to_dict("records")
    return sites.assign(reason=[_reason(row, translate) for row in rows])


def _reason(row: Mapping[Hashable, Any], translate: Speaker) -> str:
    """Say what speaks for a site."""
    said = []
    if row["people_gained"] > 0:
        key = "siting.reason_gained"
        said.append(
            translate(key, people=_people(row["people_gained"], translate), where=row["gained_in"])
        )
    if row["people_served"] > 0:
        said.append(
            translate("siting.reason_served", people=_people(row["people_served"], translate))
        )
    if row["communities_met"]:
        said.append(translate("siting.reason_met", where=row["communities_met"]))
    for column in ("hot_places", "repeat_points"):
        if row[column] > 0:
            cases = translate.count(row["hot_cases"])
            said.append(translate(f"siting.reason_{column}", count=int(row[column]), cases=cases))
    if row["people_in_reach"] > 0:
        overlap = translate.share(row["people_overlap"] / row["people_in_reach"])
        key = "siting.reason_overlap" if row["people_overlap"] > 0 else "siting.reason_no_overlap"
        said.append(translate(key, share=overlap))
    said.append(translate("siting.reason_lost", people=_people(row["people_alone"], translate)))
    return translate("siting.reason_between").join(said)


def _people(value: float, translate: Speaker) -> str:
    return translate.count(round(value))


def _at_most(gap: float, translate: Speaker) -> str:
    """Write a gap that is not exceeded: to the next tenth of a per cent above."""
    return translate.share(math.ceil(gap * PER_MILLE - TINY) / PER_MILLE)


def _counts_people(request: SitingRequest) -> bool:
    return request.problem == COVER and request.weight == PEOPLE


def sentences(plan: SitingPlan, request: SitingRequest, translate: Speaker) -> list[str]:
    """Say what the plan does and what is proven of it, and whom the weight leaves out."""
    unknown = plan.of_unknown_group(request.weight)
    left_out = [translate("siting.group_unknown", people=_people(unknown, translate))]
    return [*_said_of(plan, request, translate), *(left_out if unknown else [])]


def _said_of(plan: SitingPlan, request: SitingRequest, translate: Speaker) -> list[str]:
    if not len(plan.sites):
        return [_why_none(plan, request, translate)]
    facts = {
        "people": translate.count(round(plan.gained)),
        "share": translate.share((plan.reached + plan.gained) / plan.people),
        "before": translate.share(plan.reached / plan.people),
    }
    said = [translate("siting.effect", count=len(plan.sites), **facts)]
    said += _proven(plan.answer, request, translate)
    if len(plan.task.parts) > 1:
        said.append(translate("siting.kinds"))
    if plan.nearer is not None:
        return [*said[:1], *_nearer(plan.nearer, request, translate)]
    if plan.served is not None:
        return [*said[:1], *_served(plan, plan.served, request, translate)]
    if plan.together is not None:
        return [*said[:1], *together_lines(plan.together, len(plan.sites), translate)]
    if plan.least is not None:
        key = "siting.fewest" if plan.least == len(plan.sites) else "siting.least"
        said.append(translate(key, count=plan.least))
    return said


def _why_none(plan: SitingPlan, request: SitingRequest, translate: Speaker) -> str:
    """Say why no site is proposed: none would help, none is needed, or none can be paid for."""
    if plan.served is not None:
        return translate("siting.none_served")
    if request.problem in {MEDIAN, CENTRE}:
        return translate("siting.none_nearer")
    if not plan.coverable:
        return translate("siting.none_possible" if plan.people > plan.reached else "siting.none")
    if request.minimum:
        return translate("siting.none_minimum")
    if request.share is not None:
        return translate("siting.none_share", share=translate.share(plan.reached / plan.people))
    helps = any((part.reach @ part.weight).any() for part in plan.task.parts)
    return translate("siting.none_paid" if helps else "siting.none_weighed")


def _proven(answer: Answer, request: SitingRequest, translate: Speaker) -> list[str]:
    """Say what is proven of a plan, or that nothing is yet."""
    if answer.status == PREVIEW:
        return [translate("siting.preview")]
    limit = translate("siting.of_number" if request.budget is None else "siting.of_budget")
    key = "siting.optimal" if answer.status == OPTIMAL else "siting.within"
    key += "" if _counts_people(request) else "_weighed"
    said = translate(key, limit=limit, gap=_at_most(answer.gap, translate))
    return [translate("siting.cut_short"), said] if answer.status == STOPPED else [said]


def so_far(best: Solution, request: SitingRequest, translate: Speaker) -> str:
    """Say how good the best plan met is while better ones are looked for."""
    if best.least is not None:
        count = len(best.answer.sites)
        return translate("siting.so_far_sites", count=count, least=translate.count(best.least))
    if best.moves is not None:
        after = _people(best.moves.after, translate)
        return translate("siting.so_far_moves", people=after, gap=translate.share(best.moves.gap))
    key = "siting.so_far" if _counts_people(request) else "siting.so_far_weighed"
    people = _people(best.answer.people, translate)
    return translate(key, people=people, gap=_at_most(best.answer.gap, translate))


def curve_table(ended: Sequence[Solution], plan: SitingPlan | None) -> tuple[pd.DataFrame, bool]:
    """
    Join what searches of one question, which differ in the number of sites, know of the curve.

    Gives `sites, people, people_bound, solved`, and whether the bounds are proven; as long as no
    search has ended, the greedy curve of the plan on the screen.
    """
    bands = [each.band for each in ended if each.band is not None]
    if not bands:
        rows = (
            pd.DataFrame(columns=["sites", "people", "people_bound"])
            if plan is None
            else (plan.curve)
        )
        return rows.assign(solved=False), False
    joined = merged(bands, [each.answer for each in ended])
    counts = np.arange(1, len(joined.people) + 1)
    table = pd.DataFrame({"sites": counts, "people": joined.people, "people_bound": joined.bound})
    return table.assign(solved=np.isin(counts, [len(each.answer.sites) for each in ended])), True


def _nearer(found: Nearer, request: SitingRequest, translate: Speaker) -> list[str]:
    """Say how far people are before and after, and what is proven."""
    facts = {"after": translate.metres(found.after), "bound": translate.metres(found.bound)}
    asked = request.problem
    said = [translate(f"siting.{asked}", **facts)]
    if np.isfinite(found.before):
        said = [translate(f"siting.from_{asked}", before=translate.metres(found.before), **facts)]
    if found.unknown:
        said.append(translate("siting.nearer_unknown", count=_people(found.unknown, translate)))
    optimal = found.answer.status == OPTIMAL
    proven = "siting.optimal_nearer" if optimal else "siting.within_nearer"
    return [*said, translate(proven, gap=_at_most(found.gap, translate), **facts)]


def _served(
    plan: SitingPlan, found: Served, request: SitingRequest, translate: Speaker
) -> list[str]:
    """Say how many people are served before and after, by which need, and what is proven."""
    sharing, answer = plan.task.ground.sharing, plan.answer
    unit = "" if sharing is None else translate.of(sharing.kind.capacity_unit)
    said = translate(
        "siting.served",
        stalls=translate.number(request.stalls or 0.0),
        unit=unit,
        need=translate.number(found.need_per_1000, most=2),
        before=_people(found.before, translate),
        after=_people(found.after, translate),
    )
    key = answer.status if answer.status in {OPTIMAL, HEURISTIC} else "within"
    bound, gap = _people(answer.bound, translate), _at_most(answer.gap, translate)
    return [said, translate(f"siting.{key}_served", bound=bound, gap=gap)]


def together_lines(found: Together, count: int, translate: Speaker) -> list[str]:
    """Say how many communities meet the minimum, and how many sites planning together spares."""
    said = [translate("siting.minimum_met", count=found.failing - found.unmet)]
    if found.unmet:
        said.append(translate("siting.minimum_unmet", count=found.unmet))
    facts = {"alone": translate.count(found.alone), "spared": translate.count(found.alone - count)}
    said.append(translate("siting.together", **facts))
    key = "siting.fewest" if found.least == count else "siting.least"
    return [*said, translate(key, count=found.least)]


def found(plan: SitingPlan, request: SitingRequest) -> dict[str, object]:
    """Sum a plan up: objective, bound, gap and status."""
    return {
        "sites": len(plan.sites),
        "fewest_proven": plan.least,
        "sites_each_community_alone": None if plan.together is None else plan.together.alone,
        "possible_sites": plan.candidates,
        "people": plan.people,
        "people_reached_before": plan.reached,
        "people_gained": plan.gained,
        **_objective(plan),
        "gap_share_of_all": _of_all(plan)
        if _counts_people(request) and not plan.together
        else None,
        "status": plan.answer.status,
        "method": plan.answer.method,
        "seconds": None if plan.seconds is None else round(plan.seconds, 3),
        "cost": float(plan.sites["cost"].sum()),
        "people_of_unknown_group": plan.of_unknown_group(request.weight),
        "people_no_site_reaches": plan.people - plan.reached - plan.coverable,
    }


def _objective(plan: SitingPlan) -> dict[str, object]:
    """Give objective, bound and gap in the unit of what was asked."""
    ways, count = plan.nearer, len(plan.sites)
    if ways is not None:
        metres = {
            name: float(value) if np.isfinite(value) else None
            for name, value in zip(
                ("metres_before", "objective", "bound"),
                (ways.before, ways.after, ways.bound),
                strict=True,
            )
        }
        return {**metres, "gap_share_of_new": ways.gap}
    if plan.served is not None:
        met = {"people_served_before": plan.served.before, "people_served": plan.served.after}
        need = {"need_per_1000": plan.served.need_per_1000}
        answer = plan.answer
        shares = {"objective": answer.people, "bound": answer.bound, "gap_share_of_new": answer.gap}
        return {**met, **need, **shares}
    if plan.together is not None:
        gap = (count - plan.together.least) / plan.together.least if count else 0.0
        return {"objective": count, "bound": plan.together.least, "gap_share_of_new": gap}
    answer = plan.answer
    return {"objective": answer.people, "bound": answer.bound, "gap_share_of_new": answer.gap}


def _of_all(plan: SitingPlan) -> float | None:
    """Give the gap as a share of all people that any plan reaches at most."""
    most = plan.reached + plan.answer.bound
    return (plan.answer.bound - plan.answer.people) / most if most else None


def siting_paper(
    answers: FacilityAnswers, plan: SitingPlan, request: SitingRequest, translate: Speaker
) -> Paper:
    """Compose the paper for a decision on a proposal."""
    return _paper(answers, plan, request, _document(answers, plan, translate), translate)


def _paper(
    answers: FacilityAnswers,
    plan: SitingPlan,
    request: SitingRequest,
    document: MapDocument,
    translate: Speaker,
) -> Paper:
    curve = plan.curve.assign(solved=plan.curve["sites"] == len(plan.sites))
    drawn = siting_curve(curve, translate, chosen=len(plan.sites), proven=True)
    svg = document_svg(document, sheet=INSET, translate=translate)
    shows = document.spec.legend.title if document.spec.legend else document.title
    return decision_paper(
        answers.city,
        plan,
        site_table(plan, answers.city, translate),
        sentences(plan, request, translate),
        Picture(svg, caption=shows, alt=translate("paper.map_of", shows=shows)),
        drawn if len(curve) else None,
        [*zone_line(request, answers.city, translate), *method_lines(plan, translate)],
        translate,
    )


def method_line(stalls: bool, translate: Speaker) -> str:  # noqa: FBT001  what is asked about
    """Say what is left out."""
    return translate("siting.method_stalls" if stalls else "siting.method")


def method_lines(plan: SitingPlan, translate: Speaker) -> list[str]:
    """Say how sites were found, and what is left out."""
    walked = plan.task.ground.measure == NETWORK
    lines = [
        translate("coverage.walking" if walked else "coverage.straight"),
        translate("siting.among", count=translate.count(plan.candidates)),
        method_line(plan.task.ground.sharing is not None, translate),
        translate(f"siting.how_{plan.answer.method}"),
    ]
    if plan.seconds is not None:
        lines.append(translate("siting.done", seconds=translate.count(round(plan.seconds))))
    return lines


def _document(answers: FacilityAnswers, plan: SitingPlan, translate: Speaker) -> MapDocument:
    """Draw the city as it would be, the proposed sites among its facilities and numbered."""
    city = replace(answers.city, facilities=_named(answers.city, plan, translate))
    radius, measure = float(plan.rule.service_radius_m or 0.0), plan.task.ground.measure
    walked = measure == NETWORK
    gaps = gaps_of(plan.city_after, plan.rule.kind, service_radius=radius, measure=measure)
    document = coverage_document(
        city,
        plan.after,
        {(plan.rule.id, measure): gaps},
        rule=plan.rule.id,
        measure=measure,
        walk_reach=walk_reach_table(city, plan.city_after, plan.after) if walked else None,
        kinds=answers.kinds,
        translate=translate,
        areas=answers.areas(),
        ground=answers.ground(translate.language),
    )
    table = site_table(plan, answers.city, translate)
    marks = site_marks(table, answers.city, translate)
    return replace(document, spec=replace(document.spec, marks=marks))


def _named(city: City, plan: SitingPlan, translate: Speaker) -> gpd.GeoDataFrame:
    """Call each new facility by its rank, with the reason, as a click on the map shows it."""
    facilities = plan.city_after.facilities.copy()
    new = facilities.index.difference(city.facilities.index, sort=False)
    table = site_table(plan, city, translate)
    # New facilities stand kind by kind, each in the order of its sites.
    kinds = list(dict.fromkeys(facilities.loc[new, "kind"]))
    table = table.sort_values("kind", key=lambda kind: kind.map(kinds.index), kind="stable")
    names = [
        translate("siting.name", rank=rank, reason=reason)
        for rank, reason in zip(table["rank"], table["reason"], strict=True)
    ]
    for column in facilities.columns.intersection(["name", f"name_{translate.language}"]):
        facilities.loc[new, column] = names
    return facilities
