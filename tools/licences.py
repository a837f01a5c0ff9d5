"""Licences of every package that the lock installs, as each states it."""

from __future__ import annotations

from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import Distribution, PackageMetadata

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "licences.md"
HEAD = """# Licences of packages · 所用软件包的许可证

Written by `make release` from what `requirements.lock` installs, as each package states it.
由 `make release` 据锁定清单所装软件包自述生成。 Files of others inside the project stand in
[THIRD_PARTY.md](../../THIRD_PARTY.md).

| package · 软件包 | version · 版本 | licence · 许可证 |
|---|---|---|
"""


def licence(stated: PackageMetadata) -> str:
    """Write what a package states: an expression, else classifiers, else a text."""
    texts = [stated.get("License-Expression")]
    if not texts[0]:
        classifiers = stated.get_all("Classifier") or []
        texts = [each.split("::")[-1] for each in classifiers if each.startswith("License ::")]
    texts = texts or [stated.get("License")]
    lines = [text.strip().splitlines()[0][:80] for text in texts if text and text.strip()]
    return ", ".join(dict.fromkeys(line.replace("|", "/") for line in lines)) or "not stated"


def page(packages: Iterable[Distribution]) -> str:
    """Write the page of the packages of an environment."""
    rows = sorted(
        (canonicalize_name(each.metadata["Name"]), each.version, licence(each.metadata))
        for each in packages
    )
    return HEAD + "".join(f"| `{name}` | {version} | {terms} |\n" for name, version, terms in rows)


def main(environment: Path) -> None:
    """Write the page of an environment in which nothing but the lock is installed."""
    folders = [str(path) for path in environment.glob("lib/python3*/site-packages")]
    PAGE.write_text(page(distributions(path=folders)), "utf-8")


if __name__ == "__main__":
    typer.run(main)
