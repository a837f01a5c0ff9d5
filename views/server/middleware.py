"""The web application around the page: headers, routes of the maps, and a warm start."""

from __future__ import annotations

import contextlib
import logging
import socket
from http import HTTPStatus
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.middleware import Middleware
from streamlit import config

from analysis.model.errors import PlanningError, SettingsError
from views import cache
from views.cache.searches import SEARCHES
from views.cache.workers import WORKERS
from views.controls.choice import WITH_PANEL
from views.controls.listening import LISTENING, base_path, listening_sockets, on_loopback
from views.controls.waiting import told_in_queue
from views.map_widget.shared_store import STORE
from views.server.callers import OwnPages, OwnSessions
from views.server.limits import Limited
from views.server.login import login_routes
from views.server.logs import mask_logs
from views.server.map_routes import map_routes
from views.server.operators import OperatorsOnly
from views.server.own_addresses import OwnAddresses
from views.server.own_words import words_style
from views.server.proxy import BelievedProxy
from views.settings import settings as settings_now
from wording.quoted import quoted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from views.settings import Settings

log = logging.getLogger(__name__)
CONDITIONS = {b"range", b"if-none-match", b"if-modified-since", b"if-range"}
"""Headers of requests that want less than the whole file."""
CHANGED = {b"content-length", b"etag", b"last-modified"}
"""Headers of an answer that no longer hold once its body is another."""
LOOK = Path(__file__).with_name("look.css")
PANEL = """
@media (min-width: 768px) {
  [data-testid="stApp"]:not(:has([data-testid="stSidebar"])):not(:has(.st-key-header))
  [data-testid="stAppViewContainer"] { padding-left: 300px; box-sizing: border-box; }
}
"""
"""Keeps the place of the panel on pages that have one, until it is there."""


def headers(settings: Settings) -> dict[bytes, bytes]:
    """Give the headers that every answer carries."""
    address = urlsplit(settings.tiles)
    host = address.netloc.replace("{s}", "*")
    tiles = f" {address.scheme}://{host}" if host else ""
    policy = {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"'self' data: blob:{tiles}",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'self' blob: data:",
        "frame-ancestors": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    return {
        b"content-security-policy": "; ".join(f"{k} {v}" for k, v in policy.items()).encode(),
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"same-origin",
        b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
        b"cross-origin-opener-policy": b"same-origin",
        b"x-frame-options": b"SAMEORIGIN",
    }


class Headers:
    """Adds headers to every HTTP answer that does not carry them already."""

    def __init__(self, app: ASGIApp, add: dict[bytes, bytes]) -> None:
        self._app = app
        self._add = add

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to the answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                missing = [pair for pair in self._add.items() if pair[0] not in present]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class Kept:
    """
    Keeps the answers for files that never change, in memory, at most so many bytes of them.

    A first visit asks for more than a hundred small files of Streamlit's page; the way to
    the disk costs more than the rest of it. A path with dots or doubled strokes in it is answered
    and not kept: it is another name of a file that has its own.
    """

    def __init__(self, app: ASGIApp, path: str, limit: int = 64 * 2**20) -> None:
        self._app = app
        self._path = path
        self._answers: dict[tuple[str, bool], list[Message]] = {}
        self._room = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain request for a file from memory, once it has been answered."""
        if not self._meant(scope):
            await self._app(scope, receive, send)
            return
        key = (scope["path"], _takes_gzip(scope))
        answer = self._answers.get(key)
        if answer is None:
            answer = []

            async def collect(message: Message) -> None:
                answer.append(message)

            await self._app(scope, receive, collect)
            self._keep(key, answer)
        for message in answer:
            await send(dict(message))

    def _keep(self, key: tuple[str, bool], answer: list[Message]) -> None:
        size = sum(len(message.get("body", b"")) for message in answer)
        known = answer[0].get("status") == HTTPStatus.OK
        if known and key not in self._answers and size <= self._room:
            self._room -= size
            self._answers[key] = answer

    def _meant(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        asked = {name.lower() for name, _ in scope["headers"]}
        path = scope["path"]
        return path.startswith(self._path) and path == normpath(path) and not asked & CONDITIONS


def _takes_gzip(scope: Scope) -> bool:
    return any(
        name.lower() == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]
    )


class Look:
    """
    Puts our style sheet into the page itself, behind Streamlit's.

    A style that only came with the first run would move everything that stands there already.
    """

    def __init__(self, app: ASGIApp, css: str) -> None:
        self._app = app
        self._css = css

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the page with the style in it; everything else as it is."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or scope["method"] != "GET" or "/component/" in path:
            await self._app(scope, receive, send)
            return
        asked = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
        plain = scope if path.rpartition("/")[2].count(".") else {**scope, "headers": asked}
        answer: list[Message] = []

        async def collect(message: Message) -> None:
            if answer or _is_page(message):
                answer.append(message)
            else:
                await send(message)

        await self._app(plain, receive, collect)
        if answer:
            start, *parts = answer
            body = b"".join(part.get("body", b"") for part in parts)
            query = parse_qs(scope["query_string"].decode("latin-1"))
            panel = PANEL if query.get("page", [""])[-1] in WITH_PANEL else ""
            style = f"<style>{self._css}{panel}</style></body>".encode()
            body = body.replace(b"</body>", style, 1)
            kept = [(k, v) for k, v in start["headers"] if k.lower() not in CHANGED]
            length = (b"content-length", str(len(body)).encode())
            await send({**start, "headers": [*kept, length]})
            await send({"type": "http.response.body", "body": body})


def _is_page(message: Message) -> bool:
    types = [value for name, value in message.get("headers", []) if name.lower() == b"content-type"]
    return any(value.startswith(b"text/html") for value in types)


def middleware(settings: Settings) -> list[Middleware]:
    """Give what every request passes through."""
    return [
        Middleware(Headers, add=headers(settings)),
        Middleware(Limited, requests=settings.requests),
        Middleware(OperatorsOnly, base=base_path(), token=settings.metrics_token),
        Middleware(OwnPages),
        Middleware(BelievedProxy),
        Middleware(OwnSessions),
        Middleware(OwnAddresses),
        Middleware(Look, css=f"{LOOK.read_text('utf-8')}{words_style(cache.words())}"),
        Middleware(Kept, path=f"{base_path()}/static/"),
    ]


def routes() -> list[BaseRoute]:
    """Give the addresses that maps read from, and those of log-in and log-out."""
    return [*map_routes(STORE, base=base_path()), *login_routes(base=base_path())]


def answer_at_once() -> int:
    """
    Let no answer wait until the browser has confirmed the packet before it (Nagle).

    Connections inherit the option from the socket that listens. asyncio sets it by itself
    only on sockets made with the protocol's number, which Streamlit's is not: each of the
    hundred small files of a first visit then waits 40 ms.
    """
    sockets = listening_sockets()
    for each in sockets:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return len(sockets)


def refuse_unguarded(chosen: Settings) -> None:
    """End a server that others can reach, unless it has roles or this is meant without."""
    if cache.allowances() is None and not on_loopback() and not chosen.open:
        msg = (
            "Not started: others could reach this dashboard, and no roles.toml says who may see "
            "what; write one, or let it listen at 127.0.0.1, or set CITY_OPEN=1."
        )
        raise SettingsError(
            msg, problem="open_unmeant", hint="Set CITY_OPEN=1 only if this is meant."
        )
    if cache.allowances() is not None and cache.store() is None:
        msg = "Not started: there is a roles.toml, and no place for the log of who did what."
        hint = "Start with STORE=folder, or STORE_URL."
        raise SettingsError(msg, problem="roles_no_store", hint=hint)


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[dict[str, object]]:
    """Warm up before the first visitor; a city that cannot be loaded is told on the page."""
    mask_logs()
    answer_at_once()
    LISTENING.note(each.getsockname()[0] for each in listening_sockets())
    chosen = settings_now()
    refuse_unguarded(chosen)
    if chosen.uploads is not None and (on_loopback() or cache.allowances() is not None):
        config.set_option("server.maxUploadSize", chosen.upload_mb)
    try:
        cache.warm_up(STORE)
        WORKERS.told = told_in_queue
        WORKERS.start(cache.city(), chosen.workers)
    except PlanningError as error:
        log.warning("The city cannot be loaded: %s", quoted(error))
    try:
        yield {}
    finally:
        WORKERS.stop()
        SEARCHES.end()
