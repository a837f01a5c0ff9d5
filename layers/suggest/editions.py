"""Tells editions by the dates that files bear: the latest is the layer, earlier ones are dated."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from layers.suggest.guesses import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from layers.suggest.found import Found
    from layers.suggest.guesses import LayerGuess

_ERAS = {"民國": 1911, "民国": 1911, "令和": 2018, "平成": 1988, "昭和": 1925}
_ERA = re.compile(rf"({'|'.join(_ERAS)})(\d{{1,3}})年?度?")
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[-_. ]?(0[1-9]|1[0-2])(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)
_ALIKE = 0.5
"""Share of rows in common from which on two files list the same things."""


def dated(words: str) -> tuple[str, str]:
    """
    Take the date out of a file's name; empty where there is none, or more than one.

    Examples
    --------
    >>> dated("toilets_2024-03"), dated("公厕 民國113年"), dated("population 2019_2023")
    (('toilets', '2024-03'), ('公厕', '2024'), ('population 2019_2023', ''))
    """
    western = _ERA.sub(lambda era: f" {_ERAS[era[1]] + int(era[2])} ", words)
    western = re.sub(r"(?<=\d)(年|년)(?=\d[月월])", r"\g<1>0", western)
    western = re.sub(r"(?<=\d)(年度?|년도?)", "-", re.sub(r"(?<=\d)(月|월)", "-", western))
    western = re.sub(r"(?<=\d)-(?!\d)", " ", western)
    found = list(_DATE.finditer(western))
    if len(found) != 1 or not _is_day(found[0]):
        return words, ""
    (date,) = found
    rest = f"{western[: date.start()]} {western[date.end() :]}"
    return " ".join(re.split(r"[\s_.\-日일]+", rest)).strip(), "-".join(filter(None, date.groups()))


def _is_day(found: re.Match[str]) -> bool:
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def are_editions(one: Found, other: Found) -> bool:
    """Tell whether two files list the same things at different dates."""
    (stem, date), (other_stem, other_date) = dated(one.sample.words), dated(other.sample.words)
    if stem != other_stem or not date or not other_date or date == other_date:
        return False
    common = [name for name in one.rows if name in other.rows and one.rows[name].distinct > _ALIKE]
    shares = [_common(one.rows[name].every, other.rows[name].every) for name in common]
    return max(shares, default=0.0) > _ALIKE


def _common(one: pd.Series[str], other: pd.Series[str]) -> float:
    values, others = set(one) - {""}, set(other) - {""}
    smaller = min(len(values), len(others))
    return len(values & others) / smaller if smaller else 0.0


def later(one: Found, other: Found) -> bool:
    """Tell whether the first bears the later date."""
    return dated(one.sample.words)[1] > dated(other.sample.words)[1]


def with_editions(
    layers: Sequence[LayerGuess],
    found: Mapping[tuple[str, str], Found],
    kinds: Mapping[str, object],
) -> list[LayerGuess]:
    """Date lists of the same facilities: those before the latest become its earlier editions."""
    made = list(layers)
    for at, layer in enumerate(layers):
        if layer.aside is not None or layer.kind not in kinds:
            continue
        others = [
            each
            for each in layers
            if each is not layer and each.aside is None and each.kind == layer.kind
            if are_editions(found[layer.source], found[each.source])
        ]
        if others:
            made[at] = _dated(layer, others, found)
    return made


def _dated(
    layer: LayerGuess, others: Sequence[LayerGuess], found: Mapping[tuple[str, str], Found]
) -> LayerGuess:
    dates = {each.source: dated(found[each.source].sample.words)[1] for each in (layer, *others)}
    own, latest = dates[layer.source], max(dates, key=lambda source: dates[source])
    if layer.source == latest:
        reason = Reason("edition_latest", {"date": own})
        return replace(
            layer, keys={**layer.keys, "publication_date": own}, reasons=(*layer.reasons, reason)
        )
    reason = Reason("edition_earlier", {"date": own, "file": latest[0]})
    keys = {**layer.keys, "edition": own, "publication_date": own}
    return replace(layer, keys=keys, reasons=(*layer.reasons, reason))
