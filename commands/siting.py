"""The command `place`: where to build next."""

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from analysis.model.errors import SettingsError
from analysis.model.question import (
    CAPACITY,
    CATCHMENTS,
    COVER,
    PEOPLE,
    SITES,
    Question,
    SitingRequest,
)
from commands.console import PLACES_SHOWN, Language, say_missing, show, speaker, write
from commands.options import (
    Apart,
    At,
    Author,
    Budget,
    CatchmentOption,
    CityFolder,
    Closures,
    Costs,
    DecisionFormats,
    FromExisting,
    LanguageOption,
    LeastClass,
    Minimum,
    Need,
    NewKinds,
    NewShare,
    NewSites,
    NewStalls,
    OneMeasure,
    Only,
    Out,
    OutsideFile,
    PlotsFile,
    ProblemOption,
    Radii,
    ScenarioName,
    SitesOption,
    SitingWeight,
    StandardOption,
    WithinFile,
    WithinZone,
)
from commands.questions import ask_issues, formats_of, measures_of, needs_of, radii_of, supply_of
from commands.scenarios import save_scenarios
from exports.formats.folder import check_folder
from exports.formats.terminal import printable
from wording.names import with_names

if TYPE_CHECKING:
    from analysis.siting.recipe import SitingPlan
    from exports.recipes.issue_answers import IssueAnswers
    from exports.recipes.siting import Where


def place(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    kind: NewKinds,
    sites: NewSites = None,
    close: Closures = None,
    share: NewShare = None,
    budget: Budget = None,
    cost: Costs = None,
    minimum: Minimum = False,  # noqa: FBT002 - a flag
    problem: ProblemOption = COVER,
    weight: SitingWeight = PEOPLE,
    stalls: NewStalls = None,
    need: Need = None,
    catchment: CatchmentOption = CATCHMENTS[0],
    measure: OneMeasure = "rule",
    candidates: SitesOption = SITES[0],
    plots: PlotsFile = None,
    within: WithinFile = None,
    outside: OutsideFile = None,
    zone: WithinZone = "",
    apart: Apart = 0.0,
    from_existing: FromExisting = None,
    scenario: ScenarioName = "",
    author: Author = "",
    form: DecisionFormats = "",
    standard: StandardOption = "",
    service_radius: Radii = None,
    only: Only = None,
    least_class: LeastClass = "",
    at: At = "",
    language: LanguageOption = None,
) -> None:
    """Propose where new facilities would reach most people, and how far from the best it may be."""
    formats, where = _checked(out, form, plots, within, outside)
    question = _ask(standard, service_radius, measure, (only, least_class, at), catchment, need)
    request = SitingRequest(sites, share, budget, minimum, _costs(cost), problem, weight,
                            candidates, apart, from_existing, zone=zone, stalls=stalls)  # fmt: skip
    act = partial(_propose, formats=formats) if close is None else partial(_move, close=close)
    act(city, out, question, kind, request, where, scenario, author, language)


def _ask(  # noqa: PLR0917 - as `place`
    standard: str,
    radii: list[str] | None,
    measure: str,
    supply: tuple[list[str] | None, str, str],
    catchment: str,
    need: list[str] | None,
) -> Question:
    return Question(
        standard,
        radii_of(radii),
        measures=measures_of(measure),
        **supply_of(*supply),
        catchment=catchment,
        needs=tuple(needs_of(need or []).items()),
    )


def _check_stalls(request: SitingRequest, needs: tuple[tuple[str, float], ...]) -> None:
    """Stalls and the need of them are asked about where sites are to let people be served."""
    if request.problem != CAPACITY and (request.stalls is not None or needs):
        msg = "--stalls and --need go with --problem capacity."
        hint = "For example --problem capacity --stalls 8 --need toilet=2."
        raise SettingsError(msg, problem="siting_no_stalls", hint=hint)


def _check_closing(request: SitingRequest, kinds: list[str], close: int) -> None:
    """Closing is asked of one kind, with a number of sites to open instead or none."""
    other = request.share, request.budget, request.costs or None, request.minimum or None
    plain = request.problem == COVER and all(each is None for each in other)
    if close < 1 or len(set(kinds)) != 1 or not plain or (request.sites or 1) < 1:
        msg = "--close of 1 or more takes one --kind, and beside it --sites alone."
        hint = "For example --close 3, or --close 3 --sites 3 to move three."
        raise SettingsError(msg, problem="siting_close", hint=hint)


def _move(  # noqa: PLR0917 - as `place`
    city: Path,
    out: Path,
    question: Question,
    kinds: list[str],
    request: SitingRequest,
    where: "Where",
    name: str,
    author: str,
    language: Language | None,
    *,
    close: int,
) -> None:
    """Propose which facilities to close, and where to open others instead."""
    from exports.recipes import moves as recipe  # noqa: PLC0415  brings a solver
    from exports.recipes.scenarios import scenario_tables  # noqa: PLC0415  seldom wanted
    from store import database  # noqa: PLC0415  the same

    _check_stalls(request, question.needs)
    _check_closing(request, kinds, close)
    asked, kind = ask_issues(city), kinds[0]
    translate = speaker(asked.city, language)
    moves = recipe.propose_moves(asked, question, kind, request, closures=close, where=where)
    plan = recipe.moves_scenario(asked, question, kind, moves, author=author)
    judged = recipe.judge_moves(asked, name or kind, plan)
    files = recipe.moves_files(
        asked, judged, moves, request, translate, closures=close, where=where
    )
    write(files, out, command="place")
    show("scenario_headline", scenario_tables([judged])["scenario_headline"], translate)
    said = recipe.moves_sentences(
        asked, question, kind, moves, translate, closures=close, sites=request.sites or 0
    )
    for sentence in said:
        typer.echo(printable(sentence))
    say_missing(asked.city, translate)
    if name:
        with database.opened() as store:
            save_scenarios(store, asked, {name: plan}, translate)


def _checked(
    out: Path, form: str, plots: Path | None, within: Path | None, outside: Path | None
) -> "tuple[tuple[str, ...], Where]":
    """Check that only files of ours stand in the folder, and give the papers and the places."""
    from exports.papers.write import WRITERS  # noqa: PLC0415  brings fonts
    from exports.recipes.moves import MOVES_FILES  # noqa: PLC0415  brings a solver
    from exports.recipes.siting import (  # noqa: PLC0415  the same
        DECISION_FILES,
        SITING_FILES,
        Where,
    )

    check_folder(out, {*SITING_FILES, *DECISION_FILES, *MOVES_FILES}, command="place")
    return formats_of(form, tuple(WRITERS)) if form else (), Where(plots, within, outside)


def _keep_sites(  # noqa: PLR0917 - as `place`
    asked: "IssueAnswers",
    plan: "SitingPlan",
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
        save_scenarios(store, asked, {name: kept}, speaker(asked.city, language))


def _propose(  # noqa: PLR0917 - as `place`
    city: Path,
    out: Path,
    question: Question,
    kinds: list[str],
    request: SitingRequest,
    where: "Where",
    name: str,
    author: str,
    language: Language | None,
    *,
    formats: tuple[str, ...],
) -> None:
    from exports.recipes import siting as recipe  # noqa: PLC0415  the same
    from exports.recipes.coverage import measure_sentence  # noqa: PLC0415  the same

    _check_stalls(request, question.needs)
    _check_asked(request, plots=where.plots is not None)
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    plan = recipe.propose_sites(asked, question, kinds, request, where=where)
    files = recipe.siting_files(
        asked, question, plan, request, translate, where=where, formats=formats
    )
    write(files, out, command="place")
    straight = measure_sentence(asked, question, asked.standard(question), translate)
    shown = with_names(plan.sites, asked.city.communities, translate.language)
    show("sites", shown.head(PLACES_SHOWN), translate)
    for sentence in filter(None, (*recipe.sentences(plan, request, translate), straight)):
        typer.echo(printable(sentence))
    table = recipe.site_table(plan, asked.city, translate).head(PLACES_SHOWN)
    for rank, reason in zip(table["rank"], table["reason"], strict=True):
        typer.echo(printable(f"{rank}. {reason}"))
    say_missing(asked.city, translate)
    _keep_sites(asked, plan, question, name, author, language)


def _costs(cost: list[str] | None) -> tuple[tuple[str, float], ...]:
    return tuple(needs_of(cost or [], option="--cost").items())


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
