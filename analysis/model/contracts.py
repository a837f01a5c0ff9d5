"""
What each frame holds, and the checks that hold it to that.

=============  ==============  ==========================  =====================================
frame          index           where                       columns (unit)
=============  ==============  ==========================  =====================================
communities    community_id    valid (Multi)Polygon        name, parent (and `analysis.model.levels`
                                                           above it); population (people) or absent
facilities     facility_id     Point                       kind, name, status; optional columns
                                                           of the kind
residents      resident_id     x, y (m)                    population (people); where the source
                                                           has them `GROUPS` (people), `INCOME`
issues         issue_id        x, y (m) or both missing    category, reported_at, due_at,
                                                           closed_at, verified_at (times with
                                                           zone), status, unit, source, text
streets        edge            LineString                  from_node, to_node, length_m, walkable,
                                                           name, name_en; climb_m or absent
land layers    land_id         valid (Multi)Polygon        name
zones          zone_id         valid (Multi)Polygon        name, unique; name_en or absent
survey         answer_id       none                        level, area, asked_at (time with zone),
                                                           topic, n, yes (people), weight, single
frontages      frontage_id     Point or (Multi)LineString  name, street, unit, signed, result,
                                                           checked_at (time with zone), length_m
readings       reading_id      `x`, `y` in metres          station, name, network, indicator,
                                                           taken_at (time with zone), value, sign,
                                                           value_unit, reading, upper_limit,
                                                           lower_limit, limit, result
=============  ==============  ==========================  =====================================

Issues may have more, where the source does: `stage` of the loop (one of `STAGES`),
`source_level` (one of `SOURCE_LEVELS`), `inspection` (the round), `leader`, `severity`,
`community`, `parent` (as the source names them), `community_id` (which that is),
`due_basis` (`stated`, `computed` or empty), all text and empty where not known, and the
time `handled_at`.
A row of a survey is a count of answers, or one answer (`single`, with n = 1 and its weight);
`level` is one of `SURVEY_LEVELS`, and `area` a community's identifier, the name of a parent, or
empty for the city. Land layers are `water`, `residential` and `built_up`.

All frames of one city are in one metric CRS (`analysis.model.crs`). Identifiers are unique text.
`status` of a facility is one of `FACILITY_STATUS`; only `SUPPLY_STATUS` counts as supply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.model.crs import check_crs
from analysis.model.errors import ColumnError, CrsError, GeometryError, IdentifierError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import numpy.typing as npt

GROUPS = ("children", "elderly", "women", "disabled", "low_income")
"""Columns of residents that count people of a group; any of them may be absent."""
INCOME = "income"
"""Column of residents: income of a person, in any unit."""
FACILITY_STATUS = ("open", "closed", "planned", "unknown")
SUPPLY_STATUS = ("open", "unknown")
"""An unknown status counts as supply, and the result says how many there are."""
ISSUE_STATUS = ("open", "closed", "unknown")
STAGES = (
    "reported", "accepted", "verified", "registered", "dispatched", "handled", "checked", "closed",
    "rework", "returned", "extended", "cancelled",
)  # fmt: skip
"""Of the loop: the report, the seven from acceptance to closing in order, then the ways off."""
SOURCE_LEVELS = ("public", "self", "city", "province", "national")
"""Who found it: the public, the places' own checks, or inspectors of a level."""
DUE_BASIS = ("stated", "computed")
CITY, PARENT, COMMUNITY = SURVEY_LEVELS = ("city", "parent", "community")
"""Whom an answer or a rate is of; `parent` is what is above communities."""
SURVEY_COLUMNS = ("level", "area", "asked_at", "topic", "n", "yes", "weight", "single")
COMMUNITY_COLUMNS = ("name", "parent")
FACILITY_COLUMNS = ("kind", "name", "status")
RESIDENT_COLUMNS = ("x", "y", "population")
TIME_COLUMNS = ("reported_at", "due_at", "closed_at", "verified_at")
ISSUE_COLUMNS = ("x", "y", "category", *TIME_COLUMNS, "status", "unit", "source", "text")
CODED_ISSUE_COLUMNS = {"stage": STAGES, "source_level": SOURCE_LEVELS, "due_basis": DUE_BASIS}
"""Optional, with the values allowed besides empty text."""
TEXT_ISSUE_COLUMNS = ("inspection", "leader", "severity", "community", "parent", "community_id")
"""Optional; the last three are the community that the source names, and its identifier."""
SIGNED = ("yes", "no")
PASS, FAIL = DUTY_RESULTS = ("pass", "fail")
"""What a check of frontage duty found."""
UNREAD = "unread"
"""A text that says something, and nobody can tell what."""
NUMBER, DETECTED, NOT_DETECTED = "number", "detected", "not_detected"
BELOW, AT_MOST = AMOUNT_BELOW = ("below", "at_most")
ABOVE, AT_LEAST = AMOUNT_ABOVE = ("above", "at_least")
VALUE_SIGNS = (NUMBER, *AMOUNT_BELOW, *AMOUNT_ABOVE, DETECTED, NOT_DETECTED, UNREAD)
"""What is known of a value: it itself, a bound of it, or only whether there is any."""
LIMIT_FORMS = ("stated", "other_unit", UNREAD)
"""What a row says of its limit: in the unit of its value, in another, or not to be read."""
READING_COLUMNS = (
    "station", "name", "network", "indicator", "taken_at", "value", "sign", "value_unit",
    "reading", "upper_limit", "lower_limit", "limit", "result", "x", "y",
)  # fmt: skip
FRONTAGE_COLUMNS = ("name", "street", "unit", "signed", "result", "checked_at", "length_m")
HANDLED = "handled_at"
"""Optional time."""
_FIRST = 1000
"""Texts that tell at once of most columns that they are in no order."""


def _check_index(frame: pd.DataFrame, *, name: str, index: str) -> None:
    if frame.index.name != index:
        msg = f"{name}: the index must be called {index}, found {frame.index.name!r}."
        raise IdentifierError(
            msg, problem="index_name", name=name, index=index, found=str(frame.index.name)
        )
    texts = _are_texts(frame.index)
    if not texts.all():
        found = repr(frame.index[~texts][0])
        msg = f"{name}: identifiers must be text, found {found}."
        raise IdentifierError(msg, problem="identifier_text", name=name, found=found)
    if not (rises(frame.index) or frame.index.is_unique):
        found = str(frame.index[frame.index.duplicated()][0])
        msg = f"{name}: the identifier {found!r} occurs more than once."
        raise IdentifierError(msg, problem="identifier_twice", name=name, found=found)


def stated(texts: pd.Series) -> pd.Series[bool]:
    """
    Tell where a text is known.

    Parameters
    ----------
    texts
        Such as the categories or the units of issues, empty or missing where not known.

    Returns
    -------
    stated
        On the index of `texts`.

    Examples
    --------
    >>> stated(pd.Series(["waste", "", None])).tolist()
    [True, False, False]
    """
    return texts.notna() & texts.ne("")


def rises(texts: pd.Index | pd.Series) -> bool:
    """
    Tell whether each text is greater than the one before: then no two are the same.

    Parameters
    ----------
    texts
        A column of texts; one of another type does not count as rising.

    Returns
    -------
    rises
        False where a text is missing, too.
    """
    held = texts.array
    if not isinstance(held.dtype, pd.StringDtype):
        return False
    for some in (held[:_FIRST], held):
        if not np.asarray(some[1:] > some[:-1], dtype=bool).all():
            return False
    return not held.isna().any()


def _are_texts(index: pd.Index) -> npt.NDArray[np.bool_]:
    """Tell which entries are text that is not empty; of a column of text no entry is looked at."""
    if isinstance(index.dtype, pd.StringDtype):
        return np.asarray(index.notna() & (index != ""), dtype=bool)
    return np.array([isinstance(value, str) and value != "" for value in index], dtype=bool)


def _check_columns(frame: pd.DataFrame, columns: Iterable[str], *, name: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        absent, present = ", ".join(missing), ", ".join(map(str, frame.columns))
        msg = f"{name}: missing {absent}; present are {present}."
        raise ColumnError(msg, problem="column_missing", name=name, missing=absent, present=present)


def _check_geometry(frame: gpd.GeoDataFrame, types: set[int], *, name: str, expected: str) -> None:
    geometry = frame.geometry.to_numpy()
    wrong = ~np.isin(shapely.get_type_id(geometry), list(types)) | shapely.is_empty(geometry)
    wrong |= ~shapely.is_valid(geometry)
    if wrong.any():
        first = frame.index[wrong][0]
        msg = f"{name}: {int(wrong.sum())} rows are not valid {expected}; the first is {first!r}."
        raise GeometryError(
            msg,
            problem="geometry_wrong",
            name=name,
            count=int(wrong.sum()),
            expected=expected,
            first=str(first),
        )


def _check_values(column: pd.Series, allowed: Iterable[str], *, name: str) -> None:
    allowed = tuple(allowed)
    wrong = ~column.isin(allowed)
    if wrong.any():
        found = str(column[wrong].iloc[0])
        msg = f"{name}: {column.name} is {found!r}; allowed are {', '.join(allowed)}."
        raise ColumnError(
            msg,
            problem="value_not_allowed",
            name=name,
            column=str(column.name),
            found=found,
            allowed=", ".join(allowed),
        )


def _check_numbers(frame: pd.DataFrame, column: str, *, name: str) -> None:
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        found = str(frame[column].to_numpy()[wrong][0])
        msg = f"{name}: {column} must be 0 or more, found {found} ({int(wrong.sum())} rows)."
        raise ColumnError(msg, problem="number_wrong", name=name, column=column, found=found)


def _check_zone(frame: pd.DataFrame, column: str, *, name: str) -> None:
    found = frame[column].dtype
    if not isinstance(found, pd.DatetimeTZDtype):
        msg = f"{name}: {column} must be times with a zone, found {found}."
        raise ColumnError(msg, problem="time_zone", name=name, column=column, found=str(found))


def check_communities(communities: gpd.GeoDataFrame) -> None:
    """
    Hold communities to their contract.

    Parameters
    ----------
    communities
        Polygons or multipolygons in a metric CRS.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    name = "communities"
    _check_columns(communities, COMMUNITY_COLUMNS, name=name)
    _check_index(communities, name=name, index="community_id")
    check_crs(communities.crs, bounds=communities.total_bounds, name=name)
    _check_geometry(communities, {3, 6}, name=name, expected="polygons")
    if "population" in communities.columns:
        known = communities[communities["population"].notna()]
        _check_numbers(known, "population", name=name)


def check_facilities(facilities: gpd.GeoDataFrame) -> None:
    """
    Hold facilities to their contract; a frame without rows is allowed.

    Parameters
    ----------
    facilities
        Points in a metric CRS.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    name = "facilities"
    _check_columns(facilities, FACILITY_COLUMNS, name=name)
    _check_index(facilities, name=name, index="facility_id")
    check_crs(facilities.crs, bounds=facilities.total_bounds, name=name)
    _check_geometry(facilities, {0}, name=name, expected="points")
    _check_values(facilities["status"], FACILITY_STATUS, name=name)


def check_residents(residents: pd.DataFrame) -> None:
    """
    Hold residents to their contract.

    Parameters
    ----------
    residents
        One row a lot, building, grid cell or small area: x, y in metres, people.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    name = "residents"
    _check_columns(residents, RESIDENT_COLUMNS, name=name)
    if residents.index.name != "resident_id" or not residents.index.is_unique:
        msg = f"{name}: the index must be a unique resident_id, found {residents.index.name!r}."
        raise IdentifierError(
            msg,
            problem="index_name",
            name=name,
            index="resident_id",
            found=str(residents.index.name),
        )
    _check_numbers(residents, "population", name=name)
    if not np.isfinite(residents[["x", "y"]].to_numpy(dtype=float)).all():
        msg = f"{name}: every row needs finite x and y in metres."
        raise GeometryError(msg, problem="coordinates_missing", name=name, count="", first="")


def check_issues(issues: pd.DataFrame) -> None:
    """
    Hold issues to their contract.

    Parameters
    ----------
    issues
        One row a report. `x` and `y` are metres, or both missing for a report that
        has no usable place. Optional columns are held to theirs where they are there.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    name = "issues"
    _check_columns(issues, ISSUE_COLUMNS, name=name)
    _check_index(issues, name=name, index="issue_id")
    _check_values(issues["status"], ISSUE_STATUS, name=name)
    for column, allowed in CODED_ISSUE_COLUMNS.items():
        if column in issues:
            _check_values(issues[column], ("", *allowed), name=name)
    for column in (*TIME_COLUMNS, *({HANDLED} & set(issues.columns))):
        _check_zone(issues, column, name=name)
    if (issues["x"].isna() != issues["y"].isna()).any():
        msg = f"{name}: x and y must both be there or both be missing."
        raise GeometryError(msg, problem="coordinates_missing", name=name, count="", first="")


def check_frontages(frontages: gpd.GeoDataFrame) -> None:
    """
    Hold shops and frontage lines to their contract.

    Parameters
    ----------
    frontages
        Points of shops or lines of frontages in a metric CRS, uniquely indexed by text. `signed`
        is one of `SIGNED` or empty, `result` one of `DUTY_RESULTS` or empty, `checked_at` a time
        with zone, `length_m` the length of the frontage, missing where it is not known.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    name = "frontages"
    _check_columns(frontages, FRONTAGE_COLUMNS, name=name)
    _check_index(frontages, name=name, index="frontage_id")
    check_crs(frontages.crs, bounds=frontages.total_bounds, name=name)
    _check_geometry(frontages, {0, 1, 5}, name=name, expected="points or lines")
    for column, allowed in (("signed", SIGNED), ("result", DUTY_RESULTS)):
        _check_values(frontages[column], ("", *allowed), name=f"{name}.{column}")


def check_readings(readings: pd.DataFrame) -> None:
    """
    Hold readings and samples to their contract.

    Parameters
    ----------
    readings
        One row a reading of one indicator at one place, or the result of a sample. `value` is
        missing where `sign` has no number; `reading` is how the source writes it.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    name = "readings"
    _check_columns(readings, READING_COLUMNS, name=name)
    _check_index(readings, name=name, index="reading_id")
    _check_zone(readings, "taken_at", name=name)
    for column, allowed in (
        ("sign", VALUE_SIGNS),
        ("limit", LIMIT_FORMS),
        ("result", (*DUTY_RESULTS, UNREAD)),
    ):
        _check_values(readings[column], ("", *allowed), name=f"{name}.{column}")
    if not np.isfinite(readings[["x", "y"]].to_numpy(dtype=float)).all():
        msg = f"{name}: x and y must be there."
        raise GeometryError(msg, problem="coordinates_missing", name=name, count="", first="")


def check_survey(answers: pd.DataFrame) -> None:
    """
    Hold the answers of surveys to their contract.

    Parameters
    ----------
    answers
        One row a count of answers, or a single one.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    name = "survey"
    _check_columns(answers, SURVEY_COLUMNS, name=name)
    _check_index(answers, name=name, index="answer_id")
    _check_values(answers["level"], SURVEY_LEVELS, name=name)
    _check_zone(answers, "asked_at", name=name)
    for column in ("n", "yes"):
        _check_numbers(answers, column, name=name)
    wrong = ~(answers["yes"] <= answers["n"]) | ~(answers["weight"] > 0)
    if wrong.any():
        row = answers[wrong].iloc[0]
        found = f"{row['yes']:g} / {row['n']:g}, {row['weight']:g}"
        msg = f"{name}: yes must be at most n and weight above 0, found {found}."
        raise ColumnError(msg, problem="number_wrong", name=name, column="yes", found=found)


def check_polygons(polygons: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, name: str) -> None:
    """
    Hold a layer of polygons to its contract.

    Parameters
    ----------
    polygons
        Polygons or multipolygons; they may overlap.
    communities
        In whose CRS they must be.
    name
        For messages.

    Raises
    ------
    FrameError
        The part of the contract that is broken, as its subclass.
    """
    _check_index(polygons, name=name, index="land_id")
    check_same_crs(communities, polygons)
    _check_geometry(polygons, {3, 6}, name=name, expected="polygons")


def check_same_crs(communities: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> None:
    """
    Refuse communities and facilities in different systems.

    Parameters
    ----------
    communities, facilities
        Frames of one city.

    Raises
    ------
    CrsError
        If their CRS differ.
    """
    if facilities.crs != communities.crs:
        msg = f"facilities are in {facilities.crs}, communities in {communities.crs}."
        raise CrsError(
            msg,
            problem="crs_differ",
            hint="Load both from one city.",
            first=str(communities.crs),
            second=str(facilities.crs),
        )
