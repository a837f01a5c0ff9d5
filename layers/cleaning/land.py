"""Makes the frames of polygons: water, residential land, built-up area, named zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

from layers.cleaning.geometry import clean_polygons
from layers.cleaning.identifiers import identify, loaded_rows

if TYPE_CHECKING:
    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea


def clean_land(layer: Layer, *, area: StudyArea) -> gpd.GeoDataFrame:
    """Make a layer of polygons."""
    identifiers = identify(layer, keep_twice=True)
    polygons = clean_polygons(layer.geometry, layer.account, crs=layer.crs, target=area.crs)
    columns = {**layer.texts("name"), **layer.translated("name_en", "name_zh")}
    frame = gpd.GeoDataFrame(columns, index=layer.ours.index, geometry=polygons, crs=area.crs)
    return loaded_rows(frame, identifiers, layer, index="land_id")


def join_zones(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the polygons of one name into one zone, under the identifier of the first."""
    named = polygons.assign(name=polygons["name"].where(polygons["name"] != "", polygons.index))
    named["zone_id"] = named.index
    zones = named.dissolve(by="name", sort=False).reset_index().set_index("zone_id")
    for translated in {"name_en", "name_zh"} & set(zones):
        zones[translated] = zones[translated].fillna("")
    return zones
