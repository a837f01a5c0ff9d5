"""The standard of a title as clauses: what each asks for, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

WORKS = (
    "mechanism", "health", "environment", "pollution", "places", "food_water", "services",
)  # fmt: skip
"""
The seven key works: mechanisms, health promotion, environment, pollution, key places, food and
water, public health services.
"""
COMPUTED, ENTERED, SURVEY, NO_WAY = WAYS = ("computed", "entered", "survey", "none")
"""
How a clause is judged: by a figure of this product, by a value that the office enters, by a
survey, or not at all.
"""
AT_LEAST, AT_MOST = COMPARISONS = ("min", "max")
RULE_VALUE, RULE_SHARE = "rule_value", "rule_share"
CHECK_RATE, CLOSE_RATE, ON_TIME_RATE = "check_rate", "close_rate", "on_time_close_rate"
RELAPSE, HOT_PLACES = "relapse", "hot_places"
RECTIFIED, KNOWN_BEFORE = "rectified", "known_before"
OF_A_RULE = (RULE_VALUE, RULE_SHARE)
CLAUSE_FIGURES = (
    *OF_A_RULE, CHECK_RATE, CLOSE_RATE, ON_TIME_RATE, RELAPSE, HOT_PLACES, RECTIFIED, KNOWN_BEFORE,
)  # fmt: skip
"""
What can be computed for a clause: the city's figure of a rule of coverage, the share of
communities that meet the rule; of the reports of the last year the share checked, closed of those
due, closed in time of those due; the share of closings that came back; hot places; of the latest
round of inspectors the share rectified, and the share that own checks had known before.
"""
SHARE, COUNT, NUMBER, FLAG = CLAUSE_UNITS = ("share", "count", "number", "flag")
"""Units of a clause; of a flag 1 is yes."""
THRESHOLD_BASIS = ("standard", "project")
"""Whether the document states the threshold, or it is this project's or the office's reading."""


@dataclass(frozen=True)
class Clause:
    """
    One clause of a standard.

    Attributes
    ----------
    id
        Unique within the standard.
    text
        What it asks for, by language.
    work
        One of `WORKS`.
    judged
        One of `WAYS`.
    weight
        How much it counts, above 0.
    veto
        Whether failing it alone costs the title.
    figure
        One of `CLAUSE_FIGURES`, where it is computed.
    standard, rule
        Of the rule of coverage, where the figure is one of `OF_A_RULE`.
    question
        Of the survey, where it is judged by one.
    comparison, threshold
        It is met from the threshold up (`min`) or down (`max`); without a threshold nothing can
        be judged.
    unit, unit_name
        One of `CLAUSE_UNITS`; what a number counts, by language.
    months
        An entered value older than that judges nothing; 0: values do not age.
    basis
        One of `THRESHOLD_BASIS`.
    source, confidence
        Where the clause was read, by language, and one of `analysis.model.standards.CONFIDENCE`.
    note
        What to know, by language; may be empty.
    """

    id: str
    text: Mapping[str, str]
    work: str
    judged: str
    source: Mapping[str, str]
    confidence: str
    basis: str
    weight: float = 1.0
    veto: bool = False
    figure: str = ""
    standard: str = ""
    rule: str = ""
    question: str = ""
    comparison: str = AT_LEAST
    threshold: float | None = None
    unit: str = SHARE
    unit_name: Mapping[str, str] = field(default_factory=dict)
    months: int = 0
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TitleStandard:
    """
    The standard of a title.

    Attributes
    ----------
    id
        Name of its file.
    title, note
        What it is called, and what to know of the file, by language.
    publisher, document, date
        Of the document.
    clauses
        In the order of the file.
    """

    id: str
    title: Mapping[str, str]
    publisher: str
    document: str
    date: str
    clauses: tuple[Clause, ...]
    note: Mapping[str, str] = field(default_factory=dict)

    def clause(self, name: str) -> Clause | None:
        """
        Find a clause.

        Parameters
        ----------
        name
            Its identifier.

        Returns
        -------
        clause
            `None` where there is none of that name.
        """
        return next((each for each in self.clauses if each.id == name), None)


@dataclass(frozen=True)
class Title:
    """
    The title that a city holds or strives for.

    Attributes
    ----------
    standard
        Its clauses.
    year
        In which it was given; `None` where the city has not got it yet.
    review
        Day of the next review; `None` where it is not known.
    """

    standard: TitleStandard
    year: int | None = None
    review: dt.date | None = None
