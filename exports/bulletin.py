"""The bulletin: ranks with their reasons in words, ready to print."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from analysis.handling.followup import INDICATORS, LEVELS
from analysis.handling.ranking import LEAST_CASES
from exports.tables.bulletin import in_groups
from layers.knowledge.dictionary import load_dictionary
from wording.missing_rows import missing_sentence
from wording.numbers import NOTHING
from wording.speaker import Speaker

if TYPE_CHECKING:
    import pandas as pd

    from layers.city import City
    from wording.catalogue import Words

STYLE = """\
body { font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 2em auto; max-width: 60em;
  color: #111; background: #fff; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em; break-after: avoid }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #bbb; padding: .25em .5em; text-align: left; vertical-align: top }
td.number, th.number { text-align: right; white-space: nowrap }
thead { display: table-header-group } tr { break-inside: avoid }
@media print { body { margin: 0; max-width: none; font-size: 10pt } }
@page { size: A4 landscape; margin: 15mm }
"""


def bulletin_html(
    bulletin: pd.DataFrame, city: City, words: Words, language: str, *, period: str
) -> str:
    """Write the bulletin as a page to print."""
    columns = {column.id: column for column in load_dictionary().tables["bulletin"].columns}
    shown = ("verdict", "name", "n", "share", "ranks", "groups", "reason")
    translate = Speaker(words, language)
    title = html.escape(translate("bulletin.title", city=translate.of(city.name)))
    about = [translate("app.as_of", day=translate.day(city.as_of)), period]
    parts = [
        "<!doctype html>",
        f'<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>",
        f"<p>{html.escape(' · '.join(filter(None, about)))}</p>",
        f"<p>{html.escape(translate('bulletin.note', least=LEAST_CASES))}</p>",
        f"<p>{html.escape(missing_sentence(translate, city))}</p>",
    ]
    for level in LEVELS:
        for indicator in INDICATORS:
            chosen = bulletin["level"].eq(level) & bulletin["indicator"].eq(indicator)
            if chosen.any():
                names = (
                    columns[column].codes[code][language][0]
                    for column, code in (("level", level), ("indicator", indicator))
                )
                heads = [columns[name].title[language] for name in shown]
                parts.append(f"<h2>{html.escape(' · '.join(names))}</h2>")
                titles = {
                    code: text[language][0] for code, text in columns["verdict"].codes.items()
                }
                rows = in_groups(bulletin[chosen]).replace({"verdict": titles})
                parts.append(_table(rows, shown, heads, translate))
    return "\n".join([*parts, "</body></html>\n"])


def _table(rows: pd.DataFrame, shown: tuple[str, ...], heads: list[str], translate: Speaker) -> str:
    numbers = {"ranks", "n", "share"}
    marks = [' class="number"' if name in numbers else "" for name in shown]
    head = "".join(f"<th{m}>{html.escape(text)}</th>" for m, text in zip(marks, heads, strict=True))
    texts = rows.assign(
        n=[translate.count(n) for n in rows["n"]],
        share=[translate.share(share) for share in rows["share"]],
    )
    for name in ("ranks", "groups", "verdict"):
        texts[name] = texts[name].where(texts[name] != "", NOTHING)
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{mark}>{html.escape(str(cell))}</td>"
            for mark, cell in zip(marks, row, strict=True)
        )
        + "</tr>"
        for row in texts[list(shown)].itertuples(index=False)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
