"""The maps that leave the dashboard, one document each: as HTML here, as pictures in `exports`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from analysis.coverage.figures import STRAIGHT
from analysis.model.figures import RESIDENTS, share_of
from maps.background import stored
from maps.canvas import Canvas
from maps.coverage import CoverageView, coverage_map, tip_lines
from maps.editions import change_lines, change_points, compare_map
from maps.geometry import lonlat_bounds
from maps.handling import cases_map
from maps.hotspots import hotspot_map, meaning_lines, method_text, rate_lines
from maps.page import standalone_html
from maps.palette import DAY, theme_at
from maps.payloads import (
    MapPayloads,
    gaps_payload,
    points_payload,
    walk_payload,
)
from maps.store import GeoStore
from wording.layer_names import layer_name
from wording.missing_rows import missing_sentence
from wording.names import asked_text, unjudged_text
from wording.numbers import day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from analysis.access.supply_filter import FilterResult
    from analysis.coverage.assessment import Assessment
    from analysis.coverage.editions import EditionComparison
    from analysis.coverage.gaps import Gaps
    from analysis.hotspots.recipe import HotSpotResult
    from analysis.model.standards import Kind, Rule
    from layers.city import City
    from maps.background import Background
    from maps.spec import MapSpec
    from wording.speaker import Speaker


@dataclass(frozen=True, eq=False)
class MapDocument:
    """
    A map with what is written around it.

    Attributes
    ----------
    spec, store
        What it shows, and where its payloads are.
    title, summary, notes
        What it is of, what it says in a sentence, method and sources.
    """

    spec: MapSpec
    store: GeoStore
    title: str
    summary: str
    notes: Sequence[str]


def coverage_document(
    city: City,
    assessment: Assessment,
    gaps: Mapping[tuple[str, str], Gaps],
    *,
    rule: str,
    measure: str = STRAIGHT,
    kinds: Mapping[str, Kind],
    translate: Speaker,
    areas: bytes,
    ground: Background,
    walk_reach: gpd.GeoDataFrame | None = None,
    community: str = "",
) -> MapDocument:
    """Compose the coverage map of one rule, of the city or of one community."""
    chosen = next(each for each in assessment.standard.rules if each.id == rule)
    kind, store = kinds[chosen.kind], GeoStore()
    around = _around(gaps.get((rule, measure)), walk_reach, rule)
    view = _view(
        city, assessment, translate, rule=chosen, measure=measure, kind=kind, store=store,
        around=around,
    )  # fmt: skip
    canvas = Canvas(
        city, translate, store, areas=store.put(areas), community=community,
        ground=stored(ground, store),
    )  # fmt: skip
    return MapDocument(
        coverage_map(canvas, view),
        store,
        title=_title(city, translate, translate.of(kind.name)),
        summary=_coverage_summary(assessment, chosen, measure, translate),
        notes=_coverage_notes(city, assessment, view, translate),
    )


def _view(
    city: City,
    assessment: Assessment,
    translate: Speaker,
    *,
    rule: Rule,
    measure: str,
    kind: Kind,
    store: GeoStore,
    around: bytes | None,
) -> CoverageView:
    rows, filter_result = assessment.rows_of(rule.id, measure), assessment.filter_result
    return CoverageView(
        rows,
        rule,
        kind,
        payloads=MapPayloads(
            text=store.put(tip_lines(rows, city.communities, rule, translate)),
            points=store.put(points_payload(city.facilities, kind, filter_result)),
            gaps="" if around is None else store.put(around),
        ),
        figure=share_of(RESIDENTS) if rule.figure.needs_radius else rule.figure,
        filter_text=_filter_text(filter_result, kind, translate),
        theme=DAY if filter_result is None else theme_at(filter_result.supply_filter),
    )


def _filter_text(filter_result: FilterResult | None, kind: Kind, translate: Speaker) -> str:
    needs = None if filter_result is None else filter_result.by_kind.get(kind.id)
    return asked_text(translate, needs, kind) if needs else ""


def _coverage_summary(assessment: Assessment, rule: Rule, measure: str, translate: Speaker) -> str:
    table = assessment.summary[assessment.summary["measure"] == measure]
    whole = table[(table["level"] == "city") & (table["rule"] == rule.id)].iloc[0]
    return translate(
        "exported.coverage",
        meets=translate.count(whole["meets"]),
        n=translate.count(whole["communities"]),
        rule=translate.of(rule.title),
        unjudged=unjudged_text(translate, whole["cannot_judge"]),
    )


def _coverage_notes(
    city: City, assessment: Assessment, view: CoverageView, translate: Speaker
) -> list[str]:
    rule, standard, parts = view.rule, assessment.standard, view.filter_text
    streets = ("streets",) if view.walked else ()
    return [
        *(
            [translate("asked.map", kind=translate.of(view.kind.name), parts=parts)]
            if parts
            else []
        ),
        f"{translate.of(standard.title)}: {standard.document}",
        f"{translate.of(rule.clause)}; {translate(f'confidence.{rule.confidence}')}",
        *_sources(city, translate, ("communities", "residents", *streets, rule.kind)),
    ]


def _around(gaps: Gaps | None, walk_reach: gpd.GeoDataFrame | None, rule: str) -> bytes | None:
    """Write the gaps of a rule; by walking distance the streets within reach before them."""
    if gaps is None:
        return None
    if gaps.cell_m is None or walk_reach is None:
        return gaps_payload(gaps)
    shapes = walk_reach.geometry[walk_reach["rule"] == rule].to_numpy()
    return walk_payload(shapely.get_parts(shapes), gaps)


def hotspots_document(
    city: City,
    hotspot_result: HotSpotResult,
    *,
    translate: Speaker,
    areas: bytes,
    ground: Background,
    period: str = "",
) -> MapDocument:
    """Compose the hot-spot map."""
    store = GeoStore()
    canvas = Canvas(city, translate, store, areas=store.put(areas), ground=stored(ground, store))
    found = hotspot_result.hot_spots
    summary = translate(
        "exported.hotspots",
        hot=translate.count(len(hotspot_result.places)),
        cases=translate.count(found.cases),
    )
    notes = [
        *meaning_lines(hotspot_result, translate),
        method_text(found, translate),
        *rate_lines(found, translate),
        *_sources(city, translate, ("communities", "issues")),
    ]
    title = " · ".join(filter(None, (translate("page.hotspots"), period)))
    return MapDocument(
        hotspot_map(canvas, hotspot_result, density=None),
        store,
        title=_title(city, translate, title),
        summary=summary,
        notes=notes,
    )


def cases_document(
    city: City,
    cases: pd.DataFrame,
    *,
    translate: Speaker,
    areas: bytes,
    ground: Background,
    period: str = "",
) -> MapDocument:
    """Compose the map of cases by community, of reports without places."""
    store = GeoStore()
    canvas = Canvas(city, translate, store, areas=store.put(areas), ground=stored(ground, store))
    total = translate.count(int(cases["total"].sum()))
    title = " · ".join(filter(None, (translate("page.hotspots"), period)))
    return MapDocument(
        cases_map(canvas, cases),
        store,
        title=_title(city, translate, title),
        summary=translate("hotspots.named_alone", total=total),
        notes=_sources(city, translate, ("communities", "issues")),
    )


def difference_document(
    city: City,
    found: EditionComparison,
    *,
    rule: Rule,
    about: str,
    summary: str,
    translate: Speaker,
    areas: bytes,
    ground: Background,
) -> MapDocument:
    """Compose the map of what changes of facilities move by one rule; `about` names them."""
    store = GeoStore()
    canvas = Canvas(city, translate, store, areas=store.put(areas), ground=stored(ground, store))
    rows = found.change[found.change["rule"] == rule.id]
    facilities = found.facilities[found.facilities["kind"] == rule.kind]
    spec = compare_map(
        canvas,
        rows,
        rule,
        edition=about,
        payloads=MapPayloads(
            text=store.put(change_lines(rows, city.communities, rule, translate)),
            points=store.put(change_points(facilities, city, translate)),
        ),
        title=about,
    )
    layers = ("communities", "residents", rule.kind)
    document = shown_document(spec, store, city, translate, about=about, layers=layers)
    return replace(document, summary=summary)


def _sources(city: City, translate: Speaker, kinds: tuple[str, ...]) -> list[str]:
    missing = missing_sentence(translate, city)
    return ([missing] if missing else []) + [
        translate(
            "exported.source",
            layer=layer_name(report.kind, city.kinds, translate),
            source=report.source,
            date=report.publication_date,
            licence=report.licence,
        )
        for report in city.reports
        if report.kind in kinds and not report.edition
    ]


def _title(city: City, translate: Speaker, about: str) -> str:
    return f"{translate.of(city.name)} · {about} · {day(city.as_of)}"


def shown_document(
    spec: MapSpec,
    store: GeoStore,
    city: City,
    translate: Speaker,
    *,
    about: str,
    layers: tuple[str, ...],
) -> MapDocument:
    """Make a map that a page shows a document, with the sources of the layers it is made of."""
    notes = _sources(city, translate, layers)
    return MapDocument(spec, store, title=_title(city, translate, about), summary="", notes=notes)


def document_html(document: MapDocument, city: City) -> str:
    """Write a map as a file of its own."""
    return standalone_html(
        document.spec,
        store=document.store,
        bounds=lonlat_bounds(city.communities),
        title=document.title,
        summary=document.summary,
        notes=document.notes,
    )
