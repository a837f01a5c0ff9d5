"""The command `levels`: coverage, cases and tasks added up on every level above communities."""

from analysis.model.question import Question
from commands.console import show, speaker, write
from commands.options import (
    CampaignName,
    Category,
    CityFolder,
    Day,
    LanguageOption,
    MeasureOption,
    Out,
    StandardOption,
)
from commands.permission import rows_seen
from commands.questions import ask_issues, issues_of, measures_of
from exports.formats.folder import check_folder
from wording.levels import with_area_titles


def levels(  # noqa: PLR0917 - each is an option
    city: CityFolder,
    out: Out,
    standard: StandardOption = "",
    measure: MeasureOption = "rule",
    category: Category = None,
    campaign: CampaignName = "",
    since: Day = None,
    until: Day = None,
    language: LanguageOption = None,
) -> None:
    """Add up on every level above communities; tasks where a store is named (STORE=folder)."""
    from exports.recipes.casework import levels as recipe  # noqa: PLC0415  brings scipy
    from exports.recipes.hotspots import with_usual_period  # noqa: PLC0415  the same

    check_folder(out, recipe.LEVEL_FILES, command=recipe.COMMAND)
    asked = ask_issues(city)
    recipe.levels_in(asked.city)
    question = Question(
        standard=standard,
        measures=measures_of(measure),
        **issues_of(category, since, until, campaign),
    )
    question = with_usual_period(question, asked.city)
    tasks = recipe.kept_load(asked, question, seen=rows_seen)
    translate = speaker(asked.city, language)
    write(recipe.level_files(asked, question, tasks, translate), out, command=recipe.COMMAND)
    cases = None if asked.city.issues is None else asked.by_area(question)
    for name, table in ((recipe.CASES, cases), (recipe.TASKS, tasks)):
        if table is not None:
            show(name, with_area_titles(table, asked.city, translate), translate)
