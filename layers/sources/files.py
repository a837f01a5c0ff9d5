"""Finds a layer's files, reads their bytes once, and checks what they are before parsing."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from analysis.model.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = 1 << 30
MAX_RATIO = 100
MAX_MEMBERS = 2000
MAX_INFLATED = 400 << 20
_SLACK = 1 << 20


@dataclass(frozen=True)
class Opened:
    """
    The bytes of one file, read once.

    Attributes
    ----------
    entry
        Which part of the recipe named it, for messages.
    name
        Its name as in the recipe.
    data
        The bytes, unpacked if the file was a `.gz`.
    sha256
        Of the bytes on disk.
    """

    entry: str
    name: str
    data: bytes
    sha256: str

    def error(self, *, text: str, problem: str, hint: str = "", **facts: object) -> SourceError:
        """Make the error that says what is wrong with this file."""
        msg = f"{self.entry}: {self.name} {text}"
        return SourceError(
            msg, problem=problem, hint=hint, entry=self.entry, file=self.name, **facts
        )


def find_files(pattern: str, *, folders: Sequence[Path], entry: str, url: str) -> list[Path]:
    """Find a recipe's file, or the files of its glob, in the first folder that has any."""
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
    for folder in folders:
        found = sorted(folder.glob(pattern)) if "*" in pattern else [folder / pattern]
        found = [file for file in found if os.path.lexists(file)]
        if found:
            return found
    looked = ", ".join(map(str, folders))
    msg = f"{entry}: the file {pattern} is in none of {looked}."
    raise SourceError(
        msg,
        problem="file_missing",
        hint=f"Get it from {url or 'its publisher'}, or set CITY_DATA to the folder that has it.",
        entry=entry,
        file=pattern,
        folders=looked,
        url=url or "—",
    )


def read_file(path: Path, *, name: str, entry: str) -> Opened:
    """Read the bytes of a regular file once, and unpack a `.gz`."""
    bare = Opened(entry, name, b"", "")
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
        data = file.read(MAX_BYTES + 1)
    _check_size(bare, len(data))
    opened = Opened(entry, name, data, hashlib.sha256(data).hexdigest())
    return _unpack(opened) if name.endswith(".gz") else opened


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


def _unpack(packed: Opened) -> Opened:
    limit = min(MAX_BYTES, MAX_RATIO * len(packed.data) + _SLACK)
    parts: list[bytes] = []
    rest, left = packed.data, limit
    try:
        while rest:
            unpacker = zlib.decompressobj(31)
            parts.append(unpacker.decompress(rest, left + 1))
            left -= len(parts[-1])
            if left < 0:
                raise _bomb(packed, limit)
            if not unpacker.eof:
                raise packed.error(
                    text="is a gzip file cut short.", problem="file_cut", hint="Get the file again."
                )
            rest = unpacker.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise packed.error(
            text=f"is not a sound gzip file: {error}.",
            problem="file_broken",
            hint="Get the file again.",
            found=str(error),
        ) from error
    return Opened(packed.entry, packed.name, b"".join(parts), packed.sha256)


def _bomb(opened: Opened, limit: int) -> SourceError:
    return opened.error(
        text=f"unpacks to more than {limit:,} bytes; so much is refused.",
        problem="file_bomb",
        hint="Unpack it yourself and see what it holds.",
        allowed=limit,
    )


_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"SQLite format 3\0", "sqlite"),
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"\x89PNG", "png"),
    (b"%PDF", "pdf"),
    (b"\x7fELF", "program"),
)


def content_of(data: bytes) -> str:
    """Tell from its first bytes what a file is, whatever it is called."""
    for magic, content in _MAGIC:
        if data.startswith(magic):
            return content
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "xml"
    if start.startswith((b"{", b"[")):
        return "json"
    return "binary" if b"\0" in data[:4096] else "text"


def check_content(opened: Opened, *, expected: str, format_name: str) -> None:
    """Refuse a file whose content is not what its format needs."""
    found = content_of(opened.data)
    if found != expected:
        raise opened.error(
            text=f"should be {format_name}, but its content is {found}; allowed is {expected}.",
            problem="format_mismatch",
            hint="Get the file in the format meant, or correct `format` in the recipe.",
            found=found,
            allowed=expected,
            format=format_name,
        )


def unzip(opened: Opened) -> dict[str, bytes]:
    """Unpack a zip in memory, within limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(opened.data)) as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
            _check_members(opened, infos)
            return {info.filename: archive.read(info) for info in infos}
    except (
        zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
        zlib.error,
    ) as error:  # fmt: skip
        if isinstance(error, SourceError):
            raise
        raise opened.error(
            text=f"is not a sound zip archive: {error}.",
            problem="file_broken",
            hint="Get the file again, or pack it again without a password.",
            found=str(error),
        ) from error


def _check_members(opened: Opened, infos: Sequence[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in infos]
    unsafe = [info.filename for info in infos if _unsafe(info)]
    if unsafe or len(set(names)) != len(names) or len(names) > MAX_MEMBERS:
        found = (unsafe or names)[0] if names else ""
        raise opened.error(
            text=f"is an archive with unsafe, repeated or too many members ({found!r}).",
            problem="archive_unsafe",
            hint="Pack the files again, each once and without folders or links.",
            found=found,
        )
    limit = min(MAX_INFLATED, MAX_RATIO * len(opened.data) + _SLACK)
    if sum(info.file_size for info in infos) > limit:
        raise _bomb(opened, limit)


def _unsafe(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    encrypted = bool(info.flag_bits & 1)
    leaves = path.is_absolute() or ".." in path.parts or "\\" in info.orig_filename
    return not path.name or is_link or encrypted or leaves or path.suffix.lower() == ".zip"
