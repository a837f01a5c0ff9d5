"""Reads what surveys are judged by: `data/taxonomy/survey.toml`, or a file of the city's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from analysis.model.calendar_periods import PERIODS
from analysis.model.survey import SurveyRules, Topic
from layers.languages import LANGUAGES, in_every_language
from layers.toml_entry import Entry, read_toml

if TYPE_CHECKING:
    from pathlib import Path

SURVEY_KEYS = ("least", "margin", "period", "topic")
TOPIC_KEYS = ("name", "aliases", "threshold", "source", "clause", "confidence")
CONFIDENCE = ("", "high", "medium", "low")
LEAST = (1, 10_000)
"""Least and most effective answers that a rule may ask for."""


def load_survey_rules(path: Path) -> SurveyRules:
    """Read topics, thresholds, least number of answers, margin and period."""
    table = read_toml(path.read_bytes(), entry=path.name)
    entry = Entry(table, path.name, SURVEY_KEYS)
    least, period = least_of(entry), entry.text("period")
    if period not in PERIODS:
        raise entry.wrong(key="period", allowed="month, quarter, half or year")
    margin, topics = table.get("margin"), entry.mapping("topic")
    if not _within(margin, 0.5):
        raise entry.wrong(key="margin", allowed="a share above 0 and below 0.5")
    return SurveyRules(
        topics={key: _topic(Entry(topics, path.name, topics), key, path.name) for key in topics},
        least=least,
        margin=margin,
        period=period,
    )


def least_of(entry: Entry) -> int:
    """Ask for the least number that a rate rests on."""
    least = entry.table.get("least")
    if not isinstance(least, int) or isinstance(least, bool) or not LEAST[0] <= least <= LEAST[1]:
        raise entry.wrong(key="least", allowed="a whole number from 1 to 10000")
    return least


def _topic(topics: Entry, key: str, file: str) -> Topic:
    own = Entry(topics.mapping(key), f"{file}, {key}", TOPIC_KEYS)
    names = in_every_language(own.text_mapping("name"))
    if not all(names.get(language) for language in LANGUAGES):
        raise own.wrong(key="name", allowed='a name in each language, { zh = "…", en = "…" }')
    confidence, threshold = own.text("confidence"), own.table.get("threshold")
    if threshold is not None and not _within(threshold, 1):
        raise own.wrong(key="threshold", allowed="a share above 0 and below 1")
    if confidence not in CONFIDENCE:
        raise own.wrong(key="confidence", allowed="high, medium or low")
    return Topic(
        id=key,
        name=names,
        aliases=own.texts("aliases"),
        threshold=threshold,
        source=in_every_language(own.text_mapping("source")),
        clause=in_every_language(own.text_mapping("clause")),
        confidence=confidence,
    )


def _within(found: object, highest: float) -> TypeGuard[float]:
    return isinstance(found, int | float) and not isinstance(found, bool) and 0 < found < highest
