"""What surveys of residents are judged by: topics, thresholds, least number of answers, period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Topic:
    """
    A question that surveys ask, as far as the rules know it.

    Attributes
    ----------
    id, name, aliases
        Its code, its name in each language, and how else data may call it.
    threshold
        Least share of those who say yes; missing where nothing states one.
    source, clause, confidence
        Where the threshold is from, in each language, and how far that can be relied on.
    """

    id: str
    name: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    threshold: float | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    clause: Mapping[str, str] = field(default_factory=dict)
    confidence: str = ""


@dataclass(frozen=True)
class SurveyRules:
    """
    The rules of a city's surveys.

    Attributes
    ----------
    topics
        By their code.
    least
        Effective answers below which no figure is given.
    margin
        Half the width of an interval that a survey should reach, as a share.
    period
        One of `analysis.model.calendar_periods.PERIODS`.
    """

    topics: Mapping[str, Topic] = field(default_factory=dict)
    least: int = 30
    margin: float = 0.05
    period: str = "quarter"
