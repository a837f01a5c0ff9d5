"""What maps fetch is served packed, for good, and under no other name."""

from __future__ import annotations

import asyncio
import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette

from maps.store import ASSETS, GeoStore
from views.map_widget.assets import asset_url
from views.server.map_routes import map_routes


def ask(store, path, **headers):
    """Send one request to the store's routes; give status, headers and body."""
    sent = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path.partition("?")[0],
        "query_string": path.partition("?")[2].encode(),
        "root_path": "",
        "asgi": {"spec_version": "2.4"},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    call = Starlette(routes=map_routes(store))(scope, receive, send)
    with ThreadPoolExecutor() as own_loop:
        own_loop.submit(asyncio.run, call).result()
    body = b"".join(message.get("body", b"") for message in sent)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, body


def test_geometry_is_served_packed_and_for_good():
    store = GeoStore()
    url = store.put({"a": [1] * 500}).replace("../../", "/")
    status, headers, body = ask(store, url, **{"accept-encoding": "gzip, br"})
    assert status == 200
    assert len(body) < 100
    assert json.loads(gzip.decompress(body)) == {"a": [1] * 500}
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"] == "application/json"
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    _, plain, unpacked = ask(store, url)
    assert "content-encoding" not in plain
    assert unpacked == gzip.decompress(body)


@pytest.mark.parametrize("name", ["x.json", "../store.py", "a/b.json"])
def test_what_the_store_does_not_hold_is_not_found(name):
    status, headers, _ = ask(GeoStore(), f"/geo/{name}")
    assert status == 404
    assert "immutable" not in headers.get("cache-control", "")


def test_assets_are_served_for_good_only_under_their_hash():
    _, headers, body = ask(GeoStore(), asset_url("atlas.js").replace("../../", "/"))
    assert body == (ASSETS / "atlas.js").read_bytes()
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert ask(GeoStore(), "/vendor/atlas.js")[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize("base", ["", "/city"])
def test_routes_stand_below_the_base_path(base):
    paths = [route.path for route in map_routes(GeoStore(), base=base)]
    assert paths == [f"{base}/geo/{{name}}", f"{base}/vendor"]
