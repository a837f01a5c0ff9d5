"""The commands `hotspots` and `warnings`."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from analysis.model.question import (
    CROWDS,
    DISTANCES,
    FOLLOW_UPS,
    SHAPES,
    SPANS,
    WINDOWS,
    FollowUpRule,
    Question,
)
from commands.console import PLACES_SHOWN, Language, say_missing, show, speaker, write
from commands.options import (
    BasisOption,
    CampaignName,
    CaseMix,
    Category,
    Cell,
    CityFolder,
    ClusterCases,
    ClusterDistance,
    Day,
    Days,
    Draw,
    LanguageOption,
    MeasureOption,
    Months,
    Near,
    Out,
    ShapeOption,
    Weight,
    WhoseReach,
    WindowsOption,
)
from commands.questions import ask_issues, cells_of, issues_of, measures_of, weights_of
from exports.formats.folder import check_folder
from exports.formats.terminal import printable
from wording.ladder import worded_warnings
from wording.names import in_language
from wording.speaker import Speaker

if TYPE_CHECKING:
    from exports.recipes.issue_answers import IssueAnswers


def hotspots(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    category: Category = None,
    campaign: CampaignName = "",
    since: Day = None,
    until: Day = None,
    cell: Cell = None,
    grid: ShapeOption = SHAPES[0],
    basis: BasisOption = None,
    windows: WindowsOption = WINDOWS[0],
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    draw: Draw = "",
    case_mix: CaseMix = False,  # noqa: FBT002  an option of its own
    months: Months = SPANS[0],
    cluster_distance: ClusterDistance = float(DISTANCES[0]),
    cluster_cases: ClusterCases = CROWDS[0],
    standard: WhoseReach = "",
    measure: MeasureOption = "rule",
    weight: Weight = None,
    language: LanguageOption = None,
) -> None:
    """Find where issues concentrate; without a day, issues are of the last year."""
    question = Question(
        standard=standard,
        measures=measures_of(measure),
        **issues_of(category, since, until, campaign),
        **cells_of(cell, grid, basis),
        windows=windows,
        follow_up=FollowUpRule(near, days, draw=draw, case_mix=case_mix),
        months=months,
        cluster_distance=cluster_distance,
        cluster_cases=cluster_cases,
        weights=weights_of(weight or []),
    )
    _find_hot_spots(city, out, question, language)


def warnings(
    city: CityFolder,
    out: Out,
    near: Near = float(DISTANCES[0]),
    days: Days = FOLLOW_UPS[0],
    language: LanguageOption = None,
) -> None:
    """List who stays beyond a threshold for months: units, communities, what is above them."""
    from exports.recipes.casework import ladder as recipe  # noqa: PLC0415  brings scipy

    check_folder(out, recipe.WARNING_FILES, command="warnings")
    asked = ask_issues(city)
    question = Question(follow_up=FollowUpRule(near, days))
    translate = speaker(asked.city, language)
    write(recipe.warning_files(asked, question, translate), out, command="warnings")
    found = asked.warnings(question)
    for sentence in recipe.sentences(found, asked.city.ladder, translate):
        typer.echo(printable(sentence))
    worded = worded_warnings(found.table, asked.city, translate).head(PLACES_SHOWN)
    for facts in worded.to_dict("records"):
        typer.echo(printable(translate("ladder.line", **{str(key): facts[key] for key in facts})))
    say_missing(asked.city, translate)


def _find_hot_spots(city: Path, out: Path, question: Question, language: Language | None) -> None:
    from exports.recipes import hotspots as recipe  # noqa: PLC0415  brings 0.4 s of scipy

    check_folder(out, recipe.HOTSPOT_FILES, command="hotspots")
    answers = ask_issues(city)
    question = recipe.with_usual_period(question, answers.city)
    translate = speaker(answers.city, language)
    write(recipe.hotspot_files(answers, question, translate), out, command="hotspots")
    _show_places(answers, question, translate)


def _show_places(answers: "IssueAnswers", question: Question, translate: Speaker) -> None:
    from maps.hotspots import grid_sentence  # noqa: PLC0415  the same

    if not answers.are_named_alone():
        places = answers.hot_spots(question).places.head(PLACES_SHOWN)
        show("places", in_language(places, answers.city, translate.language), translate)
        typer.echo(printable(grid_sentence(answers.grid_choices(question), translate)))
    say_missing(answers.city, translate)
