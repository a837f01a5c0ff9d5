"""Opens the store: readers beside one writer at a time, in SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analysis.model.errors import StoreError
from store.address import FILE_NAME, stated_address
from store.tables import BY

if TYPE_CHECKING:
    from collections.abc import Iterator

LATEST = "003"
"""Last step of the migrations; a test holds it to them."""
WAIT_S, CONNECT_S = 30, 3
"""Seconds that a writer waits for another, and a connection for its server."""
ONE_WRITER = 7_316_025_001
"""Number of the lock of PostgreSQL that makes writers wait for each other."""
WRITES = "writes"


class Store:
    """
    A store that is open.

    Writers go one after the other: `BEGIN IMMEDIATE` in SQLite, where a transaction that read
    first could not become a writer once another had committed; an advisory lock in PostgreSQL.
    So the log has one order. Readers wait for nobody.
    """

    def __init__(self, engine: sa.Engine, by: str = "") -> None:
        self._engine = engine
        self._by = by

    def on_behalf_of(self, code: str) -> Store:
        """Give the same store, whose log says by the code of an account who changed something."""
        return Store(self._engine, code)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read, all of it as of one moment."""
        with _told(), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Write all of it or nothing, while nobody else writes."""
        engine = self._engine.execution_options(**{WRITES: True, BY: self._by})
        with _told(), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_WRITER)))
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


@contextmanager
def opened(address: sa.URL | None = None, *, make: bool = True) -> Iterator[Store]:
    """Open the store for a while; see `open_store`."""
    store = open_store(address, make=make)
    try:
        yield store
    finally:
        store.close()


def open_store(address: sa.URL | None = None, *, make: bool = True) -> Store:
    """
    Open the store, in its newest form.

    Parameters
    ----------
    address
        By default where the environment says.
    make
        Make what is not there yet; else it is refused.
    """
    address = address or stated_address()
    is_file = address.get_backend_name() == "sqlite"
    if is_file:
        _check_file(Path(str(address.database)), make=make)
    store = Store(_sqlite(address) if is_file else _postgresql(address))
    try:
        with store.reading() as connection:
            found = _form(connection)
        if found != LATEST:
            _migrate(store, found, make=make)
    except BaseException:
        store.close()
        raise
    return store


def _check_file(file: Path, *, make: bool) -> None:
    if file.is_file():
        return
    try:
        if make:
            file.parent.mkdir(parents=True, exist_ok=True)
            return
    except OSError as error:
        raise _failed(error.strerror or str(error)) from error
    msg = f"{file.parent} holds no {FILE_NAME}: nothing was kept there."
    hint = "Name the folder that the dashboard keeps things in."
    raise StoreError(
        msg, problem="store_missing", hint=hint, folder=str(file.parent), file=FILE_NAME
    )


def _sqlite(address: sa.URL) -> sa.Engine:
    engine = sa.create_engine(address, connect_args={"timeout": WAIT_S}, hide_parameters=True)
    sa.event.listen(engine, "connect", _settle)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _settle(connection: Any, _: object) -> None:  # noqa: ANN401  of the driver
    """Let us say BEGIN, not the driver, and write through to the disk at each commit."""
    connection.isolation_level = None
    _turn_to_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _turn_to_wal(connection: Any) -> None:  # noqa: ANN401  of the driver
    """Write ahead; a new file that several open at once is locked without any waiting of SQLite."""
    until = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(address: sa.URL) -> sa.Engine:
    return sa.create_engine(
        address,
        connect_args={"connect_timeout": CONNECT_S},
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _form(connection: sa.Connection) -> str:
    """Read in which form the tables are; empty where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or "")


def _migrate(store: Store, found: str, *, make: bool) -> None:
    """Bring the tables into their newest form, once, whoever else is starting too."""
    if found > LATEST:
        msg = f"The store has form {found}; this program knows {LATEST} at most."
        hint = "Use the newer program that wrote it."
        raise StoreError(msg, problem="store_newer", hint=hint, found=found, allowed=LATEST)
    if not (found or make):
        msg = "The database has no tables of this program: nothing was kept there."
        hint = "Check the address of the database."
        raise StoreError(msg, problem="store_empty", hint=hint)
    from alembic import command  # noqa: PLC0415  0.2 s that only an upgrade needs
    from alembic.config import Config  # noqa: PLC0415  the same

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, LATEST)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what a database says as an error of ours; a parameter or password is not repeated."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _failed(str(error.orig).partition("\n")[0]) from error


def _failed(found: str) -> StoreError:
    msg = f"The store cannot be used: {found}."
    hint = "See that folder, disk and rights, or server and account, are in order."
    return StoreError(msg, problem="store_failed", hint=hint, found=found)
