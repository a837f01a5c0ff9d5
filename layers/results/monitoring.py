"""Makes the frame of readings and samples: what was found, where, when, and its limit."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.contracts import (
    ABOVE,
    AMOUNT_ABOVE,
    AMOUNT_BELOW,
    AT_LEAST,
    AT_MOST,
    BELOW,
    DETECTED,
    DUTY_RESULTS,
    NOT_DETECTED,
    NUMBER,
    UNREAD,
    check_readings,
)
from analysis.model.errors import SettingsError
from analysis.model.monitoring import plain_unit
from layers.cleaning.amounts import column_numbers, known_numbers
from layers.cleaning.columns import check_columns
from layers.cleaning.coordinates import place_rows
from layers.cleaning.identifiers import identify, loaded_rows
from layers.cleaning.times import stated_days
from layers.places.names import plain_name
from layers.recipe.schema import MONITORING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from analysis.model.monitoring import Named
    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea
    from layers.knowledge.case_rules import CaseRules

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

MOVED_M = 100.0
"""A station whose readings lie farther apart than this has moved, or is several."""
_SIGN = {
    NUMBER: ("",),
    BELOW: ("<", "小于", "低于"),
    AT_MOST: ("≤", "<=", "不大于", "不高于", "不超过"),
    ABOVE: (">", "大于", "高于"),
    AT_LEAST: ("≥", ">=", "不小于", "不低于"),
}
"""How texts tell that a number is a bound, and of which side."""
_MEANT = {text: sign for sign, texts in _SIGN.items() for text in texts}
_SIGNS = "|".join(sorted(filter(None, _MEANT), key=len, reverse=True))
_NUMBER = r"[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?"
_UNIT = (
    r"(?:[A-Za-z\u00b5\u03bc]{1,4}|个)(?:\([A-Z]\))?/\d*[A-Za-z\u00b5\u03bc]{1,3}[23\u00b2\u00b3]?"
    r"|%|‰|°C|℃|度|倍|L|NTU|FTU|dB|dB\(A\)|pp[mb]|mm|m"
)
"""Units that a cell may hold beside its number; any other word makes it no number."""
_VALUE = rf"^(?P<sign>{_SIGNS})?\s*(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})?$"
_TO = r"\s*(?:~|-|\u2013|\u2014|至|to)\s*"
_RANGE = rf"^(?P<low>{_NUMBER}){_TO}(?P<high>{_NUMBER})\s*(?P<unit>{_UNIT})?$"
_BELOW = rf"^(?:未检出|nd|not detected)\s*\(\s*<?\s*({_NUMBER}[^()]*?)\s*\)$"
"""Not detected, and the detection limit beside it."""
_BELOW_DETECTION = "L"
"""Laboratories of China write a detection limit with this letter where nothing was found: 0.05L."""
_NOT_DETECTED = (
    "未检出", "未檢出", "不得检出", "不得檢出", "nd", "n.d.", "not detected", "bdl", "<lod", "<mdl",
    "<dl", "below detection limit", "低于检出限", "小于检出限", "<检出限",
)  # fmt: skip
_DETECTED = ("检出", "檢出", "detected", "阳性", "positive")


@dataclass(frozen=True)
class _Amounts:
    """Texts as signs, numbers and units; a number that cannot be read has the sign of such."""

    sign: NDArray[np.object_]
    number: Floats
    unit: NDArray[np.object_]


def clean_readings(layer: Layer, *, area: StudyArea, zone: str, rules: CaseRules) -> pd.DataFrame:
    """Make the readings of one layer; what cannot be judged is loaded, and counted as such."""
    check_columns(layer.ours.columns, ("sampled_at",), entry=layer.recipe.entry)
    known = rules.monitoring_rules
    identifiers = identify(layer, keep_twice=False)
    x, y = place_rows(layer, area=area)
    taken_at = stated_days(layer, "sampled_at", zone=zone)
    texts = layer.texts("name", "network", "indicator", "value_unit")
    found = _found(layer)
    limits = _limits(layer, pd.Series(found.unit, index=layer.ours.index))
    unknown, _ = layer.untranslated("result", DUTY_RESULTS)
    result = layer.texts("result")["result"].mask(unknown, UNREAD)
    frame = pd.DataFrame(
        {
            "station": _stations(layer, x, y),
            "name": texts["name"],
            **layer.translated("name_en", "name_zh"),
            "network": _codes(texts["network"], known.networks.values()),
            "indicator": _codes(texts["indicator"], known.indicators.values()),
            "taken_at": taken_at,
            "value": found.number,
            "sign": found.sign,
            "value_unit": found.unit,
            "reading": layer.texts("value")["value"],
            **limits,
            "result": result,
            "x": x,
            "y": y,
        },
        index=layer.ours.index,
    )
    unread = frame["sign"].eq(UNREAD).to_numpy(dtype=bool)
    if unread.any():
        found_text = frame["reading"][unread].iloc[0]
        layer.account.note(unread, "reading_unread", found=found_text)
    _note_moved(frame, layer)
    return loaded_rows(frame, identifiers, layer, index="reading_id")


def joined_readings(readings: pd.DataFrame) -> pd.DataFrame:
    """Leave empty a name that one of the layers lacks, and check the readings."""
    names = [name for name in ("name_en", "name_zh") if name in readings]
    readings = readings.assign(**{name: readings[name].fillna("") for name in names})
    check_readings(readings)
    return readings


def _codes(text: pd.Series[str], known: Iterable[Named]) -> pd.Series[str]:
    """Read a network or an indicator of the rules by any of its names, else as it is written."""
    codes = _known_names(known)
    plain = text.map(plain_name)
    return plain.map(codes).where(plain.isin(codes), text).astype("str")


def _known_names(known: Iterable[Named]) -> dict[str, str]:
    """Give the code by any of its names; of two, a name would hang on their order in the file."""
    codes: dict[str, str] = {}
    for each in known:
        for name in each.names:
            first = codes.setdefault(plain_name(name), each.id)
            if first == each.id:
                continue
            msg = f"{MONITORING}: {name[:80]!r} is a name of both {first} and {each.id}."
            raise SettingsError(
                msg,
                problem="monitoring_name_twice",
                hint="Leave the name to one of them; see `name` and `aliases`.",
                entry=MONITORING,
                found=name[:80],
                first=first,
                second=each.id,
            )
    return codes


def _stations(layer: Layer, x: Floats, y: Floats) -> pd.Series[str]:
    """Tell stations apart: by their code, else by name and place, to a metre."""
    texts = layer.texts("station", "name")
    places = [
        f"{east:.0f} {north:.0f}" if np.isfinite(east) else ""
        for east, north in zip(x, y, strict=True)
    ]
    placed = (texts["name"] + " " + pd.Series(places, index=layer.ours.index)).str.strip()
    return texts["station"].where(texts["station"] != "", placed).astype("str")


def _note_moved(frame: pd.DataFrame, layer: Layer) -> None:
    """Tell of stations of a network that stand at places far apart."""
    alive = frame[layer.account.alive]
    keys = ["network", "station"]
    places = alive.groupby(keys)[["x", "y"]]
    spread = places.max() - places.min()
    moved = spread.index[np.hypot(spread["x"], spread["y"]) > MOVED_M]
    mask = pd.MultiIndex.from_frame(frame[keys]).isin(moved)
    layer.account.note(mask, "station_moved", apart_m=MOVED_M)


def _found(layer: Layer) -> _Amounts:
    """Read values, and what is known where nothing was detected."""
    found, column = _amounts(layer, "value"), layer.texts("value_unit")["value_unit"]
    differ = (column != "").to_numpy(dtype=bool) & _other(found.unit, column)
    sign = np.where(differ, UNREAD, found.sign)
    unit = np.where(found.unit == "", column.to_numpy(dtype=object), found.unit)
    found = _Amounts(sign, np.where(differ, np.nan, found.number), unit)
    if "detection_limit" not in layer.ours:
        return found
    least = known_numbers(layer, "detection_limit", least=0.0)
    known = (found.sign == NOT_DETECTED) & (least > 0)
    number = np.where(known, least, found.number)
    return _Amounts(np.where(known, BELOW, found.sign), number, unit)


def _amounts(layer: Layer, column: str) -> _Amounts:
    """Read texts such as `0.3`, `<0.05`, `0.05L`, `≥ 5 mg/L`, `未检出`."""
    text = _plain(layer.texts(column)[column])
    text = text.str.replace(_BELOW, r"<\1", regex=True, case=False)
    parts = text.str.extract(_VALUE).fillna("")
    sign = parts["sign"].map(_MEANT).astype(object)
    laboratory = parts["unit"].eq(_BELOW_DETECTION) & text.str.fullmatch(rf"{_NUMBER}L")
    sign = sign.mask(laboratory & parts["sign"].eq(""), BELOW)
    unit = parts["unit"].mask(laboratory, "")
    number = _numbers(layer, column, parts["number"])
    sign = sign.mask(np.isnan(number), UNREAD).mask(text.eq(""), "")
    lowered = text.str.casefold()
    sign = sign.mask(lowered.isin(_NOT_DETECTED), NOT_DETECTED)
    sign = sign.mask(lowered.isin(_DETECTED), DETECTED)
    number = np.where(sign.isin([UNREAD, "", DETECTED, NOT_DETECTED]), np.nan, number)
    return _Amounts(sign.to_numpy(dtype=object), number, unit.to_numpy(dtype=object))


def _plain(text: pd.Series[str]) -> pd.Series[str]:
    """Write full-width signs as usual ones; units keep their small numbers."""
    odd = ~text.str.isascii()
    if not odd.any():
        return text
    known = {
        each: "".join(
            unicodedata.normalize("NFKC", sign) if sign in _WIDE else sign for sign in each
        )
        for each in text[odd].unique()
    }
    return text.where(~odd, text.map(known)).str.strip()


_WIDE = {chr(code) for code in range(0xFF01, 0xFF5F)} | {"\u3000", "\u00a0"}


def _numbers(layer: Layer, column: str, text: pd.Series[str]) -> Floats:
    """Read numbers by the signs that the recipe states or the column proves."""
    ours = layer.ours.assign(**{column: text})
    return column_numbers(replace(layer, ours=ours), column)


def _limits(layer: Layer, unit: pd.Series[str]) -> dict[str, object]:
    """Read upper and lower limits: of columns of their own, else of one text such as `6.5-8.5`."""
    index = layer.ours.index
    upper, lower = np.full(len(index), np.nan), np.full(len(index), np.nan)
    form = np.full(len(index), "", dtype=object)
    if "limit" in layer.ours:
        upper, lower, form = _limit_text(layer, unit)
    for column, bound, sides in (
        ("upper_limit", upper, (NUMBER, *AMOUNT_BELOW, NOT_DETECTED)),
        ("lower_limit", lower, (NUMBER, *AMOUNT_ABOVE)),
    ):
        if column not in layer.ours:
            continue
        told = _amounts(layer, column)
        good = np.isin(told.sign, sides)
        bound[good] = np.where(told.sign == NOT_DETECTED, 0.0, told.number)[good]
        form = np.where(good & (form != UNREAD), "stated", form)
        form = np.where((told.sign != "") & ~good, UNREAD, form)
        form = np.where(good & _other(told.unit, unit), "other_unit", form)
    crossed = lower > upper
    form = np.where(crossed, UNREAD, form)
    return {"upper_limit": upper, "lower_limit": lower, "limit": form}


def _limit_text(layer: Layer, unit: pd.Series[str]) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Read one column of limits; a number alone tells no side, so nobody knows what it limits."""
    text = _plain(layer.ours["limit"])
    told = _amounts(layer, "limit")
    parts = text.str.extract(_RANGE).fillna("")
    low, high = (_numbers(layer, "limit", parts[name]) for name in ("low", "high"))
    span = np.isfinite(low) & np.isfinite(high)
    most, least = np.isin(told.sign, AMOUNT_BELOW), np.isin(told.sign, AMOUNT_ABOVE)
    none = told.sign == NOT_DETECTED
    upper = np.select([span, most, none], [high, told.number, 0.0], np.nan)
    lower = np.select([span, least], [low, told.number], np.nan)
    clear = span | most | least | none
    units = np.where(span, parts["unit"].to_numpy(dtype=object), told.unit)
    form = np.select(
        [text.eq(""), ~clear, _other(units, unit)], ["", UNREAD, "other_unit"], "stated"
    )
    return upper, lower, form.astype(object)


def _other(told: NDArray[np.object_], unit: pd.Series[str]) -> Mask:
    """Find limits that state another unit than that of the value."""
    differ = [
        bool(one) and plain_unit(str(one)) != plain_unit(other)
        for one, other in zip(told, unit, strict=True)
    ]
    return np.array(differ, dtype=bool)
