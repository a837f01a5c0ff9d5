"""The command `readiness`: clauses of a title's standard, met, failed and not known."""

import typer

from commands.console import speaker, write
from commands.options import CityFolder, LanguageOption, Out
from commands.questions import ask_issues
from exports.formats.folder import check_folder
from exports.formats.terminal import printable


def readiness(city: CityFolder, out: Out, language: LanguageOption = None) -> None:
    """Tell which clauses of the title's standard are met, what blocks, and the days left."""
    from exports.recipes.casework import readiness as recipe  # noqa: PLC0415  brings scipy
    from wording.readiness import clause_lines  # noqa: PLC0415  the same

    check_folder(out, recipe.READINESS_FILES, command=recipe.COMMAND)
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    files, said = recipe.readiness_files(asked, translate)
    write(files, out, command=recipe.COMMAND)
    lines = clause_lines(recipe.readiness(asked), recipe.title_of(asked.city), translate)
    typer.echo("\n".join(map(printable, [*said, "", *lines])))
