"""
The only caches. Keys are plain values; what they hold is read-only for everyone.

A city is known by its folder and a stamp of its files, so that a changed file is read
anew; everything else by the choice it answers. Cached frames are shared by all sessions:
nothing may change them.
"""

from views.cache.allowances import allowances, product_matrix
from views.cache.city import (
    Knowledge,
    choose_city,
    cities,
    city,
    city_name,
    folder,
    here,
    knowledge,
    prepared,
    words,
)
from views.cache.facilities import (
    assessment,
    capacity,
    comparison,
    gaps,
    offered,
    preparation,
    robustness,
    walking,
    with_to_add,
    zone_communities,
    zones,
)
from views.cache.issues import cases, categories
from views.cache.kept_answers import answers
from views.cache.kept_tasks import log_end, proposed, store, tasks
from views.cache.map_payloads import (
    areas_url,
    capacity_payloads,
    comparison_payloads,
    coverage_payloads,
    ground_urls,
    warm_up,
    zone_url,
)

__all__ = [
    "Knowledge",
    "allowances",
    "answers",
    "areas_url",
    "assessment",
    "capacity",
    "capacity_payloads",
    "cases",
    "categories",
    "choose_city",
    "cities",
    "city",
    "city_name",
    "comparison",
    "comparison_payloads",
    "coverage_payloads",
    "folder",
    "gaps",
    "ground_urls",
    "here",
    "knowledge",
    "log_end",
    "offered",
    "preparation",
    "prepared",
    "product_matrix",
    "proposed",
    "robustness",
    "searches",
    "store",
    "tasks",
    "walking",
    "warm_up",
    "with_to_add",
    "words",
    "workers",
    "zone_communities",
    "zone_url",
    "zones",
]
