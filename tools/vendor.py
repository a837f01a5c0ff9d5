"""
Fetch third-party files again, exactly as the `vendor.toml` beside them pins them.

    python tools/vendor.py            writes the files
    python tools/vendor.py --check    only compares those that are there

Needs `npm` for fetching. The files themselves are part of the project, so that neither an
installation nor a closed network ever needs this.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
ASSETS, FONTS = ROOT / "maps" / "assets", ROOT / "data" / "fonts"
PLACES = (ASSETS, FONTS, ROOT / "tests" / "vendor")
"""Folders of files of others, each with its manifest."""


def read_manifest(place: Path = ASSETS) -> dict[str, dict[str, Any]]:
    """Read which files of which packages stand in a folder."""
    return tomllib.loads((place / "vendor.toml").read_text("utf-8"))


def differences(folder: Path = ASSETS, *, place: Path = ASSETS) -> list[str]:
    """Compare the files that are there with the manifest of a place."""
    problems = []
    for name, package in read_manifest(place).items():
        there = {path for path in (folder / name).rglob("*") if path.is_file()}
        for file, pin in package["files"].items():
            path = folder / name / file
            if path not in there:
                problems.append(f"{name}/{file} is missing.")
            elif _digest(path.read_bytes()) != pin["sha256"]:
                problems.append(f"{name}/{file} is not what the manifest pins.")
            there.discard(path)
        problems += [
            f"{path.relative_to(folder)} is not in the manifest." for path in sorted(there)
        ]
    return problems


def fetch(name: str, package: dict[str, Any], place: Path) -> None:
    """Fetch one package and write the files that the manifest names."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "npm",
            "pack",
            "--silent",
            f"{package.get('package', name)}@{package['version']}",
        ]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        archive = next(Path(folder).glob("*.tgz"))
        contents = {file: _member(archive, pin["from"]) for file, pin in package["files"].items()}
    for file, pin in package["files"].items():
        if _digest(contents[file]) != pin["sha256"]:
            msg = f"{name} {package['version']}: {pin['from']} is not the file that is pinned."
            raise ValueError(msg)
    for file, content in contents.items():
        path = place / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _member(archive: Path, place: str) -> bytes:
    with tarfile.open(archive) as package:
        file = package.extractfile(f"package/{place}")
        if file is None:
            msg = f"{archive.name}: {place} is not a file."
            raise ValueError(msg)
        return file.read()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(description="Fetch or check files of others.")
    parser.add_argument("--check", action="store_true", help="only compare, fetch nothing")
    if not parser.parse_args(arguments).check:
        for place in PLACES:
            for name, package in read_manifest(place).items():
                fetch(name, package, place)
    problems = [problem for place in PLACES for problem in differences(place, place=place)]
    sys.stdout.write(
        "".join(f"{problem}\n" for problem in problems) or "All files are as pinned.\n"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
