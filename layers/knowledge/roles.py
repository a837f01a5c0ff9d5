"""Reads who may what: the matrix of the product, and what an office says of its people."""

from __future__ import annotations

import hashlib
import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.model.errors import SettingsError
from analysis.model.roles import (
    OF_PARENT,
    OF_UNIT,
    PUBLIC,
    ROLES,
    ROWS,
    SORTS,
    Allowances,
    LogIn,
    Matrix,
    Person,
    Proxy,
)
from layers.toml_entry import Entry, read_toml, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).resolve().parents[2] / "data"
FILE_NAME = "roles.toml"
KEYS = (*SORTS, "rows", "login", "people", "groups", "everybody")
LOGIN_KEYS = ("local", "provider", "claim", "groups", "proxy")
PROXY_KEYS = ("header", "addresses", "groups")
PERSON_KEYS = ("role", "units", "parents")
WIDEST = 1 << 20


def usual_matrix(path: Path = DATA / FILE_NAME) -> Matrix:
    """Read what each role may, as the product has it."""
    table = Entry(read_toml(_read(path), entry=path.name), path.name, (*SORTS, "rows"))
    allowed = {sort: _roles_by_name(table, sort, None) for sort in SORTS}
    return Matrix(allowed, _rows(table))


def load_allowances(path: Path) -> Allowances:
    """Read what an office says: its people, how they log in, and where its matrix differs."""
    data = _read(path)
    usual = usual_matrix()
    table = Entry(read_toml(data, entry=path.name), path.name, KEYS)
    allowed = {
        sort: {**usual.allowed[sort], **_roles_by_name(table, sort, usual.names(sort))}
        for sort in SORTS
    }
    matrix = Matrix(allowed, {**usual.rows, **_rows(table)})
    login = _login(table)
    _check_used(path.name, login)
    everybody = table.text("everybody", PUBLIC)
    return Allowances(
        matrix,
        login,
        people=_people(table, "people", matrix),
        groups=_people(table, "groups", matrix),
        everybody=_known_role(everybody, path.name),
        digest=hashlib.sha256(data).hexdigest(),
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(WIDEST + 1)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        hint = "Restore it, or set CITY_ROLES to the file that says who may what."
        raise SettingsError(
            msg, problem="roles_missing", hint=hint, file=str(path), found=str(error.strerror)
        ) from error
    if len(data) > WIDEST:
        msg = f"{path} is too long: more than {WIDEST:,} bytes."
        hint = "Name groups instead of single people."
        raise SettingsError(msg, problem="roles_large", hint=hint, file=str(path), most=WIDEST)
    return data


def _roles_by_name(
    table: Entry, sort: str, known: Iterable[str] | None
) -> dict[str, frozenset[str]]:
    """Read one sort of the matrix; an office may change what there is, and add nothing."""
    name = f"{table.name}: {sort}"
    found = table.list_mapping(sort)
    if known is not None:
        for each in found:
            if each not in known:
                raise unknown(each, known, entry=name, what="name", problem="roles_unknown")
    return {
        each: frozenset(_known_role(role, f"{name}: {each}") for role in roles)
        for each, roles in found.items()
    }


def _known_role(role: str, entry: str) -> str:
    if role not in ROLES:
        raise unknown(role, ROLES, entry=entry, what="role", problem="roles_unknown")
    return role


def _rows(table: Entry) -> dict[str, str]:
    rows = {}
    entry = f"{table.name}: rows"
    for role, found in table.text_mapping("rows").items():
        if found not in ROWS:
            name = f"{entry}: {role}"
            raise unknown(found, ROWS, entry=name, what="rows", problem="roles_unknown")
        rows[_known_role(role, entry)] = found
    return rows


def _people(table: Entry, key: str, matrix: Matrix) -> dict[str, Person]:
    found = {}
    for account, value in table.mapping(key).items():
        name = f"{table.name}: {key}: {account}"
        if not isinstance(value, dict):
            entry = Entry(table.mapping(key), f"{table.name}: {key}", table.mapping(key))
            raise entry.wrong(key=account, allowed='a table { role = "viewer" }')
        found[account] = _person(Entry(value, name, PERSON_KEYS), matrix)
    return found


def _person(entry: Entry, matrix: Matrix) -> Person:
    role = _known_role(entry.text("role", None), entry.name)
    units, parents = frozenset(entry.texts("units")), frozenset(entry.texts("parents"))
    for rows, key, stated in ((OF_UNIT, "units", units), (OF_PARENT, "parents", parents)):
        if matrix.rows.get(role) == rows and not stated:
            raise entry.wrong(key=key, allowed=f"a list of {key}: the role {role} sees their rows")
    return Person(role, units=units, parents=parents)


def _login(table: Entry) -> LogIn:
    entry = Entry(table.mapping("login"), f"{table.name}: login", LOGIN_KEYS)
    stated = entry.mapping("proxy")
    return LogIn(
        local=_flag(entry, "local"),
        provider=_flag(entry, "provider"),
        claim=entry.text("claim", "email"),
        groups=entry.text("groups"),
        proxy=_proxy(Entry(stated, f"{entry.name}: proxy", PROXY_KEYS)) if stated else None,
    )


def _flag(entry: Entry, key: str) -> bool:
    value = entry.table.get(key, False)
    if not isinstance(value, bool):
        raise entry.wrong(key=key, allowed="true or false")
    return value


def _proxy(entry: Entry) -> Proxy:
    addresses = entry.texts("addresses")
    for each in addresses:
        try:
            ipaddress.ip_address(each)
        except ValueError:
            raise entry.wrong(key="addresses", allowed="addresses such as 127.0.0.1") from None
    if not addresses:
        raise entry.wrong(key="addresses", allowed="addresses such as 127.0.0.1")
    return Proxy(entry.text("header", None), frozenset(addresses), entry.text("groups"))


def _check_used(file: str, login: LogIn) -> None:
    if login.local or login.provider or login.proxy:
        return
    msg = f"{file}: login switches no way to log in on; allowed are local, provider and proxy."
    hint = "Write local = true under [login] for accounts of this installation."
    raise SettingsError(msg, problem="roles_no_login", hint=hint, entry=file)
