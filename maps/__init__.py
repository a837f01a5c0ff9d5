"""Specifies: what a map shows, and the page that shows it without a server. Knows no screen."""

__all__ = [
    "canvas",
    "capacity",
    "clusters",
    "colours",
    "coverage",
    "documents",
    "editions",
    "followup",
    "geometry",
    "handling",
    "home",
    "hotspots",
    "palette",
    "payloads",
    "priority",
    "robustness",
    "spec",
    "spec_json",
    "store",
    "trends",
]
