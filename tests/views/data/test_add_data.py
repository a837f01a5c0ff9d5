"""Add data: where it works, and the one sentence where it does not."""

from __future__ import annotations

import socket

import pytest

from analysis.model.errors import SourceError
from exports.formats.city_folder import city_identifier
from layers.sources import upload
from tests.views.shown import said
from views.controls import listening
from wording.catalogue import load_words

WORDS = load_words()


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("CITY_UPLOADS", str(tmp_path))
    return tmp_path


def test_without_a_folder_nothing_can_be_uploaded(visit, monkeypatch):
    monkeypatch.delenv("CITY_UPLOADS", raising=False)
    page = visit("bare", page="add", language="en")
    assert WORDS("en", "add.no_folder") in said(page)
    assert not page.get("file_uploader")


def test_with_a_folder_on_loopback_files_can_be_uploaded(visit, uploads):
    page = visit("bare", page="add", language="en")
    assert WORDS("en", "add.no_folder") not in said(page)
    assert page.get("file_uploader")


def test_on_any_other_address_nothing_can_be_uploaded(visit, uploads, monkeypatch):
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        addresses = [each.getsockname()[0] for each in listening.listening_sockets()]
    assert "0.0.0.0" in addresses
    monkeypatch.setattr(listening.LISTENING, "addresses", tuple(addresses))
    page = visit("bare", page="add", language="en")
    assert WORDS("en", "add.not_here") in said(page)
    assert not page.get("file_uploader")


@pytest.mark.parametrize(
    ("told", "listens", "allowed"),
    [
        ("127.0.0.1", (), True),
        ("localhost", ("127.0.0.1", "::1"), True),
        ("127.0.0.1", ("127.0.0.1", "10.0.0.7"), False),
        ("127.0.0.1", ("::",), False),
        ("0.0.0.0", ("127.0.0.1",), False),
        (None, ("127.0.0.1",), False),
        ("example.org", (), False),
    ],
)
def test_both_the_address_told_and_the_sockets_must_be_of_this_machine(
    monkeypatch, told, listens, allowed
):
    monkeypatch.setattr("streamlit.get_option", lambda _: told)
    monkeypatch.setattr(listening.LISTENING, "addresses", listens)
    assert listening.on_loopback() is allowed


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.csv", "evil.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\temp\\公厕.csv", "公厕.csv"),
        (".hidden.csv", "hidden.csv"),
        ("a*b?.csv", "ab.csv"),
        ("x" * 300 + ".geojson", "x" * 112 + ".geojson"),
        ("a\u202eb\n.csv", "ab.csv"),
    ],
)
def test_names_from_a_browser_stay_in_the_session_s_folder(tmp_path, name, kept):
    folder = upload.session_folder(tmp_path, "0" * 16)
    assert upload.keep_upload(folder, name, b"x", max_mb=1) == kept
    assert list(upload.kept_uploads(folder)) == [kept]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["sessions"]


@pytest.mark.parametrize("name", ["", "..", "/", "city.toml", "City.TOML"])
def test_names_that_say_nothing_or_would_be_a_recipe_are_refused(tmp_path, name):
    folder = upload.session_folder(tmp_path, "0" * 16)
    with pytest.raises(SourceError):
        upload.keep_upload(folder, name, b"x", max_mb=1)
    assert list(folder.iterdir()) == []


def test_too_large_and_too_many_files_are_refused_and_the_rest_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(upload, "MAX_FILES", 2)
    folder = upload.session_folder(tmp_path, "0" * 16)
    with pytest.raises(SourceError, match="1"):
        upload.keep_upload(folder, "a.csv", b"x" * ((1 << 20) + 1), max_mb=1)
    for name in ("a.csv", "b.csv"):
        upload.keep_upload(folder, name, b"x", max_mb=1)
    with pytest.raises(SourceError, match="2"):
        upload.keep_upload(folder, "c.csv", b"x", max_mb=1)
    upload.keep_upload(folder, "b.csv", b"new", max_mb=1)
    assert (folder / "b.csv").read_bytes() == b"new"
    assert sorted(upload.kept_uploads(folder)) == ["a.csv", "b.csv"]


def test_sessions_that_ended_are_swept_and_others_stay(tmp_path):
    for name in ("0" * 16, "1" * 16):
        upload.keep_upload(upload.session_folder(tmp_path, name), "a.csv", b"x", max_mb=1)
    (tmp_path / "sessions" / "precious").mkdir()
    upload.sweep_sessions(tmp_path)
    assert len(list((tmp_path / "sessions").iterdir())) == 3
    upload.sweep_sessions(tmp_path, now=4e9)
    assert [each.name for each in (tmp_path / "sessions").iterdir()] == ["precious"]


def test_a_session_is_a_folder_of_its_own_and_nothing_else(tmp_path):
    with pytest.raises(ValueError, match="session"):
        upload.session_folder(tmp_path, "../other")


@pytest.mark.parametrize("name", ["../x", "", "…", "a/b", ".city", "CON\x00"])
def test_a_city_s_folder_is_one_plain_name(name):
    identifier = city_identifier(name)
    assert "/" not in identifier
    assert not identifier.startswith(".")
    assert "\x00" not in identifier
