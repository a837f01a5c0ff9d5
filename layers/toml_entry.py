"""Checks what a person wrote in TOML, and answers a slip with the near match."""

from __future__ import annotations

import difflib
import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def near_match(found: str, allowed: Iterable[str]) -> str:
    """
    Find the allowed name that was probably meant.

    Examples
    --------
    >>> near_match("Latitud", ["Latitude", "Longitude"])
    'Latitude'
    """
    names = {name.casefold(): name for name in allowed}
    near = difflib.get_close_matches(found.casefold(), names, n=1, cutoff=0.6)
    return names[near[0]] if near else ""


def ask_whether(near: str) -> str:
    """Ask whether a name was meant."""
    return f"did you mean {near!r}?" if near else ""


def unknown(
    found: str, allowed: Iterable[str], *, entry: str, what: str, problem: str
) -> SettingsError:
    """Make the error for a name that is none of those allowed."""
    allowed = tuple(allowed)
    near = near_match(found, allowed)
    listed = ", ".join(allowed)
    hint = ask_whether(near)
    msg = f"{entry}: {what} {found!r} is unknown; allowed are {listed}; {hint}".rstrip("; ")
    return SettingsError(
        msg,
        problem=problem,
        hint=hint,
        entry=entry,
        what=what,
        found=found,
        allowed=listed,
        near=near,
    )


def check_one_of(found: str, allowed: Iterable[str], *, entry: str, key: str) -> None:
    """Refuse a word that is none of those that a key may have."""
    allowed = tuple(allowed)
    if found not in allowed:
        raise unknown(found, allowed, entry=entry, what=key, problem="word_unknown")


def read_toml(data: bytes, *, entry: str) -> dict[str, Any]:
    """Parse TOML."""
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        msg = f"{entry} is not text in UTF-8: byte {error.start + 1} cannot be read."
        raise SettingsError(
            msg,
            problem="toml_encoding",
            hint="Save it anew, encoded as UTF-8.",
            entry=entry,
            byte=error.start + 1,
        ) from error
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        msg = f"{entry}: not valid TOML: {error}."
        raise SettingsError(
            msg, problem="toml_broken", hint="Correct that line.", entry=entry, found=str(error)
        ) from error


class Entry:
    """One table of TOML, whose values are asked for by key and type."""

    def __init__(self, table: Mapping[str, Any], name: str, allowed: Iterable[str]) -> None:
        self.table, self.name = table, name
        allowed = tuple(allowed)
        for key in table:
            if key not in allowed:
                raise unknown(
                    found=key, allowed=allowed, entry=name, what="key", problem="key_unknown"
                )

    def wrong(self, *, key: str, allowed: str) -> SettingsError:
        """Make the error for a wrong value."""
        found = repr(self.table.get(key))[:80]
        msg = f"{self.name}: {key} is {found}; allowed is {allowed}."
        return SettingsError(
            msg,
            problem="entry_wrong",
            hint="Correct it in the recipe.",
            entry=self.name,
            key=key,
            found=found,
            allowed=allowed,
        )

    def text(self, key: str, default: str | None = "") -> str:
        """Ask for a text or a date."""
        value = self.table.get(key, default)
        if isinstance(value, date):
            value = value.isoformat()
        if not isinstance(value, str) or (default is None and not value):
            raise self.wrong(key=key, allowed="a text")
        return value

    def one_of(self, key: str, allowed: Iterable[str], default: str = "") -> str:
        """Ask for one of some words; the default stands where nothing does."""
        value = self.text(key, default)
        if value != default:
            check_one_of(value, allowed, entry=self.name, key=key)
        return value

    def flag(self, key: str) -> bool:
        """Ask for true or false, which is what stands for nothing."""
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key=key, allowed="true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Ask for a text or a list of texts."""
        value = self.table.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key=key, allowed="a text or a list of texts")
        return tuple(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """Ask for a table."""
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key=key, allowed="a table { theirs = … }")
        return value

    def text_mapping(self, key: str) -> dict[str, str]:
        """Ask for a table of texts."""
        value = self.mapping(key)
        if not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(key=key, allowed="a table of texts")
        return value

    def list_mapping(self, key: str) -> dict[str, tuple[str, ...]]:
        """Ask for a table of texts or lists of texts."""
        value = self.mapping(key)
        return {name: Entry(value, f"{self.name}: {key}", value).texts(name) for name in value}
