"""The map workspace: facilities and issues on the ground, in every mode."""

__all__ = [
    "capacity",
    "clusters",
    "coverage",
    "editions",
    "hotspots",
    "robustness",
    "siting",
    "trends",
    "underreporting",
    "whatif",
]
