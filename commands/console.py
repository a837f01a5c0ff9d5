"""What every command says, shows and writes, and how it ends after a mistake."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand

from analysis.model.errors import PlanningError
from commands.permission import check_role
from exports.formats.folder import write_folder
from exports.formats.terminal import plain_table, printable
from layers.knowledge.dictionary import load_dictionary
from wording.catalogue import load_words
from wording.missing_rows import missing_sentence
from wording.quoted import quoted, quoted_hint
from wording.speaker import Speaker

if TYPE_CHECKING:
    import pandas as pd

    from layers.city import City


USAGE_EXIT = 2


SHOWN = {
    "layers": ("layer", "rows_in", "not_selected", "loaded", "repaired", "quarantined"),
    "notes": ("layer", "outcome", "count", "message"),
    "summary": ("rule", "measure", "population_covered_share", "population_covered_share_most",
                "straight_covered_share", "area_covered_share", "residential_covered_share",
                "communities", "meets", "fails", "cannot_judge", "verdict"),
    "sites": ("rank", "community", "parent", "people_gained", "people_served", "people_alone",
              "nearest_facility_m"),
    "scenario_headline": ("scenario", "rule", "measure", "value_before", "value", "meets_before",
                          "meets", "people_gained"),
    "scenario_communities": ("scenario", "community", "rule", "measure", "value_before", "value",
                             "verdict_before", "verdict", "people_gained"),
    "frontage_streets": (
        "street",
        "frontages",
        "passed",
        "failed",
        "never_checked",
        "pass_share",
        "low_share",
        "high_share",
        "issues_per_100m",
    ),
    "rounds": ("inspection", "level", "findings", "rectified", "open", "share", "median_days",
               "judged", "known_share", "chance_share"),
    "monitoring": ("network", "indicator", "period", "stations", "n", "met", "exceeded",
                   "not_judged", "pass_share", "reason"),
    "survey": ("level", "community", "parent", "n", "share", "low_share", "high_share", "verdict",
               "change", "reason"),
    "campaign_periods": ("campaign", "period", "since", "until", "observed_days", "reports",
                         "closed", "recurrences", "per_day"),
    "level_cases": ("level", "name", "communities", "population", "cases", "open", "overdue",
                    "per_10k_people"),
    "level_tasks": ("level", "name", "tasks", "unfinished", "late", "done", "verified"),
    "tasks": ("kind", "community", "state", "unit", "leader", "deadline", "days_left", "progress",
              "proposal"),
    "places": ("rank", "community", "parent", "cases", "open", "overdue", "top_category"),
}  # fmt: skip
"""Columns shown in the terminal where anything stands in them; the files have them all."""


PLACES_SHOWN = 10


class Language(StrEnum):
    """Languages of sentences, headings and maps."""

    zh = "zh"
    zh_hant = "zh-Hant"
    en = "en"


class Command(TyperCommand):
    """A command whose user may make a mistake: one message, exit code 2."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command."""
        try:
            check_role(ctx)
            return super().invoke(ctx)
        except PlanningError as error:
            language = ctx.params.get("language")
            typer.echo(sentence(error, language), err=True)
            raise typer.Exit(USAGE_EXIT) from error


def speaker(city: "City", language: Language | None) -> Speaker:
    """Speak the language asked for, else the city's own."""
    return Speaker(load_words(), (language or city.language))


def show(table: str, frame: "pd.DataFrame", translate: Speaker) -> None:
    """Show the columns of a table that have anything in them."""
    known = {column.id: column for column in load_dictionary().tables[table].columns}
    filled = frame.columns[frame.notna().any()] if len(frame) else frame.columns
    columns = [known[name] for name in SHOWN[table] if name in filled]
    typer.echo(plain_table(frame.reset_index(drop=True), columns, language=translate.language))


def say_missing(city: "City", translate: Speaker) -> None:
    """Say which rows of the city every result lacks."""
    if text := missing_sentence(translate, city):
        typer.echo(printable(text))


def write(files: dict[str, bytes], out: Path, *, command: str) -> None:
    """Write the files of a result, whole or not at all, and name them."""
    write_folder(files, out, command=command)
    typer.echo(f"\n{printable(str(out))}: {', '.join(files)}\n")


def sentence(error: PlanningError, language: Language | None) -> str:
    """Put a mistake into one message and its advice."""
    translate = Speaker(load_words(), language or Language.en)
    text, hint = quoted(error), quoted_hint(error)
    if language:
        text, hint = translate.error(error), translate.hint(error)
    return printable(text) if hint in text else f"{printable(text)}\n{printable(hint)}"
