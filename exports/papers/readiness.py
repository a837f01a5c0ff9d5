"""The paper on readiness for review: how a city stands, what blocks, what cannot be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.casework.readiness import UNKNOWN
from exports.papers.model import Fact, Facts, Paper, Paragraph, Table
from exports.papers.parts import numbered
from exports.pictures.svg import plain
from wording.numbers import NOTHING
from wording.readiness import (
    BLOCKING,
    NOT_JUDGED,
    WORK_WORDED,
    worded_clauses,
    worded_works,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from analysis.casework.readiness import Readiness
    from analysis.model.title import Title
    from exports.papers.model import Block
    from layers.city import City
    from wording.speaker import Speaker

EVERY = ("clause", "verdict", "found", "asked", "weight", "source")


def readiness_paper(
    city: City, title: Title, found: Readiness, said: Sequence[str], translate: Speaker
) -> Paper:
    """Compose the paper of what its files hold; `said` are its sentences."""
    unknown = found.clauses[found.clauses["verdict"] == UNKNOWN]
    works = _table("works", worded_works(found.works, translate), WORK_WORDED, translate)

    def listed(name: str, rows: pd.DataFrame, columns: Sequence[str], empty: str) -> Block:
        if rows.empty:
            return Paragraph(translate(f"readiness.{empty}"))
        return _table(name, worded_clauses(rows, title, translate), columns, translate)

    parts: dict[str, list[Block]] = {
        "whole": [Facts(readiness_facts(found, translate)), *map(Paragraph, said)],
        "works": [works],
        "blocking": [listed("blocking", found.blocks, BLOCKING, "nothing_blocks")],
        "not_judged": [listed("not_judged", unknown, NOT_JUDGED, "every_judged")],
        "every": [listed("every", found.clauses, EVERY, "nothing_blocks")],
    }
    sections = [(translate(f"readiness.{name}"), blocks) for name, blocks in parts.items()]
    day = f"{city.as_of:%Y-%m-%d}"
    return Paper(
        name="readiness",
        language=translate.language,
        title=translate("readiness.paper"),
        subtitle=translate("readiness.as_of", city=translate.of(city.name), day=day),
        blocks=numbered(
            translate, [*sections, (translate("paper.method"), _notes(title, translate))]
        ),
        day=city.as_of,
    )


def _notes(title: Title, translate: Speaker) -> list[Block]:
    """Say what the standard is, what the file lacks, and how clauses are judged."""
    standard = title.standard
    notes = [
        translate("readiness.made_only"),
        *filter(None, [translate.of(standard.note)]),
        standard.document,
        translate("readiness.method"),
    ]
    return [Paragraph(plain(each), quiet=True) for each in notes]


def readiness_facts(found: Readiness, translate: Speaker) -> list[Fact]:
    """Give the four numbers of a city's readiness."""
    row: pd.Series = found.works.iloc[0]
    judged = translate.count(row["met"] + row["failed"])
    left = NOTHING if found.days_left is None else translate.count(found.days_left)
    return [
        Fact(
            translate("readiness.tile_met"),
            translate("readiness.tile_of", n=translate.count(row["met"]), of=judged),
        ),
        Fact(translate("readiness.tile_weight"), translate.share(row["met_weight_share"])),
        Fact(translate("readiness.tile_unknown"), translate.count(row["cannot_judge"])),
        Fact(translate("readiness.tile_left"), left),
    ]


def _table(name: str, worded: pd.DataFrame, columns: Sequence[str], translate: Speaker) -> Table:
    return Table(
        caption=translate(f"readiness.{name}"),
        heads=[translate(f"readiness.col_{column}") for column in columns],
        rows=[[plain(str(cell)) for cell in row] for row in worded[list(columns)].to_numpy()],
        numeric=[column in NUMERIC for column in columns],
    )


NUMERIC = ("weight", "met", "failed", "cannot_judge", "met_share", "met_weight_share", "range")
