"""The command `survey`: rates of surveys with intervals, thresholds and changes."""

from typing import Annotated

import typer

from commands.console import show, speaker, write
from commands.options import CityFolder, LanguageOption, Out
from commands.questions import ask_issues
from exports.formats.folder import check_folder
from exports.formats.terminal import printable
from wording.names import known_names

ROWS_SHOWN = 30


def survey(
    city: CityFolder,
    out: Out,
    topic: Annotated[
        str, typer.Option("--topic", metavar="NAME", help="Bulletin of this; default: the first.")
    ] = "",
    language: LanguageOption = None,
) -> None:
    """Tell what surveys of residents found: rates with intervals, thresholds, changes."""
    from exports.recipes.casework import survey as recipe  # noqa: PLC0415  brings scipy

    check_folder(out, recipe.SURVEY_FILES, command=recipe.COMMAND)
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    files, said = recipe.survey_files(asked, topic, translate)
    write(files, out, command=recipe.COMMAND)
    table = recipe.rate_table(asked)
    chosen = recipe.chosen_topic(table, asked.city, topic)
    rows = recipe.rows_of(table, chosen).head(ROWS_SHOWN)
    names = known_names(asked.city.communities, translate.language)
    shown = rows.assign(
        **{each: rows[each].replace(names[each]) for each in ("community", "parent")}
    )
    show("survey", shown, translate)
    typer.echo("\n".join(map(printable, ["", *said])))
