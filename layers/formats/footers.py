"""Knows the rows of a table that are no records: totals, notes, and lines of types or units."""

from __future__ import annotations

import re

TOTALS = (
    "合计", "总计", "小计", "共计", "总和", "合計", "總計", "小計", "共計",
    "合 计", "总 计", "小 计", "合 計",
    "total", "totals", "subtotal", "sub-total", "sub total", "grand total", "sum", "somme",
    "total général", "ensemble", "summe", "gesamt", "insgesamt", "zwischensumme", "totale", "suma",
    "합계", "소계", "총계", "итого", "всего",
)  # fmt: skip
TOTAL_CELLS = frozenset(
    form + sign
    for word in TOTALS
    for form in (word, word.capitalize(), word.title(), word.upper())
    for sign in ("", ":", "：")
)
"""Cells that name a total, as people write them."""
_NOTE = re.compile(
    r"[*※]?(注|备注|備註|说明|說明|数据来源|數據來源|资料来源|資料來源|来源|來源|出典|注記|"
    r"(?:制表|製表|填表|填报|审核|審核|复核|核对|统计|联系|负责)(?:人|单位|日期|时间|时点)?|联系电话|"
    r"notes?|sources?|nb|n\.b\.|quelle|hinweis|remarques?|anmerkung|fuente|nota|출처|주)"
    r"\s*\d*\s*[:：、.]|[*※]",
    re.IGNORECASE,
)
_END = re.compile(
    r"[\s—–\-=*]*(?:以下空白|以下无正文|(?:end of|fin (?:de|du)) \w+)[\s—–\-=*]*", re.IGNORECASE
)
_LONGEST = 60
"""Characters of a cell that may be a total and its number."""
_COUNTED = re.compile(r"(?P<word>.+?)\s*[:：]?\s*\d[\d\s,.]*(?:\s*[^\W\d_]{1,4})?[。.]?")
"""总计：4 · 共计4件 · Total: 12"""
_TYPES = frozenset(
    re.findall(
        r"\S+",
        """
        string text str varchar nvarchar char character date datetime timestamp time int integer
        bigint smallint long float double number numeric decimal bool boolean object
        文字 文本 字符 字符串 字符型 文本型 日期 日期型 日期时间 时间 数字 数值 数值型 整数 整型
        浮点 浮点型 单精度 双精度 布尔 度 米 公里 平方米 ㎡ m2 m km ° 个 座 处 人
        """,
    )
)
_UNIT = re.compile(
    r"[（(\[][^()（）\[\]]{0,16}[)）\]]|[-–—=_]{2,}|(?:n?varchar|char|decimal)\([\d, ]+\)"
)


def is_total(cell: str) -> bool:
    """
    Tell whether a first cell names a total.

    Examples
    --------
    >>> is_total("合 计："), is_total("Grand Total"), is_total("Total Garage")
    (True, True, False)
    """
    return cell.strip() in TOTAL_CELLS


def is_counted_total(cell: str) -> bool:
    """
    Tell whether a cell that stands alone names a total and its number.

    Examples
    --------
    >>> is_counted_total("总计：4"), is_counted_total("共计 12 件"), is_counted_total("Total Rd 7")
    (True, True, False)
    """
    found = _COUNTED.fullmatch(cell.strip()) if len(cell) <= _LONGEST else None
    return found is not None and is_total(found["word"])


def is_kind_or_unit(cell: str) -> bool:
    """
    Tell whether a cell below a heading says what kind of value or unit stands there.

    Examples
    --------
    >>> is_kind_or_unit("varchar(50)"), is_kind_or_unit("（米）"), is_kind_or_unit("東門")
    (True, True, False)
    """
    plain = cell.strip().lower()
    return plain in _TYPES or _UNIT.fullmatch(plain) is not None


def is_note(cell: str) -> bool:
    """
    Tell whether a cell that stands alone is a note on the table.

    Examples
    --------
    >>> is_note("注：数据截至6月"), is_note("Source: city office"), is_note("Notre-Dame")
    (True, True, False)
    """
    plain = cell.strip()
    return _NOTE.match(plain) is not None or _END.fullmatch(plain) is not None
