"""The command `monitoring`: readings and samples against their limits."""

from typing import Annotated

import typer

from commands.console import show, speaker, write
from commands.options import CityFolder, LanguageOption, Out
from commands.questions import ask_issues
from exports.formats.folder import check_folder
from exports.formats.terminal import printable
from wording.monitoring import with_series_names

ROWS_SHOWN = 30


def monitoring(
    city: CityFolder,
    out: Out,
    series: Annotated[
        str,
        typer.Option(
            "--series",
            metavar="NETWORK/INDICATOR",
            help="Map and bulletin of this; default: what exceeded its limit most.",
        ),
    ] = "",
    every: Annotated[
        str, typer.Option("--every", metavar="PERIOD", help="month, quarter or year.")
    ] = "quarter",
    language: LanguageOption = None,
) -> None:
    """Tell which readings and samples exceeded their limits, by area, period and station."""
    from exports.recipes.casework import monitoring as recipe  # noqa: PLC0415  brings scipy

    check_folder(out, recipe.MONITORING_FILES, command=recipe.COMMAND)
    asked = ask_issues(city)
    translate = speaker(asked.city, language)
    files, said = recipe.monitoring_files(asked, series, every, translate)
    write(files, out, command=recipe.COMMAND)
    table = recipe.result_table(asked, every)
    whole = table[table["level"].eq("city")].drop_duplicates(["network", "indicator"])
    show("monitoring", with_series_names(whole.head(ROWS_SHOWN), asked.city, translate), translate)
    typer.echo("\n".join(map(printable, ["", *said])))
