"""Holds each call into a foreign reader: whatever it raises becomes one sentence about the file."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from analysis.model.errors import PlanningError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from layers.sources.opened import Opened

_PANIC = "PanicException"
"""What a library in Rust raises where it gives up; it is no `Exception`."""
_INNER = re.compile(rf"'?(?:/vsi\w+|{re.escape(tempfile.gettempdir())})/[^\s':]*'?")
"""Where a copy lies for GDAL, in memory or on disk: a path of no reader's."""
_LONG = 200
"""Characters of a library's message that a sentence repeats."""


@contextmanager
def held(error_of: Callable[[str], Exception]) -> Iterator[None]:
    """
    Turn whatever is raised within into an error of ours, with the original as its cause.

    Our own errors pass, and so does `MemoryError`: that is the machine's, not the file's.
    """
    try:
        yield
    except (PlanningError, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
            raise
        raise error_of(_told(error)) from error


def reading(
    opened: Opened, what: str, *, hint: str = "Get the file again.", problem: str = "file_broken"
) -> AbstractContextManager[None]:
    """Hold a reader of this file; `what` says what the file then is not."""

    def error_of(found: str) -> Exception:
        found = _INNER.sub(opened.name, found)
        return opened.error(text=f"{what}: {found}.", problem=problem, hint=hint, found=found)

    return held(error_of)


def _told(error: BaseException) -> str:
    """Give a library's message on one line, without what only a terminal shows."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    return line[:_LONG].rstrip(". ") or type(error).__name__
