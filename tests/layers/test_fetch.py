"""`cli.py fetch` against a server on loopback that misbehaves in every way known."""

from __future__ import annotations

import ast
import contextlib
import gzip
import hashlib
import json
import socket
import socketserver
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner

import cli
from analysis.model.errors import PlanningError
from layers.fetch import fetch_city
from layers.knowledge.standards import load_kinds
from layers.sources.http import Limits
from tools.house import modules

ROOT = Path(cli.__file__).resolve().parent
MODULES = modules()
KINDS = load_kinds()
LIMITS = Limits(seconds=1.5, silence_s=0.4, max_bytes=200_000, tries=3, wait_s=0.02)
OLD = b"id,name,lon,lat\n0,Old,10.5,50.5\n"
NEW = b"id,name,lon,lat\n" + b"".join(b"%d,New %d,10.5,50.5\n" % (i, i) for i in range(3000))
HTML = b"<!doctype html><html><body>Error 500: please log in</body></html>"
BOMB = gzip.compress(bytes(30_000_000))
RECIPE = """
name = {{ zh = "城", en = "Town" }}
time_zone = "Europe/Berlin"
[[layers]]
kind = "communities"
file = "communities.geojson"
[[layers]]
kind = "toilet"
file = "toilets.csv"
columns = {{ id = "id", name = "name", lon = "lon", lat = "lat" }}
download = "{url}"
{more}
"""


class Server(socketserver.ThreadingTCPServer):
    """Says on each connection what the mode says, and keeps what it was asked."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self, mode):
        self.mode, self.asked, self.stop = mode, [], threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/toilets.csv"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            line = self.rfile.readline().decode()
            headers = {}
            while (text := self.rfile.readline().decode().strip()) and ":" in text:
                key, _, value = text.partition(":")
                headers[key.lower()] = value.strip()
            self.server.asked.append((line.split()[1], headers))
            self.server.mode(self, headers, len(self.server.asked))

    def say(self, status, body=b"", /, **headers):
        headers.setdefault("Content_Length", str(len(body)))
        lines = [f"HTTP/1.1 {status} X", "Connection: close"]
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items() if value]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def drip(self, data, pause):
        while not self.server.stop.wait(pause):
            self.wfile.write(data)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()


def part_of(headers, body):
    """The range asked for, as a server that keeps its word answers it."""
    start = int(headers["range"].removeprefix("bytes=").removesuffix("-"))
    return body[start:], f"bytes {start}-{len(body) - 1}/{len(body)}"


def dead(_, __, ___):
    time.sleep(3)


def drip_body(h, _, __):
    h.say(200, b"id,name", Content_Length="100000")
    h.drip(b"x", 0.1)


def drip_headers(h, _, __):
    h.wfile.write(b"HTTP/1.1 200 OK\r\n")
    h.drip(b"X-A: b\r\n", 0.1)


def drip_status(h, _, __):
    h.drip(b"H", 0.1)


def endless(h, _, __):
    h.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not h.server.stop.is_set():
        h.wfile.write(bytes(65536))


def endless_chunks(h, _, __):
    h.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not h.server.stop.is_set():
        h.wfile.write(b"10000\r\n" + bytes(65536) + b"\r\n")


def endless_headers(h, _, __):
    h.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not h.server.stop.is_set():
        h.wfile.write(b"X-A: " + b"b" * 60_000 + b"\r\n")


def endless_continue(h, _, __):
    while not h.server.stop.is_set():
        h.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def announced_large(h, _, __):
    h.say(200, b"x", Content_Length=str(10**12))


def too_short(h, _, __):
    h.say(200, NEW[:1000], Content_Length=str(len(NEW)))


def chunk_cut(h, _, __):
    h.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nid,name")


def always_reset(h, _, __):
    h.say(200, NEW[:5000], Content_Length=str(len(NEW)), ETag='"a"')
    h.reset()


def redirect_loop(h, _, __):
    h.say(302, Location=h.server.url + "?again")


def redirect_on(h, _, number):
    h.say(302, Location=f"{h.server.url}?{number}")


def redirect_file(h, _, __):
    h.say(302, Location="file:///etc/passwd")


def redirect_ftp(h, _, __):
    h.say(301, Location="ftp://127.0.0.1/toilets.csv")


def html_page(h, _, __):
    h.say(200, HTML, Content_Type="text/html")


def other_table(h, _, __):
    h.say(200, b"a,b\n1,2\n")


def gzip_bomb(h, _, __):
    h.say(200, BOMB, Content_Encoding="gzip")


def gzip_cut(h, _, __):
    h.say(200, gzip.compress(NEW)[:-500], Content_Encoding="gzip")


def packed_oddly(h, _, __):
    h.say(200, NEW, Content_Encoding="br")


def always_500(h, _, __):
    h.say(503, HTML)


def not_found(h, _, __):
    h.say(404, HTML)


def always_416(h, headers, _):
    if "range" in headers:
        h.say(416, Content_Range=f"bytes */{len(NEW)}")
    else:
        always_reset(h, headers, 0)


def wrong_range(h, headers, _):
    if "range" in headers:
        h.say(206, NEW, Content_Range=f"bytes 0-{len(NEW) - 1}/{len(NEW)}", ETag='"a"')
    else:
        always_reset(h, headers, 0)


def nothing(h, _, __):
    h.say(200)


FAULTY = {
    "fetch_deadline": [drip_body, drip_headers, drip_status, endless_continue],
    "fetch_large": [endless, endless_chunks, announced_large, gzip_bomb],
    "fetch_broken": [
        dead,
        endless_headers,
        too_short,
        chunk_cut,
        always_reset,
        gzip_cut,
        wrong_range,
    ],
    "fetch_redirect": [redirect_loop, redirect_on, redirect_file, redirect_ftp],
    "fetch_refused": [always_500, not_found],
    "fetch_packed": [packed_oddly],
    "file_empty": [nothing],
}
"""What each mode must end as."""
OTHERS = {html_page, other_table, always_416}
"""Modes of which it is enough that they fail."""


@pytest.fixture
def serve(tmp_path):
    """A city whose toilets are fetched from a server with a mode."""
    servers = []

    def start(mode, more=""):
        server = Server(mode)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        area = {"type": "Feature", "properties": {"id": "a"}}
        area["geometry"] = json.loads(shapely.to_geojson(shapely.box(10, 50, 11, 51)))
        (tmp_path / "communities.geojson").write_text(json.dumps(area), "utf-8")
        (tmp_path / "city.toml").write_text(RECIPE.format(url=server.url, more=more), "utf-8")
        return server

    yield start
    for server in servers:
        server.stop.set()
        server.shutdown()
        server.server_close()


def fetched(folder, limits=LIMITS):
    (outcome,) = fetch_city(folder, kinds=KINDS, limits=limits, progress=lambda *_: None)
    return outcome


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        *((mode, problem) for problem, modes in FAULTY.items() for mode in modes),
        *((mode, None) for mode in sorted(OTHERS, key=lambda mode: mode.__name__)),
    ],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_a_faulty_server_ends_soon_and_the_last_good_file_stays(mode, problem, serve, tmp_path):
    serve(mode)
    (tmp_path / "toilets.csv").write_bytes(OLD)
    tracemalloc.start()
    begun = time.monotonic()
    outcome = fetched(tmp_path)
    seconds, (_, peak) = time.monotonic() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.outcome == "failed"
    assert isinstance(outcome.error, PlanningError)
    assert problem in {None, outcome.error.problem}
    assert (tmp_path / "toilets.csv").read_bytes() == OLD
    assert seconds < 10 * LIMITS.seconds
    assert peak < 64_000_000


def good(h, _, __):
    h.say(200, NEW, ETag='"a"')


def good_at_last(h, headers, number):
    if number < 3:
        h.say(500, HTML)
    else:
        good(h, headers, number)


def redirected_once(h, headers, number):
    if "new" in h.server.asked[-1][0]:
        good(h, headers, number)
    else:
        h.say(307, Location="/new")


def resumed(h, headers, _):
    if "range" in headers and headers.get("if-range") == '"a"':
        rest, where = part_of(headers, NEW)
        h.say(206, rest, Content_Range=where, ETag='"a"')
    else:
        always_reset(h, headers, 0)


def changed_between(h, headers, number):
    """Another edition at the second try, which the server does not hide."""
    if number == 1:
        h.say(200, NEW.upper()[:5000], Content_Length=str(len(NEW)), ETag='"old"')
        h.reset()
    else:
        h.say(200, NEW, ETag='"new"')


def changed_and_hidden(h, headers, number):
    """The same with a server that continues whatever it has."""
    if number == 1:
        h.say(200, NEW.upper()[:5000], Content_Length=str(len(NEW)), ETag='"old"')
        h.reset()
    elif "range" in headers:
        rest, where = part_of(headers, NEW)
        h.say(206, rest, Content_Range=where, ETag='"new"')
    else:
        h.say(200, NEW, ETag='"new"')


def no_range_left(h, headers, number):
    if number == 1:
        always_reset(h, headers, number)
    elif "range" in headers:
        h.say(416, Content_Range=f"bytes */{len(NEW)}")
    else:
        good(h, headers, number)


def packed(h, _, __):
    h.say(200, gzip.compress(NEW), Content_Encoding="gzip")


def chunked(h, _, __):
    h.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(NEW), 4096):
        piece = NEW[at : at + 4096]
        h.wfile.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
    h.wfile.write(b"0\r\n\r\n")


@pytest.mark.parametrize(
    "mode",
    [
        good,
        good_at_last,
        redirected_once,
        resumed,
        changed_between,
        changed_and_hidden,
        no_range_left,
        packed,
        chunked,
    ],
    ids=lambda mode: mode.__name__,
)
def test_what_comes_whole_takes_the_place_of_the_old_file(mode, serve, tmp_path):
    server = serve(mode)
    (tmp_path / "toilets.csv").write_bytes(OLD)
    outcome = fetched(tmp_path)
    assert (outcome.outcome, outcome.size) == ("new", len(NEW)), outcome.error
    assert (tmp_path / "toilets.csv").read_bytes() == NEW
    record = json.loads((tmp_path / "fetched.json").read_bytes())["toilets.csv"]
    assert record["sha256"] == hashlib.sha256(NEW).hexdigest()
    assert mode is not resumed or "range" in server.asked[-1][1]
    assert [file.name for file in (tmp_path / ".fetch").iterdir()] == ["lock"]


def test_a_part_is_continued_by_the_next_run(serve, tmp_path):
    server = serve(resumed)
    assert fetched(tmp_path, Limits(seconds=2, silence_s=0.4, tries=1)).outcome == "failed"
    begun = (tmp_path / ".fetch" / "toilets.csv").stat().st_size
    assert 0 < begun < len(NEW)
    assert fetched(tmp_path).outcome == "new"
    assert server.asked[-1][1]["range"] == f"bytes={begun}-"
    assert (tmp_path / "toilets.csv").read_bytes() == NEW


def test_what_has_not_changed_is_not_fetched_again(serve, tmp_path):
    def once(h, headers, number):
        if headers.get("if-none-match") == '"a"':
            h.say(304)
        else:
            good(h, headers, number)

    serve(once)
    assert fetched(tmp_path).outcome == "new"
    assert fetched(tmp_path).outcome == "unchanged"
    (tmp_path / "toilets.csv").write_bytes(OLD)  # somebody's own change: the note holds no longer
    assert fetched(tmp_path).outcome == "new"


@pytest.mark.parametrize(("sha256", "outcome"), [(NEW, "new"), (OLD, "failed")])
def test_a_checksum_decides(sha256, outcome, serve, tmp_path):
    serve(good, f'sha256 = "{hashlib.sha256(sha256).hexdigest()}"')
    (tmp_path / "toilets.csv").write_bytes(OLD)
    found = fetched(tmp_path)
    assert found.outcome == outcome
    assert outcome == "new" or found.error.problem == "fetch_checksum"
    assert (tmp_path / "toilets.csv").read_bytes() == (NEW if outcome == "new" else OLD)


def test_a_second_run_is_told_that_one_is_under_way(serve, tmp_path):
    server = serve(drip_body)
    first = threading.Thread(target=fetched, args=(tmp_path,))
    first.start()
    while not server.asked:
        time.sleep(0.01)
    with pytest.raises(PlanningError) as caught:
        fetched(tmp_path)
    assert caught.value.problem == "fetch_busy"
    first.join()


def test_the_command_tells_and_ends_with_2_where_a_layer_fails(serve, tmp_path):
    serve(good)
    done = CliRunner().invoke(cli.app, ["fetch", str(tmp_path)])
    assert (done.exit_code, "was updated" in done.output) == (0, True)
    (tmp_path / "fetched.json").unlink()
    serve(not_found)
    done = CliRunner().invoke(cli.app, ["fetch", str(tmp_path), "--language", "zh"])
    assert done.exit_code == 2
    assert "404" in done.output
    (tmp_path / "city.toml").write_text(RECIPE.format(url="ftp://x/y", more=""), "utf-8")
    assert "https" in CliRunner().invoke(cli.app, ["fetch", str(tmp_path)]).output


def test_one_module_knows_the_network_and_one_command_uses_it():
    network = {"urllib.request", "http.client", "requests", "ftplib", "httpx"}
    users = {path.relative_to(ROOT).as_posix() for path in MODULES if imports(path) & network}
    assert users == {"layers/sources/http.py"}
    fetching = {
        path.relative_to(ROOT).as_posix() for path in MODULES if "layers.fetch" in imports(path)
    }
    assert fetching == {"commands/data.py"}


def imports(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return names
