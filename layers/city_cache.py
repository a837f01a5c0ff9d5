"""
Keeps a loaded city as columns on the disk, where the operator names a folder for it (`CITY_CACHE`).

What is kept bears the hash of the recipe, of what holds for every city and of the code, and lists
every file that was looked for and read, with its sha256. It is taken only where all of that is
still the same, and its own files bear the sums that were noted; else the city is loaded anew.
Columns are Arrow files and the rest is JSON: nothing in them runs.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import CRS

from analysis.access.land import Land
from layers.city import LayerReport, Note
from layers.formats.boundary import held
from layers.recipe.schema import LAND_KINDS
from layers.sources.watched import Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
MOST = 20
"""Cities kept; those taken or written least recently go."""
FRAMES = ("communities", "facilities", "residents", "issues", "streets", "zones", "rechecks",
          "clause_values", "frontages", "readings", "survey", "quarantine")  # fmt: skip
GROUPS = ("earlier", "background")
"""Frames by name."""
NOTED = "city.json"
FOR_OWNER = 0o600
_SHAPE = "geometry"


def cache_slot(data: bytes, folders: Sequence[Path]) -> Path | None:
    """Say where a city of this recipe is kept; `None` where the operator names no folder."""
    named = os.environ.get("CITY_CACHE")
    if not named:
        return None
    digest = hashlib.sha256(_code())
    for part in (data, *(os.fsencode(folder) for folder in folders)):
        digest.update(hashlib.sha256(part).digest())
    return Path(named) / digest.hexdigest()[:32]


@lru_cache(maxsize=1)
def _code() -> bytes:
    """Sum up the code that makes a city, and what it knows of every city."""
    digest = hashlib.sha256()
    sources = [path for top in ("analysis", "layers") for path in (ROOT / top).rglob("*.py")]
    sources += list((ROOT / "data").glob("*.toml"))
    sources += [ROOT / "requirements.txt"]
    for path in sorted(sources):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def keep_parts(slot: Path, parts: Mapping[str, Any], inputs: Inputs) -> None:
    """Keep the parts of a city; a disk that is full or closed keeps none, and nobody needs it."""
    aside = slot.with_name(f".{slot.name}-{os.getpid()}-{secrets.token_hex(4)}")
    with suppress(OSError):
        # They hold what people wrote: for the owner alone, and so is the folder, if it is ours.
        slot.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.mkdir(mode=0o700)
        try:
            _write(aside, parts, inputs)
            shutil.rmtree(slot, ignore_errors=True)
            aside.rename(slot)
            _prune(slot.parent)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _write(aside: Path, parts: Mapping[str, Any], inputs: Inputs) -> None:
    sums: dict[str, str] = {}
    for name, frame in _frames_of(parts).items():
        sums[name] = _write_columns(aside / name, frame)
    noted = {
        "inputs": asdict(inputs),
        "files": sums,
        "crs": parts["crs"].srs,
        "scale_error": parts["scale_error"],
        "as_of": parts["as_of"].isoformat(),
        "absent": parts["absent"],
        "fingerprint": parts["fingerprint"],
        "reports": [asdict(report) for report in parts["reports"]],
    }
    text = json.dumps(noted, ensure_ascii=False, default=_plain)
    if _reports(json.loads(text)["reports"]) == parts["reports"]:
        # Else a fact is of a type that JSON does not keep.
        (aside / NOTED).touch(FOR_OWNER)
        (aside / NOTED).write_text(text, "utf-8")


def _plain(value: object) -> object:
    return value.item() if hasattr(value, "item") else str(value)


def _frames_of(parts: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    named = {name: parts[name] for name in FRAMES}
    named |= {f"land-{kind}": getattr(parts["land"], kind) for kind in LAND_KINDS}
    for group in GROUPS:
        named |= {f"{group}-{name}": frame for name, frame in parts[group].items()}
    return {name: frame for name, frame in named.items() if frame is not None}


def _write_columns(path: Path, frame: pd.DataFrame) -> str:
    """Write a frame piece by piece, and give the sha256 of what was meant to be written."""
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = shapely.to_wkb(frame.geometry.to_numpy())
        frame = pd.DataFrame(frame).assign(**{_SHAPE: shapes})
    table = _columns(frame)
    path.touch(FOR_OWNER)
    with path.open("wb") as file:
        summed = _Summed(file)
        with pa.PythonFile(summed, "w") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    return summed.sha256.hexdigest()


def _columns(frame: pd.DataFrame) -> pa.Table:
    """
    Give the columns of a frame with its index beside them.

    Arrow asks each column for marks that a column of pandas has not, and pandas looks for them in
    its index: with all identifiers of a register that takes more memory than the register.
    """
    schema = pa.Schema.from_pandas(frame)
    index = schema.names[len(frame.columns) :]
    bare = frame.reset_index(drop=not index, names=index or None)[schema.names]
    table = pa.Table.from_pandas(bare, preserve_index=False, nthreads=1)
    return table.replace_schema_metadata(schema.metadata)


class _Summed:
    """A file that sums up what is written into it; whoever opened it closes it."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write and sum up."""
        self.sha256.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand on to the system what was written."""
        self._file.flush()

    def close(self) -> None:
        """Leave the file open."""


def kept_parts(slot: Path, *, zone: str) -> dict[str, Any] | None:
    """Take the parts of a city that is kept; `None` where none is, or anything is not as noted."""
    with suppress(_Stale), held(_Stale):
        noted = json.loads((slot / NOTED).read_bytes())
        if not Inputs(**_tuples(noted["inputs"])).are_unchanged():
            return None
        crs = CRS.from_user_input(noted["crs"])
        frames = {name: _frame(slot / name, sha256, crs) for name, sha256 in noted["files"].items()}
        os.utime(slot)
        return {
            **{name: frames.get(name) for name in FRAMES},
            "land": Land(**{kind: frames.get(f"land-{kind}") for kind in LAND_KINDS}),
            **{group: _group(frames, group) for group in GROUPS},
            "crs": crs,
            "scale_error": noted["scale_error"],
            "as_of": pd.Timestamp(noted["as_of"]).tz_convert(zone),
            "absent": tuple(noted["absent"]),
            "fingerprint": noted["fingerprint"],
            "reports": _reports(noted["reports"]),
        }
    return None


def _group(frames: Mapping[str, pd.DataFrame], group: str) -> dict[str, pd.DataFrame]:
    start = f"{group}-"
    return {name.removeprefix(start): f for name, f in frames.items() if name.startswith(start)}


class _Stale(Exception):  # noqa: N818  no error: the city is loaded anew
    """What is kept cannot be taken."""


def _tuples(noted: dict[str, Any]) -> dict[str, Any]:
    return {**noted, "found": [tuple(each) for each in noted["found"]]}


def _frame(path: Path, sha256: str, crs: CRS) -> pd.DataFrame:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        msg = "damaged"
        raise _Stale(msg)
    frame: pd.DataFrame = pa.ipc.open_file(pa.py_buffer(content)).read_all().to_pandas()
    if _SHAPE not in frame:
        return frame
    frame[_SHAPE] = gpd.GeoSeries(
        shapely.from_wkb(frame[_SHAPE].to_numpy()), index=frame.index, crs=crs
    )
    shaped: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=_SHAPE)
    return shaped


def _reports(noted: Sequence[dict[str, Any]]) -> tuple[LayerReport, ...]:
    return tuple(
        LayerReport(
            **{
                **each,
                "notes": tuple(Note(**{**n, "first": tuple(n["first"])}) for n in each["notes"]),
            }
        )
        for each in noted
    )


def _prune(folder: Path) -> None:
    slots = [each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")]
    for old in sorted(slots, key=lambda each: each.stat().st_mtime)[:-MOST]:
        shutil.rmtree(old, ignore_errors=True)
