"""Numbers are written by one hand: laws of shares, counts, units and plural forms."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from itertools import product
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.errors import SettingsError
from exports.formats.csv import csv_bytes
from exports.formats.terminal import plain_table
from layers.knowledge.dictionary import load_dictionary
from tests.exports.reading import cell_shows
from wording.catalogue import load_words
from wording.numbers import MINUS, SHARE_DECIMALS, THIN_SPACE, percentages, share_format
from wording.plurals import RULES, plural_form
from wording.speaker import Speaker

ROOT = Path(__file__).resolve().parents[2]
WORDS = load_words()
SPEAKERS = {language: Speaker(WORDS, language) for language in RULES}
ALL_AND_NOTHING = 1e-9
shares = st.floats(0, 1) | st.floats(0.999, 1) | st.floats(0, 0.001)
languages = st.sampled_from(sorted(RULES))


def share_texts(value, language):
    """A share as every writer writes it."""
    column = next(
        column
        for column in load_dictionary().tables["summary"].columns
        if column.id == "population_covered_share"
    )
    frame = pd.DataFrame({column.id: [value]})
    in_file = float(csv_bytes(frame, [column]).decode("utf-8-sig").splitlines()[1])
    speaker = SPEAKERS[language]
    return {
        "page": speaker.share(value),
        "table of a page": f"{percentages(pd.Series([value])).iloc[0]:.1f}%",
        "terminal": plain_table(frame, [column], language=language).splitlines()[-1].strip(),
        "workbook": cell_shows(share_format(in_file), in_file),
        "limits": speaker.shares(value, value).partition("–")[0],
        "fact of a sentence": speaker(
            "note.geometry_repaired", found="x", area_change_share=value
        ).rpartition("changed " if language == "en" else "例 ")[2],
    }


@given(shares, languages)
def test_only_all_reads_100_and_only_nothing_reads_0_wherever_it_is_written(value, language):
    texts = share_texts(value, language)
    assert set(texts.values()) == {texts["page"]}, texts
    for text in texts.values():
        assert (text == "100.0%") == (value >= 1 - ALL_AND_NOTHING)
        assert (text == "0.0%") == (value <= ALL_AND_NOTHING)


def test_shares_are_rounded_from_what_files_hold():
    decimals = {
        column.unit.decimals
        for table in load_dictionary().tables.values()
        for column in table.columns
        if column.unit.id == "share"
    }
    assert decimals == {SHARE_DECIMALS}


@given(shares, shares)
def test_a_larger_share_never_reads_smaller(one, other):
    low, high = (float(SPEAKERS["en"].share(each)[:-1]) for each in sorted((one, other)))
    assert low <= high
    assert abs(low - 100 * min(one, other)) <= 0.1


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_99_96_per_cent_is_not_all(digits):
    text = SPEAKERS["en"].share(0.9996, digits=digits)
    assert text == {0: "99%", 1: "99.9%", 2: "99.96%"}[digits]


@given(st.integers(-(10**12), 10**12), languages)
def test_digits_are_grouped_in_english_only_and_say_the_number(value, language):
    text = SPEAKERS[language].count(value)
    assert int(text.replace(THIN_SPACE, "").replace(MINUS, "-")) == value
    assert "-" not in text
    groups = text.lstrip(MINUS).split(THIN_SPACE)
    if language != "en":
        assert len(groups) == 1
    else:
        assert all(len(group) == 3 for group in groups[1:])
        assert 1 <= len(groups[0]) <= 3


def test_units_and_days_by_hand():
    english, chinese = SPEAKERS["en"], SPEAKERS["zh"]
    assert english.metres(1250.4) == f"1{THIN_SPACE}250{THIN_SPACE}m"
    assert chinese.metres(1250.4) == "1250 米"
    assert chinese.count(135830) == "135830"
    assert english.decimal(1234.56) == f"1{THIN_SPACE}234.6"
    assert english.day(pd.Timestamp("2026-06-30")) == "2026-06-30"
    assert {chinese.count(float("nan")), chinese.share(None), chinese.metres(float("inf"))} == {"—"}
    assert english.shares(0.5, float("nan")) == "—"


CLDR = {
    "en": {"one": ["1"], "other": ["0", "2", "5", "16", "100", "1000000", "0.0", "1.0", "1.5"]},
    "zh": {"one": [], "other": ["0", "1", "2", "15", "1000", "0.5", "1.0"]},
}
CLDR["zh-Hant"] = CLDR["zh"]
"""Samples of Unicode CLDR 46, supplemental/plurals, cardinal."""


@pytest.mark.parametrize("language", sorted(CLDR))
def test_plural_forms_are_those_of_cldr(language):
    for form, samples in CLDR[language].items():
        for text in samples:
            decimals = len(text.partition(".")[2])
            assert plural_form(float(text), decimals=decimals, language=language) == form


def test_a_number_knows_its_plural_wherever_it_is_handed():
    one = SPEAKERS["en"].count(1)
    copies = [one, copy.deepcopy(one), pickle.loads(pickle.dumps(one))]
    for given_, say in product([*copies, 1, 1.0, "1"], [SPEAKERS["en"], SPEAKERS["en"].markdown]):
        assert say("export.ready", count=given_, size="1 kB").startswith("1 file is ready")
    for many in (0, 2, "2", SPEAKERS["en"].count(1000), SPEAKERS["en"].decimal(1.0)):
        assert "files are ready" in SPEAKERS["en"]("export.ready", count=many, size="1 kB")
    missing = SPEAKERS["en"].count(float("nan"))
    assert SPEAKERS["en"]("priority.reach_value", n=missing) == "— people"


@pytest.mark.parametrize(
    "english",
    ["{n:one=row}", "{n:other=rows}", "{n:other=rows|one=row}", "{n:one=row|few=r|other=rows}"],
)
def test_a_word_that_lacks_a_plural_form_is_refused_where_it_stands(tmp_path, english):
    text = f'[a]\nb = {{ zh = "{{n}} 行", en = "{{n}} {english}" }}'
    (tmp_path / "some.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"some\.toml: a\.b must be in en with plurals") as told:
        load_words(tmp_path)
    assert "{n:one=…|other=…}" in str(told.value)


PLURALS = {
    word
    for key in WORDS
    for _, _, spec, _ in Formatter().parse(WORDS.template("en", key))
    if spec
    for word in re.findall(r"[a-z]+", spec.partition("|other=")[2])
} | {"days", "hours", "ranks", "units"}
UNBENDING = {
    "of",
    "it",
    "its",
    "to",
    "in",
    "the",
    "no",
    "and",
    "not",
    "at",
    "rate",
    "that",
    "there",
}
NAMES = {"entry", "file", "kind", "zone"}
"""Facts that are never a count."""


def facts_of(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", [key for key in WORDS if facts_of(WORDS.template("en", key))])
def test_no_sentence_puts_one_before_a_plural(key):
    english = WORDS.template("en", key)
    names = dict.fromkeys(facts_of(english) & NAMES, "x")
    said = {n: WORDS("en", key, **dict.fromkeys(facts_of(english), n) | names) for n in (1, 2)}
    for word in re.findall(
        r"(?<![\w.–-])1\*{0,2} (?:more |whole |open |hot |overdue )?([a-z]+)", said[1]
    ):
        assert word not in PLURALS - UNBENDING, said[1]
    assert not re.search(
        r"(?<![\w.])2\*{0,2} (?:case|file|community|resident|row|person)\b", said[2]
    )


FORMATS = {
    "commands/questions.py": "what somebody typed, in English messages",
    "exports/formats/csv.py": "exact tables",
    "exports/pictures/place.py": "coordinates of a drawing",
    "exports/pictures/svg.py": "coordinates of a drawing",
    "maps/clusters.py": "identifier of a map",
    "maps/colours.py": "round borders of classes",
    "maps/hotspots.py": "identifier of a map",
    "maps/priority.py": "identifier of a map",
    "maps/robustness.py": "identifier of a map",
    "maps/trends.py": "identifier of a map",
    "views/home/home.py": "widths and heights of bars, in their style",
}
"""Files that format a number by themselves, and what for; no reader sees it as a text of ours."""


def test_nobody_but_wording_formats_a_number_that_readers_see():
    found = set()
    files = [ROOT / "cli.py", ROOT / "dashboard.py"]
    for folder in ("commands", "views", "maps", "charts", "exports"):
        files += (ROOT / folder).rglob("*.py")
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            spec = node.format_spec if isinstance(node, ast.FormattedValue) else None
            text = "".join(
                str(ast.literal_eval(part))
                for part in getattr(spec, "values", [])
                if isinstance(part, ast.Constant)
            )
            if re.search(r"(?<!%)[,%efg]$", text) and not re.search(r"%[A-Za-z]", text):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == set(FORMATS)
