"""
Log-ins of people who have an account here: they outlast the server, and no secret is kept.

A log-in holds until its time is over, until the person logs out, and while the account is open,
has the same password and stands where it stood: `standing` sums up what the office says of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from store.accounts import KIND, Account, log_in
from store.log import append, now
from store.tables import ACCOUNTS, LOGINS

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Store

LASTS = dt.timedelta(hours=12)
"""Time after which one has to log in again."""
MOST = 100
"""Log-ins that an account has at once; one more ends the one that would end first."""


class Held(NamedTuple):
    """A log-in that holds: name of the account, and where it stood when it began."""

    name: str
    standing: str


def token_hash(token: str) -> str:
    """Sum up the secret of a log-in, which is random and long: no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(store: Store, name: str, password: str, *, standing: Callable[[str], str]) -> str:
    """
    Log somebody in, and give the secret for the browser's cookie; empty if it is refused.

    Kept in the transaction that finds the account unchanged since its password was looked at, so
    that a password changed at that very moment leaves no log-in behind.
    """
    token = secrets.token_urlsafe(32)

    def keep(connection: sa.Connection, account: Account) -> None:
        own = LOGINS.c.account == account.code
        newest = sa.select(LOGINS.c.token).where(own).order_by(LOGINS.c.ends.desc())
        kept = connection.scalars(newest.limit(MOST - 1)).all()
        connection.execute(
            sa.delete(LOGINS).where(
                (LOGINS.c.ends <= now()) | (own & LOGINS.c.token.not_in(kept)),
            )
        )
        connection.execute(
            sa.insert(LOGINS).values(
                token=token_hash(token),
                account=account.code,
                standing=standing(account.name),
                ends=(dt.datetime.now(dt.UTC) + LASTS).isoformat(timespec="microseconds"),
            )
        )

    return token if log_in(store, name, password, then=keep) else ""


def held(store: Store, hashed: str) -> Held | None:
    """Find the log-in that holds, by the hash of its secret."""
    asked = sa.select(ACCOUNTS.c.name, LOGINS.c.standing).join_from(LOGINS, ACCOUNTS)
    asked = asked.where(LOGINS.c.token == hashed, LOGINS.c.ends > now(), ~ACCOUNTS.c.disabled)
    with store.reading() as connection:
        row = connection.execute(asked).one_or_none()
    return Held(row.name, row.standing) if row else None


def end(store: Store, hashed: str) -> None:
    """End a log-in, if there is one, and tell the log."""
    own = LOGINS.c.token == hashed
    with store.writing() as connection:
        code = connection.scalar(sa.select(LOGINS.c.account).where(own))
        if code is not None:
            connection.execute(sa.delete(LOGINS).where(own))
            append(connection, at=now(), action="logged_out", kind=KIND, subject=code, facts={})
