"""Personal data in the rows of reports: noted by class and column, masked where rows are shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis.privacy.recognise import CLASSES, classes_found, mask, mask_column
from layers.recipe.schema import RESULTS_KIND, SURVEY
from layers.texts.proofs import different, times_between, with_decimals

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from layers.cleaning.layer import Layer

REPORTS: Final = ("issues", RESULTS_KIND, SURVEY)
"""Kinds of layers whose rows are about people who reported; the others are of public places."""
RESPONSIBLE: Final = ("leader", "unit")
"""Columns of ours that name who answers for a case, by office."""
LOOKED_AT: Final = 500
"""Different values of a column, spread over it, that are searched: a million texts take minutes."""
_DECIMALS: Final = 5
_PLACE: Final = rf"-?\d{{1,9}}\.\d{{{_DECIMALS},}}"
_CENTURIES: Final = ("1900-01-02", "2099-12-30")


def note_personal(layer: Layer) -> None:
    """Note in how many rows each column of reports, used or not, holds personal data."""
    columns = layer.recipe.columns.items()
    offices = {heading for heading, ours in columns if not {*RESPONSIBLE}.isdisjoint(ours)}
    for heading in layer.table.rows.columns:
        texts = layer.table.rows[heading].astype("str")
        values = different(_that_may_tell(texts))
        spread = np.linspace(0, len(values) - 1, min(len(values), LOOKED_AT)).astype(int)
        some = values.iloc[spread]
        for kind, found in classes_found(some, heading=str(heading)).items():
            if kind != "name" or heading not in offices:
                rows = texts.isin(some[found]).to_numpy(dtype=bool)
                facts = {"heading": str(heading), "looked": len(some), "different": len(values)}
                layer.account.note(rows, f"personal_{kind}", **facts)


def _that_may_tell(texts: pd.Series[str]) -> pd.Series[str]:
    """Leave out places and times: their digits are no number of a person under any heading."""
    times = times_between(texts, *_CENTURIES)
    if times is not None:
        return texts[:0] if times else texts
    if not texts.iloc[:LOOKED_AT].str.fullmatch(_PLACE).any():
        return texts
    rest = texts[~with_decimals(texts, _DECIMALS)]
    return rest[~rest.str.fullmatch(_PLACE)]


def masked_rows(
    quarantine: pd.DataFrame, reports: Collection[str], *, seen: Collection[str] = ()
) -> pd.DataFrame:
    """
    Mask personal data in quarantined rows.

    Parameters
    ----------
    quarantine
        With `layer`, `id`, `detail` and `content`, the row as JSON.
    reports
        Layers of reports. In the others an address stays: it is that of a public place.
    seen
        Classes that whoever looks may see.

    Returns
    -------
    masked
        The same rows.
    """
    rows = quarantine.copy()
    for about_people in (True, False):
        of = quarantine["layer"].isin(reports) == about_people
        stays = {*seen} if about_people else {*seen, "address"}
        classes = tuple(kind for kind in CLASSES if kind not in stays)
        for name in ("id", "detail"):
            rows.loc[of, name] = mask_column(
                quarantine.loc[of, name].astype("str"), classes=classes
            )
        rows.loc[of, "content"] = [
            _masked_row(text, classes) for text in quarantine.loc[of, "content"]
        ]
    return rows


def _masked_row(text: str, classes: Collection[str]) -> str:
    row = json.loads(text)
    masked = _masked(row, "", classes)
    return text if masked == row else json.dumps(masked, ensure_ascii=False)


def _masked(value: object, heading: str, classes: Collection[str]) -> object:
    if isinstance(value, dict):
        return {key: _masked(each, str(key), classes) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, heading, classes) for each in value]
    return mask(value, heading=heading, classes=classes) if isinstance(value, str) else value
