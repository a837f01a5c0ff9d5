"""The command `coverage`."""

import typer

from analysis.model.question import CATCHMENTS, POSITION_ERRORS, Question
from commands.console import say_missing, show, speaker, write
from commands.options import (
    At,
    CatchmentOption,
    CityFolder,
    Compare,
    LanguageOption,
    LeastClass,
    MeasureOption,
    Need,
    Only,
    Out,
    PositionError,
    Radii,
    StandardOption,
)
from commands.questions import measures_of, needs_of, radii_of, supply_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable
from layers.load import load_city


def coverage(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    standard: StandardOption = "",
    service_radius: Radii = None,
    measure: MeasureOption = "rule",
    only: Only = None,
    least_class: LeastClass = "",
    at: At = "",
    position_error: PositionError = float(POSITION_ERRORS[0]),
    catchment: CatchmentOption = CATCHMENTS[0],
    need: Need = None,
    compare: Compare = "",
    language: LanguageOption = None,
) -> None:
    """Judge every community against every rule of a standard."""
    from exports.recipes import coverage as recipe  # noqa: PLC0415  the same
    from exports.recipes import facility_answers  # noqa: PLC0415  `check` needs none of this

    check_folder(out, (*recipe.COVERAGE_FILES, *recipe.COMPARE_FILES), command="coverage")
    question = Question(
        standard=standard,
        radii=radii_of(service_radius),
        measures=measures_of(measure),
        **supply_of(only, least_class, at),
        position_error=position_error,
        catchment=catchment,
        needs=tuple(needs_of(need or []).items()),
        edition=compare,
    )
    asked = facility_answers.FacilityAnswers(load_city(city))
    translate = speaker(asked.city, language)
    write(recipe.coverage_files(asked, question, translate), out, command="coverage")
    summary = recipe.assessed(asked, question).summary
    show("summary", summary[summary["level"] == "city"], translate)
    said = recipe.measure_sentence(asked, question, asked.standard(question), translate)
    if said:
        typer.echo(printable(said))
    say_missing(asked.city, translate)
