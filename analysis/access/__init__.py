"""Who reaches what: residents, land, supply, distance, the prepared city."""

__all__ = [
    "land",
    "opening_hours",
    "prepared_city",
    "proximity",
    "residents",
    "street_network",
    "supply",
    "supply_filter",
    "walking",
    "walking_pairs",
]
