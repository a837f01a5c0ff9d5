"""Files read back, and compared value by value with the frames they were made from."""

from __future__ import annotations

import io
import re
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from exports.formats.csv import safe_text


def read_csv(content, columns):
    texts = {each.id: str for each in columns if not each.unit.format}
    return pd.read_csv(io.BytesIO(content), dtype=texts, keep_default_na=False, na_values=[""])


def assert_same(found, expected):
    """Compare value by value: text as it is, numbers exactly, missing with missing."""
    assert list(found.columns) == list(expected.columns)
    assert len(found) == len(expected)
    for name in expected.columns:
        for read, made in zip(found[name].tolist(), expected[name].tolist(), strict=True):
            if pd.isna(made) or made == "":
                assert pd.isna(read) or read == "", name
            else:
                assert read == made, name


def as_shown(table):
    shown = table.copy()
    for name in table.columns:
        if table[name].map(lambda value: isinstance(value, str)).any():
            shown[name] = table[name].map(lambda value: safe_text(str(value)))
    return shown


def cell_shows(form, value):
    """What a spreadsheet shows of a share: the section whose condition holds, by its rules."""
    for section in form.split(";"):
        found = re.match(r"\[(<=|>=|<)([\d.]+)\](.*)", section)
        if found:
            sign, border, text = found.groups()
            holds = {"<=": value <= float(border), ">=": value >= float(border)}
            if not holds.get(sign, value < float(border)):
                continue
        else:
            text = section
        # Spreadsheets round the number as written: a half goes up, whatever its binary form.
        percent = Decimal(repr(float(value))).scaleb(2).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return text.strip('"') if '"' in text else f"{percent}%"
    return ""
