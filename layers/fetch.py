"""
Fetches the layers whose recipe has the address of their file; nothing else ever uses the network.

A file takes its place only when it came whole and its layer can be read: until then, and whenever
that fails, the last good one stays. What is under way stands in a hidden folder of the city.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.model.errors import PlanningError, SettingsError
from layers.cleaning.layer import read_layer
from layers.load import city_folders, default_city_data
from layers.recipe.parse import read_recipe
from layers.recipe.schema import FILE_NAME
from layers.sources.files import check_inside
from layers.sources.http import Version, download

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from analysis.model.standards import Kind
    from layers.recipe.schema import LayerRecipe
    from layers.sources.http import Download, Limits

UNDER_WAY = ".fetch"
RECORD = "fetched.json"


@dataclass(frozen=True)
class Fetched:
    """
    What became of one layer.

    Attributes
    ----------
    layer, file
        Which one.
    outcome
        `new`, `unchanged` or `failed`.
    size
        Bytes of a new file.
    error
        Why it failed.
    """

    layer: str
    file: str
    outcome: str
    size: int = 0
    error: PlanningError | None = None


def fetch_city(
    folder: Path,
    *,
    kinds: Mapping[str, Kind],
    limits: Limits,
    progress: Callable[[str, int, int], None],
) -> list[Fetched]:
    """Fetch every layer with an address; one that fails keeps no other from being fetched."""
    recipe, _ = read_recipe(folder, kinds={kind.id: kind.columns for kind in kinds.values()})
    entries = [entry for entry in recipe.layers if entry.download]
    if not entries:
        msg = f"{folder}: no layer of {FILE_NAME} has a `download`."
        raise SettingsError(
            msg,
            problem="fetch_none",
            hint="Add the address of its file to an entry: download = …",
            folder=str(folder),
            file=FILE_NAME,
        )
    with _alone(folder):
        return [_fetched(entry, folder, limits, progress) for entry in entries]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second run out of the same city."""
    (folder / UNDER_WAY).mkdir(exist_ok=True)
    with (folder / UNDER_WAY / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"{folder}: another run is fetching this city."
            raise SettingsError(
                msg, problem="fetch_busy", hint="Wait until it is done.", folder=str(folder)
            ) from error
        yield


def _fetched(
    entry: LayerRecipe, folder: Path, limits: Limits, progress: Callable[[str, int, int], None]
) -> Fetched:
    name = entry.files[0]
    aside = folder / UNDER_WAY / name
    try:
        check_inside(name, entry=entry.entry)
        aside.parent.mkdir(parents=True, exist_ok=True)
        came = download(
            entry.download,
            aside,
            entry=entry.entry,
            limits=limits,
            known=_known(folder, name),
            sha256=entry.sha256,
            progress=lambda done, total: progress(name, done, total),
        )
        if came is None:
            return Fetched(entry.id, name, "unchanged")
        _check_layer(entry, folder)
        _take_over(folder, name, came)
    except PlanningError as error:
        return Fetched(entry.id, name, "failed", error=error)
    except OSError as error:
        return Fetched(entry.id, name, "failed", error=_unwritten(folder, error))
    return Fetched(entry.id, name, "new", came.size)


def _record(folder: Path) -> dict[str, Any]:
    """Read which editions the city's files are."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _known(folder: Path, name: str) -> Version | None:
    """Tell the edition of a file that is still as it was fetched."""
    noted, file = _record(folder).get(name), folder / name
    if not isinstance(noted, dict) or not file.is_file():
        return None
    if hashlib.sha256(file.read_bytes()).hexdigest() != noted.get("sha256"):
        return None
    return Version(*(str(noted.get(key, "")) for key in ("url", "etag", "modified")))


def _unwritten(folder: Path, error: OSError) -> SettingsError:
    msg = f"{folder} cannot be written: {error.strerror}."
    return SettingsError(
        msg,
        problem="fetch_unwritten",
        hint="Check the space on the disk and the rights on the folder.",
        folder=str(folder),
        found=str(error.strerror),
    )


def _check_layer(entry: LayerRecipe, folder: Path) -> None:
    """Read the new file as its layer will be read: an error page or another file ends here."""
    places = (folder / UNDER_WAY, *city_folders(folder.resolve(), default_city_data()))
    try:
        read_layer(replace(entry, optional=False), places)
    except PlanningError:
        (folder / UNDER_WAY / entry.files[0]).unlink(missing_ok=True)
        raise


def _take_over(folder: Path, name: str, came: Download) -> None:
    """Put the file in its place, at once and for good, then note its edition."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    (folder / UNDER_WAY / name).replace(target)
    _sync(target.parent)
    record = _record(folder)
    record[name] = {
        "url": came.version.url,
        "etag": came.version.etag,
        "modified": came.version.modified,
        "sha256": came.sha256,
        "bytes": came.size,
        "fetched": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    text = json.dumps(record, ensure_ascii=False, indent=2)
    aside = folder / UNDER_WAY / RECORD
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(folder / RECORD)
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
