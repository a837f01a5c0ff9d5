"""Knows the rows under a table that are no records: totals, and notes on its source."""

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
    r"(注|备注|備註|说明|說明|数据来源|數據來源|资料来源|資料來源|来源|來源|出典|注記|制表|填表|"
    r"notes?|sources?|nb|n\.b\.|quelle|hinweis|remarques?|anmerkung|fuente|nota|출처|주)"
    r"\s*\d*\s*[:：、.]|[*※]",
    re.IGNORECASE,
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


def is_note(cell: str) -> bool:
    """
    Tell whether a cell that stands alone is a note on the table.

    Examples
    --------
    >>> is_note("注：数据截至6月"), is_note("Source: city office"), is_note("Notre-Dame")
    (True, True, False)
    """
    return _NOTE.match(cell.strip()) is not None
