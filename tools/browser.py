"""Find Chromium for the browser tests, or install it: the system's, Debian's, Playwright's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
"""The shell first: the same engine without a window, which draws in two thirds of the time."""
PACKAGES = ("chromium-headless-shell", "chromium")
OWN = (
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-linux*/chrome",
)
"""Where Playwright keeps browsers of its own."""


def find_chromium() -> str | None:
    """Look for an installed Chromium: `CHROMIUM`, the system's, Playwright's own."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    own = [str(found) for where in OWN for found in sorted(cache.glob(where), reverse=True)]
    return own[0] if own else None


def install() -> str | None:
    """Install Chromium: Debian's package where that is allowed, else Playwright's own."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in ("update", *(f"install -y fonts-noto-cjk {name}" for name in PACKAGES)):
            if find_chromium() is None:
                subprocess.run(  # noqa: S603
                    [apt, "-qq", *words.split()], check=False, env=environment, stdout=sys.stderr
                )
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
