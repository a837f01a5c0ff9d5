"""What the benches measure, beside what was promised."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


@dataclass(frozen=True)
class Figure:
    """
    One measured figure and its goal.

    Attributes
    ----------
    name
        What was measured.
    measured, unit
        The result.
    goal
        The greatest value allowed, or the least one if `at_least`; `None` where the
        figure only informs.
    at_least
        Whether more is better.
    """

    name: str
    measured: float
    unit: str = ""
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal is reached; a figure without one always is."""
        if self.goal is None:
            return True
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal


def table(figures: list[Figure]) -> str:
    """
    Write figures as one table.

    Parameters
    ----------
    figures
        In the order of the lines.

    Returns
    -------
    text
        One line each: name, measured, goal, and whether it is met.
    """
    lines = []
    for figure in figures:
        goal = ""
        if figure.goal is not None:
            sign = "≥" if figure.at_least else "≤"
            goal = f"{sign} {figure.goal:,g} {figure.unit}".rstrip()
        said = "" if figure.goal is None else ("met" if figure.met else "MISSED")
        measured = f"{figure.measured:,.4g} {figure.unit}".rstrip()
        lines.append(f"{figure.name:<58} {measured:>14}  {goal:>12}  {said}".rstrip())
    return "\n".join(lines)


def cpu_seconds(work: Callable[[], Result], *, repeat: int = 1) -> tuple[float, Result]:
    """
    Measure the CPU seconds of this process for some work.

    Parameters
    ----------
    work
        What is done.
    repeat
        How often; the least counts.

    Returns
    -------
    seconds, result
        The result is that of the last time.
    """
    least = float("inf")
    for _ in range(repeat):
        begun = time.process_time()
        result = work()
        least = min(least, time.process_time() - begun)
    return least, result


def has_goal(line: str) -> bool:
    """
    Tell whether a line of a table is of a figure with a goal.

    Parameters
    ----------
    line
        Of `table`.

    Returns
    -------
    has
        Truth if it ends with whether the goal is met.
    """
    return line.rstrip().endswith((" met", " MISSED"))
