"""The methods of a pack: what it holds, by which rules, how figures are made, of which data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exports.papers.model import Paper, Paragraph, Table
from exports.papers.parts import numbered
from exports.papers.worded import worded_table
from exports.pictures.svg import plain
from exports.tables.data import layer_table
from layers.knowledge.dictionary import load_dictionary
from wording.missing_rows import missing_sentence
from wording.names import minimum_text
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analysis.model.standards import Standard
    from exports.papers.model import Block
    from layers.city import City
    from wording.speaker import Speaker

CASE_METHODS = ("priority_method", "units_method", "checks_method", "scan_method")
"""Labels of the dictionary that say how cases are ranked, followed and scanned."""
METHODS = {
    "inspections": "round",
    "levels": "level",
    "monitoring": "monitoring",
    "readiness": "readiness",
    "survey": "survey",
    "tasks": "task",
}
"""Parts whose method is a sentence of the words, by the section of the words."""
LAYERS = ("layer", "source", "publication_date", "licence", "rows_in", "loaded", "quarantined")


def methods_paper(
    city: City,
    standard: Standard,
    parameters: Mapping[str, Mapping[str, Any]],
    parts: Iterable[tuple[str, str]],
    translate: Speaker,
    *,
    of: Iterable[str] = (),
) -> Paper:
    """Compose the methods of a pack; `parts` says what became of each, `of` what narrows it."""
    heads = [translate("pack.col_part"), translate("pack.col_there")]
    held = Table("", heads, [list(map(plain, each)) for each in parts], (False, False))
    how = [Paragraph(translate(f"pack.how_{each}")) for each in ("whole", "again", "tasks")]
    sections: list[tuple[str, list[Block]]] = [
        (translate("pack.held"), [*(Paragraph(plain(each)) for each in of), held, *how]),
        (translate("pack.rules"), _rules(standard, translate)),
        (translate("pack.methods"), _methods(parameters, translate)),
        (translate("pack.sources"), _sources(city, translate)),
        (
            translate("pack.parameters"),
            [Paragraph(translate("pack.parameters_note")), _asked(parameters, translate)],
        ),
    ]
    name = translate.of(city.name)
    return Paper(
        name="methods",
        language=translate.language,
        title=translate("pack.methods_title", city=name),
        subtitle=translate("app.as_of", day=translate.day(city.as_of)),
        blocks=numbered(translate, sections),
        day=city.as_of,
    )


def _rules(standard: Standard, translate: Speaker) -> list[Block]:
    columns = {each.id: each for each in load_dictionary().tables["coverage"].columns}
    confidence = columns["confidence"]
    labels, language = load_dictionary().labels, translate.language
    rows = [
        [
            translate.of(rule.title),
            minimum_text(translate, rule),
            NOTHING if rule.service_radius_m is None else translate.metres(rule.service_radius_m),
            translate.of(rule.clause),
            confidence.codes[rule.confidence][language][0],
        ]
        for rule in standard.rules
    ]
    heads = [
        *(labels[key][language] for key in ("title", "minimum", "service_radius_m", "clause")),
        confidence.title[language],
    ]
    used = translate(
        "paper.standard_used", standard=translate.of(standard.title), document=standard.document
    )
    lines = [[plain(cell) for cell in row] for row in rows]
    return [Paragraph(used), Table("", heads, lines, (False, False, True, False, False))]


def _methods(parameters: Mapping[str, Mapping[str, Any]], translate: Speaker) -> list[Block]:
    known, language = load_dictionary(), translate.language
    texts = [each[language] for each in known.methods] if "coverage" in parameters else []
    if "hotspots" in parameters:
        texts.append(translate("paper.hot_method"))
        texts += [known.labels[key][language] for key in CASE_METHODS]
    texts += [translate(f"{word}.method") for part, word in METHODS.items() if part in parameters]
    return [Paragraph(text) for text in texts]


def _sources(city: City, translate: Speaker) -> list[Block]:
    layers = layer_table(city, language=translate.language)
    table = worded_table(layers, "layers", LAYERS, translate, caption="")
    return [table, *map(Paragraph, filter(None, [missing_sentence(translate, city)]))]


def _asked(parameters: Mapping[str, Mapping[str, Any]], translate: Speaker) -> Table:
    """List the plain values that every part recorded, in the words of the record."""
    heads = [translate(f"pack.col_{each}") for each in ("part", "parameter", "value")]
    rows = [
        [translate(f"pack.part_{part}"), plain(name), plain(str(value))]
        for part, told in parameters.items()
        for name, value in told.items()
        if isinstance(value, str | int | float) and value != "" and name != "language"
    ]
    return Table("", heads, rows, (False, False, False))
