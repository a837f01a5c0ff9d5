"""
Decodes text strictly, and tells by a kept detector in which encoding it is where nobody says.

The detector is asked for the few encodings that offices write, and shown only words that have
other characters than ASCII: separators and numbers say nothing and would drown the names. Where
two candidates are about as likely, the file is refused and both are named.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from typing import TYPE_CHECKING

import chardet

from layers.texts.proofs import is_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analysis.model.errors import SourceError
    from layers.sources.opened import Opened

CANDIDATES = (
    "gb18030", "big5hkscs", "cp949", "cp932", "euc-jp", "cp1252", "cp1250", "cp1251", "cp1253",
    "cp1254", "cp874",
)  # fmt: skip
"""What is looked for, in order of preference where a text reads the same in several."""
_EAST_ASIAN = frozenset(CANDIDATES[:5])
_SUPERSETS = {
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "euc_kr": "cp949",
    "euc_jp": "euc-jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}
"""Encodings by the names that office programs give them, and what these programs write."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8 = ("utf-8", "utf-8-sig")
_WIDE = ("utf-16-le", "utf-16-be")
_WORD = re.compile(rb"(?:[\x81-\xfe][0-9][\x81-\xfe][0-9]|[^\x00-?])+")
"""Words: second halves of characters begin at `@`; four bytes of GB 18030 hold two digits."""
_SHOWN, _SEARCHED = 1 << 14, 1 << 22
"""Bytes of words that the detector sees, and of the file that they are looked for in."""
_FEW = 60
"""Below so many bytes of words, candidates must lie further apart."""
_ALIKE = {(True, True): 0.3, (True, False): 0.6, (False, True): 0.4, (False, False): 0.7}
"""By few words, and both East Asian: share of the best's confidence that makes a second as good."""
_NEVER = re.compile("[\ue000-\uf8ff\x80-\x9f\ufffe\uffff]")
"""Private use and control characters: no text of an office."""
_KANA = re.compile("[\u3041-\u30fa]")
_SIGN_IN_WORD = re.compile(r"[^\W\d_][«»²³¹¼½¾×÷¤¦§¨©ª¬®¯°±´¶·¸º¡¿]+[^\W\d_]")
"""Signs amid letters: halves of other characters."""
_WORD_OF_TWO = re.compile("[a-z][\u3400-\u9fff\uac00-\ud7a3]")
"""A character of a thousand right behind a small Latin letter: an accent read wrongly."""


def decode(opened: Opened, *, encoding: str) -> str:
    """Decode a text file strictly: no character is replaced."""
    return decoded(opened, encoding=encoding)[0]


def decoded(opened: Opened, *, encoding: str) -> tuple[str, str]:
    """Decode a text file strictly, and tell which encoding had to be guessed; `""` for none."""
    data = opened.data
    if encoding:
        return _strictly(opened, _meant(encoding)), ""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strictly(opened, (name,)), ""
    with contextlib.suppress(UnicodeDecodeError):
        return _as_utf8(data), ""
    name = detect(opened)
    return data.decode(name), name


def utf8_start(opened: Opened, *, encoding: str) -> int | None:
    """
    Tell at which byte a text begins whose bytes are UTF-8 as they stand; `None` where they are not.

    Such a text is the same decoded and encoded again, but takes no time and memory for it.
    """
    start = utf8_mark(opened, encoding=encoding)
    return start if start is not None and is_utf8(opened.data) else None


def utf8_mark(opened: Opened, *, encoding: str) -> int | None:
    """Tell at which byte a text begins if its bytes are UTF-8; `None` where they are not to be."""
    data, start = opened.data, 0
    name = ""
    if encoding:
        with contextlib.suppress(LookupError):
            name = codecs.lookup(encoding).name
        if name not in _UTF8:
            return None
    for _ in range(1 if name == "utf-8" else 2):
        start += 3 if data.startswith(codecs.BOM_UTF8, start) else 0
    wide = not name and not start and wide_of(data)
    return None if wide else start


def _as_utf8(data: bytes) -> str:
    wide = wide_of(data)
    return data.decode(wide or "utf-8").removeprefix("\ufeff")


def wide_of(data: bytes) -> str:
    """Tell which UTF-16 a text without a mark is: its lines end, and nothing in it is null."""
    for name in _WIDE if b"\0" in data[:4096] and len(data) % 2 == 0 else ():
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(name)
            if "\n" in text and "\0" not in text and not _NEVER.search(text[:4096]):
                return name
    return ""


def _meant(stated: str) -> tuple[str, ...]:
    """Name the encodings that a name stands for: programs that write them mean the superset."""
    with contextlib.suppress(LookupError):
        plain = codecs.lookup(stated).name
        return (_SUPERSETS[plain], stated) if plain in _SUPERSETS else (stated,)
    return (stated,)


def _strictly(opened: Opened, names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return opened.data.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            position = error.start
        except LookupError as error:
            raise opened.error(
                text=f"cannot be decoded: Python knows no encoding {name!r}.",
                problem="encoding_unknown",
                hint="Use for example utf-8, gb18030, big5hkscs or cp1252.",
                found=name,
            ) from error
    raise _wrong(opened, names, position)


def _wrong(opened: Opened, names: Iterable[str], position: int) -> SourceError:
    data = opened.data
    line, found = data[:position].count(b"\n") + 1, f"{data[position]:#04x}"
    return opened.error(
        text=f"is not text in {' or '.join(names)}: line {line}, byte {found}.",
        problem="encoding_wrong",
        hint="State its `encoding` in the recipe, for example gb18030 or big5hkscs.",
        found=found,
        line=line,
        allowed=", ".join(names),
    )


def detect(opened: Opened) -> str:
    """Find the encoding of a text that is no UTF-8; refuse where two are about as likely."""
    data = opened.data
    first = next(i for i, byte in enumerate(data) if byte > 127)  # noqa: PLR2004  ASCII ends
    words = _words(data[max(first - 200, 0) : first + _SEARCHED])
    likely = list(_ranked(words, data))[:2]
    if not likely:
        raise _wrong(opened, ("utf-8", *CANDIDATES), first)
    best = likely[0][0]
    if len(likely) > 1:
        other, alike = likely[1][0], likely[1][1] / likely[0][1]
        east = best in _EAST_ASIAN and other in _EAST_ASIAN
        if alike >= _ALIKE[len(words) < _FEW, east]:
            raise _ambiguous(opened, words, best, other)
    return best


def _words(data: bytes) -> bytes:
    """Take words with other characters than ASCII, each once: repeated they would weigh more."""
    size, found = 0, dict[bytes, None]()
    for word in _WORD.findall(data):
        if not word.isascii() and word not in found:
            found[word] = None
            size += len(word)
            if size > _SHOWN:
                break
    return b"\n".join(found)


def _ranked(words: bytes, data: bytes) -> Iterator[tuple[str, float]]:
    """List encodings that read the file, likeliest first, each text once."""
    told = {
        _plain(str(each["encoding"])): float(each["confidence"])
        for each in chardet.detect_all(words, ignore_threshold=True, include_encodings=CANDIDATES)
        if each["encoding"] and each["confidence"]
    }
    taken: list[str] = []
    order = [name for name in CANDIDATES if name in told]
    for name in sorted(order, key=lambda name: -told[name]):
        text = _possible(words, name)
        if text is None or text in taken or _possible(data, name, search=False) is None:
            continue
        taken.append(text)
        same = next(each for each in order if _possible(words, each) == text)
        yield (same if _possible(data, same, search=False) is not None else name), told[name]


def _plain(name: str) -> str:
    plain = codecs.lookup(name).name
    return _SUPERSETS.get(plain, plain)


def _possible(data: bytes, name: str, *, search: bool = True) -> str | None:
    """Decode, unless the result is nothing that people write."""
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    if not search:
        return ""
    east = name in _EAST_ASIAN
    kana = name in {"gb18030", "big5hkscs", "cp949"} and _KANA.search(text)
    mixed = (_WORD_OF_TWO if east else _SIGN_IN_WORD).search(text)
    strange = _NEVER.search(text) or kana or mixed
    return None if strange else text


def _ambiguous(opened: Opened, words: bytes, best: str, other: str) -> SourceError:
    read = [words.decode(name).split("\n") for name in (best, other)]
    differing = next(pair for pair in zip(*read, strict=False) if pair[0] != pair[1])
    shown = [text[:30] for text in differing]
    return opened.error(
        text=f"does not state its encoding, and may be {best} ({shown[0]}) or {other}"
        f" ({shown[1]}).",
        problem="encoding_ambiguous",
        hint=f'State the one that reads rightly in the recipe: `encoding = "{best}"` or'
        f' `encoding = "{other}"`.',
        found=shown[0],
        other_found=shown[1],
        encoding=best,
        other=other,
    )
