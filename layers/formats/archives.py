"""Unpacks gzip and zip in memory, within limits."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from layers.formats.boundary import reading
from layers.sources.files import MAX_BYTES
from layers.sources.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.model.errors import SourceError

MAX_RATIO = 100
MAX_MEMBERS = 2000
MAX_INFLATED = 400 << 20
_SLACK = 1 << 20


def unpacked(opened: Opened) -> Opened:
    """Unpack a file whose name ends in `.gz`, and leave any other as it is."""
    return gunzip(opened, max_bytes=MAX_BYTES) if opened.name.endswith(".gz") else opened


def gunzip(packed: Opened, *, max_bytes: int) -> Opened:
    """Unpack a `.gz`."""
    limit = min(max_bytes, MAX_RATIO * len(packed.data) + _SLACK)
    parts: list[bytes] = []
    rest, left = packed.data, limit
    with reading(packed, "is not a sound gzip file"):
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
    return Opened(packed.entry, packed.name, b"".join(parts), packed.sha256)


def _bomb(opened: Opened, limit: int) -> SourceError:
    return opened.error(
        text=f"unpacks to more than {limit:,} bytes; so much is refused.",
        problem="file_bomb",
        hint="Unpack it yourself and see what it holds.",
        allowed=limit,
    )


def unzip(opened: Opened) -> dict[str, bytes]:
    """Unpack a zip in memory, within limits."""
    hint = "Get the file again, or pack it again without a password."
    with (
        reading(opened, "is not a sound zip archive", hint=hint),
        zipfile.ZipFile(io.BytesIO(opened.data)) as archive,
    ):
        infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
        _check_members(opened, infos)
        return {info.filename: archive.read(info) for info in infos}


def _check_members(opened: Opened, infos: Sequence[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in infos]
    locked = next((info.filename for info in infos if info.flag_bits & 1), "")
    if locked:
        raise opened.error(
            text=f"is an archive with a password ({locked!r}).",
            problem="archive_password",
            hint="Unpack it with its password, and pack the files again without one.",
            found=locked,
        )
    inner = next((name for name in names if name.lower().endswith(".zip")), "")
    if inner:
        raise opened.error(
            text=f"is an archive within which another one lies ({inner!r}).",
            problem="archive_nested",
            hint="Unpack it, and name the inner archive as the file.",
            found=inner,
        )
    unsafe = [info.filename for info in infos if _unsafe(info)]
    if unsafe or len(set(names)) != len(names) or len(names) > MAX_MEMBERS:
        found = (unsafe or names)[0] if names else ""
        raise opened.error(
            text=f"is an archive with unsafe, repeated or too many members ({found!r}).",
            problem="archive_unsafe",
            hint="Pack the files again, each once, without links and paths that lead outside.",
            found=found,
        )
    limit = min(MAX_INFLATED, MAX_RATIO * len(opened.data) + _SLACK)
    if sum(info.file_size for info in infos) > limit:
        raise _bomb(opened, limit)


def layer_parts(opened: Opened, members: Mapping[str, bytes], suffix: str) -> dict[str, bytes]:
    """Pick, by suffix, the files of the one layer that has a file with this suffix."""
    mains = [name for name in members if name.lower().endswith(suffix)]
    if len(mains) != 1:
        raise several_layers(opened, mains)
    stem = mains[0][: -len(suffix)]
    return {
        name[len(stem) :].lower(): data for name, data in members.items() if name.startswith(stem)
    }


def several_layers(opened: Opened, found: Sequence[str]) -> SourceError:
    """Make the error for an archive that does not hold exactly one layer."""
    shown = ", ".join(found)[:200] or "none"
    return opened.error(
        text=f"holds {len(found)} layers ({shown}); allowed is one.",
        problem="archive_layers",
        hint="Pack one layer a zip, or name its file as `layer` in the recipe.",
        count=len(found),
        found=shown,
    )


def _unsafe(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    leaves = path.is_absolute() or ".." in path.parts or "\\" in info.orig_filename
    return not path.name or is_link or leaves
