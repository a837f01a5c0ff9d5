"""The page `docs/reference/data-dictionary.md`, made from `data/dictionary.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layers.knowledge.dictionary import Column, Dictionary, Table, Unit

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "data-dictionary.md"
OPENING = """# Data dictionary · 数据字典

Every table that the command line and the Export page write: its columns in their order, units
and meanings. This page is made from `data/dictionary.toml` by `python -m exports.reference`; a
test holds both to the files.

命令行和“导出”页写出的每张表：各列的次序、单位和含义。本页由 `data/dictionary.toml` 生成。

- CSV: UTF-8 with a byte order mark, comma, CRLF; a missing value is an empty cell. Text that a
  spreadsheet could run as a formula has a `'` in front, in CSV and XLSX; GeoPackage and GeoJSON
  hold it as it is. CSV 为 UTF-8（带 BOM），缺失值为空；可能被当作公式的文本前加 `'`。
- Shares are 0–1. 比例为 0–1。
- Numbers are rounded by their unit, the same in every file 数值按单位四舍五入，各文件一致:

| unit 单位 | decimals 小数位 |
|---|---|
"""


def dictionary_page(dictionary: Dictionary) -> str:
    """Write the dictionary as a page of documentation."""
    units = {
        each.unit.id: each.unit for table in dictionary.tables.values() for each in _all(table)
    }
    rounding = "\n".join(_rounding(unit) for unit in units.values() if unit.format)
    tables = "\n".join(_section(table) for table in dictionary.tables.values())
    return f"{OPENING}{rounding}\n\n{tables}"


def _all(table: Table) -> Iterable[Column]:
    return (*table.columns, *table.per_rule, *table.per_walk)


def _rounding(unit: Unit) -> str:
    if unit.significant is not None:
        return f"| {unit.id} | {unit.significant} significant digits 有效数字 |"
    return f"| {unit.id} | {unit.decimals} |"


def _section(table: Table) -> str:
    lines = [
        f"## {table.id}",
        "",
        f"{table.title['en']}  ",
        table.title["zh"],
        "",
        f"In 见: {', '.join(f'`{file}`' for file in table.files)}",
        *_key(table),
        "",
        *_rows(table.columns),
    ]
    if table.per_rule:
        lines += ["", "For every rule 每条规则:", "", *_rows(table.per_rule)]
    if table.per_walk:
        lines += ["", "For every rule by walking 每条步行规则:", "", *_rows(table.per_walk)]
    for column in _all(table):
        if column.codes:
            lines += ["", f"### {table.id}.{column.id}", "", *_codes(column)]
    return "\n".join([*lines, ""])


def _key(table: Table) -> list[str]:
    """Say which columns tell one row from another."""
    names = ", ".join(f"`{name}`" for name in table.key)
    return ["", f"One row for each 每行一个: {names}"] if names else []


def _rows(columns: Iterable[Column]) -> list[str]:
    return [
        "| column 列 | unit 单位 | 名称：含义 | title: meaning |",
        "|---|---|---|---|",
        *(
            f"| `{each.id}` | {each.unit.id} | {each.title['zh']}：{each.definition['zh']} "
            f"| {each.title['en']}: {each.definition['en']} |"
            for each in columns
        ),
    ]


def _codes(column: Column) -> list[str]:
    return [
        "| value 值 | 名称：含义 | title: meaning |",
        "|---|---|---|",
        *(
            f"| `{value}` | {pair['zh'][0]}：{pair['zh'][1]} | {pair['en'][0]}: {pair['en'][1]} |"
            for value, pair in column.codes.items()
        ),
    ]


if __name__ == "__main__":
    PAGE.write_text(dictionary_page(load_dictionary()), encoding="utf-8")
