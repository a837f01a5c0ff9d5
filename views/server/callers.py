"""Who may speak to the server: pages of its own address, and each session's own browser."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from views import cache
from views.controls.logins import COOKIE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

READING = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing; a link from elsewhere may use them."""
BROWSER = "dashboard_browser"
"""Cookie by which a browser is known again; no script can read it."""
PROTOCOL = b"sec-websocket-protocol"
RESUMED = 2
"""Place in the list of protocols at which a browser names the session it wants back."""
PROVIDERS = "_streamlit_user"
"""How the cookies begin in which Streamlit keeps who logged in at a provider."""
POLICY = 1008
"""Code with which a websocket is closed that is against the rules."""


def is_own_origin(origin: str | None, host: str | None) -> bool:
    """Tell whether a request comes from a page of this server, or of one that is named."""
    if not origin or not host:
        return False
    named: list[str] = st.get_option("server.corsAllowedOrigins") or []
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and (parts.netloc == host or origin in named)


class OwnPages:
    """Refuses websockets and changes that a page of another address asks for, or no page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what only reads or comes from an own page."""
        changes = scope["type"] == "http" and scope["method"] not in READING
        asked = changes or scope["type"] == "websocket"
        if not asked or is_own_origin(header_of(scope, b"origin"), header_of(scope, b"host")):
            await self._app(scope, receive, send)
        elif changes:
            answer = PlainTextResponse("Not from a page of this server", 403)
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY})


class OwnSessions:
    """
    Gives a session back to the browser and the person that it began with, and to no other.

    Streamlit gives it to whoever names it. One that is named by another browser, or by the same one
    in which somebody else is logged in now, is not told to be there: a new session begins.
    """

    def __init__(self, app: ASGIApp, limit: int = 10_000) -> None:
        self._app = app
        self._limit = limit
        self._browsers: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark browsers that open a page, and look at the mark when one wants a session back."""
        browser = browser_of(scope) if scope["type"] in {"http", "websocket"} else ""
        if scope["type"] == "websocket":
            who = identity(scope)
            await self._app(self._resuming(scope, who), receive, self._learning(who, send))
        elif scope["type"] == "http" and not browser:
            await self._app(scope, receive, _marking(send))
        else:
            await self._app(scope, receive, send)

    def _resuming(self, scope: Scope, browser: str) -> Scope:
        """Leave out the session that a browser names when it is not its own."""
        named = (header_of(scope, PROTOCOL) or "").split(",")
        wanted = named[RESUMED].strip() if len(named) > RESUMED else ""
        if not wanted or (browser and self._browsers.get(wanted) == browser):
            return scope
        others = [pair for pair in scope["headers"] if pair[0].lower() != PROTOCOL]
        kept = ",".join(named[:RESUMED]).encode("latin-1")
        return {**scope, "headers": [*others, (PROTOCOL, kept)]}

    def _learning(self, browser: str, send: Send) -> Send:
        """Note the session that begins over this websocket."""
        known = not browser

        async def noting(message: Message) -> None:
            nonlocal known
            if not known and message.get("bytes"):
                session = _session_in(message["bytes"])
                if session:
                    known = True
                    self._note(session, browser)
            await send(message)

        return noting

    def _note(self, session: str, browser: str) -> None:
        self._browsers[session] = browser
        self._browsers.move_to_end(session)
        while len(self._browsers) > self._limit:
            self._browsers.popitem(last=False)


def _session_in(packet: bytes) -> str:
    message = ForwardMsg()
    try:
        message.ParseFromString(packet)
    except DecodeError:
        return ""
    return str(message.new_session.initialize.session_id)


def header_of(scope: Scope, name: bytes) -> str | None:
    """Give a header that stands there once."""
    values = [value for key, value in scope["headers"] if key.lower() == name]
    return values[0].decode("latin-1") if len(values) == 1 else None


def browser_of(scope: Scope) -> str:
    """Give the mark by which a browser is known again."""
    try:
        cookies = SimpleCookie(header_of(scope, b"cookie") or "")
    except CookieError:
        return ""
    value = cookies[BROWSER].value if BROWSER in cookies else ""
    return value if re.fullmatch("[0-9a-f]{32}", value) else ""


def identity(scope: Scope) -> str:
    """
    Sum up which browser asks and who is logged in with it; empty for a browser without a mark.

    After a log-in or log-out, here, at a provider or at the proxy, it is another one.
    """
    browser = browser_of(scope)
    if not browser:
        return ""
    allowances = cache.allowances()
    proxy = allowances.login.proxy if allowances else None
    named = {proxy.header.lower().encode("latin-1")} if proxy else set()
    logins = SimpleCookie()
    with contextlib.suppress(CookieError):
        logins.load(header_of(scope, b"cookie") or "")
    told = [
        *(f"{name}={each.value}" for name, each in sorted(logins.items()) if _is_login(name)),
        *(value.decode("latin-1") for key, value in scope["headers"] if key.lower() in named),
    ]
    return hashlib.sha256("\n".join([browser, *told]).encode()).hexdigest()


def _is_login(cookie: str) -> bool:
    return cookie == COOKIE or cookie.startswith(PROVIDERS)


def _marking(send: Send) -> Send:
    """Give a browser its mark together with the page."""
    mark = f"{BROWSER}={secrets.token_hex(16)}; Path=/; HttpOnly; SameSite=Strict"

    async def marking(message: Message) -> None:
        if message["type"] == "http.response.start":
            types = [v for k, v in message["headers"] if k.lower() == b"content-type"]
            if any(each.startswith(b"text/html") for each in types):
                cookie = (b"set-cookie", mark.encode())
                message = {**message, "headers": [*message["headers"], cookie]}
        await send(message)

    return marking
