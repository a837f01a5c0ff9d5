"""The command line: the recipes of the dashboard without a screen."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # a short run frees all at its end; looking for cycles cost a fifth of it

import datetime as dt
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from analysis.access.opening_hours import read_moment
from analysis.access.prepared_city import PreparedCity, prepare, with_filter, with_shortest_paths
from analysis.access.supply_filter import SupplyFilter, apply_filter
from analysis.access.walking import prepare_walking_network
from analysis.coverage.additions import with_additions
from analysis.coverage.assessment import Assessment, assess
from analysis.coverage.capacity import capacity_table
from analysis.coverage.catchment import CHOICE, EQUAL, GAUSSIAN, STEPS
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.gaps import Gaps, gaps_of
from analysis.coverage.robustness import POSITION_ERROR_M, judge_robustness
from analysis.coverage.zones import compare_zones
from analysis.issues.location import locate_cases
from analysis.issues.selection import select_issues
from analysis.model.errors import PlanningError, SampleError, SettingsError
from analysis.model.standards import Standard, with_service_radius
from exports.bundle import (
    CHECK_FILES,
    COMPARE_FILES,
    COVERAGE_FILES,
    HOTSPOT_FILES,
    change_tables,
    check_files,
    coverage_files,
    hotspot_files,
)
from exports.formats.folder import check_folder, write_folder
from exports.formats.terminal import plain_table, printable
from exports.tables.data import layer_table, note_table
from exports.tables.facilities import closure_table, gaps_by_rule, walk_reach_table
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.standards import load_kinds, load_standards
from layers.load import load_city
from layers.toml_entry import unknown
from maps.documents import coverage_html, hotspots_html
from wording.catalogue import load_words
from wording.speaker import Speaker

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from analysis.access.prepared_city import PreparedCity
    from layers.city import City

USAGE_EXIT = 2
SHOWN = {
    "layers": ("layer", "rows_in", "not_selected", "loaded", "repaired", "quarantined"),
    "notes": ("layer", "outcome", "count", "message"),
    "summary": ("rule", "measure", "population_covered_share", "population_covered_share_most",
                "area_covered_share", "residential_covered_share", "communities", "meets", "fails",
                "cannot_judge", "verdict"),
    "places": ("rank", "community", "parent", "cases", "open", "overdue", "top_category"),
}  # fmt: skip
"""Columns shown in the terminal where anything stands in them; the files have them all."""
PLACES_SHOWN = 10
FORMS = {
    "--service-radius": ("KIND=METRES", "toilet=500"),
    "--need": ("KIND=NUMBER", "toilet=2"),
    "--weight": ("PART=NUMBER", "reach=2"),
}
"""Form and example of options that name numbers."""


class Language(StrEnum):
    """Languages of sentences, headings and maps."""

    zh = "zh"
    en = "en"


class Measure(StrEnum):
    """How distance is measured."""

    straight = STRAIGHT
    network = NETWORK
    both = "both"


class CellShape(StrEnum):
    """Shapes of cells."""

    squares = "square"
    hexagons = "hexagon"


class Basis(StrEnum):
    """What hot spots are tested on."""

    counts = "count"
    rates = "rate"


class Catchment(StrEnum):
    """How capacity is shared out."""

    equal = EQUAL
    steps = STEPS
    gaussian = GAUSSIAN
    choice = CHOICE


class Command(TyperCommand):
    """A command whose user may make a mistake: one message, exit code 2."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PlanningError as error:
            language = ctx.params.get("language")
            typer.echo(_sentence(error, language), err=True)
            raise typer.Exit(USAGE_EXIT) from error


app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Coverage of facilities and hot spots of issues, from a city's folder to a result's.",
)


def _folder(text: str) -> Path:
    """Read the name of a folder; no name at all would be the folder one stands in."""
    if not text.strip():
        msg = "name a folder; for the one you are in write a dot."
        raise typer.BadParameter(msg)
    return Path(text)


CityFolder = Annotated[Path, typer.Argument(metavar="CITY", help="Folder with a city.toml.")]
Out = Annotated[
    Path, typer.Option(parser=_folder, metavar="DIR", help="Folder for the result; it is made.")
]
LanguageOption = Annotated[
    Language | None, typer.Option(help="Default: the city's own for results, English for errors.")
]
Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")]


@app.command(cls=Command)
def check(
    city: CityFolder,
    out: Annotated[
        Path | None, typer.Option(parser=_folder, metavar="DIR", help="Also write the tables.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Read a city and tell what became of every row."""
    if out is not None:
        check_folder(out, CHECK_FILES, command="check")
    loaded = load_city(city)
    translate = _speaker(loaded, language)
    notes = note_table(loaded, words=translate.words, language=translate.language)
    _show("layers", layer_table(loaded, language=translate.language), translate)
    if len(notes):
        typer.echo()
        _show("notes", notes, translate)
    if out is not None:
        _write(check_files(loaded, language=translate.language), out, command="check")


@app.command("prepare", cls=Command)
def prepare_register(city: CityFolder, out: Out, language: LanguageOption = None) -> None:
    """Write the issues as columns, checked once: for registers of millions of rows."""
    from exports.checked_register import PREPARED_FILES, prepared_files  # noqa: PLC0415  seldom wanted

    check_folder(out, PREPARED_FILES, command="prepare")
    loaded = load_city(city)
    files = prepared_files(loaded, created=dt.datetime.now(dt.UTC))
    _write(files, out, command="prepare")
    layers = layer_table(loaded, language=_speaker(loaded, language).language)
    _show("layers", layers[layers["kind"] == "issues"], _speaker(loaded, language))


@app.command(cls=Command)
def coverage(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    standard: Annotated[str, typer.Option(metavar="ID", help="Default: the city's own.")] = "",
    service_radius: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=METRES", help="Replaces the standard's; may be repeated."),
    ] = None,
    measure: Annotated[
        Measure, typer.Option(help="In a straight line, along streets (network), or both.")
    ] = Measure.straight,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION", help="Count only facilities such as accessible; may be repeated."
        ),
    ] = None,
    least_class: Annotated[
        str, typer.Option(metavar="CLASS", help="Count only facilities of this class or better.")
    ] = "",
    at: Annotated[
        str, typer.Option(metavar="'DAY HH:MM'", help='Count only those open then: "Wed 21:00".')
    ] = "",
    position_error: Annotated[
        float, typer.Option(metavar="METRES", help="Places may be off by so much.")
    ] = POSITION_ERROR_M,
    catchment: Annotated[
        Catchment, typer.Option(help="How capacity is shared out among people.")
    ] = Catchment.equal,
    need: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=NUMBER",
            help="Capacity wanted for 1,000 people, default: the city's mean; may be repeated.",
        ),
    ] = None,
    compare: Annotated[
        str,
        typer.Option(
            metavar="OTHER",
            help="Also compare with an earlier edition (its date) or another delivery (a folder).",
        ),
    ] = "",
    language: LanguageOption = None,
) -> None:
    """Judge every community against every rule of a standard."""
    check_folder(out, (*COVERAGE_FILES, *COMPARE_FILES), command="coverage")
    radii = _numbers(service_radius or [], option="--service-radius")
    needs = _needs(need or [])
    moment = read_moment(at) if at else None
    asked = SupplyFilter(tuple(dict.fromkeys(only or [])), least_class, moment)
    loaded = load_city(city)
    chosen = with_service_radius(_standard(standard, loaded), radii)
    translate = _speaker(loaded, language)
    ready = _prepare(loaded)
    narrowed = _narrowed(loaded, ready, asked)
    walked = measure is not Measure.straight
    if walked:
        ways = prepare_walking_network(ready.communities, ready.demand, loaded.streets)
        narrowed = with_shortest_paths(narrowed, ways)
    assessment, gaps = _assess(loaded, narrowed, chosen, measure)
    assessment = with_additions(narrowed, assessment)
    capacity = capacity_table(ready, chosen, load_kinds(), method=catchment.value, needs=needs)
    robustness = judge_robustness(narrowed, assessment, position_error=position_error)
    walk_reach = walk_reach_table(loaded, narrowed, assessment) if walked else None
    files = coverage_files(
        loaded,
        assessment,
        gaps,
        extra_tables={
            "capacity": capacity,
            "robustness": robustness.communities,
            "closures": closure_table(robustness.closures, loaded),
            "zones": compare_zones(narrowed, loaded.zones, chosen),
            **_change(loaded, ready, chosen, compare),
        },
        language=translate.language,
        map_html=_coverage_map(loaded, assessment, gaps, walk_reach, translate),
        walk_reach=walk_reach,
        parameters={
            "standard": chosen.id, "service_radius_m": radii, "measure": measure.value,
            **asked.record(), "catchment": catchment.value, "need_per_1000": needs,
            "compare": compare,
            "position_error_m": position_error, "language": translate.language,
        },
    )  # fmt: skip
    _write(files, out, command="coverage")
    summary = assessment.summary
    _show("summary", summary[summary["level"] == "city"], translate)


@app.command(cls=Command)
def hotspots(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    category: Annotated[str | None, typer.Option(help="As in the data; default: all.")] = None,
    since: Day = None,
    until: Day = None,
    cell: Annotated[
        float | None, typer.Option(metavar="METRES", help="Side of a cell; default: proposed.")
    ] = None,
    grid: Annotated[CellShape, typer.Option(help="Shape of the cells.")] = CellShape.squares,
    basis: Annotated[Basis, typer.Option(help="Test counts, or cases per head.")] = Basis.counts,
    near: Annotated[
        float, typer.Option(metavar="METRES", help="Same place, for what comes back.")
    ] = 50.0,
    days: Annotated[int, typer.Option(help="Follow-up after a closing.")] = 30,
    months: Annotated[int, typer.Option(min=1, max=12, help="Length of the periods compared.")] = 3,
    cluster_distance: Annotated[
        float, typer.Option(metavar="METRES", help="Density clusters: so near,")
    ] = 50.0,
    cluster_cases: Annotated[int, typer.Option(help="and so many cases within it.")] = 10,
    standard: Annotated[
        str, typer.Option(metavar="ID", help="Whose reach counts; default: the city's own.")
    ] = "",
    weight: Annotated[
        list[str] | None,
        typer.Option(metavar="PART=NUMBER", help="In the joint priority; may be repeated."),
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Find where issues concentrate beyond chance."""
    check_folder(out, HOTSPOT_FILES, command="hotspots")
    from analysis.handling.followup import FollowUpRule, follow_up_issues  # noqa: PLC0415  these
    from analysis.handling.recipe import assess_handling  # noqa: PLC0415  the same
    from analysis.hotspots.clusters import find_clusters  # noqa: PLC0415  of
    from analysis.hotspots.recipe import find_hot_spots  # noqa: PLC0415  scipy.stats: 0.4 s
    from analysis.priority import gather_evidence, rank_communities  # noqa: PLC0415  bring
    from analysis.trends.recipe import find_trends  # noqa: PLC0415  all

    weights = _weights(weight or [])
    loaded = load_city(city)
    translate = _speaker(loaded, language)
    if loaded.issues is None:
        msg = f"{loaded.id}: there is no layer of issues."
        raise SampleError(msg, problem="no_issues", city=loaded.id)
    chosen = _standard(standard, loaded)
    membership = locate_cases(loaded.issues, loaded.communities)
    which: dict[str, Any] = {
        "issues": loaded.issues, "communities": loaded.communities, "membership": membership,
        "as_of": loaded.as_of, "category": category, "since": since, "until": until,
    }  # fmt: skip
    hotspot_result = find_hot_spots(
        **which,
        cell_size=cell,
        shape=grid.value,
        basis=basis.value,
        residents=loaded.residents,
        streets=loaded.streets,
    )
    rule = FollowUpRule(distance_m=near, days=days)
    follow_up = follow_up_issues(**which, results=loaded.rechecks, rule=rule)
    ready = _prepare(loaded)
    case_handling = assess_handling(
        **which, taxonomy=loaded.taxonomy, calendar=loaded.calendar, area_m2=ready.area_m2
    )
    evidence = gather_evidence(
        loaded.communities,
        assess(ready, chosen),
        issues=select_issues(loaded.issues, category=category, since=since, until=until),
        hot=hotspot_result.hot_spots,
        follow_up=follow_up,
        membership=membership,
        as_of=loaded.as_of,
    )
    trends = find_trends(
        **which,
        cell_size=cell,
        months=months,
        residents=loaded.residents,
        facilities=loaded.facilities,
    )
    clusters = find_clusters(
        **which, distance=cluster_distance, least=cluster_cases, streets=loaded.streets
    )
    files = hotspot_files(
        loaded,
        hotspot_result,
        follow_up,
        case_handling,
        rank_communities(evidence, loaded.communities, weights=weights),
        trends=trends,
        clusters=clusters,
        language=translate.language,
        map_html=hotspots_html(loaded, hotspot_result, translate=translate),
        parameters={
            "category": category,
            "since": since and f"{since:%Y-%m-%d}",
            "until": until and f"{until:%Y-%m-%d}",
            "cell_m": cell,
            "months": months,
            "standard": chosen.id,
            "weights": weights,
            "language": translate.language,
        },
    )
    _write(files, out, command="hotspots")
    _show("places", hotspot_result.places.head(PLACES_SHOWN), translate)


def _prepare(city: City) -> PreparedCity:
    return prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )


def _change(
    city: City, ready: PreparedCity, standard: Standard, other: str
) -> dict[str, pd.DataFrame]:
    if not other:
        return {}
    from analysis.coverage.editions import compare  # noqa: PLC0415  only where it is asked for
    from layers.editions import other_facilities  # noqa: PLC0415  the same

    then = other_facilities(city, other)
    return change_tables(city, compare(ready, then, standard))


def _narrowed(city: City, ready: PreparedCity, asked: SupplyFilter) -> PreparedCity:
    if not asked:
        return ready
    filter_result = apply_filter(city.facilities, city.kinds, asked)
    return with_filter(ready, filter_result)


def _assess(
    city: City, ready: PreparedCity, standard: Standard, measure: Measure
) -> tuple[Assessment, dict[str, Gaps]]:
    measures = (STRAIGHT, NETWORK) if measure is Measure.both else (measure.value,)
    result = assess(ready, standard, measures=measures)
    if measure is Measure.network:
        return result, {}

    def find(kind: str, radius: float) -> Gaps:
        return gaps_of(ready, kind, service_radius=radius)

    return result, gaps_by_rule(standard, city.kinds, find)


def _coverage_map(
    city: City,
    assessment: Assessment,
    gaps: dict[str, Gaps],
    walk_reach: gpd.GeoDataFrame | None,
    translate: Speaker,
) -> str:
    """Draw the first rule that the city has facilities for, else the first."""
    judged = assessment.judged
    rule, measure = next((each for each in judged if each[0].kind in city.kinds), judged[0])
    return coverage_html(
        city,
        assessment,
        gaps,
        rule=rule.id,
        measure=measure,
        kinds=load_kinds(),
        translate=translate,
        walk_reach=walk_reach,
    )


def _standard(chosen: str, city: City) -> Standard:
    standards = load_standards(city=city.folder)
    name, entry = (chosen, "--standard") if chosen else (city.standard, "city.toml")
    if name not in standards:
        raise unknown(name, standards, entry=entry, what="standard", problem="standard_unknown")
    return standards[name]


def _needs(options: list[str]) -> dict[str, float]:
    needs = _numbers(options, option="--need")
    for kind, value in needs.items():
        if kind not in load_kinds():
            raise unknown(kind, load_kinds(), entry="--need", what="kind", problem="kind_unknown")
        if not 0 < value < math.inf:
            msg = f"--need: {kind}={value:g}; allowed is more than 0."
            raise SettingsError(
                msg,
                problem="need_value",
                hint="For example toilet=2.",
                kind=kind,
                found=value,
            )
    return needs


def _weights(options: list[str]) -> dict[str, float]:
    from analysis.priority import COMPONENTS  # noqa: PLC0415  as in `hotspots`

    weights = _numbers(options, option="--weight")
    for part in weights:
        if part not in COMPONENTS:
            raise unknown(part, COMPONENTS, entry="--weight", what="part", problem="part_unknown")
    return {part: weights.get(part, 1.0) for part in COMPONENTS}


def _numbers(options: list[str], *, option: str) -> dict[str, float]:
    """Read NAME=NUMBER, each name once."""
    form, example = FORMS[option]
    numbers: dict[str, float] = {}
    for given in options:
        name, _, text = given.partition("=")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not name or name in numbers or math.isnan(number):
            msg = f"{option}: {given!r} is not {form}, each once."
            raise SettingsError(
                msg,
                problem="numbers_form",
                hint=f"For example {option} {example}.",
                option=option,
                form=form,
                found=given,
                example=example,
            )
        numbers[name] = number
    return numbers


def _speaker(city: City, language: Language | None) -> Speaker:
    return Speaker(load_words(), (language or city.language))


def _show(table: str, frame: pd.DataFrame, translate: Speaker) -> None:
    known = {column.id: column for column in load_dictionary().tables[table].columns}
    filled = frame.columns[frame.notna().any()] if len(frame) else frame.columns
    columns = [known[name] for name in SHOWN[table] if name in filled]
    typer.echo(plain_table(frame.reset_index(drop=True), columns, language=translate.language))


def _write(files: dict[str, bytes], out: Path, *, command: str) -> None:
    write_folder(files, out, command=command)
    typer.echo(f"\n{printable(str(out))}: {', '.join(files)}\n")


def _sentence(error: PlanningError, language: Language | None) -> str:
    translate = Speaker(load_words(), language or Language.en)
    text, hint = (
        (translate.error(error), translate.hint(error)) if language else (str(error), error.hint)
    )
    return printable(text) if hint in text else f"{printable(text)}\n{printable(hint)}"


if __name__ == "__main__":
    app()
