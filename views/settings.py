"""What the environment says about this installation."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


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
    """

    city: Path
    tiles: str
    tiles_attribution: str


def settings() -> Settings:
    """Read the settings from the environment."""
    return Settings(
        city=(ROOT / os.environ.get("CITY", "data/demo")).resolve(),
        tiles=os.environ.get("TILES", ""),
        tiles_attribution=os.environ.get("TILES_ATTRIBUTION", ""),
    )
