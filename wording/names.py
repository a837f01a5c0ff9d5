"""Names from the data in the reader's language, where the data have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from wording.numbers import NOTHING, count, percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    import geopandas as gpd

    from analysis.access.supply_filter import SupplyFilter
    from analysis.model.standards import Kind, Rule
    from layers.city import City
    from wording.speaker import Speaker


def with_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame, language: str) -> pd.DataFrame:
    """
    Put the names of communities and parents into the reader's language.

    Parameters
    ----------
    rows
        With `community_id`, `community` and `parent`, or only `name` and `parent` on the
        index of the communities.
    communities
        Where they come from; `name_en` and `parent_en` are optional.
    language
        `zh` or `en`.

    Returns
    -------
    rows
        A copy where anything changes. A name without an English form stays as it is.
    """
    key = rows["community_id"] if "community_id" in rows else rows.index.to_series()
    changes = {}
    for column in ("community", "name", "parent"):
        source = f"{'name' if column == 'community' else column}_{language}"
        if column in rows and source in communities:
            names = key.map(communities[source])
            changes[column] = names.where(names.notna() & (names != ""), rows[column])
    return rows.assign(**changes) if changes else rows


def full_name(name: str, parent: str) -> str:
    """
    Write a community with what it is part of.

    Parameters
    ----------
    name, parent
        Either may be missing or empty: then the other stands alone.

    Returns
    -------
    text
        Plain text.

    Examples
    --------
    >>> full_name("Mingde", "North"), full_name("Mingde", "")
    ('Mingde · North', 'Mingde')
    """
    return " · ".join(part for part in (name, parent) if isinstance(part, str) and part)


def full_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame, language: str) -> list[str]:
    """
    Write the community of each row with what it is part of.

    Parameters
    ----------
    rows, communities, language
        As in `with_names`; the rows name communities.

    Returns
    -------
    names
        One a row, as `full_name` writes them.
    """
    named = with_names(rows, communities, language)
    pairs = zip(named["community"], named["parent"], strict=True)
    return [full_name(name, parent) for name, parent in pairs]


def with_closure_names(closures: pd.DataFrame, city: City, language: str) -> pd.DataFrame:
    """
    Put the names in a table of closures into the reader's language.

    Parameters
    ----------
    closures
        Of `analysis.coverage.robustness.Robustness`.
    city
        Where the names come from.
    language
        `zh` or `en`.

    Returns
    -------
    closures
        A copy where anything changes.
    """
    named = with_names(closures, city.communities, language)
    if f"name_{language}" in city.facilities:
        names = named["facility_id"].map(city.facilities[f"name_{language}"])
        named = named.assign(facility=names.where(names.fillna("") != "", named["facility"]))
    shown = with_names(city.communities, city.communities, language)["name"]
    known = dict(zip(city.communities["name"], shown, strict=True))

    def told(text: str) -> str:
        parts = (part.rpartition(": ") for part in text.split("; "))
        return "; ".join(f"{known.get(name, name)}: {people}" for name, _, people in parts)

    return named.assign(lost_in=named["lost_in"].map(told))


def with_places(rows: pd.DataFrame, city: City, language: str) -> pd.DataFrame:
    """
    Put the names of hot places into the reader's language.

    Parameters
    ----------
    rows
        Of the table of places.
    city
        Its communities and streets.
    language
        `zh` or `en`.

    Returns
    -------
    rows
        As from `with_names`, with the names of streets.
    """
    named, streets = with_names(rows, city.communities, language), city.streets
    other = f"name_{language}"
    if streets is None or other not in streets:
        return named
    known = dict(zip(streets["name"], streets[other], strict=True))
    return named.assign(street=[known.get(name) or name for name in named["street"]])


def place_name(row: Mapping[Hashable, Any]) -> str:
    """
    Name a hot place by its street, else by its community.

    Parameters
    ----------
    row
        Of the table of places.

    Returns
    -------
    name
        Plain text.
    """
    street, community = row["street"], row["community"]
    return f"{street} · {community}" if street else str(community)


def facility_names(facilities: gpd.GeoDataFrame, language: str) -> pd.Series[str]:
    """
    Give the names of facilities in the reader's language.

    Parameters
    ----------
    facilities
        With `name`; `name_en` is optional.
    language
        `zh` or `en`.

    Returns
    -------
    names
        On the index of the facilities; a name without another form stays as it is.
    """
    names: pd.Series[str] = facilities["name"]
    if f"name_{language}" in facilities:
        other = facilities[f"name_{language}"]
        names = other.where(other != "", names)
    return names


def gap_text(say: Speaker, row: pd.Series) -> str:
    """
    Name the gap of a community, with what stands there and does not serve.

    Parameters
    ----------
    say
        Speaks the reader's language.
    row
        Of the coverage table.

    Returns
    -------
    text
        Plain text; a dash where the rule is met.
    """
    if row["verdict"] != "fails":
        return NOTHING
    name = say(f"gap.{row['gap_type']}")
    idle = row["facilities_idle"]  # missing by walking distance
    known = pd.notna(idle) and idle > 0
    return say("gap.idle", gap=name, count=count(idle)) if known else name


def unjudged_text(say: Speaker, number: int) -> str:
    """
    Write behind a count of communities that meet a rule how many could not be judged.

    Parameters
    ----------
    say
        Speaks the reader's language.
    number
        Of communities.

    Returns
    -------
    text
        To be put behind that count; empty where all were judged.
    """
    return say("coverage.unjudged", count=count(number)) if number > 0 else ""


def lacking_text(say: Speaker, row: pd.Series, kind: Kind) -> str:
    """
    Write what is still lacking to meet a rule.

    Parameters
    ----------
    say
        Speaks the reader's language.
    row
        Of the coverage table or the summary: `shortfall`, `shortfall_unit`,
        `facilities_to_add`.
    kind
        Of its rule.

    Returns
    -------
    text
        Plain text; a dash where nothing is lacking or nothing is known.
    """
    if not row["shortfall"] > 0:
        return NOTHING
    amount = max(1, row["shortfall"])
    unit = say.of(kind.capacity_unit) if kind.capacity else ""
    text = say(f"lacking.{row['shortfall_unit']}", n=count(amount), unit=unit)
    sites = row["facilities_to_add"]
    if row["shortfall_unit"] != "people" or pd.isna(sites):
        return text
    return say("lacking.with_sites", lacking=text, n=count(sites))


def asked_text(say: Speaker, part: SupplyFilter, kind: Kind) -> str:
    """
    Write what is asked of the facilities of a kind.

    Parameters
    ----------
    say
        Speaks the reader's language.
    part
        What this kind is asked (`analysis.access.supply_filter.part_of`).
    kind
        With the names of its conditions and classes.

    Returns
    -------
    text
        Plain text; empty for nothing.
    """
    parts = [say.of(kind.conditions[name]) for name in part.only]
    least = [names for names in kind.classes if part.least_class in names.values()]
    parts += [say("asked.class", name=say.of(names)) for names in least]
    if part.at is not None:
        parts.append(say("asked.at", moment=moment_text(say, part.at)))
    return say("asked.and").join(parts)


def moment_text(say: Speaker, moment: tuple[int, int]) -> str:
    """
    Write a weekday and a time of day.

    Parameters
    ----------
    say
        Speaks the reader's language.
    moment
        Weekday, 0 is Monday, and minute of the day.

    Returns
    -------
    text
        Plain text.
    """
    weekday, minute = moment
    return f"{say(f'weekday.day_{weekday}')} {minute // 60:02d}:{minute % 60:02d}"


def minimum_text(rule: Rule) -> str:
    """
    Write a rule's minimum as people read it.

    Parameters
    ----------
    rule
        Any rule.

    Returns
    -------
    text
        Percent for shares, else a plain number.
    """
    if rule.figure.endswith("_share"):
        return percent(rule.minimum, digits=0)
    return f"{rule.minimum:g}"
