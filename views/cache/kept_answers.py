"""The city's answers, kept for every session until one of its files changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import streamlit as st

from exports.recipes.issue_answers import IssueAnswers
from views.cache.city import city, knowledge

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


@lru_cache(maxsize=64)
def _cache(name: str, most: int) -> Callable[..., Any]:
    def kept(fingerprint: str, key: str, _make: Callable[[], object]) -> object:  # noqa: ARG001
        return _make()

    kept.__qualname__ = f"{__name__}.{name}"  # one cache for each kind of answer
    cache: Callable[..., Any] = st.cache_resource(show_spinner=False, max_entries=most)(kept)
    return cache


class KeptAnswers(IssueAnswers):
    """The city as it is now; what was asked before is not made again."""

    def keep(self, name: str, key: str, make: Callable[[], Answer], *, most: int) -> Answer:
        """Give an answer that a session has been given before, or make it."""
        return cast("Answer", _cache(name, most)(self.city.fingerprint, key, make))


def answers() -> KeptAnswers:
    """Give the city to ask."""
    known = knowledge()
    return KeptAnswers(city(), standards=known.standards, kinds=known.kinds)
