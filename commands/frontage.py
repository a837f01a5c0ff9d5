"""The command `frontage`: who signed and passed the duty before their doors."""

from dataclasses import replace

import typer

from analysis.model.question import DISTANCES, FollowUpRule, Question
from commands.console import show, speaker, write
from commands.options import CampaignName, Category, CityFolder, Day, LanguageOption, Near, Out
from commands.questions import ask_issues, issues_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable

STREETS_SHOWN = 20


def frontage(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    category: Category = None,
    campaign: CampaignName = "",
    since: Day = None,
    until: Day = None,
    near: Near = float(DISTANCES[0]),
    language: LanguageOption = None,
) -> None:
    """Tell who signed and passed the frontage duty; without a day, issues are of the last year."""
    from exports.recipes.casework import frontage as recipe  # noqa: PLC0415  brings scipy
    from exports.recipes.hotspots import (  # noqa: PLC0415  the same
        with_campaign,
        with_usual_period,
    )

    check_folder(out, recipe.DUTY_FILES, command=recipe.COMMAND)
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    question = Question(
        **issues_of(category, since, until, campaign), follow_up=FollowUpRule(distance_m=near)
    )
    if asked.city.issues is None:
        selection = with_campaign(question.selection, asked.city)
        question = replace(question, selection=selection)
    else:
        question = with_usual_period(question, asked.city)
    files, said = recipe.duty_files(asked, question, translate)
    write(files, out, command=recipe.COMMAND)
    streets = recipe.duty_table(asked, question, "street").reset_index()
    show(recipe.TABLES[0], streets.head(STREETS_SHOWN), translate)
    typer.echo("\n".join(map(printable, ["", *said])))
