"""Results on a disk: whole or not at all, and never over somebody else's files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.model.errors import SettingsError
from exports.formats.whole_folder import (
    new_aside,
    put_in_place,
    sole_writer,
    unwritten,
    write_file,
)
from exports.provenance import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def check_folder(folder: Path, names: Iterable[str], *, command: str) -> None:
    """Refuse a folder in which a result would replace what is not an earlier one of its sort."""
    if os.path.exists(folder) and not folder.is_dir():  # noqa: PTH110  the same
        msg = f"--out: {folder} is a file, not a folder."
        raise SettingsError(msg, problem="out_is_file", hint="Name a folder.", folder=str(folder))
    present = [name for name in sorted({*names, RECORD}) if os.path.lexists(folder / name)]
    ours = _record_of(folder).get("command") == command and all(
        (folder / name).is_file() for name in present
    )
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


def check_untouched(folder: Path, name: str) -> None:
    """Refuse to replace a file of an earlier result that somebody has changed since."""
    told = _record_of(folder).get("results", {})
    if isinstance(told, dict) and name in told and name not in _own_files(folder):
        msg = f"{folder}: {name} was changed since it was made; it is not replaced."
        raise SettingsError(
            msg,
            problem="out_changed",
            hint="Name another folder, or move that file away.",
            folder=str(folder),
            file=name,
        )


def _record_of(folder: Path) -> dict[str, Any]:
    # A pipe or a device would be read without end; a name that cannot be is found on writing.
    if not os.path.isfile(folder / RECORD):  # noqa: PTH113  the same
        return {}
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_folder(files: Mapping[str, bytes], folder: Path, *, command: str) -> None:
    """
    Write a result: everything aside and safe on the disk first, then put in its place at once.

    An earlier result of the command goes as a whole, with files of its own that the new one has
    not; what others put there stays.
    """
    check_folder(folder, files, command=command)
    target = Path(os.path.realpath(folder))
    try:
        with sole_writer(target):
            check_folder(target, files, command=command)
            aside = new_aside(target)
            try:
                for name, content in files.items():
                    write_file(aside / name, content)
                put_in_place(aside, target, dropped=_own_files(target))
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise unwritten(folder, error) from error


def _own_files(folder: Path) -> set[str]:
    """Name the files of an earlier result that nobody has changed since."""
    results = _record_of(folder).get("results", {})
    return {
        name
        for name, told in (results.items() if isinstance(results, dict) else ())
        if isinstance(told, dict) and told.get("sha256") == _sha256(folder, name)
    }


def _sha256(folder: Path, name: str) -> str:
    if Path(name).name != name or not (folder / name).is_file():
        return ""
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()
