"""Files are read once and whole: one that is written to meanwhile is refused."""

from __future__ import annotations

import hashlib
import io
import os

import pytest

from analysis.model.errors import SourceError
from layers.sources import files
from layers.sources.files import copy_file, read_file


def read(path):
    return read_file(path, name=path.name, entry="a test").data


def copied(path):
    copy = path.with_name("copy")
    opened = copy_file(path, copy, name=path.name, entry="a test")
    data = copy.read_bytes()
    assert data.startswith(opened.data)
    assert hashlib.sha256(data).hexdigest() == opened.sha256
    return data


BOTH = pytest.mark.parametrize("read", [read, copied])


@BOTH
def test_the_whole_file_is_read(tmp_path, read):
    path = tmp_path / "a.gpkg"
    path.write_bytes(bytes(range(256)) * 3000)
    assert read(path) == path.read_bytes()
    (tmp_path / "link").symlink_to(path)
    for other, problem in ((tmp_path / "link", "file_special"), (tmp_path, "file_special")):
        with pytest.raises(SourceError) as caught:
            read(other)
        assert caught.value.problem == problem
    path.write_bytes(b"")
    with pytest.raises(SourceError, match="0 bytes"):
        read(path)


@BOTH
@pytest.mark.parametrize("change", [b"x", b"longer than before"])
def test_a_file_that_is_written_to_while_it_is_read_is_refused(tmp_path, monkeypatch, change, read):
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


@BOTH
def test_a_file_that_is_replaced_while_it_is_read_is_the_old_one(tmp_path, monkeypatch, read):
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
