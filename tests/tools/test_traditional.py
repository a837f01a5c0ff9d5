"""Traditional Chinese is made of the simplified texts, and says what Taiwan says."""

import json

import pytest

from layers.languages import in_every_language, simplified, with_every_language
from layers.suggest.vocabulary import best_fit
from tools import traditional
from tools.traditional import FILE, traditional_texts
from wording.catalogue import load_words

SIMPLIFIED = "们个这说时对设图术区级单东车门应无务数据网页页读写转载错误请该类别权热点关闭"


def test_the_texts_are_those_of_our_files():
    assert json.loads(FILE.read_text("utf-8")) == traditional_texts(), "run: python -m tools.docs"


def test_characters_are_those_of_opencc_and_whatever_is_written_reads_alike():
    made = traditional.simplified_characters()
    assert json.loads(traditional.SIMPLIFIED.read_text("utf-8")) == made, (
        "run: python -m tools.docs"
    )
    texts = traditional_texts()
    words = ("浊度", "余氯", "检测值", "违法搭建", "采样点")
    assert [simplified(texts.get(word, word)) for word in words] == [*words]
    assert best_fit("濁度（NTU）", ["浊度"]) == (best_fit("浊度（NTU）", ["浊度"])[0], "浊度")
    assert "違法搭建" in texts.values()


def test_no_text_keeps_a_simplified_character():
    texts = json.loads(FILE.read_text("utf-8"))
    words = load_words()
    said = [words.template("zh-Hant", key) for key in words if key != "language.zh"]
    assert len(said) > 1500
    assert not [text for text in (*texts.values(), *said) if {*text} & {*SIMPLIFIED}]


def test_a_text_of_ours_is_converted_and_one_of_a_city_stands_as_written():
    own, ours = {"zh": "本市的标准", "en": "x"}, {"zh": "公共厕所", "en": "Public toilets"}
    assert in_every_language(ours)["zh-Hant"] == "公共廁所"
    assert in_every_language(own)["zh-Hant"] == own["zh"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("map.metre", "公尺"),
        ("app.title", "設施覆蓋與問題熱點"),
        ("area.reports", "報告與匯出"),
        ("app.as_table", "看表格"),
    ],
)
def test_words_are_those_of_taiwan(key, said):
    assert load_words().template("zh-Hant", key) == said


def test_a_file_may_give_its_own():
    own = {"zh": "时段", "zh-Hant": "期間", "en": "Period"}
    assert in_every_language(own) == own
    assert with_every_language({"a": [1], "b": {"zh": ["导出"], "en": ["Export"]}}) == {
        "a": [1],
        "b": {"zh": ["导出"], "zh-Hant": ["匯出"], "en": ["Export"]},
    }
