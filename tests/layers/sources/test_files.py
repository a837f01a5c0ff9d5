"""Files are read once and whole: one that is written to meanwhile is refused."""

from __future__ import annotations

import io
import os

import pytest

from analysis.model.errors import SourceError
from layers.sources import files
from layers.sources.files import read_file


def read(path):
    return read_file(path, name=path.name, entry="a test").data


@pytest.mark.parametrize("change", [b"x", b"longer than before"])
def test_a_file_that_is_written_to_while_it_is_read_is_refused(tmp_path, monkeypatch, change):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id\n1\n")

    class Slow(io.FileIO):
        def read(self, size=-1):
            data = super().read(size)
            with path.open("r+b") as other:  # somebody writes into the same file
                other.write(change)
            os.utime(path, (0, 0))
            return data

    monkeypatch.setattr(files.os, "fdopen", Slow)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.problem == "file_changing"


def test_a_file_that_is_replaced_while_it_is_read_is_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")

    class Replaced(io.FileIO):
        def read(self, size=-1):
            (tmp_path / "b").write_bytes(b"new")
            (tmp_path / "b").replace(path)
            return super().read(size)

    monkeypatch.setattr(files.os, "fdopen", Replaced)
    assert read(path) == b"old"
    monkeypatch.undo()
    assert read(path) == b"new"
