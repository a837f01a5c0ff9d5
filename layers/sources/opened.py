"""The bytes of a file, read once, and what they are before they are parsed."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.model.errors import SourceError

_FEW_NULLS = 0.01
"""Share of null bytes up to which a file is still text, with damage in some rows."""
_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"SQLite format 3\0", "sqlite"),
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"fgb\x03fgb", "flatgeobuf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\x89PNG", "png"),
    (b"%PDF", "pdf"),
    (b"\x7fELF", "program"),
)


@dataclass(frozen=True)
class Opened:
    """
    The bytes of one file, read once.

    Attributes
    ----------
    entry
        Which part of the recipe named it, for messages.
    name
        Its name as in the recipe.
    data
        The bytes, unpacked if the file was a `.gz`.
    sha256
        Of the bytes on disk.
    """

    entry: str
    name: str
    data: bytes
    sha256: str

    def error(self, *, text: str, problem: str, hint: str = "", **facts: object) -> SourceError:
        """Make the error that says what is wrong with this file."""
        msg = f"{self.entry}: {self.name} {text}"
        return SourceError(
            msg, problem=problem, hint=hint, entry=self.entry, file=self.name, **facts
        )


def content_of(data: bytes) -> str:
    """Tell from its first bytes what a file is, whatever it is called."""
    for magic, content in _MAGIC:
        if data.startswith(magic):
            return content
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b\x0c\x1e")
    if start.startswith(b"<"):
        return "xml"
    if start.startswith((b"{", b"[")):
        return "json"
    return "binary" if start.count(b"\0") > _FEW_NULLS * len(start) else "text"


def check_content(opened: Opened, *, expected: str, format_name: str) -> None:
    """Refuse a file whose content is not what its format needs."""
    found = content_of(opened.data)
    if found != expected:
        raise opened.error(
            text=f"should be {format_name}, but its content is {found}; allowed is {expected}.",
            problem="format_mismatch",
            hint="Get the file in the format meant, or correct `format` in the recipe.",
            found=found,
            allowed=expected,
            format=format_name,
        )
