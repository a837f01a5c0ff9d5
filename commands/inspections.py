"""The command `inspections`: rounds, what became of them, what own checks had known."""

from dataclasses import replace
from typing import Annotated

import typer

from analysis.model.question import DISTANCES, FOLLOW_UPS, FollowUpRule, Question
from commands.console import show, speaker, write
from commands.options import CampaignName, CityFolder, Days, LanguageOption, Near, Out
from commands.questions import ask_issues, issues_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable

ROUNDS_SHOWN = 20


def inspections(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    round_name: Annotated[
        str, typer.Option("--round", metavar="NAME", help="Bulletin of this; default: the latest.")
    ] = "",
    campaign: CampaignName = "",
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    language: LanguageOption = None,
) -> None:
    """Tell what rounds of inspection found, what is rectified, what own checks had known."""
    from exports.recipes.casework import inspections as recipe  # noqa: PLC0415  brings scipy
    from exports.recipes.hotspots import with_campaign  # noqa: PLC0415  the same

    check_folder(out, recipe.ROUND_FILES, command=recipe.COMMAND)
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    rule = FollowUpRule(distance_m=near, days=days)
    question = Question(**issues_of(None, None, None, campaign), follow_up=rule)
    question = replace(question, selection=with_campaign(question.selection, asked.city))
    files, said = recipe.inspection_files(asked, question, round_name, translate)
    write(files, out, command=recipe.COMMAND)
    show("rounds", recipe.round_table(asked, question).reset_index().head(ROUNDS_SHOWN), translate)
    typer.echo("\n".join(map(printable, ["", *said])))
