"""Campaigns of a city: what its recipe names is looked up in its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from analysis.model.campaign import Campaign
from layers.site_files import read_zone
from layers.sources.files import find_files, read_file
from layers.toml_entry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from layers.city import City
    from layers.recipe.schema import CampaignRecipe, Recipe

Files = dict[str, tuple["Path", ...]]
"""Files of polygons, by the entry that names them."""


def campaign_files(recipe: Recipe, folders: Sequence[Path]) -> Files:
    """Find the files that campaigns name."""
    return {
        each.entry: tuple(
            path
            for name in each.files
            for path in find_files(name, folders=folders, entry=each.entry, url="")
        )
        for each in recipe.campaigns
    }


def file_marks(files: Files) -> bytes:
    """Give the hashes of the files, which are a part of what a city is made of."""
    return b"".join(
        read_file(path, name=path.name, entry=entry).sha256.encode()
        for entry, paths in files.items()
        for path in paths
    )


def load_campaigns(recipe: Recipe, city: City, files: Files) -> dict[str, Campaign]:
    """Make the campaigns of a city, by their identifiers."""
    made = [_campaign(each, city, files[each.entry]) for each in recipe.campaigns]
    return {campaign.id: campaign for campaign in made}


def find_campaign(campaigns: Mapping[str, Campaign], text: str, *, entry: str) -> Campaign:
    """Find a campaign by any of its names."""
    names = {name: each for each in campaigns.values() for name in each.name.values()}
    if text not in names:
        raise unknown(text, names, entry=entry, what="campaign", problem="campaign_unknown")
    return names[text]


def _campaign(recipe: CampaignRecipe, city: City, files: Iterable[Path]) -> Campaign:
    communities, entry = city.communities, recipe.entry
    used = set() if city.issues is None else set(city.issues["category"].dropna())
    known = dict.fromkeys([*sorted(map(str, used)), *city.taxonomy.known])
    _check(recipe.categories, known, entry=entry, what="category")
    parents = communities["parent"]
    _check(recipe.parents, sorted({*parents} - {""}), entry=entry, what="parent")
    _check(recipe.communities, communities.index, entry=entry, what="community")
    zones = () if city.zones is None else city.zones.index
    _check(recipe.zones, zones, entry=entry, what="zone")
    chosen = parents.isin(recipe.parents) | communities.index.isin(recipe.communities)
    shapes = [read_zone(path, city, entry=entry) for path in files]
    if city.zones is not None and recipe.zones:
        shapes += [*city.zones.geometry.loc[list(recipe.zones)]]
    return Campaign(
        id=recipe.name["zh"],
        name=recipe.name,
        since=recipe.since,
        until=recipe.until,
        categories=recipe.categories,
        communities=tuple(communities.index[chosen]),
        shape=shapely.union_all(shapes) if shapes else None,
    )


def _check(named: Iterable[str], known: Iterable[str], *, entry: str, what: str) -> None:
    known = list(known)
    for each in named:
        if each not in known:
            raise unknown(each, known, entry=entry, what=what, problem="campaign_part")
