"""Where the store is: one file in a folder that the operator names, or a database by its URL."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from analysis.model.errors import StoreError

FOLDER, URL = "STORE", "STORE_URL"
"""Variables of the environment: a folder of this machine, or a database of PostgreSQL."""
FILE_NAME = "planning.sqlite"
DRIVER = "postgresql+psycopg"


def is_named() -> bool:
    """Tell whether the operator has named a place to keep things."""
    return bool(os.environ.get(FOLDER) or os.environ.get(URL))


def stated_address() -> sa.URL:
    """Read the address of the store; a URL goes before a folder."""
    if text := os.environ.get(URL):
        return _database(text)
    if folder := os.environ.get(FOLDER):
        return file_address(Path(folder))
    msg = f"Nothing can be kept: neither {FOLDER} nor {URL} is set."
    raise StoreError(
        msg,
        problem="store_unnamed",
        hint=f"Start with {FOLDER}=folder, or {URL}=postgresql://user@host/name.",
        folder=FOLDER,
        url=URL,
    )


def file_address(folder: Path) -> sa.URL:
    """Give the address of the file in a folder of this machine."""
    return sa.URL.create("sqlite", database=str(folder / FILE_NAME))


def _database(text: str) -> sa.URL:
    """Read a URL; what it says is never repeated, as a password may stand in it."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {"postgresql", DRIVER}:
        msg = f"{URL} is not of the form postgresql://user@host/name."
        raise StoreError(
            msg,
            problem="store_url",
            hint=f"For a file, set {FOLDER}=folder instead.",
            url=URL,
            folder=FOLDER,
        ) from None
    return url.set(drivername=DRIVER)
