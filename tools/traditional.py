"""
Make the texts in traditional Chinese of the simplified ones, with OpenCC and our corrections.

Run: python -m tools.traditional (`make docs` does). A test holds the file to what it is made from.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import partial
from typing import TYPE_CHECKING, Any

from opencc import OpenCC

from layers.languages import FOLDER, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGE = "zh-Hant"
FILE = FOLDER / f"{LANGUAGE}.json"
SIMPLIFIED = FOLDER / "simplified.json"
"""Traditional characters and their simplified ones, for comparing names written in either."""
CORRECTIONS = FOLDER / f"{LANGUAGE}.toml"
DATA = FOLDER.parent
CHARACTERS = "s2tw"
"""As Taiwan writes them. Its phrases (`s2twp`) say 社群 for 社区 and 引數 for 参数."""
QUOTES = str.maketrans("“”‘’", "「」『』")
VOCABULARIES = ("headings.toml", "truths.toml")
"""Files whose words nobody is shown."""


def traditional_texts() -> dict[str, str]:
    """Say every text of ours in traditional Chinese, by the simplified text."""
    corrections = tomllib.loads(CORRECTIONS.read_text("utf-8"))
    say = partial(_said, OpenCC(CHARACTERS), corrections["words"])
    texts = {text: say(text) for text in sorted(set(simplified_texts()))}
    return texts | corrections.get("texts", {})


def simplified_texts() -> Iterator[str]:
    """Find every text of our files that is written in simplified Chinese and in English."""
    for path in sorted(DATA.rglob("*.toml")):
        if path.name not in VOCABULARIES and path.parent != FOLDER:
            yield from _texts(tomllib.loads(path.read_text("utf-8")))


def _texts(content: Any) -> Iterator[str]:  # noqa: ANN401  a value of TOML
    if isinstance(content, list):
        for each in content:
            yield from _texts(each)
    if isinstance(content, dict):
        if content.keys() >= set(WRITTEN):
            yield from _strings(content["zh"])
            yield from _strings(content.get("aliases", []))
        for each in content.values():
            yield from _texts(each)


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401  a text or a list of texts
    values = value if isinstance(value, list) else [value]
    yield from (each for each in values if isinstance(each, str) and each)


def _said(converter: OpenCC, words: dict[str, str], text: str) -> str:
    """Convert what stands between our words, the longest first."""
    longest = sorted(words, key=len, reverse=True)
    parts = re.split(rf"({'|'.join(map(re.escape, longest))})", text)
    said = "".join(words[part] if part in words else converter.convert(part) for part in parts)
    return said.translate(QUOTES)


def simplified_characters() -> dict[str, str]:
    """Find the simplified character of each traditional one, in two texts of the same order."""
    convert = OpenCC("t2s").convert
    pairs = [(sign, convert(sign)) for sign in map(chr, range(0x3400, 0xA000))]
    pairs = [(sign, plain) for sign, plain in pairs if plain != sign and len(plain) == 1]
    traditional, simplified = zip(*pairs, strict=True)
    return {"traditional": "".join(traditional), "simplified": "".join(simplified)}


def main() -> None:
    """Write the files."""
    for path, content in ((FILE, traditional_texts()), (SIMPLIFIED, simplified_characters())):
        written = json.dumps(content, ensure_ascii=False, indent=0)
        path.write_text(f"{written}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
