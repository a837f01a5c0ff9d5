"""A copy made while people work is whole, is told when it is not, and brings everything back."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from typer.testing import CliRunner

import cli
from analysis.model.errors import StoreError
from commands.console import USAGE_EXIT
from store import accounts, backup, database, log, logins, migrations, versioned
from store.address import file_address
from store.tables import METADATA
from store.verification import verify
from tests.postgres import served

SCENARIO = {"kind": "scenario", "place": "demo"}
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server():
    with served() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request, tmp_path):
    """Name two stores that are not there yet: one to copy, one to put the copy into."""
    if request.param == "sqlite":
        yield file_address(tmp_path / "kept"), file_address(tmp_path / "new")
        return
    server = request.getfixturevalue("server")
    names = [f"{name}{id(tmp_path)}" for name in ("kept", "new")]
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    yield tuple(url.set(database=name) for name in names)
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def everything(address):
    with database.opened(address, make=False) as store, store.reading() as connection:
        return {
            table: sorted(map(tuple, connection.execute(sa.text(f"SELECT * FROM {table}"))))
            for table in (*METADATA.tables, "alembic_version")
        }


def test_a_copy_brings_everything_back_as_it_was(places, tmp_path):
    old, new = places
    with database.opened(old) as store:
        for number in range(5):
            versioned.create(store, **SCENARIO, name=f"方案 {number}", body={"sites": [number]})
        made = backup.back_up(tmp_path / "copies", old)
        versioned.create(store, **SCENARIO, name="later", body={})
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    before = everything(old)
    assert backup.restore(made.file, new).head == made.head
    after = everything(new)
    assert after["log"][:-1] == before["log"][:5]
    assert [row[2] for row in before["log"][5:]] == ["backed_up", "created"]
    assert after["log"][-1][2:4] == ("restored", "copy")
    sums = [json.loads(row[5])["content"] for row in (before["log"][5], after["log"][-1])]
    assert sums == [hashlib.sha256(made.file.read_bytes()).hexdigest()] * 2
    assert [row for row in before["revisions"] if row not in after["revisions"]] != []
    assert len(after["records"]) == len(before["records"]) - 1
    with database.opened(new) as store:
        assert verify(store, known=made.head).findings == ()
        versioned.create(store, **SCENARIO, name="goes on", body={})
    with pytest.raises(StoreError, match="never put over") as told:
        backup.restore(made.file, new)
    assert told.value.problem == "backup_there"


def test_a_copy_made_while_people_save_is_one_moment(places, tmp_path):
    old, new = places
    stop = threading.Event()

    def save():
        with database.opened(old) as store:
            count = 0
            while not stop.is_set():
                versioned.create(store, **SCENARIO, name=f"n{count}", body={"count": count})
                count += 1

    with database.opened(old) as store:
        versioned.create(store, **SCENARIO, name="first", body={})
    writer = threading.Thread(target=save)
    writer.start()
    try:
        made = backup.back_up(tmp_path / "copies", old)
    finally:
        stop.set()
        writer.join()
    backup.restore(made.file, new)
    kept = everything(new)
    assert len(kept["log"]) - 1 == len(kept["revisions"]) == made.head.position


def test_a_copy_that_was_touched_is_not_put_back(places, tmp_path):
    old, new = places
    with database.opened(old) as store:
        versioned.create(store, **SCENARIO, name="one", body={})
    file = backup.back_up(tmp_path / "copies", old).file
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(StoreError) as told:
        backup.restore(file, new)
    assert told.value.problem == "backup_changed"
    file.write_bytes(whole)
    noted = json.loads(file.with_suffix(".json").read_bytes())
    file.with_suffix(".json").write_text(json.dumps(noted | {"head": f"9-{'a' * 64}"}))
    with pytest.raises(StoreError) as told:
        backup.restore(file, new)
    assert (told.value.problem, told.value.facts["found"]) == ("backup_touched", "end_cut")
    file.with_suffix(".json").write_text(json.dumps(noted))
    assert backup.restore(file, new).head.position == 1


def test_what_is_no_copy_is_not_put_back(places, tmp_path):
    _, new = places
    if is_file := new.get_backend_name() == "sqlite":
        file = tmp_path / "other.sqlite"
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE log (position INTEGER)")
    else:
        file = tmp_path / "other.dump"
        plain = new.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("CREATE TABLE other (position INTEGER)")
        backup._run("pg_dump", new, "--format=custom", f"--file={file}")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("DROP TABLE other")
    for content in (file.read_bytes(), b"") if is_file else (file.read_bytes(),):
        file.write_bytes(content)
        with pytest.raises(StoreError) as told:
            backup.restore(file, new)
        assert told.value.problem == "backup_foreign"
    with pytest.raises(StoreError):  # nothing was put there
        everything(new)


def test_a_store_that_was_touched_is_not_copied(tmp_path):
    old = file_address(tmp_path / "kept")
    with database.opened(old) as store:
        versioned.create(store, **SCENARIO, name="one", body={})
        with store.writing() as connection:
            connection.exec_driver_sql("DROP TRIGGER log_no_update")
            connection.exec_driver_sql("UPDATE log SET at = 'x'")
    with pytest.raises(StoreError) as told:
        backup.back_up(tmp_path / "copies", old)
    assert told.value.problem == "backup_touched"
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_copy_of_an_older_program_is_brought_into_the_newest_form(tmp_path):
    """The way back after an upgrade, and the upgrade itself, from the first form there was."""
    file, new = tmp_path / "planning.sqlite", file_address(tmp_path / "new")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "001")
        told = {"action": "created", "kind": "note", "subject": "a" * 32, "facts": {}}
        log.append(connection, at=log.now(), **told)
    engine.dispose()
    assert backup.restore(file, new).head.position == 1
    kept = everything(new)
    assert kept["alembic_version"] == [(database.LATEST,)]
    assert [row[2] for row in kept["log"]] == ["created", "restored"]


def test_nobody_is_logged_in_after_a_copy_was_put_back(places, tmp_path):
    old, new = places
    with database.opened(old) as store:
        accounts.add_account(store, "li", PASSWORD)
        token = logins.begin(store, "li", PASSWORD, standing=str)
        file = backup.back_up(tmp_path / "copies", old).file
        assert logins.held(store, logins.token_hash(token)).name == "li"
    backup.restore(file, new)
    with database.opened(new) as store:
        assert logins.held(store, logins.token_hash(token)) is None
        assert logins.begin(store, "li", PASSWORD, standing=str)


def test_a_copy_that_the_log_cannot_tell_of_is_not_given_out(tmp_path, monkeypatch):
    old = file_address(tmp_path / "kept")
    with database.opened(old):
        pass

    def full(*_, **__):
        msg = "The store cannot be used: disk full."
        raise StoreError(msg, problem="store_failed", hint="Make room.", found="disk full")

    monkeypatch.setattr(log, "note", full)
    with pytest.raises(StoreError, match="disk full"):
        backup.back_up(tmp_path / "copies", old)
    assert list((tmp_path / "copies").iterdir()) == []


def test_the_newest_copies_stay(tmp_path):
    old = file_address(tmp_path / "kept")
    with database.opened(old):
        pass
    made = [backup.back_up(tmp_path / "copies", old, keep=2).file for _ in range(4)]
    assert sorted((tmp_path / "copies").glob("*.sqlite")) == made[-2:]
    assert len(list((tmp_path / "copies").iterdir())) == 4


def test_the_commands_copy_and_put_back(monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path / "kept"))
    with database.opened() as store:
        versioned.create(store, **SCENARIO, name="one", body={})
    run = CliRunner().invoke
    done = run(cli.app, ["backup", str(tmp_path / "copies")])
    assert done.exit_code == 0, done.output
    (copy,) = (tmp_path / "copies").glob("*.sqlite")
    assert str(copy) in done.output
    assert run(cli.app, ["restore", str(copy)]).exit_code == USAGE_EXIT
    monkeypatch.setenv("STORE", str(tmp_path / "new"))
    done = run(cli.app, ["restore", str(copy), "--language", "zh"])
    assert done.exit_code == 0, done.output
    kept, new = (everything(file_address(tmp_path / name)) for name in ("kept", "new"))
    assert {**new, "log": new["log"][:-1]} == {**kept, "log": kept["log"][:-1]}
    whole = run(cli.app, ["verify", "log"])
    assert whole.exit_code == 0, whole.output
    listed = run(cli.app, ["log", "--language", "zh"]).output.splitlines()
    assert listed[0].split("\t")[2] == "从备份恢复"
    dump = run(cli.app, ["restore", str(tmp_path / "a.dump")])
    assert dump.exit_code == USAGE_EXIT
    assert ".sqlite" in dump.output
    monkeypatch.setenv("STORE_URL", "postgresql://nobody:secret-word@/none?host=/nowhere")
    refused = run(cli.app, ["backup", str(tmp_path / "copies")])
    assert refused.exit_code == USAGE_EXIT
    assert "secret-word" not in refused.output
