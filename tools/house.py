"""
Pictures and tables of the house, made from its tree, its docstrings and its contracts.

They are `docs/reference/modules.md` and the marked blocks of `docs/explanation/architecture.md`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from textwrap import wrap
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ABOUT = """\
Every module and what it is for, as its docstring says; floors from the top down, rooms in the
order in which they may import each other. Why the rooms are these:
[architecture](../explanation/architecture.md). What a module was called until November 2026:
[renamed](renamed.md)."""
COMPOSE, AROUND = ("dashboard.py", "cli.py"), ("tools", "bench")
WIDTH = 76


def modules_page() -> str:
    """Write floors, rooms and modules as a page."""
    contracts = _contracts()
    parts = ["# Modules · 模块", "This page is made by `make docs`; do not edit it.", ABOUT]
    parts += ["## Who may import whom", _orders(contracts), "## Compose"]
    parts += [_table([ROOT / name for name in COMPOSE])]
    for floor in floors():
        parts += [f"## {floor}", purpose(ROOT / floor / "__init__.py"), *_rooms(floor, contracts)]
    parts += ["## Around the house"]
    for name in AROUND:
        parts += [f"### {name}", _table(sorted((ROOT / name).rglob("*.py")))]
    return "\n\n".join(part for part in parts if part) + "\n"


def with_pictures(page: str) -> str:
    """Give the architecture page with its marked blocks drawn anew."""
    for name, picture in (("ladder", _ladder()), ("tree", _tree())):
        begin, end = f"<!-- {name}: made by make docs -->", f"<!-- end of {name} -->"
        before, rest = page.split(begin)
        page = f"{before}{begin}\n```text\n{picture}\n```\n{end}{rest.split(end)[1]}"
    return page


def _ladder() -> str:
    """Draw one box a floor, from the top down, with the order of its rooms."""
    contracts = _contracts()
    boxes = []
    for floor in floors():
        order = " > ".join(" | ".join(step) for step in contracts.get(floor, []))
        texts = [*wrap(purpose(ROOT / floor / "__init__.py"), WIDTH), *wrap(order, WIDTH)]
        lines = [f"┌─ {floor} ".ljust(WIDTH + 3, "─") + "┐"]
        lines += [f"│ {text:{WIDTH}} │" for text in texts]
        boxes.append("\n".join([*lines, f"└{'─' * (WIDTH + 2)}┘"]))
    return f"\n{'▼':>{WIDTH // 2 + 2}}\n".join(
        ["dashboard.py   cli.py".center(WIDTH + 4).rstrip(), *boxes]
    )


def _tree() -> str:
    """Draw floors and rooms as a tree of folders."""
    lines = []
    for floor in floors():
        lines.append(f"{floor}/")
        rooms = _room_folders(floor, _contracts())
        for room in rooms:
            branch = "└──" if room == rooms[-1] else "├──"
            lines.append(f"{branch} {room.name + '/':<14}{purpose(room / '__init__.py')}")
    return "\n".join(lines)


def modules() -> list[Path]:
    """Give every module of the house, with those that compose it."""
    rooms = (path for floor in floors() for path in (ROOT / floor).rglob("*.py"))
    return sorted([*rooms, *(ROOT / name for name in COMPOSE)])


def floors() -> list[str]:
    """Give the packages of the ladder, from the top down."""
    ladder = next(order for place, order in _contracts().items() if not place)
    return [floor for step in ladder for floor in step]


def purpose(module: Path) -> str:
    """Give the first paragraph of a module's docstring as one line."""
    text = ast.get_docstring(ast.parse(module.read_text("utf-8")))
    if not text:
        msg = f"{module.relative_to(ROOT)} needs a docstring that says what it is for."
        raise ValueError(msg)
    return " ".join(text.split("\n\n")[0].split())


def _contracts() -> dict[str, list[list[str]]]:
    """Give the order that import-linter holds inside each place; the ladder has no name."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {
        place: [re.findall(r"\w+", step) for step in contract["layers"]]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
        for place in contract.get("containers", [""])
    }


def _orders(contracts: dict[str, list[list[str]]]) -> str:
    lines = ["| inside | order: each imports only from further right |", "|---|---|"]
    for place, order in contracts.items():
        steps = " > ".join(", ".join(f"`{name}`" for name in step) for step in order)
        lines.append(f"| {f'`{place}`' if place else 'the house'} | {steps} |")
    return "\n".join(lines)


def _room_folders(floor: str, contracts: dict[str, list[list[str]]]) -> list[Path]:
    order = [name for step in contracts.get(floor, []) for name in step]
    return sorted(
        (path.parent for path in (ROOT / floor).glob("*/__init__.py")),
        key=lambda room: (order.index(room.name) if room.name in order else -1, room.name),
    )


def _rooms(floor: str, contracts: dict[str, list[list[str]]]) -> list[str]:
    parts = [_table(sorted((ROOT / floor).glob("*.py")))]
    for room in _room_folders(floor, contracts):
        title = room.relative_to(ROOT).as_posix()
        parts += [f"### {title}", purpose(room / "__init__.py"), _table(sorted(room.rglob("*.py")))]
    return parts


def _table(modules: list[Path]) -> str:
    modules = [module for module in modules if module.name != "__init__.py"]
    if not modules:
        return ""
    lines = ["| module | holds |", "|---|---|"]
    for module in modules:
        name = module.relative_to(ROOT).as_posix()
        holds = purpose(module).replace("|", "\\|")
        lines.append(f"| `{name}` | {holds} |")
    return "\n".join(lines)
