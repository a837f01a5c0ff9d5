"""Quarantined rows as files to correct: the columns of the source, the reason beside."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from exports.formats.csv import safe_text
from layers.recipe.corrections import correction_table

if TYPE_CHECKING:
    from layers.city import City

LINES = "streets"
"""Rows of streets are cut into edges and cannot be brought back one by one."""


def correction_files(city: City) -> dict[str, bytes]:
    """Make one file for each layer with quarantined rows, by the name of the layer."""
    layers = [each for each in city.quarantine["layer"].unique() if not each.startswith(LINES)]
    return {layer: _csv(city, layer) for layer in layers}


def _csv(city: City, layer: str) -> bytes:
    table = correction_table(city.quarantine, layer)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([safe_text(str(name)) for name in table.columns])
    writer.writerows([safe_text(str(cell)) for cell in row] for row in table.to_numpy())
    return stream.getvalue().encode("utf-8-sig", errors="replace")
