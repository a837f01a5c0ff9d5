"""From options to a question, for all commands that ask one."""

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from analysis.access.opening_hours import read_moment
from analysis.model.errors import SettingsError
from analysis.model.question import BOTH, BY_RULE, PRIORITY_PARTS, WEIGHTS, Selection
from layers.knowledge.standards import load_kinds
from layers.load import load_city
from layers.toml_entry import unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.recipes.issue_answers import IssueAnswers


FORMS = {
    "--service-radius": ("KIND=METRES", "toilet=500"),
    "--need": ("KIND=NUMBER", "toilet=2"),
    "--cost": ("KIND=NUMBER", "toilet=40"),
    "--weight": ("PART=NUMBER", "reach=2"),
}
"""Form and example of options that name numbers."""


def radii_of(options: list[str] | None) -> tuple[tuple[str, float], ...]:
    """Read KIND=METRES."""
    return tuple(numbers_of(options or [], option="--service-radius").items())


def measures_of(measure: str) -> tuple[str, ...]:
    """Read how distance is measured; by default as each rule says."""
    return {"rule": BY_RULE, "both": BOTH}.get(measure, (measure,))


class Issues(TypedDict):
    """The part of a question that says which issues are meant."""

    selection: Selection
    history: Selection


def issues_of(
    category: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    campaign: str = "",
) -> Issues:
    """Take the issues that were asked for; change looks at the same."""
    selection = Selection(category, since and since.date(), until and until.date(), campaign)
    return {"selection": selection, "history": selection}


class Supply(TypedDict):
    """The part of a question that says which facilities count."""

    only: tuple[str, ...]
    least_class: str
    at: tuple[int, int] | None
    on: str


def supply_of(only: list[str] | None, least_class: str, at: str) -> Supply:
    """Read which facilities count."""
    moment = read_moment(at) if at else None
    return {
        "only": tuple(dict.fromkeys(only or [])),
        "least_class": least_class,
        "at": moment[:2] if moment else None,
        "on": moment[2] if moment else "",
    }


class Cells(TypedDict):
    """The part of a question that says on which cells hot spots are looked for."""

    cell: float | None
    grid: str
    basis: str | None


def cells_of(cell: float | None, grid: str, basis: str | None) -> Cells:
    """Take the cells that were asked for."""
    return {"cell": cell, "grid": grid, "basis": basis}


def formats_of(text: str, known: "Sequence[str]") -> tuple[str, ...]:
    """Read formats between commas; none at all means every one."""
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for each in wanted:
        if each not in known:
            raise unknown(
                each, known, entry="--format", what="format", problem="report_format_unknown"
            )
    return wanted or tuple(known)


def needs_of(options: list[str], *, option: str = "--need") -> dict[str, float]:
    """Read KIND=NUMBER, above 0."""
    needs = numbers_of(options, option=option)
    for kind, value in needs.items():
        if kind not in load_kinds():
            raise unknown(kind, load_kinds(), entry=option, what="kind", problem="kind_unknown")
        if not 0 < value < math.inf:
            msg = f"{option}: {kind}={value:g}; allowed is more than 0."
            raise SettingsError(
                msg,
                problem="need_value",
                hint=f"For example {option} toilet=2.",
                kind=kind,
                found=value,
                option=option,
            )
    return needs


def weights_of(options: list[str]) -> tuple[float, ...]:
    """Read PART=NUMBER, in the order of the parts."""
    weights = numbers_of(options, option="--weight")
    for part in weights:
        if part not in PRIORITY_PARTS:
            raise unknown(
                part, PRIORITY_PARTS, entry="--weight", what="part", problem="part_unknown"
            )
    return tuple(weights.get(part, float(WEIGHTS[0])) for part in PRIORITY_PARTS)


def numbers_of(options: list[str], *, option: str) -> dict[str, float]:
    """Read NAME=NUMBER, each name once."""
    form, example = FORMS[option]
    numbers: dict[str, float] = {}
    for given in options:
        name, _, text = given.partition("=")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not name or name in numbers or math.isnan(number):
            msg = f"{option}: {given!r} is not {form}, each once."
            raise SettingsError(
                msg,
                problem="numbers_form",
                hint=f"For example {option} {example}.",
                option=option,
                form=form,
                found=given,
                example=example,
            )
        numbers[name] = number
    return numbers


def ask_issues(city: Path) -> "IssueAnswers":
    """Load a city, to be asked about its issues too."""
    from exports.recipes.issue_answers import IssueAnswers  # noqa: PLC0415  brings scipy too

    return IssueAnswers(load_city(city))
