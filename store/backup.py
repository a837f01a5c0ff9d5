"""
Copies of the store, made while people work, and the way back from one.

SQLite makes its copy page by page in one reading transaction; PostgreSQL dumps the very state that
was looked at, by its snapshot. Beside every copy stand its sum and where the log ended, so that a
copy that was changed, or cut short, is told before anything is put back. The log tells of every
copy before it can be taken away, and goes on in the store that was put back with that being done;
nobody is logged in there, as log-ins may have ended since the copy was made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from analysis.model.errors import StoreError
from store import log
from store.address import FILE_NAME, file_address, stated_address
from store.database import LATEST, opened
from store.tables import LOGINS, METADATA
from store.verification import Verified, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Store

PROGRAMS = Path("/usr/lib/postgresql")
FILE, DUMP, SUMS = ".sqlite", ".dump", ".json"
FORM = "alembic_version"
_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
OF_OWNER = 0o600


class Copy(NamedTuple):
    """A copy, and where the log ended in it."""

    file: Path
    head: log.Head


def back_up(folder: Path, address: sa.URL | None = None, *, keep: int = 0) -> Copy:
    """
    Copy the store into a folder, whole or not at all, for the owner's eyes alone.

    Parameters
    ----------
    folder
        Where copies go; it is made.
    address
        Of the store, by default where the environment says.
    keep
        How many copies stay, the newest; 0: all.
    """
    address = address or stated_address()
    is_file = address.get_backend_name() == "sqlite"
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%fZ")
    file = folder / f"planning-{moment}{FILE if is_file else DUMP}"
    with _told_of_disk(), _aside(folder) as aside:
        part = aside / FILE_NAME
        head = _copy_file(address, part) if is_file else _dump(address, part)
        facts = {"head": str(head), "form": LATEST, "sha256": _sum(part)}
        with opened(address, make=False) as store:
            _note(store, "backed_up", facts["sha256"], head)
        _put(part, file)
        (aside / "facts").write_text(json.dumps(facts), "utf-8")
        _put(aside / "facts", file.with_suffix(SUMS))
        for old in sorted(folder.glob(f"planning-*Z{file.suffix}"))[: -keep or 0]:
            old.with_suffix(SUMS).unlink(missing_ok=True)
            old.unlink()
    return Copy(file, head)


def restore(file: Path, address: sa.URL | None = None, *, known: log.Head | None = None) -> Copy:
    """
    Put a copy in the place of a store that is not there.

    Parameters
    ----------
    file
        A copy that `back_up` made.
    address
        Of the store, by default where the environment says: no file, or an empty database.
    known
        Where the log ended, if that was noted elsewhere; else what stands beside the copy is
        believed.
    """
    address = address or stated_address()
    is_file = address.get_backend_name() == "sqlite"
    wanted = FILE if is_file else DUMP
    if file.suffix != wanted:
        msg = f"{file.name} is no copy for this store, whose copies end in {wanted}."
        hint = "Name a copy of the same kind of database."
        raise StoreError(msg, problem="backup_kind", hint=hint, file=file.name, allowed=wanted)
    with _told_of_disk():
        noted = _noted(file)
        known = known or noted
        if is_file:
            return _put_back_file(file, Path(str(address.database)), known)
        return _put_back_dump(file, address, known)


def _note(store: Store, action: str, content: str, head: log.Head) -> None:
    """Tell the log of a copy, by its sum, and where the log ended in it."""
    facts: dict[str, int | str] = {"position": head.position, "content": content}
    log.note(store, action, kind="copy", subject=content[:32], facts=facts)


def _copy_file(address: sa.URL, part: Path) -> log.Head:
    """Copy a file of SQLite as of one moment, and hold the copy to its own log."""
    with opened(address, make=False) as store, store.reading() as connection:
        target = sqlite3.connect(part)
        try:
            connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]
        finally:
            target.close()
    return _held(file_address(part.parent), None).head


def _dump(address: sa.URL, part: Path) -> log.Head:
    """Dump a database in the state of one reading transaction, and hold it to its log."""
    with opened(address, make=False) as store:
        with store.reading() as connection:
            head = log.last(connection)
            snapshot = str(connection.scalar(sa.text("SELECT pg_export_snapshot()")))
            options = ("--format=custom", "--schema=public", "--no-owner", "--no-privileges")
            _run("pg_dump", address, *options, f"--snapshot={snapshot}", f"--file={part}")
        _whole(verify(store, known=head))
    return head


def _put_back_file(file: Path, place: Path, known: log.Head | None) -> Copy:
    if place.exists():
        raise _there(str(place))
    with _aside(place.parent) as aside:
        shutil.copyfile(file, aside / FILE_NAME)
        with closing(sqlite3.connect(aside / FILE_NAME)) as copied:
            if not copied.execute(_TABLE, (FORM,)).fetchall():
                raise _foreign(file)
        head = _take_over(file_address(aside), known, content=_sum(file))
        _put(aside / FILE_NAME, place, anew=True)
    return Copy(place, head)


def _put_back_dump(file: Path, address: sa.URL, known: log.Head | None) -> Copy:
    engine = sa.create_engine(address, hide_parameters=True)
    try:
        if sa.inspect(engine).has_table(FORM):
            raise _there(str(address.database))
        if f" {FORM} " not in _run("pg_restore", address, "--list", str(file)):
            raise _foreign(file)
        options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
        _run("pg_restore", address, "--schema=public", *options, str(file))
        try:
            return Copy(file, _take_over(address, known, content=_sum(file)))
        except StoreError:
            _take_away(engine)
            raise
    except sa.exc.DBAPIError as error:
        raise _failed(str(error.orig).partition("\n")[0]) from error
    finally:
        engine.dispose()


def _take_away(engine: sa.Engine) -> None:
    """Take what a bad copy brought out of a database that held nothing of ours before."""
    with engine.begin() as connection:
        METADATA.drop_all(connection)
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {FORM}"))
        connection.execute(sa.text("DROP FUNCTION IF EXISTS only_grows"))


def _take_over(address: sa.URL, known: log.Head | None, *, content: str) -> log.Head:
    """Hold a copy that was put back to its log, end every log-in, and tell the log."""
    head = _held(address, known).head
    with opened(address, make=False) as store:
        with store.writing() as connection:
            connection.execute(sa.delete(LOGINS))
        _note(store, "restored", content, head)
    return head


def _held(address: sa.URL, known: log.Head | None) -> Verified:
    with opened(address) as store:
        return _whole(verify(store, known=known))


def _whole(verified: Verified) -> Verified:
    if not verified.findings:
        return verified
    codes = ", ".join(sorted({finding.code for finding in verified.findings}))
    msg = f"The store does not agree with its log: {codes}."
    hint = "See with `cli.py verify log` what was touched; use an earlier copy."
    raise StoreError(msg, problem="backup_touched", hint=hint, found=codes)


def _foreign(file: Path) -> StoreError:
    msg = f"{file.name} is no copy of a store: nothing that this program keeps is in it."
    hint = "Name a file that `backup` made."
    return StoreError(msg, problem="backup_foreign", hint=hint, file=file.name)


def _there(place: str) -> StoreError:
    msg = f"{place} holds a store already; a copy is never put over it."
    hint = "Move the old one away first, or name another place."
    return StoreError(msg, problem="backup_there", hint=hint, found=place)


def _noted(file: Path) -> log.Head | None:
    """Read what stands beside a copy, and hold the copy to it."""
    beside = file.with_suffix(SUMS)
    try:
        facts = json.loads(beside.read_bytes())
        head, expected = log.known_head(str(facts["head"])), facts["sha256"]
    except FileNotFoundError:
        expected, head = "", None
    except (ValueError, TypeError, KeyError):
        expected, head = "?", None
    if expected and _sum(file) != expected:
        msg = f"{file.name} is not as it was when it was made, or {beside.name} is not."
        hint = "Use another copy."
        raise StoreError(
            msg, problem="backup_changed", hint=hint, file=file.name, other=beside.name
        )
    return head


def _sum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """Give a folder on the same disk that only the owner sees, and that does not stay."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".planning-", dir=folder) as name:
        yield Path(name)


def _put(part: Path, file: Path, *, anew: bool = False) -> None:
    """Put a finished file in its place, safe on the disk."""
    part.chmod(OF_OWNER)
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    if anew:
        try:
            file.hardlink_to(part)
        except FileExistsError as error:
            raise _there(str(file)) from error
    else:
        part.replace(file)
    handle = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _run(name: str, address: sa.URL, *options: str) -> str:
    """Run a program of PostgreSQL, the password in its environment, where nobody sees it."""
    program = shutil.which(name) or max(map(str, PROGRAMS.glob(f"*/bin/{name}")), default="")
    if not program:
        msg = f"{name} is not on this machine: PostgreSQL makes its copies with it."
        hint = "Install the client programs of PostgreSQL, of the server's version or newer."
        raise StoreError(msg, problem="backup_program", hint=hint, program=name)
    plain = address.set(drivername="postgresql", password=None)
    secret = {"PGPASSWORD": address.password} if address.password else {}
    target = f"--dbname={plain.render_as_string(hide_password=False)}"
    done = subprocess.run(  # noqa: S603  programs of PostgreSQL, options of ours
        [program, "--no-password", target, *options],
        env=os.environ | secret,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise _failed(done.stderr.strip().partition("\n")[0])
    return done.stdout


@contextmanager
def _told_of_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _failed(error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise _failed(str(error)) from error


def _failed(found: str) -> StoreError:
    msg = f"The copy cannot be made or used: {found}."
    hint = "See that folder, disk and rights, or server and account, are in order."
    return StoreError(msg, problem="backup_failed", hint=hint, found=found)
