"""The page of sources accounts for every row."""

from __future__ import annotations

from wording.catalogue import load_words
from wording.escape import markdown

WORDS = load_words()


def test_sources_account_for_every_row(visit, city):
    page = visit(page="sources", language="en")
    table = page.dataframe[0].value
    parts = {name: table[WORDS("en", f"sources.col_{name}")] for name in ("in", "loaded")}
    aside = table[[WORDS("en", f"sources.col_{n}") for n in ("not_selected", "quarantined")]]
    assert (parts["in"] == parts["loaded"] + aside.sum(axis=1)).all()
    assert parts["in"].tolist() == [report.rows_in for report in city.reports]
    notes, quarantine = page.dataframe[1].value, page.dataframe[2].value
    assert len(notes) == sum(len(report.notes) for report in city.reports) > 0
    assert len(quarantine) == min(len(city.quarantine), 200) > 0


def test_sources_name_layers_in_words_and_send_nobody_to_themselves(visit, city):
    page = visit(page="sources", language="en")
    codes = {report.id for report in city.reports}
    for shown in page.dataframe[:3]:
        layers = shown.value[WORDS("en", "sources.col_layer")]
        assert not codes & set(layers)
    assert not any("Sources says" in each.value for each in page.caption)
    assert any("tables below" in each.value for each in page.caption)


def test_sources_say_what_there_is_to_know_of_a_layer(visit, city):
    shown = " ".join(each.value for each in visit(page="sources", language="en").caption)
    told = [report.remark["en"] for report in city.reports if report.remark]
    assert told
    assert all(markdown(text) in shown for text in told)
