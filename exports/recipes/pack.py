"""
The evidence pack: what a review asks for, in one file that tells whether it was touched.

Its bytes depend on inputs, question and day alone. `run.json` is its record, as of any other
result; `SHA256SUMS` lists every file and the record, as `sha256sum -c` reads it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from analysis.casework.monitoring import EVERY
from analysis.model.errors import PlanningError, SettingsError
from analysis.model.levels import levels_of
from analysis.model.question import Question
from analysis.privacy.recognise import NUMBERS
from exports.formats.archive import packed, unpacked
from exports.formats.csv import masked_csv
from exports.formats.terminal import printable
from exports.papers.methods import methods_paper
from exports.papers.write import WRITERS
from exports.provenance import RECORD, with_record
from exports.recipes.casework.findings import finding_files
from exports.recipes.casework.inspections import inspection_files, inspection_tables
from exports.recipes.casework.ladder import warning_files
from exports.recipes.casework.levels import CASES, MEMBERS, level_files, stored_load
from exports.recipes.casework.levels import TASKS as LEVEL_TASKS
from exports.recipes.casework.monitoring import monitoring_files
from exports.recipes.casework.readiness import readiness_files
from exports.recipes.casework.survey import survey_files
from exports.recipes.casework.task_commands import Asked, task_table
from exports.recipes.check import check_files
from exports.recipes.coverage import coverage_tables
from exports.recipes.hotspots import csv_files, hotspot_tables, with_usual_period
from exports.recipes.report import report_files
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.taxonomy import category_names
from layers.knowledge.used import knowledge_used
from layers.languages import WRITTEN
from layers.load import city_folders, default_city_data
from store.address import FOLDER, is_named
from store.database import opened
from store.log import last
from wording.campaigns import about
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import pandas as pd

    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from layers.knowledge.dictionary import Table
    from wording.catalogue import Words

COMMAND = "pack"
SUMS = "SHA256SUMS"
README = "README.md"
TABLES, KNOWLEDGE = "tables", "knowledge"
"""Folders of what is the same in every language, and of what the city was judged by."""
TASKS = "tasks"
"""The part that changes with people's work and is never made again."""
NO_ROLE = "role"
"""Why a part is left out that whoever makes the pack may not take."""
TABLE = ".csv"
KILOBYTE = 1000
PAPERS = tuple(f".{form}" for form in WRITERS)


class Recipe(Protocol):
    """Makes the files of a part, `run.json` among them."""

    def __call__(
        self,
        answers: IssueAnswers,
        question: Question,
        translate: Speaker,
        /,
        *,
        created: dt.datetime,
    ) -> Mapping[str, bytes]:
        """Make them."""


@dataclass(frozen=True)
class Part:
    """
    One part of the pack.

    Attributes
    ----------
    name
        Of its folder.
    make
        Its recipe.
    export
        What a role must be allowed to take; by default of the part's own name.
    kept
        Endings of the files that are taken from the recipe.
    in_words
        Whether they are made in each language.
    """

    name: str
    make: Recipe
    export: str = ""
    kept: tuple[str, ...] = (TABLE,)
    in_words: bool = False

    @property
    def has_tables(self) -> bool:
        """Tell whether tables are among its files."""
        return any(ending.endswith(TABLE) for ending in self.kept)


@dataclass(frozen=True)
class Request:
    """
    What is to be packed.

    Attributes
    ----------
    question
        What every part answers.
    day
        As of which day: tasks are late or not on it, and it is the date of every record.
    exports
        What whoever asks may take; what he may not is left out, and the pack says so.
    unmasked
        Classes of personal data that he may hand on; all others are masked in every table.
    """

    question: Question
    day: dt.date
    exports: frozenset[str]
    unmasked: frozenset[str] = frozenset()


def _check(
    answers: IssueAnswers, _: Question, translate: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    return check_files(answers.city, translate, created=created)


def _rounds(
    answers: IssueAnswers, question: Question, _: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    return inspection_tables(answers, question, created=created)


def _bulletin(
    answers: IssueAnswers, question: Question, translate: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    return inspection_files(answers, question, "", translate, created=created)[0]


def _surveys(
    answers: IssueAnswers, _: Question, translate: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    return survey_files(answers, "", translate, created=created)[0]


def _monitoring(
    answers: IssueAnswers, _: Question, translate: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    return monitoring_files(answers, "", EVERY[0], translate, created=created)[0]


def _levels(
    answers: IssueAnswers, question: Question, translate: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    return level_files(answers, question, None, translate, created=created)


def _readiness(
    answers: IssueAnswers, _: Question, translate: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    return readiness_files(answers, translate, created=created)[0]


def _every(rows: pd.DataFrame) -> pd.DataFrame:
    """See every row: only roles that do so may make a pack."""
    return rows


def _tasks(
    answers: IssueAnswers, question: Question, _: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    """Write the tasks as they stand, and where the log ended before they were read."""
    if not is_named():
        msg = "Tasks are not packed: no place where they are kept was named."
        hint = f"Set {FOLDER} to the folder that the dashboard keeps things in."
        raise SettingsError(msg, problem="pack_no_store", hint=hint, folder=FOLDER)
    with opened(make=False) as store:
        with store.reading() as connection:
            end = last(connection)
        asked = Asked(campaign=question.selection.campaign)
        tables = {TASKS: task_table(store, answers, asked, seen=_every, day=created.date())}
        if levels_of(answers.city.communities):
            tables[LEVEL_TASKS] = stored_load(
                store, answers, asked.campaign, seen=_every, day=created.date()
            )
    return with_record(
        csv_files(tables),
        answers.city,
        command=TASKS,
        parameters={
            "day": created.date().isoformat(),
            "campaign": asked.campaign or None,
            "log_end": str(end),
        },
        created=created,
    )


def _report(
    answers: IssueAnswers, question: Question, translate: Speaker, *, created: dt.datetime
) -> Mapping[str, bytes]:
    formats = ("docx", "pdf", "xlsx", "png")
    return report_files(answers, question, translate, formats, created=created)


PARTS = (
    Part("check", _check, "notes", kept=("layers.csv", "notes.csv"), in_words=True),
    Part("coverage", coverage_tables),
    Part("hotspots", hotspot_tables),
    Part("levels", _levels, kept=(f"{MEMBERS}{TABLE}", f"{CASES}{TABLE}")),
    Part("findings", finding_files),
    Part("warnings", warning_files),
    Part("inspections", _rounds),
    Part("survey", _surveys, kept=(TABLE, *PAPERS), in_words=True),
    Part("monitoring", _monitoring, kept=(TABLE, *PAPERS), in_words=True),
    Part("readiness", _readiness, kept=(TABLE, *PAPERS), in_words=True),
    Part(TASKS, _tasks),
    Part("bulletin", _bulletin, "inspections", kept=PAPERS, in_words=True),
    Part("report", _report, kept=(*PAPERS, ".xlsx", "-a4.png", "monthly.png"), in_words=True),
)
"""Every part, in the order of reading; a bundle of another recipe joins by one line."""


@dataclass(frozen=True)
class Made:
    """
    What became of the parts.

    Attributes
    ----------
    files
        By their names in the pack.
    parameters
        Of each part that is there, as its record has them.
    left_out
        Why a part is not: `NO_ROLE` or what its recipe refused with.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, PlanningError | str] = field(default_factory=dict)


# --- what a pack holds


def pack_files(answers: IssueAnswers, request: Request, words: Words) -> dict[str, bytes]:
    """Make every file of a pack."""
    city = answers.city
    question = settled(answers, request.question)
    asked = Request(question, request.day, request.exports, request.unmasked)
    made = Made()
    for part in PARTS:
        make_part(answers, part, asked, words, made)
    files = made.files
    for language in WRITTEN:
        translate = Speaker(words, language)
        told = told_parts(made, translate)
        paper = methods_paper(
            city,
            answers.standard(question),
            made.parameters,
            told,
            translate,
            of=_of_campaign(question, city, translate),
        )
        files |= {f"{language}/methods.{form}": write(paper) for form, write in WRITERS.items()}
    places = city_folders(city.folder.resolve(), default_city_data())
    used = knowledge_used(city.folder, answers.own_standard(question).id, folders=places)
    files |= {f"{KNOWLEDGE}/{name}": content for name, content in used.items()}
    files[README] = _readme(city, made, asked, words).encode()
    whole = with_record(
        files,
        city,
        command=COMMAND,
        parameters=_parameters(asked, made),
        created=created_on(request.day, city),
        standard=answers.standard(question),
    )
    return {**whole, SUMS: sums_of(whole)}


def evidence_pack(answers: IssueAnswers, request: Request, words: Words) -> bytes:
    """Make a pack as one file."""
    return packed(pack_files(answers, request, words))


def file_name(city: City) -> str:
    """Name the file of a pack."""
    return f"{city.id}-evidence.zip"


def written(answers: IssueAnswers, request: Request, words: Words) -> dict[str, bytes]:
    """Make a pack for a folder, with the record that lets the next one take its place."""
    name = file_name(answers.city)
    return with_record(
        {name: evidence_pack(answers, request, words)},
        answers.city,
        command=COMMAND,
        parameters={"day": request.day.isoformat()},
        created=created_on(request.day, answers.city),
    )


def said(content: bytes, translate: Speaker) -> Iterator[str]:
    """Say of a pack how many files it has, which parts it lacks, and its sum."""
    files = unpacked(content)
    record = json.loads(files[RECORD])
    missing = [translate(f"pack.part_{name}") for name in record["parameters"]["left_out"]]
    size = f"{translate.count(len(content) / KILOBYTE)} kB"
    yield translate("pack.made", n=len(files), size=size)
    if missing:
        yield translate("pack.left_out", parts=translate("asked.and").join(missing))
    yield translate("pack.sum", sum=hashlib.sha256(content).hexdigest())


def settled(answers: IssueAnswers, question: Question) -> Question:
    """Check a question, and put the last year in the place of no period."""
    answers.own_standard(question)
    editions = answers.city.earlier
    if question.edition and question.edition not in editions:
        msg = f"A pack compares with an edition of the city alone, not with {question.edition!r}."
        hint = "Choose an edition that the city's recipe names, or none."
        raise SettingsError(
            msg,
            problem="pack_edition",
            hint=hint,
            found=question.edition,
            allowed=", ".join(editions) or "—",
        )
    return with_usual_period(question, answers.city)


def created_on(day: dt.date, city: City) -> dt.datetime:
    """Give the moment that every record of a pack bears: its day begins."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(city.time_zone))


def make_part(
    answers: IssueAnswers, part: Part, request: Request, words: Words, made: Made
) -> None:
    """Add a part, or why there is none, to what is made."""
    if (part.export or part.name) not in request.exports:
        made.left_out[part.name] = NO_ROLE
        return
    created = created_on(request.day, answers.city)
    files: dict[str, bytes] = {}
    try:
        for language in WRITTEN if part.in_words else WRITTEN[:1]:
            translate = Speaker(words, language)
            bundle = part.make(answers, request.question, translate, created=created)
            place = f"{language if part.in_words else TABLES}/{part.name}"
            files |= {
                f"{place}/{name}": _without_people(name, content, request.unmasked)
                for name, content in bundle.items()
                if name.endswith(part.kept)
            }
            made.parameters[part.name] = json.loads(bundle[RECORD])["parameters"]
    except PlanningError as error:
        made.left_out[part.name] = error
        return
    made.files.update(files)


def table_of(name: str) -> Table | None:
    """Find the table of the dictionary that a file of a pack holds; none for other files."""
    file = name.rpartition("/")[2]
    known = load_dictionary().tables.get(file.removesuffix(TABLE))
    return known if known is not None and file.endswith(TABLE) else None


def _without_people(name: str, content: bytes, unmasked: Collection[str]) -> bytes:
    """Mask personal data in the texts of a table; what identifies a row or place is no text."""
    table = table_of(name)
    if table is None:
        return content
    texts = [
        column.id
        for column in table.columns
        if column.unit.id == "text"
        and not {column.id, *column.id.split("_")} & {*table.key, "id", "ids"}
    ]
    return masked_csv(content, texts, classes=set(NUMBERS) - set(unmasked))


def told_parts(made: Made, translate: Speaker) -> Iterator[tuple[str, str]]:
    """Say of each part what it is, or why it is not there."""
    for part in PARTS:
        why = made.left_out.get(part.name)
        title = translate(f"pack.part_{part.name}")
        if why is None:
            yield title, translate("pack.is_there")
        elif isinstance(why, PlanningError):
            yield title, translate("pack.is_not", why=translate.error(why))
        else:
            yield title, translate("pack.is_not", why=translate("pack.no_role"))


def _of_campaign(question: Question, city: City, translate: Speaker) -> list[str]:
    """Say of which campaign a pack is, and what in it is of the whole city all the same."""
    campaign = city.campaigns.get(question.selection.campaign)
    if campaign is None:
        return []
    told = about(campaign, city, category_names(), translate)
    return [translate("pack.campaign", about=told)]


def _readme(city: City, made: Made, asked: Request, words: Words) -> str:
    """Say in both languages what this is and how it is checked."""
    blocks = []
    for language in WRITTEN:
        translate = Speaker(words, language)
        parts = [f"* {title}: {told}" for title, told in told_parts(made, translate)]
        name = translate.of(city.name)
        heading = translate("pack.title", city=name, day=asked.day.isoformat())
        of = [printable(each) for each in _of_campaign(asked.question, city, translate)]
        how = [translate(f"pack.how_{each}") for each in ("holds", "whole", "again", "tasks")]
        blocks.append("\n".join([f"# {heading}", "", *parts, "", "\n\n".join([*of, *how]), ""]))
    return "\n".join(blocks)


def _parameters(asked: Request, made: Made) -> dict[str, object]:
    return {
        "question": TypeAdapter(Question).dump_python(asked.question, mode="json"),
        "day": asked.day.isoformat(),
        "unmasked": sorted(asked.unmasked),
        "parts": made.parameters,
        "left_out": {
            name: why.problem if isinstance(why, PlanningError) else why
            for name, why in made.left_out.items()
        },
    }


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """List the sums of files."""
    return sum_lines({name: hashlib.sha256(each).hexdigest() for name, each in files.items()})


def sum_lines(digests: Mapping[str, str]) -> bytes:
    """Write sums by the name of their file, as `sha256sum` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()
