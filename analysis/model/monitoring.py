"""What readings and samples are judged by: limits with their source, networks, least number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Limit:
    """
    What an indicator must keep to, where its rows state no limit of their own.

    Attributes
    ----------
    network
        Code of the network that it holds for; empty: for every one.
    upper, lower
        Greatest and least value that keeps to it; at least one is there. An upper limit of 0 means
        that nothing may be detected.
    unit
        That values must be in: what is in another cannot be judged by it.
    source, confidence
        Where it is from, in each language, and how far that can be relied on.
    """

    network: str
    upper: float | None
    lower: float | None
    unit: str
    source: Mapping[str, str]
    confidence: str


@dataclass(frozen=True)
class Indicator:
    """What is measured: its code, its name in each language, other names, and its limits."""

    id: str
    name: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class Network:
    """
    What measures: its code, its name in each language, and other names.

    `sampled` tells whether its results are samples of something greater, drawn one by one, so that
    a share has an interval; a station that records without a pause draws none.
    """

    id: str
    name: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    sampled: bool = False


@dataclass(frozen=True)
class MonitoringRules:
    """
    The rules of a city's monitoring.

    Attributes
    ----------
    networks, indicators
        By their code.
    least
        Results that can be judged below which no share is given.
    """

    networks: Mapping[str, Network] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    least: int = 10
