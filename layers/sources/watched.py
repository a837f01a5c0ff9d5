"""Notes which files a load has looked for and read, and tells whether they are still the same."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHUNK = 1 << 20


@dataclass
class Inputs:
    """
    Files that a load depended on.

    Attributes
    ----------
    found
        Pattern, folders and the paths found, which may be none.
    read
        sha256 by path.
    beside
        By path, the names beside it that may belong to it.
    """

    found: list[tuple[str, list[str], list[str]]] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)
    beside: dict[str, list[str]] = field(default_factory=dict)

    def are_unchanged(self) -> bool:
        """Look again: the same files are found, and they hold the same bytes."""
        return (
            all(
                [str(path) for path in matching(pattern, [Path(each) for each in folders])] == paths
                for pattern, folders, paths in self.found
            )
            and all(names_beside(Path(path)) == names for path, names in self.beside.items())
            and all(_sha256(Path(path)) == sha256 for path, sha256 in self.read.items())
        )


_WATCHED: ContextVar[Inputs | None] = ContextVar("watched", default=None)


@contextmanager
def watching() -> Iterator[Inputs]:
    """Note what is looked for and read meanwhile."""
    inputs = Inputs()
    token = _WATCHED.set(inputs)
    try:
        yield inputs
    finally:
        _WATCHED.reset(token)


def matching(pattern: str, folders: Sequence[Path]) -> list[Path]:
    """Find a file, or the files of a glob, in the first folder that has any."""
    for folder in folders:
        files = sorted(folder.glob(pattern)) if "*" in pattern else _named(folder / pattern)
        found = [file for file in files if os.path.lexists(file)]
        if found:
            return found
    return []


def _named(path: Path) -> list[Path]:
    """Find a file of a name, though its accents be written as signs of their own."""
    if path.name.isascii() or os.path.lexists(path) or not path.parent.is_dir():
        return [path]
    wanted = unicodedata.normalize("NFC", path.name)
    beside = sorted(path.parent.iterdir())
    return [file for file in beside if unicodedata.normalize("NFC", file.name) == wanted]


def note_found(pattern: str, folders: Sequence[Path], found: Sequence[Path]) -> None:
    """Note what was looked for."""
    inputs = _WATCHED.get()
    if inputs is not None:
        inputs.found.append((pattern, [*map(str, folders)], [*map(str, found)]))


def note_read(path: Path, sha256: str) -> None:
    """Note what was read."""
    inputs = _WATCHED.get()
    if inputs is not None:
        inputs.read[str(path)] = sha256
        inputs.beside[str(path)] = names_beside(path)


def names_beside(path: Path) -> list[str]:
    """Name the files that may belong to one: those of its stem, or all of a folder of data."""
    parent = path.parent
    if not parent.is_dir():
        return []
    whole = parent.suffix.lower() == ".gdb"
    names = (each.name for each in os.scandir(parent))
    return sorted(name for name in names if whole or name.startswith(f"{path.stem}."))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
