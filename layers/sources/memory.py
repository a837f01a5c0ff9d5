"""Gives memory that nobody uses any more back to the system, and looks for none in vain."""

from __future__ import annotations

import gc
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEAR = 0.75
"""Of the most that the process ever had: below, what comes next finds room anyway."""


def give_back() -> None:
    """
    Give back what is free, between steps that take much.

    Great columns leave holes where the next, a little greater one does not fit: without this a
    packed register takes a sixth more. Memory given back costs time when it is asked for again.
    """
    with suppress(OSError):  # on other systems than Linux nothing tells what is in use
        status = Path("/proc/self/status").read_text("utf-8", "replace")
        taken, most = (_field(name, status) for name in ("VmRSS", "VmHWM"))
        if taken > _NEAR * most:
            pa.default_memory_pool().release_unused()  # that of the system: all of the process's


def _field(name: str, status: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    return int(found[1]) if found else 0


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: a load makes objects by the million, and no cycles."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()
