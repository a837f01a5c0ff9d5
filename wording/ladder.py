"""Why somebody stands on a level of warning, in words: the same on page and command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from wording.levels import parent_title
from wording.names import known_names, unit_names

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from layers.city import City
    from wording.speaker import Speaker

WORDED = ("step", "who", "why", "since", "level")


def worded_warnings(table: pd.DataFrame, city: City, translate: Speaker) -> pd.DataFrame:
    """Write those who stand on a level as a reader reads them; columns `WORDED`, same order."""
    rows = table[table["step"] != ""]
    steps = {step.id: translate.of(step.name) for step in city.ladder.steps}
    names, kinds = named(rows, city, translate), {"parent": parent_title(city, translate)}
    worded = [
        {
            "step": steps[row["step"]],
            "who": name,
            "level": kinds.get(row["level"]) or translate(f"ladder.level_{row['level']}"),
            "why": _why(row, translate),
            "since": row["since"],
        }
        for name, row in zip(names, rows.to_dict("records"), strict=True)
    ]
    return pd.DataFrame(worded, columns=list(WORDED))


def named(rows: pd.DataFrame, city: City, translate: Speaker) -> list[str]:
    """Name units and areas as readers know them."""
    names = unit_names(rows, city.communities, translate.language)
    above = known_names(city.communities, translate.language)["parent"]
    return [
        above.get(name, name) if level == "parent" else name
        for name, level in zip(names, rows["level"], strict=True)
    ]


def _why(row: Mapping[Hashable, Any], translate: Speaker) -> str:
    why = translate(
        "ladder.why",
        indicator=translate(f"ladder.indicator_{row['indicator']}"),
        months=translate.count(row["months"]),
        threshold=translate.share(row["threshold"], digits=0),
        hits=translate.count(row["hits"]),
        n=translate.count(row["n"]),
        share=translate.share(row["share"]),
    )
    return why + (translate("ladder.rising") if row["rising"] else "")
