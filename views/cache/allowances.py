"""Who may what, as the files that say it are now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from layers.knowledge.roles import load_allowances, usual_matrix
from store.log import note_once
from views.cache.kept_tasks import store
from views.settings import settings

if TYPE_CHECKING:
    from analysis.model.roles import Allowances, Matrix


@st.cache_resource(show_spinner=False, max_entries=2)
def _allowances(path: str, size: int, changed: int) -> Allowances:  # noqa: ARG001  its stamp
    read = load_allowances(Path(path))
    kept = store()
    if kept is not None:
        note_once(kept, "roles_changed", kind="roles", subject=read.digest[:32])
    return read


@st.cache_resource(show_spinner=False, max_entries=1)
def product_matrix() -> Matrix:
    """Give what each role may where no office says otherwise."""
    return usual_matrix()


def allowances() -> Allowances | None:
    """Give what the office says; none where it says nothing. A change of its file holds at once."""
    path = settings().roles
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:  # the reader says what is wrong
        return load_allowances(path)
    return _allowances(str(path), status.st_size, status.st_mtime_ns)
