"""Whoever asks or brings too much is told so, and the next one is answered as before."""

from __future__ import annotations

import asyncio

import pytest
from streamlit import config

from tests.loops import run
from views.server import limits
from views.server.callers import BROWSER
from views.server.limits import Allowance, Limited
from views.server.operators import OperatorsOnly

A, B = "a" * 32, "b" * 32
MEGA = 2**20


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def asked(path="/", *, browser="", address="10.0.0.1", method="GET", **headers):
    cookie = [(b"cookie", f"{BROWSER}={browser}".encode())] if browser else []
    others = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": [*cookie, *others]}
    return {**scope, "client": (address, 5000)}


def answered(app, scope):
    """Ask once; give status, text and headers."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    run(app(scope, receive, send))
    start, *parts = sent
    text = b"".join(part.get("body", b"") for part in parts).decode()
    return start.get("status"), text, dict(start.get("headers", ()))


def inner(status=200):
    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    return app


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(limits.time, "monotonic", clock)
    monkeypatch.setattr(Allowance.__init__, "__kwdefaults__", {"clock": clock})
    return clock


def test_an_allowance_comes_back_with_time_and_is_each_ones_own():
    clock = Clock()
    allowance = Allowance(2, 4, clock=clock)
    assert [allowance.wait("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert allowance.wait("b") == 0
    clock.now = 0.5
    assert [allowance.wait("a") for _ in range(2)] == [0, 0.5]
    clock.now = 1e6
    assert [allowance.wait("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_the_ones_seen_longest_ago_are_forgotten(monkeypatch):
    monkeypatch.setattr(limits, "KNOWN", 3)
    allowance = Allowance(1, 1, clock=Clock())
    for who in "abcd":
        allowance.wait(who)
    assert list(allowance._left) == ["b", "c", "d"]


def test_one_browser_that_asks_without_end_is_told_and_others_are_not(clock):
    app = Limited(inner(), requests=40)
    statuses = [answered(app, asked(browser=A))[0] for _ in range(201)]
    assert statuses == [200] * 200 + [429]
    status, text, headers = answered(app, asked(browser=A))
    assert (status, headers[b"retry-after"]) == (429, b"1")
    assert "请求过于频繁" in text
    assert "Too many requests" in text
    assert answered(app, asked(browser=B))[0] == 200
    clock.now = 1
    assert answered(app, asked(browser=A))[0] == 200


def test_an_address_with_many_browsers_is_limited_too(clock):
    app = Limited(inner(), requests=1)
    for _ in range(20):
        assert answered(app, asked())[0] == 200
    assert answered(app, asked())[0] == 429
    assert answered(app, asked(address="10.0.0.2"))[0] == 200
    assert answered(Limited(inner(), requests=0), asked())[0] == 200


def put(session="s", file="f", megabytes=1, **more):
    size = {"content_length": str(int(megabytes * MEGA))} if megabytes else {}
    path = f"/_stcore/upload_file/{session}/{file}"
    return asked(path, method="PUT", **size, **more)


@pytest.fixture
def ten_megabytes():
    before = config.get_option("server.maxUploadSize")
    config.set_option("server.maxUploadSize", 10)
    yield
    config.set_option("server.maxUploadSize", before)


def test_a_session_holds_so_much_until_it_lets_go(ten_megabytes, clock):
    app = Limited(inner(), requests=0)
    for file in range(4):
        assert answered(app, put(file=file, megabytes=10))[0] == 200
    status, text, _ = answered(app, put(file=9, megabytes=1))
    assert status == 429
    assert "移除" in text
    assert answered(app, put(session="other", file=1, megabytes=1))[0] == 200
    gone = asked("/_stcore/upload_file/s/2", method="DELETE")
    assert answered(app, gone)[0] == 200
    assert answered(app, put(file=9, megabytes=10))[0] == 200


def test_an_address_brings_so_much_an_hour_whatever_its_sessions(ten_megabytes, clock):
    app = Limited(inner(), requests=0)
    for session in range(10):
        assert answered(app, put(session=session, megabytes=10))[0] == 200
    status, text, headers = answered(app, put(session=99, megabytes=10))
    assert status == 429
    assert "hour" in text
    assert headers[b"retry-after"] == b"360"
    assert answered(app, put(session=100, megabytes=10, address="10.0.0.2"))[0] == 200
    clock.now = 361
    assert answered(app, put(session=101, megabytes=10))[0] == 200


def test_what_was_refused_inside_does_not_count_and_no_length_counts_most(ten_megabytes, clock):
    app = Limited(inner(413), requests=0)
    for _ in range(30):
        assert answered(app, put(megabytes=10))[0] == 413
    app = Limited(inner(), requests=0)
    for file in range(4):
        assert answered(app, put(file=file, megabytes=0))[0] == 200
    assert answered(app, put(file=5, megabytes=1))[0] == 429


def test_pages_open_at_once_are_limited_and_closed_ones_make_room(monkeypatch):
    monkeypatch.setattr(limits, "SOCKETS_OF_BROWSER", 2)
    stay = asyncio.Event()

    async def page(_scope, _receive, send):
        await send({"type": "websocket.accept"})
        await stay.wait()

    async def main():
        app = Limited(page, requests=0)
        sent = []

        async def send(message):
            sent.append(message["type"])

        scope = {**asked(browser=A), "type": "websocket"}
        tasks = [asyncio.create_task(app(scope, None, send)) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert sorted(sent) == ["websocket.accept"] * 2 + ["websocket.close"]
        stay.set()
        await asyncio.gather(*tasks)
        await app(scope, None, send)
        assert sent[-1] == "websocket.accept"

    run(main())


def test_a_page_that_sends_without_pause_is_slowed_down_alone(monkeypatch):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    async def page(_scope, receive, _send):
        for _ in range(150):
            await receive()

    async def receive():
        return {"type": "websocket.receive", "text": "x"}

    monkeypatch.setattr(limits.asyncio, "sleep", sleep)
    scope = {**asked(browser=A), "type": "websocket"}
    run(Limited(page, requests=0)(scope, receive, None))
    assert not any(slept[:100])
    assert sum(each > 0 for each in slept) > 40


TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/x/../_stcore/metrics", "//_stcore/metrics", "/_stcore/METRICS"],
)
def test_figures_on_the_process_are_closed_and_opened_by_a_token_alone(path):
    for token, told, status in [
        ("", None, 404),
        ("", "Bearer ", 404),
        ("short", "Bearer short", 404),
        (TOKEN, None, 404),
        (TOKEN, f"Bearer {TOKEN}x", 404),
        (TOKEN, TOKEN, 404),
        (TOKEN, f"Bearer {TOKEN}", 200),
    ]:
        headers = {"authorization": told} if told is not None else {}
        app = OperatorsOnly(inner(), base="", token=token)
        assert answered(app, asked(path, **headers))[0] == status, (token, told)


def test_everything_else_needs_no_token():
    app = OperatorsOnly(inner(), base="/city", token="")
    assert answered(app, asked("/city/_stcore/health"))[0] == 200
    assert answered(app, asked("/city/_stcore/metrics"))[0] == 404
