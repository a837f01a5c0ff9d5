"""Finds a layer's files and reads their bytes once."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from analysis.model.errors import SourceError
from layers.sources.opened import Opened
from layers.sources.watched import matching, note_found, note_read
from layers.toml_entry import ask_whether, near_match

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_BYTES = 1 << 30
MAX_FILES = 2000
_BLOCK = 1 << 18
"""Bytes copied at once."""
_START = 1 << 12
"""Bytes that tell what a file is."""


def check_inside(pattern: str, *, entry: str) -> None:
    """Refuse a file outside the city's folder."""
    path = PurePosixPath(pattern)
    if path.is_absolute() or ".." in path.parts or "\\" in pattern:
        msg = f"{entry}: file {pattern!r} leaves the city's folder; allowed are paths below it."
        raise SourceError(
            msg,
            problem="file_outside",
            hint="Put the file into the city's folder and name it from there.",
            entry=entry,
            file=pattern,
        )


def find_files(pattern: str, *, folders: Sequence[Path], entry: str, url: str) -> list[Path]:
    """Find a recipe's file, or the files of its glob, in the first folder that has any."""
    check_inside(pattern, entry=entry)
    found = matching(pattern, folders)
    note_found(pattern, folders, found)
    if found:
        return found
    looked = ", ".join(map(str, folders))
    near = _near(pattern, folders)
    msg = f"{entry}: the file {pattern} is in none of {looked}."
    raise SourceError(
        msg,
        problem="file_missing",
        hint=ask_whether(near)
        or f"Get it from {url or 'its publisher'}, or set CITY_DATA to the folder that has it.",
        entry=entry,
        file=pattern,
        folders=looked,
        url=url or "—",
        near=near,
    )


def _near(pattern: str, folders: Sequence[Path]) -> str:
    """Find the file whose name was probably meant, in the folders that were looked in."""
    places = [(folder / pattern).parent for folder in folders]
    inside = str(PurePosixPath(pattern).parent)
    names = [file.name for place in places if place.is_dir() for file in place.iterdir()]
    name = near_match(PurePosixPath(pattern).name, names[:MAX_FILES])
    return str(PurePosixPath(inside, name)) if name else ""


def read_file(path: Path, *, name: str, entry: str) -> Opened:
    """Read the bytes of a regular file once."""
    bare = Opened(entry, name, b"", "")
    with _regular(path, bare) as (file, status):
        data = file.read(status.st_size + 1)  # reading up to a limit would reserve the limit
        _check_unchanged(bare, status, os.fstat(file.fileno()), len(data))
    sha256 = hashlib.sha256(data).hexdigest()
    note_read(path, sha256)
    return Opened(entry, name, data, sha256)


def copy_file(path: Path, to: Path, *, name: str, entry: str) -> Opened:
    """Copy a regular file, read once, to a place of our own; its first bytes alone are held."""
    start = b""
    with in_pieces(path, name=name, entry=entry) as pieces, to.open("wb") as copy:
        while block := pieces.read(_BLOCK):
            start = start or block[:_START]
            copy.write(block)
        return pieces.opened(start)


@contextmanager
def in_pieces(path: Path, *, name: str, entry: str) -> Iterator[Pieces]:
    """Read a regular file once, piece by piece."""
    bare = Opened(entry, name, b"", "")
    with _regular(path, bare) as (file, status):
        yield Pieces(path, bare, file, status)


class Pieces:
    """
    A file that is read piece by piece.

    Attributes
    ----------
    size
        Its bytes.
    """

    def __init__(self, path: Path, bare: Opened, file: BinaryIO, status: os.stat_result) -> None:
        self.size = status.st_size
        self._path, self._bare, self._file, self._status = path, bare, file, status
        self._read, self._digest = 0, hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Read on; nothing behind the end that it had."""
        block = self._file.read(size) if self._read <= self.size else b""
        self._read += len(block)
        self._digest.update(block)
        return block

    def opened(self, start: bytes) -> Opened:
        """Give the sum of all of it, once all is read, and the first bytes as they were."""
        _check_unchanged(self._bare, self._status, os.fstat(self._file.fileno()), self._read)
        sha256 = self._digest.hexdigest()
        note_read(self._path, sha256)
        return replace(self._bare, data=start, sha256=sha256)


@contextmanager
def _regular(path: Path, bare: Opened) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """Open a regular file of a size that is read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _unreadable(bare, error) from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise bare.error(
            text="is not a regular file.", problem="file_special", hint="Put the file itself there."
        )
    with os.fdopen(handle, "rb") as file:
        _check_size(bare, status.st_size)
        yield file, status


def read_folder(path: Path, *, name: str, entry: str) -> dict[str, Opened]:
    """Read the regular files of a folder that is one data set, by their names."""
    files: dict[str, Opened] = {}
    left = MAX_BYTES
    for file in sorted(path.iterdir())[:MAX_FILES]:
        if file.is_file() and file.stat().st_size:
            files[file.name] = read_file(file, name=f"{name}/{file.name}", entry=entry)
            left -= len(files[file.name].data)
            _check_size(Opened(entry, name, b"", ""), MAX_BYTES + 1 if left < 0 else 1)
    return files


def _unreadable(bare: Opened, error: OSError) -> SourceError:
    if error.errno == errno.ELOOP:
        return bare.error(
            text="is a link; only files are read.",
            problem="file_special",
            hint="Put the file itself there.",
        )
    return bare.error(
        text=f"cannot be read: {error.strerror}.",
        problem="file_unreadable",
        hint="Check that the file exists and may be read.",
        found=error.strerror,
    )


def _check_unchanged(
    bare: Opened, before: os.stat_result, after: os.stat_result, size: int
) -> None:
    """Refuse a file that somebody wrote into meanwhile: half of it may be old."""
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or size != before.st_size:
        raise bare.error(
            text="was changed while it was read.",
            problem="file_changing",
            hint="Wait until it is written, then try again.",
        )


def _check_size(bare: Opened, size: int) -> None:
    if size == 0:
        raise bare.error(
            text="is empty (0 bytes).", problem="file_empty", hint="Get the file again."
        )
    if size > MAX_BYTES:
        raise bare.error(
            text=f"has {size:,} bytes; at most {MAX_BYTES:,} are read.",
            problem="file_large",
            hint="Split it, or leave out columns that are not needed.",
            found=size,
            allowed=MAX_BYTES,
        )
