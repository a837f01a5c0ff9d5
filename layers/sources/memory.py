"""Gives memory that nobody uses any more back to the system."""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

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
