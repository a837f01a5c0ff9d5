"""A server of PostgreSQL of our own: in a folder, on its socket, for a few tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = Path("/usr/lib/postgresql")
ROOT_SIGN = 0


@contextmanager
def served():
    """Start a server as a user that is not root, and tell its address."""
    programs = sorted(PROGRAMS.glob("*/bin/initdb"))
    is_root = os.geteuid() == ROOT_SIGN
    if not programs:
        pytest.skip(f"no PostgreSQL on this machine: {PROGRAMS} has no initdb")
    if is_root and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root, and there is no runuser to change the user")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = ["runuser", "-u", "postgres", "--"] if is_root else []
    if is_root:
        shutil.chown(folder, "postgres")
    tools, data = programs[-1].parent, folder / "data"
    asking = {"cwd": folder, "stdout": subprocess.DEVNULL}
    subprocess.run(
        [*user, tools / "initdb", "-D", data, "-A", "trust", "-N", "-U", "postgres"],
        check=True,
        **asking,
    )
    command = [*user, tools / "pg_ctl", "-D", data, "-w"]
    options = f"-c listen_addresses= -c fsync=off -k {folder}"
    subprocess.run([*command, "-o", options, "-l", folder / "log", "start"], check=True, **asking)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run([*command, "-m", "immediate", "stop"], check=True, **asking)
        shutil.rmtree(folder)
