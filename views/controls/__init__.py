"""What the reader chose, and the widgets, tables and words bound to it."""

__all__ = [
    "charts",
    "choice",
    "city_question",
    "files",
    "listening",
    "logins",
    "permits",
    "pictures",
    "printing",
    "questions",
    "rules",
    "screen",
    "search",
    "siting_question",
    "supply_filter",
    "tables",
    "waiting",
    "widgets",
    "zones",
]
