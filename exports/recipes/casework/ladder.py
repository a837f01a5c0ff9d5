"""Warning levels: who stands on which, why and since when, and the files that say so."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING

from analysis.model.ladder import LADDER_INDICATORS
from exports.provenance import RECORD, with_record
from exports.recipes.hotspots import csv_files
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from analysis.casework.ladder import Warnings
    from analysis.model.ladder import Ladder
    from analysis.model.question import Question
    from exports.recipes.issue_answers import IssueAnswers
    from wording.speaker import Speaker

WARNING_FILES = ("warnings.csv", "warning_months.csv", RECORD)


def warning_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files of the levels."""
    found = answers.warnings(question)
    return with_record(
        csv_files({"warnings": found.table, "warning_months": found.months}),
        answers.city,
        command="warnings",
        parameters={
            "ladder": asdict(answers.city.ladder),
            "near_m": question.follow_up.distance_m,
            "days": question.follow_up.days,
            "spread": {f"{level} {name}": rho for (level, name), rho in found.spread.items()},
            "unknown": list(found.unknown),
            "on_each": counted(found, answers.city.ladder),
            "language": translate.language,
        },
        created=created or dt.datetime.now(dt.UTC),
    )


def counted(found: Warnings, ladder: Ladder) -> dict[str, int | None]:
    """
    Count who stands on each level, by the highest of its indicators; the highest level first.

    Nothing can be told (`None`) where no indicator is known; where one is not, there may be more.
    """
    if set(found.unknown) == set(LADDER_INDICATORS):
        return {step.id: None for step in reversed(ladder.steps)}
    table, counts, seen = found.table, dict[str, int | None](), set[tuple[str, str]]()
    for step in reversed(ladder.steps):
        rows = table[table["step"] == step.id]
        here = set(zip(rows["level"], rows["unit_id"], strict=True)) - seen
        counts[step.id], seen = len(here), seen | here
    return counts


def told_counts(found: Warnings, ladder: Ladder, translate: Speaker) -> dict[str, str]:
    """Write how many stand on each level; where an indicator is not known, at least or nothing."""
    told = {}
    for step, number in counted(found, ladder).items():
        some = bool(found.unknown)
        if number is None or (some and not number):  # "at least 0" would tell nothing
            told[step] = NOTHING
            continue
        count = translate.count(number)
        told[step] = translate("ladder.at_least", n=count) if some else count
    return told


def sentences(found: Warnings, ladder: Ladder, translate: Speaker) -> list[str]:
    """Say how many stand on each level, and which indicators cannot be judged."""
    names = {step.id: translate.of(step.name) for step in ladder.steps}
    said = [
        translate("ladder.counted", step=names[step], n=number)
        for step, number in told_counts(found, ladder, translate).items()
    ]
    unknown = [translate(f"ladder.indicator_{name}") for name in found.unknown]
    if unknown:
        listed = translate("asked.and").join(unknown)
        said.append(translate("ladder.unknown", indicators=listed))
    return said
