"""
What the map fetches by URL: geometry, texts and pictures under the hash of their content.

A name never changes its content, so a browser keeps it for good. The store holds no more
than `limit` bytes and drops what was fetched longest ago.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
from collections import Counter, OrderedDict
from dataclasses import dataclass
from pathlib import Path
from sys import getsizeof
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


ASSETS = Path(__file__).resolve().parent / "assets"
SCRIPTS = ("leaflet/leaflet.js", "atlas.js")
STYLES = ("leaflet/leaflet.css", "atlas.css")
"""What a map is made of, below `ASSETS`, in the order in which it is loaded."""
DRAWING = ("leaflet-geoman/leaflet-geoman.min.js", "leaflet-geoman/leaflet-geoman.css")
"""Script and style of the tools that draw an area, which a page fetches when they are asked for."""
GEO_URL = "../../geo/"
"""Where the map's frame, `/component/<name>/index.html`, finds the store."""
JSON_TYPE = "application/json"
PNG_TYPE = "image/png"
SUFFIX = {JSON_TYPE: "json", PNG_TYPE: "png"}
FOR_GOOD = "private, max-age=31536000, immutable"
LIMIT = 256 * 2**20
LEVEL = 3
"""Of compression: two and a half times as fast as the usual 6 for a fifth more bytes."""
PROMISES, FEWEST = 512, 32
"""Payloads promised: at most, and those of the last page, which stay whatever they hold."""
PROMISED = 2**30
"""Bytes that promises may keep alive, what several hold counted once; the oldest go first."""


@dataclass(frozen=True)
class Stored:
    """
    One payload of the store.

    Attributes
    ----------
    body
        Bytes as stored: gzip for JSON, as they are for pictures.
    media_type
        `application/json` or `image/png`.
    packed
        Whether `body` is gzip.
    """

    body: bytes
    media_type: str
    packed: bool

    @property
    def content(self) -> bytes:
        """Unpack the body."""
        return gzip.decompress(self.body) if self.packed else self.body


class Held:
    """
    Bytes of what promises keep alive, by the identity of each part; alive, it is nobody else's.

    Attributes
    ----------
    sizes, total
        Bytes of each part that somebody holds, and of all of them.
    """

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        self.total = 0
        self._holders: Counter[int] = Counter()

    def take(self, parts: Iterable[int], sizes: Mapping[int, int]) -> None:
        """Count parts once more; the sizes are those of parts that were not held."""
        for part in parts:
            if part not in self.sizes:
                self.sizes[part] = sizes.get(part, 0)
                self.total += self.sizes[part]
            self._holders[part] += 1

    def leave(self, parts: Iterable[int]) -> None:
        """Count parts once less, and let go of those that nobody holds."""
        for part in parts:
            self._holders[part] -= 1
            if not self._holders[part]:
                del self._holders[part]
                self.total -= self.sizes.pop(part)


class GeoStore:
    """Payloads by the hash of their content; safe to use from many threads."""

    def __init__(self, *, limit: int = LIMIT, promised: int = PROMISED) -> None:
        self._limit, self._promised = limit, promised
        self._size = 0
        self.held = Held()
        self._entries: OrderedDict[str, Stored] = OrderedDict()
        self._promises: OrderedDict[str, tuple[Callable[[], object], tuple[object, ...]]]
        self._promises = OrderedDict()
        self._turns: dict[str, Lock] = {}
        self._start = secrets.token_hex(16)
        self._lock = Lock()

    def put(self, content: object, *, media_type: str = JSON_TYPE) -> str:
        """Store a payload."""
        raw = _raw(content)
        name = f"{hashlib.sha256(raw).hexdigest()[:32]}.{SUFFIX[media_type]}"
        with self._lock:
            known = name in self._entries
            if known:
                self._entries.move_to_end(name)
        if not known:
            self._keep(name, _pack(raw, media_type))
        return GEO_URL + name

    def promise(
        self,
        question: Sequence[object],
        make: Callable[[], object],
        *,
        parts: Sequence[object] = (),
        size_of: Callable[[object], int] = getsizeof,
    ) -> str:
        """Name a payload that is made when the map first fetches it, of parts it keeps alive."""
        text = f"{self._start}{question!r}"
        name = f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"
        sizes = {id(part): size_of(part) for part in parts if id(part) not in self.held.sizes}
        with self._lock:
            self.held.take([id(part) for part in parts], sizes)
            _, before = self._promises.pop(name, (make, ()))
            self.held.leave(map(id, before))
            self._promises[name] = (make, tuple(parts))
            while len(self._promises) > PROMISES or (
                self.held.total > self._promised and len(self._promises) > FEWEST
            ):
                _, (_, gone) = self._promises.popitem(last=False)
                self.held.leave(map(id, gone))
        return GEO_URL + name

    def get(self, url: str) -> Stored | None:
        """What stands under a URL."""
        name = url.rpartition("/")[2]
        with self._lock:
            if name in self._entries:
                self._entries.move_to_end(name)
            return self._entries.get(name)

    def _keep(self, name: str, stored: Stored) -> None:
        with self._lock:
            if name in self._entries:
                return
            self._entries[name] = stored
            self._size += len(stored.body)
            while self._size > self._limit and len(self._entries) > 1:
                _, oldest = self._entries.popitem(last=False)
                self._size -= len(oldest.body)

    def make(self, url: str) -> None:
        """Make a promised payload now, before the map fetches it."""
        name = url.rpartition("/")[2]
        if self.get(name) is None:
            self.fulfil(name)

    def fulfil(self, name: str) -> Stored | None:
        """Make a promised payload, once for all who fetch it now."""
        with self._lock:
            if name not in self._promises:
                return None
            make, _ = self._promises[name]
            turn = self._turns.setdefault(name, Lock())
        try:
            with turn:
                if (stored := self.get(name)) is None:
                    stored = _pack(_raw(make()), JSON_TYPE)
                    self._keep(name, stored)
                return stored
        finally:
            with self._lock:
                self._turns.pop(name, None)


def compact_json(content: object) -> str:
    """JSON without blanks; NaN is refused, since browsers do."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _raw(content: object) -> bytes:
    return content if isinstance(content, bytes) else compact_json(content).encode()


def _pack(raw: bytes, media_type: str) -> Stored:
    if media_type == JSON_TYPE:
        return Stored(gzip.compress(raw, compresslevel=LEVEL, mtime=0), media_type, packed=True)
    return Stored(raw, media_type, packed=False)
