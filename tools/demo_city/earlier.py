"""The toilets of the demo city as they stood two years earlier, and what is planted in that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tools.demo_city.ground import CommunityLand
    from tools.demo_city.truths import Truth

    Floats = NDArray[np.float64]

EDITION = "2024-06-30"
IN_SOUTHERN_GAP, SHUT_SINCE = -14, (-12, -11)
"""Rows from the end of the toilets: closed today, open then."""


def earlier_toilets(
    ground: CommunityLand,
    toilets: pd.DataFrame,
    today: pd.DataFrame,
    rng: np.random.Generator,
    to_degrees: Callable[[Floats], Floats],
) -> tuple[pd.DataFrame, Truth]:
    """Turn the list of toilets two years back."""
    sound = today[~today["id"].duplicated(keep=False)].merge(
        toilets[["id", "name", "stalls", "status"]], on=["id", "name", "stalls", "status"]
    )
    open_now = sound.loc[(sound["status"] == "开放") & (sound["lon"] != ""), "id"].tolist()[10:]
    picked = [str(each) for each in rng.permutation(open_now)[:17]]
    new, built, moved, renumbered, renamed = np.split(np.array(picked, dtype=object),
                                                      [8, 11, 14, 15])  # fmt: skip
    shut = [str(toilets["id"].iloc[place]) for place in (IN_SOUTHERN_GAP, *SHUT_SINCE)]
    earlier = today[~today["id"].isin(new)].copy()
    earlier.loc[earlier["id"].isin(built), "status"] = "在建"
    earlier.loc[earlier["id"].isin(shut), "status"] = "开放"
    _move(earlier, toilets, [*moved, *renumbered], rng, to_degrees)
    numbers = {each: f"GC80{place:02d}" for place, each in enumerate([*renumbered, *renamed], 1)}
    other = earlier["id"].isin(renamed)
    earlier.loc[other, "name"] = earlier.loc[other, "name"] + "（旧）"
    earlier.loc[other, "name_en"] = earlier.loc[other, "name_en"] + " (old)"
    earlier["id"] = earlier["id"].replace(numbers)
    gone = _gone(ground, earlier, rng, to_degrees)
    truth: Truth = {
        "id": "change-toilets",
        "type": "change",
        "title": {"zh": "两年间的公厕变动", "en": "Toilets opened, closed and moved in two years"},
        "kind": "toilet",
        "edition": EDITION,
        "opened": sorted([*new, *built]),
        "closed": sorted([*shut, *gone["id"]]),
        "moved": sorted([*moved, *renumbered]),
        "renamed": sorted(renamed),
    }
    return pd.concat([earlier, gone], ignore_index=True), truth


def _move(
    earlier: pd.DataFrame,
    toilets: pd.DataFrame,
    ids: list[str],
    rng: np.random.Generator,
    to_degrees: Callable[[Floats], Floats],
) -> None:
    """Put toilets 60-160 m from where they stand today."""
    places = toilets.set_index("id").loc[ids, ["x", "y"]].to_numpy()
    angle = rng.uniform(0, 2 * np.pi, len(ids))
    far = rng.uniform(60, 160, len(ids))
    degrees = to_degrees(places + np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, None])
    rows = earlier.reset_index().set_index("id").loc[ids, "index"]
    for column, values in zip(("lon", "lat"), degrees.T, strict=True):
        earlier.loc[rows, column] = [f"{value:.6f}" for value in values]


def _gone(
    ground: CommunityLand,
    earlier: pd.DataFrame,
    rng: np.random.Generator,
    to_degrees: Callable[[Floats], Floats],
) -> pd.DataFrame:
    """Four toilets that have been pulled down, where many people live."""
    people = ground.residents
    cells = rng.choice(
        len(people), 4, replace=False, p=people["population"] / people["population"].sum()
    )
    home = ground.communities.iloc[people["home"].to_numpy()[cells]]
    degrees = to_degrees(people[["x", "y"]].to_numpy(dtype=float)[cells])
    rows = earlier.sample(4, random_state=rng).assign(
        id=[f"GC85{place:02d}" for place in range(1, 5)],
        name=[f"{name}老公厕" for name in home["name"]],
        name_en=[
            f"Old {name.removesuffix(' Community')} Public Toilet" for name in home["name_en"]
        ],
        parent=home["parent"].to_numpy(),
        address=(home["parent"] + home["name"]).to_numpy(),
        status="开放",
        stalls="6",
        female_stalls="3",
        male_stalls="3",
        opening_hours="06:00-22:00",
    )
    return rows.assign(
        lon=[f"{value:.6f}" for value in degrees[:, 0]],
        lat=[f"{value:.6f}" for value in degrees[:, 1]],
    )
