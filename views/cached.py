"""
The only caches. Keys are plain values; what they hold is read-only for everyone.

A city is known by its folder and a stamp of its files, so that a changed file is read
anew; everything else by the choice it answers. Cached frames are shared by all sessions:
nothing may change them.
"""

from __future__ import annotations

import gc
import hashlib
import time
from dataclasses import astuple, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numpy as np
import pandas as pd
import streamlit as st

from analysis.alerts import weekly_alerts
from analysis.assessment import (
    NETWORK,
    STRAIGHT,
    Assessment,
    Preparation,
    assess,
    prepare,
    with_filter,
    with_walks,
)
from analysis.capacity import Capacity, judge_capacity
from analysis.cases import Cases, count_cases, locate_cases, select_issues
from analysis.change import Change, find_change
from analysis.clusters import Clusters, find_clusters
from analysis.compare import Comparison, compare
from analysis.cube import Cube, case_cube
from analysis.emerging import Emerging, emerging_hot_spots
from analysis.errors import SampleError
from analysis.gaps import Gaps, gap_polygons
from analysis.grid import Grid, study_grid
from analysis.lookback import LookBack, LookBackRule
from analysis.lookback import look_back as look_back_recipe
from analysis.months import last_whole_month, month_name
from analysis.oversight import Oversight, oversee
from analysis.periods import compare_periods
from analysis.prediction import predict_next
from analysis.priority import (
    COMPONENTS,
    Evidence,
    Priority,
    gather_evidence,
    rank_communities,
)
from analysis.robustness import Robustness, judge_robustness
from analysis.silence import Silence, silent_communities
from analysis.standards import with_service_radius
from analysis.supply import ANY, Offer, SupplyFilter, ask, offer
from analysis.survey import Survey, survey_issues, survey_surface
from analysis.taxonomy import CATEGORY
from analysis.walking import walk_reach
from analysis.zones import communities_in, compare_zones
from layers.knowledge import load_kinds, load_standards
from layers.load import default_city_data, load_city
from layers.taxonomy import load_names, load_taxonomy
from layers.words import Words, load_words
from views.choice import Question
from views.maps.capacity import capacity_lines, capacity_points
from views.maps.compare import change_lines, change_points
from views.maps.coverage import (
    Contents,
    areas_content,
    gaps_content,
    points_content,
    reach_content,
    tip_lines,
)
from views.screen import Speaker
from views.settings import ROOT, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import geopandas as gpd

    from analysis.density import Surface
    from analysis.standards import Kind, Rule, Standard
    from layers.city import City
    from views.maps.store import GeoStore

WORDS = "words.toml"
Prepared = TypeVar("Prepared")


class Knowledge(NamedTuple):
    """Standards and kinds by identifier; names of categories by any of their names."""

    standards: dict[str, Standard]
    kinds: dict[str, Kind]
    categories: dict[str, dict[str, str]]


@lru_cache(maxsize=16)
def _stamp_at(_second: int, *patterns: tuple[Path, str]) -> str:
    return _stamp(file for folder, pattern in patterns for file in folder.glob(pattern))


def _stamp_now(*patterns: tuple[Path, str]) -> str:
    """Stamp of files by folder and pattern; a change is seen within a second."""
    return _stamp_at(int(time.monotonic()), *patterns)


def _stamp(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        if file.is_file():
            status = file.stat()
            digest.update(f"{file}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@st.cache_resource(show_spinner=False, max_entries=1)
def _words(stamp: str) -> Words:  # noqa: ARG001
    return load_words()


@st.cache_resource(show_spinner=False, max_entries=1)
def _knowledge(stamp: str) -> Knowledge:  # noqa: ARG001
    taxonomy = load_taxonomy()
    names = taxonomy.names[CATEGORY]
    categories = {name: dict(names[code]) for name, code in taxonomy.known.items()}
    known = load_standards(city=settings().city)
    return Knowledge(known, load_kinds(), categories | load_names())


def words() -> Words:
    """
    Give every sentence in every language.

    Returns
    -------
    words
        Shared by all sessions.
    """
    return _words(_stamp_now((ROOT / "data", WORDS)))


def knowledge() -> Knowledge:
    """
    Give what holds for every city, read anew when a file of it changes.

    Returns
    -------
    knowledge
        Standards, facility kinds and names of categories.
    """
    return _knowledge(_data_stamp())


def _data_stamp() -> str:
    folder = ROOT / "data"
    return _stamp_now(
        (folder, "*.toml"),
        (folder, "standards/*"),
        (folder, "taxonomy/*"),
        (settings().city, "standards/*"),
    )


@st.cache_resource(show_spinner=False, max_entries=1)
def _city(folder: str, stamp: str) -> City:  # noqa: ARG001
    return load_city(Path(folder))


def city() -> City:
    """
    Give the loaded city, read anew when one of its files changes.

    Returns
    -------
    city
        Shared by all sessions.

    Raises
    ------
    PlanningError
        If the city cannot be loaded.
    """
    folder = settings().city
    elsewhere = default_city_data() / folder.name
    known = (ROOT / "data" / "taxonomy", "*")
    return _city(str(folder), _stamp_now((folder, "**/*"), (elsewhere, "**/*"), known))


@st.cache_resource(show_spinner=False, max_entries=1)
def _preparation(fingerprint: str) -> Preparation:  # noqa: ARG001
    loaded = city()
    return prepare(
        loaded.communities,
        loaded.facilities,
        loaded.residents,
        kinds=loaded.kinds,
        land=loaded.land,
    )


@st.cache_resource(show_spinner=False, max_entries=16)
def _filtered(fingerprint: str, wanted: SupplyFilter) -> Preparation:
    loaded = city()
    asked = ask(loaded.facilities, loaded.kinds, wanted)
    ready = _preparation(fingerprint)
    return with_filter(ready, loaded.facilities, loaded.residents, asked)


def preparation(wanted: SupplyFilter = ANY) -> Preparation:
    """
    Give the city made ready for any radius.

    Parameters
    ----------
    wanted
        What is asked of the facilities.

    Returns
    -------
    preparation
        From `analysis.assessment.prepare`, and `with_filter` if anything is asked.
    """
    mark = city().fingerprint
    return _filtered(mark, wanted) if wanted else _preparation(mark)


@st.cache_resource(show_spinner=False, max_entries=16)
def _offer(fingerprint: str, kind: str) -> Offer:  # noqa: ARG001
    loaded = city()
    return offer(loaded.facilities, loaded.kinds[kind])


def offered(kind: str) -> Offer:
    """
    Tell what the city's data on a kind can be asked.

    Parameters
    ----------
    kind
        A kind the city has.

    Returns
    -------
    offer
        From `analysis.supply.offer`.
    """
    return _offer(city().fingerprint, kind)


@st.cache_resource(show_spinner=False, max_entries=4)
def _walks(fingerprint: str, wanted: SupplyFilter) -> Preparation:  # noqa: ARG001
    loaded = city()
    return with_walks(preparation(wanted), loaded.residents, loaded.streets)


def walks(wanted: SupplyFilter = ANY) -> Preparation:
    """
    Give the city with its ways along streets.

    Parameters
    ----------
    wanted
        What is asked of the facilities.

    Returns
    -------
    preparation
        From `analysis.assessment.with_walks`.
    """
    return _walks(city().fingerprint, wanted)


@st.cache_resource(show_spinner=False, max_entries=256)
def _assessment(
    fingerprint: str,
    key: str,  # noqa: ARG001
    measures: tuple[str, ...],
    wanted: SupplyFilter,
    _standard: Standard,
) -> Assessment:
    ready = _walks(fingerprint, wanted) if NETWORK in measures else preparation(wanted)
    return assess(ready, _standard, measures=measures)


def chosen_rules(standard: Standard, *, rule: str = "", radius: int = 0) -> Standard:
    """
    Narrow a standard to what a page asks for.

    Parameters
    ----------
    standard, rule, radius
        As in `assessment`.

    Returns
    -------
    standard
        The same where no rule is named.
    """
    if not rule:
        return standard
    chosen = tuple(each for each in standard.rules if each.id == rule)
    standard = replace(standard, rules=chosen)
    if radius and chosen[0].service_radius_m is not None:
        standard = with_service_radius(standard, {chosen[0].kind: float(radius)})
    return standard


def assessment(
    standard: Standard,
    *,
    rule: str = "",
    radius: int = 0,
    measures: tuple[str, ...] = (STRAIGHT,),
    wanted: SupplyFilter = ANY,
) -> Assessment:
    """
    Judge the city by a standard, or by one rule of it at another radius.

    Parameters
    ----------
    standard
        Which one.
    rule
        Only this rule, if not empty: a slider then waits for one rule and not for all.
    radius
        Service radius in metres for that rule's kind, or 0 for the standard's own.
    measures
        Of distance. The ways along streets are measured at the first question for them.
    wanted
        What is asked of the facilities.

    Returns
    -------
    assessment
        From `analysis.assessment.assess`.
    """
    standard = chosen_rules(standard, rule=rule, radius=radius)
    return _assessment(city().fingerprint, repr(standard), measures, wanted, standard)


@st.cache_resource(show_spinner=False, max_entries=32)
def _robustness(
    fingerprint: str,  # noqa: ARG001
    key: str,  # noqa: ARG001
    position_error: int,
    wanted: SupplyFilter,
    _standard: Standard,
) -> Robustness:
    return judge_robustness(
        preparation(wanted),
        city().residents,
        assessment(_standard, wanted=wanted),
        position_error=position_error,
    )


def robustness(
    standard: Standard,
    *,
    rule: str = "",
    radius: int = 0,
    position_error: int,
    wanted: SupplyFilter = ANY,
) -> Robustness:
    """
    Ask how far the verdicts of a standard, or of one rule of it, can be trusted.

    Parameters
    ----------
    standard, rule, radius
        As in `assessment`.
    position_error
        Metres by which places may be off.
    wanted
        What is asked of the facilities.

    Returns
    -------
    robustness
        From `analysis.robustness.judge_robustness`.
    """
    chosen = chosen_rules(standard, rule=rule, radius=radius)
    return _robustness(city().fingerprint, repr(chosen), position_error, wanted, chosen)


@st.cache_resource(show_spinner=False, max_entries=64)
def _zones(
    fingerprint: str,  # noqa: ARG001
    zone: str,
    key: str,  # noqa: ARG001
    wanted: SupplyFilter,
    _standard: Standard,
) -> pd.DataFrame:
    loaded = city()
    return compare_zones(preparation(wanted), loaded.residents, _zone(loaded, zone), _standard)


def _zone(loaded: City, zone: str) -> gpd.GeoDataFrame:
    if loaded.zones is None:
        msg = f"{loaded.id} has no zones."
        raise ValueError(msg)
    return loaded.zones.loc[[zone]]


def zones(
    zone: str,
    standard: Standard,
    *,
    rule: str = "",
    radius: int = 0,
    wanted: SupplyFilter = ANY,
) -> pd.DataFrame:
    """
    Compare one zone with the city.

    Parameters
    ----------
    zone
        Identifier; the city must have it.
    standard, rule, radius, wanted
        As in `assessment`.

    Returns
    -------
    zones
        From `analysis.zones.compare_zones`.
    """
    chosen = chosen_rules(standard, rule=rule, radius=radius)
    return _zones(city().fingerprint, zone, repr(chosen), wanted, chosen)


@st.cache_resource(show_spinner=False, max_entries=16)
def _zone_communities(fingerprint: str, zone: str) -> pd.Index:  # noqa: ARG001
    return communities_in(preparation().ground.dry, _zone(city(), zone))


def zone_communities(zone: str) -> pd.Index:
    """
    List the communities of a zone.

    Parameters
    ----------
    zone
        Identifier; the city must have it.

    Returns
    -------
    index
        From `analysis.zones.communities_in`.
    """
    return _zone_communities(city().fingerprint, zone)


def zone_url(store: GeoStore, zone: str) -> str:
    """
    Promise the outline of a zone to the map.

    Parameters
    ----------
    store
        Where the map asks.
    zone
        Identifier, or empty.

    Returns
    -------
    url
        Empty without a zone.
    """
    if not zone:
        return ""
    loaded = city()
    shape = _zone(loaded, zone)
    return store.promise(("zone", loaded.fingerprint, zone), lambda: areas_content(shape))


@st.cache_resource(show_spinner=False, max_entries=32)
def _gaps(fingerprint: str, kind: str, radius: float, wanted: SupplyFilter) -> Gaps:  # noqa: ARG001
    loaded, ready = city(), preparation(wanted)
    return gap_polygons(
        ready.ground.dry,
        ready.supply[kind].facilities,
        service_radius=radius,
        residents=loaded.residents,
        reach=ready.supply[kind].reach,
        distance=ready.supply[kind].distance,
    )


def gaps(kind: str, radius: float, wanted: SupplyFilter = ANY) -> Gaps:
    """
    Give the parts of communities beyond reach of a kind.

    Parameters
    ----------
    kind
        A kind the city has.
    radius
        Service radius in metres.
    wanted
        What is asked of the facilities.

    Returns
    -------
    gaps
        From `analysis.gaps.gap_polygons`.
    """
    return _gaps(city().fingerprint, kind, float(radius), wanted)


@st.cache_resource(show_spinner=False, max_entries=64)
def _capacity(
    fingerprint: str,  # noqa: ARG001
    key: str,  # noqa: ARG001
    radius: float,
    method: str,
    need: float,
    _kind: Kind,
) -> Capacity:
    return judge_capacity(
        preparation(),
        city().residents,
        _kind,
        service_radius=radius,
        method=method,
        need_per_1000=need or None,
    )


def capacity(kind: str, radius: float, method: str, need: float) -> Capacity:
    """
    Find whom a kind can serve.

    Parameters
    ----------
    kind, radius, method
        As in `analysis.capacity.judge_capacity`.
    need
        Capacity wanted for 1,000 people, or 0 for the city's mean.

    Returns
    -------
    capacity
        From `analysis.capacity.judge_capacity`.
    """
    chosen = knowledge().kinds[kind]
    return _capacity(city().fingerprint, repr(chosen), float(radius), method, need, chosen)


def capacity_contents(store: GeoStore, found: Capacity, kind: Kind, say: Speaker) -> Contents:
    """
    Promise to the map all that it draws of what a kind can serve.

    Parameters
    ----------
    store
        Where the map asks.
    found
        From `capacity`.
    kind
        Which kind.
    say
        Speaks the reader's language.

    Returns
    -------
    contents
        The same URLs for the same question.
    """
    loaded, first = city(), found.table.iloc[0]
    asked = ("service_radius_m", "method", "need_per_1000")
    mark = (loaded.fingerprint, kind, say.language, _stamp_now((ROOT / "data", WORDS)))
    return Contents(
        areas=areas_url(store),
        text=store.promise(
            ("capacity", *mark, *(str(first[name]) for name in asked)),
            lambda: capacity_lines(found.table, loaded.communities, kind, say),
        ),
        points=store.promise(
            ("capacity-points", *mark), lambda: capacity_points(loaded.facilities, kind, say)
        ),
    )


@st.cache_resource(show_spinner=False, max_entries=512)
def _prepared(fingerprint: str, stamp: str, key: str, _make: Callable[[], Any]) -> Any:  # noqa: ANN401, ARG001
    return _make()


def prepared(question: object, make: Callable[[], Prepared]) -> Prepared:
    """
    Give a piece of a page, made once for every session that asks the same.

    Parameters
    ----------
    question
        All that the piece depends on but the city and the files in `data/`: plain values,
        told apart by their `repr`.
    make
        Makes the piece. It must read nothing that the question leaves out.

    Returns
    -------
    piece
        Shared: nothing may change it.
    """
    return cast("Prepared", _prepared(city().fingerprint, _data_stamp(), repr(question), make))


class Compared(NamedTuple):
    """A comparison of two dates by one rule, with the radius that was used."""

    rule: Rule
    comparison: Comparison


@st.cache_resource(show_spinner=False, max_entries=64)
def _comparison(
    fingerprint: str,  # noqa: ARG001
    key: str,  # noqa: ARG001
    edition: str,
    _standard: Standard,
) -> Compared:
    loaded = city()
    then = loaded.earlier[edition]
    found = compare(preparation(), loaded.facilities, then, loaded.residents, _standard)
    return Compared(_standard.rules[0], found)


def comparison(standard: Standard, rule: str, radius: int, edition: str) -> Compared:
    """
    Compare today with an earlier edition, by one rule.

    Parameters
    ----------
    standard, rule, radius
        As in `assessment`.
    edition
        One of `City.earlier`.

    Returns
    -------
    compared
        From `analysis.compare.compare`.
    """
    narrowed = chosen_rules(standard, rule=rule, radius=radius)
    return _comparison(city().fingerprint, repr(narrowed), edition, narrowed)


def comparison_contents(store: GeoStore, found: Compared, edition: str, say: Speaker) -> Contents:
    """
    Promise to the map all that it draws of a comparison.

    Parameters
    ----------
    store
        Where the map asks.
    found, edition
        From `comparison`, and what it was made with.
    say
        Speaks the reader's language.

    Returns
    -------
    contents
        The same URLs for the same question.
    """
    loaded, (rule, result) = city(), found
    mark = (loaded.fingerprint, edition, say.language, _stamp_now((ROOT / "data", WORDS)))
    facilities = result.facilities[result.facilities["kind"] == rule.kind]
    return Contents(
        areas=areas_url(store),
        text=store.promise(
            ("change", rule, *mark),
            lambda: change_lines(result.change, loaded.communities, rule, say),
        ),
        points=store.promise(
            ("change-points", rule.kind, *mark), lambda: change_points(facilities, loaded, say)
        ),
    )


def areas_url(store: GeoStore) -> str:
    """
    Promise the communities to the map.

    Parameters
    ----------
    store
        Where the map asks.

    Returns
    -------
    url
        The same for the same city.
    """
    loaded = city()
    return store.promise(("areas", loaded.fingerprint), lambda: areas_content(loaded.communities))


def coverage_contents(
    store: GeoStore,
    standard: Standard,
    rule: str,
    radius: int,
    say: Speaker,
    *,
    measure: str = STRAIGHT,
    wanted: SupplyFilter = ANY,
) -> Contents:
    """
    Promise to the map all that it draws of one rule.

    Parameters
    ----------
    store
        Where the map asks.
    standard, rule, radius
        As in `assessment`; the rule is not empty.
    say
        Speaks the reader's language.
    measure
        Of distance. Gaps are drawn for the straight line, streets within reach for walking.
    wanted
        What is asked of the facilities.

    Returns
    -------
    contents
        The same URLs for the same question. What is behind them is made at the first
        request, so that the page waits for none of it.
    """
    loaded = city()
    used = chosen_rules(standard, rule=rule, radius=radius).rules[0]
    mark, within = loaded.fingerprint, used.service_radius_m
    kind = knowledge().kinds[used.kind]

    def lines() -> list[list[str]]:
        result = assessment(standard, rule=rule, radius=radius, measures=(measure,), wanted=wanted)
        return tip_lines(result.coverage, loaded.communities, used, say)

    def points() -> dict[str, object]:
        return points_content(loaded.facilities, kind, preparation(wanted).asked)

    def beyond(metres: float) -> str:
        return store.promise(
            ("gaps", mark, kind.id, metres, wanted),
            lambda: gaps_content(gaps(kind.id, metres, wanted)),
        )

    def within_walk(metres: float) -> bytes:
        ready = _walks(mark, wanted)
        if ready.walks is None:
            return reach_content(np.empty(0, dtype=object), loaded.crs)
        facilities = ready.supply[kind.id].facilities
        found = walk_reach(ready.walks, facilities, service_radius=metres)
        return reach_content(found, loaded.crs)

    def around(metres: float) -> str:
        if measure == STRAIGHT:
            return beyond(metres)
        return store.promise(
            ("walk-reach", mark, kind.id, metres, wanted), lambda: within_walk(metres)
        )

    return Contents(
        areas=areas_url(store),
        text=store.promise(
            ("text", mark, used, measure, wanted, say.language, _stamp_now((ROOT / "data", WORDS))),
            lines,
        ),
        points=store.promise(("points", mark, kind, wanted), points),
        gaps="" if within is None else around(within),
    )


@st.cache_resource(show_spinner=False, max_entries=1)
def _membership(fingerprint: str) -> pd.Series[str]:  # noqa: ARG001
    loaded = city()
    return locate_cases(_issues(loaded), loaded.communities)


def _issues(loaded: City) -> pd.DataFrame:
    if loaded.issues is None:
        msg = f"{loaded.id}: there is no layer of issues."
        raise SampleError(msg, problem="no_issues", city=loaded.id)
    return loaded.issues


@st.cache_resource(show_spinner=False, max_entries=1)
def _cases(fingerprint: str) -> Cases:  # noqa: ARG001
    loaded = city()
    return count_cases(_issues(loaded), as_of=loaded.as_of)


def cases() -> Cases:
    """
    Count the city's issues by what has become of them.

    Returns
    -------
    cases
        On the day `city().as_of`.

    Raises
    ------
    SampleError
        If the city has no layer of issues.
    """
    return _cases(city().fingerprint)


def _of_issues(question: Question) -> Question:
    """Give the question without what concerns cells alone."""
    return type(question)(*question[:3], cell=0)


def _period(question: Question) -> dict[str, Any]:
    return {
        "category": question.category or None,
        "since": pd.Timestamp(question.since) if question.since else None,
        "until": pd.Timestamp(question.until) if question.until else None,
    }


@st.cache_resource(show_spinner=False, max_entries=8)
def _grid(fingerprint: str, cell_size: float, shape: str) -> Grid:  # noqa: ARG001
    return study_grid(city().communities, cell_size=cell_size, shape=shape)


@st.cache_resource(show_spinner=False, max_entries=64)
def _survey(fingerprint: str, question: Question) -> Survey:
    loaded = city()
    return survey_issues(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        cell_size=float(question.cell) if question.cell else None,
        shape=question.grid,
        basis=question.basis,
        membership=_membership(fingerprint),
        residents=loaded.residents,
        homes=None if (demand := preparation().demand) is None else demand.membership,
        streets=loaded.streets,
        lay_grid=lambda _, *, cell_size, shape: _grid(fingerprint, cell_size, shape),
    )


def survey(question: Question) -> Survey:
    """
    Find where issues concentrate.

    Parameters
    ----------
    question
        Which issues, on which cells.

    Returns
    -------
    survey
        From `analysis.survey.survey_issues`.

    Raises
    ------
    PlanningError
        If there are no issues, or too few to judge.
    """
    return _survey(city().fingerprint, question)


@st.cache_resource(show_spinner=False, max_entries=16)
def _surface(fingerprint: str, question: Question) -> Surface:
    loaded = city()
    return survey_surface(
        _survey(fingerprint, question),
        loaded.communities,
        membership=_membership(fingerprint),
    )


def surface(question: Question) -> Surface:
    """
    Draw the density of issues.

    Parameters
    ----------
    question
        As in `survey`.

    Returns
    -------
    surface
        From `analysis.survey.survey_surface`.
    """
    return _surface(city().fingerprint, question)


@st.cache_resource(show_spinner=False, max_entries=16)
def _clusters(fingerprint: str, question: Question, within: int, crowd: int) -> Clusters:
    loaded = city()
    return find_clusters(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        distance=float(within),
        least=crowd,
        membership=_membership(fingerprint),
        streets=loaded.streets,
    )


def clusters(question: Question, within: int, crowd: int) -> Clusters:
    """
    Join cases that lie dense.

    Parameters
    ----------
    question
        Which issues; its cell is not used.
    within, crowd
        As in `views.choice.Choice`.

    Returns
    -------
    clusters
        From `analysis.clusters.find_clusters`.

    Raises
    ------
    PlanningError
        If there are no issues, or the period cannot be.
    """
    return _clusters(city().fingerprint, _of_issues(question), within, crowd)


@st.cache_resource(show_spinner=False, max_entries=32)
def _look_back(fingerprint: str, question: Question, rule: LookBackRule) -> LookBack:
    loaded = city()
    return look_back_recipe(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        results=loaded.second_looks,
        rule=rule,
        membership=_membership(fingerprint),
    )


def look_back(question: Question, near: int, days: int, margin: int) -> LookBack:
    """
    Find what came back after it was closed.

    Parameters
    ----------
    question
        Which issues; its cell is not used.
    near, days, margin
        As in `views.choice.Choice`.

    Returns
    -------
    look
        From `analysis.lookback.look_back`.

    Raises
    ------
    PlanningError
        If there are no issues, or the period cannot be.
    """
    rule = _rule(near, days, margin)
    return _look_back(city().fingerprint, _of_issues(question), rule)


def _rule(near: int, days: int, margin: int) -> LookBackRule:
    return LookBackRule(distance_m=float(near), days=days, margin_share=margin / 100)


@st.cache_resource(show_spinner=False, max_entries=16)
def _cube(fingerprint: str, question: Question) -> Cube:
    loaded = city()
    return case_cube(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        cell_size=float(question.cell) if question.cell else None,
        membership=_membership(fingerprint),
    )


@st.cache_resource(show_spinner=False, max_entries=16)
def _emerging(fingerprint: str, question: Question) -> Emerging:
    return emerging_hot_spots(
        _cube(fingerprint, question), city().communities, membership=_membership(fingerprint)
    )


def emerging(question: Question) -> Emerging:
    """
    Find how hot spots change.

    Parameters
    ----------
    question
        Which issues, on which cells; without a first day the usual number of months.

    Returns
    -------
    emerging
        From `analysis.emerging.emerging_hot_spots`.

    Raises
    ------
    PlanningError
        If there are no issues, or too few to judge.
    """
    return _emerging(city().fingerprint, question)


@st.cache_resource(show_spinner=False, max_entries=16)
def _prediction(fingerprint: str, question: Question) -> pd.DataFrame:
    return predict_next(_cube(fingerprint, question))


def prediction(question: Question) -> pd.DataFrame:
    """
    Judge the maps of each month by the cases of the next.

    Parameters
    ----------
    question
        As in `emerging`.

    Returns
    -------
    prediction
        From `analysis.prediction.predict_next`.

    Raises
    ------
    PlanningError
        As in `emerging`.
    """
    return _prediction(city().fingerprint, question)


@st.cache_resource(show_spinner=False, max_entries=32)
def _periods(fingerprint: str, question: Question, months: int, basis: str) -> pd.DataFrame:
    loaded, asked = city(), _period(question)
    return compare_periods(
        _issues(loaded),
        loaded.communities,
        membership=_membership(fingerprint),
        last_month=month_name(last_whole_month(loaded.as_of, asked["until"])),
        months=months,
        basis=basis,
        category=asked["category"],
    )


def periods(question: Question, months: int, basis: str) -> pd.DataFrame:
    """
    Compare the last months with earlier ones.

    Parameters
    ----------
    question
        Which issues; the last month is the last whole one up to its end.
    months, basis
        As in `analysis.periods.compare_periods`.

    Returns
    -------
    periods
        From there.

    Raises
    ------
    PlanningError
        If there are no issues, or nothing is known of the earlier months.
    """
    return _periods(city().fingerprint, question, months, basis)


@st.cache_resource(show_spinner=False, max_entries=16)
def _alerts(fingerprint: str, question: Question) -> pd.DataFrame:
    loaded, asked = city(), _period(question)
    return weekly_alerts(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        membership=_membership(fingerprint),
        category=asked["category"],
        until=asked["until"],
    )


def alerts(question: Question) -> pd.DataFrame:
    """
    Find the communities that left their expected range in the last weeks.

    Parameters
    ----------
    question
        Which issues; the last week is the last whole one up to its end.

    Returns
    -------
    alerts
        From `analysis.alerts.weekly_alerts`.

    Raises
    ------
    PlanningError
        If there are no issues, or less than a year of them.
    """
    return _alerts(city().fingerprint, question)


@st.cache_resource(show_spinner=False, max_entries=16)
def _silence(fingerprint: str, question: Question) -> Silence:
    loaded = city()
    return silent_communities(
        select_issues(_issues(loaded), **_period(question)),
        loaded.communities,
        membership=_membership(fingerprint),
        residents=loaded.residents,
        facilities=loaded.facilities,
    )


def silence(question: Question) -> Silence:
    """
    Find the communities with too few reports to be believed.

    Parameters
    ----------
    question
        Which issues; its cell is not used.

    Returns
    -------
    silence
        From `analysis.silence.silent_communities`.

    Raises
    ------
    PlanningError
        If there are no issues, or too few to judge.
    """
    return _silence(city().fingerprint, question._replace(cell=0))


def change(question: Question, months: int) -> Change:
    """
    Answer every question about change, for the files.

    Parameters
    ----------
    question, months
        As in `emerging` and `periods`.

    Returns
    -------
    change
        From `analysis.change.find_change`.
    """
    loaded = city()
    return find_change(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        **_period(question),
        cell_size=float(question.cell) if question.cell else None,
        months=months,
        residents=loaded.residents,
        facilities=loaded.facilities,
        membership=_membership(loaded.fingerprint),
    )


@st.cache_resource(show_spinner=False, max_entries=16)
def _evidence(
    fingerprint: str,
    key: str,  # noqa: ARG001
    question: Question,
    rule: LookBackRule,
    _standard: Standard,
) -> Evidence:
    loaded, hot, look, issues, membership = city(), None, None, None, None
    if loaded.issues is not None:
        membership = _membership(fingerprint)
        issues = select_issues(loaded.issues, **_period(question))
        look = _look_back(fingerprint, _of_issues(question), rule)
        try:
            hot = _survey(fingerprint, question).hot_spots
        except SampleError:
            hot = None
    return gather_evidence(
        loaded.communities,
        assessment(_standard),
        issues=issues,
        hot=hot,
        look=look,
        membership=membership,
        as_of=loaded.as_of,
    )


def priority(
    standard: Standard,
    question: Question,
    *,
    near: int,
    days: int,
    margin: int,
    weights: tuple[int, ...],
) -> Priority:
    """
    Rank communities by reach, hot spots, relapse and overdue cases together.

    Parameters
    ----------
    standard
        Whose reach counts.
    question
        Which issues, on which cells.
    near, days, margin
        As in `look_back`.
    weights
        In the order of `analysis.priority.COMPONENTS`.

    Returns
    -------
    priority
        From `analysis.priority.rank_communities`: cheap once the evidence is there.

    Raises
    ------
    PlanningError
        If the period or the weights cannot be.
    """
    loaded, rule = city(), _rule(near, days, margin)
    evidence = _evidence(loaded.fingerprint, repr(standard), question, rule, standard)
    chosen = dict(zip(COMPONENTS, map(float, weights), strict=True))
    return rank_communities(evidence, loaded.communities, weights=chosen)


@st.cache_resource(show_spinner=False, max_entries=16)
def _oversight(fingerprint: str, question: Question) -> Oversight:
    loaded = city()
    return oversee(
        _issues(loaded),
        loaded.communities,
        as_of=loaded.as_of,
        taxonomy=loaded.taxonomy,
        area_m2=preparation().area_m2,
        calendar=loaded.calendar,
        category=question.category or None,
        since=pd.Timestamp(question.since) if question.since else None,
        until=pd.Timestamp(question.until) if question.until else None,
        membership=_membership(fingerprint),
    )


def oversight(question: Question) -> Oversight:
    """
    See how cases are handled.

    Parameters
    ----------
    question
        Which issues; cells are not used.

    Returns
    -------
    oversight
        From `analysis.oversight.oversee`.

    Raises
    ------
    PlanningError
        If there are no issues, or the period cannot be.
    """
    plain = Question(question.category, question.since, question.until, 0)
    return _oversight(city().fingerprint, plain)


def warm_up(store: GeoStore) -> None:
    """
    Load and draw what every first visit needs, then freeze the garbage collector.

    Streamlit collects garbage after every run of the page. With a city's frames among
    the objects to look through, that alone limits the server to a few runs a second;
    frozen, they are left out (`docs/decisions/`).

    Parameters
    ----------
    store
        Where the maps will ask.
    """
    words()
    loaded = city()
    preparation()
    standard = knowledge().standards[loaded.standard]
    assessment(standard)
    say = Speaker(words(), loaded.language)
    for rule in standard.rules:
        if rule.kind in loaded.kinds:
            assessment(standard, rule=rule.id)
            for url in astuple(coverage_contents(store, standard, rule.id, 0, say)):
                store.make(url)
    gc.collect()
    gc.freeze()
