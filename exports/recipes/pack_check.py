"""Checks a pack: untouched, of the same inputs, and the same tables when they are made again."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the types
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import BaseModel, Field, TypeAdapter

from analysis.model.errors import PlanningError, SettingsError, SourceError
from analysis.model.question import Question
from exports.provenance import RECORD, program_used
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.pack import (
    KNOWLEDGE,
    PARTS,
    SUMS,
    TABLE,
    TASKS,
    Made,
    Part,
    Request,
    make_part,
    settled,
    sum_lines,
    table_of,
)
from exports.tables.differences import table_differences
from layers.formats.archives import MAX_MEMBERS, unzip
from layers.formats.boundary import held, reading
from layers.knowledge.used import knowledge_used
from layers.load import city_folders, default_city_data, load_city
from layers.sources.files import MAX_FILES, check_inside, read_file
from layers.sources.opened import Opened, content_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layers.city import City
    from wording.catalogue import Words
    from wording.speaker import Speaker

ENTRY = "verify"
MAX_RECORD = 16 << 20
"""Bytes of a record that is read: that of a city with a thousand files has one."""
MOST = 100
"""Parts and libraries that a record may name."""
ENDS = 22
"""Bytes of what ends an archive, its comment apart."""
SHOWN = 20
"""Differences of a table that are told one by one."""


class Digest(BaseModel):
    """The sum of a file."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Input(BaseModel):
    """A layer and the files that it was read from."""

    layer: str
    files: dict[str, Digest] = Field(max_length=MAX_FILES)


class Asked(BaseModel):
    """What the pack was asked for."""

    question: Question
    day: dt.date
    unmasked: list[str]
    parts: dict[str, dict[str, Any]] = Field(max_length=MOST)
    left_out: dict[str, str] = Field(max_length=MOST)


class PackedCity(BaseModel):
    """Which city it is of."""

    id: str
    name: dict[str, str]


class Record(BaseModel):
    """What the record of a pack has to say."""

    command: Literal["pack"]
    version: str
    libraries: dict[str, str] = Field(max_length=MOST)
    city: PackedCity
    parameters: Asked
    inputs: list[Input] = Field(max_length=MAX_FILES)
    results: dict[str, Digest] = Field(max_length=MAX_MEMBERS)


@dataclass(frozen=True)
class Pack:
    """
    A pack that was read.

    Attributes
    ----------
    sum
        sha256 of its file.
    members
        Every file in it, by name.
    record
        What `run.json` says.
    stands_alone
        Whether the archive is its files and nothing else.
    """

    sum: str
    members: Mapping[str, bytes]
    record: Record
    stands_alone: bool = True


class Told(NamedTuple):
    """One thing to say: a code of `data/words/pack.toml`, and its facts."""

    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class Checked:
    """
    What a check found.

    Attributes
    ----------
    told
        What there is to say, in order.
    touched, differs, unknown
        Whether a file was touched; an input or table is another one; a table could not be made.
    """

    told: list[Told]
    touched: bool
    differs: bool
    unknown: bool


def read_pack(path: Path) -> Pack:
    """Read a pack into memory, within the limits of any archive; nothing is written."""
    opened = read_file(path, name=path.name, entry=ENTRY)
    members = unzip(opened) if content_of(opened.data) == "zip" else {}
    if RECORD not in members or SUMS not in members:
        raise opened.error(
            text=f"is no evidence pack: it lacks {RECORD} or {SUMS}.",
            problem="pack_none",
            hint="Name the zip file that `pack` made.",
            record=RECORD,
            sums=SUMS,
        )
    record = _record(opened, members[RECORD])
    return Pack(opened.sha256, members, record, _stands_alone(opened.data))


def _stands_alone(data: bytes) -> bool:
    """Tell whether nothing stands before or behind an archive, where other programs may read it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = min(each.header_offset for each in archive.infolist())
    return first == 0 and data[-ENDS:].startswith(b"PK\x05\x06")


def _record(opened: Opened, data: bytes) -> Record:
    if len(data) > MAX_RECORD:
        raise opened.error(
            text=f"has a record of {len(data)} bytes; at most {MAX_RECORD} are read.",
            problem="pack_record_large",
            hint="Get the pack again.",
            found=len(data),
            allowed=MAX_RECORD,
        )

    def no_record(found: str) -> SourceError:
        return opened.error(
            text=f"has a {RECORD} that is no record of a pack: {found}.",
            problem="pack_record",
            hint="Get the pack again, or check it with the program that made it.",
            found=found,
        )

    with held(no_record):
        record = Record.model_validate_json(data, strict=True)
        asked = json.loads(data)["parameters"]["question"]
        read = TypeAdapter(Question).dump_python(record.parameters.question, mode="json")
        if asked != read:
            unknown = ", ".join(sorted(set(asked) ^ set(read)))
            msg = f"this program does not know every part of its question: {unknown}"
            raise ValueError(msg)
    return record


# --- the three checks


def check_pack(pack: Pack, folder: Path | None, words: Words) -> Checked:
    """Check a pack by itself and, where a city's folder is named, against it."""
    touched = list(_touched(pack))
    n = len(pack.members)
    told = [_opened(pack), *_programs(pack), *(touched or [Told("whole", {"n": n})])]
    told += _absent(pack.record.parameters)
    if folder is None:
        return Checked([*told, Told("not_asked", {})], bool(touched), differs=False, unknown=False)
    city, why = _load(folder)
    inputs = [*_inputs(pack, city, folder), *_knowledge(pack, folder)]
    told += inputs or [Told("inputs_same", {"n": _count_inputs(pack)})]
    if city is None:
        told.append(Told("cannot", {"why": why}))
        return Checked(told, bool(touched), differs=False, unknown=True)
    answers = IssueAnswers(city)
    found, unknown = _tables(pack, answers, words)
    differs = bool(inputs) or any(each.code.startswith("table_") for each in found)
    return Checked([*told, *found], bool(touched), differs=differs, unknown=unknown)


def _load(folder: Path) -> tuple[City | None, PlanningError | None]:
    """Load a city, or tell why it cannot be."""
    try:
        return load_city(folder), None
    except PlanningError as error:
        return None, error


def sentences(checked: Checked, translate: Speaker) -> Iterator[str]:
    """Say what a check found."""
    for each in checked.told:
        facts = {name: _fact(fact, translate) for name, fact in each.facts.items()}
        yield translate(f"pack.{each.code}", **facts)


def _fact(fact: object, translate: Speaker) -> object:
    if isinstance(fact, PlanningError):
        return translate.error(fact)
    if isinstance(fact, tuple):
        known = {part.name for part in PARTS}
        names = [translate(f"pack.part_{name}") if name in known else name for name in fact]
        return translate("asked.and").join(names)
    return translate.of(fact) if isinstance(fact, dict) else fact


def _opened(pack: Pack) -> Told:
    record = pack.record
    day = record.parameters.day.isoformat()
    return Told("opened", {"city": record.city.name, "day": day, "sum": pack.sum})


def _absent(asked: Asked) -> Iterator[Told]:
    """Name the parts that are not there: those it gives a reason for, and those without."""
    unsaid = {part.name for part in PARTS} - {*asked.parts, *asked.left_out}
    for code, names in (("left_out", asked.left_out), ("part_absent", sorted(unsaid))):
        if names:
            yield Told(code, {"parts": tuple(names)})


def _programs(pack: Pack) -> Iterator[Told]:
    """Name the program and libraries that are not those the pack was made with."""
    now, then = program_used(), {"program": pack.record.version, **pack.record.libraries}
    for name in {**then, **now}:
        if then.get(name) != now.get(name):
            facts = {"name": name, "then": then.get(name, "—"), "now": now.get(name, "—")}
            yield Told("version", facts)


def _touched(pack: Pack) -> Iterator[Told]:
    """Hold every file to the record, and the record to the list of sums."""
    members = pack.members
    if not pack.stands_alone:
        yield Told("touched_around", {})
    expected = {name: each.sha256 for name, each in pack.record.results.items()}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    for name in sorted({*expected, *found} - {RECORD, SUMS}):
        if name not in found:
            yield Told("missing", {"file": name})
        elif name not in expected:
            yield Told("extra", {"file": name})
        elif found[name] != expected[name]:
            yield Told("touched", {"file": name, "then": expected[name], "now": found[name]})
    sums = {**expected, RECORD: found[RECORD]}
    if set(sum_lines(sums).splitlines()) != set(members[SUMS].splitlines()):
        yield Told("touched_record", {"file": RECORD, "entry": SUMS})


def _count_inputs(pack: Pack) -> int:
    return sum(len(each.files) for each in pack.record.inputs)


def _inputs(pack: Pack, city: City | None, folder: Path) -> Iterator[Told]:
    """Name the inputs that are not those of the pack, with both sums."""
    then = {
        (each.layer, name): digest.sha256
        for each in pack.record.inputs
        for name, digest in each.files.items()
    }
    if city is not None:
        now = {(each.id, name): sha for each in city.reports for name, sha in each.files.items()}
    else:
        now = {key: sha for key in then if (sha := _sum_of(key[1], folder))}
    for layer, file in sorted({*then, *now}):
        facts = {"layer": layer, "file": file}
        before, after = then.get((layer, file)), now.get((layer, file))
        if after is None:
            yield Told("input_gone", facts)
        elif before is None:
            yield Told("input_new", facts)
        elif before != after:
            yield Told("input_differs", {**facts, "then": before, "now": after})


def _sum_of(name: str, folder: Path) -> str:
    """Sum up an input of a city that cannot be loaded; empty where there is none."""
    try:
        check_inside(name, entry=ENTRY)
        for place in city_folders(folder.resolve(), default_city_data()):
            if (place / name).is_file():
                return read_file(place / name, name=name, entry=ENTRY).sha256
    except (PlanningError, OSError, ValueError):
        return ""
    return ""


def _knowledge(pack: Pack, folder: Path) -> Iterator[Told]:
    """Name the files of recipe, standard and rules that are not those of the pack."""
    place = f"{KNOWLEDGE}/"
    then = {
        name.removeprefix(place): content
        for name, content in pack.members.items()
        if name.startswith(place)
    }
    standard = next(
        (
            name.split("/")[1].removesuffix(".toml")
            for name in then
            if name.startswith("standards/")
        ),
        "",
    )
    try:
        places = city_folders(folder.resolve(), default_city_data())
        now = knowledge_used(folder, standard, folders=places)
    except (PlanningError, OSError):
        now = {}
    for name in sorted({*then, *now}):
        facts = {"file": name}
        if name not in now:
            yield Told("knowledge_gone", facts)
        elif name not in then:
            yield Told("knowledge_new", facts)
        elif then[name] != now[name]:
            sums = [hashlib.sha256(each[name]).hexdigest() for each in (then, now)]
            yield Told("knowledge_differs", {**facts, "then": sums[0], "now": sums[1]})


def _tables(pack: Pack, answers: IssueAnswers, words: Words) -> tuple[list[Told], bool]:
    """Make every table again, and tell of the differences and of what cannot be made."""
    asked, told, same, unknown = pack.record.parameters, list[Told](), 0, False
    try:
        settled(answers, asked.question)
    except PlanningError as error:
        return [Told("cannot", {"why": error})], True
    exports = frozenset(part.export or part.name for part in PARTS)
    request = Request(asked.question, asked.day, exports, frozenset(asked.unmasked))
    known = {part.name: part for part in PARTS}
    for name in asked.parts:
        if name == TASKS:
            told.append(Told("tasks", _tasks_facts(asked)))
        elif name not in known:
            told.append(Told("part_unknown", {"part": name}))
            unknown = True
        elif known[name].has_tables:
            found, alike, failed = _part(pack, known[name], answers, request, words)
            told, same, unknown = told + found, same + alike, unknown or failed
    alone = any(each.code.startswith("table_") for each in told) or unknown
    told.append(Told("tables_rest" if alone else "tables_same", {"n": same}))
    return told, unknown


def _tasks_facts(asked: Asked) -> dict[str, object]:
    return {"day": asked.day.isoformat(), "head": str(asked.parts[TASKS].get("log_end", "—"))}


def _part(
    pack: Pack, part: Part, answers: IssueAnswers, request: Request, words: Words
) -> tuple[list[Told], int, bool]:
    """Make a part again: differences, tables that are the same, whether it could be made."""
    made = Made()
    try:
        with held(_unusable):  # a record from anywhere may ask what no page and no option lets ask
            make_part(answers, part, request, words, made)
    except PlanningError as error:
        made.left_out[part.name] = error
    if part.name in made.left_out:
        return [Told("part_fails", {"part": part.name, "why": made.left_out[part.name]})], 0, True
    then, now = (_tables_of(part, files) for files in (pack.members, made.files))
    told, same = list[Told](), 0
    for name in sorted({*then, *now}):
        found = list(_table(name, then.get(name), now.get(name), pack.sum))
        same += not found
        told += found
    return told, same, False


def _unusable(found: str) -> SettingsError:
    msg = f"What the pack was asked for cannot be used: {found}."
    hint = "Get the pack again, or check it with the program that made it."
    return SettingsError(msg, problem="pack_asks", hint=hint, found=found)


def _tables_of(part: Part, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Pick the tables of a part."""
    return {
        name: content
        for name, content in files.items()
        if f"/{part.name}/" in name and name.endswith(TABLE)
    }


def _table(name: str, then: bytes | None, now: bytes | None, pack: str) -> Iterator[Told]:
    if now is None:
        yield Told("table_extra", {"file": name})
        return
    if then is None:
        yield Told("table_missing", {"file": name})
        return
    table = table_of(name)
    if then == now:
        return
    if table is None:
        yield Told("table_differs", {"file": name})
        return
    opened = Opened(ENTRY, name, b"", pack)
    with reading(opened, "is no table", hint="Get the pack again."):
        found = table_differences(then, now, table)
    for each in found[:SHOWN]:
        yield Told(f"table_{each.kind}", {"file": name, **each._asdict()})
    if len(found) > SHOWN:
        yield Told("table_more", {"file": name, "n": len(found) - SHOWN})
