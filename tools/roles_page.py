"""The page of the documentation that says who may what, made of `data/roles.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.model.roles import COMMANDS, NO_ROWS, PAGES, ROLES, SORTS, Person, may
from layers.languages import WRITTEN

if TYPE_CHECKING:
    from analysis.model.roles import Matrix
    from wording.catalogue import Words

ABOUT = """\
Made from `data/roles.toml`. What stands in no line is refused to every role. An office changes
lines in its own `roles.toml` ([how](../how-to/who-may-see-what.md)). Figures, maps and rankings are
of the whole city for every role, so that one thing has one number; only single cases, tasks and
quarantined rows are narrowed. Without `roles.toml` there is no log-in: on the machine itself
everything is allowed; a server opened with `CITY_OPEN=1` allows what only reads.

Commands are run by whoever has the machine; `CITY_ROLE=planner` runs one in the name of a role, for
jobs that are to give no more than that role may have."""


def roles_page(matrix: Matrix, words: Words, made: str) -> str:
    """Write the matrix of roles."""
    parts = ["# Roles · 角色权限", made, ABOUT]
    for sort in SORTS:
        head = _both(words, f"permit.{sort}")
        lines = [f"## {head}", "", _row("", *(_both(words, f"role.{role}") for role in ROLES))]
        lines.append("|---|" + "---|" * len(ROLES))
        for name in matrix.names(sort):
            marks = ("✓" if may(matrix, Person(role), sort, name) else "" for role in ROLES)
            lines.append(_row(_named(words, sort, name), *marks))
        parts.append("\n".join(lines))
    rows = (matrix.rows.get(role, NO_ROWS) for role in ROLES)
    parts.append(
        "\n".join(
            [
                f"## {_both(words, 'permit.rows')}",
                "",
                _row("", *(_both(words, f"role.{role}") for role in ROLES)),
                "|---|" + "---|" * len(ROLES),
                _row("", *(_both(words, f"permit.rows_{each}") for each in rows)),
            ]
        )
    )
    return "\n\n".join(parts) + "\n"


def _named(words: Words, sort: str, name: str) -> str:
    if sort == COMMANDS:
        return f"`{name}`"
    key = f"page.{name}" if sort == PAGES else f"permit.{sort}_{name}"
    return f"*{_both(words, key)}* `{name}`"


def _both(words: Words, key: str) -> str:
    return " · ".join(dict.fromkeys(words(language, key) for language in WRITTEN))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
