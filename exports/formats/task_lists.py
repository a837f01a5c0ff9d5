"""The three lists of tasks as one workbook that units fill in: tasks, responsibility, schedule."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter

from analysis.casework.returned import LISTS
from analysis.casework.tasks import LONGEST_NAME, LONGEST_NOTE, WHOLE
from exports.formats.csv import safe_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from wording.speaker import Speaker

KEY_ROW, HEADING_ROW, TITLES_ROW, FIRST_ROW = range(4)
"""Names of the columns, by which a list is read back whatever its language; hidden."""
IDENTITY = ("id", "version", "place", "what")
SHOWN = {"tasks": ("found", "remedy"), "duties": (), "schedule": ()}
"""What else a list tells, beside what it lets units fill in (`LISTS`)."""
WIDTHS = {"id": 10, "version": 7, "place": 24, "what": 22, "found": 34, "remedy": 26, "state": 14,
          "reason": 22, "note": 36, "milestones": 40, "progress": 9, "deadline": 13}  # fmt: skip
SPARE_ROWS = 200


def task_lists(
    rows: pd.DataFrame,
    *,
    headings: Mapping[str, str],
    states: Sequence[Sequence[str]],
    translate: Speaker,
    created: dt.datetime,
) -> bytes:
    """
    Write the lists.

    `rows`: `IDENTITY`, what `SHOWN` and `LISTS` name, as text. `headings`: of each list.
    `states`: for each row the words of the states it may have.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    book.set_properties({"created": created})
    form = {"text_wrap": True, "valign": "top", "num_format": "@", "border": 1}
    looks = {
        "title": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
        "head": book.add_format({"bold": True}),
        "fixed": book.add_format({**form, "bg_color": "#eef0f2"}),
        "open": book.add_format({**form, "locked": False}),
    }
    for name in LISTS:
        page = book.add_worksheet(translate(f"task.list_{name}"))
        page.write_string(HEADING_ROW, 0, safe_text(headings[name]), looks["head"])
        _fill(page, name, rows, looks, states=states, translate=translate)
        page.set_row(KEY_ROW, None, None, {"hidden": True})
        page.set_column(0, 0, WIDTHS["id"], None, {"hidden": True})
        page.freeze_panes(FIRST_ROW, len(IDENTITY))
        page.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEADING_ROW, TITLES_ROW)
    book.close()
    return stream.getvalue()


def _fill(
    page: xlsxwriter.worksheet.Worksheet,
    name: str,
    rows: pd.DataFrame,
    looks: Mapping[str, xlsxwriter.format.Format],
    *,
    states: Sequence[Sequence[str]],
    translate: Speaker,
) -> None:
    """Write the columns of a list: what tells which task it is, and what units fill in."""
    parts = LISTS[name]
    for number, column in enumerate((*IDENTITY, *SHOWN[name], *parts)):
        look = looks["open" if column in parts else "fixed"]
        page.write_string(KEY_ROW, number, column)
        page.write_string(TITLES_ROW, number, translate(f"task.col_{column}"), looks["title"])
        page.set_column(number, number, WIDTHS.get(column, 16))
        for row, value in enumerate(rows[column], start=FIRST_ROW):
            page.write_string(row, number, value, look)
        _validate(page, column, number, states)


def _validate(
    page: xlsxwriter.worksheet.Worksheet,
    column: str,
    number: int,
    states: Sequence[Sequence[str]],
) -> None:
    """Offer the states that each row may have, and hold the other cells to their limits."""
    last = FIRST_ROW + len(states) - 1
    if not states:
        return
    if column == "state":
        for row, words in enumerate(states, start=FIRST_ROW):
            page.data_validation(row, number, row, number, {"validate": "list", "source": [*words]})
    elif column in {"unit", "leader", "team", "reason", "note"}:
        most = LONGEST_NOTE if column == "note" else LONGEST_NAME
        limit = {"validate": "length", "criteria": "<=", "value": most}
        page.data_validation(FIRST_ROW, number, last, number, limit)
    elif column == "progress":
        formula = f'=AND(ISNUMBER(--SUBSTITUTE({_cell(number)},"%","")))'
        page.data_validation(
            FIRST_ROW, number, last, number,
            {"validate": "custom", "value": formula, "error_message": f"0–{WHOLE}"},
        )  # fmt: skip


def _cell(number: int) -> str:
    return f"{xlsxwriter.utility.xl_col_to_name(number)}{FIRST_ROW + 1}"
