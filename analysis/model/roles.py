"""Who may see and do what: roles, people, and the functions that decide; the rest is refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analysis.model.errors import RoleError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd


ROLES = ("public", "viewer", "leader", "planner", "unit", "steward", "admin")
"""`public` is whoever is not logged in, or logged in and named nowhere."""
PUBLIC, ADMIN = ROLES[0], ROLES[-1]
PAGES, ACTIONS, EXPORTS, COMMANDS, COLUMNS = SORTS = (
    "pages",
    "actions",
    "exports",
    "commands",
    "columns",
)
"""What a permission can be about; columns are classes of personal data, seen unmasked."""
ROWS = ("none", "unit", "parent", "all")
"""Which single cases, tasks and quarantined rows a role sees; figures are of the whole city."""
NO_ROWS, OF_UNIT, OF_PARENT, EVERY_ROW = ROWS


@dataclass(frozen=True)
class Person:
    """
    Somebody who asks.

    Attributes
    ----------
    role
        One of `ROLES`.
    account
        Name of the account; empty for whoever is not logged in.
    units, parents
        Whose rows a role sees that does not see all.
    """

    role: str
    account: str = ""
    units: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Matrix:
    """
    What each role may.

    Attributes
    ----------
    allowed
        Roles by sort and name of what they may; what stands nowhere is refused to all.
    rows
        One of `ROWS` for each role; a role that stands nowhere sees none.
    """

    allowed: Mapping[str, Mapping[str, frozenset[str]]]
    rows: Mapping[str, str] = field(default_factory=dict)

    def names(self, sort: str) -> tuple[str, ...]:
        """List what is known of a sort."""
        return tuple(self.allowed.get(sort, {}))


CASE_FILES = ("hotspots", "inspections", "findings", "campaigns", "pack", "frontage")
"""Exports, and commands of the same names, whose files list single cases of every unit."""
AS_BROUGHT = frozenset({(EXPORTS, "corrections"), (COMMANDS, "correct")})
"""Export and command that give rows as they were brought, with personal data of every class."""
WHOLE = frozenset(
    {(sort, name) for sort in (EXPORTS, COMMANDS) for name in CASE_FILES}
    | {(EXPORTS, "quarantine"), (ACTIONS, "quarantine"), (COMMANDS, "prepare")}
    | AS_BROUGHT
)
"""What lists single cases or rows of every unit: only for roles that see every row."""


def may(matrix: Matrix, person: Person, sort: str, name: str) -> bool:
    """Tell whether a person may open a page, do an action, take an export, run a command."""
    if (sort, name) in WHOLE and matrix.rows.get(person.role, NO_ROWS) != EVERY_ROW:
        return False
    if (sort, name) in AS_BROUGHT and not columns_for(matrix, person) >= {*matrix.names(COLUMNS)}:
        return False
    return person.role in matrix.allowed.get(sort, {}).get(name, frozenset())


def refusal(role: str, sort: str, name: str) -> RoleError:
    """Make the error for what a role may not."""
    msg = f"The role {role!r} may not do this: {sort}, {name!r}."
    hint = "Log in as somebody who may, or ask the administrator."
    return RoleError(msg, problem="role_refused", hint=hint, role=role, sort=sort, name=name)


def allowed_names(matrix: Matrix, person: Person, sort: str) -> tuple[str, ...]:
    """List all of a sort that a person may, in the order of the matrix."""
    return tuple(name for name in matrix.names(sort) if may(matrix, person, sort, name))


def columns_for(matrix: Matrix, person: Person) -> frozenset[str]:
    """Give the classes of personal data that a person sees unmasked."""
    return frozenset(allowed_names(matrix, person, COLUMNS))


def sees_row(matrix: Matrix, person: Person, *, unit: str = "", parent: str = "") -> bool:
    """Tell whether a person sees the row of a case or task of this unit and parent."""
    rows = matrix.rows.get(person.role, NO_ROWS)
    if rows == OF_UNIT:
        return bool(unit) and unit in person.units
    if rows == OF_PARENT:
        return bool(parent) and parent in person.parents
    return rows == EVERY_ROW


def sees_rows(
    matrix: Matrix, person: Person, *, units: Collection[str], parents: Collection[str]
) -> list[bool]:
    """Tell it of many rows, in their order."""
    rows = matrix.rows.get(person.role, NO_ROWS)
    if rows in {NO_ROWS, EVERY_ROW}:
        return [rows == EVERY_ROW] * len(units)
    pairs = list(zip(units, parents, strict=True))
    known = {pair: sees_row(matrix, person, unit=pair[0], parent=pair[1]) for pair in set(pairs)}
    return [known[pair] for pair in pairs]


def own_rows(matrix: Matrix, person: Person, rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out the cases or tasks, by their `unit` and `parent`, that a person does not see."""
    named = {name: rows[name].fillna("").astype(str) for name in ("unit", "parent")}
    seen = sees_rows(matrix, person, units=named["unit"], parents=named["parent"])
    return rows if all(seen) else rows[seen]


@dataclass(frozen=True)
class Proxy:
    """
    A proxy in front that says who asks.

    Attributes
    ----------
    header, groups
        Headers with the name of the account, and with its groups; the latter may be empty.
    addresses
        Of the machines from which the headers are believed.
    """

    header: str
    addresses: frozenset[str]
    groups: str = ""


@dataclass(frozen=True)
class LogIn:
    """
    Ways to log in that are switched on.

    Attributes
    ----------
    local
        Accounts kept in the store, with passwords.
    provider
        A provider of OpenID Connect; `claim` has the account's name, `groups` its groups.
    proxy
        A proxy in front, if one is believed.
    """

    local: bool = False
    provider: bool = False
    claim: str = "email"
    groups: str = ""
    proxy: Proxy | None = None


@dataclass(frozen=True)
class Allowances:
    """
    All that an office says about who may what.

    Attributes
    ----------
    matrix
        What each role may.
    login
        How people log in.
    people, groups
        Who has which role, by the name of the account or of a group.
    everybody
        Role of whoever is logged in and named nowhere.
    digest
        Sums up the files that it was read from.
    """

    matrix: Matrix
    login: LogIn = field(default_factory=LogIn)
    people: Mapping[str, Person] = field(default_factory=dict)
    groups: Mapping[str, Person] = field(default_factory=dict)
    everybody: str = PUBLIC
    digest: str = ""


def person_of(allowances: Allowances, account: str, groups: Iterable[str] = ()) -> Person:
    """
    Find out who an account is: the person named, else of the first group named, else everybody.

    Without an account it is the public, whatever the groups.
    """
    if not account:
        return Person(PUBLIC)
    there = set(groups)
    named = [person for name, person in allowances.groups.items() if name in there]
    found = allowances.people.get(account) or next(iter(named), Person(allowances.everybody))
    return replace(found, account=account)


READING = frozenset({"quarantine", "narrow"})
"""Actions that write nothing."""


def without_roles(matrix: Matrix, *, alone: bool) -> Matrix:
    """
    Give what an installation without roles allows: its one person is the administrator.

    On the machine itself (`alone`) that is everything; where others reach it, everything that
    only reads, with personal data masked and without rows as they were brought.
    """

    def open_to_all(sort: str, name: str) -> bool:
        writes = sort == ACTIONS and name not in READING
        raw = sort == COLUMNS or (sort, name) in AS_BROUGHT
        return alone or not (writes or raw)

    return Matrix(
        {
            sort: {name: frozenset({ADMIN} if open_to_all(sort, name) else ()) for name in names}
            for sort, names in matrix.allowed.items()
        },
        {ADMIN: EVERY_ROW},
    )
