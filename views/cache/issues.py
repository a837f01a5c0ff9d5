"""What the city's issues are counted by, whatever is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.issues.counts import Cases, count_cases
from views.cache.city import of_city
from views.cache.kept_answers import answers

if TYPE_CHECKING:
    import pandas as pd


@of_city
def cases() -> Cases:
    """Count the city's issues by what has become of them."""
    known = answers().issue_set()
    return count_cases(known.issues, as_of=known.as_of)


@of_city
def categories() -> pd.Series[int]:
    """Count the city's issues by category."""
    return answers().issue_set().issues["category"].value_counts()
