"""`[[campaigns]]` of `city.toml`: names, dates, categories and area, as far as they stand alone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from analysis.model.errors import SettingsError
from layers.languages import WRITTEN, in_every_language
from layers.recipe.schema import AREA_KEYS, CAMPAIGN_KEYS, FILE_NAME, CampaignRecipe
from layers.recipe.tried import tried_date, tried_files
from layers.toml_entry import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping


def parse_campaigns(entry: Entry) -> tuple[CampaignRecipe, ...]:
    """Read the campaigns of a recipe, and refuse two of one name."""
    tables = entry.table.get("campaigns", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise entry.wrong(key="campaigns", allowed="[[campaigns]] tables")
    recipes = tuple(_campaign(table, number) for number, table in enumerate(tables, start=1))
    first: dict[str, CampaignRecipe] = {}
    for recipe in recipes:
        for name in dict.fromkeys(recipe.name.values()):
            other = first.setdefault(name, recipe)
            if other is not recipe:
                msg = f"{recipe.entry}: {name!r} is the name of {other.entry} already."
                raise SettingsError(
                    msg,
                    problem="campaign_twice",
                    hint="Put the year or the area into the name.",
                    entry=recipe.entry,
                    found=name,
                    other=other.entry,
                )
    return recipes


def _campaign(table: Mapping[str, Any], number: int) -> CampaignRecipe:
    entry = Entry(table, f"{FILE_NAME}, campaign {number}", CAMPAIGN_KEYS)
    name = entry.text_mapping("name")
    if not set(WRITTEN) <= set(name) or not all(text.strip() for text in name.values()):
        raise entry.wrong(key="name", allowed="a name in zh and one in en")
    since, until = (_day(entry, key) for key in ("from", "to"))
    if until < since:
        msg = f"{entry.name}: it ends on {until}, before it begins on {since}."
        raise SettingsError(
            msg,
            problem="campaign_reversed",
            hint="Give the earlier day as `from`.",
            entry=entry.name,
            since=str(since),
            until=str(until),
        )
    area = Entry(entry.mapping("area"), f"{entry.name}, area", AREA_KEYS)
    if "area" in table and not area.table:
        raise entry.wrong(key="area", allowed="a table with parents, communities, zones or file")
    return CampaignRecipe(
        entry=entry.name,
        name=in_every_language({key: text.strip() for key, text in name.items()}),
        since=since,
        until=until,
        categories=entry.texts("categories"),
        parents=area.texts("parents"),
        communities=area.texts("communities"),
        zones=area.texts("zones"),
        files=tried_files(area, area.texts("file")) if area.texts("file") else (),
    )


def _day(entry: Entry, key: str) -> dt.date:
    text = tried_date(entry, key, whole=True)
    if not text:
        raise entry.wrong(key=key, allowed="YYYY-MM-DD")
    return dt.date.fromisoformat(text)
