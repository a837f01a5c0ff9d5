"""Headers and routes of the web application."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from streamlit import config

from views.maps.store import GeoStore
from views.server import answer_at_once, headers
from views.settings import Settings


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


@pytest.mark.parametrize("base", ["", "/city"])
def test_routes_stand_below_the_base_path(base):
    paths = [route.path for route in GeoStore().routes(base=base)]
    assert paths == [f"{base}/geo/{{name}}", f"{base}/vendor"]


def test_a_promise_is_kept_once_and_only_when_asked():
    store, made = GeoStore(), []
    url = store.promise(("gaps", 1), lambda: made.append(1) or {"a": 1})
    assert url == store.promise(("gaps", 1), lambda: made.append(2) or {"a": 2})
    assert not made
    name = url.rpartition("/")[2]
    assert store._fulfil(name).content == b'{"a":2}'
    assert made == [2]
    assert store.get(url).content == b'{"a":2}'
    assert store._fulfil("unknown.json") is None


def test_streamlit_does_not_collect_garbage_after_every_run():
    """The option is hidden: a new version may lose it (docs/decisions/012)."""
    assert config.get_option("runner.postScriptGC") is False


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
