"""Memory goes back to the system where it may raise the most that is ever taken, and only there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from layers.sources import memory

TAKEN_KIB = 1000


@pytest.mark.parametrize(("most_kib", "given"), [(TAKEN_KIB, 1), (10 * TAKEN_KIB, 0)])
def test_free_memory_is_given_back_near_the_most(monkeypatch, most_kib, given):
    released = []
    pool = SimpleNamespace(release_unused=lambda: released.append(1))
    monkeypatch.setattr(memory, "pa", SimpleNamespace(default_memory_pool=lambda: pool))
    status = f"Name:\tpython\nVmHWM:\t{most_kib} kB\nVmRSS:\t{TAKEN_KIB} kB\n"
    monkeypatch.setattr(memory.Path, "read_text", lambda *_: status)
    memory.give_back()
    assert len(released) == given


def test_where_nothing_tells_what_is_in_use_nothing_is_given_back(monkeypatch):
    def absent(*_):
        raise FileNotFoundError

    monkeypatch.setattr(memory.Path, "read_text", absent)
    monkeypatch.setattr(memory, "pa", None)
    memory.give_back()
