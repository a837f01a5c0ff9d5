"""The languages that laws are held in."""

import pytest

from layers.languages import LANGUAGES, SOURCES

SPOKEN = [
    pytest.param(each, marks=pytest.mark.full) if each in SOURCES else each for each in LANGUAGES
]
"""For laws that take long: languages made of another one are held in the full run."""
