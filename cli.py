"""The command line: the recipes of the dashboard without a screen."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # a short run frees all at its end; looking for cycles cost a fifth of it

import datetime as dt
import math
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

import typer
from typer.core import TyperCommand

from analysis.access.opening_hours import read_moment
from analysis.model.errors import PlanningError, SettingsError
from analysis.model.question import (
    BOTH,
    BY_RULE,
    CATCHMENTS,
    COVER,
    CROWDS,
    DISTANCES,
    FOLLOW_UPS,
    PEOPLE,
    POSITION_ERRORS,
    PRIORITY_PARTS,
    SHAPES,
    SITES,
    SPANS,
    WEIGHTS,
    Basis,
    Catchment,
    FollowUpRule,
    Measure,
    Problem,
    Question,
    Selection,
    Shape,
    Sites,
    SitingRequest,
)
from exports.formats import city_folder
from exports.formats.folder import check_folder, check_untouched, write_folder
from exports.formats.terminal import plain_table, printable
from exports.recipes.check import CHECK_FILES, check_files
from exports.tables.data import layer_table, note_table
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.standards import load_kinds
from layers.load import load_city
from layers.recipe.schema import FILE_NAME
from layers.toml_entry import unknown
from wording.catalogue import load_words
from wording.missing_rows import missing_sentence
from wording.names import with_names
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from analysis.siting.recipe import SitingPlan
    from exports.recipes.facility_answers import FacilityAnswers
    from exports.recipes.issue_answers import IssueAnswers
    from exports.recipes.scenarios import Scenario
    from exports.recipes.siting import Where
    from layers.city import City
    from store.database import Store
    from store.versioned import Record

USAGE_EXIT = 2
SHOWN = {
    "layers": ("layer", "rows_in", "not_selected", "loaded", "repaired", "quarantined"),
    "notes": ("layer", "outcome", "count", "message"),
    "summary": ("rule", "measure", "population_covered_share", "population_covered_share_most",
                "straight_covered_share", "area_covered_share", "residential_covered_share",
                "communities", "meets", "fails", "cannot_judge", "verdict"),
    "sites": ("rank", "community", "parent", "people_gained", "people_alone", "nearest_facility_m"),
    "scenario_headline": ("scenario", "rule", "measure", "value_before", "value", "meets_before",
                          "meets", "people_gained"),
    "scenario_communities": ("scenario", "community", "rule", "measure", "value_before", "value",
                             "verdict_before", "verdict", "people_gained"),
    "places": ("rank", "community", "parent", "cases", "open", "overdue", "top_category"),
}  # fmt: skip
"""Columns shown in the terminal where anything stands in them; the files have them all."""
PLACES_SHOWN = 10
FORMS = {
    "--service-radius": ("KIND=METRES", "toilet=500"),
    "--need": ("KIND=NUMBER", "toilet=2"),
    "--cost": ("KIND=NUMBER", "toilet=40"),
    "--weight": ("PART=NUMBER", "reach=2"),
}
"""Form and example of options that name numbers."""


class Language(StrEnum):
    """Languages of sentences, headings and maps."""

    zh = "zh"
    zh_hant = "zh-Hant"
    en = "en"


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
StandardOption = Annotated[str, typer.Option(metavar="ID", help="Default: the city's own.")]
Radii = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND=METRES", help="Replaces the standard's; may be repeated."),
]
MeasureOption = Annotated[
    Literal["rule", Measure, "both"],
    typer.Option(help="As each rule means it, straight, along streets (network), or both."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION", help="Count only facilities such as accessible; may be repeated."
    ),
]
LeastClass = Annotated[
    str, typer.Option(metavar="CLASS", help="Count only facilities of this class or better.")
]
At = Annotated[
    str,
    typer.Option(
        metavar="'DAY HH:MM'", help='Count only those open then: "Wed 21:00", "2026-10-01 10:00".'
    ),
]
PositionError = Annotated[
    float, typer.Option(metavar="METRES", help="Places may be off by so much.")
]
CatchmentOption = Annotated[
    Catchment, typer.Option(help="How capacity is shared out among people.")
]
Need = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND=NUMBER",
        help="Capacity wanted for 1,000 people, default: the city's mean; may be repeated.",
    ),
]
Compare = Annotated[
    str,
    typer.Option(
        metavar="OTHER",
        help="Also compare with an earlier edition (its date) or another delivery (a folder).",
    ),
]
Category = Annotated[str | None, typer.Option(help="As in the data; default: all.")]
Cell = Annotated[
    float | None, typer.Option(metavar="METRES", help="Side of a cell; default: proposed.")
]
ShapeOption = Annotated[Shape, typer.Option(help="Shape of the cells.")]
BasisOption = Annotated[
    Basis | None,
    typer.Option(
        help="Compare cases over residents (rate), over streets, or as counts; by default over"
        " residents where they are known."
    ),
]
Near = Annotated[float, typer.Option(metavar="METRES", help="Same place, for what comes back.")]
Days = Annotated[int, typer.Option(help="Follow-up after a closing.")]
Draw = Annotated[
    str,
    typer.Option(
        metavar="NUMBER",
        help="Public number that decides what is looked at again; by default the last day.",
    ),
]
CaseMix = Annotated[
    bool,
    typer.Option(
        "--case-mix",
        help="Compare units with what the city achieves with the categories they have.",
    ),
]
Months = Annotated[int, typer.Option(min=1, max=12, help="Length of the periods compared.")]
ClusterDistance = Annotated[
    float, typer.Option(metavar="METRES", help="Density clusters: so near,")
]
ClusterCases = Annotated[int, typer.Option(help="and so many cases within it.")]
Formats = Annotated[
    str,
    typer.Option("--format", metavar="LIST", help="Some of docx,pdf,xlsx,png,svg; default: all."),
]
Communities = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Also write a sheet of this community; may be repeated."),
]
WhoseReach = Annotated[
    str, typer.Option(metavar="ID", help="Whose reach counts; default: the city's own.")
]
Author = Annotated[str, typer.Option(metavar="NAME", help="Who saves the scenario.")]
ScenarioAction = Annotated[
    Literal["list", "show", "planned", "import", "renew"],
    typer.Argument(
        metavar="ACTION",
        help="list; show NAMES side by side, as files with --out; planned NAME, what the"
        " register has as planned; import FILE, which show wrote; renew NAME on newer data.",
    ),
]
Names = Annotated[list[str] | None, typer.Argument(metavar="NAMES")]
ShowOut = Annotated[
    Path | None, typer.Option(parser=_folder, metavar="DIR", help="For the files of show.")
]
PlannedKinds = Annotated[
    list[str] | None, typer.Option(metavar="KIND", help="For planned; default: every kind.")
]
Note = Annotated[str, typer.Option(metavar="TEXT", help="To be saved with it.")]
ScenarioName = Annotated[
    str, typer.Option(metavar="NAME", help="Also keep the sites as a scenario (STORE=folder).")
]
Weight = Annotated[
    list[str] | None,
    typer.Option(metavar="PART=NUMBER", help="In the joint priority; may be repeated."),
]

NewKinds = Annotated[
    list[str],
    typer.Option("--kind", help="Of the new facilities, as in data/kinds.toml; may be repeated."),
]
NewSites = Annotated[int | None, typer.Option(help="How many to add,")]
NewShare = Annotated[
    float | None, typer.Option(help="or which share of the residents to reach (0-1),")
]
Budget = Annotated[float | None, typer.Option(help="or what to spend, with --cost.")]
Minimum = Annotated[
    bool, typer.Option("--minimum", help="or as few as make every community meet the rule.")
]
Costs = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND=NUMBER", help="Of one facility; may be repeated."),
]
ProblemOption = Annotated[
    Problem,
    typer.Option(
        help="People in reach (cover), with a second facility (backup), mean or greatest way."
    ),
]
SitingWeight = Annotated[
    str,
    typer.Option(metavar="WHAT", help="people, complaints (people times reports), or a group."),
]
OneMeasure = Annotated[
    Literal["rule", Measure],
    typer.Option(help="As each rule means it, straight, or along streets (network)."),
]
PlotsFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, help="Points or plots, with cost, instead of those."),
]
WithinFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, help="Polygons that they have to stand in."),
]
OutsideFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, help="Polygons that they may not stand in."),
]
SitesOption = Annotated[Sites, typer.Option(help="Where they may stand.")]
Apart = Annotated[
    float, typer.Option(metavar="METRES", min=0, help="Least distance to one another.")
]
FromExisting = Annotated[
    float | None,
    typer.Option(metavar="METRES", min=0, help="To what is there; default: as --apart."),
]


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
        _write(check_files(loaded, translate), out, command="check")


@app.command("new", cls=Command)
def new_city(
    folder: Annotated[
        Path, typer.Argument(parser=_folder, metavar="FOLDER", help="Of the city; it is made.")
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES...", exists=True, help="Or folders of them.")
    ],
    name: Annotated[str, typer.Option(help="Of the city; default: the folder's.")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE=KIND", help="What a file is, or none; may be repeated."),
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Make a city of files: guess what each holds, say why, and write its city.toml."""
    from exports.recipes import new_city as recipe  # noqa: PLC0415  seldom wanted

    kinds, translate = load_kinds(), Speaker(load_words(), language or Language.en)
    listed = city_folder.listed_files(files, folder)
    with city_folder.home_of(listed, folder) as (home, placed):
        new = recipe.new_city(
            placed,
            home=home,
            name=name or folder.name,
            kinds=kinds,
            translate=translate,
            stated=recipe.stated_kinds(kind or [], placed, kinds),
        )
        for line in recipe.told(new, translate, kinds=kinds):
            typer.echo(printable(line))
        if new.city is None:
            raise recipe.no_city(folder)
        city_folder.write_city(new.recipe, home, folder)
    typer.echo()
    _show("layers", layer_table(new.city, language=translate.language), translate)
    typer.echo("\n" + printable(translate("new.written", folder=folder)))
    for command in ("check", "coverage", "hotspots"):
        out = "" if command == "check" else " --out results"
        typer.echo(printable(f"  python cli.py {command} {folder}{out}"))


@app.command("correct", cls=Command)
def correct_rows(city: CityFolder, language: LanguageOption = None) -> None:
    """Write the quarantined rows as files to correct, which the next loading brings back."""
    from exports.formats.corrections import correction_files  # noqa: PLC0415  seldom wanted

    loaded = load_city(city)
    translate, files = _speaker(loaded, language), correction_files(loaded, personal=True)
    for layer, name in city_folder.write_corrections(files, city).items():
        rows = int((loaded.quarantine["layer"] == layer).sum())
        typer.echo(printable(translate("correct.written", file=name, n=rows)))
    typer.echo(translate("correct.how" if files else "correct.nothing"))


@app.command("prepare", cls=Command)
def prepare_register(city: CityFolder, out: Out, language: LanguageOption = None) -> None:
    """Write the issues as columns, checked once: for registers of millions of rows."""
    from exports.recipes.prepare import PREPARED_FILES, prepared_files  # noqa: PLC0415  seldom wanted

    check_folder(out, PREPARED_FILES, command="prepare")
    loaded = load_city(city)
    translate = _speaker(loaded, language)
    _write(prepared_files(loaded), out, command="prepare")
    layers = layer_table(loaded, language=translate.language)
    _show("layers", layers[layers["kind"] == "issues"], translate)


@app.command(cls=Command)
def fetch(
    city: CityFolder,
    seconds: Annotated[
        float, typer.Option(min=1, help="For one layer, tries and waits included.")
    ] = 900,
    language: LanguageOption = None,
) -> None:
    """Fetch the layers that have a `download` address; no other command uses the network."""
    from layers.fetch import fetch_city  # noqa: PLC0415  seldom wanted
    from layers.sources.http import Limits  # noqa: PLC0415  the same

    translate = Speaker(load_words(), language or Language.en)
    outcomes = fetch_city(
        city, kinds=load_kinds(), limits=Limits(seconds=seconds), progress=_Progress(translate)
    )
    for each in outcomes:
        line = translate(f"fetch.{each.outcome}", layer=each.layer, file=each.file, size=each.size)
        typer.echo(printable(line))
        if each.error is not None:
            typer.echo(_sentence(each.error, language), err=True)
    if any(each.error for each in outcomes):
        raise typer.Exit(USAGE_EXIT)


class _Progress:
    """Tells on the error stream how much has come, each time a tenth or ten megabytes more."""

    def __init__(self, translate: Speaker) -> None:
        self.translate, self.told = translate, ("", 0)

    def __call__(self, file: str, done: int, total: int) -> None:
        """Tell it, where there is something new to tell."""
        step = total // 10 if total else 10_000_000
        if not step or self.told == (file, done // step):
            return
        self.told = (file, done // step)
        key = "fetch.progress" if total else "fetch.progress_unknown"
        line = self.translate(key, file=file, done=done, total=total)
        typer.echo(printable(line), err=True)


@app.command("osm", cls=Command)
def city_from_osm(  # noqa: PLR0917 - each is an option
    extract: Annotated[Path, typer.Argument(metavar="EXTRACT", help="An extract *.osm.pbf.")],
    city: Annotated[Path, typer.Argument(metavar="CITY", help="Folder to make.", parser=_folder)],
    area: Annotated[
        str,
        typer.Option(
            metavar="AREA", help="Name of a boundary, relation/NUMBER, or a polygon as *.geojson."
        ),
    ],
    population: Annotated[
        float,
        typer.Option(min=0, help="People to share out among dwellings; 0: as the map states."),
    ] = 0,
    level: Annotated[
        int, typer.Option(min=0, max=12, help="Administrative level of communities; 0: the best.")
    ] = 0,
    time_zone: Annotated[
        str, typer.Option(metavar="ZONE", help="Such as Europe/Zurich; default: as the map states.")
    ] = "",
    language: LanguageOption = None,
) -> None:
    """Make a city's folder from an extract of OpenStreetMap."""
    from exports.recipes import osm_city as recipe  # noqa: PLC0415  brings the reader of extracts
    from layers.osm.city import read_city  # noqa: PLC0415  the same

    kinds, words = load_kinds(), load_words()
    check_folder(city, recipe.osm_names(kinds), command=recipe.COMMAND)
    check_untouched(city, FILE_NAME)
    found = read_city(extract, area, kinds=kinds, level=level, population=population)
    stated = recipe.Stated(city.absolute().name, language or "", time_zone)
    parameters = {"area": area, "population": population, "level": level}
    files = recipe.osm_files(found, stated, words, parameters=parameters)
    _write(files, city, command=recipe.COMMAND)
    loaded = load_city(city)
    translate = _speaker(loaded, language)
    for line in recipe.osm_lines(found, stated, translate):
        typer.echo(printable(line))
    _show("layers", layer_table(loaded, language=translate.language), translate)


@app.command(cls=Command)
def coverage(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    standard: StandardOption = "",
    service_radius: Radii = None,
    measure: MeasureOption = "rule",
    only: Only = None,
    least_class: LeastClass = "",
    at: At = "",
    position_error: PositionError = float(POSITION_ERRORS[0]),
    catchment: CatchmentOption = CATCHMENTS[0],
    need: Need = None,
    compare: Compare = "",
    language: LanguageOption = None,
) -> None:
    """Judge every community against every rule of a standard."""
    from exports.recipes import coverage as recipe  # noqa: PLC0415  the same
    from exports.recipes import facility_answers  # noqa: PLC0415  `check` needs none of this

    check_folder(out, (*recipe.COVERAGE_FILES, *recipe.COMPARE_FILES), command="coverage")
    question = Question(
        standard=standard,
        radii=_radii(service_radius),
        measures=_measures(measure),
        **_supply(only, least_class, at),
        position_error=position_error,
        catchment=catchment,
        needs=tuple(_needs(need or []).items()),
        edition=compare,
    )
    asked = facility_answers.FacilityAnswers(load_city(city))
    translate = _speaker(asked.city, language)
    _write(recipe.coverage_files(asked, question, translate), out, command="coverage")
    summary = recipe.assessed(asked, question).summary
    _show("summary", summary[summary["level"] == "city"], translate)
    said = recipe.measure_sentence(asked, question, asked.standard(question), translate)
    if said:
        typer.echo(printable(said))
    _say_missing(asked.city, translate)


@app.command(cls=Command)
def place(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    kind: NewKinds,
    sites: NewSites = None,
    share: NewShare = None,
    budget: Budget = None,
    cost: Costs = None,
    minimum: Minimum = False,  # noqa: FBT002 - a flag
    problem: ProblemOption = COVER,
    weight: SitingWeight = PEOPLE,
    measure: OneMeasure = "rule",
    candidates: SitesOption = SITES[0],
    plots: PlotsFile = None,
    within: WithinFile = None,
    outside: OutsideFile = None,
    apart: Apart = 0.0,
    from_existing: FromExisting = None,
    scenario: ScenarioName = "",
    author: Author = "",
    standard: StandardOption = "",
    service_radius: Radii = None,
    only: Only = None,
    least_class: LeastClass = "",
    at: At = "",
    language: LanguageOption = None,
) -> None:
    """Propose where new facilities would reach most people, and how far from the best it may be."""
    from exports.recipes import siting as recipe  # noqa: PLC0415  brings a solver

    check_folder(out, recipe.SITING_FILES, command="place")
    question = Question(standard, _radii(service_radius), measures=_measures(measure),
                        **_supply(only, least_class, at))  # fmt: skip
    among = SitingRequest(candidates=candidates, apart_m=apart, from_existing_m=from_existing)
    among = replace(among, problem=problem, weight=weight, minimum=minimum)
    request = _asked(among, sites, share, budget, cost)
    where = recipe.Where(plots, within, outside)
    asked, plan = _propose(city, out, question, kind, request, where, language)
    _keep_sites(asked, plan, question, scenario, author, language)


def _keep_sites(  # noqa: PLR0917 - as `place`
    asked: IssueAnswers,
    plan: SitingPlan,
    question: Question,
    name: str,
    author: str,
    language: Language | None,
) -> None:
    if not name:
        return
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted
    from store import database  # noqa: PLC0415  the same

    stated = recipe.Scenario((), author, "", question.standard, question.radii, question.measures)
    kept = recipe.sites_scenario(plan.sites, asked.city, stated)
    with database.opened() as store:
        _save_scenarios(store, asked, {name: kept}, _speaker(asked.city, language))


def _propose(  # noqa: PLR0917 - as `place`
    city: Path,
    out: Path,
    question: Question,
    kinds: list[str],
    request: SitingRequest,
    where: Where,
    language: Language | None,
) -> tuple[IssueAnswers, SitingPlan]:
    from exports.recipes import siting as recipe  # noqa: PLC0415  the same
    from exports.recipes.coverage import measure_sentence  # noqa: PLC0415  the same

    _check_asked(request, plots=where.plots is not None)
    asked = _ask_issues(city)
    translate = _speaker(asked.city, language)
    plan = recipe.propose_sites(asked, question, kinds, request, where=where)
    files = recipe.siting_files(asked, question, plan, request, translate, where=where)
    _write(files, out, command="place")
    straight = measure_sentence(asked, question, asked.standard(question), translate)
    shown = with_names(plan.sites, asked.city.communities, translate.language)
    _show("sites", shown.head(PLACES_SHOWN), translate)
    for sentence in filter(None, (*recipe.sentences(plan, request, translate), straight)):
        typer.echo(printable(sentence))
    table = recipe.site_table(plan, asked.city, translate).head(PLACES_SHOWN)
    for rank, reason in zip(table["rank"], table["reason"], strict=True):
        typer.echo(printable(f"{rank}. {reason}"))
    _say_missing(asked.city, translate)
    return asked, plan


def _asked(
    request: SitingRequest,
    sites: int | None,
    share: float | None,
    budget: float | None,
    cost: list[str] | None,
) -> SitingRequest:
    costs = tuple(_needs(cost or [], option="--cost").items())
    return replace(request, sites=sites, share=share, budget=budget, costs=costs)


def _check_asked(request: SitingRequest, *, plots: bool) -> None:
    """Ask for a number of sites, for a share of the residents, or for a budget."""
    sites, share, budget = request.sites, request.share, request.budget
    given = [request.minimum, *(each is not None for each in (sites, share, budget))]
    right = [
        request.minimum,
        sites is not None and sites >= 1,
        share is not None and 0 < share <= 1,
        budget is not None and 0 < budget < math.inf,
    ]
    if given != right or sum(right) != 1:
        msg = (
            "state one of --sites of 1 or more, --share above 0 and at most 1, --budget above 0, "
            "--minimum."
        )
        hint = "For example --sites 10, or --share 0.9."
        raise SettingsError(msg, problem="siting_asked", hint=hint)
    priced = bool(request.costs) or (plots and budget is not None)
    if (budget is not None) != priced:
        msg = "--budget wants the --cost of a facility, and --cost a --budget."
        hint = "For example --budget 500 --cost toilet=40."
        raise SettingsError(msg, problem="siting_cost", hint=hint)
    if (share is not None or request.minimum) and (
        request.problem != COVER or request.weight != PEOPLE
    ):
        msg = "--share and --minimum are about the people with one facility in reach."
        hint = "Leave out --problem and --weight, or ask for --sites."
        raise SettingsError(msg, problem="siting_share_of", hint=hint)


@app.command(cls=Command)
def scenarios(  # noqa: PLR0917 - each is an option
    action: ScenarioAction,
    city: CityFolder,
    names: Names = None,
    out: ShowOut = None,
    kind: PlannedKinds = None,
    author: Author = "",
    note: Note = "",
    standard: StandardOption = "",
    service_radius: Radii = None,
    measure: MeasureOption = "rule",
    language: LanguageOption = None,
) -> None:
    """Keep scenarios by name (STORE=folder), and compare what they would change."""
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted
    from store import database  # noqa: PLC0415  the same

    if out is not None:
        check_folder(out, recipe.SCENARIO_FILES, command="scenarios")
    asked = _ask_issues(city)
    translate, given = _speaker(asked.city, language), recipe.checked_names(action, names or [])
    radii, measures = _radii(service_radius), _measures(measure)
    stated = recipe.Scenario((), author, note, standard, radii, measures)
    with database.opened() as store:
        if action == "planned":
            plan = recipe.planned_scenario(asked.city, stated, kind or [])
            _save_scenarios(store, asked, {given[0]: plan}, translate)
        elif action == "import":
            _save_scenarios(store, asked, recipe.imported(Path(given[0])), translate)
        elif action == "renew":
            _tell_saved([recipe.renew(store, recipe.ScenarioJudge(asked), given[0])], translate)
        elif action == "show":
            _show_scenarios(store, asked, given, out, translate)
        else:
            _list_scenarios(store, asked.city, translate)


def _list_scenarios(store: Store, city: City, translate: Speaker) -> None:
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted

    for line in recipe.list_sentences(recipe.read_all(store, city), city, translate):
        typer.echo(printable(line))


def _save_scenarios(
    store: Store, asked: FacilityAnswers, scenarios: dict[str, Scenario], translate: Speaker
) -> None:
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted

    _tell_saved(recipe.save_all(store, recipe.ScenarioJudge(asked), scenarios), translate)


def _tell_saved(records: list[Record], translate: Speaker) -> None:
    for record in records:
        facts = {"name": record.name, "version": record.version}
        typer.echo(printable(translate("scenario.saved", **facts)))


def _show_scenarios(
    store: Store, asked: FacilityAnswers, names: list[str], out: Path | None, translate: Speaker
) -> None:
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted

    judge = recipe.ScenarioJudge(asked)
    judged = [judge.judge(name, recipe.read_named(store, asked.city, name)[1]) for name in names]
    tables = recipe.scenario_tables(judged)
    for line in recipe.sentences(judged, asked.city, translate):
        typer.echo(printable(line))
    for table in recipe.TABLES[:2]:
        typer.echo()
        _show(table, tables[table].head(PLACES_SHOWN * len(names)), translate)
    if out is not None:
        _write(recipe.scenario_files(asked, judged, translate), out, command="scenarios")


@app.command(cls=Command)
def verify(
    what: Annotated[Literal["log"], typer.Argument(metavar="log", help="The log of the store.")],
    head: Annotated[
        str, typer.Option(metavar="HEAD", help="Where the log once ended, as told at that time.")
    ] = "",
    language: LanguageOption = None,
) -> None:
    """Hold the log to itself and every record to the log; tell which was touched."""
    from store import database, verification  # noqa: PLC0415  seldom wanted
    from store.log import known_head  # noqa: PLC0415  the same

    translate, known = Speaker(load_words(), language or Language.en), known_head(head)
    with database.opened(make=False) as store:
        verified = verification.verify(store, known=known)
    for each in verified.findings:
        typer.echo(printable(translate(f"verify.{each.code}", **vars(each))))
    if verified.findings:
        raise typer.Exit(USAGE_EXIT)
    typer.echo(translate(f"verify.whole_{what}", count=verified.head.position))
    if verified.head.position:
        typer.echo(translate("verify.head", head=verified.head))


@app.command(cls=Command)
def hotspots(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    category: Category = None,
    since: Day = None,
    until: Day = None,
    cell: Cell = None,
    grid: ShapeOption = SHAPES[0],
    basis: BasisOption = None,
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    draw: Draw = "",
    case_mix: CaseMix = False,  # noqa: FBT002  an option of its own
    months: Months = SPANS[0],
    cluster_distance: ClusterDistance = float(DISTANCES[0]),
    cluster_cases: ClusterCases = CROWDS[0],
    standard: WhoseReach = "",
    measure: MeasureOption = "rule",
    weight: Weight = None,
    language: LanguageOption = None,
) -> None:
    """Find where issues concentrate beyond chance."""
    selection = Selection(category, since and since.date(), until and until.date())
    question = Question(
        standard=standard,
        measures=_measures(measure),
        selection=selection,
        history=selection,
        **_cells(cell, grid, basis),
        follow_up=FollowUpRule(near, days, draw=draw, case_mix=case_mix),
        months=months,
        cluster_distance=cluster_distance,
        cluster_cases=cluster_cases,
        weights=_weights(weight or []),
    )
    _find_hot_spots(city, out, question, language)


def _find_hot_spots(city: Path, out: Path, question: Question, language: Language | None) -> None:
    from exports.recipes import hotspots as recipe  # noqa: PLC0415  brings 0.4 s of scipy

    check_folder(out, recipe.HOTSPOT_FILES, command="hotspots")
    answers = _ask_issues(city)
    translate = _speaker(answers.city, language)
    _write(recipe.hotspot_files(answers, question, translate), out, command="hotspots")
    _show_places(answers, question, translate)


@app.command(cls=Command)
def report(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    form: Formats = "",
    standard: StandardOption = "",
    service_radius: Radii = None,
    measure: MeasureOption = "rule",
    only: Only = None,
    least_class: LeastClass = "",
    at: At = "",
    category: Category = None,
    since: Day = None,
    until: Day = None,
    cell: Cell = None,
    grid: ShapeOption = SHAPES[0],
    basis: BasisOption = None,
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    draw: Draw = "",
    case_mix: CaseMix = False,  # noqa: FBT002  an option of its own
    weight: Weight = None,
    community: Communities = None,
    language: LanguageOption = None,
) -> None:
    """Write papers and draw every map; without a day, issues are of the last year."""
    from exports.recipes import report as recipe  # noqa: PLC0415  brings scipy and the typesetter

    question = Question(
        standard=standard,
        radii=_radii(service_radius),
        measures=_measures(measure),
        **_supply(only, least_class, at),
        **_cells(cell, grid, basis),
        selection=Selection(category, since and since.date(), until and until.date()),
        follow_up=FollowUpRule(near, days, draw=draw, case_mix=case_mix),
        weights=_weights(weight or []),
    )
    formats, asked = _formats(form, recipe.FORMATS), _ask_issues(city)
    make = partial(recipe.report_files, communities=tuple(dict.fromkeys(community or [])))
    _write(make(asked, question, _speaker(asked.city, language), formats), out, command="report")


@app.command(cls=Command)
def findings(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    standard: StandardOption = "",
    service_radius: Radii = None,
    measure: MeasureOption = "rule",
    category: Category = None,
    since: Day = None,
    until: Day = None,
    cell: Cell = None,
    grid: ShapeOption = SHAPES[0],
    basis: BasisOption = None,
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    language: LanguageOption = None,
) -> None:
    """List what somebody has to do; without a day, issues are of the last year."""
    from exports.recipes import findings as recipe  # noqa: PLC0415  brings scipy

    check_folder(out, recipe.FINDING_FILES, command="findings")
    asked = _ask_issues(city)
    question = Question(
        standard=standard,
        radii=_radii(service_radius),
        measures=_measures(measure),
        **_cells(cell, grid, basis),
        selection=Selection(category, since and since.date(), until and until.date()),
        follow_up=FollowUpRule(distance_m=near, days=days),
    )
    translate = _speaker(asked.city, language)
    files, sentences = recipe.listed(asked, question, translate)
    _write(files, out, command="findings")
    for sentence in sentences:
        typer.echo(printable(sentence))
    _say_missing(asked.city, translate)


def _radii(options: list[str] | None) -> tuple[tuple[str, float], ...]:
    return tuple(_numbers(options or [], option="--service-radius").items())


def _measures(measure: str) -> tuple[str, ...]:
    return {"rule": BY_RULE, "both": BOTH}.get(measure, (measure,))


class Supply(TypedDict):
    """The part of a question that says which facilities count."""

    only: tuple[str, ...]
    least_class: str
    at: tuple[int, int] | None
    on: str


def _supply(only: list[str] | None, least_class: str, at: str) -> Supply:
    """Read which facilities count."""
    moment = read_moment(at) if at else None
    return {
        "only": tuple(dict.fromkeys(only or [])),
        "least_class": least_class,
        "at": moment[:2] if moment else None,
        "on": moment[2] if moment else "",
    }


class Cells(TypedDict):
    """The part of a question that says on which cells hot spots are looked for."""

    cell: float | None
    grid: str
    basis: str | None


def _cells(cell: float | None, grid: str, basis: str | None) -> Cells:
    return {"cell": cell, "grid": grid, "basis": basis}


def _formats(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Read formats between commas; none at all means every one."""
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for each in wanted:
        if each not in known:
            raise unknown(
                each, known, entry="--format", what="format", problem="report_format_unknown"
            )
    return wanted or tuple(known)


def _show_places(answers: IssueAnswers, question: Question, translate: Speaker) -> None:
    if not answers.are_named_alone():
        _show("places", answers.hot_spots(question).places.head(PLACES_SHOWN), translate)
    _say_missing(answers.city, translate)


def _ask_issues(city: Path) -> IssueAnswers:
    from exports.recipes.issue_answers import IssueAnswers  # noqa: PLC0415  brings scipy too

    return IssueAnswers(load_city(city))


def _needs(options: list[str], *, option: str = "--need") -> dict[str, float]:
    """Read KIND=NUMBER, above 0."""
    needs = _numbers(options, option=option)
    for kind, value in needs.items():
        if kind not in load_kinds():
            raise unknown(kind, load_kinds(), entry=option, what="kind", problem="kind_unknown")
        if not 0 < value < math.inf:
            msg = f"{option}: {kind}={value:g}; allowed is more than 0."
            raise SettingsError(
                msg,
                problem="need_value",
                hint=f"For example {option} toilet=2.",
                kind=kind,
                found=value,
                option=option,
            )
    return needs


def _weights(options: list[str]) -> tuple[float, ...]:
    weights = _numbers(options, option="--weight")
    for part in weights:
        if part not in PRIORITY_PARTS:
            raise unknown(
                part, PRIORITY_PARTS, entry="--weight", what="part", problem="part_unknown"
            )
    return tuple(weights.get(part, float(WEIGHTS[0])) for part in PRIORITY_PARTS)


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


def _say_missing(city: City, translate: Speaker) -> None:
    if text := missing_sentence(translate, city):
        typer.echo(printable(text))


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
