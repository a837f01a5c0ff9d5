"""Reads texts as flags and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from layers.cleaning.row_account import RowAccount

YES = ("yes", "y", "true", "t", "1", "1.0", "是", "有", "√", "✓", "✔", "☑", "○", "◯")
NO = ("no", "n", "false", "f", "0", "0.0", "否", "无", "無", "×", "✗", "✘")
NO_VALUE = r"(?i:[\W_]+|0+|n/?a|null|none|nan|无|無|不详|不詳|暂无|暫無|未编号|未編號)"
"""What people and programs write where there is nothing to write."""
SHOWN = 3
"""Values that a note spells out."""


def says_nothing(text: pd.Series[str]) -> NDArray[np.bool_]:
    """Tell which texts only say that there is no value."""
    return text.str.fullmatch(NO_VALUE).to_numpy(dtype=bool)


def flags(text: pd.Series[str]) -> pd.Series[bool]:
    """Read yes and no."""
    lowered = text.str.normalize("NFKC").str.strip().str.casefold()
    result = pd.Series(pd.NA, index=text.index, dtype="boolean")
    return result.mask(lowered.isin(YES), True).mask(lowered.isin(NO), False)  # noqa: FBT003


def codes(text: pd.Series[str], allowed: Sequence[str], account: RowAccount) -> pd.Series[str]:
    """Read codes; any that is not allowed is noted and empty."""
    listed = text.isin(allowed)
    unlisted = (~listed & (text != "")).to_numpy(dtype=bool)
    note_unlisted(text, unlisted, account)
    return text.where(listed, "")


def note_unlisted(text: pd.Series[str], unlisted: NDArray[np.bool_], account: RowAccount) -> None:
    """Note values that nothing translates, the most frequent first."""
    unlisted = unlisted & account.alive
    if unlisted.any():
        found = most_frequent_values(text[unlisted])
        account.note(unlisted, "value_unlisted", column=str(text.name), found=found)


def most_frequent_values(text: pd.Series[str]) -> str:
    """Spell out the most frequent values."""
    return ", ".join(map(repr, text.value_counts().index[:SHOWN]))


def status(ours: pd.DataFrame, allowed: Sequence[str], account: RowAccount) -> pd.Series[str]:
    """Read the status of facilities or issues."""
    if "status" not in ours:
        return pd.Series("unknown", index=ours.index, dtype="str")
    return codes(ours["status"], allowed, account).replace("", "unknown")
