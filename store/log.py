"""
One append-only log of what was done, each entry with the hash of the one before.

It says what was done to which record and when, as codes, numbers and hashes; names, notes and
texts of people stand in records, never here.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from analysis.model.errors import StoreError
from store.content import digest, written
from store.tables import BY, LOG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from store.database import Store

BEGINNING = "0" * 64
"""What the first entry has as the hash of the one before."""
_PLAIN = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}|[a-z_]{1,40}")
_HEAD = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{64})")


@dataclass(frozen=True)
class Head:
    """
    Where the log ended at some time; kept elsewhere, it shows whether the end was cut off.

    Attributes
    ----------
    position
        Number of the last entry, 0 before the first.
    hash
        Its hash.
    """

    position: int
    hash: str

    def __str__(self) -> str:
        """Write it as one word."""
        return f"{self.position}-{self.hash}"


def known_head(text: str) -> Head | None:
    """Read where the log once ended; nothing where nothing is stated."""
    if not text:
        return None
    if found := _HEAD.fullmatch(text.strip()):
        return Head(int(found[1]), found[2])
    msg = f"--head: {text!r} is no end of a log, which is a number, a dash and 64 signs."
    hint = "Copy the whole word that an earlier check of the log told."
    raise StoreError(msg, problem="store_head", hint=hint, found=text)


def now() -> str:
    """Write this moment in UTC, always with the same number of signs."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def last(connection: sa.Connection) -> Head:
    """Find where the log ends."""
    row = connection.execute(
        sa.select(LOG.c.position, LOG.c.hash).order_by(LOG.c.position.desc()).limit(1)
    ).one_or_none()
    return Head(row.position, row.hash) if row else Head(0, BEGINNING)


def append(
    connection: sa.Connection,
    *,
    at: str,
    action: str,
    kind: str,
    subject: str,
    facts: Mapping[str, int | str],
) -> Head:
    """Add an entry, within the transaction that does what it tells (`Store.writing`)."""
    if by := connection.get_execution_options().get(BY, ""):
        facts = {**facts, BY: by}
    texts = [action, kind, subject, *facts, *facts.values()]
    for text in texts:
        if isinstance(text, str) and not _PLAIN.fullmatch(text):
            msg = f"The log takes codes, numbers and hashes, not {text!r}."
            raise ValueError(msg)
    end = last(connection)
    entry = {
        "position": end.position + 1,
        "at": at,
        "action": action,
        "kind": kind,
        "subject": subject,
        "facts": written(dict(facts)),
        "before": end.hash,
    }
    entry_hash = digest(entry)
    connection.execute(sa.insert(LOG).values(**entry, hash=entry_hash))
    return Head(end.position + 1, entry_hash)


def note(
    store: Store, action: str, *, kind: str, subject: str, facts: Mapping[str, int | str]
) -> None:
    """Add an entry that tells of no record."""
    with store.writing() as connection:
        append(connection, at=now(), action=action, kind=kind, subject=subject, facts=facts)


def note_once(store: Store, action: str, *, kind: str, subject: str) -> None:
    """Add an entry, unless the last one of this action is of the same thing."""
    latest = sa.select(LOG.c.subject).where(LOG.c.action == action)
    with store.writing() as connection:
        if connection.scalar(latest.order_by(LOG.c.position.desc()).limit(1)) != subject:
            append(connection, at=now(), action=action, kind=kind, subject=subject, facts={})


@dataclass(frozen=True)
class Entry:
    """
    An entry of the log.

    Attributes
    ----------
    position, time, action, kind, subject
        Its number, when in UTC, what was done, to what sort of thing, to which.
    facts
        Codes and numbers.
    """

    position: int
    time: str
    action: str
    kind: str
    subject: str
    facts: Mapping[str, int | str]


def entries(store: Store, *, before: int = 0, most: int = 100) -> list[Entry]:
    """Read entries, the newest first; of those before a position, where one is given."""
    chosen = sa.select(LOG).order_by(LOG.c.position.desc()).limit(most)
    if before:
        chosen = chosen.where(LOG.c.position < before)
    with store.reading() as connection:
        rows = connection.execute(chosen).all()
    return [
        Entry(row.position, row.at, row.action, row.kind, row.subject, json.loads(row.facts))
        for row in rows
    ]
