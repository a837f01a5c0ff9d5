"""Speaks one language: sentences, names of things, errors with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wording.escape import markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.errors import PlanningError
    from wording.catalogue import Words


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
        safe = {name: markdown(str(value)) for name, value in facts.items()}
        return self.words(self.language, key, **safe)

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
            return str(error)
        facts = dict(error.facts)
        if isinstance(allowed := facts.get("allowed"), str):
            facts["allowed"] = self.words.reworded(self.language, "allowed", allowed)
        text, within = self(key, **facts), facts.get("within")
        return self("error.within", folder=within, text=text) if within else text

    def hint(self, error: PlanningError) -> str:
        """Say what to do about it, as plain text."""
        key = "hint.did_you_mean" if error.facts.get("near") else f"hint.{error.problem}"
        return self(key, **error.facts) if key in self.words else error.hint
