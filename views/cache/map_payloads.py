"""What the maps fetch: promised under a URL, made from cached answers at the first request."""

from __future__ import annotations

import gc
from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.access.supply_filter import ANY, SupplyFilter
from analysis.access.walking import walk_reach
from analysis.coverage.capacity import Capacity
from analysis.coverage.editions import EditionComparison
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.model.standards import one_rule
from exports.recipes.shelf import size_of
from layers.city import City
from maps.background import (
    districts_payload,
    ground_of,
    has_districts,
    names_of,
    names_payload,
)
from maps.capacity import capacity_lines, capacity_points
from maps.coverage import tip_lines
from maps.editions import change_lines, change_points
from maps.payloads import (
    MapPayloads,
    areas_payload,
    gaps_payload,
    points_payload,
    walk_payload,
)
from views.cache.city import city, here, knowledge, words, words_stamp
from views.cache.facilities import (
    assessment,
    gaps,
    outline,
    preparation,
    walking,
)
from views.cache.workers import WORKERS
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.model.standards import Kind, Rule, Standard
    from maps.store import GeoStore


_GREAT = (City, Capacity, EditionComparison, pd.DataFrame, np.ndarray)
"""What a promise may keep alive long after nobody else needs it."""


def _promise(store: GeoStore, key: tuple[object, ...], make: Callable[[], object]) -> str:
    """Promise what is made when the map asks for it, of the city that the page is about."""
    bound = [cell.cell_contents for cell in getattr(make, "__closure__", None) or ()]
    parts = [each for each in (*bound, *getattr(make, "args", ())) if isinstance(each, _GREAT)]
    return store.promise(key, here(make), parts=parts, size_of=size_of)


def areas_url(store: GeoStore) -> str:
    """Promise the communities to the map."""
    loaded = city()
    return _promise(store, ("areas", loaded.fingerprint), lambda: areas_payload(loaded.communities))


def ground_urls(store: GeoStore, translate: Speaker) -> dict[str, str]:
    """Promise to the map what helps to find one's way in the city."""
    loaded, language = city(), translate.language
    urls = {
        part: _promise(store, ("ground", loaded.fingerprint, part), make)
        for part, make in ground_of(loaded).items()
    }
    urls["names"] = _promise(
        store,
        ("ground", loaded.fingerprint, "names", language),
        lambda: names_payload(names_of(loaded, language)),
    )
    if has_districts(loaded):
        urls["districts"] = _promise(
            store,
            ("ground", loaded.fingerprint, "districts"),
            lambda: districts_payload(loaded),
        )
    return urls


def zone_url(store: GeoStore, zone: str) -> str:
    """Promise the outline of a zone to the map."""
    if not zone:
        return ""
    loaded = city()
    shape = outline(loaded, zone)
    return _promise(store, ("zone", loaded.fingerprint, zone), lambda: areas_payload(shape))


def capacity_payloads(
    store: GeoStore, found: Capacity, kind: Kind, translate: Speaker
) -> MapPayloads:
    """Promise to the map all that it draws of what a kind can serve."""
    loaded, first = city(), found.table.iloc[0]
    parts = ("measure", "service_radius_m", "method", "need_per_1000")
    mark = (loaded.fingerprint, kind, translate.language, words_stamp())
    return MapPayloads(
        text=_promise(
            store,
            ("capacity", *mark, *(str(first[name]) for name in parts)),
            lambda: capacity_lines(found.table, loaded.communities, kind, translate),
        ),
        points=_promise(
            store,
            ("capacity-points", *mark),
            lambda: capacity_points(loaded.facilities, kind, translate),
        ),
    )


def comparison_payloads(
    store: GeoStore, rule: Rule, result: EditionComparison, edition: str, translate: Speaker
) -> MapPayloads:
    """Promise to the map all that it draws of a comparison."""
    loaded = city()
    mark = (loaded.fingerprint, edition, translate.language, words_stamp())
    facilities = result.facilities[result.facilities["kind"] == rule.kind]
    return MapPayloads(
        text=_promise(
            store,
            ("change", rule, *mark),
            lambda: change_lines(result.change, loaded.communities, rule, translate),
        ),
        points=_promise(
            store,
            ("change-points", rule.kind, *mark),
            lambda: change_points(facilities, loaded, translate),
        ),
    )


def coverage_payloads(
    store: GeoStore,
    standard: Standard,
    translate: Speaker,
    *,
    measure: str = STRAIGHT,
    supply_filter: SupplyFilter = ANY,
) -> MapPayloads:
    """Promise to the map all that it draws of a standard with one rule."""
    loaded, (used,) = city(), standard.rules
    mark, within = loaded.fingerprint, used.service_radius_m
    kind = knowledge().kinds[used.kind]

    def lines() -> list[list[str]]:
        result = assessment(standard, chosen=(measure,), supply_filter=supply_filter)
        return tip_lines(result.coverage, loaded.communities, used, translate)

    return MapPayloads(
        text=_promise(
            store,
            ("text", mark, used, measure, supply_filter, translate.language, words_stamp()),
            lines,
        ),
        points=_promise(
            store,
            ("points", mark, kind, supply_filter),
            lambda: points_payload(
                loaded.facilities, kind, preparation(supply_filter).filter_result
            ),
        ),
        gaps="" if within is None else _around(store, kind.id, within, supply_filter, measure),
    )


def _around(
    store: GeoStore, kind: str, metres: float, supply_filter: SupplyFilter, measure: str
) -> str:
    """Promise the gaps beyond a radius; by walking distance, the streets within it too."""
    loaded, asked = city(), (kind, metres, supply_filter)
    question = (loaded.fingerprint, *asked)
    if measure == STRAIGHT:

        def outlines() -> bytes:
            return WORKERS.make(
                loaded, "gaps_on_map", *asked, here=lambda: gaps_payload(gaps(*asked))
            )

        return _promise(store, ("gaps", *question), outlines)
    return _promise(
        store, ("walk-reach", *question), lambda: _within_walk(kind, metres, supply_filter)
    )


def _within_walk(kind: str, metres: float, supply_filter: SupplyFilter) -> bytes:
    ready = walking(supply_filter)
    lines = np.empty(0, dtype=object)
    if ready.shortest_paths is not None:
        facilities = ready.supply[kind].facilities
        lines = walk_reach(ready.shortest_paths, facilities, service_radius=metres)
    return walk_payload(lines, gaps(kind, metres, supply_filter, NETWORK))


def warm_up(store: GeoStore) -> None:
    """
    Load and draw what every first visit needs, then freeze the garbage collector.

    Streamlit collects garbage after every run of the page. With a city's frames among
    the objects to look through, that alone limits the server to a few runs a second;
    frozen, they are left out (`docs/decisions/`).
    """
    words()
    loaded = city()
    preparation()
    standards = knowledge().standards
    standard = standards.get(loaded.standard, standards[min(standards)])
    assessment(standard)
    translate = Speaker(words(), loaded.language)
    for rule in standard.rules:
        if rule.kind in loaded.kinds:
            narrowed = one_rule(standard, rule.id)
            ((_, measure),) = assessment(narrowed).judged
            for url in astuple(coverage_payloads(store, narrowed, translate, measure=measure)):
                store.make(url)
    gc.collect()
    gc.freeze()
