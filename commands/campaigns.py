"""The command `campaigns`: before, during and after each, and the issues of one."""

import typer

from analysis.model.question import DISTANCES, FOLLOW_UPS, FollowUpRule, Question
from commands.console import show, speaker, write
from commands.options import CampaignName, CityFolder, Days, LanguageOption, Near, Out
from commands.questions import ask_issues, issues_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable


def campaigns(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    campaign: CampaignName = "",
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    language: LanguageOption = None,
) -> None:
    """Hold campaigns against the time before and after, and list the issues of one."""
    from exports.recipes.casework import campaigns as recipe  # noqa: PLC0415  brings scipy

    check_folder(out, recipe.CAMPAIGN_FILES, command=recipe.COMMAND)
    asked = ask_issues(city)
    question = Question(
        **issues_of(None, None, None, campaign), follow_up=FollowUpRule(distance_m=near, days=days)
    )
    translate = speaker(asked.city, language)
    files, said = recipe.campaign_files(asked, question, translate)
    write(files, out, command=recipe.COMMAND)
    show("campaign_periods", recipe.campaign_tables(asked, question)["campaign_periods"], translate)
    typer.echo("\n".join(map(printable, ["", *said])))
