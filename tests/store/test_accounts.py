"""Accounts: who guesses learns nothing and is locked out; the log has codes, never names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

import cli
from analysis.model.errors import StoreError
from store import accounts, database
from store.accounts import account_code, add_account, disable, log_in, set_password
from store.address import file_address
from store.log import append, entries, note_once
from store.verification import verify

GOOD, OTHER = "correct horse battery", "another good password"


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(
        accounts, "_HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    )
    accounts._dummy.cache_clear()
    with database.opened(file_address(tmp_path)) as kept:
        yield kept
    accounts._dummy.cache_clear()


def told(store):
    """Say what the log tells, but the sums of accounts."""
    return [
        (each.action, {name: fact for name, fact in each.facts.items() if name != "state"})
        for each in reversed(entries(store))
    ]


def test_the_right_password_alone_logs_in_and_the_log_names_codes(store):
    add_account(store, "li.wei", GOOD)
    assert log_in(store, " li.wei ", GOOD).name == "li.wei"
    assert log_in(store, "li.wei", OTHER) is None
    assert log_in(store, "nobody", GOOD) is None
    assert told(store) == [
        ("account_added", {}),
        ("logged_in", {}),
        ("log_in_failed", {"failures": 1}),
        ("log_in_failed", {"failures": 0}),
    ]
    subjects = [each.subject for each in entries(store)]
    assert subjects == [accounts.NOBODY, *[account_code("li.wei")] * 3]
    assert verify(store).findings == ()


def test_five_failures_in_a_row_lock_and_time_opens(store, monkeypatch):
    add_account(store, "li", GOOD)
    for _ in range(4):
        assert log_in(store, "li", OTHER) is None
    assert log_in(store, "li", GOOD)  # which begins the count anew
    for _ in range(5):
        assert log_in(store, "li", OTHER) is None
    assert accounts.all_accounts(store)[0].locked
    assert log_in(store, "li", GOOD) is None
    assert [action for action, _ in told(store)].count("locked_out") == 1
    monkeypatch.setattr(accounts, "LOCKED", -accounts.LOCKED)
    assert log_in(store, "li", GOOD)


def test_guesses_made_at_once_are_no_way_around_the_lock(store, monkeypatch):
    add_account(store, "li", GOOD)
    looked = []
    fits = accounts._fits
    monkeypatch.setattr(accounts, "_fits", lambda kept, p: looked.append(p) or fits(kept, p))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: log_in(store, "li", f"{OTHER} {n}"), range(16)))
    assert found == [None] * 16
    assert len(looked) == 16  # each costs one look, locked or not
    counted = [facts["failures"] for _, facts in told(store)[1:]]
    assert sorted(counted) == [*[0] * 11, 1, 2, 3, 4, 5]


def test_a_closed_account_stays_out_and_a_new_password_opens_a_locked_one(store):
    add_account(store, "li", GOOD)
    disable(store, "li")
    assert log_in(store, "li", GOOD) is None
    disable(store, "li", disabled=False)
    assert log_in(store, "li", GOOD)
    for _ in range(5):
        log_in(store, "li", OTHER)
    set_password(store, "li", OTHER)
    assert log_in(store, "li", GOOD) is None
    assert log_in(store, "li", OTHER)


@pytest.mark.parametrize("name", ["", " ", "li wei", "a/b", "x" * 101, "<b>", "li\n", "a\u202eb"])
def test_a_name_that_is_no_word_is_refused(store, name):
    if name == "li\n":  # blanks around a name are none of it
        assert add_account(store, name, GOOD).name == "li"
        return
    with pytest.raises(StoreError, match="no name of an account"):
        add_account(store, name, GOOD)


@pytest.mark.parametrize("password", ["", "123456789", "x" * 201])
def test_a_password_too_short_or_long_is_refused_without_saying_it(store, password):
    with pytest.raises(StoreError, match="allowed are 10 to 200") as refused:
        add_account(store, "li", password)
    assert not password or password not in str(refused.value)


def test_the_same_name_is_taken_and_a_missing_one_told(store):
    add_account(store, "李伟", GOOD)
    with pytest.raises(StoreError, match="already"):
        add_account(store, "李伟", OTHER)
    with pytest.raises(StoreError, match="no account"):
        set_password(store, "li", OTHER)


def test_no_password_stands_in_the_store(store, tmp_path):
    add_account(store, "li", GOOD)
    assert GOOD.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


TOUCHED = {
    "another's password": (
        "UPDATE accounts SET password = (SELECT password FROM accounts WHERE name = 'li')",
        ["account_changed"],
    ),
    "another name": ("UPDATE accounts SET name = 'eve' WHERE name = 'wang'", ["account_changed"]),
    "opened again": ("UPDATE accounts SET disabled = false", ["account_changed"]),
    "removed": ("DELETE FROM accounts WHERE name = 'li'", ["account_missing"]),
    "made": (
        "INSERT INTO accounts SELECT 'e', 'eve', password, disabled, 0, '' FROM accounts LIMIT 1",
        ["account_unlogged"],
    ),
}


@pytest.mark.parametrize("touch", TOUCHED)
def test_an_account_touched_outside_of_the_program_is_named(store, touch):
    add_account(store, "li", GOOD)
    add_account(store, "wang", OTHER)
    set_password(store, "li", OTHER)
    disable(store, "wang")
    assert log_in(store, "li", GOOD) is None
    assert log_in(store, "li", OTHER)
    assert verify(store).findings == ()
    statement, codes = TOUCHED[touch]
    with store.writing() as connection:
        connection.execute(sa.text(statement))
    assert [each.code for each in verify(store).findings] == codes


def test_an_account_that_the_log_sums_up_nowhere_cannot_be_judged(store, monkeypatch, tmp_path):
    add_account(store, "li", GOOD)
    with monkeypatch.context() as older:  # entries of before had no sums

        def bare(connection, **entry):
            return append(connection, **(entry | {"facts": {}}))

        older.setattr(accounts, "append", bare)
        add_account(store, "wang", OTHER)
    code = account_code("wang")
    verified = verify(store)
    assert verified.findings == ()
    assert [(each.code, each.subject) for each in verified.unsummed] == [("account_unsummed", code)]
    monkeypatch.setenv("STORE", str(tmp_path))
    answer = CliRunner().invoke(cli.app, ["verify", "log"])
    assert (answer.exit_code, answer.output.count("cannot be judged")) == (0, 1)
    assert code in answer.output
    set_password(store, "wang", GOOD)
    assert verify(store).unsummed == ()


def test_what_is_the_same_is_noted_once(store):
    for subject in ("a" * 32, "a" * 32, "b" * 32, "a" * 32):
        note_once(store, "roles_changed", kind="roles", subject=subject)
    assert [each.subject[0] for each in reversed(entries(store))] == ["a", "b", "a"]


def test_entries_are_read_from_the_newest_in_pages(store):
    for number in range(5):
        note_once(store, "roles_changed", kind="roles", subject=f"{number:032x}")
    first = entries(store, most=2)
    assert [each.position for each in first] == [5, 4]
    assert [each.position for each in entries(store, before=4, most=9)] == [3, 2, 1]
    assert entries(store, before=1) == []


def test_who_changed_a_record_stands_in_the_log(store):
    code = account_code("li")
    note_once(store.on_behalf_of(code), "roles_changed", kind="roles", subject="c" * 32)
    assert entries(store)[0].facts == {"by": code}
    assert verify(store).findings == ()


def test_the_commands_keep_accounts_and_list_the_log(store, monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))

    def run(*arguments, typed=""):
        answer = CliRunner().invoke(cli.app, [*arguments], input=typed)
        return answer.exit_code, answer.output

    assert run("users", "add", "li", typed="short\n")[0] == 2
    assert run("users", "add", "li", typed=f"{GOOD}\n")[0] == 0
    disable(store, "li")
    code, listed = run("users", "list")
    assert (code, listed.split("\t")[:2]) == (0, ["li", "closed"])
    code, listed = run("log", "--most", "2")
    assert [line.split("\t")[2] for line in listed.splitlines()] == [
        "account closed",
        "account made",
    ]
    assert GOOD not in listed
