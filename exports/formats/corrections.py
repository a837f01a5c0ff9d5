"""Quarantined rows as files to correct: the columns of the source, the reason beside."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from exports.formats.csv import safe_text
from exports.tables.data import shown_quarantine
from layers.recipe.corrections import correction_table

if TYPE_CHECKING:
    import pandas as pd

    from layers.city import City


def corrected_layers(city: City) -> list[str]:
    """Name the layers with rows to correct."""
    return list(city.quarantine["layer"].unique())


def correction_files(city: City, *, personal: bool = False) -> dict[str, bytes]:
    """Make one file for each layer to correct, by its name; personal data only if asked for."""
    shown = None if personal else shown_quarantine(city)
    return {layer: _csv(city, layer, shown) for layer in corrected_layers(city)}


def _csv(city: City, layer: str, shown: pd.DataFrame | None) -> bytes:
    table = correction_table(city.quarantine, layer, shown=shown)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([safe_text(str(name)) for name in table.columns])
    writer.writerows([safe_text(str(cell)) for cell in row] for row in table.to_numpy())
    return stream.getvalue().encode("utf-8-sig", errors="replace")
