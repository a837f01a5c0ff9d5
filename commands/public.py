"""The command `public`: what everybody may see, as a folder to publish."""

import typer

from analysis.model.question import Question
from commands.console import say_missing, speaker, write
from commands.options import CityFolder, Day, LanguageOption, MeasureOption, Out, StandardOption
from commands.questions import ask_issues, issues_of, measures_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable


def public(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    standard: StandardOption = "",
    measure: MeasureOption = "rule",
    since: Day = None,
    until: Day = None,
    language: LanguageOption = None,
) -> None:
    """Write what everybody may see; without a day, issues are of the last year."""
    from exports.recipes import public as recipe  # noqa: PLC0415  brings scipy and the typesetter

    check_folder(out, recipe.PUBLIC_FILES, command="public")
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    question = Question(
        standard=standard,
        measures=measures_of(measure),
        **issues_of(None, since, until),
    )
    write(recipe.public_files(asked, question, translate), out, command="public")
    typer.echo(printable(translate("public.written")))
    say_missing(asked.city, translate)
