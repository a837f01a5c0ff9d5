"""The page that the how-to writes draws itself."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
import streamlit as st

from tests.conftest import ROOT
from tests.languages import SPOKEN
from wording.catalogue import load_words


@pytest.mark.parametrize("language", SPOKEN)
def test_the_page_of_the_how_to_draws_as_written(visit, monkeypatch, language):
    text = (ROOT / "docs" / "how-to" / "add-a-page.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    written = {"st": st}
    head = "from __future__ import annotations\n"
    exec(head + dedent("   " + block.lstrip()).replace("<name>", "scorecard"), written)
    monkeypatch.setattr("views.lists.scorecard.render", written["render"])
    page = visit("bare", page="scorecard", language=language)
    assert [header.value for header in page.header] == [load_words()(language, "page.scorecard")]
