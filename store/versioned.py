"""
Records that people make and change: a name, a body of plain values, and every version of both.

A change says which version it was made on. Where another has been saved meanwhile, nothing is
written and both values are told, so that nobody's work is lost.
"""

from __future__ import annotations

import json
import re
import unicodedata
import uuid
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from analysis.model.errors import StoreError
from store.content import digest, written
from store.log import append, last, now
from store.tables import LOG, RECORDS, REVISIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from store.database import Store

Picked = TypeVar("Picked")

LONGEST_NAME, LONGEST_BODY = 100, 4_000_000
"""Signs of a name, and of a body as text."""
AT_ONCE = 500
"""Rows, or identifiers, that the database is asked for at a time."""
NAME = "name"
"""What a difference in the name is told as; no body has a key of this name."""
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Record:
    """
    One version of a record.

    Attributes
    ----------
    id
        Never changes.
    kind
        Code of what it is, such as `scenario`.
    place
        What it belongs to, such as a city.
    name
        Chosen by people; once for each kind and place.
    version
        From 1.
    at
        When this version was saved, in UTC.
    body
        Plain values.
    """

    id: str
    kind: str
    place: str
    name: str
    version: int
    at: str
    body: dict[str, Any]

    def digest(self) -> str:
        """Sum up the version; its identifier, which nobody can guess, goes in."""
        return content_digest(self.id, self.version, self.name, written(self.body))


@dataclass(frozen=True)
class Difference:
    """
    One part that two people changed differently.

    Attributes
    ----------
    key
        Name of the part.
    before, mine, theirs
        What it was, what I would save, what was saved meanwhile; nothing is None.
    """

    key: str
    before: object
    mine: object
    theirs: object


class ConflictError(StoreError):
    """Somebody else saved the record meanwhile; nothing was written."""

    def __init__(self, theirs: Record, differences: list[Difference], *, seen: int) -> None:
        super().__init__(
            f"{theirs.name}: you changed version {seen}, meanwhile version {theirs.version}"
            " was saved; yours is not saved.",
            problem="store_conflict",
            hint="Compare both, then save yours again on the newest version, or under a new name.",
            name=theirs.name,
            seen=seen,
            version=theirs.version,
        )
        self.theirs = theirs
        self.differences = differences


def content_digest(record_id: str, version: int, name: str, body: str) -> str:
    """Sum up a version of a record, as the log has it."""
    return digest([record_id, version, name, body])


def create(store: Store, *, kind: str, place: str, name: str, body: dict[str, Any]) -> Record:
    """Keep something new under a name that is still free."""
    made = Record(uuid.uuid4().hex, kind, place, checked_name(name), 1, now(), body)
    text = _text(body)
    with store.writing() as connection:
        _check_free(connection, made)
        columns = {"id": made.id, "kind": kind, "place": place, "name": made.name, "version": 1}
        connection.execute(sa.insert(RECORDS).values(columns))
        _add_revision(connection, made, text, action="created")
    return made


def create_all(
    store: Store, *, kind: str, place: str, bodies: Mapping[str, dict[str, Any]]
) -> list[Record]:
    """Keep several new things by name, all or none; those whose name is taken are left out."""
    made = [
        Record(uuid.uuid4().hex, kind, place, checked_name(name), 1, now(), body)
        for name, body in bodies.items()
    ]
    texts = {each.id: _text(each.body) for each in made}
    with store.writing() as connection:
        taken = set(
            connection.scalars(
                sa.select(RECORDS.c.name).where(RECORDS.c.kind == kind, RECORDS.c.place == place)
            )
        )
        kept = [each for each in made if each.name not in taken]
        for each in kept:
            columns = {"id": each.id, "kind": kind, "place": place, "name": each.name, "version": 1}
            connection.execute(sa.insert(RECORDS).values(columns))
            _add_revision(connection, each, texts[each.id], action="created")
    return kept


def change(store: Store, seen: Record, *, body: dict[str, Any], name: str = "") -> Record:
    """
    Save a new version of a record.

    Parameters
    ----------
    store
        Where.
    seen
        The version that was changed; if it is no longer the latest, `ConflictError` is raised.
    body
        All of the new body.
    name
        A new name; by default the name stays.
    """
    wanted = checked_name(name) if name else seen.name
    made = Record(seen.id, seen.kind, seen.place, wanted, seen.version + 1, now(), body)
    text = _text(body)
    with store.writing() as connection:
        if made.name != seen.name:
            _check_free(connection, made)
        taken = connection.execute(
            sa.update(RECORDS)
            .where(RECORDS.c.id == seen.id, RECORDS.c.version == seen.version)
            .values(version=made.version, name=made.name)
        )
        if taken.rowcount != 1:
            theirs = _latest(connection, RECORDS.c.id == seen.id)[0]
            raise ConflictError(theirs, differences(seen, made, theirs), seen=seen.version)
        _add_revision(connection, made, text, action="changed")
    return made


def differences(before: Record, mine: Record, theirs: Record) -> list[Difference]:
    """Find every part in which two versions differ, with what it was."""
    parts = [{NAME: each.name, **each.body} for each in (before, mine, theirs)]
    keys = sorted(set().union(*parts))
    found = [Difference(key, *(part.get(key) for part in parts)) for key in keys]
    return [each for each in found if each.mine != each.theirs]


def all_records(store: Store, *, kind: str, place: str) -> list[Record]:
    """Read the latest version of each record of a kind and place, by name."""
    with store.reading() as connection:
        found = _latest(connection, RECORDS.c.kind == kind, RECORDS.c.place == place)
    return sorted(found, key=lambda record: record.name)


def every_version(
    store: Store, identifiers: Iterable[str], *, kind: str, place: str
) -> dict[str, list[Record]]:
    """Read every version of those of some records that are of a kind and place."""
    versions: dict[str, list[Record]] = {}
    about = RECORDS.c.kind == kind, RECORDS.c.place == place
    with store.reading() as connection:
        for part in _batched(identifiers, AT_ONCE):
            for record in _latest(connection, RECORDS.c.id.in_(part), *about, every=True):
                versions.setdefault(record.id, []).append(record)
    return versions


def some_records(store: Store, identifiers: Sequence[str]) -> list[Record]:
    """Read the latest version of some records, in the order of their identifiers."""
    found: dict[str, Record] = {}
    with store.reading() as connection:
        for part in _batched(identifiers, AT_ONCE):
            found |= {each.id: each for each in _latest(connection, RECORDS.c.id.in_(part))}
    return [found[each] for each in identifiers if each in found]


def versions_since(
    store: Store, position: int, *, kind: str, place: str, pick: Callable[[Record], Picked]
) -> tuple[int, list[Picked]]:
    """
    Read every version of the records that were saved after a position of the log.

    Parameters
    ----------
    store
        Where.
    position
        Of the log; 0 for every record there is.
    kind, place
        Of the records.
    pick
        What is kept of each version: a million of them are not held whole.

    Returns
    -------
    position
        Where the log ended as of this moment.
    picked
        The versions of a record one after the other, in their order.
    """
    about = [RECORDS.c.kind == kind, RECORDS.c.place == place]
    if position:
        saved = sa.select(LOG.c.subject).where(LOG.c.position > position, LOG.c.kind == kind)
        about.append(RECORDS.c.id.in_(saved))
    with store.reading() as connection:
        end = last(connection).position
        asked = _versions(*about, every=True)
        streamed = connection.execution_options(yield_per=AT_ONCE).execute(asked)
        picked = [pick(_record(row)) for row in streamed.mappings()]
    return end, picked


def named(store: Store, *, kind: str, place: str, name: str) -> Record:
    """Read the latest version of the record of this name."""
    records = {record.name: record for record in all_records(store, kind=kind, place=place)}
    if found := records.get(unicodedata.normalize("NFC", name.strip())):
        return found
    there = ", ".join(records) or "—"
    msg = f"Nothing of this city is kept under the name {name!r}; there are: {there}."
    hint = "Use one of the names."
    raise StoreError(msg, problem="store_no_such", hint=hint, found=name, allowed=there)


def history(store: Store, record_id: str) -> list[Record]:
    """Read every version of a record, the first one first."""
    with store.reading() as connection:
        return _latest(connection, RECORDS.c.id == record_id, every=True)


def checked_name(name: str) -> str:
    """Give a name in its usual form: one line, of 1 to 100 signs, without hidden ones."""
    plain = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(plain) <= LONGEST_NAME or _FORBIDDEN.search(plain):
        msg = f"The name {_FORBIDDEN.sub('�', name)!r} cannot be kept."
        raise StoreError(
            msg,
            problem="store_name",
            hint=f"Use one line of text; its length is at most {LONGEST_NAME}.",
            found=_FORBIDDEN.sub("�", name),
            most=LONGEST_NAME,
        )
    return plain


def name_taken(name: str) -> StoreError:
    """Tell that a name is taken."""
    msg = f"The name {name!r} is taken in this city."
    hint = "Choose another name, or open that one and change it."
    return StoreError(msg, problem="store_name_taken", hint=hint, found=name)


def _text(body: dict[str, Any]) -> str:
    if NAME in body:
        msg = f"A body has no key {NAME!r}."
        raise ValueError(msg)
    text = written(body)
    if len(text) > LONGEST_BODY:
        msg = f"What is to be kept is too long: {len(text):,} signs of at most {LONGEST_BODY:,}."
        hint = "Split it into several."
        raise StoreError(
            msg, problem="store_large", hint=hint, found=len(text), allowed=LONGEST_BODY
        )
    return text


def _check_free(connection: sa.Connection, made: Record) -> None:
    taken = connection.scalar(
        sa.select(RECORDS.c.id).where(
            RECORDS.c.kind == made.kind,
            RECORDS.c.place == made.place,
            RECORDS.c.name == made.name,
            RECORDS.c.id != made.id,
        )
    )
    if taken is not None:
        raise name_taken(made.name)


def _add_revision(connection: sa.Connection, made: Record, text: str, *, action: str) -> None:
    connection.execute(
        sa.insert(REVISIONS).values(
            id=made.id, version=made.version, at=made.at, name=made.name, body=text
        )
    )
    append(
        connection,
        at=made.at,
        action=action,
        kind=made.kind,
        subject=made.id,
        facts={
            "version": made.version,
            "content": content_digest(made.id, made.version, made.name, text),
        },
    )


def _latest(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool], every: bool = False
) -> list[Record]:
    """Read records by a condition; only their latest versions, or every one in its order."""
    return [
        _record(row) for row in connection.execute(_versions(*conditions, every=every)).mappings()
    ]


def _versions(*conditions: sa.ColumnElement[bool], every: bool) -> sa.Select[Any]:
    same = RECORDS.c.id == REVISIONS.c.id
    joined = same if every else sa.and_(same, RECORDS.c.version == REVISIONS.c.version)
    return (
        sa.select(
            RECORDS.c.id,
            RECORDS.c.kind,
            RECORDS.c.place,
            REVISIONS.c.name,
            REVISIONS.c.version,
            REVISIONS.c.at,
            REVISIONS.c.body,
        )
        .join(REVISIONS, joined)
        .where(*conditions)
        .order_by(RECORDS.c.id, REVISIONS.c.version)
    )


def _batched(identifiers: Iterable[str], size: int) -> Iterator[list[str]]:
    """Part identifiers into lists of a size; `itertools` has this from Python 3.12 on."""
    rest = iter(identifiers)
    while part := list(islice(rest, size)):
        yield part


def _record(row: sa.RowMapping) -> Record:
    facts: dict[str, Any] = {**row, "body": json.loads(row["body"])}
    return Record(**facts)
