"""
Copies a table or a query of PostgreSQL out as text, in a transaction that can change nothing.

The recipe names a database; where it is and who asks stands in the environment of the server,
never in a recipe: `CITY_DATABASE_PLANNING` for `database = "planning"`.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from analysis.model.errors import SettingsError
from layers.sources.files import MAX_BYTES
from layers.sources.opened import Opened

if TYPE_CHECKING:
    from analysis.model.errors import SourceError

VARIABLE = "CITY_DATABASE_"
CONNECT_S, RUN_S = 10, 300
"""Seconds for a connection, and for the whole copy."""


def read_database(*, database: str, table: str, query: str, entry: str) -> Opened:
    """Copy a table, or the rows of a query, as CSV in UTF-8 with headings."""
    bare = Opened(entry, table or query, b"", "")
    address = _address(database, entry)
    asked = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')").format(
        _all_of(table) if table else sql.SQL(query)
    )
    try:
        with psycopg.connect(address, connect_timeout=CONNECT_S) as connection:
            connection.read_only = True
            connection.execute(f"SET statement_timeout = {RUN_S * 1000}")
            with connection.cursor().copy(asked) as rows:
                data = _gathered(rows, bare)
    except psycopg.Error as error:
        raise _failed(bare, database, error) from error
    return Opened(entry, bare.name, data, hashlib.sha256(data).hexdigest())


def _address(database: str, entry: str) -> str:
    name = f"{VARIABLE}{database.upper().replace('-', '_')}"
    address = os.environ.get(name, "")
    if not address:
        msg = f"{entry}: no database {database!r} is known; the environment has no {name}."
        raise SettingsError(
            msg,
            problem="database_unnamed",
            hint=f"Start the program with {name}=postgresql://user@host/name.",
            entry=entry,
            found=database,
            variable=name,
        )
    return address


def _all_of(table: str) -> sql.Composed:
    """Take all rows of a table, which may stand in a schema: `city.toilets`."""
    return sql.SQL("SELECT * FROM {}").format(sql.Identifier(*table.split(".")))


def _gathered(rows: psycopg.Copy, bare: Opened) -> bytes:
    parts, size = [], 0
    for part in rows:
        parts.append(bytes(part))
        size += len(part)
        if size > MAX_BYTES:
            raise bare.error(
                text=f"has more than {MAX_BYTES:,} bytes; no more are read.",
                problem="file_large",
                hint="Split it, or leave out columns that are not needed.",
                found=size,
                allowed=MAX_BYTES,
            )
    return b"".join(parts)


def _failed(bare: Opened, database: str, error: psycopg.Error) -> SourceError:
    """Tell what the server says, on one line; addresses and passwords are not repeated."""
    said = error.diag.message_primary or "no connection"
    found = " ".join(said.split())[:200]
    return bare.error(
        text=f"cannot be read from the database {database!r}: {found}.",
        problem="database_failed",
        hint="Ask the administrator of the database; the account needs to read this table.",
        database=database,
        found=found,
    )
