"""Frontage duty: who signed, who passed the check, who was never checked, what lies before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.handling.ranking import wilson_interval
from analysis.issues.moments import after_day
from analysis.model.contracts import FAIL, PASS

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    from numpy.typing import NDArray

NEVER, UNTOLD = "never_checked", "no_result"
DUTY_STATES = (PASS, FAIL, UNTOLD, NEVER)
"""
How a frontage stood when it was checked: passed, failed, checked with a result that nobody wrote
down, never checked.
"""
STREET, UNIT = GROUPS = ("street", "unit")
"""What frontages are counted by."""
DUTY_COLUMNS = (
    "frontages", "signed", "not_signed", "signed_unknown", "passed", "failed", UNTOLD, NEVER,
    "pass_share", "low_share", "high_share", "last_checked", "measured", "length_m", "issues_near",
    "issues_per_100m",
)  # fmt: skip
PER_M = 100.0
"""Metres of frontage that issues are counted over."""


def duty_states(frontages: gpd.GeoDataFrame, *, as_of: dt.date) -> pd.Series[str]:
    """
    Tell how every frontage stood at its check.

    Parameters
    ----------
    frontages
        As in `analysis.model.contracts`.
    as_of
        The day that is looked at, to its end. A check on a later day has not taken place.

    Returns
    -------
    state
        One of `DUTY_STATES` each, on the same index. A result without a day counts as checked.
    """
    checked, result = frontages["checked_at"], frontages["result"]
    later = after_day(checked, as_of).to_numpy()
    states = np.select(
        [later, result.eq(PASS), result.eq(FAIL), checked.notna()],
        [NEVER, PASS, FAIL, UNTOLD],
        NEVER,
    )
    return pd.Series(states, index=frontages.index, dtype="str", name="state")


def issues_before(
    frontages: gpd.GeoDataFrame, issues: pd.DataFrame, *, within_m: float
) -> pd.DataFrame:
    """
    Pair issues with the frontages that they lie before.

    Parameters
    ----------
    frontages
        As in `analysis.model.contracts`.
    issues
        With `x`, `y` in the same CRS, missing where they have no place.
    within_m
        Greatest distance of an issue from the point or line, in metres, both ends included.

    Returns
    -------
    pairs
        `frontage` and `issue`, positions in the two tables, one row a pair. An issue lies
        before every frontage that is near enough; which side of the street is not modelled.
    """
    places = issues[["x", "y"]].to_numpy(dtype=float)
    placed = np.flatnonzero(np.isfinite(places).all(axis=1))
    tree = shapely.STRtree(frontages.geometry.to_numpy())
    near = tree.query(shapely.points(places[placed]), predicate="dwithin", distance=within_m)
    return pd.DataFrame({"frontage": near[1], "issue": placed[near[0]]})


def frontage_duty(
    frontages: gpd.GeoDataFrame,
    group: str,
    *,
    as_of: dt.date,
    pairs: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Count the frontages of every street or unit: signed, passed, never checked, issues before them.

    Parameters
    ----------
    frontages
        As in `analysis.model.contracts`.
    group
        One of `GROUPS`, or empty for all of them in one row.
    as_of
        As in `duty_states`.
    pairs
        From `issues_before`; none at all where there is no register of issues.

    Returns
    -------
    duty
        `DUTY_COLUMNS` by group, the lowest share of passes first, those with none checked last;
        what states no group stands under an empty one. `passed`, `failed`, `no_result` and
        `never_checked` add up to `frontages`, and so do the three of signing. `pass_share` is of
        those that passed or failed, with Wilson's 95 % limits, missing where there are none:
        checks are taken as independent, and if offices check the bad ones first the share is
        too low. `length_m` sums the `measured` frontages, whose length is known; `issues_near`
        are different issues before these alone, and `issues_per_100m` their number over that
        length; all three are missing where no length is known or there is no register. Lengths
        that overlap are counted twice.
    """
    states = duty_states(frontages, as_of=as_of)
    keys = frontages[group].fillna("").astype(object) if group else pd.Series("", frontages.index)
    keys = keys.rename(group or "all")
    signed, checked = frontages["signed"], frontages["checked_at"]
    past = checked.mask(after_day(checked, as_of))
    known = frontages["length_m"].notna()
    facts = pd.DataFrame(
        {
            "frontages": 1,
            "signed": signed.eq("yes").astype("int64"),
            "not_signed": signed.eq("no").astype("int64"),
            "signed_unknown": signed.eq("").astype("int64"),
            "passed": states.eq(PASS).astype("int64"),
            "failed": states.eq(FAIL).astype("int64"),
            UNTOLD: states.eq(UNTOLD).astype("int64"),
            NEVER: states.eq(NEVER).astype("int64"),
            "measured": known.astype("int64"),
        },
        index=frontages.index,
    )
    duty = facts.groupby(keys).sum()
    duty["last_checked"] = past.groupby(keys).max()
    duty["length_m"] = frontages["length_m"].groupby(keys).sum(min_count=1)
    duty = _with_issues(duty, keys.to_numpy(), known.to_numpy(), pairs)
    judged = duty["passed"] + duty["failed"]
    low, high = wilson_interval(duty["passed"], judged)
    share = duty["passed"] / judged.where(judged > 0)
    duty = duty.assign(pass_share=share, low_share=low, high_share=high)[list(DUTY_COLUMNS)]
    return duty.sort_values(["pass_share", "frontages"], ascending=[True, False], kind="stable")


def _with_issues(
    duty: pd.DataFrame,
    keys: NDArray[np.object_],
    known: NDArray[np.bool_],
    pairs: pd.DataFrame | None,
) -> pd.DataFrame:
    """Count the different issues before the frontages of known length, over that length."""
    if pairs is None:
        return duty.assign(issues_near=np.nan, issues_per_100m=np.nan)
    before = pairs[known[pairs["frontage"].to_numpy()]]
    group = pd.Series(keys[before["frontage"].to_numpy()], index=before.index, dtype=object)
    near = before["issue"].groupby(group).nunique().reindex(duty.index, fill_value=0)
    near = near.astype(float).where(duty["length_m"].notna())
    return duty.assign(issues_near=near, issues_per_100m=near / duty["length_m"] * PER_M)
