"""For everybody: the paper of the public as a page, and its folder to publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from exports.formats.archive import packed
from exports.papers.model import Facts, Heading, Paragraph, Picture, Table
from exports.recipes.public import public_files, public_page
from layers.knowledge.public import load_public
from views import cache
from views.controls.files import offer_file
from views.controls.tables import show_table
from views.controls.waiting import waiting
from wording.escape import markdown

if TYPE_CHECKING:
    from exports.papers.model import Block
    from views.controls.screen import Screen


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, question = screen.translate, screen.question
    st.caption(translate("public.lead"))
    with waiting(translate("app.working")):
        paper = cache.answers().keep(
            "public page",
            repr((question, translate.language, load_public(screen.city.folder))),
            lambda: public_page(cache.answers(), question, translate),
        )
    for place, block in enumerate(paper.blocks):
        _draw(block, place)
    st.caption(translate("public.own"))
    offer_file(
        "public",
        translate("public.files"),
        lambda: packed(public_files(cache.answers(), question, translate)),
        file_name=f"{screen.city.id}-public.zip",
        mime="application/zip",
    )


def _draw(block: Block, place: int) -> None:
    if isinstance(block, Heading):
        st.subheader(markdown(block.text), anchor=False)
    elif isinstance(block, Paragraph):
        (st.caption if block.quiet else st.markdown)(markdown(block.text))
    elif isinstance(block, Facts):
        with st.container(key=f"figures-{place}"):
            for column, fact in zip(st.columns(len(block.facts)), block.facts, strict=True):
                column.metric(
                    markdown(fact.label), fact.value, help=markdown(fact.note), border=True
                )
    elif isinstance(block, Table):
        st.markdown(f"**{markdown(block.caption)}**")
        show_table(pd.DataFrame(block.rows, columns=list(block.heads)))
    elif isinstance(block, Picture):
        st.image(block.svg, caption=markdown(block.caption), width="stretch", alt=block.alt)
