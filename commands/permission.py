"""In whose name a command is run: of whoever has the machine, or of a role."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.model.roles import COMMANDS, ROLES, Person, may, refusal
from layers.knowledge.roles import FILE_NAME, load_allowances, usual_matrix
from layers.toml_entry import unknown

if TYPE_CHECKING:
    import typer

ROLE, FILE = "CITY_ROLE", "CITY_ROLES"
"""Variables of the environment: the role, and the file that says what it may."""


def check_role(ctx: typer.Context) -> None:
    """Refuse a command to the role that it is run as."""
    role = os.environ.get(ROLE, "").strip()
    if not role:
        return
    if role not in ROLES:
        raise unknown(role, ROLES, entry=ROLE, what="role", problem="roles_unknown")
    stated, beside = os.environ.get(FILE, ""), Path(ctx.params.get("city") or ".") / FILE_NAME
    file = Path(stated) if stated else beside
    matrix = load_allowances(file).matrix if stated or beside.is_file() else usual_matrix()
    command = str(ctx.info_name)
    if not may(matrix, Person(role), COMMANDS, command):
        raise refusal(role, COMMANDS, command)
