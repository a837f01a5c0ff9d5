"""The command `tasks`: what findings became, by whom, until when."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from commands.console import show, speaker, write
from commands.options import (
    Author,
    CityFolder,
    Day,
    EachOf,
    FindingKinds,
    FindingPlaces,
    FindingUnit,
    LanguageOption,
    OverConflicts,
    Stage,
    Take,
    TaskAction,
    TaskFile,
    TaskLeader,
    TaskOut,
    TaskUnit,
    Team,
    Within,
)
from commands.questions import ask_issues
from exports.formats.folder import check_folder
from exports.formats.terminal import printable
from wording.names import with_names
from wording.speaker import Speaker

if TYPE_CHECKING:
    from exports.recipes.casework.task_commands import Asked
    from exports.recipes.issue_answers import IssueAnswers
    from store.database import Store

TASKS_SHOWN = 50


def tasks(  # noqa: PLR0917 - each is an option
    action: TaskAction,
    city: CityFolder,
    file: TaskFile = None,
    out: TaskOut = None,
    kind: FindingKinds = None,
    community: FindingPlaces = None,
    finding_unit: FindingUnit = "",
    stage: Stage = "",
    unit: TaskUnit = "",
    leader: TaskLeader = "",
    team: Team = "",
    deadline: Day = None,
    within: Within = 0,
    each: EachOf = "",
    take: Take = False,  # noqa: FBT002 - a flag
    over_conflicts: OverConflicts = False,  # noqa: FBT002 - a flag
    author: Author = "",
    language: LanguageOption = None,
) -> None:
    """List tasks, create them of findings, write the lists, read them back (STORE=folder)."""
    from exports.recipes.casework import task_commands as recipe  # noqa: PLC0415  seldom wanted
    from store import database  # noqa: PLC0415  the same

    recipe.check_action(action, file=file, out=out)
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    with database.opened() as store:
        if action == "create":
            duty = recipe.duty_of(asked.city, unit, leader, team, deadline, within)
            found = (kind or [], community or [], finding_unit)
            said = [recipe.made_sentence(store, asked, found, duty, translate, by=author)]
        elif action == "read":
            taking = recipe.Taking(take, over_conflicts, author)
            said = recipe.read_sentences(store, asked.city, file, translate, taking)
        else:
            chosen = recipe.Asked(stage, unit, leader)
            said = _list_tasks(store, asked, chosen, translate, out=out, each=each)
    typer.echo("\n".join(map(printable, said)))


def _list_tasks(
    store: "Store",
    asked: "IssueAnswers",
    chosen: "Asked",
    translate: Speaker,
    *,
    out: Path | None,
    each: str,
) -> list[str]:
    from exports.recipes.casework import task_commands as recipe  # noqa: PLC0415  seldom wanted

    if out is not None:
        check_folder(out, recipe.TASK_FILES, command=recipe.COMMAND)
    table = recipe.task_table(store, asked, chosen)
    shown = with_names(table.head(TASKS_SHOWN), asked.city.communities, translate.language)
    if len(shown):
        show("tasks", shown, translate)
    if out is not None:
        files = recipe.list_files(store, asked, chosen, translate, each=each)
        write(files, out, command=recipe.COMMAND)
    most, every = translate.count(len(shown)), translate.count(len(table))
    return [translate("task.shown", most=most, n=every)]
