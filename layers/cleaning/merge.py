"""Cleans the layers of one kind one by one, and joins them into one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.model.errors import SourceError
from layers.cleaning.identifiers import with_new_identifiers
from layers.sources.memory import give_back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from layers.cleaning.layer import Layer


def _as_it_is(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


@dataclass(frozen=True)
class Cleaner:
    """
    How the layers of one kind become one frame.

    Attributes
    ----------
    clean
        Makes the frame of one layer.
    repeated
        What is done about identifiers that earlier layers have already, if anything.
    may_be_empty
        Whether a layer without a single loaded row is data, and not a fault of the recipe.
    finish
        Completes and checks the frame of all layers.
    """

    clean: Callable[[Layer], pd.DataFrame]
    repeated: Callable[[pd.DataFrame, Layer, pd.Index[str]], pd.DataFrame] | None = (
        with_new_identifiers
    )
    may_be_empty: bool = False
    finish: Callable[[pd.DataFrame], pd.DataFrame] = _as_it_is

    def merged(self, layers: Sequence[Layer]) -> pd.DataFrame | None:
        """Clean and join layers; `None` without any."""
        frames: list[pd.DataFrame] = []
        for layer in layers:
            frame = self.clean(layer)
            give_back()
            if not self.may_be_empty:
                _check_loaded(layer, frame)
            if frames and self.repeated:
                taken = frames[0].index.append([each.index for each in frames[1:]])
                frame = self.repeated(frame, layer, taken)
            frames.append(frame)
        if not frames:
            return None
        return self.finish(frames[0] if len(frames) == 1 else pd.concat(frames))


def _check_loaded(layer: Layer, frame: pd.DataFrame) -> None:
    if len(frame):
        return
    aside = layer.account.quarantined()
    told = []
    for reason, rows in aside.groupby("reason", sort=False):
        example = rows["detail"].iloc[0].strip(", ")
        told.append(f"{reason} ({len(rows)}{', ' * bool(example)}{example})")
    found = ", ".join([*told, *layer.table.remarks])
    msg = f"{layer.recipe.entry}: not one row could be loaded: {found}."
    raise SourceError(
        msg,
        problem="nothing_loaded",
        hint="Look at the columns and the CRS in the recipe.",
        entry=layer.recipe.entry,
        found=found,
        reasons={note.rule: note.facts for note in layer.account.report().notes},
    )
