"""A city's folder on a disk: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.model.errors import SettingsError
from exports.formats.whole_folder import (
    new_aside,
    put_in_place,
    sole_writer,
    unwritten,
    write_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RECIPE = "city.toml"
CORRECTIONS = "corrections"
PARTS = (".shx", ".dbf", ".prj", ".cpg")
"""Files beside a shapefile that belong to it."""
_OTHERS = (*PARTS, ".sbn", ".sbx", ".qix", ".qpj", ".xml")


def listed_files(given: list[Path], folder: Path) -> dict[str, Path]:
    """
    Name the files of a new city, those of folders among them.

    A file below the city's folder keeps its place; of any other its own name, or the path below
    the folder given, is taken.
    """
    files: dict[str, Path] = {}
    for path in given:
        inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else []
        for each in inside or [path]:
            if not any(part.startswith(".") for part in each.relative_to(path).parts):
                _add(files, each, _name(each, path, folder))
    shapes = {str(Path(name).with_suffix("")) for name in files if name.lower().endswith(".shp")}
    return {name: path for name, path in files.items() if not _belongs(name, shapes)}


def _name(path: Path, given: Path, folder: Path) -> str:
    if path.absolute().is_relative_to(folder.absolute()):
        return path.absolute().relative_to(folder.absolute()).as_posix()
    return path.relative_to(given).as_posix() if given.is_dir() else path.name


def _belongs(name: str, shapes: set[str]) -> bool:
    path = Path(name)
    part = path.suffix.lower() in _OTHERS and any(
        str(path).startswith(f"{shape}.") for shape in shapes
    )
    return part or path.name == RECIPE


def _add(files: dict[str, Path], path: Path, name: str) -> None:
    if name in files and files[name] != path:
        msg = f"{path} and {files[name]} would both be {name} in the city's folder."
        raise SettingsError(
            msg,
            problem="file_named_twice",
            hint="Rename one of them.",
            file=str(path),
            other=str(files[name]),
            name=name,
        )
    files[name] = path


def check_new(folder: Path) -> None:
    """Refuse a folder that is a city already, or no folder."""
    if (folder / RECIPE).exists():
        msg = f"{folder} is a city already: it has a {RECIPE}."
        raise SettingsError(
            msg,
            problem="city_exists",
            hint="Name another folder, or move that file away.",
            folder=str(folder),
            file=RECIPE,
        )
    if os.path.lexists(folder) and not folder.is_dir():
        msg = f"{folder} is a file, not a folder."
        raise SettingsError(msg, problem="out_is_file", hint="Name a folder.", folder=str(folder))


def _check_empty(folder: Path) -> None:
    """Refuse a folder with files of somebody else: they would not be in the city."""
    found = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    if found:
        listed = ", ".join(found[:3])
        msg = f"{folder} holds {listed}, which are not among the files named."
        raise SettingsError(
            msg,
            problem="folder_filled",
            hint="Name another folder, or only files in this one.",
            folder=str(folder),
            found=listed,
        )


def place_files(files: Mapping[str, Path], home: Path) -> dict[str, Path]:
    """Copy files, with what belongs to them, below a folder."""
    placed: dict[str, Path] = {}
    for name, path in files.items():
        target = home / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(path, target)
        if path.suffix.lower() == ".shp":
            for part in sorted(path.parent.glob(f"{path.stem}.*")):
                if part.suffix.lower() in PARTS:
                    _copy(part, target.with_suffix(part.suffix))
        placed[name] = target
    return placed


def _copy(source: Path, target: Path) -> None:
    """Copy a regular file; anything else is left for the reader to refuse."""
    if source.is_file():
        shutil.copyfile(source, target)


def write_city(recipe: str, home: Path, folder: Path) -> None:
    """
    Put a city in its place: `home` holds its files and becomes the folder, or is it already.

    A city that stands there is replaced at once and as a whole; a reader sees the old one or the
    new one.
    """
    try:
        with sole_writer(Path(os.path.realpath(folder))):
            _write(home / RECIPE, recipe.encode())
            if home.absolute() != folder.absolute():
                put_in_place(home, folder)
                shutil.rmtree(home, ignore_errors=True)
    except OSError as error:
        raise unwritten(folder, error) from error


def city_identifier(name: str) -> str:
    """
    Make the name of a folder of a city's name.

    Examples
    --------
    >>> city_identifier("霁川 (新)"), city_identifier("../New York"), city_identifier("…")
    ('霁川-新', 'new-york', '')
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold())
    return "-".join(words)[:60]


def publish_city(recipe: str, files: Mapping[str, Path], folder: Path) -> None:
    """Copy files to a city's folder, in place of what stood there: all of it or nothing."""
    aside = new_aside(folder)
    try:
        place_files(files, aside)
        write_city(recipe, aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_corrections(files: Mapping[str, bytes], city: Path) -> dict[str, str]:
    """Write rows to correct into a city's folder; what a person has begun to correct stays."""
    written = {layer: city / CORRECTIONS / f"{layer}.csv" for layer in files}
    for path in written.values():
        if path.exists():
            msg = f"{path} is there already."
            raise SettingsError(
                msg,
                problem="corrections_there",
                hint="Bring it back with check, then move it away.",
                file=str(path),
            )
    for layer, path in written.items():
        path.parent.mkdir(mode=0o700, exist_ok=True)  # rows as they were brought
        _write(path, files[layer], mode=0o600)
    return {layer: str(path) for layer, path in written.items()}


@contextlib.contextmanager
def home_of(files: Mapping[str, Path], folder: Path) -> Iterator[tuple[Path, dict[str, Path]]]:
    """
    Give the folder that holds a new city's files, and these in it.

    It is the city's own where all of them are there already; else one beside it, with copies,
    which is gone in the end unless the city was written.
    """
    check_new(folder)
    own = folder.absolute()
    if all(path.absolute() == own / name for name, path in files.items()):
        yield folder, dict(files)
        return
    _check_empty(folder)
    aside = new_aside(folder)
    try:
        yield aside, place_files(files, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(path: Path, content: bytes, *, mode: int | None = None) -> None:
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    if mode is not None:
        aside.touch(mode)
    write_file(aside, content)
    aside.replace(path)
