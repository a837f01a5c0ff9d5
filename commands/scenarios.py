"""The command `scenarios`: plans kept by name."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from analysis.model.roles import ACTIONS
from commands.console import PLACES_SHOWN, show, speaker, write
from commands.options import (
    Author,
    CityFolder,
    LanguageOption,
    MeasureOption,
    Names,
    Note,
    PlannedKinds,
    Radii,
    ScenarioAction,
    ShowOut,
    StandardOption,
)
from commands.permission import check
from commands.questions import ask_issues, measures_of, radii_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable
from wording.speaker import Speaker

if TYPE_CHECKING:
    from exports.recipes.facility_answers import FacilityAnswers
    from exports.recipes.scenarios import Scenario
    from layers.city import City
    from store.database import Store
    from store.versioned import Record


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
    asked = ask_issues(city)
    translate, given = speaker(asked.city, language), recipe.checked_names(action, names or [])
    radii, measures = radii_of(service_radius), measures_of(measure)
    stated = recipe.Scenario((), author, note, standard, radii, measures)
    with database.opened() as store:
        if action == "planned":
            plan = recipe.planned_scenario(asked.city, stated, kind or [])
            save_scenarios(store, asked, {given[0]: plan}, translate)
        elif action == "import":
            save_scenarios(store, asked, recipe.imported(Path(given[0])), translate)
        elif action == "renew":
            check(ACTIONS, "scenarios")
            _tell_saved([recipe.renew(store, recipe.ScenarioJudge(asked), given[0])], translate)
        elif action == "show":
            _show_scenarios(store, asked, given, out, translate)
        else:
            _list_scenarios(store, asked.city, translate)


def _list_scenarios(store: "Store", city: "City", translate: Speaker) -> None:
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted

    for line in recipe.list_sentences(recipe.read_all(store, city), city, translate):
        typer.echo(printable(line))


def save_scenarios(
    store: "Store", asked: "FacilityAnswers", scenarios: "dict[str, Scenario]", translate: Speaker
) -> None:
    """Save scenarios as they are judged now, and tell their versions."""
    check(ACTIONS, "scenarios")
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted

    _tell_saved(recipe.save_all(store, recipe.ScenarioJudge(asked), scenarios), translate)


def _tell_saved(records: "list[Record]", translate: Speaker) -> None:
    for record in records:
        facts = {"name": record.name, "version": record.version}
        typer.echo(printable(translate("scenario.saved", **facts)))


def _show_scenarios(
    store: "Store", asked: "FacilityAnswers", names: list[str], out: Path | None, translate: Speaker
) -> None:
    from exports.recipes import scenarios as recipe  # noqa: PLC0415  seldom wanted

    judge = recipe.ScenarioJudge(asked)
    judged = [judge.judge(name, recipe.read_named(store, asked.city, name)[1]) for name in names]
    tables = recipe.scenario_tables(judged)
    for line in recipe.sentences(judged, asked.city, translate):
        typer.echo(printable(line))
    for table in recipe.TABLES[:2]:
        typer.echo()
        show(table, tables[table].head(PLACES_SHOWN * len(names)), translate)
    if out is not None:
        write(recipe.scenario_files(asked, judged, translate), out, command="scenarios")
