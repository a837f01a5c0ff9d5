"""A proxy that says who asks: believed from the machines that are named, and from nobody else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from views import cache

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from analysis.model.roles import Proxy

FORWARDED, USUAL = "FORWARDED_ALLOW_IPS", "127.0.0.1"
"""From whom uvicorn takes the address of a browser, and from whom by default."""


class BelievedProxy:
    """Leaves out the headers that say who asks, unless they come from a named machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the headers if they are believed."""
        allowances = cache.allowances() if scope["type"] in {"http", "websocket"} else None
        proxy = allowances.login.proxy if allowances else None
        if proxy is not None and not _is_from(proxy, scope):
            scope = {**scope, "headers": _without(scope["headers"], proxy)}
        await self._app(scope, receive, send)


def _is_from(proxy: Proxy, scope: Scope) -> bool:
    """
    Tell whether the other end of the connection is a named machine.

    uvicorn puts the browser's address, with port 0, in place of the other end's where that is one
    of those it trusts; so such a request comes from one of them, and all of them must be named.
    """
    host, port = scope.get("client") or ("", 1)
    if port == 0:
        trusted = os.environ.get(FORWARDED, USUAL).split(",")
        return all(each.strip() in proxy.addresses for each in trusted)
    return host in proxy.addresses


def _without(headers: list[tuple[bytes, bytes]], proxy: Proxy) -> list[tuple[bytes, bytes]]:
    names = {name.lower().encode("latin-1") for name in (proxy.header, proxy.groups) if name}
    return [pair for pair in headers if pair[0].lower() not in names]
