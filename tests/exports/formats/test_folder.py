"""Results are written whole or not at all, and over nothing but earlier results."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from analysis.model.errors import SettingsError
from exports.formats import folder, whole_folder
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


def test_an_earlier_result_goes_as_a_whole(tmp_path):
    out = tmp_path / "out"
    write_folder(_recorded(a=b"1", b=b"1", c=b"1"), out, command="coverage")
    (out / "c.csv").write_bytes(b"corrected by hand")
    (out / "standards").mkdir()
    (out / "standards" / "own.toml").write_bytes(b"mine")
    files = _recorded(a=b"2")
    write_folder(files, out, command="coverage")
    found = {file.relative_to(out).as_posix(): file for file in out.rglob("*") if file.is_file()}
    own = {"c.csv": b"corrected by hand", "standards/own.toml": b"mine"}
    assert {name: file.read_bytes() for name, file in found.items()} == {**files, **own}


def _recorded(**files):
    """A result whose record tells the sums of its files, as every recipe writes it."""
    content = {f"{name}.csv": each for name, each in files.items()}
    sums = {name: {"sha256": hashlib.sha256(each).hexdigest()} for name, each in content.items()}
    record = json.dumps({"command": "coverage", "results": sums}).encode()
    return {**content, "run.json": record}


OLD, NEW = _recorded(a=b"old", b=b"old"), _recorded(a=b"new", b=b"new")


def _dying(out, line):
    """Write in a child that is gone at the n-th line it runs; tell whether it was done before."""
    child = os.fork()
    if child == 0:
        left = [line]

        def count(frame, event, _):
            if event == "line":
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            inside = frame.f_code.co_filename in {folder.__file__, whole_folder.__file__}
            return count if inside else None

        sys.settrace(count)
        write_folder(NEW, out, command="coverage")
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.full)])
@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("exchange", [True, False])
def test_a_writer_killed_at_any_line_leaves_one_whole_set(
    tmp_path, monkeypatch, existing, exchange, step
):
    out = tmp_path / "out"
    if not exchange:
        monkeypatch.setattr(whole_folder.ctypes, "CDLL", lambda *_, **__: object())
    line, done = 0, False
    while not done:
        line += step
        shutil.rmtree(out, ignore_errors=True)
        if existing:
            write_folder(OLD, out, command="coverage")
            (out / "mine.txt").write_bytes(b"keep")
        done = _dying(out, line)
        if exchange:  # else a killed writer may leave no folder, until the next one
            _check_whole(out, existing)
        _check_whole_after_next(out, existing)
    assert line > 50


def _check_whole(out, existing):
    if not existing and not out.exists():
        return
    found = _content(out)
    assert not existing or found.pop("mine.txt") == b"keep"
    assert found in ([OLD, NEW] if existing else [NEW])


def _check_whole_after_next(out, existing):
    """The next writer sweeps; what others put there is still there."""
    with whole_folder.sole_writer(out):
        _check_whole(out, existing)
    write_folder(NEW, out, command="coverage")
    _check_whole(out, existing)
    assert [each.name for each in out.parent.iterdir()] == ["out"]


def test_of_two_writers_one_wins_and_the_other_is_told(tmp_path):
    out = tmp_path / "out"
    write_folder(OLD, out, command="coverage")
    with whole_folder.sole_writer(out), pytest.raises(SettingsError) as caught:
        write_folder(NEW, out, command="coverage")
    assert caught.value.problem == "out_busy"
    assert _content(out) == OLD
    write_folder(NEW, out, command="coverage")
    assert _content(out) == NEW


def test_a_folder_in_which_one_stands_stays_the_same_folder(tmp_path, monkeypatch):
    out = tmp_path / "out"
    write_folder(OLD, out, command="coverage")
    (out / "mine").mkdir()
    monkeypatch.chdir(out)
    before = out.stat().st_ino
    write_folder(_recorded(a=b"2"), Path(), command="coverage")
    assert out.stat().st_ino == before
    assert sorted(each.name for each in Path().iterdir()) == ["a.csv", "mine", "run.json"]
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_what_living_writers_have_beside_is_not_swept(tmp_path):
    alive = whole_folder.new_aside(tmp_path / "out")
    gone = alive.with_name(alive.name.replace(str(os.getpid()), "999999999"))
    gone.mkdir()
    write_folder(NEW, tmp_path / "out", command="coverage")
    assert {each.name for each in tmp_path.iterdir()} == {"out", alive.name}


@pytest.mark.parametrize("what", ["pipe", "device", "link to a pipe"])
@pytest.mark.parametrize("name", ["run.json", "a.csv"])
def test_pipes_and_devices_are_refused_unread(tmp_path, what, name):
    if what == "device":
        (tmp_path / name).symlink_to("/dev/zero")
    else:
        pipe = tmp_path / (name if what == "pipe" else "pipe")
        os.mkfifo(pipe)
        if what == "link to a pipe":
            (tmp_path / name).symlink_to(pipe)
    with pytest.raises(SettingsError) as caught:
        write_folder(_result("coverage", a=b"1"), tmp_path, command="coverage")
    assert caught.value.problem == "out_not_ours"
    assert caught.value.facts["found"] == name
