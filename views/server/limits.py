"""How much one browser and one address may ask and bring, so that nobody takes it from others."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import Counter, OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING

import streamlit as st
from starlette.responses import PlainTextResponse

from views import cache
from views.server.callers import browser_of, header_of
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOAD = re.compile(r".*/_stcore/upload_file/(?P<session>[^/]+)/(?P<file>[^/]+)")
MEGABYTE = 2**20
A_SESSION, AN_ADDRESS = 4, 10
"""Files of the greatest size: so many are kept of a session, come from an address an hour."""
HOUR = 3600.0
SOCKETS_OF_BROWSER, SOCKETS_OF_ADDRESS = 40, 500
"""Pages that are open at once."""


KNOWN = 10_000
"""Browsers, addresses and sessions that are remembered."""


class Allowance:
    """
    An allowance for each of many: so much at once, and so much again every second.

    Those that were seen longest ago are forgotten, and begin anew with all of it.
    """

    def __init__(
        self, rate: float, most: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._most, self._clock = rate, most, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str, cost: float = 1.0) -> float:
        """Take so much; or tell in how many seconds that much will be there, and take nothing."""
        now = self._clock()
        left, seen = self._left.get(who, (self._most, now))
        left = min(self._most, left + (now - seen) * self._rate)
        short = max(cost - left, 0.0)
        self._left[who] = (left if short else left - cost, now)
        self._left.move_to_end(who)
        while len(self._left) > KNOWN:
            self._left.popitem(last=False)
        return short / self._rate

    def give_back(self, who: str, cost: float) -> None:
        """Undo what was taken for something that did not come about."""
        if who in self._left:
            left, seen = self._left[who]
            self._left[who] = (min(self._most, left + cost), seen)


class Limited:
    """
    Answers 429 to whoever asks or brings more than their share.

    Parameters
    ----------
    app
        What is limited.
    requests
        Requests a second of one address, in the long run; a browser has a quarter of it. Twenty
        times as many may come at once: a first visit asks for more than a hundred files. 0: no
        limit.
    """

    def __init__(self, app: ASGIApp, requests: float) -> None:
        self._app = app
        self._limits = requests > 0
        self._of_browser = Allowance(requests / 4, requests * 5)
        self._of_address = Allowance(requests, requests * 20)
        self._messages = Allowance(10, 100)
        self._brought = Allowance(AN_ADDRESS / HOUR, AN_ADDRESS)
        self._standing: OrderedDict[str, dict[str, int]] = OrderedDict()
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        elif wait := self._asked_too_much(scope):
            await _refuse(scope, receive, send, wait, "limits.requests")
        elif place := UPLOAD.fullmatch(scope["path"]):
            await self._upload(scope, receive, send, place)
        else:
            await self._app(scope, receive, send)

    def _asked_too_much(self, scope: Scope) -> float:
        if not self._limits:
            return 0.0
        browser = browser_of(scope)
        wait = self._of_browser.wait(browser) if browser else 0.0
        return wait or self._of_address.wait(_address(scope))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let so many pages be open at once; slow down those that send without a pause."""
        who = (browser_of(scope), _address(scope))
        if self._open[who[0]] >= SOCKETS_OF_BROWSER or self._open[who[1]] >= SOCKETS_OF_ADDRESS:
            await send({"type": "websocket.close", "code": 1013})
            return
        page = str(id(scope))

        async def paced() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                await asyncio.sleep(self._messages.wait(page))
            return message

        self._open.update(each for each in who if each)
        try:
            await self._app(scope, paced, send)
        finally:
            self._open.subtract(each for each in who if each)
            self._open += Counter()

    async def _upload(
        self, scope: Scope, receive: Receive, send: Send, place: re.Match[str]
    ) -> None:
        """Let a session hold so much, and an address bring so much an hour."""
        session, file, address = place["session"], place["file"], _address(scope)
        held = self._standing.setdefault(session, {})
        self._standing.move_to_end(session)
        while len(self._standing) > KNOWN:
            self._standing.popitem(last=False)
        if scope["method"] == "DELETE":
            held.pop(file, None)
        if scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        size = _length(scope)
        if sum(held.values()) + size > A_SESSION * _greatest():
            await _refuse(scope, receive, send, 60, "limits.session")
        elif wait := self._brought.wait(address, size / _greatest()):
            await _refuse(scope, receive, send, wait, "limits.uploads")
        else:
            held[file] = size
            if not await _succeeds(self._app, scope, receive, send):
                held.pop(file, None)
                self._brought.give_back(address, size / _greatest())


def _greatest() -> int:
    """Greatest size of a file, in bytes; it is set when the server starts."""
    return int(st.get_option("server.maxUploadSize")) * MEGABYTE


def _length(scope: Scope) -> int:
    """How much is announced; the greatest where nothing is, which is not believed to be little."""
    told = header_of(scope, b"content-length") or ""
    return int(told) if told.isdecimal() else _greatest()


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


async def _succeeds(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> bool:
    """Pass a request on, and tell whether it was done."""
    done = False

    async def looking(message: Message) -> None:
        nonlocal done
        if message["type"] == "http.response.start":
            done = HTTPStatus.OK <= message["status"] < HTTPStatus.MULTIPLE_CHOICES
        await send(message)

    await app(scope, receive, looking)
    return done


async def _refuse(scope: Scope, receive: Receive, send: Send, wait: float, key: str) -> None:
    """Say in both languages what is too much, and when to come again."""
    seconds = max(math.ceil(wait), 1)
    said = [Speaker(cache.words(), each)(key, seconds=seconds) for each in ("zh", "en")]
    answer = PlainTextResponse("\n".join(said), 429, {"Retry-After": str(seconds)})
    await answer(scope, receive, send)
