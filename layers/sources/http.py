"""
Downloads one file: within a deadline and a size, resumed where it broke off, never taken half.

The standard library is enough (`docs/decisions/042-fetch.md`): what no client offers is a deadline
for the whole. A server that sends a byte now and then keeps every timeout of a read quiet, so a
timer shuts the connection down; it holds a duplicate of the socket, which stays true through TLS.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import threading
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import asdict, dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from analysis.model.errors import PlanningError, SourceError
from layers.sources.files import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Self

SCHEMES = ("http", "https")
_CHUNK = 1 << 16
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which another try may succeed."""
_REDIRECTS = (301, 302, 303, 307, 308)
_PARTIAL, _UNCHANGED, _NO_RANGE = 206, 304, 416
_AGENT = {"User-Agent": "coverage-and-hotspots", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Limits:
    """
    What a download may cost.

    Attributes
    ----------
    seconds
        For the whole: all tries, redirects and waits.
    silence_s
        Without any byte, until a try is given up.
    max_bytes
        Of the file, unpacked where the server packs it.
    tries, wait_s
        How often, and how long to wait before the second; each further wait is twice as long.
    redirects
        How many are followed.
    """

    seconds: float = 900.0
    silence_s: float = 20.0
    max_bytes: int = MAX_BYTES
    tries: int = 4
    wait_s: float = 1.0
    redirects: int = 5


@dataclass(frozen=True)
class Version:
    """Which edition of a file a server has: what it answers with, to be asked for again."""

    url: str = ""
    etag: str = ""
    modified: str = ""

    @property
    def proof(self) -> str:
        """What proves that a part belongs to the same edition; a weak tag proves nothing."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


@dataclass(frozen=True)
class Download:
    """A file that was downloaded whole."""

    version: Version
    sha256: str
    size: int


class _Again(Exception):  # noqa: N818  no error yet: the next try may succeed
    """A try that failed in a way that another may not."""

    def __init__(self, error: SourceError) -> None:
        super().__init__(str(error))
        self.error = error


def download(
    url: str,
    part: Path,
    *,
    entry: str,
    limits: Limits,
    known: Version | None = None,
    progress: Callable[[int, int], None],
    sha256: str = "",
) -> Download | None:
    """
    Download to `part`; `None` where the server still has the edition `known`.

    What is there of `part` is continued, if the server proves that it is the same edition.
    """
    with _Watch(limits.seconds) as watch:
        job = _Job(url, part, entry, limits, watch, progress)
        for number in range(1, limits.tries + 1):
            resumed = job.begun() > 0
            try:
                version = job.attempt(known)
                return None if version is None else job.whole(version, sha256, resumed=resumed)
            except _Again as again:
                if number == limits.tries or watch.expired:
                    raise again.error from again
                watch.wait(limits.wait_s * 2 ** (number - 1))
    msg = "tries are counted from one"
    raise AssertionError(msg)


class _Watch:
    """Shuts every connection down when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.over = threading.Event()
        self.end = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._stop)
        self._timer.daemon = True

    @property
    def expired(self) -> bool:
        """Whether the time is over."""
        return self.over.is_set()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for each in self._sockets:
            each.close()

    def connect(self, address: tuple[str, int], timeout: float, *rest: Any) -> socket.socket:  # noqa: ANN401
        """Connect in what is left of the time, and remember the connection."""
        left = max(0.01, min(timeout, self.end - time.monotonic()))
        made = socket.create_connection(address, left, *rest)
        made.settimeout(timeout)
        self._sockets.append(made.dup())
        return made

    def wait(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        self.over.wait(max(0.0, min(seconds, self.end - time.monotonic())))

    def _stop(self) -> None:
        self.over.set()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _watched(
    kind: type[HTTPConnection],
    watch: _Watch,
    host: str,
    **options: Any,  # noqa: ANN401
) -> HTTPConnection:
    connection = kind(host, **options)
    connection._create_connection = watch.connect  # type: ignore[attr-defined]  # noqa: SLF001
    return connection


class _Http(urllib.request.HTTPHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self.watch = watch

    def http_open(self, req: urllib.request.Request) -> Any:  # noqa: ANN401
        return self.do_open(partial(_watched, HTTPConnection, self.watch), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self.watch = watch

    def https_open(self, req: urllib.request.Request) -> Any:  # noqa: ANN401
        make = partial(_watched, HTTPSConnection, self.watch)
        return self.do_open(make, req, context=self._context)  # type: ignore[attr-defined]


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, to web addresses alone and never from https to http."""

    def __init__(self, job: _Job) -> None:
        self.job, self.left = job, job.limits.redirects

    def redirect_request(  # noqa: PLR0917  as the library calls it
        self,
        req: urllib.request.Request,
        fp: Any,  # noqa: ANN401
        code: int,
        msg: str,
        headers: Any,  # noqa: ANN401
        newurl: str,
    ) -> urllib.request.Request | None:
        there, here = urlsplit(newurl).scheme, urlsplit(req.full_url).scheme
        self.left -= 1
        if self.left < 0 or there not in SCHEMES or (here == "https" and there == "http"):
            fp.close()
            raise self.job.redirected(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(frozen=True)
class _Job:
    """One file, its part on the disk and the tries to complete it."""

    url: str
    part: Path
    entry: str
    limits: Limits
    watch: _Watch
    progress: Callable[[int, int], None]

    @property
    def state(self) -> Path:
        """Where the edition that the part is of is noted."""
        return self.part.with_name(f"{self.part.name}.json")

    def error(self, *, text: str, problem: str, hint: str = "", **facts: object) -> SourceError:
        """Make the error that says what is wrong with this address."""
        msg = f"{self.entry}: {self.url} {text}."
        return SourceError(
            msg, problem=problem, hint=hint, entry=self.entry, file=self.url, **facts
        )

    def redirected(self, there: str) -> SourceError:
        """Make the error for an address that leads where we do not follow."""
        return self.error(
            text=f"leads on to {there[:200]}",
            problem="fetch_redirect",
            hint="Look at the address in a browser and correct `download`.",
            found=there[:200],
        )

    def begun(self) -> int:
        """Count the bytes that can be continued; what cannot be is removed."""
        version = self._version()
        if version.url == self.url and version.proof and self.part.exists():
            return self.part.stat().st_size
        self.forget()
        return 0

    def forget(self) -> None:
        """Remove what was begun."""
        self.part.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)

    def _version(self) -> Version:
        try:
            return Version(**json.loads(self.state.read_bytes()))
        except (OSError, ValueError, TypeError):
            return Version()

    def attempt(self, known: Version | None) -> Version | None:
        """Ask once and take what comes; `None` where nothing has changed."""
        with self._held():
            try:
                with self._opened(known) as answer:
                    return self._take(answer)
            except urllib.error.HTTPError as refused:
                with refused:
                    return self._refused(refused)

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Make one sentence of what connections raise; another try may succeed."""
        try:
            yield
        except PlanningError:  # which are ValueErrors as well
            raise
        except (OSError, HTTPException, zlib.error, ValueError) as error:
            reason = getattr(error, "reason", error)
            found = " ".join(str(reason).split())[:200] or type(reason).__name__
            raise _Again(self._deadline() if self.watch.expired else self._broken(found)) from error

    def _deadline(self) -> SourceError:
        seconds = self.limits.seconds
        return self.error(
            text=f"was not whole after {seconds:g} seconds",
            problem="fetch_deadline",
            hint="Try again: what came so far is continued. Or allow more --seconds.",
            seconds=seconds,
        )

    def _broken(self, found: str) -> SourceError:
        return self.error(
            text=f"cannot be fetched: {found}",
            problem="fetch_broken",
            hint="Check the network and the address; what came so far is continued.",
            found=found,
        )

    def _opened(self, known: Version | None) -> Any:  # noqa: ANN401  what urllib answers with
        headers, begun = dict(_AGENT), self.begun()
        if begun:
            headers |= {"Range": f"bytes={begun}-", "If-Range": self._version().proof}
        elif known is not None and known.url == self.url:
            headers |= {"If-None-Match": known.etag} if known.etag else {}
            headers |= {"If-Modified-Since": known.modified} if known.modified else {}
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.UnknownHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(self),
            _Http(self.watch),
            _Https(self.watch),
        ):
            opener.add_handler(handler)
        request = urllib.request.Request(self.url, headers=headers)  # noqa: S310  tried by the recipe
        return opener.open(request, timeout=self.limits.silence_s)

    def _refused(self, answer: urllib.error.HTTPError) -> Version | None:
        if answer.code == _UNCHANGED:
            return None
        if answer.code in _REDIRECTS:
            raise self.redirected(answer.headers.get("Location", ""))
        error = self.error(
            text=f"answers {answer.code}",
            problem="fetch_refused",
            hint="Look at the address in a browser; it may have moved or need a log-in.",
            status=answer.code,
        )
        if answer.code == _NO_RANGE and self.begun():
            self.forget()
            raise _Again(error)
        if answer.code in _AGAIN:
            raise _Again(error)
        raise error

    def _take(self, answer: Any) -> Version:  # noqa: ANN401
        """Write what comes to the part, within the size; it must be as long as announced."""
        headers = answer.headers
        version = Version(self.url, headers.get("ETag", ""), headers.get("Last-Modified", ""))
        begun = self._continued(answer, version)
        packed = self._packed(headers)
        total = self._announced(headers, begun)
        if begun == 0:
            kept = Version(self.url) if packed != "identity" else version
            self.state.write_text(json.dumps(asdict(kept)), "utf-8")
        came = self._write(answer, begun, packed, total)
        if self.watch.expired:  # a connection that was shut down looks like one that has ended
            raise _Again(self._deadline())
        if packed == "identity" and total and came < total:
            raise _Again(self._broken(f"{came} of {total} bytes came"))
        return version

    def _packed(self, headers: Any) -> str:  # noqa: ANN401
        """Tell how it is packed for the way; a `.gz` that is called so is one by itself."""
        packed = headers.get("Content-Encoding", "").strip().lower()
        own = self.part.name.endswith(".gz") and packed in {"gzip", "x-gzip"}
        return "identity" if own or not packed else packed

    def _continued(self, answer: Any, version: Version) -> int:  # noqa: ANN401
        """Tell where what comes belongs; another edition, or another place, begins anew."""
        if answer.status != _PARTIAL:
            return 0
        before, begun = self._version(), self.begun()
        told = answer.headers.get("Content-Range", "")
        if not told.startswith(f"bytes {begun}-") or version.proof != before.proof:
            self.forget()
            raise _Again(self._broken("the file changed while it was fetched"))
        return begun

    def _announced(self, headers: Any, begun: int) -> int:  # noqa: ANN401
        length = headers.get("Content-Length", "")
        total = begun + int(length) if length.isascii() and length.isdigit() else 0
        if total > self.limits.max_bytes:
            raise self._large()
        return total

    def _large(self) -> SourceError:
        self.forget()
        limit = self.limits.max_bytes
        return self.error(
            text=f"is larger than {limit:,} bytes",
            problem="fetch_large",
            hint="Correct the address, or take a smaller part of the data.",
            limit=limit,
        )

    def _write(self, answer: Any, begun: int, packed: str, total: int) -> int:  # noqa: ANN401
        done = begun
        with self.part.open("ab" if begun else "wb") as stream:
            for piece in self._unpacked(answer, packed):
                done += len(piece)
                if done > self.limits.max_bytes:
                    raise self._large()
                stream.write(piece)
                self.progress(done, total)
            stream.flush()
            os.fsync(stream.fileno())
        return done

    def _unpacked(self, answer: Any, packed: str) -> Iterator[bytes]:  # noqa: ANN401
        """Give what comes in small pieces; what a server packs unasked is unpacked as it comes."""
        if packed not in {"identity", "gzip", "x-gzip", "deflate"}:
            raise self.error(
                text=f"is packed as {packed[:40]!r}, which is not read",
                problem="fetch_packed",
                hint="Take another address of the same data.",
                found=packed[:40],
            )
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed != "identity" else None
        while piece := answer.read1(_CHUNK):
            if unpack is None:
                yield piece
                continue
            while piece:
                yield unpack.decompress(piece, _CHUNK)
                piece = unpack.unconsumed_tail
        if unpack is not None and not unpack.eof:
            raise _Again(self._broken("what came is cut short"))

    def whole(self, version: Version, sha256: str, *, resumed: bool) -> Download:
        """Prove the file by its checksum; a part that was continued wrongly is begun anew."""
        digest = hashlib.sha256()
        with self.part.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
            size = stream.tell()
        self.state.unlink(missing_ok=True)
        if not sha256 or digest.hexdigest() == sha256.lower():
            return Download(version, digest.hexdigest(), size)
        self.forget()
        error = self.error(
            text=f"gives another file than `sha256` says ({digest.hexdigest()})",
            problem="fetch_checksum",
            hint="Ask the publisher; correct `sha256` if the file was renewed.",
            found=digest.hexdigest(),
            allowed=sha256,
        )
        raise _Again(error) if resumed else error
