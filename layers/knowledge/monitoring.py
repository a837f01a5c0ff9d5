"""Reads what monitoring is judged by: `data/taxonomy/monitoring.toml`, or a city's own file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.model.monitoring import Indicator, Limit, MonitoringRules, Network
from layers.knowledge.survey import CONFIDENCE, least_of
from layers.languages import LANGUAGES, in_every_language
from layers.toml_entry import Entry, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEYS = ("least", "network", "indicator")
NETWORK_KEYS = ("name", "aliases", "sampled")
INDICATOR_KEYS = ("name", "aliases", "limits")
LIMIT_KEYS = ("network", "upper", "lower", "unit", "source", "confidence")


def load_monitoring_rules(path: Path) -> MonitoringRules:
    """Read networks, indicators with their limits, and the least number of results."""
    entry = Entry(read_toml(path.read_bytes(), entry=path.name), path.name, KEYS)
    networks, indicators = entry.mapping("network"), entry.mapping("indicator")
    return MonitoringRules(
        networks={key: _network(networks, key, path.name) for key in networks},
        indicators={key: _indicator(indicators, key, path.name, networks) for key in indicators},
        least=least_of(entry),
    )


def _named(table: Mapping[str, Any], key: str, file: str, keys: tuple[str, ...]) -> Entry:
    """Take an entry that must have a name in each language."""
    own = Entry(Entry(table, file, table).mapping(key), f"{file}, {key}", keys)
    names = in_every_language(own.text_mapping("name"))
    if not all(names.get(language) for language in LANGUAGES):
        raise own.wrong(key="name", allowed='a name in each language, { zh = "…", en = "…" }')
    return own


def _network(table: Mapping[str, Any], key: str, file: str) -> Network:
    own = _named(table, key, file, NETWORK_KEYS)
    return Network(
        id=key,
        name=in_every_language(own.text_mapping("name")),
        aliases=own.texts("aliases"),
        sampled=own.flag("sampled"),
    )


def _indicator(
    table: Mapping[str, Any], key: str, file: str, networks: Mapping[str, Any]
) -> Indicator:
    own = _named(table, key, file, INDICATOR_KEYS)
    limits = own.table.get("limits", [])
    if not isinstance(limits, list) or not all(isinstance(each, dict) for each in limits):
        raise own.wrong(key="limits", allowed="a list of tables")
    found = [
        _limit(Entry(each, f"{own.name}, limits {at}", LIMIT_KEYS), networks)
        for at, each in enumerate(limits, start=1)
    ]
    meant = [limit.network for limit in found]
    if len(set(meant)) < len(meant) or ("" in meant and len(meant) > 1):
        raise own.wrong(key="limits", allowed="one limit for each network, or one for all of them")
    return Indicator(
        id=key,
        name=in_every_language(own.text_mapping("name")),
        aliases=own.texts("aliases"),
        limits=tuple(found),
    )


def _limit(own: Entry, networks: Mapping[str, Any]) -> Limit:
    """Read a limit; without its unit and where it is from it is none."""
    network = own.one_of("network", networks)
    bounds = {key: _bound(own, key) for key in ("upper", "lower")}
    upper, lower = bounds["upper"], bounds["lower"]
    if upper is None and lower is None:
        raise own.wrong(key="upper", allowed="a number; upper, lower or both are stated")
    if upper is not None and lower is not None and lower > upper:
        raise own.wrong(key="lower", allowed="a number up to that of upper")
    source = in_every_language(own.text_mapping("source"))
    if not any(source.values()):
        raise own.wrong(key="source", allowed='where it is from, { zh = "…", en = "…" }')
    confidence = own.text("confidence")
    if confidence not in CONFIDENCE[1:]:
        raise own.wrong(key="confidence", allowed="high, medium or low")
    if "unit" not in own.table:
        raise own.wrong(key="unit", allowed="the unit of values, empty for those without any")
    return Limit(network, upper, lower, own.text("unit"), source, confidence)


def _bound(own: Entry, key: str) -> float | None:
    found = own.table.get(key)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise own.wrong(key=key, allowed="a number")
    return float(found)
