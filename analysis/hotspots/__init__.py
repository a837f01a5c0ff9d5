"""Where issues concentrate beyond chance: Gi*, rates, places, density, clusters."""

__all__ = [
    "cells",
    "clusters",
    "density",
    "getis_ord",
    "grid",
    "grid_choices",
    "lattice",
    "places",
    "rate_spread",
    "recipe",
    "scan",
]
