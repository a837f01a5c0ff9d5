"""Makes the page of every message of error: what it says, and what to do, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wording.catalogue import Words

MADE = "This page is made by `make docs`; do not edit it."
ABOUT = """\
Every refusal of the program, by what it is about, with what to do. Find the message by the words
that do not change: `…` stands for a file, a row or a value. Dashboard, command line and this page
say the same. What happened to single rows is told on the *Sources* page
([every row](add-a-city.md#what-happens-to-rows)).
[Coordinates in China](coordinates-in-china.md) have a page of their own.

程序的每一条拒绝信息，按所涉内容排列，并说明怎样处理。请按不变的文字查找：
`…` 处是文件名、行号或数值。看板、命令行与本页的文字相同。
单行数据的处理见“数据来源”页；坐标系见[中国的坐标](coordinates-in-china.md)。"""
SECTIONS = {
    "Places and systems · 位置与坐标系": (
        r"crs_|extent_|places?_|position|coordinates|address|no_places"
    ),
    "Shapes · 图形": r"geometry|shapefile|geoparquet|layers?_|osm_|outline",
    "Times · 时间": r"time|period|weeks|steps|moment|calendar",
    "Columns and numbers · 列与数值": (
        r"column|number|identifier|value|headings|header|names?_|index|quote"
    ),
    "Files and formats · 文件与格式": (
        r"file|archive|format|encoding|records|reply|active|xml|prepared|fetch|out_"
    ),
    "The recipe · 配置": (r"key|entry|kind|our_|toml|city|nothing_|settings|compare|edition"),
}
REST = "What was asked · 所问的问题"
_PLURAL = re.compile(r"\{\w+:[^{}]*?other=([^{}|]*)\}")
_FACT = re.compile(r"\{\w+(?::[^{}]*)?\}")


def troubleshooting_page(words: Words) -> str:
    """Write every message of error with its advice, by what it is about."""
    codes = sorted(key.partition(".")[2] for key in words if key.startswith("error."))
    sections: dict[str, list[str]] = {title: [] for title in (*SECTIONS, REST)}
    for code in codes:
        sections[_section(code)].append(code)
    lines = ["# Troubleshooting by message · 按提示排错", "", MADE, "", ABOUT]
    for title, held in sections.items():
        lines += ["", f"## {title}"] if held else []
        for code in held:
            lines += ["", *_entry(words, code)]
    return "\n".join([*lines, ""])


def _section(code: str) -> str:
    return next((title for title, about in SECTIONS.items() if re.match(about, code)), REST)


def _entry(words: Words, code: str) -> Iterator[str]:
    for language in ("zh", "en"):
        message = shown(words.template(language, f"error.{code}"))
        yield f"* **{message}**" if language == "zh" else f"  **{message}**"
        hint = f"hint.{code}"
        if hint in words:
            yield f"  {shown(words.template(language, hint))}"


def shown(text: str) -> str:
    """Write a message as a reader sees it, with an ellipsis for each fact."""
    plain = _FACT.sub("…", _PLURAL.sub(r"\1", text)).replace("{{", "{").replace("}}", "}")
    return plain.replace("|", "\\|").replace("<", "&lt;")
