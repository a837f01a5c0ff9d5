"""What is kept stays, in SQLite and in PostgreSQL alike; whatever was touched is named."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from typer.testing import CliRunner

import cli
from analysis.model.errors import StoreError
from commands.console import USAGE_EXIT
from store import database, log, migrations, versioned
from store.address import file_address, is_named, stated_address
from store.log import Head, known_head
from store.tables import METADATA
from store.verification import Finding, verify
from store.versioned import ConflictError, Difference
from tests.postgres import served

SCENARIO = {"kind": "scenario", "place": "demo"}


@pytest.fixture(scope="module")
def server():
    with served() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Name a store that is not there yet."""
    if request.param == "sqlite":
        yield file_address(tmp_path / "kept")
        return
    server = request.getfixturevalue("server")
    name = f"kept{time.monotonic_ns()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield sa.make_url(server).set(drivername="postgresql+psycopg", database=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(address):
    with database.opened(address) as opened:
        yield opened


def saved(store, name="Plan A", **body):
    return versioned.create(store, **SCENARIO, name=name, body=body or {"sites": [1, 2]})


def touch(store, *statements):
    """Change tables as somebody would who has the file, guards taken off."""
    with store.writing() as connection:
        sqlite = connection.dialect.name == "sqlite"
        for table in ("log", "revisions"):
            for change in ("update", "delete"):
                if sqlite:
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{change}")
            if not sqlite:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_only_grows ON {table}")
        for statement in statements:
            connection.execute(sa.text(statement))


def test_tables_are_as_the_program_expects_and_made_once(store, address):
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    folder = next(iter(migrations.__path__))
    assert ScriptDirectory(folder).get_current_head() == database.LATEST
    with ThreadPoolExecutor(4) as pool:
        for again in pool.map(lambda _: database.open_store(address), range(4)):
            again.close()


def test_several_who_start_at_once_make_the_tables_once(address):
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(lambda _: database.open_store(address), range(4)):
            assert verify(store).findings == ()
            store.close()


def test_what_is_saved_is_read_again_with_every_version(store):
    body = {"注": "两处\u0000\ud800", "x": [0.1, -1e-9, None, True], "n": 2**60}
    first = saved(store, "方案 一", **body)
    second = versioned.change(store, first, body={"x": []}, name="方案 二")
    assert versioned.history(store, first.id) == [first, second]
    assert versioned.all_records(store, **SCENARIO) == [second]
    assert versioned.named(store, **SCENARIO, name="方案 二 ") == second
    assert versioned.all_records(store, kind="scenario", place="other") == []
    assert (first.version, second.version, first.body) == (1, 2, body)
    assert verify(store).findings == ()


def test_two_who_save_at_once_lose_nothing_and_are_told_both_values(store):
    first = saved(store, sites=[1], note="a", author="Li")
    theirs = versioned.change(store, first, body={"sites": [1, 2], "note": "a", "author": "Li"})
    with pytest.raises(ConflictError) as caught:
        versioned.change(store, first, body={"sites": [1, 3], "note": "b"}, name="Plan B")
    assert caught.value.theirs == theirs
    assert caught.value.differences == [
        Difference("author", "Li", None, "Li"),
        Difference("name", "Plan A", "Plan B", "Plan A"),
        Difference("note", "a", "b", "a"),
        Difference("sites", [1], [1, 3], [1, 2]),
    ]
    assert versioned.history(store, first.id) == [first, theirs]
    assert verify(store).head.position == 2


def test_a_hundred_changes_by_four_writers_are_all_kept(store, address):
    first = saved(store, numbers=[])

    def add(start):
        with database.opened(address) as mine:
            for number in range(start, start + 10):
                seen = versioned.history(mine, first.id)[-1]
                while True:
                    body = {"numbers": [*seen.body["numbers"], number]}
                    try:
                        versioned.change(mine, seen, body=body)
                        break
                    except ConflictError as conflict:
                        seen = conflict.theirs

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, [0, 10, 20, 30]))
    last = versioned.history(store, first.id)[-1]
    assert sorted(last.body["numbers"]) == list(range(40))
    assert (last.version, verify(store).head.position, verify(store).findings) == (41, 41, ())


def test_names_are_taken_once_and_are_one_line(store):
    first, other = saved(store, "A"), saved(store, "B")
    for attempt in (
        lambda: saved(store, " A"),
        lambda: versioned.change(store, other, body={}, name="A"),
    ):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert caught.value.problem == "store_name_taken"
    for name in ("", "  ", "x" * 101, "a\nb", "a\u202eb", "a\x00"):
        with pytest.raises(StoreError) as caught:
            saved(store, name)
        assert caught.value.problem == "store_name"
    with pytest.raises(StoreError, match="A, B"):
        versioned.named(store, **SCENARIO, name="C")
    with pytest.raises(StoreError) as caught:
        saved(store, "C", text="x" * versioned.LONGEST_BODY)
    assert caught.value.problem == "store_large"
    assert versioned.all_records(store, **SCENARIO) == [first, other]


def test_log_and_revisions_only_grow(store):
    saved(store)
    for table, change in [("log", "hash = ''"), ("revisions", "body = '{}'")]:
        for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}"):
            with pytest.raises(StoreError, match=f"{table} only grows"), store.writing() as opened:
                opened.execute(sa.text(statement))
    assert verify(store).findings == ()


def test_the_log_takes_no_words_of_people(store):
    for facts in ({"note": "张三"}, {"phone": "+86 138"}, {"name": "Li Wei"}):
        with (
            pytest.raises(ValueError, match="codes, numbers and hashes"),
            store.writing() as opened,
        ):
            log.append(opened, at=log.now(), action="made", kind="x", subject="y", facts=facts)
    saved(store, "Plan of Li Wei", author="Li Wei", phone="13800138000")
    with store.reading() as opened:
        told = str(opened.execute(sa.text("SELECT * FROM log")).all())
    assert not re.search("Li|Wei|13800138000", told)


@pytest.fixture
def three(store):
    """Two versions of one record and another record: three entries."""
    first = saved(store)
    versioned.change(store, first, body={"sites": []})
    return first, saved(store, "Plan B")


TOUCHES = {
    "a body": ("UPDATE revisions SET body = '{}' WHERE version = 2",
               [("record_changed", 2, 0, 2)]),
    "a name": ("UPDATE revisions SET name = 'X' WHERE version = 2",
               [("record_stale", 0, 0, 2), ("record_changed", 2, 0, 2)]),
    "a version": ("UPDATE records SET version = 1 WHERE version = 2",
                  [("record_stale", 0, 0, 1)]),
    "what an entry tells": ("UPDATE log SET at = '2000' WHERE position = 2",
                            [("entry_changed", 2, 0, 2)]),
    "facts": ("UPDATE log SET facts = '[' WHERE position = 3",
              [("record_unlogged", 0, 1, 1), ("entry_unreadable", 3, 1, 0),
               ("entry_changed", 3, 1, 0)]),
    "an entry": ("DELETE FROM log WHERE position = 2",
                 [("record_unlogged", 0, 0, 2), ("entries_missing", 2, None, 0)]),
    "the first entry": ("DELETE FROM log WHERE position = 1",
                        [("record_unlogged", 0, 0, 1), ("entries_missing", 1, None, 0)]),
    "the last entry": ("DELETE FROM log WHERE position = 3", [("record_unlogged", 0, 1, 1)]),
    "a version of a record": ("DELETE FROM revisions WHERE version = 2",
                              [("record_stale", 0, 0, 2), ("record_missing", 2, 0, 2)]),
}  # fmt: skip


@pytest.mark.parametrize("what", TOUCHES)
def test_whatever_was_touched_is_named(store, three, what):
    statement, expected = TOUCHES[what]
    touch(store, statement)
    found = sorted(
        verify(store).findings, key=lambda each: (each.position, each.code != "entry_unreadable")
    )
    wanted = [
        Finding(code, position, *("", "") if who is None else ("scenario", three[who].id), version)
        for code, position, who, version in expected
    ]
    assert found == wanted


def test_an_entry_written_anew_breaks_the_chain_behind_it(store, three):
    with store.reading() as connection:
        row = connection.execute(sa.text("SELECT * FROM log WHERE position = 2")).mappings().one()
    entry = {**row, "at": "2000"}
    del entry["hash"]
    touch(store, f"UPDATE log SET at = '2000', hash = '{log.digest(entry)}' WHERE position = 2")
    assert [(each.code, each.position) for each in verify(store).findings] == [("chain_broken", 3)]


def test_an_end_cut_off_whole_is_noticed_by_where_it_once_was(store, three):
    known = verify(store).head
    touch(
        store,
        "DELETE FROM log WHERE position = 3",
        f"DELETE FROM revisions WHERE id = '{three[1].id}'",
        f"DELETE FROM records WHERE id = '{three[1].id}'",
    )
    assert verify(store).findings == ()
    assert [each.code for each in verify(store, known=known).findings] == ["end_cut"]
    saved(store, "Another")
    found = verify(store, known=known).findings
    assert [(each.code, each.position) for each in found] == [("end_replaced", 3)]
    assert verify(store, known=verify(store).head).findings == ()


def work(address, number, told):
    """Save without end; tell each save once it is done."""
    with database.opened(address) as store, os.fdopen(told, "w") as out:
        record = saved(store, f"plan {number}", turn=0)
        for turn in range(1, 10**6):
            out.write(f"{record.id} {record.version}\n")
            out.flush()
            record = versioned.change(store, record, body={"turn": turn, "rest": "x" * 2000})


def kill_cycles(address, cycles):
    """Kill a process that saves, again and again; give what it had told."""
    fork, chance, told = multiprocessing.get_context("fork"), random.Random(1), []
    for number in range(cycles):
        reading, writing = os.pipe()
        process = fork.Process(target=work, args=(address, number, writing))
        process.start()
        os.close(writing)
        with os.fdopen(reading) as lines:
            told += [lines.readline().split() for _ in range(chance.randint(1, 4))]
            time.sleep(chance.random() * 0.01)
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            told += [line.split() for line in lines if line.endswith("\n")]
    return told


@pytest.mark.parametrize("cycles", [4, pytest.param(200, marks=pytest.mark.full)])
def test_a_killed_writer_leaves_what_was_saved_and_nothing_half(address, cycles):
    with database.opened(address):
        pass
    told = kill_cycles(address, cycles)
    with database.opened(address) as store:
        verified = verify(store)
        kept = {
            (each.id, str(each.version))
            for record in versioned.all_records(store, **SCENARIO)
            for each in versioned.history(store, record.id)
        }
    assert verified.findings == ()
    assert len(told) >= cycles
    assert {tuple(each) for each in told} <= kept
    assert len(kept) == verified.head.position <= len(told) + cycles


def test_a_reader_waits_for_no_writer_and_sees_one_moment(store):
    first = saved(store)
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE records SET name = 'half'"))
        assert versioned.all_records(store, **SCENARIO) == [first]
    seen = []
    with store.reading() as connection:
        for _ in range(2):
            seen.append(connection.scalar(sa.text("SELECT count(*) FROM log")))
            thread = threading.Thread(target=lambda: saved(store, f"B{len(seen)}"))
            thread.start()
            thread.join()
    assert seen == [1, 1]


# Where the store is, and what it says when it cannot be used.


def refused(attempt):
    with pytest.raises(StoreError) as caught:
        attempt()
    assert caught.value.hint
    return caught.value


def test_the_environment_names_the_store(monkeypatch, tmp_path):
    monkeypatch.delenv("STORE", raising=False)
    monkeypatch.delenv("STORE_URL", raising=False)
    assert (is_named(), refused(stated_address).problem) == (False, "store_unnamed")
    monkeypatch.setenv("STORE", str(tmp_path))
    assert (is_named(), stated_address()) == (True, file_address(tmp_path))
    monkeypatch.setenv("STORE_URL", "postgresql://li:secret@127.0.0.1/city")
    assert stated_address().drivername == "postgresql+psycopg"
    for wrong in ("mysql://li:secret@h/c", "secret", "postgresql://li:secret@h:port/c"):
        monkeypatch.setenv("STORE_URL", wrong)
        error = refused(stated_address)
        assert (error.problem, "secret" in str(error)) == ("store_url", False)


def test_a_store_that_cannot_be_used_is_told_without_its_password(tmp_path):
    far = sa.make_url("postgresql+psycopg://li:secret@127.0.0.1:9/city")
    error = refused(lambda: database.open_store(far))
    assert (error.problem, "secret" in str(error)) == ("store_failed", False)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    damaged = file_address(tmp_path / "damaged")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "planning.sqlite").write_text("no database" * 99, encoding="utf-8")
    for wrong in (file_address(tmp_path / "file"), damaged):
        assert refused(lambda wrong=wrong: database.open_store(wrong)).problem == "store_failed"
    missing = file_address(tmp_path / "none")
    assert refused(lambda: database.open_store(missing, make=False)).problem == "store_missing"
    assert not (tmp_path / "none").exists()


def test_a_store_of_a_newer_program_or_of_nobody_is_refused(store, address, server):
    touch(store, "UPDATE alembic_version SET version_num = '999'")
    assert refused(lambda: database.open_store(address)).problem == "store_newer"
    empty = sa.make_url(server).set(drivername="postgresql+psycopg")
    assert refused(lambda: database.open_store(empty, make=False)).problem == "store_empty"


def test_the_end_of_a_log_is_one_word():
    head = Head(12, "a" * 64)
    assert (known_head(f" {head}\n"), known_head("")) == (head, None)
    for wrong in ("0-" + "a" * 64, "12", "12-" + "g" * 64):
        assert refused(lambda wrong=wrong: known_head(wrong)).problem == "store_head"


def run(*arguments):
    return CliRunner().invoke(cli.app, ["verify", "log", *arguments])


def test_the_command_tells_the_end_and_what_was_touched(monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))
    monkeypatch.delenv("STORE_URL", raising=False)
    assert run().exit_code == USAGE_EXIT
    with database.opened() as store:
        assert "The log has 0 entries, unbroken" in run().output
        record = saved(store)
        told = run("--language", "zh")
        assert (told.exit_code, "日志共 1 条" in told.output) == (0, True)
        head = str(verify(store).head)
        assert head in told.output
        assert run("--head", head).exit_code == 0
        touch(store, "UPDATE revisions SET body = '[]'")
    broken = run("--head", head)
    assert broken.exit_code == USAGE_EXIT
    assert f"Version 1 of scenario {record.id} was changed: it does not agree" in broken.output
