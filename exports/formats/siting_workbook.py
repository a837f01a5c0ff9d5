"""A proposal of new sites as a workbook: what it does in sentences, and its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.formats.xlsx import Book
from exports.tables.data import layer_table
from layers.knowledge.dictionary import load_dictionary
from wording import numbers
from wording.missing_rows import missing_sentence
from wording.names import in_language, known_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from analysis.model.standards import Standard
    from layers.city import City
    from wording.speaker import Speaker


def siting_workbook(
    city: City,
    standard: Standard,
    frames: Mapping[str, pd.DataFrame],
    *,
    said: Sequence[str],
    parameters: Mapping[str, object],
    translate: Speaker,
) -> bytes:
    """Write the sheets of a proposal; tables are those of its other files, by their names."""
    language, dictionary = translate.language, load_dictionary()
    label = dictionary.labels
    heading = (
        f"{translate.of(city.name)} · {label['standard'][language]}: "
        f"{translate.of(standard.title)} ({standard.id}) · "
        f"{label['as_of'][language]} {numbers.day(city.as_of)}"
    )
    book = Book(
        language=language,
        heading=" · ".join(filter(None, (heading, missing_sentence(translate, city)))),
        created=city.as_of.to_pydatetime().replace(tzinfo=None),
    )
    names = {
        "kind": {kind.id: translate.of(kind.name) for kind in city.kinds.values()},
        **known_names(city.communities, language),
    }
    for name, frame in frames.items():
        columns = dictionary.tables[name].columns
        book.table(name, in_language(frame, city, language), columns, names=names)
    asked = [[name, str(value)] for name, value in parameters.items() if value is not None]
    book.text("method", [("", [[sentence] for sentence in said]), ("", asked)])
    book.table("source", layer_table(city, language=language), dictionary.tables["layers"].columns)
    return book.content()
