"""Writes a guessed city as its `city.toml`: what is sure as keys, the rest as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tomlkit import TOMLDocument
    from tomlkit.items import Comment, InlineTable, Table

    from layers.suggest.guesses import CityGuess, ColumnGuess, LayerGuess, Reason

    Say = Callable[[Reason], str]

_FIRST = (
    "format", "layer", "records", "encoding", "header_row", "names", "crs", "times",
    "position_pattern", "factors", "decimal", "thousands",
)  # fmt: skip
"""Keys that are written first, in this order."""
_TABLES = ("columns", "values")


def recipe_text(guess: CityGuess, *, heading: str, say: Say) -> str:
    """Write the recipe; `say` puts a reason into words."""
    document = tomlkit.document()
    document.add(_comment(heading))
    for key, value in guess.keys.items():
        document.add(key, _item(value))
    for doubt in guess.doubts:
        document.add(_comment(f"! {say(doubt)}"))
    for layer in guess.layers:
        if layer.aside is not None:
            _add_aside(document, layer, say)
    layers = tomlkit.aot()
    for layer in guess.present:
        layers.append(_layer(layer, say))
    document.add(tomlkit.nl())
    document.add("layers", layers)
    return tomlkit.dumps(document)


def _comment(text: str) -> Comment:
    """Write a comment; names from files may hold anything, and stay on one line."""
    return tomlkit.comment(one_line(text))


def one_line(text: str) -> str:
    """Give a text without what would end a line or cannot be seen."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _add_aside(document: TOMLDocument, layer: LayerGuess, say: Say) -> None:
    reason = say(layer.aside) if layer.aside else ""
    document.add(_comment(f"- {', '.join(layer.files)}: {reason}"))


def _layer(layer: LayerGuess, say: Say) -> Table:
    table = tomlkit.table()
    for reason in layer.reasons:
        table.add(_comment(say(reason)))
    table.add("kind", layer.kind)
    files = list(layer.files)
    table.add(*(("file", files[0]) if len(files) == 1 else ("files", _item(files))))
    for key in _ordered(layer.keys):
        table.add(key, _item(layer.keys[key]))
    for doubt in layer.doubts:
        table.add(_comment(f"! {say(doubt)}"))
    if layer.columns:
        table.add("columns", _columns(layer, say))
    if layer.keys.get("values"):
        values = tomlkit.table(is_super_table=True)
        for column, texts in layer.keys["values"].items():
            values.add(column, _plain_table(texts))
        table.add("values", values)
    return table


def _ordered(keys: Mapping[str, Any]) -> list[str]:
    named = [key for key in _FIRST if key in keys]
    return [*named, *(key for key in keys if key not in {*_FIRST, *_TABLES})]


def _columns(layer: LayerGuess, say: Say) -> Table:
    """Write the columns; those that are not sure stand beside as comments."""
    table = tomlkit.table()
    for theirs, ours in layer.taken.items():
        item = tomlkit.item(ours[0] if len(ours) == 1 else list(ours))
        first = next(each for each in layer.columns if each.theirs == theirs and each.sure)
        item.comment(one_line(_noted(first, say)))
        table.add(theirs, item)
    for guess in layer.columns:
        if not guess.sure:
            line = f"? {guess.theirs} = {guess.ours}: {_noted(guess, say)}"
            table.add(_comment(line))
    return table


def _noted(guess: ColumnGuess, say: Say) -> str:
    return f"{guess.confidence:.0%}, {say(guess.reason)}"


def _item(value: Any) -> Any:  # noqa: ANN401  values of TOML
    return _inline(value) if isinstance(value, dict) else tomlkit.item(value)


def _inline(mapping: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for key, value in mapping.items():
        table.append(key, _item(value))
    return table


def _plain_table(mapping: Mapping[str, str]) -> Table:
    table = tomlkit.table()
    for key, value in mapping.items():
        table.add(key, value)
    return table
