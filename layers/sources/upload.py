"""Files that a reader brings: kept in a folder of the session, whole, within limits."""

from __future__ import annotations

import re
import secrets
import shutil
import time
import unicodedata
from typing import TYPE_CHECKING

from analysis.model.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILES = 40
LONGEST_NAME = 120
OLD_SECONDS = 86_400
"""After a day the files of a session that nobody published are swept."""
_SESSIONS = "sessions"
_SESSION = re.compile(r"[0-9a-f]{16,64}")
_MEGABYTE = 1 << 20


def session_folder(uploads: Path, session: str) -> Path:
    """Give the folder of one session, and make it."""
    if not _SESSION.fullmatch(session):
        msg = f"{session!r} names no session."
        raise ValueError(msg)
    folder = uploads / _SESSIONS / session
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def safe_name(name: str) -> str:
    r"""
    Make a plain name of a file of what a browser says.

    Examples
    --------
    >>> safe_name("../../etc/公厕 2024.csv"), safe_name(".city.toml"), safe_name("a\x00b")
    ('公厕 2024.csv', 'city.toml', 'ab')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(sign for sign in last if sign.isprintable() and sign not in "*?[]")
    plain = seen.strip().lstrip(".")
    stem, dot, suffix = plain.rpartition(".")
    room = LONGEST_NAME - len(suffix) - 1
    return f"{stem[:room]}.{suffix}" if dot and room > 0 else plain[:LONGEST_NAME]


def keep_upload(folder: Path, name: str, data: bytes, *, max_mb: int) -> str:
    """Keep one file of a session, in place of an earlier one of its name; give its name."""
    plain = safe_name(name)
    if not plain or plain.lower() == "city.toml":
        raise _refused(file=plain or "—", problem="upload_name", hint="Give the file another name.")
    if len(data) > max_mb * _MEGABYTE:
        raise _refused(
            file=plain,
            problem="upload_large",
            hint="Split it, or leave out columns.",
            allowed=max_mb,
        )
    if plain not in kept_uploads(folder) and len(kept_uploads(folder)) >= MAX_FILES:
        raise _refused(
            file=plain, problem="upload_many", hint="Take some away first.", allowed=MAX_FILES
        )
    aside = folder / f".{secrets.token_hex(8)}"
    aside.write_bytes(data)
    aside.replace(folder / plain)
    return plain


def _refused(*, file: str, problem: str, hint: str, **facts: object) -> SourceError:
    allowed = "".join(f"; allowed is {value}" for value in facts.values())
    msg = f"{file} is not taken{allowed}."
    return SourceError(msg, problem=problem, hint=hint, file=file, **facts)


def kept_uploads(folder: Path) -> dict[str, Path]:
    """List the files of a session by name."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {each.name: each for each in files if each.is_file() and not each.name.startswith(".")}


def forget_session(folder: Path) -> None:
    """Take the files of a session away."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep_sessions(uploads: Path, *, now: float | None = None) -> None:
    """Take away the files of sessions that ended long ago."""
    limit = (time.time() if now is None else now) - OLD_SECONDS
    sessions = uploads / _SESSIONS
    for folder in sorted(sessions.iterdir()) if sessions.is_dir() else []:
        times = [each.stat().st_mtime for each in (folder, *folder.rglob("*")) if each.exists()]
        if _SESSION.fullmatch(folder.name) and max(times, default=0.0) < limit:
            forget_session(folder)
