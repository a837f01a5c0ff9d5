"""Holds the log to itself, to where it once ended, and every record to the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from store.accounts import KIND, STATE, account_state
from store.content import digest
from store.log import BEGINNING, Head
from store.tables import ACCOUNTS, LOG, RECORDS, REVISIONS
from store.versioned import content_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Store

AT_ONCE = 1000
ADDED = "account_added"
"""What an entry says that begins an account."""
UNSUMMED = "account_unsummed"
"""What is said of an account whose entries sum up nothing of it: older ones did not."""


@dataclass(frozen=True)
class Finding:
    """
    Something that was touched outside of the program.

    Attributes
    ----------
    code
        What was done: `entry_changed`, `entries_missing`, `chain_broken`, `end_cut`,
        `end_replaced`, `entry_unreadable`, `record_changed`, `record_missing`, `record_unlogged`,
        `record_stale`, `account_changed`, `account_missing`, `account_unlogged`.
    position
        Of the entry of the log, 0 where none tells of it.
    kind, subject, version
        Which record it tells of, where it tells of one.
    """

    code: str
    position: int = 0
    kind: str = ""
    subject: str = ""
    version: int = 0


@dataclass(frozen=True)
class Verified:
    """
    What holding the log to everything found.

    Attributes
    ----------
    head
        Where the log ends now.
    findings
        What was touched, in the order of the log; none where all is as it was written.
    unsummed
        Accounts of which the log does not say what they were: whether they were touched cannot
        be judged.
    """

    head: Head
    findings: tuple[Finding, ...]
    unsummed: tuple[Finding, ...]


def verify(store: Store, *, known: Head | None = None) -> Verified:
    """
    Read all of the log and every version of every record, as of one moment.

    Parameters
    ----------
    store
        Which.
    known
        Where the log ended at an earlier time. Without it, a log whose end was cut off together
        with what it told of cannot be told from a shorter one, nor one that was written anew.
    """
    with store.reading() as connection:
        chain = _Chain(known)
        for row in _rows(connection, sa.select(LOG).order_by(LOG.c.position)):
            chain.take(row)
        chain.end()
        found = [*chain.findings, *_held_records(connection, chain.told)]
        found += _held_accounts(connection, chain.accounts)
    unsummed = tuple(each for each in found if each.code == UNSUMMED)
    return Verified(chain.head, tuple(each for each in found if each not in unsummed), unsummed)


def _rows(connection: sa.Connection, asked: sa.Select[Any]) -> Iterator[sa.RowMapping]:
    streamed = connection.execution_options(yield_per=AT_ONCE)
    yield from streamed.execute(asked).mappings()


class _Chain:
    """Follows the log from its beginning."""

    def __init__(self, known: Head | None) -> None:
        self.known, self.head = known, Head(0, BEGINNING)
        self.findings: list[Finding] = []
        self.told: dict[tuple[str, int], tuple[Finding, str]] = {}
        self.accounts: dict[str, tuple[Finding, str]] = {}

    def take(self, row: sa.RowMapping) -> None:
        """Hold the next entry to the one before."""
        entry = {str(name): value for name, value in row.items() if name != "hash"}
        about = self._about(row)
        if row["position"] != self.head.position + 1:
            self._note("entries_missing", Finding("", self.head.position + 1))
        elif row["before"] != self.head.hash:
            self._note("chain_broken", about)
        if digest(entry) != row["hash"]:
            self._note("entry_changed", about)
        self.head = Head(row["position"], row["hash"])
        if self.known and self.head != self.known and row["position"] == self.known.position:
            self._note("end_replaced", about)

    def end(self) -> None:
        """Hold the end to where it once was."""
        if self.known and self.head.position < self.known.position:
            self._note("end_cut", Finding("", self.head.position + 1))

    def _about(self, entry: sa.RowMapping) -> Finding:
        bare = Finding("", entry["position"], entry["kind"], entry["subject"])
        try:
            facts = json.loads(entry["facts"])
            version, content = facts.get("version"), facts.get("content")
        except (ValueError, AttributeError):
            self._note("entry_unreadable", bare)
            return bare
        if bare.kind == KIND and (entry["action"] == ADDED or STATE in facts):
            self.accounts[bare.subject] = (bare, str(facts.get(STATE, "")))
        if not (isinstance(version, int) and isinstance(content, str)):
            return bare
        about = Finding("", bare.position, bare.kind, bare.subject, version)
        self.told[bare.subject, version] = (about, content)
        return about

    def _note(self, code: str, about: Finding) -> None:
        self.findings.append(
            Finding(code, about.position, about.kind, about.subject, about.version)
        )


def _held_records(
    connection: sa.Connection, told: dict[tuple[str, int], tuple[Finding, str]]
) -> list[Finding]:
    """Hold every version of every record to what the log says of it."""
    found, latest = [], dict[str, tuple[int, str]]()
    kinds = sa.select(REVISIONS, RECORDS.c.kind).join(RECORDS).order_by(*REVISIONS.primary_key)
    for row in _rows(connection, kinds):
        about, content = told.pop((row["id"], row["version"]), (None, ""))
        latest[row["id"]] = (row["version"], row["name"])
        if about is None:
            found.append(Finding("record_unlogged", 0, row["kind"], row["id"], row["version"]))
        elif content_digest(row["id"], row["version"], row["name"], row["body"]) != content:
            found.append(_as("record_changed", about))
    found += [_as("record_missing", about) for about, _ in told.values()]
    for row in _rows(connection, sa.select(RECORDS).order_by(RECORDS.c.id)):
        if latest.get(row["id"]) != (row["version"], row["name"]):
            found.append(Finding("record_stale", 0, row["kind"], row["id"], row["version"]))
    return sorted(found, key=lambda each: each.position)


def _held_accounts(
    connection: sa.Connection, told: dict[str, tuple[Finding, str]]
) -> Iterator[Finding]:
    """Hold every account to what the log last said of it."""
    for row in _rows(connection, sa.select(ACCOUNTS).order_by(ACCOUNTS.c.code)):
        about, state = told.pop(row["code"], (None, ""))
        if about is None:
            yield Finding("account_unlogged", 0, KIND, row["code"])
        elif not state:
            yield _as(UNSUMMED, about)
        elif state != account_state(row):
            yield _as("account_changed", about)
    yield from (_as("account_missing", about) for about, _ in told.values())


def _as(code: str, about: Finding) -> Finding:
    return Finding(code, about.position, about.kind, about.subject, about.version)
