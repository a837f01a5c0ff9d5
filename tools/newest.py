"""Newest versions that the pins allow, and what an environment has instead of the pins."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(
    r"^(?P<name>[\w.-]+)(?P<extras>\[[\w,-]+\])?==(?P<version>(\d+\.\d+)\S*)", re.MULTILINE
)


def ranges(pins: str) -> str:
    """
    Widen each pin to its major version: `numpy==2.4.6` becomes `numpy~=2.4`, 2.4 to below 3.

    Parameters
    ----------
    pins
        Text of a requirements file.

    Returns
    -------
    ranges
        One line a package.
    """
    return "".join(
        f"{found['name']}{found['extras'] or ''}~={found[4]}\n" for found in PIN.finditer(pins)
    )


def moved(pins: str, installed: dict[str, str]) -> list[str]:
    """
    Tell which packages are installed in another version than the pinned one.

    Parameters
    ----------
    pins
        Text of a requirements file.
    installed
        Version by name of each package pinned.

    Returns
    -------
    lines
        Such as `numpy 2.4.6 -> 2.5.0`.
    """
    return [
        f"{found['name']} {found['version']} -> {installed[found['name']]}"
        for found in PIN.finditer(pins)
        if installed[found["name"]] != found["version"]
    ]


def main() -> None:
    """Print the ranges, or with `moved` what this environment has instead of the pins."""
    pins = "".join((ROOT / file).read_text("utf-8") for file in FILES)
    if sys.argv[1:] == ["moved"]:
        installed = {found["name"]: version(found["name"]) for found in PIN.finditer(pins)}
        sys.stdout.write("\n".join(["Newer than pinned:", *moved(pins, installed), ""]))
    else:
        sys.stdout.write(ranges(pins))


if __name__ == "__main__":
    main()
