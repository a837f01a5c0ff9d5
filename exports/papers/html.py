"""A paper as one page of a browser: no script, nothing from outside, its pictures inside."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from exports.papers.model import Facts, Heading, Paragraph, Picture, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exports.papers.model import Block, Paper

STYLE = """\
:root { color-scheme: light dark }
body { font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; margin: 1.5rem auto;
  max-width: 56rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2rem } h3 { font-size: 1rem }
.facts { display: flex; flex-wrap: wrap; gap: 1rem }
.facts div { border: 1px solid #8888; border-radius: 8px; padding: .6rem 1rem }
.facts b { display: block; font-size: 1.5rem }
.quiet, .facts small { opacity: .75; font-size: .85rem }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { border-bottom: 1px solid #8888; padding: .3rem .5rem; text-align: left }
th.number, td.number { text-align: right; white-space: nowrap }
figure { margin: 1rem 0; background: #fff; color: #111 } svg { width: 100%; height: auto }
@media print { thead { display: table-header-group } tr { break-inside: avoid } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def html_bytes(paper: Paper, *, links: Mapping[str, str]) -> bytes:
    """Write a paper; `links` are the same in other languages, by their names."""
    others = " · ".join(
        f'<a href="{escape(file)}">{escape(name)}</a>' for name, file in links.items()
    )
    parts = [
        "<!doctype html>",
        f'<html lang="{escape(paper.language)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{escape(paper.title)}</title><style>{STYLE}</style></head><body>",
        f"<nav>{others}</nav><main><h1>{escape(paper.title)}</h1>",
        f'<p class="quiet">{escape(paper.subtitle)}</p>',
        *(_block(block) for block in paper.blocks),
        "</main></body></html>\n",
    ]
    return "\n".join(parts).encode()


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        level = block.level + 1
        return f"<h{level}>{escape(block.text)}</h{level}>"
    if isinstance(block, Paragraph):
        mark = ' class="quiet"' if block.quiet else ""
        return f"<p{mark}>{escape(block.text)}</p>"
    if isinstance(block, Facts):
        return f'<div class="facts">{"".join(map(_fact, block.facts))}</div>'
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Picture):
        caption = f"<figcaption>{escape(block.caption)}</figcaption>"
        return f'<figure role="img" aria-label="{escape(block.alt)}">{block.svg}{caption}</figure>'
    return ""


def _fact(fact: object) -> str:
    label, value, note = (escape(str(getattr(fact, name))) for name in ("label", "value", "note"))
    return f"<div>{label}<b>{value}</b><small>{note}</small></div>"


def _table(table: Table) -> str:
    marks = [' class="number"' if number else "" for number in table.numeric]
    head = "".join(
        f"<th{mark}>{escape(text)}</th>" for mark, text in zip(marks, table.heads, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{mark}>{escape(text)}</td>" for mark, text in zip(marks, row, strict=True))
        + "</tr>"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return (
        f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )
