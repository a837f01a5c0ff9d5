"""
A folder on a disk, put in its place at once: never half, never mixed, by one writer at a time.

A new folder is filled beside the old one and exchanged with it in one step of the file system.
Where that is not to be had it takes the place of the old one in two steps, and the next writer
undoes a first without a second. What killed writers left is swept by the next one of the same
folder: its name tells the process that made it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import secrets
import shutil
from typing import TYPE_CHECKING

from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_AT_HERE, _EXCHANGE = -100, 2
"""Of Linux: paths are those of this process; two paths change places."""


def unwritten(folder: Path, error: OSError) -> SettingsError:
    """Make the error for a folder that cannot be written."""
    msg = f"--out: {folder} cannot be written: {error.strerror}."
    return SettingsError(
        msg,
        problem="out_not_written",
        hint="Check the space on the disk and the rights on the folder.",
        folder=str(folder),
        found=str(error.strerror),
    )


@contextlib.contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Keep other writers out of a folder, and sweep what those that were killed left beside it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.with_name(f".{folder.name}.lock")
    handle = _locked(lock, folder)
    try:
        _sweep(folder)
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)


def _locked(lock: Path, folder: Path) -> int:
    """Take the lock; one whose file was removed by its last holder is no lock any more."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            msg = f"{folder}: another run is writing there."
            raise SettingsError(
                msg,
                problem="out_busy",
                hint="Wait until it is done, then run this again.",
                folder=str(folder),
            ) from error
        with contextlib.suppress(FileNotFoundError):
            if os.fstat(handle).st_ino == lock.stat().st_ino:
                return handle
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Bring back a folder that was half-way replaced; remove what was on its way."""
    left = re.compile(rf"\.{re.escape(folder.name)}\.(aside|old)-(\d{{1,9}})-[0-9a-f]{{8}}")
    for each in list(folder.parent.iterdir()):
        found = left.fullmatch(each.name)
        if found is None or _is_alive(int(found[2])):
            continue
        if found[1] == "old" and not os.path.lexists(folder):
            each.rename(folder)
        else:
            shutil.rmtree(each, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # of somebody else
    return True


def _beside(folder: Path, what: str) -> Path:
    return folder.with_name(f".{folder.name}.{what}-{os.getpid()}-{secrets.token_hex(4)}")


def new_aside(folder: Path) -> Path:
    """Make a folder beside another, on the same disk."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = _beside(folder, "aside")
    aside.mkdir()
    return aside


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and see it safe on the disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def put_in_place(aside: Path, folder: Path, *, dropped: Collection[str] | None = None) -> None:
    """
    Let a filled folder take the place of another at once.

    What stands in the old one and not in the new is carried over, but the names `dropped`; with
    `None` nothing is. What was replaced is left in `aside`, to be removed.
    """
    target = folder.resolve()
    if dropped is not None and target.is_dir():
        _carry_over(target, aside, dropped)
    sync(aside)
    if not target.exists():
        aside.rename(target)
    elif _is_held(target):
        _move_files(aside, target, dropped or ())
    else:
        shutil.copymode(target, aside)
        _exchange(aside, target)
    sync(target.parent)


def _carry_over(old: Path, new: Path, dropped: Collection[str]) -> None:
    """Give the new folder what others put into the old one: the same files under a second name."""
    for each in old.iterdir():
        if each.name in dropped or os.path.lexists(new / each.name):
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.copytree(each, new / each.name, symlinks=True, copy_function=_link)
        else:
            _link(str(each), str(new / each.name))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _is_held(folder: Path) -> bool:
    """Tell whether a folder cannot change its place: a disk of its own, or where one stands."""
    here = os.path.realpath(".")
    return os.path.ismount(folder) or here == str(folder) or here.startswith(f"{folder}{os.sep}")


def _move_files(aside: Path, folder: Path, dropped: Collection[str]) -> None:
    """Replace file by file, the record last: its sums tell whether a set is whole."""
    gone = set(dropped) - {each.name for each in aside.iterdir()}
    for source in sorted(aside.iterdir(), key=lambda each: each.name == "run.json"):
        target = folder / source.name
        if source.is_dir() or (target.exists() and source.samefile(target)):
            continue
        source.replace(target)
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    sync(folder)


def _exchange(aside: Path, folder: Path) -> None:
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    paths = os.fsencode(aside), os.fsencode(folder)
    if rename is not None and rename(_AT_HERE, paths[0], _AT_HERE, paths[1], _EXCHANGE) == 0:
        return
    old = _beside(folder, "old")
    folder.rename(old)
    aside.rename(folder)
    old.rename(aside)


def sync(folder: Path) -> None:
    """See the names in a folder safe on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
