"""Speaks one language: sentences, names of things, errors with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from wording import numbers
from wording.escape import markdown
from wording.plurals import Counted
from wording.quoted import quoted, quoted_facts, quoted_hint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.errors import PlanningError
    from wording.catalogue import Words


BY_NAME = {"task_state": "task.state"}
"""Errors whose allowed values are codes that everybody writes by name, and the group of names."""


@dataclass(frozen=True)
class Speaker:
    """
    Speaks one language.

    Attributes
    ----------
    words
        Every sentence in every language.
    language
        `zh` or `en`.
    """

    words: Words
    language: str

    def __call__(self, key: str, /, **facts: object) -> str:
        """Say a sentence."""
        return self.words(self.language, key, **facts)

    def markdown(self, key: str, /, **facts: object) -> str:
        """Say a sentence that Streamlit will read as Markdown."""
        safe = {name: self._safe(name, fact) for name, fact in facts.items()}
        return self.words(self.language, key, **safe)

    def _safe(self, name: str, fact: object) -> str:
        text = numbers.written(name, fact, language=self.language)
        plain = markdown(str(text))
        return Counted(plain, text.form) if isinstance(text, Counted) else plain

    def count(self, value: float) -> str:
        """Write a whole number."""
        return numbers.count(value, language=self.language)

    def decimal(self, value: float, *, digits: int = 1) -> str:
        """Write a number with a fixed count of decimals."""
        return numbers.decimal(value, digits=digits, language=self.language)

    def number(self, value: float, *, most: int = 4) -> str:
        """Write a number with the decimals that it has, so many at most."""
        return numbers.number(value, most=most, language=self.language)

    def span(self, low: float, high: float) -> str:
        """Write a class from one number to another, of three significant digits."""
        return f"{self.number(low)}–{self.number(float(f'{high:.3g}'))}"

    def significant(self, value: float, *, digits: int = 2) -> str:
        """Write a small number, such as a q-value, with its first significant digits."""
        return f"{value:.{digits}g}"

    def share(self, value: float, *, digits: int = 1) -> str:
        """Write a share from 0 to 1; only all reads 100 %, only nothing 0 %."""
        return numbers.share(value, digits=digits)

    def shares(self, low: float, high: float, *, digits: int = 1) -> str:
        """Write the limits of a share."""
        if pd.isna(low) or pd.isna(high):
            return numbers.NOTHING
        return f"{self.share(low, digits=digits)}–{self.share(high, digits=digits)}"

    def signed(self, value: float, *, digits: int = 1) -> str:
        """Write a difference with its sign."""
        return numbers.signed(value, digits=digits, language=self.language)

    def metres(self, value: float) -> str:
        """Write a length in metres."""
        return numbers.metres(value, language=self.language)

    def day(self, value: pd.Timestamp) -> str:
        """Write a day."""
        return numbers.day(value)

    def long_day(self, value: pd.Timestamp) -> str:
        """Write the day that a paper is of, as its language does below a text."""
        month = self("paper.months").split()[value.month - 1]
        return self("paper.long_day", year=str(value.year), month=month, day=str(value.day))

    def of(self, texts: Mapping[str, str]) -> str:
        """Choose a text that data holds in several languages."""
        return texts.get(self.language) or next(iter(texts.values()), "")

    def markdown_error(self, error: PlanningError) -> str:
        """Say what is wrong and what to do, as safe Markdown."""
        hint = self.markdown("error.what_to_do", hint=self.hint(error))
        return f"{markdown(self.error(error))}  \n{hint}"

    def error(self, error: PlanningError) -> str:
        """Say what is wrong, as plain text."""
        key = f"error.{error.problem}"
        if key not in self.words:
            return quoted(error)
        facts = quoted_facts(error.facts)
        if isinstance(allowed := facts.get("allowed"), str):
            facts["allowed"] = self._allowed(error.problem, allowed)
        if (key_of_found := f"{BY_NAME.get(error.problem)}_{facts.get('found')}") in self.words:
            facts["found"] = self(key_of_found)
        if isinstance(reasons := facts.get("reasons"), dict):
            facts["found"] = self._reasons(str(facts["found"]), reasons)
        text, within = self(key, **facts), facts.get("within")
        return self("error.within", folder=within, text=text) if within else text

    def _allowed(self, problem: str, allowed: str) -> str:
        if group := BY_NAME.get(problem):
            names = [self(f"{group}_{code}") for code in allowed.split(", ")]
            return self("paper.between").join(names)
        return self.words.reworded(self.language, "allowed", allowed)

    def _reasons(self, found: str, reasons: Mapping[str, Mapping[str, object]]) -> str:
        """Say in words what rules a text names by their codes."""
        for rule, facts in reasons.items():
            found = found.replace(rule, self.note(rule, facts))
        return found

    def note(self, rule: str, facts: Mapping[str, object]) -> str:
        """Say what loading did or saw in a layer, with our columns and their types by name."""
        said = dict(facts)
        columns = dict.fromkeys(("column", "level", "above"), "ours")
        for fact, group in (columns | {"type": "column_type"}).items():
            if (key := f"{group}.{said.get(fact)}") in self.words:
                said[fact] = self(key)
        return self(f"note.{rule}", **said)

    def hint(self, error: PlanningError) -> str:
        """Say what to do about it, as plain text."""
        key = "hint.did_you_mean" if error.facts.get("near") else f"hint.{error.problem}"
        if key not in self.words:
            return quoted_hint(error)
        return self(key, **quoted_facts(error.facts))
