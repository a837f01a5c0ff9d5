"""
Plural forms of words behind a number, by the rules of Unicode CLDR.

A sentence holds the forms in the place of the number: `{n} {n:one=file|other=files}`. A new
language is one row in `RULES` and its forms in the words; the catalogue asks for exactly these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self


class Plural(NamedTuple):
    """The forms of a language, and which one a number takes."""

    forms: tuple[str, ...]
    choose: Callable[[float, int], str]
    """From a number as it is rounded and the count of decimals it is shown with."""


RULES: Mapping[str, Plural] = {
    "en": Plural(
        ("one", "other"), lambda n, decimals: "one" if (n, decimals) == (1, 0) else "other"
    ),
    **dict.fromkeys(("zh", "zh-Hant"), Plural(("other",), lambda _n, _decimals: "other")),
}


class Counted(str):
    """A number as it is written, which knows the plural form that follows it."""

    __slots__ = ("form",)
    form: str

    def __new__(cls, text: str, form: str) -> Self:
        """Join a number's text and its form."""
        counted = super().__new__(cls, text)
        counted.form = form
        return counted

    def __reduce__(self) -> tuple[type[Counted], tuple[str, str]]:
        """Say what a copy is made of."""
        return Counted, (str(self), self.form)

    def __format__(self, variants: str) -> str:
        """Write the number, or the word that follows it from among its variants."""
        return read_variants(variants)[self.form] if variants else str(self)


def plural_form(value: float, *, decimals: int = 0, language: str) -> str:
    """
    Choose the plural form for a number.

    Examples
    --------
    >>> plural_form(1, language="en"), plural_form(1, decimals=1, language="en")
    ('one', 'other')
    """
    return RULES[language].choose(abs(value), decimals)


def counted(text: str, *, language: str) -> Counted:
    """Let a number that stands in a text, as in the facts of an error, choose a plural form."""
    whole, _, decimals = text.partition(".")
    exact = float(text) if whole.isdecimal() and decimals.isdecimal() | (decimals == "") else 0
    return Counted(text, plural_form(exact, decimals=len(decimals), language=language))


def read_variants(text: str) -> dict[str, str]:
    """
    Read the variants of a word.

    Examples
    --------
    >>> read_variants("one=file is|other=files are")
    {'one': 'file is', 'other': 'files are'}
    """
    return dict(part.partition("=")[::2] for part in text.split("|"))
