"""The specification of a map: any text survives and none acts; small and whole."""

from __future__ import annotations

import json

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps import colours
from maps.palette import class_styles
from maps.spec import (
    WORDS,
    Legend,
    LegendRow,
    MapSpec,
    Polygons,
)
from maps.spec_json import script_safe, spec_json
from maps.store import compact_json
from tests.maps.toy import make_spec

texts = st.text() | st.text(alphabet="<>&{}%#`$\\/scriptu0\u2028\"'!-")


@given(texts)
def test_any_text_survives_and_cannot_act(text):
    spec = make_spec(legend=Legend(text, (LegendRow(text),), note=text))
    written = spec_json(spec)
    assert json.loads(written)["legend"]["title"] == text if text else True
    assert not set("<>&\u2028\u2029") & set(written)
    assert jinja2.Template(written, keep_trailing_newline=True).render() == written


@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_script_safe_json_says_the_same(content):
    assert json.loads(script_safe(compact_json(content))) == content


def test_a_specification_needs_every_word():
    with pytest.raises(ValueError, match="zoom_in"):
        MapSpec(id="toy", language="en", words=dict.fromkeys(set(WORDS) - {"zoom_in"}, "word"))


def test_a_map_of_7000_communities_changes_by_a_small_message():
    areas = Polygons("../../geo/x.json", class_styles(colours.SHARE.colours), classes="3" * 7000)
    assert len(spec_json(make_spec(areas=areas))) < 10_000


def test_nan_is_refused_before_a_browser_meets_it():
    with pytest.raises(ValueError, match="JSON"):
        compact_json([float("nan")])
