"""In whose name a command is run: of whoever has the machine, or of a role."""

from __future__ import annotations

import os
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analysis.model.errors import SettingsError
from analysis.model.roles import (
    COMMANDS,
    EXPORTS,
    OF_PARENT,
    OF_UNIT,
    ROLES,
    Matrix,
    Person,
    columns_for,
    may,
    own_rows,
    refusal,
)
from layers.knowledge.roles import FILE_NAME, load_allowances, usual_matrix
from layers.toml_entry import unknown

if TYPE_CHECKING:
    import pandas as pd
    import typer

ROLE, FILE = "CITY_ROLE", "CITY_ROLES"
"""Variables of the environment: the role, and the file that says what it may."""
WHOSE = {OF_UNIT: "CITY_UNITS", OF_PARENT: "CITY_PARENTS"}
"""Variables with names, commas between, of a role that does not see the rows of all."""


_CITY: ContextVar[Path] = ContextVar("city", default=Path())
"""Folder of the city that the command is about; its roles may stand in it."""


class Runner(NamedTuple):
    """Who runs a command, and what each role may."""

    matrix: Matrix
    person: Person


def runner() -> Runner | None:
    """Find out in the name of which role the command runs; `None` for whoever has the machine."""
    role = os.environ.get(ROLE, "").strip()
    if not role:
        return None
    if role not in ROLES:
        raise unknown(role, ROLES, entry=ROLE, what="role", problem="roles_unknown")
    stated, beside = os.environ.get(FILE, ""), _CITY.get() / FILE_NAME
    file = Path(stated) if stated else beside
    matrix = load_allowances(file).matrix if stated or beside.is_file() else usual_matrix()
    names = {rows: _names(variable) for rows, variable in WHOSE.items()}
    return Runner(matrix, Person(role, units=names[OF_UNIT], parents=names[OF_PARENT]))


def _names(variable: str) -> frozenset[str]:
    told = (each.strip() for each in os.environ.get(variable, "").split(","))
    return frozenset(each for each in told if each)


def check_role(ctx: typer.Context) -> None:
    """Refuse a command to the role that it is run as, and files that the role may not take."""
    _CITY.set(Path(ctx.params.get("city") or "."))
    command = str(ctx.info_name)
    check(COMMANDS, command)
    found = runner()
    if found and ctx.params.get("out") is not None and command in found.matrix.names(EXPORTS):
        check(EXPORTS, command)


def is_allowed(sort: str, name: str) -> bool:
    """Tell whether the role may; whoever has the machine may everything."""
    found = runner()
    return found is None or may(found.matrix, found.person, sort, name)


def all_allowed(sort: str) -> frozenset[str]:
    """List all of a sort that the role may."""
    found = runner()
    names = usual_matrix().names(sort) if found is None else found.matrix.names(sort)
    return frozenset(name for name in names if is_allowed(sort, name))


def check(sort: str, name: str) -> None:
    """Refuse what the role may not."""
    found = runner()
    if found and not may(found.matrix, found.person, sort, name):
        raise refusal(found.person.role, sort, name)


def classes_seen() -> frozenset[str]:
    """Give the classes of personal data that the role sees; nobody does without roles."""
    found = runner()
    return columns_for(found.matrix, found.person) if found else frozenset()


def rows_seen(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out the cases or tasks that the role does not see; it must be told whose those are."""
    found = runner()
    if found is None:
        return rows
    role = found.person.role
    wanted = WHOSE.get(found.matrix.rows.get(role, ""), "")
    if wanted and not _names(wanted):
        msg = f"{wanted} is empty, and the role {role} sees only rows of those named there."
        hint = f"Set {wanted} to the names as the data have them, with commas between."
        raise SettingsError(msg, problem="role_whose", hint=hint, variable=wanted, role=role)
    return own_rows(found.matrix, found.person, rows)
