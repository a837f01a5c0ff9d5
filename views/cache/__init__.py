"""
The only caches. Keys are plain values; what they hold is read-only for everyone.

A city is known by its folder and a stamp of its files, so that a changed file is read
anew; everything else by the choice it answers. Cached frames are shared by all sessions:
nothing may change them.
"""

from views.cache.city import Knowledge, city, knowledge, prepared, words
from views.cache.facilities import (
    Compared,
    assessment,
    capacity,
    chosen_rules,
    comparison,
    gaps,
    offered,
    preparation,
    robustness,
    to_add,
    walks,
    zone_communities,
    zones,
)
from views.cache.issues import (
    alerts,
    cases,
    categories,
    change,
    clusters,
    emerging,
    look_back,
    oversight,
    periods,
    prediction,
    priority,
    silence,
    surface,
    survey,
)
from views.cache.map_contents import (
    areas_url,
    capacity_contents,
    comparison_contents,
    coverage_contents,
    warm_up,
    zone_url,
)

__all__ = [
    "Compared",
    "Knowledge",
    "alerts",
    "areas_url",
    "assessment",
    "capacity",
    "capacity_contents",
    "cases",
    "categories",
    "change",
    "chosen_rules",
    "city",
    "clusters",
    "comparison",
    "comparison_contents",
    "coverage_contents",
    "emerging",
    "gaps",
    "knowledge",
    "look_back",
    "offered",
    "oversight",
    "periods",
    "prediction",
    "preparation",
    "prepared",
    "priority",
    "robustness",
    "silence",
    "surface",
    "survey",
    "to_add",
    "walks",
    "warm_up",
    "words",
    "zone_communities",
    "zone_url",
    "zones",
]
