"""What only operators may ask: figures on the process, with a token of theirs, or nobody."""

from __future__ import annotations

import secrets
from posixpath import normpath
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

INNER = ("/_stcore/metrics", "/_stcore/script-health-check")
"""Addresses of Streamlit that tell of the process, and that make it run a page."""
LEAST_TOKEN = 16


class OperatorsOnly:
    """Answers 404 where figures on the process are asked for without the operators' token."""

    def __init__(self, app: ASGIApp, base: str, token: str) -> None:
        self._app = app
        self._closed = tuple(f"{base}{path}" for path in INNER)
        self._expected = f"Bearer {token}".encode() if len(token) >= LEAST_TOKEN else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything else, and what the token opens."""
        if scope["type"] == "http" and self._is_inner(scope["path"]) and not self._knows(scope):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_inner(self, path: str) -> bool:
        plain = "/" + normpath(path).lstrip("/")
        return plain.lower().startswith(self._closed)

    def _knows(self, scope: Scope) -> bool:
        told = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
        return bool(self._expected) and any(
            secrets.compare_digest(value, self._expected) for value in told
        )
