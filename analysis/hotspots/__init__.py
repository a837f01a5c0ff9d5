"""Where issues concentrate beyond chance: Gi*, rates, places, density, clusters."""

__all__ = [
    "cells",
    "clusters",
    "density",
    "getis_ord",
    "grid",
    "lattice",
    "places",
    "recipe",
    "scan",
]
