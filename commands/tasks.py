"""The command `tasks`: what findings became, by whom, until when."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from analysis.model.roles import ACTIONS
from commands.console import show, speaker, write
from commands.options import (
    Author,
    CampaignName,
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
from commands.permission import check, rows_seen
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
    campaign: CampaignName = "",
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

    _check(action, file=file, out=out, take=take)
    translate = speaker((asked := ask_issues(city)).city, language)
    with database.opened() as store:
        if action == "create":
            duty = recipe.duty_of(asked.city, unit, leader, team, deadline, within)
            made = partial(recipe.made_sentence, by=author, seen=rows_seen)
            found = (kind or [], community or [], finding_unit)
            said = [made(store, asked, found, duty, translate)]
        elif action == "read":
            taking = recipe.Taking(rows_seen, take, over_conflicts, author)
            said = recipe.read_sentences(store, asked.city, file, translate, taking)
        else:
            chosen = recipe.Asked(stage, unit, leader, campaign)
            said = _list_tasks(store, asked, chosen, translate, out=out, each=each)
    typer.echo("\n".join(map(printable, said)))


def _check(action: str, *, file: Path | None, out: Path | None, take: bool) -> None:
    """Refuse what the command cannot do, and to make or change tasks to a role that may not."""
    from exports.recipes.casework.task_commands import check_action  # noqa: PLC0415  seldom wanted

    check_action(action, file=file, out=out)
    if action == "create":
        check(ACTIONS, "make_tasks")
    elif take:
        check(ACTIONS, "change_tasks")


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
    table = recipe.task_table(store, asked, chosen, seen=rows_seen)
    shown = with_names(table.head(TASKS_SHOWN), asked.city.communities, translate.language)
    if len(shown):
        show("tasks", shown, translate)
    if out is not None:
        files = recipe.list_files(store, asked, chosen, translate, each=each, seen=rows_seen)
        write(files, out, command=recipe.COMMAND)
    most, every = translate.count(len(shown)), translate.count(len(table))
    return [translate("task.shown", most=most, n=every)]
