"""Files in one: a ZIP whose bytes depend on what is in it alone."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file: no archive can hold an earlier one."""


def packed(files: Mapping[str, bytes]) -> bytes:
    """Pack files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Read the files of an archive of our own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
