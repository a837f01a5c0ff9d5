"""Log-ins outlast the server and end when they must; the store gives nobody a secret."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from urllib.parse import quote

import argon2
import psycopg
import pytest
import sqlalchemy as sa

from store import accounts, database, logins
from store.address import file_address
from store.log import entries
from store.logins import begin, end, held, token_hash
from store.verification import verify
from tests.postgres import served

GOOD, OTHER = "correct horse battery", "another good password"


@pytest.fixture(scope="module")
def server():
    with served() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path, monkeypatch):
    """Name a store that is not there yet; passwords cost little in it."""
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "_HASHER", quick)
    accounts._dummy.cache_clear()
    if request.param == "sqlite":
        yield file_address(tmp_path)
    else:
        yield from _database(request.getfixturevalue("server"), f"logins{id(tmp_path)}")
    accounts._dummy.cache_clear()


def _database(server, name):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield sa.make_url(server).set(drivername="postgresql+psycopg", database=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(address):
    with database.opened(address) as kept:
        for name in ("li", "wang"):
            accounts.add_account(kept, name, GOOD)
        yield kept


def enter(store, name="li", password=GOOD):
    return begin(store, name, password, standing=lambda account: f"of {account}")


def who(store, token):
    found = held(store, token_hash(token))
    return found.name if found else ""


def rows(store):
    with store.reading() as connection:
        return connection.execute(sa.text("SELECT * FROM logins")).all()


def test_a_log_in_outlasts_the_server(store, address):
    token = enter(store)
    with closing(database.open_store(address)) as again:
        assert held(again, token_hash(token)) == ("li", "of li")
        end(again, token_hash(token))
    assert who(store, token) == ""
    assert [each.action for each in entries(store)][:2] == ["logged_out", "logged_in"]
    assert verify(store).findings == ()


def test_each_log_in_is_of_whose_secret_it_has_and_ends_alone(store):
    mine, twice, other = enter(store), enter(store), enter(store, "wang")
    assert [who(store, each) for each in (mine, twice, other)] == ["li", "li", "wang"]
    for wrong in ("", "x", mine[:-1], mine + "x", token_hash(mine), mine.swapcase()):
        assert who(store, wrong) == ""
    before = entries(store)
    end(store, token_hash("never begun"))
    assert entries(store) == before
    end(store, token_hash(mine))
    assert [who(store, each) for each in (mine, twice, other)] == ["", "li", "wang"]


def test_a_refused_log_in_leaves_nothing(store):
    assert enter(store, password=OTHER) == enter(store, "nobody") == ""
    assert rows(store) == []


def test_a_log_in_ends_by_time_and_is_cleared_away(store, monkeypatch):
    lasts = logins.LASTS
    monkeypatch.setattr(logins, "LASTS", dt.timedelta(seconds=-1))
    assert who(store, enter(store)) == ""
    monkeypatch.setattr(logins, "LASTS", lasts)
    assert who(store, enter(store, "wang")) == "wang"
    assert len(rows(store)) == 1


@pytest.mark.parametrize("change", ["password", "closed"])
def test_another_password_and_a_closed_account_end_every_log_in(store, change):
    tokens, other = [enter(store), enter(store)], enter(store, "wang")
    if change == "password":
        accounts.set_password(store, "li", OTHER)
    else:
        accounts.disable(store, "li")
        accounts.disable(store, "li", disabled=False)
    assert [who(store, each) for each in tokens] == ["", ""]
    assert who(store, other) == "wang"


def test_a_password_changed_while_it_was_looked_at_leaves_no_log_in(store, monkeypatch):
    fits = accounts._fits

    def slow(kept, password):
        accounts.set_password(store, "li", OTHER)
        return fits(kept, password)

    monkeypatch.setattr(accounts, "_fits", slow)
    assert enter(store) == ""
    assert rows(store) == []
    assert entries(store)[0].action == "log_in_failed"


def test_an_account_has_so_many_log_ins_and_no_more(store, monkeypatch):
    monkeypatch.setattr(logins, "MOST", 2)
    other, *tokens = enter(store, "wang"), enter(store), enter(store), enter(store)
    assert [who(store, each) for each in (other, *tokens)] == ["wang", "", "li", "li"]


def test_a_store_that_was_stolen_lets_nobody_in(address, store, tmp_path):
    token = enter(store)
    (row,) = rows(store)
    for column in row:
        assert who(store, str(column)) == ""
        assert token not in str(column)
    if address.get_backend_name() == "sqlite":
        held_by_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert token.encode() not in held_by_disk
        assert quote(token).encode() not in held_by_disk
        assert token_hash(token).encode() in held_by_disk
