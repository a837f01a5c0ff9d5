"""Who is logged in here, by the cookie of a browser; a restart of the server ends every log-in."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict

COOKIE = "dashboard_login"
LASTS_S = 12 * 3600
"""Seconds after which one has to log in again."""
MOST = 10_000


class Logins:
    """The log-ins that hold; of their secrets only hashes are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def begin(self, account: str) -> str:
        """Begin one, and give the secret for the browser's cookie."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._kept[_digest(token)] = (account, time.monotonic() + LASTS_S)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return token

    def account(self, token: str) -> str:
        """Give the account that is logged in with this secret; empty if none is."""
        with self._lock:
            account, ends = self._kept.get(_digest(token), ("", 0.0))
        return account if ends > time.monotonic() else ""

    def end(self, token: str) -> None:
        """End one."""
        with self._lock:
            self._kept.pop(_digest(token), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


LOGINS = Logins()
