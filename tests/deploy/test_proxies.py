"""Real nginx and real Caddy, with the files of `deploy/`, in front of a server on loopback."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import socket
import time
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.deploy import proxies
from tests.deploy.proxies import HOST, UPLOAD_MB
from tests.loops import run


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request, tmp_path_factory):
    with (
        proxies.behind() as port,
        getattr(proxies, request.param)(tmp_path_factory.mktemp(request.param), port) as proxy,
    ):
        yield proxy


def ask(proxy, path, *, method="GET", body=None, **headers):
    connection = http.client.HTTPSConnection("127.0.0.1", proxy.https, context=proxy.tls())
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    host = f"{HOST}:{proxy.https}"
    try:
        connection.request(method, path, body, {"Host": host, **named})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_plain_http_is_sent_to_tls(proxy):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.http)
    connection.request("GET", "/a?b=c", headers={"Host": HOST})
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{HOST}/a?b=c"


def test_headers_of_the_dashboard_pass_and_tls_is_made_to_stay(proxy):
    status, headers, body = ask(proxy, "/")
    assert status == 200
    assert headers["Content-Security-Policy"] == "default-src 'self'"
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert not any(sign.isdigit() for sign in headers.get("Server", ""))
    assert json.loads(body)["host"] == f"{HOST}:{proxy.https}"


def test_nobody_tells_the_dashboard_who_they_are(proxy):
    claims = {"X_Remote_User": "steward", "Remote_User": "a", "X_Forwarded_User": "b"}
    _, _, body = ask(proxy, "/", **claims, X_Remote_Groups="admin", X_Forwarded_For="10.9.9.9")
    arrived = json.loads(body)
    assert not {"x-remote-user", "remote-user", "x-forwarded-user", "x-remote-groups"} & set(
        arrived
    )
    assert arrived["x-forwarded-for"] == "127.0.0.1"
    assert arrived["x-forwarded-proto"] == "https"


def test_a_websocket_passes_with_its_own_address(proxy):
    async def speak():
        url, origin = f"wss://{HOST}:{proxy.https}/_stcore/stream", f"https://{HOST}:{proxy.https}"
        options = {"ssl": proxy.tls(), "origin": origin, "subprotocols": ["streamlit"]}
        async with connect(url, host="127.0.0.1", port=proxy.https, **options) as socket:
            arrived = json.loads(await socket.recv())
            await socket.send(b"x" * 100_000)
            return arrived, await socket.recv(), socket.subprotocol

    arrived, back, protocol = run(speak())
    assert arrived["origin"] == f"https://{arrived['host']}" == f"https://{HOST}:{proxy.https}"
    assert (len(back), protocol) == (100_000, "streamlit")


def test_uploads_are_limited_and_nothing_else_is_large(proxy):
    mega = 2**20
    put = {"method": "PUT", "path": "/_stcore/upload_file/session/file"}
    status, _, body = ask(proxy, **put, body=b"x" * (UPLOAD_MB - 1) * mega)
    assert (status, int(body)) == (200, (UPLOAD_MB - 1) * mega)
    refused = {413, 502}  # the second by older versions of Caddy
    assert ask(proxy, **put, body=b"x" * (UPLOAD_MB + 1) * mega)[0] in refused
    assert ask(proxy, "/", method="POST", body=b"x" * 1000)[0] == 200
    assert ask(proxy, "/", method="POST", body=b"x" * 2 * mega)[0] in refused


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/metrics?families=a", "//_stcore/metrics"]
)
def test_what_operators_ask_is_not_asked_from_outside(proxy, path):
    status, _, body = ask(proxy, path)
    assert status == 404
    assert b"host" not in body


def test_the_log_tells_of_no_person(proxy):
    ask(
        proxy,
        "/page?name=13812345678",
        Cookie="dashboard_browser=secret-cookie",
        User_Agent="Mine/1",
    )
    until = time.monotonic() + 5
    while "/page" not in (text := proxy.log.read_text("utf-8")) and time.monotonic() < until:
        time.sleep(0.05)
    assert "/page" in text
    assert "127.0.0.0" in text
    for word in ("13812345678", "secret-cookie", "Mine/1", "127.0.0.1", "steward"):
        assert word not in text, word


def test_clients_that_dawdle_hold_nobody_up(proxy):
    """A hundred connections that never finish their question, and one that reads nothing."""
    slow = [socket.create_connection(("127.0.0.1", proxy.https)) for _ in range(100)]
    try:
        for each in slow:
            each.sendall(b"\x16\x03\x01")  # the beginning of a greeting in TLS
        began = time.monotonic()
        assert ask(proxy, "/")[0] == 200
        assert time.monotonic() - began < 2
    finally:
        for each in slow:
            each.close()


@pytest.mark.full
@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_the_dashboard_itself_runs_behind_it(name, demo_server, tmp_path):
    """Page, headers, websocket and the first run of the script, through TLS."""
    with getattr(proxies, name)(tmp_path, urlsplit(demo_server).port) as proxy:
        status, headers, page = ask(proxy, "/?page=coverage&language=en")
        assert status == 200
        assert "default-src" in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"]
        script = re.search(rb'src="\./(static/js/[^"]+)"', page)[1].decode()
        assert ask(proxy, f"/{script}")[0] == 200
        assert run(first_run(proxy)) > 20
        assert ask(proxy, "/_stcore/metrics")[0] == 404


async def first_run(proxy):
    """Open a session and wait for the end of the first run; how many messages it took."""
    host = f"{HOST}:{proxy.https}"
    options = {"ssl": proxy.tls(), "origin": f"https://{host}", "subprotocols": ["streamlit"]}
    socket = connect(
        f"wss://{host}/_stcore/stream", host="127.0.0.1", port=proxy.https, max_size=None, **options
    )
    async with socket as stream:
        asked = BackMsg()
        asked.rerun_script.query_string = "page=coverage&language=en"
        await stream.send(asked.SerializeToString())
        count = 0
        while True:
            count += 1
            answer = ForwardMsg.FromString(await asyncio.wait_for(stream.recv(), 60))
            if answer.WhichOneof("type") == "script_finished":
                return count
