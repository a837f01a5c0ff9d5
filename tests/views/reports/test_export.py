"""Files made on the page hold the numbers of the pages."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest

from analysis.coverage.assessment import assess
from layers.knowledge.standards import load_standards
from wording.catalogue import load_words

WORDS = load_words()

STANDARDS = load_standards()


def test_exported_files_hold_the_numbers_of_the_page(visit, preparation):
    page = visit(page="export", language="en", standard="intl-400m")
    page.button(key="make-coverage").click().run()
    assert not page.exception
    _, files = page.session_state["made-coverage"]
    table = pd.read_csv(StringIO(files["coverage.csv"].decode("utf-8-sig")))
    result = assess(preparation, STANDARDS["intl-400m"]).coverage
    assert table["population_covered"].tolist() == pytest.approx(
        result["population_covered"].tolist(), abs=1e-3
    )
    assert set(table["standard"]) == {"intl-400m"}
    labels = [element.label for element in page.get("download_button")]
    assert labels == [WORDS("en", f"export.file_{name.replace('.', '_')}") for name in files]
