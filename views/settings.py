"""What the environment says about this installation."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UPLOAD_MB = 200
REQUESTS = 200.0


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
    """Read the settings from the environment."""
    uploads, limit = (
        _path(os.environ.get("CITY_UPLOADS", "")),
        os.environ.get("CITY_UPLOAD_MB", ""),
    )
    workers = os.environ.get("CITY_WORKERS", "")
    requests = os.environ.get("CITY_REQUESTS", "")
    city = (ROOT / os.environ.get("CITY", "data/demo")).resolve()
    beside = city / "roles.toml"
    return Settings(
        city=city,
        tiles=os.environ.get("TILES", ""),
        tiles_attribution=os.environ.get("TILES_ATTRIBUTION", ""),
        cities=_path(os.environ.get("CITIES", "")) or (uploads and uploads / "cities"),
        uploads=uploads,
        upload_mb=int(limit) if limit.isdecimal() and int(limit) > 0 else UPLOAD_MB,
        workers=int(workers) if workers.isdecimal() else min(2, os.cpu_count() or 1),
        open=os.environ.get("CITY_OPEN", "").strip() == "1",
        requests=float(requests) if requests.isdecimal() else REQUESTS,
        metrics_token=os.environ.get("CITY_METRICS_TOKEN", ""),
        roles=_path(os.environ.get("CITY_ROLES", "")) or (beside if beside.is_file() else None),
    )


def _path(text: str) -> Path | None:
    return (ROOT / text.strip()).resolve() if text.strip() else None
