"""What the benches measure, beside what was promised."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        The greatest value allowed, or the smallest one if `at_least`; `None` where the
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
    """Write figures as one table."""
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


def report(figures: Iterable[Figure]) -> int:
    """Print figures, each as soon as it is measured; 1 when a goal is missed."""
    missed = False
    for figure in figures:
        print(table([figure]), flush=True)
        missed |= not figure.met
    return int(missed)


def cpu_seconds(work: Callable[[], Result], *, repeat: int = 1) -> tuple[float, Result]:
    """Measure the CPU seconds of this process for some work: the fewest of its runs."""
    fewest = float("inf")
    for _ in range(repeat):
        begun = time.process_time()
        result = work()
        fewest = min(fewest, time.process_time() - begun)
    return fewest, result


class Clock:
    """CPU seconds of the steps of a work, those of one name added up."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def timed(
        self, step: str, work: Callable[..., Result], *args: object, **more: object
    ) -> Result:
        """Do a step."""
        seconds, result = cpu_seconds(lambda: work(*args, **more))
        self.spent[step] = self.spent.get(step, 0.0) + seconds
        return result


def greatest_memory() -> float:
    """Tell the greatest memory of this process so far, in GiB; `ru_maxrss` holds its parent's."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 2**20


def has_goal(line: str) -> bool:
    """Tell whether a line of a table is of a figure with a goal."""
    return line.rstrip().endswith((" met", " MISSED"))
