"""What a page that was drawn shows, and its address."""

from __future__ import annotations

import html
import json

from views.map_widget.shared_store import STORE


def plain(text):
    """A text of the page as the reader sees it, without what keeps a day in one line."""
    return html.unescape(text).replace("\N{WORD JOINER}", "")


def texts(page):
    """Everything the page says outside tables, as the reader sees it."""
    kinds = (page.markdown, page.caption, page.warning, page.info, page.error, page.header)
    return [plain(element.value) for kind in kinds for element in kind]


def first_sight(page):
    """Everything the page says before anything is opened, beside titles of widgets."""

    def inside(block):
        for child in block.children.values():
            if not hasattr(child, "children"):
                yield child
            elif child.type not in {"expander", "expandable", "popover", "status"}:
                yield from inside(child)

    kinds = {"markdown", "caption", "warning", "info", "header", "subheader"}
    seen = [each for each in inside(page.main) if each.type in kinds]
    return [plain(each.value) for each in seen]


def written(page):
    """Cells as they are written in tables with a style, but of columns with a form of their own."""
    import pyarrow as pa  # noqa: PLC0415  for this alone

    found = []
    for each in page.dataframe:
        table, columns = each.proto.arrow_data, json.loads(each.proto.columns)
        if not table.HasField("styler"):
            continue
        given = {
            name for name, look in columns.items() if (look.get("type_config") or {}).get("format")
        }
        cells = pa.ipc.open_stream(table.styler.display_values).read_pandas()
        cells.columns = each.value.columns
        found += [str(cell) for name in cells if name not in given for cell in cells[name]]
    return found


def said(page):
    return "\n".join(texts(page))


def query_of(page):
    """The URL's parameters; the test harness gives the ones it was handed as lists."""
    values = dict(page.query_params)
    return {name: v[-1] if isinstance(v, list) else v for name, v in values.items()}


def details_of(page):
    """Give the table of the community chosen: figures down, rules across."""
    return next(each.value for each in page.dataframe if "Shortfall" in each.value.index)


def single_points(spec):
    """Places drawn one by one."""
    if spec.points is None:
        return []
    return json.loads(STORE.get(spec.points.url).content)["lon"]


def bytes_sent(page):
    """Sum of all that a run sends to the browser."""
    protos = [getattr(element, "proto", None) for element in page]
    return sum(proto.ByteSize() for proto in protos if proto is not None)
