"""
Who and when: which facilities serve whom a supply filter names, and at its hour.

A filter asks something of each facility: to have what its kind calls a condition (accessible,
female stalls …), to be of a class or better, to be open at a minute of the week. A kind is
asked only what it declares. The answer is yes, no, or unknown where the data do not tell; an
unknown one is neither supply nor missing, and the figures become a band.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from analysis.access.opening_hours import NO_HOLIDAYS, Holidays, open_at, write_moment
from analysis.model.contracts import SUPPLY_STATUS
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import geopandas as gpd

    from analysis.model.standards import Kind

SEPARATOR = "; "
CLASS, HOURS, DAYS = "class", "hours", "days"
"""Types of columns that a filter reads."""


@dataclass(frozen=True)
class SupplyFilter:
    """
    What is asked of a facility; the empty filter asks nothing.

    Attributes
    ----------
    only
        Conditions, columns of kinds: a flag must be set, a number above 0.
    least_class
        Name of a class: this or better. Empty for any.
    at
        Weekday (0 is Monday) and minute of the day at which it must be open, or `None`.
    on
        Date of that day (`2026-10-01`), or empty for any week.
    """

    only: tuple[str, ...] = ()
    least_class: str = ""
    at: tuple[int, int] | None = None
    on: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything is asked."""
        return self != ANY

    def record(self) -> dict[str, str]:
        """
        Write the filter as every result states it.

        Returns
        -------
        record
            `only`, `least_class` and `at` as text; empty where nothing is asked.
        """
        at = "" if self.at is None else write_moment(self.at, self.on)
        return {"only": SEPARATOR.join(self.only), "least_class": self.least_class, "at": at}


ANY = SupplyFilter()
"""Asks nothing."""


@dataclass(frozen=True, eq=False)
class FilterResult:
    """
    A filter and the answers of a city's facilities.

    Attributes
    ----------
    supply_filter
        The filter.
    by_kind
        What of it each kind was asked.
    fits
        True, False or missing where the data do not tell; on the index of the facilities.
    unread
        By kind, facilities whose opening hours are missing or not understood, closed ones
        left out; without an hour asked for, none are.
    """

    supply_filter: SupplyFilter
    by_kind: Mapping[str, SupplyFilter]
    fits: pd.Series[bool]
    unread: Mapping[str, int] = field(default_factory=dict)


def apply_filter(
    facilities: gpd.GeoDataFrame,
    kinds: Mapping[str, Kind],
    supply_filter: SupplyFilter,
    *,
    holidays: Holidays = NO_HOLIDAYS,
) -> FilterResult:
    """
    Ask every facility what a filter asks.

    Parameters
    ----------
    facilities
        Every kind and status.
    kinds
        Of the city, by identifier.
    supply_filter
        The filter.
    holidays
        What is known of holidays, where the filter names a date.

    Returns
    -------
    filter_result
        With an answer for every facility; of a kind that declares nothing of what is asked,
        and for the empty filter, it is True.

    Raises
    ------
    SettingsError
        If no kind of the city declares a condition or class that is asked for.
    """
    _check(supply_filter, kinds.values())
    fits = pd.Series(True, index=facilities.index, dtype="boolean", name="fits")  # noqa: FBT003
    by_kind, unread = {}, {}
    for kind in kinds.values():
        part = by_kind[kind.id] = applicable_filter(kind, supply_filter)
        rows = facilities[facilities["kind"] == kind.id]
        answer = _answers(rows, kind, part)
        if part.at is not None:
            states = _open(rows, kind, part, holidays)
            answer &= states["is_open"]
            serving = rows["status"].isin(SUPPLY_STATUS)
            unread[kind.id] = int((serving & ~states["is_read"]).sum())
        fits[rows.index] = answer
    return FilterResult(supply_filter, by_kind, fits, unread)


def applicable_filter(kind: Kind, supply_filter: SupplyFilter) -> SupplyFilter:
    """
    Tell what of a filter a kind can be asked.

    Parameters
    ----------
    kind
        With its conditions, classes and columns.
    supply_filter
        The filter.

    Returns
    -------
    part
        Without what the kind does not declare; the class by its `class_id`.
    """
    place = _place(kind, supply_filter.least_class)
    return replace(
        supply_filter,
        only=tuple(name for name in supply_filter.only if name in kind.conditions),
        least_class="" if place is None else class_id(kind.classes[place]),
        at=supply_filter.at if kind.column(HOURS) else None,
        on=supply_filter.on if kind.column(HOURS) else "",
    )


def class_id(names: Mapping[str, str]) -> str:
    """
    Give the name by which results call a class.

    Parameters
    ----------
    names
        By language.

    Returns
    -------
    name
        The first.
    """
    return next(iter(names.values()))


class FilterOptions(NamedTuple):
    """What a city's data on a kind can be asked: conditions, whether of class, of hours."""

    only: tuple[str, ...]
    classes: bool
    hours: bool


def filter_options(facilities: gpd.GeoDataFrame, kind: Kind) -> FilterOptions:
    """
    Tell what the data of a city can answer.

    Parameters
    ----------
    facilities
        Every kind and status.
    kind
        Which kind.

    Returns
    -------
    filter_options
        What at least one facility of the kind has a value for.
    """
    rows = facilities[facilities["kind"] == kind.id]
    known = {name for names in kind.classes for name in names.values()}
    return FilterOptions(
        only=tuple(
            name for name in kind.conditions if _has(rows, name, kind.columns[name]).notna().any()
        ),
        classes=bool(_texts(rows, kind.column(CLASS)).isin(known).any()),
        hours=bool((_texts(rows, kind.column(HOURS)) != "").any()),
    )


def _check(supply_filter: SupplyFilter, kinds: Collection[Kind]) -> None:
    conditions = sorted({name for kind in kinds for name in kind.conditions})
    classes = [name for kind in kinds for names in kind.classes for name in names.values()]
    hint, named = "Name one of these.", ", ".join(conditions) or "none"
    for name in supply_filter.only:
        if name not in conditions:
            msg = f"No kind of this city has the condition {name!r}; allowed are {named}."
            raise SettingsError(
                msg, problem="condition_unknown", hint=hint, found=name, allowed=named
            )
    least, named = supply_filter.least_class, ", ".join(classes) or "none"
    if least and least not in classes:
        msg = f"No kind of this city has the class {least!r}; allowed are {named}."
        raise SettingsError(msg, problem="class_unknown", hint=hint, found=least, allowed=named)


def _place(kind: Kind, name: str) -> int | None:
    """Place of a class by any of its names, the best first."""
    return next((n for n, names in enumerate(kind.classes) if name in names.values()), None)


def _answers(rows: gpd.GeoDataFrame, kind: Kind, part: SupplyFilter) -> pd.Series[bool]:
    answer = pd.Series(True, index=rows.index, dtype="boolean")  # noqa: FBT003
    for column in part.only:
        answer &= _has(rows, column, kind.columns[column])
    least = _place(kind, part.least_class)
    if least is not None:
        places = {name: n for n, names in enumerate(kind.classes) for name in names.values()}
        answer &= _texts(rows, kind.column(CLASS)).map(places).astype("Int64") <= least
    return answer


def _open(
    rows: gpd.GeoDataFrame, kind: Kind, part: SupplyFilter, holidays: Holidays
) -> pd.DataFrame:
    weekday, minute = part.at or (0, 0)
    texts, days = (_texts(rows, kind.column(what)) for what in (HOURS, DAYS))
    on = dt.date.fromisoformat(part.on) if part.on else None
    return open_at(texts, days, weekday=weekday, minute=minute, on=on, holidays=holidays)


def _has(rows: gpd.GeoDataFrame, column: str, what: str) -> pd.Series[bool]:
    if column not in rows:
        return pd.Series(pd.NA, index=rows.index, dtype="boolean")
    if what == "flag":
        flags: pd.Series[bool] = rows[column].astype("boolean")
        return flags
    some: pd.Series[bool] = pd.to_numeric(rows[column]).astype("Float64") > 0
    return some


def _texts(rows: gpd.GeoDataFrame, column: str) -> pd.Series[str]:
    if column not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    texts: pd.Series[str] = rows[column].fillna("").astype("str")
    return texts
