"""What the reader chose, and the widgets, tables and words bound to it."""

__all__ = [
    "choice",
    "city_question",
    "questions",
    "screen",
    "supply_filter",
    "tables",
    "theme",
    "widgets",
    "zones",
]
