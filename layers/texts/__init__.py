"""Columns as text, a column at a time: values written as text, and texts read as plain values."""

__all__ = [
    "bare_table",
    "gathered",
    "proofs",
    "stored",
    "valued",
    "written",
]
