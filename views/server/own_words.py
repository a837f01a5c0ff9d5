"""Words that Streamlit writes itself, as properties of a style: its own are English alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wording.catalogue import Words

HTML_LANGUAGE = {"zh": "zh-CN", "zh-Hant": "zh-Hant", "en": "en"}
OWN = (
    "upload_button", "upload_here", "upload_drop", "upload_refused", "enter", "enter_text",
    "table_search", "table_type", "table_csv", "table_columns", "table_clear",
    "table_full", "table_small",
    "table_up", "table_down", "table_fit", "table_pin", "table_hide",
)  # fmt: skip
"""Words that `look.css` puts in the place of Streamlit's: `--app-` and the name in the style."""


def words_style(words: Words) -> str:
    """Write the words of every language; the page's own language chooses among them."""
    return "\n".join(
        f'html[lang="{code}"] {{ {_properties(words, language)} }}'
        for language, code in HTML_LANGUAGE.items()
    )


def _properties(words: Words, language: str) -> str:
    texts = {name: words(language, f"app.{name}") for name in OWN}
    return " ".join(
        f"--app-{name.replace('_', '-')}: {json.dumps(text, ensure_ascii=False)};"
        for name, text in texts.items()
    )
