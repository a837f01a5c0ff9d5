"""Text from data stays text: in HTML, in template literals, in Markdown."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import free_port
from wording.escape import escape, markdown

ROOT = Path(__file__).resolve().parents[2]
JOINER = "\N{WORD JOINER}"
texts = st.text() | st.text(alphabet="<>&\"'`${}\\:[]()*_#-+.|~@=! /ab1\n")
SHOWN = (
    *(":smile:", ":+1: :-1:", ":material/home:", ":material_home:", ":streamlit:", "08:00:30"),
    *("a -> b", "-> x", "<-> y", "-- z", ">= 4", "~= 2", "a  b", "{{x}}", "\\*a\\*"),
    *("https://a.example/x", "www.a.example", "me@a.example", "[a](b)", "![a](b)", "<b>x</b>"),
    *("$x^2$", "$$x$$", ":red[boo]", ":small[x]", "**b** _i_ ~~s~~ `c`", "H~2~O ^b^", "&amp;"),
    *("# h", "1. a", "- b", "> q", "    code", "a|b\n-|-\n1|2", "x\n===", "```\nx", "<!-- c -->"),
)


@given(texts)
def test_html_reads_as_the_text_and_holds_no_sign_that_acts(text):
    escaped = escape(text)
    assert not set("<>\"'`${}\\") & set(escaped)
    assert html.unescape(escaped) == text


@given(texts)
def test_markdown_is_one_line_without_signs_that_act(text):
    escaped = markdown(text)
    assert not set("<>\"'`$*_{}[]()|~!\\") & set(re.sub(r"&#\d+;", "", escaped))
    assert len(escaped.splitlines()) <= 1


@given(st.text(alphabet="abc 甲乙丙19"))
def test_harmless_words_stay_as_they_are(text):
    assert escape(text) == text
    assert markdown(text) == text.strip()


def test_anything_can_be_shown():
    assert escape(12) == "12"
    assert markdown(None) == "None"


SCRIPT = """
import json, sys
import streamlit as st
from wording.escape import markdown
for text in json.loads({shown!r}):
    st.markdown("S" + markdown(text) + "E")
    st.markdown(markdown(text))
st.markdown("the end")
"""


@pytest.fixture
def page(chromium, tmp_path):
    """A page of Streamlit that shows every text, within a sentence and alone."""
    script = tmp_path / "shown.py"
    script.write_text(SCRIPT.format(shown=json.dumps(SHOWN)), encoding="utf-8")
    port = str(free_port())
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", port]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as server:
        page = chromium.new_page()
        try:
            open_when_ready(page, f"http://127.0.0.1:{port}")
            yield page
        finally:
            page.close()
            server.terminate()


def open_when_ready(page, address):
    for _ in range(200):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health"):
            page.goto(address)
            return
        time.sleep(0.1)
    pytest.fail("Streamlit did not start.")


@pytest.mark.browser
def test_streamlit_shows_the_text_itself(page):
    page.get_by_text("the end").wait_for()
    shown = page.locator("[data-testid=stMarkdownContainer]").evaluate_all(
        "nodes => nodes.map(node => [node.textContent, node.querySelectorAll(':not(p)').length])"
    )
    lines = [" ".join(text.split("\n")) for text in SHOWN]
    wanted = [variant for line in lines for variant in (f"S{line.strip()}E", line.strip())]
    assert [(text.replace(JOINER, ""), marks) for text, marks in shown] == [
        *((line, 0) for line in wanted),
        ("the end", 0),
    ]
