"""
Make the generated pages of the documentation.

Run: python -m tools.docs. A test holds every page to what it is made from.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

import cli
from exports.reference import PAGE as DICTIONARY_PAGE
from exports.reference import dictionary_page
from layers.formats.known import FORMATS
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.roles import usual_matrix
from layers.knowledge.standards import load_kinds, load_standards
from layers.languages import WRITTEN
from tools import traditional
from tools.house import modules_page, with_pictures
from tools.roles_page import roles_page
from tools.troubleshooting import troubleshooting_page
from wording.catalogue import load_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analysis.model.standards import Kind, Rule, Standard
    from layers.formats.known import Known

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
HOW_TO = ROOT / "docs" / "how-to"
ARCHITECTURE = ROOT / "docs" / "explanation" / "architecture.md"
WIDTH = 90
MADE = "This page is made by `make docs`; do not edit it."
ABOUT_STANDARDS = """\
What the product judges by, from `data/standards/`. *Minimum by*: `standard`, the document sets
it; `project`, the document gives only a distance and the minimum is this project's reading.
*Confidence* says how surely the clause was read; a rule of low confidence must be checked against
the text before it is cited. [How to add one](../how-to/add-a-standard.md)."""
ABOUT_KINDS = """\
From `data/kinds.toml`. Every facility has `id`, `name`, `name_en` and `status`; the optional
columns come on top. *Narrowed to*: what coverage can be asked for, with `--only` or with
`--least-class` (classes, best first). [How to add one](../how-to/add-a-kind.md)."""
ABOUT_FORMATS = """\
From `layers/formats/known.py`. A recipe states `format` only where the suffix does not tell it;
what a file holds is compared with it before it is parsed. `.gz` is unpacked. Every value becomes
text as it is written; identifiers keep their zeros. Nothing is fetched, no formula, macro, view or
script runs, no entity is resolved. Where there are several layers, `layer` must name one; the
refusal lists them. What becomes of bad ones: [bad files](bad-files.md);
[how to write a recipe](../how-to/add-a-city.md)."""
ABOUT_COMMANDS = """\
`CITY` is a folder with a `city.toml`. Exit code 0: done; 2: a mistake in the options, the recipe
or the data, told in one message on the error stream, and nothing is written; 3 to 5: what `verify`
[found of a pack](../how-to/evidence-pack.md). Results are written
aside and put in their place at once; a folder that holds files of the same names from elsewhere is
refused. Columns of the tables: [data dictionary](data-dictionary.md)."""


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _number(value: float | None, unit: str = "") -> str:
    return "—" if value is None else f"{value:g}{unit}"


def standards_page(standards: dict[str, Standard]) -> str:
    """Write the standards as a page."""
    parts = [
        "# Standards · 标准",
        MADE,
        ABOUT_STANDARDS,
    ]
    parts += [_standard(standard) for standard in standards.values()]
    return "\n\n".join(parts) + "\n"


def _standard(standard: Standard) -> str:
    lines = [
        f"## {standard.id}",
        "",
        f"{standard.title['zh']} · {standard.title['en']}  ",
        f"{standard.publisher}. {standard.document}. {standard.date}.",
        "",
        "| rule | kind | figure | radius | minimum | minimum by | target | confidence |",
        "|---|---|---|---|---|---|---|---|",
        *(_rule(rule) for rule in standard.rules),
        "",
        *(_clause(rule) for rule in standard.rules),
    ]
    return "\n".join(lines)


def _rule(rule: Rule) -> str:
    cells = (
        f"`{rule.id}`", f"`{rule.kind}`", f"`{rule.figure}`", _number(rule.service_radius_m, " m"),
        _number(rule.minimum), rule.minimum_basis, _number(rule.target_share), rule.confidence,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _both(text: Mapping[str, str]) -> str:
    return " · ".join(dict.fromkeys(text[language] for language in WRITTEN))


def _clause(rule: Rule) -> str:
    note = f" {rule.note['zh']} {rule.note['en']}" if rule.note else ""
    return (
        f"* `{rule.id}`: {rule.title['zh']} · {rule.title['en']}. Clause: {_both(rule.clause)}."
        f" Read in: {_both(rule.source)}.{note}{_distance(rule)}"
    )


def _distance(rule: Rule) -> str:
    """How the document measures the distance of a rule, and where that was read."""
    known = rule.distance
    if known is None:
        return ""
    return (
        f" Distance: `{known.measure}`; {_both(known.clause)}. Read in: {_both(known.source)};"
        f" confidence {known.confidence}."
    )


def formats_page(formats: Iterable[Known]) -> str:
    """Write the formats as a page."""
    lines = [
        "# Formats · 数据格式",
        "",
        MADE,
        "",
        ABOUT_FORMATS,
        "",
        "| `format` | known by | what is read | `layer` names |",
        "|---|---|---|---|",
    ]
    for each in formats:
        suffixes = ", ".join(f"`{suffix}`" for suffix in each.suffixes) or "—"
        lines.append(f"| `{each.name}` | {suffixes} | {each.holds} | {each.layer or '—'} |")
    return "\n".join(lines) + "\n"


def kinds_page(kinds: dict[str, Kind]) -> str:
    """Write the facility kinds as a page."""
    lines = [
        "# Facility kinds · 设施类别",
        "",
        MADE,
        "",
        ABOUT_KINDS,
        "",
        "| kind | 名称 | name | icon | colour | optional columns (type) | capacity | narrowed to |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in kinds.values():
        columns = ", ".join(f"`{name}` ({what})" for name, what in kind.columns.items())
        lines.append(
            f"| `{kind.id}` | {kind.name['zh']} | {kind.name['en']} | {kind.icon} "
            f"| `{kind.colour}` | {columns} | {f'`{kind.capacity}`' if kind.capacity else '—'} "
            f"| {_narrowing(kind)} |"
        )
    return "\n".join([*lines, ""])


def _narrowing(kind: Kind) -> str:
    named = [*(f"`{name}`" for name in kind.conditions)]
    named += [f"{names['zh']} {names['en']}" for names in kind.classes]
    return ", ".join(named)


def command_page() -> str:
    """Write the command line's help as a page."""
    names = [
        command.name or command.callback.__name__
        for command in cli.app.registered_commands
        if command.callback
    ]
    parts = [
        "# Command line · 命令行",
        MADE,
        ABOUT_COMMANDS,
        _help([]),
        *(f"## {name}\n\n{_help([name])}" for name in names),
    ]
    return "\n\n".join(parts) + "\n"


def _help(arguments: list[str]) -> str:
    result = CliRunner().invoke(
        cli.app, [*arguments, "--help"], prog_name="python cli.py", terminal_width=WIDTH
    )
    lines = [line.rstrip() for line in result.output.strip().splitlines()]
    return "\n".join(["```text", *lines, "```"])


def pages() -> dict[Path, str]:
    """Make every generated page."""
    return {
        DICTIONARY_PAGE: dictionary_page(load_dictionary()),
        REFERENCE / "standards.md": standards_page(load_standards()),
        REFERENCE / "kinds.md": kinds_page(load_kinds()),
        REFERENCE / "formats.md": formats_page(FORMATS),
        REFERENCE / "roles.md": roles_page(usual_matrix(), load_words(), MADE),
        REFERENCE / "command-line.md": command_page(),
        HOW_TO / "troubleshooting.md": troubleshooting_page(load_words()),
        REFERENCE / "modules.md": modules_page(),
        ARCHITECTURE: with_pictures(ARCHITECTURE.read_text("utf-8")),
    }


def main() -> None:
    """Write every generated page."""
    traditional.main()
    for path, content in pages().items():
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
