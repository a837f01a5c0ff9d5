"""
The languages spoken: those that files are written in, and those made of one of them.

Traditional Chinese is made of the simplified one by `tools/traditional.py`, text by text, into
`data/traditional/zh-Hant.json`; whoever writes a file may give his own beside it (decision 057).
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WRITTEN = ("zh", "en")
"""Languages that every text of a file is written in."""
SOURCES = {"zh-Hant": "zh"}
"""Languages made of another one."""
LANGUAGES = ("zh", "zh-Hant", "en")
TRADITIONAL = {"Hant", "TW", "HK", "MO"}
"""Script, and places where it is usual, in the locale of a browser."""
FOLDER = Path(__file__).resolve().parents[1] / "data" / "traditional"


def spoken(locale: str) -> str:
    """
    Find the language of a browser's locale; empty where we do not speak it.

    Examples
    --------
    >>> [spoken(each) for each in ("zh-TW", "zh-Hant-HK", "zh-CN", "zh", "en-GB", "fr", "")]
    ['zh-Hant', 'zh-Hant', 'zh', 'zh', 'en', '', '']
    """
    language, *parts = locale.split("-")
    if language == "zh" and TRADITIONAL & {*parts} and "Hans" not in parts:
        return "zh-Hant"
    return language if language in WRITTEN else ""


def written_as(language: str) -> str:
    """Give the language that files write what a language says, for columns of names too."""
    return SOURCES.get(language, language)


@lru_cache(maxsize=1)
def _characters() -> dict[int, str]:
    pairs = json.loads((FOLDER / "simplified.json").read_text("utf-8"))
    return dict(zip(map(ord, pairs["traditional"]), pairs["simplified"], strict=True))


def simplified(text: str) -> str:
    """
    Write traditional characters as simplified ones, to compare texts that people write in either.

    Examples
    --------
    >>> simplified("濁度"), simplified("clear")
    ('浊度', 'clear')
    """
    return text if text.isascii() else text.translate(_characters())


def in_every_language(texts: Mapping[str, Any]) -> dict[str, Any]:
    """
    Add the languages that are made of another one, where a file does not give them itself.

    Examples
    --------
    >>> in_every_language({"zh": "设施覆盖", "en": "Coverage"})["zh-Hant"]
    '設施覆蓋'
    """
    made = {
        language: _converted(language, texts[source])
        for language, source in SOURCES.items()
        if source in texts and language not in texts
    }
    return {**texts, **made}


def with_every_language(content: Any) -> Any:  # noqa: ANN401  a value of TOML
    """Add them to every text of a file."""
    if not isinstance(content, dict):
        return content
    filled = {key: with_every_language(value) for key, value in content.items()}
    return in_every_language(filled) if filled.keys() >= set(WRITTEN) else filled


def _converted(language: str, text: Any) -> Any:  # noqa: ANN401  a text or a list of texts
    if isinstance(text, list):
        return [_converted(language, each) for each in text]
    return _texts(language).get(text, text)


@lru_cache(maxsize=len(SOURCES))
def _texts(language: str) -> dict[str, str]:
    """Read what our own texts are in a language; a text of a city's files is shown as written."""
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return texts
