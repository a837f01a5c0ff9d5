"""The command `pack`: the evidence of a city in one file, to be handed on and checked."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from analysis.model.question import DISTANCES, FOLLOW_UPS, SHAPES, FollowUpRule, Question
from analysis.model.roles import EXPORTS
from commands.console import Language, say_missing, speaker, write
from commands.options import (
    BasisOption,
    CampaignName,
    Category,
    Cell,
    CityFolder,
    Day,
    Days,
    LanguageOption,
    MeasureOption,
    Near,
    Out,
    Radii,
    ShapeOption,
    StandardOption,
)
from commands.permission import all_allowed, classes_seen
from commands.questions import ask_issues, cells_of, issues_of, measures_of, radii_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable


def pack(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    day: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Its date, for tasks; default: today."
        ),
    ] = None,
    standard: StandardOption = "",
    service_radius: Radii = None,
    measure: MeasureOption = "rule",
    category: Category = None,
    campaign: CampaignName = "",
    since: Day = None,
    until: Day = None,
    cell: Cell = None,
    grid: ShapeOption = SHAPES[0],
    basis: BasisOption = None,
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    language: LanguageOption = None,
) -> None:
    """Pack the evidence of a city, in Chinese and English; `verify` checks it."""
    question = Question(
        standard=standard,
        radii=radii_of(service_radius),
        measures=measures_of(measure),
        **cells_of(cell, grid, basis),
        **issues_of(category, since, until, campaign),
        follow_up=FollowUpRule(distance_m=near, days=days),
    )
    _write_pack(city, out, question, day, language)


def _write_pack(
    city: Path, out: Path, question: Question, day: dt.datetime | None, language: Language | None
) -> None:
    from exports.recipes import pack as recipe  # noqa: PLC0415  brings scipy and the typesetter
    from exports.recipes.casework.task_commands import today_in  # noqa: PLC0415  the same

    answers = ask_issues(city)
    translate = speaker(answers.city, language)
    name = recipe.file_name(answers.city)
    check_folder(out, [name], command=recipe.COMMAND)
    made_on = day.date() if day else today_in(answers.city)
    asked = recipe.Request(question, made_on, all_allowed(EXPORTS), classes_seen())
    files = recipe.written(answers, asked, translate.words)
    write(files, out, command=recipe.COMMAND)
    for sentence in recipe.said(files[name], translate):
        typer.echo(printable(sentence))
    say_missing(answers.city, translate)
