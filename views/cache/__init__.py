"""
The only caches. Keys are plain values; what they hold is read-only for everyone.

A city is known by its folder and a stamp of its files, so that a changed file is read
anew; everything else by the choice it answers. Cached frames are shared by all sessions:
nothing may change them.
"""

from views.cache.city import Knowledge, city, knowledge, prepared, words
from views.cache.facilities import (
    assessment,
    capacity,
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
    case_handling,
    cases,
    categories,
    clusters,
    emerging,
    follow_up_issues,
    hotspot_result,
    periods,
    prediction,
    priority,
    surface,
    trends,
    under_reporting,
)
from views.cache.map_payloads import (
    areas_url,
    capacity_payloads,
    comparison_payloads,
    coverage_payloads,
    warm_up,
    zone_url,
)

__all__ = [
    "Knowledge",
    "alerts",
    "areas_url",
    "assessment",
    "capacity",
    "capacity_payloads",
    "case_handling",
    "cases",
    "categories",
    "city",
    "clusters",
    "comparison",
    "comparison_payloads",
    "coverage_payloads",
    "emerging",
    "follow_up_issues",
    "gaps",
    "hotspot_result",
    "knowledge",
    "offered",
    "periods",
    "prediction",
    "preparation",
    "prepared",
    "priority",
    "robustness",
    "surface",
    "to_add",
    "trends",
    "under_reporting",
    "walks",
    "warm_up",
    "words",
    "zone_communities",
    "zone_url",
    "zones",
]
