"""Headers of every answer, files kept in memory, answers that do not wait."""

from __future__ import annotations

import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit import config

from tests.loops import run
from views.server.middleware import LOOK, Kept, Look, answer_at_once, headers
from views.server.own_words import HTML_LANGUAGE, OWN, words_style
from views.settings import Settings
from wording.catalogue import load_words

WORDS = load_words()


def policy(tiles=""):
    text = headers(Settings(Path(), tiles, ""))[b"content-security-policy"].decode()
    return dict(part.split(" ", 1) for part in text.split("; "))


def test_nothing_from_outside_is_allowed():
    for name, value in policy().items():
        assert "http" not in value, name
        assert "*" not in value, name
    assert policy()["connect-src"] == "'self'"
    assert policy()["object-src"] == "'none'"


@pytest.mark.parametrize(
    ("tiles", "allowed"),
    [
        ("https://tiles.example/osm/{z}/{x}/{y}.png", "https://tiles.example"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "https://*.tiles.example"),
        ("http://10.1.2.3:8080/{z}/{x}/{y}.png", "http://10.1.2.3:8080"),
    ],
)
def test_tiles_open_their_own_host_for_pictures_only(tiles, allowed):
    found = policy(tiles)
    assert found["img-src"].split() == ["'self'", "data:", "blob:", allowed]
    assert {k: v for k, v in found.items() if k != "img-src"} == {
        k: v for k, v in policy().items() if k != "img-src"
    }


def test_streamlit_does_not_collect_garbage_after_every_run():
    """The option is hidden: a new version may lose it (docs/decisions/012)."""
    assert config.get_option("runner.postScriptGC") is False


def test_files_that_never_change_are_read_once():
    asked = []

    async def files(scope, receive, send):
        asked.append(scope["path"])
        status = 404 if "none" in scope["path"] else 200
        await send({"type": "http.response.start", "status": status, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": b"first ", "more_body": True})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    kept = Kept(files, path="/static/")

    def get(path, *headers):
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        with ThreadPoolExecutor(1) as own_loop:  # the browser tests hold the loop of this thread
            own_loop.submit(asyncio.run, kept(scope, None, send)).result()
        return sent[0]["status"], b"".join(each["body"] for each in sent[1:]).decode()

    for _ in range(3):
        assert get("/static/js/a.js") == (200, "first /static/js/a.js")
    assert asked == ["/static/js/a.js"]
    for _ in range(2):
        assert get("/static/none.js")[0] == 404
        assert get("/other/a.js") == (200, "first /other/a.js")
        assert get("/static/js/a.js", (b"Range", b"bytes=0-3"))[0] == 200
    assert asked[1:] == ["/static/none.js", "/other/a.js", "/static/js/a.js"] * 2


def test_memory_for_files_does_not_grow_with_the_ways_to_write_their_names():
    """By other names, with what was asked for, or beyond the limit, nothing is kept anew."""

    async def files(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 100})

    kept = Kept(files, path="/static/", limit=250)

    def get(path, *headers):
        async def send(_message):
            pass

        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        with ThreadPoolExecutor(1) as own_loop:  # the browser tests hold the loop of this thread
            own_loop.submit(asyncio.run, kept(scope, None, send)).result()

    gzip = (b"Accept-Encoding", b"gzip, br")
    get("/static/a.js")
    for other in ("/static/./a.js", "/static//a.js", "/static/b/../a.js", "/static/./././a.js"):
        get(other, gzip)
    assert list(kept._answers) == [("/static/a.js", False)]
    get("/static/a.js", gzip)  # packed, so another answer
    get("/static/c.js")  # no room
    assert list(kept._answers) == [("/static/a.js", False), ("/static/a.js", True)]


def test_no_answer_waits_for_the_packet_before_it():
    """Streamlit listens on a socket of no stated protocol; asyncio leaves that one to Nagle."""
    with socket.socket() as listening, socket.socket() as other, socket.socket() as browser:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert answer_at_once() >= 1
        browser.connect(listening.getsockname())
        with listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not other.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def answered(path, body, *, kind=b"text/html", query=b""):
    """What comes out of the middleware of the look for one answer."""
    sent, asked = [], []

    async def inner(scope, receive, send):
        asked.append(scope)
        head = [(b"content-type", kind), (b"content-length", b"9"), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": query}
    look = Look(inner, css="p { color: red }")
    run(look(scope, None, send))
    return dict(sent[0]["headers"]), b"".join(part.get("body", b"") for part in sent[1:])


def test_the_page_carries_our_style_and_its_length_is_right():
    headers_, body = answered("/", b"<body>x</body>")
    assert body.count(b"<style>p { color: red }</style></body>") == 1
    assert headers_[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers_


def test_only_pages_with_a_panel_keep_its_place():
    with_panel, without = (
        answered("/", b"</body>", query=query)[1] for query in (b"page=coverage", b"page=home")
    )
    assert b"padding-left" in with_panel
    assert b"padding-left" not in without


@pytest.mark.parametrize(
    ("path", "kind"), [("/component/x/index.html", b"text/html"), ("/a.js", b"text/javascript")]
)
def test_every_other_answer_passes_as_it_is(path, kind):
    headers_, body = answered(path, b"<x></body>", kind=kind)
    assert body == b"<x></body>"
    assert headers_[b"etag"] == b"x"


def test_streamlits_own_words_are_those_of_the_catalogue_in_every_language():
    style, look = words_style(WORDS), LOOK.read_text("utf-8")
    for language, code in HTML_LANGUAGE.items():
        (line,) = (line for line in style.splitlines() if f'html[lang="{code}"]' in line)
        for name in OWN:
            assert f'--app-{name.replace("_", "-")}: "{WORDS(language, f"app.{name}")}";' in line
    used = set(re.findall(r"var\(--app-([a-z-]+)\)", look))
    assert used == {name.replace("_", "-") for name in OWN}
