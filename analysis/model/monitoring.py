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
class Named:
    """What data may write in several ways: its code, its name in each language, other names."""

    id: str
    name: Mapping[str, str]
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that data may call it."""
        return (self.id, *self.name.values(), *self.aliases)


@dataclass(frozen=True)
class Indicator(Named):
    """What is measured, and its limits."""

    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class Network(Named):
    """
    What measures.

    `sampled` tells whether its results are samples of something greater, drawn one by one, so that
    a share has an interval; a station that records without a pause draws none.
    """

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


def plain_unit(unit: str) -> str:
    """
    Give the plain form of a unit, in which two are compared.

    Parameters
    ----------
    unit
        As it is written.

    Returns
    -------
    plain
        Without spaces, signs and the two ways to write micro; a unit in words stays as it is.

    Examples
    --------
    >>> plain_unit("\u03bcg/m\u00b3"), plain_unit("mg / L")
    ('ug/m3', 'mg/l')
    """
    text = unit.casefold().replace("\u00b5", "u").replace("\u03bc", "u")
    for sign, plain in (("\u00b3", "3"), ("\u00b2", "2"), ("\u2103", "\u00b0c"), (" ", "")):
        text = text.replace(sign, plain)
    return text
