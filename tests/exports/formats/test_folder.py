"""Results are written whole or not at all, and over nothing but earlier results."""

from __future__ import annotations

import errno
import json
import os

import pytest

from analysis.model.errors import SettingsError
from exports.formats.folder import check_folder, write_folder


def _content(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _result(command, **files):
    record = json.dumps({"command": command}).encode()
    return {**{f"{name}.csv": each for name, each in files.items()}, "run.json": record}


def test_writes_a_new_folder_with_its_parents(tmp_path):
    files = _result("coverage", a=b"1")
    write_folder(files, tmp_path / "new" / "out", command="coverage")
    assert _content(tmp_path / "new" / "out") == files
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["out"]


def test_replaces_an_earlier_result_and_leaves_other_files_alone(tmp_path):
    write_folder(_result("coverage", a=b"1"), tmp_path / "out", command="coverage")
    (tmp_path / "out" / "mine.txt").write_text("keep")
    files = _result("coverage", a=b"2")
    write_folder(files, tmp_path / "out", command="coverage")
    assert _content(tmp_path / "out") == {**files, "mine.txt": b"keep"}


def test_refuses_to_replace_what_is_not_an_earlier_result(tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(SettingsError, match=r"a\.csv, not from an earlier") as caught:
        write_folder(_result("coverage", a=b"1"), tmp_path, command="coverage")
    assert caught.value.problem == "out_not_ours"
    assert _content(tmp_path) == {"a.csv": b"mine"}


def test_refuses_the_result_of_another_command(tmp_path):
    write_folder(_result("hotspots", a=b"1"), tmp_path / "out", command="hotspots")
    with pytest.raises(SettingsError) as caught:
        check_folder(tmp_path / "out", ("a.csv",), command="coverage")
    assert caught.value.facts["found"] == "a.csv, run.json"


def test_refuses_a_file(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(SettingsError) as caught:
        write_folder(_result("coverage", a=b"1"), tmp_path / "out", command="coverage")
    assert caught.value.problem == "out_is_file"


@pytest.mark.parametrize("existing", [True, False])
def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch, existing):
    out = tmp_path / "out"
    old = _result("coverage", a=b"old", b=b"old")
    if existing:
        write_folder(old, out, command="coverage")
    calls = iter(range(10))

    def full(handle):
        if next(calls) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left") as caught:
        write_folder(_result("coverage", a=b"new", b=b"new"), out, command="coverage")
    assert caught.value.problem == "out_not_written"
    assert out.exists() == existing
    assert not existing or _content(out) == old
    assert [each.name for each in tmp_path.iterdir()] == (["out"] if existing else [])
