"""What an error quotes of a row is masked wherever the error goes, and paths are not."""

from __future__ import annotations

import logging

import pytest
from typer.testing import CliRunner

import cli
from analysis.model.errors import SourceError
from commands.console import USAGE_EXIT, Language, sentence
from views.server.logs import Masked
from wording.catalogue import load_words
from wording.quoted import quoted, quoted_facts
from wording.speaker import Speaker

PRIVATE = {
    "13812345678": "[telephone]",
    "回电１３８１２３４５６７８": "回电[telephone]",
    "11010519491231002X": "[id_card]",
    "lisi@example.org": "[email]",
    "京A12345": "[plate]",
    "联系人王小明": "联系人[name]",
}


def error(value, **facts):
    msg = f"times: {value!r} is no time ({facts.get('file', 'a.csv')})."
    return SourceError(
        msg, problem="toml_broken", hint=f"Not {value}.", entry="times", found=value, **facts
    )


@pytest.mark.parametrize(("value", "left"), PRIVATE.items())
def test_every_way_to_say_an_error_masks_what_it_quotes(value, left):
    found = error(value)
    assert quoted(found) == f"times: {left!r} is no time (a.csv)."
    said = [sentence(found, None), *(sentence(found, each) for each in Language)]
    said += [Speaker(load_words(), each).markdown_error(found) for each in ("zh", "en", "zh-Hant")]
    secret = value.removeprefix("回电").removeprefix("联系人")
    assert not [text for text in said if secret in text]


def test_a_heading_tells_what_a_bare_value_is():
    facts = {"column": "联系电话", "found": "88886666"}
    assert quoted_facts(facts) == {"column": "联系电话", "found": "[telephone]"}


def test_the_way_to_a_file_stays():
    path = "/data/13812345678/x.csv"
    assert quoted(error("13912345678", file=path)) == f"times: '[telephone]' is no time ({path})."


def test_a_log_masks_what_a_fault_quotes():
    formatter = Masked(logging.Formatter("%(levelname)s %(message)s"))
    try:
        int("x13812345678 ")
    except ValueError as fault:
        record = logging.LogRecord(
            "a",
            40,
            __file__,
            1,
            "row %s",
            ("13812345678",),
            (ValueError, fault, fault.__traceback__),
        )
    text = formatter.format(record)
    assert "13812345678" not in text
    assert "Traceback" in text


def test_the_command_line_masks_a_value_that_it_cannot_read(tmp_path):
    recipe = 'name = "13812345678"\n[[layers]]\nkind = "communities"\nfile = "a.csv"\n'
    (tmp_path / "city.toml").write_text(recipe, "utf-8")
    told = CliRunner().invoke(cli.app, ["check", str(tmp_path)])
    assert told.exit_code == USAGE_EXIT
    assert "name is '[telephone]'" in told.output
    assert "13812345678" not in told.output
