"""The commands `report` and `findings`."""

from functools import partial
from pathlib import Path

import typer

from analysis.model.question import DISTANCES, FOLLOW_UPS, SHAPES, FollowUpRule, Question
from commands.console import Language, say_missing, speaker, write
from commands.options import (
    At,
    BasisOption,
    CampaignName,
    CaseMix,
    Category,
    Cell,
    CityFolder,
    Communities,
    Day,
    Days,
    Draw,
    Formats,
    LanguageOption,
    LeastClass,
    MeasureOption,
    Near,
    Only,
    Out,
    Radii,
    ShapeOption,
    StandardOption,
    Weight,
)
from commands.questions import (
    ask_issues,
    cells_of,
    formats_of,
    issues_of,
    measures_of,
    radii_of,
    supply_of,
    weights_of,
)
from exports.formats.folder import check_folder
from exports.formats.terminal import printable


def report(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    form: Formats = "",
    standard: StandardOption = "",
    service_radius: Radii = None,
    measure: MeasureOption = "rule",
    only: Only = None,
    least_class: LeastClass = "",
    at: At = "",
    category: Category = None,
    campaign: CampaignName = "",
    since: Day = None,
    until: Day = None,
    cell: Cell = None,
    grid: ShapeOption = SHAPES[0],
    basis: BasisOption = None,
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    draw: Draw = "",
    case_mix: CaseMix = False,  # noqa: FBT002  an option of its own
    weight: Weight = None,
    community: Communities = None,
    language: LanguageOption = None,
) -> None:
    """Write papers and draw every map; without a day, issues are of the last year."""
    question = Question(
        standard=standard,
        radii=radii_of(service_radius),
        measures=measures_of(measure),
        **supply_of(only, least_class, at),
        **cells_of(cell, grid, basis),
        **issues_of(category, since, until, campaign),
        follow_up=FollowUpRule(near, days, draw=draw, case_mix=case_mix),
        weights=weights_of(weight or []),
    )
    _write_papers(city, out, question, form, community or [], language)


def _write_papers(  # noqa: PLR0917 - as the command
    city: Path,
    out: Path,
    question: Question,
    form: str,
    communities: list[str],
    language: Language | None,
) -> None:
    from exports.recipes import report as recipe  # noqa: PLC0415  brings scipy and the typesetter

    formats, asked = formats_of(form, recipe.FORMATS), ask_issues(city)
    make = partial(recipe.report_files, communities=tuple(dict.fromkeys(communities)))
    write(make(asked, question, speaker(asked.city, language), formats), out, command="report")


def findings(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
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
    """List what somebody has to do; without a day, issues are of the last year."""
    from exports.recipes.casework import findings as recipe  # noqa: PLC0415  brings scipy

    check_folder(out, recipe.FINDING_FILES, command="findings")
    asked = ask_issues(city)
    question = Question(
        standard=standard,
        radii=radii_of(service_radius),
        measures=measures_of(measure),
        **cells_of(cell, grid, basis),
        **issues_of(category, since, until, campaign),
        follow_up=FollowUpRule(distance_m=near, days=days),
    )
    translate = speaker(asked.city, language)
    files, sentences = recipe.listed(asked, question, translate)
    write(files, out, command="findings")
    for sentence in sentences:
        typer.echo(printable(sentence))
    say_missing(asked.city, translate)
