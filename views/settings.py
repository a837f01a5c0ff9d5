"""What the environment says about this installation."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UPLOAD_MB = 200
REQUESTS = 200.0
NAMES = (
    *("CITY", "CITIES", "TILES", "TILES_ATTRIBUTION", "CITY_UPLOADS", "CITY_UPLOAD_MB"),
    *("CITY_WORKERS", "CITY_REQUESTS", "CITY_OPEN", "CITY_METRICS_TOKEN", "CITY_ROLES"),
)
"""Variables of the environment that are read."""


@dataclass(frozen=True)
class Settings:
    """
    Settings of one running dashboard.

    Attributes
    ----------
    city
        Folder with a `city.toml` (environment `CITY`; default the demo city).
    tiles, tiles_attribution
        Optional background tiles, `https://…/{z}/{x}/{y}.png`, and whom to credit
        (`TILES`, `TILES_ATTRIBUTION`). Empty: no tiles, and no network is needed.
    cities
        Optional folder of further cities, between which a reader can change (`CITIES`).
    uploads
        Optional folder in which files are kept that readers bring (`CITY_UPLOADS`); without it
        none can be brought. Cities made of them go to `cities`, or to `cities` in this folder.
    upload_mb
        Greatest size of one of them, in megabytes (`CITY_UPLOAD_MB`).
    workers
        Processes that answer heavy questions beside the server (`CITY_WORKERS`), each with its
        own copy of the city; by default one for each core, two at most. 0: none.
    open
        Whether the server may be reached from other machines although it has no log-in
        (`CITY_OPEN=1`); every page then says so.
    requests
        How many requests a second one address may make in the long run (`CITY_REQUESTS`); a whole
        office may stand behind one. 0: no limit.
    metrics_token
        Word of 16 signs or more with which operators read figures on the process
        (`CITY_METRICS_TOKEN`); without it nobody does.
    roles
        File that says who may what (`CITY_ROLES`; else `roles.toml` of the city's folder, where
        there is one). Without it there is no log-in.
    """

    city: Path
    tiles: str
    tiles_attribution: str
    cities: Path | None = None
    uploads: Path | None = None
    upload_mb: int = UPLOAD_MB
    workers: int = 0
    open: bool = False
    requests: float = REQUESTS
    metrics_token: str = field(default="", repr=False)
    roles: Path | None = None


def settings() -> Settings:
    """Read the settings from the environment; links of paths are followed once a second."""
    found = _read(int(time.monotonic()), tuple(os.environ.get(name, "") for name in NAMES))
    beside = found.city / "roles.toml"
    if found.roles is None and beside.is_file():
        return replace(found, roles=beside)
    return found


@lru_cache(maxsize=1)
def _read(_second: int, values: tuple[str, ...]) -> Settings:
    told = dict(zip(NAMES, values, strict=True))
    uploads, limit = (
        _path(told["CITY_UPLOADS"]),
        told["CITY_UPLOAD_MB"],
    )
    workers = told["CITY_WORKERS"]
    requests = told["CITY_REQUESTS"]
    city = (ROOT / (told["CITY"] or "data/demo")).resolve()
    return Settings(
        city=city,
        tiles=told["TILES"],
        tiles_attribution=told["TILES_ATTRIBUTION"],
        cities=_path(told["CITIES"]) or (uploads and uploads / "cities"),
        uploads=uploads,
        upload_mb=int(limit) if limit.isdecimal() and int(limit) > 0 else UPLOAD_MB,
        workers=int(workers) if workers.isdecimal() else min(2, os.cpu_count() or 1),
        open=told["CITY_OPEN"].strip() == "1",
        requests=float(requests) if requests.isdecimal() else REQUESTS,
        metrics_token=told["CITY_METRICS_TOKEN"],
        roles=_path(told["CITY_ROLES"]),
    )


def _path(text: str) -> Path | None:
    return (ROOT / text.strip()).resolve() if text.strip() else None
