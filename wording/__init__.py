"""Speaks: the catalogue of sentences, names, numbers and escaping. Knows no screen."""

__all__ = [
    "campaigns",
    "catalogue",
    "escape",
    "findings",
    "frontage",
    "ladder",
    "layer_names",
    "levels",
    "log",
    "missing_rows",
    "monitoring",
    "names",
    "numbers",
    "quoted",
    "readiness",
    "rounds",
    "speaker",
    "survey",
    "tasks",
]
