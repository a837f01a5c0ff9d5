"""The shape of a coverage standard and of a facility kind. Their content is data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.figures import Figure

AREA, BUILT_UP = "area", "built_up"
"""What densities are over: `area_m2`, or the built-up area within it."""
CONFIDENCE = ("high", "medium", "low")
LANDS = ("", BUILT_UP)
"""Land that a rule may count over: the whole community, or its built-up area."""
RADII_M = (1.0, 1_000_000.0)


@dataclass(frozen=True)
class Kind:
    """
    A kind of facility, one table in `data/kinds.toml`.

    Attributes
    ----------
    id
        Stable key, as in `--service-radius toilet=500`.
    name
        By language, `zh` and `en`.
    colour
        `#rrggbb`, the same on every page, chart and export.
    icon
        One character shown beside the name.
    columns
        Optional columns of the kind: type (`number`, `flag`, `text`, `class`, `hours`,
        `days`) by column.
    conditions
        Columns that supply can be narrowed to (a flag set, a number above 0): name by
        language.
    classes
        From the best to the lowest, names by language; data may use any of them.
    capacity, capacity_unit
        The one of them that says how many a facility can serve at a time, or empty; and
        what it counts, by language.
    female, male
        Columns of numbers: the part of the capacity for women, and for men; or empty.
    accessible
        Column of flags: whether the facility is accessible; or empty.
    osm
        Tags of the kind in OpenStreetMap, each `key=value`.
    osm_columns
        Optional columns that OpenStreetMap knows: a key, `key=value|value` for a flag that is
        set with one of these values and not with another, or `addr:*` for the address.
    """

    id: str
    name: Mapping[str, str]
    colour: str
    icon: str
    columns: Mapping[str, str] = field(default_factory=dict)
    capacity: str = ""
    capacity_unit: Mapping[str, str] = field(default_factory=dict)
    female: str = ""
    male: str = ""
    accessible: str = ""
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    classes: tuple[Mapping[str, str], ...] = ()
    osm: tuple[str, ...] = ()
    osm_columns: Mapping[str, str] = field(default_factory=dict)

    def column(self, what: str) -> str:
        """
        Find the column of a type.

        Parameters
        ----------
        what
            Such as `hours`.

        Returns
        -------
        column
            The first one, or empty.
        """
        return next((name for name, each in self.columns.items() if each == what), "")

    def counted(self, figure: Figure) -> tuple[str, ...]:
        """
        Tell from which columns of the facilities a figure is made.

        Parameters
        ----------
        figure
            Any.

        Returns
        -------
        columns
            None for figures that are made from none, and for those that the kind does not
            declare all columns of.
        """
        columns = tuple(getattr(self, attribute) for attribute, _ in figure.made_from)
        return columns if all(columns) else ()


@dataclass(frozen=True)
class Distance:
    """
    How a document measures the distance of a rule.

    Attributes
    ----------
    measure
        One of `analysis.model.question.MEASURES`.
    clause, source, confidence
        Where that was read, and how sure it is, as in `Rule`.
    """

    measure: str
    clause: Mapping[str, str]
    source: Mapping[str, str]
    confidence: str


@dataclass(frozen=True)
class Rule:
    """
    One demand of a standard on every community.

    Attributes
    ----------
    id
        Unique within the standard.
    kind
        Facility kind it is about.
    figure
        Which it sets a minimum for, one of `analysis.model.figures.FIGURES`.
    minimum
        The community meets the rule at this value or more (shares 0-1).
    minimum_basis
        `standard` if the document itself sets the minimum, `project` if the document
        does not set it, mostly giving only a radius, and it is this project's editable reading.
    service_radius_m
        Greatest distance served, in metres; `None` where the rule has none.
    target_share
        Share of communities that must meet it for the city to do so, or `None`.
    title
        By language.
    land
        `built_up` if the document means the figure over the built-up area
        (`Figure.own_land`); where the city has no layer for it the whole community counts,
        and the result says so.
    clause, source, confidence, note
        Where it was read, how sure that is (`CONFIDENCE`), and what to know; texts by
        language.
    columns
        Columns of the facilities that the figure is made from (`Kind.counted`); filled in
        when the standard is read.
    distance
        How the document measures the distance; `None` where nothing is stated, or the rule has
        no radius.
    """

    id: str
    kind: str
    figure: Figure
    minimum: float
    minimum_basis: str
    title: Mapping[str, str]
    clause: Mapping[str, str]
    source: Mapping[str, str]
    confidence: str
    service_radius_m: float | None = None
    target_share: float | None = None
    land: str = ""
    note: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    distance: Distance | None = None


@dataclass(frozen=True)
class Standard:
    """
    A coverage standard, one file in `data/standards/`.

    Attributes
    ----------
    id
        Stem of the file's name.
    title
        By language.
    publisher, document, date
        Who set it, which document, which edition.
    rules
        At least one.
    own
        Whether it is a city's own, and not shared by all cities.
    """

    id: str
    title: Mapping[str, str]
    publisher: str
    document: str
    date: str
    rules: tuple[Rule, ...]
    own: bool = False


def with_service_radius(standard: Standard, radii: Mapping[str, float]) -> Standard:
    """
    Override the service radius of every reach rule of the kinds named.

    Parameters
    ----------
    standard
        The standard to start from; it is not changed.
    radii
        Service radius in metres by kind.

    Returns
    -------
    standard
        A copy. Rules on figures without reach (densities) keep no radius.

    Raises
    ------
    SettingsError
        If a kind has no reach rule in the standard, or a radius is not within `RADII_M`.
    """
    reach_kinds = {rule.kind for rule in standard.rules if rule.figure.needs_radius}
    for kind, radius in radii.items():
        if kind not in reach_kinds:
            allowed = ", ".join(sorted(reach_kinds)) or "none"
            msg = (
                f"service radius: {standard.id} has no reach rule for {kind!r};"
                f" allowed are {allowed}."
            )
            raise SettingsError(
                msg,
                problem="radius_kind",
                hint="Name one of these kinds, or choose another standard.",
                standard=standard.id,
                found=kind,
                allowed=allowed,
            )
        least, most = RADII_M
        if not least <= radius <= most:
            msg = (
                f"service radius: {kind}={radius:.15g} m; allowed are {least:,.0f} to"
                f" {most:,.0f} m."
            )
            raise SettingsError(
                msg,
                problem="radius_value",
                hint="Give the radius in metres.",
                kind=kind,
                found=radius,
                least=least,
                most=most,
            )
    rules = tuple(
        _at_radius(rule, radii[rule.kind])
        if rule.kind in radii and rule.figure.needs_radius
        else rule
        for rule in standard.rules
    )
    return replace(standard, rules=rules)


def _at_radius(rule: Rule, radius: float) -> Rule:
    """Put a radius in place of a rule's own, also where its title names that."""
    own = rule.service_radius_m or 0
    written = re.compile(rf"\b(?:{own:,.15g}|{own:.15g})(?=\s*(?:m\b|米))")
    title = {
        language: written.sub(f"{radius:.15g}" if language != "en" else f"{radius:,.15g}", text)
        for language, text in rule.title.items()
    }
    return replace(rule, service_radius_m=radius, title=title)


def one_rule(standard: Standard, rule: str, *, service_radius: float = 0.0) -> Standard:
    """
    Narrow a standard to one of its rules.

    Parameters
    ----------
    standard
        It is not changed.
    rule
        Identifier of the rule.
    service_radius
        Metres, in place of the rule's own if it has one; 0 leaves that.

    Returns
    -------
    standard
        A copy with this rule alone.

    Raises
    ------
    SettingsError
        If the radius is not within `RADII_M`.
    """
    chosen = tuple(each for each in standard.rules if each.id == rule)
    narrowed = replace(standard, rules=chosen)
    if service_radius and chosen[0].service_radius_m is not None:
        return with_service_radius(narrowed, {chosen[0].kind: service_radius})
    return narrowed
