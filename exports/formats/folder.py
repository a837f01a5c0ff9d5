"""Results on a disk: whole or not at all, and never over somebody else's files."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from typing import TYPE_CHECKING

from analysis.model.errors import SettingsError
from exports.provenance import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def check_folder(folder: Path, names: Iterable[str], *, command: str) -> None:
    """Refuse a folder in which a result would replace what is not an earlier one of its sort."""
    if os.path.exists(folder) and not folder.is_dir():  # noqa: PTH110  the same
        msg = f"--out: {folder} is a file, not a folder."
        raise SettingsError(msg, problem="out_is_file", hint="Name a folder.", folder=str(folder))
    present = [name for name in sorted({*names, RECORD}) if os.path.lexists(folder / name)]
    ours = _command_of(folder) == command and all((folder / name).is_file() for name in present)
    if present and not ours:
        msg = f"--out: {folder} holds {', '.join(present)}, not from an earlier {command}."
        raise SettingsError(
            msg,
            problem="out_not_ours",
            hint="Name another folder, or move these files away.",
            folder=str(folder),
            found=", ".join(present),
            command=command,
        )


def _command_of(folder: Path) -> str:
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return ""
    return str(record.get("command", "")) if isinstance(record, dict) else ""


def write_folder(files: Mapping[str, bytes], folder: Path, *, command: str) -> None:
    """
    Write a result: everything aside and safe on the disk first, then moved into place.

    A new folder appears at once with all its files. In an existing one each file is
    replaced at once, `run.json` last, whose sha256 sums tell whether a set is whole; other
    files there are left alone.
    """
    check_folder(folder, files, command=command)
    target = folder.absolute()
    aside: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.parent / f".{target.name}-{secrets.token_hex(4)}"
        aside.mkdir()
        _write_aside(files, aside)
        _move(files, aside, target)
    except OSError as error:
        msg = f"--out: {folder} cannot be written: {error.strerror}."
        raise SettingsError(
            msg,
            problem="out_not_written",
            hint="Check the space on the disk and the rights on the folder.",
            folder=str(folder),
            found=str(error.strerror),
        ) from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def _write_aside(files: Mapping[str, bytes], aside: Path) -> None:
    for name, content in files.items():
        with (aside / name).open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    _sync(aside)


def _move(files: Mapping[str, bytes], aside: Path, target: Path) -> None:
    if target.exists():
        for name in sorted(files, key=lambda name: name == RECORD):
            (aside / name).replace(target / name)
        _sync(target)
    else:
        aside.rename(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
