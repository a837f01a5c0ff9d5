"""Only pages of the server's own address speak to it, and a session is its browser's."""

from __future__ import annotations

import http.cookiejar
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from analysis.model.errors import SettingsError
from tests.conftest import free_port
from views.controls import listening
from views.server.callers import is_own_origin
from views.server.middleware import refuse_unguarded
from views.settings import ROOT, Settings, settings


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://127.0.0.1:8501", "127.0.0.1:8501", True),
        ("https://planning.example", "planning.example", True),
        (None, "127.0.0.1:8501", False),
        ("", "127.0.0.1:8501", False),
        ("null", "127.0.0.1:8501", False),
        ("http://127.0.0.1:9999", "127.0.0.1:8501", False),
        ("http://localhost:8501", "127.0.0.1:8501", False),
        ("http://127.0.0.1:8501.evil.example", "127.0.0.1:8501", False),
        ("http://planning.example@evil.example", "planning.example", False),
        ("http://127.0.0.1:8501", None, False),
    ],
)
def test_a_page_is_own_by_its_whole_address(origin, host, own):
    assert is_own_origin(origin, host) is own


def _first_run(address, *, session="", cookie="", origin=None):
    """Open a session; give its name."""
    names = ["streamlit", "none", session] if session else ["streamlit"]
    with connect(
        address.replace("http", "ws") + "/_stcore/stream",
        subprotocols=names,
        origin=origin,
        additional_headers={"Cookie": cookie} if cookie else {},
        max_size=None,
    ) as stream:
        ask = BackMsg()
        ask.rerun_script.SetInParent()
        stream.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(stream.recv(timeout=60))
            if message.WhichOneof("type") == "new_session":
                return message.new_session.initialize.session_id


def _mark(address):
    jar = http.cookiejar.CookieJar()
    with urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open(address):
        (mark,) = [each for each in jar if each.name == "dashboard_browser"]
    assert mark.has_nonstandard_attr("HttpOnly")
    return f"{mark.name}={mark.value}"


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_a_socket_of_a_foreign_page_or_of_none_is_refused(demo_server, origin):
    with pytest.raises(InvalidStatus) as refused:
        _first_run(demo_server, origin=origin)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", [None, "http://evil.example"])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_change_from_a_foreign_page_or_from_none_is_refused(demo_server, method, origin):
    headers = {"Origin": origin} if origin else {}
    url = f"{demo_server}/_stcore/upload_file/a/b"
    request = urllib.request.Request(url, b"x", headers, method=method)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.read() == b"Not from a page of this server"


def test_a_session_is_given_back_to_its_own_browser_only(demo_server):
    mine, another = _mark(demo_server), _mark(demo_server)
    assert mine != another
    session = _first_run(demo_server, cookie=mine, origin=demo_server)
    for cookie in ("", another, "dashboard_browser=", f"dashboard_browser={'0' * 32}"):
        taken = _first_run(demo_server, session=session, cookie=cookie, origin=demo_server)
        assert taken != session
    assert _first_run(demo_server, session=session, cookie=mine, origin=demo_server) == session


@pytest.mark.parametrize("meant", [False, True])
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "192.0.2.1", "::"])
def test_a_server_that_others_can_reach_is_started_only_when_meant(monkeypatch, address, meant):
    monkeypatch.setattr(listening.LISTENING, "addresses", (address,))
    chosen = Settings(ROOT, "", "", open=meant)
    if meant or address == "127.0.0.1":
        refuse_unguarded(chosen)
        return
    with pytest.raises(SettingsError, match="CITY_OPEN=1"):
        refuse_unguarded(chosen)


@pytest.mark.parametrize(("said", "meant"), [("", False), ("0", False), ("no", False), ("1", True)])
def test_only_one_word_means_it(monkeypatch, said, meant):
    monkeypatch.setenv("CITY_OPEN", said)
    assert settings().open is meant


@pytest.mark.full
def test_a_server_that_others_could_reach_ends_with_a_sentence():
    # short for 127.0.0.1, which is not taken on trust: nothing listens beyond this machine here
    where = ["--server.address", "127.1", "--server.port", str(free_port())]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", *where]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert "CITY_OPEN=1" in ended.stdout + ended.stderr


@pytest.mark.parametrize("path", ["metrics", "script-health-check"])
def test_figures_on_the_process_are_closed_in_the_server_that_runs(demo_server, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{demo_server}/_stcore/{path}")
    refused.value.close()
    assert refused.value.code == 404
    with urllib.request.urlopen(f"{demo_server}/_stcore/health") as answer:
        assert answer.status == 200
