"""The proxies of `deploy/`, each started on loopback with its own file before a server of ours."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from tests.conftest import free_port

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
HOST = "planning.example"
UPLOAD_MB = 3


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs: its ports, who signed its certificate, and what it has logged."""

    http: int
    https: int
    certificate: Path
    log: Path

    def tls(self):
        """Trust its certificate and nothing else."""
        return ssl.create_default_context(cafile=self.certificate)


async def told(request):
    """Answer with what arrived."""
    return JSONResponse(
        dict(request.headers), headers={"Content-Security-Policy": "default-src 'self'"}
    )


async def taken(request):
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return PlainTextResponse("")


async def echo(socket):
    await socket.accept(subprotocol="streamlit")
    await socket.send_json(dict(socket.headers))
    await socket.send_bytes(await socket.receive_bytes())
    await socket.close()


@contextlib.contextmanager
def behind():
    """Serve what a proxy passes on, and tell the port."""
    app = Starlette(
        routes=[
            WebSocketRoute("/_stcore/stream", echo),
            Route("/_stcore/upload_file/{name:path}", taken, methods=["PUT"]),
            Route("/{path:path}", taken, methods=["POST"]),
            Route("/{path:path}", told),
        ]
    )
    config = uvicorn.Config(app, port=free_port(), log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield config.port
    finally:
        server.should_exit = True
        thread.join()


def certificate(folder):
    """Make a certificate of our own for the host."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl on this machine to make a certificate with")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-keyout", key, "-out", cert]
    command += ["-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def program(name):
    """Find a proxy; it may be missing where it was not installed."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        pytest.skip(f"no {name} on this machine: apt install {name}")
    return found


def replaced(text, pairs):
    """Change what differs from office to office; each must stand there."""
    for old, new in pairs.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def running(command, proxy, **options):
    process = subprocess.Popen(command, **options)
    try:
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", proxy.https), 1).close()
                break
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextlib.contextmanager
def nginx(folder, port):
    """Run nginx with `deploy/nginx.conf`; only ports, host, certificate and folders are ours."""
    name = program("nginx")
    cert, key = certificate(folder)
    proxy = Proxy(free_port(), free_port(), cert, folder / "access.log")
    server = replaced(
        (DEPLOY / "nginx.conf").read_text("utf-8"),
        {
            "listen 80;": f"listen 127.0.0.1:{proxy.http};",
            "listen [::]:80;": "",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{proxy.https} ssl http2;",
            "listen [::]:443 ssl http2;": "",
            "127.0.0.1:8501": f"127.0.0.1:{port}",
            "/etc/planning/tls/cert.pem": str(cert),
            "/etc/planning/tls/key.pem": str(key),
            "/var/log/nginx/planning.log": str(proxy.log),
            "/var/log/nginx/planning-error.log": str(folder / "error.log"),
            "client_max_body_size 200m;": f"client_max_body_size {UPLOAD_MB}m;",
        },
    )
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/start.log;\nevents {{}}\n"
        f"http {{\n{temporary}{server}}}\n",
        "utf-8",
    )
    command = [name, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "start.log"]
    with running(command, proxy):
        yield proxy


@contextlib.contextmanager
def caddy(folder, port):
    """Run Caddy with `deploy/Caddyfile` as it stands; the environment names what is ours."""
    name = program("caddy")
    cert, key = certificate(folder)
    proxy = Proxy(free_port(), free_port(), cert, folder / "access.log")
    environment = os.environ | {
        "PLANNING_HOST": HOST,
        "PLANNING_HTTP": str(proxy.http),
        "PLANNING_HTTPS": str(proxy.https),
        "PLANNING_CERT": str(cert),
        "PLANNING_KEY": str(key),
        "PLANNING_DASHBOARD": f"127.0.0.1:{port}",
        "PLANNING_UPLOAD": f"{UPLOAD_MB}MB",
        "PLANNING_LOG": f"file {proxy.log}",
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "HOME": str(folder),
    }
    command = [name, "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"]
    with running(command, proxy, env=environment, stderr=subprocess.DEVNULL):
        yield proxy
