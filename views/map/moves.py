"""Which facilities to close, and where to open others instead: the part of *Where to build*."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.roles import PAGES
from exports.recipes.moves import moves_changes, moves_sentences
from views import cache
from views.controls.permits import allowed
from views.controls.tables import name_column, show_table
from views.map.whatif import try_changes
from wording.escape import markdown
from wording.names import facility_names, with_names

if TYPE_CHECKING:
    from analysis.siting.closing import Moves
    from exports.recipes.siting import AskedSiting
    from views.controls.screen import Screen

SHOWN = 200


def moves_sentence(screen: Screen, asked: AskedSiting, found: Moves) -> str:
    """Say what closes, what that loses or brings, and what is proven."""
    request = asked.request
    said = moves_sentences(
        cache.answers(),
        asked.question,
        asked.kinds[0],
        found,
        screen.translate,
        closures=request.closures or 0,
        sites=request.sites or 0,
    )
    return "  \n".join(map(markdown, said))


def draw_moves(screen: Screen, asked: AskedSiting, found: Moves | None) -> None:
    """List what closes and what opens, and offer to try it as a scenario."""
    translate = screen.translate
    if found is None or not len(found.closed):
        st.caption(translate("siting.no_moves"))
        return
    table = _table(screen, found)
    show_table(table.head(SHOWN), columns={translate("siting.col_place"): name_column()})
    if allowed(PAGES, "whatif"):
        changes = moves_changes(asked.kinds[0], found)
        st.button(translate("siting.try"), on_click=try_changes, args=(screen, changes))


def _table(screen: Screen, found: Moves) -> pd.DataFrame:
    """Name each facility that closes and each site that opens, with the community it stands in."""
    city, translate = screen.city, screen.translate
    shut = city.facilities.loc[found.closed].geometry
    x = [*shut.x, *found.opened[:, 0]]
    y = [*shut.y, *found.opened[:, 1]]
    communities = with_names(city.communities, city.communities, translate.language)["name"]
    where = community_of(x, y, city.communities)
    opened = [translate("siting.site", rank=number) for number in range(1, len(found.opened) + 1)]
    return pd.DataFrame(
        {
            translate("siting.col_move"): [
                *[translate("siting.closes")] * len(shut),
                *[translate("siting.opens")] * len(opened),
            ],
            translate("siting.col_facility"): [
                *facility_names(city.facilities, translate.language)[found.closed],
                *opened,
            ],
            translate("siting.col_place"): [
                "" if position == OUTSIDE else communities.iloc[position] for position in where
            ],
        }
    )
