"""Finds the community that a report names: by its name in any form, else the likest one, scored."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from rapidfuzz import fuzz, process

from layers.languages import simplified

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

EXACT = 95.0
"""Score from which on a text is the name itself, with or without the kind of place."""
LEAST_SCORE = 85.0
"""Of 100: names less alike are other names."""
_LEAD = 5.0
"""By how much the likest name must lead the next."""
_SHORT = 4
"""Names of fewer characters differ too little from each other to be likened."""
_SUFFIX = re.compile(
    r"(社区居民委员会|社区居委会|居民委员会|居委会|社区|村民委员会|村委会|行政村|村"
    r"|街道办事处|街道办|街办|街道|镇人民政府|镇|乡人民政府|乡|里|区"
    r"|neighbou?rhood|community|district|quarter|borough|ward)$"
)
_MARKS = re.compile(r"[\s\W_]+")


def plain_name(text: str) -> str:
    """
    Write a name as its spellings have it in common: width, case, marks, simplified characters.

    Examples
    --------
    >>> plain_name("東湖 社區"), plain_name("ＷＡＲＤ ７")
    ('东湖社区', 'ward7')
    """
    return simplified(_MARKS.sub("", unicodedata.normalize("NFKC", text).casefold()))


def core_name(text: str) -> str:
    """
    Leave out of a plain name what kind of place it is, unless nothing would be left.

    Examples
    --------
    >>> core_name("东湖社区居委会"), core_name("东湖街道"), core_name("社区")
    ('东湖', '东湖', '社区')
    """
    return _SUFFIX.sub("", text) or text


@dataclass(frozen=True)
class Named:
    """
    Communities that texts name.

    Attributes
    ----------
    community_id
        Empty where none is meant for certain.
    score
        100 for its name or identifier, less for a likeness; 0 for none.
    several
        Where more than one community has that name.
    """

    community_id: pd.Series[str]
    score: NDArray[np.float64]
    several: NDArray[np.bool_]


class Communities:
    """The names of a city's communities, ready to be looked up."""

    def __init__(self, communities: gpd.GeoDataFrame) -> None:
        self._names = communities["name"].to_dict()
        parents = communities["parent"].map(plain_name)
        self.parents = {name for name in parents if name}
        self._called = {
            plain_name(name): str(parent)
            for column in ("parent_zh", "parent_en", "parent")
            for name, parent in zip(
                communities.get(column, []), communities["parent"], strict=False
            )
            if plain_name(name)
        }
        self._by_name: dict[str, set[str]] = {}
        self._by_core: dict[str, set[str]] = {}
        self._parent = dict(zip(communities.index, parents, strict=True))
        self._known = {plain_name(identifier): identifier for identifier in communities.index}
        for column in ("name", "name_en", "name_zh"):
            for identifier, name in communities.get(column, pd.Series(dtype="str")).items():
                plain = plain_name(name)
                if plain:
                    self._by_name.setdefault(plain, set()).add(str(identifier))
                    self._by_core.setdefault(core_name(plain), set()).add(str(identifier))
        self._long = [name for name in self._by_core if len(name) >= _SHORT]

    def named_by(self, texts: pd.Series[str], parents: pd.Series[str]) -> Named:
        """Look up each text, in the parent beside it where several have that name."""
        pairs = pd.DataFrame({"text": texts, "parent": parents})
        number = pairs.groupby(["text", "parent"], sort=False).ngroup().to_numpy()
        different = pairs.drop_duplicates().itertuples(index=False)
        found = pd.DataFrame(
            [self._find(plain_name(text), plain_name(parent)) for text, parent in different],
            columns=["identifier", "score", "several"],
        )
        return Named(
            found["identifier"].astype("str").iloc[number].set_axis(texts.index),
            found["score"].to_numpy(dtype=float)[number],
            found["several"].to_numpy(dtype=bool)[number],
        )

    def parent_called(self, plain: str) -> str:
        """Give the name of the parent of a plain name in any language; empty if there is none."""
        return self._called.get(plain, "")

    def name_of(self, identifier: str) -> str:
        """Give the name of a community."""
        return str(self._names[identifier])

    def _find(self, text: str, parent: str) -> tuple[str, float, bool]:
        """Find identifier, score, and whether several are meant alike."""
        if not text:
            return "", 0.0, False
        if text in self._known:
            return self._known[text], 100.0, False
        ways = ((self._by_name, text, 100.0), (self._by_core, core_name(text), EXACT))
        for names, form, score in ways:
            held, within = self._qualified(names, form, parent)
            if held:
                one = self._one(held, within)
                return (one, score, False) if one else ("", 0.0, True)
        return self._likest(core_name(text), parent)

    def _qualified(
        self, names: dict[str, set[str]], text: str, parent: str
    ) -> tuple[set[str], str]:
        """Take a name, or the parent's and the name in one: 一街道东社区."""
        if text in names:
            return names[text], parent
        for above in self.parents:
            if above in text:
                rest = text[text.index(above) + len(above) :]
                if rest in names:
                    return names[rest], above
        return set(), parent

    def _one(self, held: set[str], parent: str) -> str:
        """Choose the only one, or the only one in the parent that is meant."""
        wanted = core_name(parent)
        inside = {each for each in held if parent and core_name(self._parent[each]) == wanted}
        chosen = inside if len(held) > 1 else held
        return next(iter(chosen)) if len(chosen) == 1 else ""

    def _likest(self, text: str, parent: str) -> tuple[str, float, bool]:
        if len(text) < _SHORT or not self._long:
            return "", 0.0, False
        best = process.extract(
            text, self._long, scorer=fuzz.ratio, limit=2, score_cutoff=LEAST_SCORE
        )
        if not best or (len(best) > 1 and best[0][1] - best[1][1] < _LEAD):
            return "", 0.0, False
        one = self._one(self._by_core[best[0][0]], parent)
        return (one, min(float(best[0][1]), EXACT - 1), False) if one else ("", 0.0, True)

    def parent_in(self, text: str) -> str:
        """Find the only parent that a text names, in plain form; empty for none or several."""
        plain = plain_name(text)
        held = {name for name in self.parents if name in plain}
        longest = {
            name for name in held if not any(name != other and name in other for other in held)
        }
        return next(iter(longest)) if len(longest) == 1 else ""
