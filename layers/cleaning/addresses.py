"""Finds the places of rows that have an address and no coordinates, and tells by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.model.errors import SourceError
from layers.places.gazetteer import LEAST_SCORE, Found

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer
    from layers.places.gazetteer import Gazetteer

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


_RULES = {
    "house": "address_house",
    "house_near": "address_house_near",
    "name": "address_name",
    "street": "address_street",
}
"""By how a place was found."""


def place_by_address(layer: Layer, gazetteer: Gazetteer, x: Floats, y: Floats) -> Mask:
    """Fill in the places that addresses tell, note how, and give the rows that were placed."""
    found = _find(layer, gazetteer, np.isnan(x))
    score = np.array([each.score if each else 0.0 for each in found])
    placed: Mask = score >= LEAST_SCORE
    for position in np.flatnonzero(placed):
        x[position], y[position] = found[position][:2]  # type: ignore[index]
    _note_found(layer, found, placed)
    return placed


def place_all_by_address(
    layer: Layer, gazetteer: Gazetteer, x: Floats, y: Floats, *, optional: bool
) -> None:
    """Find the places of a layer without coordinates; what is not found is listed with its best."""
    account, address = layer.account, layer.ours["address"]
    placed = place_by_address(layer, gazetteer, x, y)
    missed = ~placed & account.alive & (address != "").to_numpy(dtype=bool)
    if not missed.any():
        return
    if optional:
        account.note(missed, "address_not_found", found=str(address[missed].iloc[0]))
        return
    _refuse_all(layer, gazetteer, missed, placed)
    detail = _spelt(address, _find(layer, gazetteer, missed))
    account.quarantine(missed, "address_unknown", detail=detail)


def _find(layer: Layer, gazetteer: Gazetteer, wanted: Mask) -> list[Found | None]:
    """Look up each address that is wanted, once."""
    address = layer.ours["address"]
    wanted = wanted & layer.account.alive & (address != "").to_numpy(dtype=bool)
    known = {text: gazetteer.find(text) for text in address[wanted].unique()}
    return [known[text] if here else None for text, here in zip(address, wanted, strict=True)]


def _note_found(layer: Layer, found: list[Found | None], placed: Mask) -> None:
    """Note by what each place was found, by an example with its score."""
    for how, rule in _RULES.items():
        mask = placed & np.array([each is not None and each.how == how for each in found])
        if mask.any():
            lowest = min(np.flatnonzero(mask), key=lambda row: found[row].score)  # type: ignore[union-attr]
            example = found[lowest]
            layer.account.repair(
                mask,
                rule,
                found=layer.ours["address"].iloc[lowest],
                read=example.taken if example else "",
                score=round(example.score) if example else 0,
            )


def _spelt(address: pd.Series[str], found: list[Found | None]) -> NDArray[np.object_]:
    """Write each address, with the best that was found and its score."""
    texts = [
        f"{text} → {each.taken} ({each.score:.0f})" if each and each.taken else text
        for text, each in zip(address, found, strict=True)
    ]
    return np.array(texts, dtype=object)


def _refuse_all(layer: Layer, gazetteer: Gazetteer, missed: Mask, placed: Mask) -> None:
    """Refuse a layer without coordinates of which not one address is known."""
    account, sizes = layer.account, gazetteer.sizes()
    if placed.any() or missed.sum() < account.alive.sum():
        return
    row = int(np.flatnonzero(missed)[0])
    text, name = layer.ours["address"].iloc[row], layer.texts("name")["name"].iloc[row]
    files, count = ", ".join(layer.table.files), int(missed.sum())
    msg = (
        f"{layer.recipe.entry}: {files}: none of {count} addresses is known, such as address"
        f" {text!r} ({name or account.label(row)}); the city's layers have {sizes.houses} house"
        f" numbers, {sizes.streets} streets and {sizes.names} names."
    )
    raise SourceError(
        msg,
        problem="addresses_unknown",
        hint="Add a layer of kind `addresses` or `streets` with names, or coordinates.",
        entry=layer.recipe.entry,
        file=files,
        count=count,
        found=text,
        row=name or account.label(row),
        **vars(sizes),
    )
