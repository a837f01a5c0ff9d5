"""Parses XML without document types or entities, finds its way in it, and reads its records."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import defusedxml.ElementTree
import numpy as np
from defusedxml import DefusedXmlException

from layers.formats.boundary import reading
from layers.formats.charset import decode
from layers.formats.table import Table, text_frame
from layers.sources.opened import check_content

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from xml.etree.ElementTree import Element

    from layers.sources.opened import Opened

_DECLARED = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml[^>]*\?>")
_OWN = {"utf-8", "utf8", "us-ascii", "ascii"}
"""Encodings that expat decodes itself."""


_REFUSALS = ("ExceptionReport", "ServiceExceptionReport")
"""What services of maps send instead of data."""


def parse_xml(
    opened: Opened, *, encoding: str = "", format_name: str = "XML", roots: Collection[str] = ()
) -> Element:
    """Parse a document; the encoding that it declares is believed, one that is stated more."""
    opened = _readable(opened, encoding)
    check_content(opened, expected="xml", format_name=format_name)
    with reading(opened, f"is not sound {format_name}"):
        try:
            root: Element = defusedxml.ElementTree.fromstring(opened.data, forbid_dtd=True)
        except DefusedXmlException as error:
            raise opened.error(
                text="defines XML entities (DOCTYPE), which data never need.",
                problem="xml_entities",
                hint="Save it again from a current program, a workbook as XLSX.",
                found="DOCTYPE",
            ) from error
    if local(root) in _REFUSALS:
        told = " ".join(" ".join(root.itertext()).split())[:200]
        raise opened.error(
            text=f"is no data but the error that a server told: {told}.",
            problem="reply_error",
            hint="Correct the address or the query, and fetch it again.",
            found=told,
        )
    if roots and local(root) not in roots:
        found, allowed = f"<{local(root)[:40]}>", f"<{next(iter(roots))}>"
        raise opened.error(
            text=f"should be {format_name}, but its content is {found}; allowed is {allowed}.",
            problem="format_mismatch",
            hint="Get the file in the format meant, or correct `format` in the recipe.",
            found=found,
            allowed=allowed,
            format=format_name,
        )
    return root


def _readable(opened: Opened, encoding: str) -> Opened:
    """Give what expat reads: GB 18030 and its like are decoded here."""
    if opened.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = encoding or "utf-16"
    declared = _DECLARED.match(opened.data[:1024])
    named = encoding or (declared.group(1).decode() if declared else "")
    if not named or named.lower() in _OWN:
        return opened
    text = decode(opened, encoding=named)
    return replace(opened, data=_DECLARATION.sub("", text).encode())


def local(element: Element) -> str:
    """Give the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Find children by their local names."""
    return (child for child in element if local(child) in names)


def text_of(element: Element | None) -> str:
    """Give the text within an element and within those in it."""
    return "" if element is None else "".join(element.itertext()).strip()


def read_xml_records(opened: Opened, root: Element, *, records: str) -> Table:
    """Read the elements below the root, or those at a path such as `result.record`."""
    found = [root]
    for name in filter(None, records.split(".")):
        found = [child for element in found for child in children(element, name)]
    rows = found if records else list(_alike(root))
    if not rows:
        raise opened.error(
            text=f"has no list of records at {records or 'its top'!r}.",
            problem="records_missing",
            hint="State the path of the list as `records`, for example result.results.",
            found=records,
        )
    table = text_frame([_values(row) for row in rows])
    return Table(rows=table, numbers=np.arange(1, len(rows) + 1), loose=True)


def _alike(root: Element) -> Iterator[Element]:
    """Go down to the first element with several children of one name, or to the last with any."""
    while len(root) == 1 and len(root[0]) and len(root[0][0]):
        root = root[0]
    names = [local(child) for child in root]
    usual = max(names, key=names.count, default="")
    yield from children(root, usual)


def _values(element: Element, path: str = "") -> dict[str, object]:
    """Lay an element out flat: attributes, and texts by the path of their names."""
    values: dict[str, object] = {f"{path}{name}": text for name, text in element.items()}
    for child in element:
        name = f"{path}{local(child)}"
        inner = _values(child, f"{name}.") if len(child) else {name: text_of(child)}
        for key, value in inner.items():
            known = values.get(key)
            values[key] = value if known in {None, ""} else f"{known}, {value}"
    return values
