"""Gives memory that nobody uses any more back to the system, and looks for none in vain."""

from __future__ import annotations

import gc
import resource
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
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        if pages * resource.getpagesize() > _NEAR * most:
            pa.default_memory_pool().release_unused()  # that of the system: all of the process's


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
