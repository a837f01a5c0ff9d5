"""Names from the data in the reader's language, where the data have them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from analysis.model.levels import LEVELS, levels_of
from analysis.model.question import PRIORITY_PARTS
from layers.knowledge.taxonomy import category_names
from layers.languages import written_as
from wording.numbers import NOTHING, count

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from typing import Any

    import geopandas as gpd

    from analysis.access.supply_filter import SupplyFilter
    from analysis.model.figures import Figure
    from analysis.model.standards import Kind, Rule
    from layers.city import City
    from wording.speaker import Speaker

CATEGORIES = ("category", "top_category", "second_category", "third_category")
"""Columns of tables of results that hold the category of cases, as the data write it."""


def in_language(rows: pd.DataFrame, city: City, language: str) -> pd.DataFrame:
    """Put every name that a table of results holds into the reader's language."""
    rows = _with_categories(rows, language)
    if "lost_in" in rows:
        return with_closure_names(rows, city, language)
    if "street" in rows:
        return with_places(rows, city, language)
    if "zone_id" in rows and city.zones is not None:
        return rows.assign(zone=_chosen(rows["zone"], rows["zone_id"], city.zones, language))
    if {"level", "name", "communities"} <= set(rows):
        return with_area_names(rows, city, language)
    if "facility_id" in rows and "name" in rows:
        names = _chosen(rows["name"], rows["facility_id"], city.facilities, language)
        return rows.assign(name=names)
    return with_names(rows, city.communities, language) if "community_id" in rows else rows


def _with_categories(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Name the categories of cases that the taxonomy knows; others stay as they are."""
    columns = [column for column in CATEGORIES if column in rows]
    if not columns:
        return rows
    names = {own: known[language] for own, known in category_names().items()}
    return rows.assign(
        **{column: [names.get(each, each) for each in rows[column]] for column in columns}
    )


def _chosen(
    own: pd.Series, identifiers: pd.Series, named: pd.DataFrame, language: str, column: str = "name"
) -> pd.Series:
    """Take names from the column of a language, and where it has none as they are."""
    source = f"{column}_{written_as(language)}"
    if source not in named:
        return own
    names = identifiers.map(named[source])
    return names.where(names.notna() & (names != ""), own)


def with_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame, language: str) -> pd.DataFrame:
    """Put the names of communities and parents into the reader's language."""
    key = rows["community_id"] if "community_id" in rows else rows.index.to_series()
    sources = {"community": "name", "name": "name", "parent": "parent"}
    changes = {
        column: _chosen(rows[column], key, communities, language, source)
        for column, source in sources.items()
        if column in rows
    }
    named = rows.assign(**changes) if changes else rows
    return _with_parents(named, key.isin(communities.index), communities, language)


def _with_parents(
    rows: pd.DataFrame, placed: pd.Series[bool], communities: gpd.GeoDataFrame, language: str
) -> pd.DataFrame:
    """Name the parents of rows that are of no community, such as a survey of a district."""
    if "parent" not in rows or placed.all():
        return rows
    known = known_names(communities, language)["parent"]
    return rows.assign(
        parent=rows["parent"].where(placed, rows["parent"].map(lambda name: known.get(name, name)))
    )


def known_names(communities: gpd.GeoDataFrame, language: str) -> dict[str, dict[str, str]]:
    """Give names in the reader's language by a table's column, for rows that are no community."""
    ending = written_as(language)
    names = {
        own: dict(zip(communities[own], communities[f"{own}_{ending}"], strict=True))
        for own in ("name", *levels_of(communities))
        if f"{own}_{ending}" in communities
    }
    shown = {
        own: {place: text for place, text in each.items() if text} for own, each in names.items()
    }
    levels = {level: shown.get(level, {}) for level in LEVELS}
    of_all = {name: text for level in reversed(LEVELS) for name, text in levels[level].items()}
    return {"community": shown.get("name", {}), **levels, "name": of_all}


def with_area_names(rows: pd.DataFrame, city: City, language: str) -> pd.DataFrame:
    """Put the areas of every level into the reader's language, and call levels as the city does."""
    names, called = known_names(city.communities, language), level_names(city, language)
    pairs = zip(rows["level"], rows["name"], strict=True)
    told = [names[level].get(name, name) if level in LEVELS else name for level, name in pairs]
    return rows.assign(name=told, level=rows["level"].replace(called))


def level_names(city: City, language: str) -> dict[str, str]:
    """Give what the recipe calls the levels above communities; none where it does not say."""
    return {level: names[language] for level, names in zip(LEVELS, city.levels, strict=False)}


def distinct_names(names: Sequence[str], marks: Sequence[str]) -> list[str]:
    """
    Write names, with their mark where several are the same.

    Examples
    --------
    >>> distinct_names(["Mingde", "Xingfu", "Xingfu"], ["North", "North", "South"])
    ['Mingde', 'Xingfu · North', 'Xingfu · South']
    """
    often = Counter(names)
    return [
        f"{name} · {mark}" if often[name] > 1 and mark else name
        for name, mark in zip(names, marks, strict=True)
    ]


def full_name(name: str, parent: str) -> str:
    """
    Write a community with what it is part of.

    Examples
    --------
    >>> full_name("Mingde", "North"), full_name("Mingde", "")
    ('Mingde · North', 'Mingde')
    """
    return " · ".join(part for part in (name, parent) if isinstance(part, str) and part)


def full_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame, language: str) -> list[str]:
    """Write the community of each row with what it is part of."""
    named = with_names(rows, communities, language)
    pairs = zip(named["community"], named["parent"], strict=True)
    return [full_name(name, parent) for name, parent in pairs]


def with_closure_names(closures: pd.DataFrame, city: City, language: str) -> pd.DataFrame:
    """Put the names in a table of closures into the reader's language."""
    named = with_names(closures, city.communities, language).copy()
    named["facility"] = _chosen(named["facility"], named["facility_id"], city.facilities, language)
    shown = with_names(city.communities, city.communities, language)["name"]
    known = dict(zip(city.communities["name"], shown, strict=True))

    def in_language_of(text: str) -> str:
        parts = (part.rpartition(": ") for part in text.split("; "))
        return "; ".join(
            f"{known.get(name, name)}: {count(float(people), language=language)}"
            for name, _, people in parts
            if people
        )

    return named.assign(lost_in=named["lost_in"].map(in_language_of))


def unit_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame, language: str) -> pd.Series[str]:
    """Name units as they are, and the communities among them in the reader's language."""
    known = rows.assign(community_id=rows["unit_id"].where(rows["level"] == "community"))
    names: pd.Series[str] = with_names(known, communities, language)["name"]
    return names


def with_places(rows: pd.DataFrame, city: City, language: str) -> pd.DataFrame:
    """Put the names of hot places into the reader's language."""
    named, streets = with_names(rows, city.communities, language), city.streets
    other = f"name_{written_as(language)}"
    if streets is None or other not in streets:
        return named
    known = dict(zip(streets["name"], streets[other], strict=True))
    return named.assign(street=[known.get(name) or name for name in named["street"]])


def place_name(row: Mapping[Hashable, Any]) -> str:
    """Name a hot place by its street, else by its community."""
    street, community = row["street"], row["community"]
    return f"{street} · {community}" if street else str(community)


def facility_names(facilities: gpd.GeoDataFrame, language: str) -> pd.Series[str]:
    """Give the names of facilities in the reader's language."""
    return _chosen(facilities["name"], facilities.index.to_series(), facilities, language)


def zone_name(zones: gpd.GeoDataFrame | None, zone: str, language: str) -> str:
    """Name a zone in the reader's language."""
    if not zone or zones is None:
        return ""
    return str(facility_names(zones.loc[[zone]], language).iloc[0])


def gap_text(translate: Speaker, row: pd.Series) -> str:
    """Name the gap of a community, with what stands there and does not serve."""
    if row["verdict"] != "fails":
        return NOTHING
    name = translate(f"gap.{row['gap_type']}")
    idle = row["facilities_idle"]  # missing by walking distance
    known = pd.notna(idle) and idle > 0
    return translate("gap.idle", gap=name, count=translate.count(idle)) if known else name


def unjudged_text(translate: Speaker, number: int) -> str:
    """Write behind a count of communities that meet a rule how many could not be judged."""
    return translate("coverage.unjudged", count=translate.count(number)) if number > 0 else ""


def lacking_text(
    translate: Speaker, row: pd.Series, kind: Kind, *, together: int | None = None
) -> str:
    """
    Write what is still lacking to meet a rule.

    Facilities to add are told of one community, counted for it alone. Their sum over communities
    is more than what is needed, so of several is told how few do `together`, where that is known.
    """
    if not row["shortfall"] > 0:
        return NOTHING
    amount = max(1, row["shortfall"])
    unit = translate.of(kind.capacity_unit) if kind.capacity else ""
    text = translate(f"lacking.{row['shortfall_unit']}", n=translate.count(amount), unit=unit)
    summed = "communities" in row
    sites = together if summed else row["facilities_to_add"]
    if row["shortfall_unit"] != "people" or pd.isna(sites):
        return text
    key = "lacking.with_together" if summed else "lacking.with_sites"
    return translate(key, lacking=text, n=translate.count(sites))


def asked_text(translate: Speaker, part: SupplyFilter, kind: Kind) -> str:
    """Write what is asked of the facilities of a kind."""
    parts = [translate.of(kind.conditions[name]) for name in part.only]
    least = [names for names in kind.classes if part.least_class in names.values()]
    parts += [translate("asked.class", name=translate.of(names)) for names in least]
    if part.at is not None:
        parts.append(translate("asked.at", moment=moment_text(translate, part.at, part.on)))
    return translate("asked.and").join(parts)


def moment_text(translate: Speaker, moment: tuple[int, int], on: str = "") -> str:
    """Write a weekday, or a date, and a time of day."""
    weekday, minute = moment
    day = translate.day(pd.Timestamp(on)) if on else translate(f"weekday.day_{weekday}")
    return f"{day} {minute // 60:02d}:{minute % 60:02d}"


def reach_text(translate: Speaker, service_radius: float, measure: str) -> str:
    """Name a service radius with the measure of distance that it is meant by."""
    return translate(f"measure.within_{measure}", radius=translate.metres(service_radius))


def figure_by(translate: Speaker, figure: Figure, measure: str) -> str:
    """Name a figure, and the measure of distance where it is about reach."""
    name = translate(f"figure.{figure}")
    if not figure.needs_radius:
        return name
    return translate("measure.figure_by", figure=name, measure=translate(f"measure.{measure}"))


def minimum_text(translate: Speaker, rule: Rule) -> str:
    """Write what a rule asks of its figure."""
    least = figure_text(translate, rule.minimum, rule, digits=0)
    return f"{translate(f'figure.{rule.figure}')} ≥ {least}"


def figure_text(translate: Speaker, value: float, rule: Rule, *, digits: int = 1) -> str:
    """Write a value of a rule's figure, a share with so many decimals."""
    return value_text(translate, value, rule.figure, digits=digits)


def value_text(translate: Speaker, value: float, figure: Figure, *, digits: int = 1) -> str:
    """Write a value of a figure, a share with so many decimals."""
    if figure.share:
        return translate.share(value, digits=digits)
    return translate.number(value, most=2)


def priority_text(translate: Speaker, part: str, row: Mapping[Hashable, Any]) -> str:
    """Write what one part of the joint priority counts in a community, and over how many."""
    value = row[f"{part}_value"]
    if pd.isna(value):
        return translate("priority.unknown")
    if part not in PRIORITY_PARTS[2:]:  # the two that are shares
        return translate(f"priority.{part}_value", n=translate.count(value))
    hits, n = row[f"{part}_hits"], row[f"{part}_n"]
    facts = {"hits": translate.count(hits), "n": translate.count(n)}
    return translate("priority.share", share=translate.share(hits / n), **facts)
