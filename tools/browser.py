"""Find Chromium for the browser tests, or install it: the system's, Debian's, Playwright's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Look for an installed Chromium: `CHROMIUM`, the system's, Playwright's own."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    own = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


def install() -> str | None:
    """Install Chromium: Debian's package where that is allowed, else Playwright's own."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "chromium", "fonts-noto-cjk"]):
            subprocess.run([apt, *command], check=False, env=environment, stdout=sys.stderr)  # noqa: S603
    if find_chromium() is None:
        own = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(own, check=False, stdout=sys.stderr)  # noqa: S603
    return find_chromium()


def main() -> int:
    """Make sure that there is a Chromium."""
    path = find_chromium() or install()
    if path is None:
        sys.stderr.write("Chromium is needed for the browser tests: apt install chromium\n")
        return 1
    sys.stdout.write(f"Chromium for the browser tests: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
