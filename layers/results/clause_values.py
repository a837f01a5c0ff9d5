"""Makes the frame of the values that an office enters for clauses of its title's standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.title import ENTERED, FLAG, SHARE
from layers.cleaning.identifiers import identify, loaded_rows
from layers.cleaning.numbers import NumberStyle, proved_style, stated_style, to_numbers
from layers.cleaning.times import parse_times
from layers.cleaning.values import flags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer
    from layers.knowledge.case_rules import CaseRules

PERCENT = "%％"


def clean_clause_values(layer: Layer, *, zone: str, rules: CaseRules) -> pd.DataFrame:
    """Make the values of one layer; rows without clause, value or day are quarantined."""
    account, ours = layer.account, layer.ours
    identifiers = identify(layer, keep_twice=False)
    texts = {name: text.str.strip() for name, text in layer.texts(*_COLUMNS).items()}
    clauses = () if rules.title is None else rules.title.standard.clauses
    units = {each.id: each.unit for each in clauses if each.judged == ENTERED}
    unit = texts["clause"].map(units)
    account.quarantine(
        unit.isna().to_numpy(), "clause_unknown", detail=texts["clause"].to_numpy(dtype=object)
    )
    style = stated_style(layer.recipe.decimal, layer.recipe.thousands)
    values = _values(texts["value"], unit, style or proved_style(texts["value"]))
    detail = texts["value"].to_numpy(dtype=object)
    account.quarantine(np.isnan(values), "clause_value_unread", detail=detail)
    beyond = (values < 0) | (unit.eq(SHARE).to_numpy() & (values > 1))
    account.quarantine(beyond, "clause_value_beyond", detail=detail)
    days = parse_times(texts["day"], how=layer.recipe.times, zone=zone)
    account.quarantine(
        days.isna().to_numpy(), "clause_day_unread", detail=texts["day"].to_numpy(dtype=object)
    )
    account.note((texts["source"] == "").to_numpy(dtype=bool), "clause_source_missing")
    frame = pd.DataFrame(
        {
            "clause_id": texts["clause"],
            "value": values,
            "day": days.dt.tz_localize(None).dt.normalize(),
            "source": texts["source"],
        },
        index=ours.index,
    )
    return loaded_rows(frame, identifiers, layer, index="value_id")


_COLUMNS = ("clause", "value", "day", "source")


def _values(text: pd.Series[str], unit: pd.Series[str], style: NumberStyle) -> NDArray[np.float64]:
    """Read numbers, percentages, and for flags yes and no."""
    percent = text.str.endswith(tuple(PERCENT)).to_numpy(dtype=bool)
    numbers = to_numbers(text.str.rstrip(PERCENT + " "), style)
    numbers = np.where(percent, numbers / 100, numbers)
    said = flags(text).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.where(unit.eq(FLAG).to_numpy(), said, numbers)
