"""Addresses of data are answered to whoever was told them: files, maps, uploads of a session."""

from __future__ import annotations

import contextlib
import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from streamlit.proto.BackMsg_pb2 import BackMsg

from views import cache
from views.controls.files import TAKING
from views.server.callers import identity

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATA = re.compile(r"/(?:media|geo)/([\w-]{8,100})(?:\.\w+)?$")
"""Addresses whose name only the server gives out."""
NAMES = re.compile(rb"(?:media|geo)/([\w-]{8,100})")
OFFERED = re.compile(rb"[0-9a-f]{32}")
"""Names of files that are made when they are taken."""
SMALL = 20_000
"""Bytes of a message that can be about such a file; others are not searched for it."""
OPERATORS = {"clear_cache", "set_run_on_save", "debug_disconnect_websocket"} | {
    "debug_shutdown_runtime"
}
"""Wishes that Streamlit grants to every browser and that concern everybody."""
UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/")


class OwnAddresses:
    """
    Where there are roles, answers addresses of data to the person and browser that was told them.

    Streamlit answers them to whoever knows them, whatever his role. What is told passes here on its
    way to a browser; what nobody told it is not found. Files are taken from a session alone in
    which a page asked for some, and nobody empties the caches of all.
    """

    def __init__(self, app: ASGIApp, limit: int = 200_000) -> None:
        self._app = app
        self._limit = limit
        self._told: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what was told, and learn what is."""
        if scope["type"] not in {"http", "websocket"} or cache.allowances() is None:
            await self._app(scope, receive, send)
            return
        who = identity(scope)
        if scope["type"] == "websocket":
            await self._app(scope, self._asking(who, receive), self._telling(who, send))
        elif self._is_open(who, scope["path"]):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("Not found", 404)(scope, receive, send)

    def _is_open(self, who: str, path: str) -> bool:
        if found := UPLOAD.search(path):
            return found[1] in TAKING
        found = DATA.search(path)
        return found is None or (who, found[1].encode()) in self._told

    def _telling(self, who: str, send: Send) -> Send:
        async def noting(message: Message) -> None:
            content = message.get("bytes") or b""
            for name in NAMES.findall(content):
                self._note(who, name)
            if len(content) < SMALL:
                for name in OFFERED.findall(content):
                    self._note(who, name)
            await send(message)

        return noting

    def _note(self, who: str, name: bytes) -> None:
        if who:
            self._told[who, name] = None
            self._told.move_to_end((who, name))
        while len(self._told) > self._limit:
            self._told.popitem(last=False)

    def _asking(self, who: str, receive: Receive) -> Receive:
        """Leave out the wish for a file that was offered to somebody else."""

        async def asked() -> Message:
            while True:
                message = await receive()
                wish = _wish(message)
                name = wish.backend_operation_request.deferred_file.file_id.encode()
                foreign = bool(name) and (who, name) not in self._told
                if not foreign and wish.WhichOneof("type") not in OPERATORS:
                    return message

        return asked


def _wish(message: Message) -> BackMsg:
    wish = BackMsg()
    with contextlib.suppress(DecodeError):
        wish.ParseFromString(message.get("bytes") or b"")
    return wish
