"""Who is logged in here, by the cookie of a browser: the store keeps it, a restart ends nothing."""

from __future__ import annotations

import hashlib
import json
import time
from functools import lru_cache

from analysis.model.roles import Allowances, person_of
from store import logins
from views import cache

COOKIE = "dashboard_login"


def begin_login(name: str, password: str) -> str:
    """Begin one, and give the secret for the browser's cookie; empty if it is refused."""
    kept, allowances = cache.store(), cache.allowances()
    if kept is None or allowances is None:
        return ""
    return logins.begin(
        kept, name, password, standing=lambda account: _standing(allowances, account)
    )


def account_of(token: str) -> str:
    """
    Give the account that is logged in with this secret; empty if none is.

    What the store says is remembered for a second. A log-in whose account now stands elsewhere,
    as another role, unit or district, ends.
    """
    allowances = cache.allowances() if token else None
    if allowances is None:
        return ""
    found = _held_at(_second(), logins.token_hash(token))
    if found is None:
        return ""
    if found.standing != _standing(allowances, found.name):
        end_login(token)
        return ""
    return found.name


def end_login(token: str) -> None:
    """End one, at once."""
    kept = cache.store()
    if not token or kept is None or _held_at(_second(), logins.token_hash(token)) is None:
        return
    logins.end(kept, logins.token_hash(token))
    _held_at.cache_clear()


def _second() -> int:
    return int(time.monotonic())


@lru_cache(maxsize=1024)
def _held_at(_at: int, hashed: str) -> logins.Held | None:
    kept = cache.store()
    return None if kept is None else logins.held(kept, hashed)


def _standing(allowances: Allowances, account: str) -> str:
    """Sum up what the office says of an account."""
    person = person_of(allowances, account)
    told = json.dumps([person.role, sorted(person.units), sorted(person.parents)])
    return hashlib.sha256(told.encode()).hexdigest()
