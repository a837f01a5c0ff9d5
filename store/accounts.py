"""
Accounts of people who log in here, for a network without a provider.

Whoever guesses learns nothing: a wrong name, a wrong password, a locked and a closed account get
the same answer after the same work. An attempt is counted before the password is looked at, so
that guesses made at once are no way around the lock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from analysis.model.errors import StoreError
from store.content import digest
from store.log import append, note, now
from store.tables import ACCOUNTS, LOGINS

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Store

    Then = Callable[[sa.Connection, "Account"], None]

KIND, STATE = "account", "state"
"""Kind of entries of the log, and the fact of theirs that sums up an account."""
SHORTEST, LONGEST = 10, 200
"""Signs of a password."""
FAILURES, LOCKED = 5, dt.timedelta(minutes=15)
"""Failures in a row after which an account is locked, and for how long after the last."""
NOBODY = "0" * 32
"""In place of an account that there is not."""
_NAME = re.compile(r"[\w.@+-]{1,100}")
_HASHER = PasswordHasher()


@dataclass(frozen=True)
class Account:
    """
    An account, without its password.

    Attributes
    ----------
    code
        As the log names it; made of the name.
    name
        As people write it.
    disabled, locked
        Closed by an administrator; locked for a while after failures.
    """

    code: str
    name: str
    disabled: bool
    locked: bool


def account_code(name: str) -> str:
    """Give the code by which the log names an account, of whatever provider."""
    return hashlib.sha256(f"account {_plain(name)}".encode()).hexdigest()[:32]


def account_state(row: sa.RowMapping) -> str:
    """Sum up what of an account the program alone changes, as the log has it."""
    return digest([row["code"], row["name"], row["password"], bool(row["disabled"])])


def add_account(store: Store, name: str, password: str) -> Account:
    """Make an account."""
    plain = _checked_name(name)
    columns = {"code": account_code(plain), "name": plain, "password": _hashed(password)}
    with store.writing() as connection:
        if connection.scalar(sa.select(ACCOUNTS.c.code).where(ACCOUNTS.c.name == plain)):
            msg = f"There is an account {plain!r} already."
            hint = "Choose another name, or give it a new password."
            raise StoreError(msg, problem="account_taken", hint=hint, found=plain)
        connection.execute(
            sa.insert(ACCOUNTS).values(**columns, disabled=False, failures=0, failed_at="")
        )
        _append(connection, "account_added", columns["code"], changed=True)
    return Account(columns["code"], plain, disabled=False, locked=False)


def set_password(store: Store, name: str, password: str) -> None:
    """Give an account another password, lift its lock, and end its log-ins."""
    _change(
        store, name, action="password_changed", password=_hashed(password), failures=0, failed_at=""
    )


def disable(store: Store, name: str, *, disabled: bool = True) -> None:
    """Close an account, or open it again; either way its log-ins end."""
    action = "account_disabled" if disabled else "account_enabled"
    _change(store, name, action=action, disabled=disabled)


def all_accounts(store: Store) -> list[Account]:
    """List the accounts by name."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name)).all()
    return [Account(row.code, row.name, row.disabled, _is_locked(row)) for row in rows]


def log_in(
    store: Store,
    name: str,
    password: str,
    *,
    then: Then | None = None,
) -> Account | None:
    """
    Give the account if name and password fit and it is neither closed nor locked.

    `then` goes on in the transaction that finds the account as it was when it was looked at.
    """
    with store.writing() as connection:
        chosen = sa.select(ACCOUNTS).where(ACCOUNTS.c.name == _plain(name))
        row = connection.execute(chosen).one_or_none()
        failures = _attempt(connection, row) if row is not None else 0
    fits = _fits(row.password if row is not None else _dummy(), password)
    if row is None or not failures or row.disabled or not fits:
        locks = failures == FAILURES and not fits
        note(
            store,
            "locked_out" if locks else "log_in_failed",
            kind=KIND,
            subject=row.code if row is not None else NOBODY,
            facts={"failures": failures},
        )
        return None
    return _let_in(store, row, failures, password, then)


def _let_in(
    store: Store, row: sa.Row[Any], failures: int, password: str, then: Then | None
) -> Account | None:
    """Log in whose password fits, unless the account was changed while it was looked at."""
    account = Account(row.code, row.name, disabled=False, locked=False)
    about = {"kind": KIND, "subject": row.code}
    with store.writing() as connection:
        if not _is_as_it_was(connection, row):
            facts = {"failures": failures}
            append(connection, at=now(), action="log_in_failed", **about, facts=facts)
            return None
        changes: dict[str, Any] = {"failures": 0, "failed_at": ""}
        if _HASHER.check_needs_rehash(row.password):
            changes["password"] = _hashed(password)
        _update(connection, row.code, **changes)
        _append(connection, "logged_in", row.code, changed="password" in changes)
        if then is not None:
            then(connection, account)
    return account


def _is_as_it_was(connection: sa.Connection, row: sa.Row[Any]) -> bool:
    """Tell whether nobody closed the account or changed its password while it was looked at."""
    present = sa.select(ACCOUNTS.c.disabled, ACCOUNTS.c.password).where(ACCOUNTS.c.code == row.code)
    return tuple(connection.execute(present).one()) == (False, row.password)


def _attempt(connection: sa.Connection, row: sa.Row[Any]) -> int:
    """Count an attempt; none is counted, and 0 told, while the account is locked."""
    if _is_locked(row):
        return 0
    failures = 1 if row.failures >= FAILURES else int(row.failures) + 1
    _update(connection, row.code, failures=failures, failed_at=now())
    return failures


def _change(store: Store, name: str, *, action: str, **columns: object) -> None:
    plain = _plain(name)
    with store.writing() as connection:
        code = connection.scalar(sa.select(ACCOUNTS.c.code).where(ACCOUNTS.c.name == plain))
        if code is None:
            msg = f"There is no account {plain!r}."
            hint = "`users list` has the accounts there are."
            raise StoreError(msg, problem="account_unknown", hint=hint, found=plain)
        _update(connection, code, **columns)
        connection.execute(sa.delete(LOGINS).where(LOGINS.c.account == code))
        _append(connection, action, code, changed=True)


def _append(connection: sa.Connection, action: str, code: str, *, changed: bool) -> None:
    """Tell the log, and where the account was changed what it is now."""
    facts: dict[str, int | str] = {}
    if changed:
        present = sa.select(ACCOUNTS).where(ACCOUNTS.c.code == code)
        facts = {STATE: account_state(connection.execute(present).mappings().one())}
    append(connection, at=now(), action=action, kind=KIND, subject=code, facts=facts)


def _update(connection: sa.Connection, code: str, **columns: object) -> None:
    connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.code == code).values(**columns))


def _is_locked(row: sa.Row[Any]) -> bool:
    if row.failures < FAILURES:
        return False
    return dt.datetime.fromisoformat(row.failed_at) + LOCKED > dt.datetime.now(dt.UTC)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _checked_name(name: str) -> str:
    plain = _plain(name)
    if not _NAME.fullmatch(plain):
        msg = f"{name!r} is no name of an account; allowed are letters, digits and . _ @ + -."
        hint = "Use one word, such as li.wei."
        raise StoreError(msg, problem="account_name", hint=hint, found=name)
    return plain


def _hashed(password: str) -> str:
    plain = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(plain) <= LONGEST:
        msg = f"The password has {len(plain)} signs; allowed are {SHORTEST} to {LONGEST}."
        hint = "Several words in a row are easy to keep in mind."
        raise StoreError(
            msg,
            problem="account_password",
            hint=hint,
            found=len(plain),
            least=SHORTEST,
            most=LONGEST,
        )
    return _HASHER.hash(plain)


def _fits(kept: str, password: str) -> bool:
    """Compare at the cost of one hash, whatever was typed."""
    try:
        return _HASHER.verify(kept, unicodedata.normalize("NFC", password[: LONGEST + 1]))
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _dummy() -> str:
    """Hash of nothing, so that a name that there is not costs as much as one that there is."""
    return _HASHER.hash("nobody has this password")
