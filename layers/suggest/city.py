"""Guesses a city from its files: the layers, what belongs to them, and where the city is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analysis.model.errors import PlanningError
from layers.knowledge.taxonomy import FOLDER
from layers.knowledge.titles import FOLDER as TITLES
from layers.knowledge.titles import read_standard
from layers.recipe.schema import CLAUSE_VALUES
from layers.suggest.columns import (
    TIMES,
    Values,
    add_by_values,
    allowed_columns,
    guess_columns,
    values_of,
)
from layers.suggest.details import form_of_times, merged, value_maps
from layers.suggest.editions import are_editions, later, with_editions
from layers.suggest.found import Found, Known
from layers.suggest.groups import group_of, named_by_place, without_shares
from layers.suggest.guesses import SURE, CityGuess, ColumnGuess, LayerGuess, Reason, Stated
from layers.suggest.joins import joined_layer
from layers.suggest.kinds import (
    COMMUNITIES,
    ISSUES,
    RESIDENTS,
    UNPLACED,
    KindGuess,
    guess_kind,
)
from layers.suggest.places import Extent, Place, place_of
from layers.suggest.samples import Sample, read_samples
from layers.suggest.vocabulary import OTHERWISE, load_vocabulary
from layers.suggest.zones import nearest_zone
from layers.toml_entry import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from analysis.model.standards import Kind
    from layers.suggest.joins import Join

NOT_TAKEN = "none"
_UNSURE = 0.5
_SOME = 0.3
_SHOWN = 5
_BY_PLACE = {"community", "parent"}
_WIDE, _FIRST = 0.2, 20
"""Share of letters from which on a city is shown in Chinese first; values looked at a column."""
_PARTS = (ISSUES, RESIDENTS)
"""Kinds that are delivered in several files of one layout."""


def guess_city(
    files: Sequence[tuple[Path, str]],
    *,
    kinds: Mapping[str, Kind],
    name: str,
    stated: Mapping[str, Stated] | None = None,
    city_keys: Mapping[str, str] | None = None,
) -> CityGuess:
    """
    Guess a city from files, each a path and the name that the recipe gives it.

    What is stated of a file is taken as it is. What cannot be read, or is known for nothing,
    is set aside with the reason; nothing is left out silently.
    """
    known = Known(kinds, load_vocabulary(kinds))
    samples, refused = _read(files, stated or {})
    found, earlier = _grouped([_found(each, Extent(), known, said) for each, said in samples])
    communities = _communities(found)
    extent = Extent(_bounds(found, communities))
    found = [_found_again(each, extent, known, communities) for each in found]
    language = _language(found)
    zone = (city_keys or {}).get("time_zone") or _zone(extent, language, known)
    layers = _layers(found, communities, known, zone)
    keys, doubts = _city_keys(name, zone, language, known, {**(city_keys or {})})
    title, told = _title(layers, found)
    keys = merged(keys, taxonomy=_taxonomies(layers, found), title=title)
    old = [_aside(each, Reason("older", {"file": new.sample.name})) for each, new in earlier]
    return CityGuess(keys, (*doubts, *told), (*layers, *old, *refused))


def _read(
    files: Iterable[tuple[Path, str]], stated: Mapping[str, Stated]
) -> tuple[list[tuple[Sample, Stated]], list[LayerGuess]]:
    samples: list[tuple[Sample, Stated]] = []
    refused: list[LayerGuess] = []
    for path, name in files:
        said = stated.get(name, Stated())
        try:
            samples += [(each, said) for each in read_samples(path, name, keys=said.keys)]
        except PlanningError as error:
            reason = Reason("refused", {"error": error})
            refused.append(LayerGuess((name,), "", 0.0, aside=reason))
    return samples, refused


def _found(sample: Sample, extent: Extent, known: Known, stated: Stated) -> Found:
    rows = values_of(sample.table.rows)
    place = _place(sample, rows, extent, known, stated)
    return Found(sample, rows, place, _kind(sample, rows, place, known, stated), stated)


def _found_again(found: Found, extent: Extent, known: Known, communities: Found | None) -> Found:
    """Look at a file again, now that it is known where the city lies."""
    if found is communities:
        return found
    place = _place(found.sample, found.rows, extent, known, found.stated)
    kind = _kind(found.sample, found.rows, place, known, found.stated)
    return replace(found, place=place, kind=kind)


def _place(
    sample: Sample, rows: Mapping[str, Values], extent: Extent, known: Known, stated: Stated
) -> Place:
    return place_of(
        sample,
        rows,
        extent,
        vocabulary=known.vocabulary,
        crs=stated.keys.get("crs", ""),
        stated=stated.columns,
    )


def _kind(
    sample: Sample, rows: Mapping[str, Values], place: Place, known: Known, stated: Stated
) -> KindGuess:
    if stated.kind:
        return KindGuess(stated.kind, 1.0, (Reason("stated"),))
    return guess_kind(
        sample.words,
        rows,
        place,
        count=len(sample.table.rows),
        types=known.types,
        vocabulary=known.vocabulary,
    )


def _grouped(found: Sequence[Found]) -> tuple[list[Found], list[tuple[Found, Found]]]:
    """
    Put files of one layout together where their kind comes in parts.

    People and areas of an earlier date are no part: each is given with that of the later one.
    """
    kept: dict[object, Found] = {}
    earlier: list[tuple[Found, Found]] = []
    for number, each in enumerate(found):
        parts = each.kind.kind in _PARTS or each.place.shapes == "areas"
        alike = parts and len(each.rows) and each.kind.confidence < 1.0
        key: object = (each.sample.layout, each.kind.kind) if alike else number
        first = kept.get(key)
        if first is None:
            kept[key] = each
        elif each.kind.kind != ISSUES and are_editions(first, each):
            kept[key], old = (each, first) if later(each, first) else (first, each)
            earlier.append((old, kept[key]))
        else:
            kept[key] = replace(first, more=(*first.more, each.sample))
    return list(kept.values()), earlier


def _communities(found: Sequence[Found]) -> Found | None:
    """Choose the communities: those stated, else the finest areas that have names."""
    areas = [each for each in found if each.kind.kind == COMMUNITIES]
    if not areas:
        return None
    return max(
        areas,
        key=lambda each: (each.kind.confidence == 1.0, _named(each), each.count, len(each.rows)),
    )


def _named(found: Found) -> bool:
    return any(reason.code in {"kind_name", "stated"} for reason in found.kind.reasons)


def _bounds(
    found: Sequence[Found], communities: Found | None
) -> tuple[float, float, float, float] | None:
    """Say where the city lies: its communities tell, else what has degrees."""
    if communities is not None and communities.place.bounds:
        return communities.place.bounds
    placed = [each.place.bounds for each in found if each.place.bounds]
    if not placed:
        return None
    west, south, east, north = zip(*placed, strict=True)
    return min(west), min(south), max(east), max(north)


def _zone(extent: Extent, language: str, known: Known) -> str:
    if extent.bounds is None:
        return ""
    zone = nearest_zone(extent.bounds)
    return known.vocabulary.zones.get(language, {}).get(zone, zone)


def _layers(
    found: Sequence[Found], communities: Found | None, known: Known, zone: str
) -> tuple[LayerGuess, ...]:
    looked = {id(each): joined_layer(each, found, communities, known) for each in found}
    users = {id(join.table): each for each in found if (join := looked[id(each)][1]) is not None}
    layers = []
    for each in found:
        kept, join = looked[id(each)]
        user = users.get(id(each))
        used = Reason("joined", {"file": user.sample.name}) if user else None
        if each.is_table and join is None:
            layers.append(_aside(each, used or (*each.place.doubts, Reason("no_place"))[0]))
            continue
        layer = _layer(kept, join, communities, known, zone)
        # a list that says where things of its own kind are is no second list of them
        places = user is not None and user.kind.kind == each.kind.kind and not each.stated.kind
        layers.append(replace(layer, aside=used) if used and (layer.aside or places) else layer)
    layers.sort(key=lambda layer: layer.kind != COMMUNITIES or layer.aside is not None)
    sources = {(each.sample.name, each.sample.keys.get("layer", "")): each for each in found}
    dated = with_editions(layers, sources, known.kinds)
    return tuple(_without_repeats(dated, sources))


def _layer(
    found: Found, join: Join | None, communities: Found | None, known: Known, zone: str
) -> LayerGuess:
    kind = found.kind.kind
    if kind == NOT_TAKEN:
        return _aside(found, Reason("not_taken"))
    other = communities is not None and found.sample is not communities.sample
    if kind == COMMUNITIES and other and communities is not None:
        return _aside(found, Reason("other_areas", {"file": communities.sample.name}))
    guess = _guessed(found, join, known, zone)
    if other or communities is None:
        return replace(guess, aside=_why_aside(guess, found, placed=bool(join and join.places)))
    return guess


def _why_aside(guess: LayerGuess, found: Found, *, placed: bool) -> Reason | None:
    if not guess.kind or guess.confidence < _SOME:
        return Reason("kind_unknown")
    if guess.kind in UNPLACED:
        return None
    if not (found.place.how or placed):
        return (*found.place.doubts, Reason("no_place"))[0]
    if any(not column.sure for column in found.place.columns):
        return found.place.doubts[-1]
    if guess.kind == RESIDENTS and "join" not in guess.keys:
        people = any(column.ours == "population" for column in guess.columns)
        return None if people else Reason("no_population")
    return None


def _guessed(found: Found, join: Join | None, known: Known, zone: str) -> LayerGuess:
    """Guess all that a recipe says of a layer whose kind is known."""
    kind, rows = found.kind.kind, found.rows
    types = known.kinds[kind].columns if kind in known.kinds else {}
    looked_up = join.keys() if join else {}
    columns = _columns(found, types, known, given={*join.columns.values()} if join else set())
    columns, shares = without_shares(columns, rows, known.vocabulary.cells["group"]["share"])
    times, told, certain = form_of_times(columns, rows, zone=zone)
    times = found.stated.keys.get("times", "") or times
    if not certain and not found.stated.keys.get("times"):
        columns = [_less_sure(each) if each.ours in TIMES else each for each in columns]
    maps, columns, unknown = value_maps(
        kind, columns, rows, types=types, vocabulary=known.vocabulary
    )
    group, pieces = _pieces(found, columns, looked_up, known)
    columns = named_by_place(columns, group)
    keys = merged(
        found.sample.keys, **found.place.keys, times=times, values=maps, **looked_up, group=group
    )
    first_doubt = (Reason("kind_unsure"),) if found.kind.confidence < SURE else ()
    placed = join.table.place.doubts if join and join.places else found.place.doubts
    return LayerGuess(
        files=(found.sample.name, *(each.name for each in found.more)),
        kind=kind,
        confidence=found.kind.confidence,
        reasons=(*found.kind.reasons, *((join.reason,) if join else ())),
        keys=keys,
        columns=tuple(columns),
        doubts=(*first_doubt, *placed, *told, *unknown, *shares, *pieces),
        rows=found.count,
        headings=tuple(rows),
        first=found.sample.table.rows.head(_SHOWN),
    )


def _pieces(
    found: Found, columns: Sequence[ColumnGuess], looked_up: Mapping[str, Any], known: Known
) -> tuple[dict[str, Any], tuple[Reason, ...]]:
    kind = known.kinds.get(found.kind.kind)
    if kind is None:
        return {}, ()
    rows, join = found.sample.table.rows, looked_up.get("join", {})
    return group_of(rows, columns, join, counted=kind.capacity)


def _less_sure(guess: ColumnGuess) -> ColumnGuess:
    return replace(guess, confidence=min(guess.confidence, _UNSURE))


def _columns(
    found: Found, types: Mapping[str, str], known: Known, *, given: set[str]
) -> list[ColumnGuess]:
    """Pair the columns: those stated first, then the place, then by headings and values."""
    kind, said = found.kind.kind, found.stated.columns
    own = allowed_columns(kind, known.types)
    stated = [
        ColumnGuess(theirs, ours, 1.0, Reason("stated"))
        for theirs, ours in said.items()
        if ours and theirs in found.rows
    ]
    placed = [each for each in found.place.columns if each.theirs not in said]
    taken = {each.ours for each in stated} | given
    if kind == ISSUES and found.place.how:  # where a report lies tells its community
        taken |= _BY_PLACE
    free = [ours for ours in own if ours not in taken]
    guessed = guess_columns(
        found.rows,
        free,
        types=types,
        vocabulary=known.vocabulary,
        ignored=[*said, *(each.theirs for each in placed)],
    )
    columns = [*stated, *(each for each in placed if each.ours not in taken), *guessed]
    rest = {name: values for name, values in found.rows.items() if name not in said}
    return [each for each in add_by_values(kind, columns, rest) if each.ours not in given]


def _aside(found: Found, reason: Reason) -> LayerGuess:
    return LayerGuess(
        files=(found.sample.name, *(each.name for each in found.more)),
        kind=found.kind.kind,
        confidence=found.kind.confidence,
        reasons=found.kind.reasons,
        rows=found.count,
        aside=reason,
        headings=tuple(found.rows),
        first=found.sample.table.rows.head(_SHOWN),
        keys=found.sample.keys,
    )


def _without_repeats(
    layers: Sequence[LayerGuess], found: Mapping[tuple[str, str], Found]
) -> Iterable[LayerGuess]:
    """Set a second list of the same facilities aside: it would count each of them twice."""
    met: dict[str, list[LayerGuess]] = {}
    for layer in layers:
        twice = None
        now = layer.aside is None and "edition" not in layer.keys
        if now and layer.kind not in {*_PARTS, COMMUNITIES}:
            earlier = met.setdefault(layer.kind, [])
            twice = next((each for each in earlier if _same(each, layer, found)), None)
            earlier.append(layer)
        if twice is not None and layer.confidence < 1.0:
            yield replace(layer, aside=Reason("repeats", {"file": twice.files[0]}))
        else:
            yield layer


def _same(one: LayerGuess, other: LayerGuess, found: Mapping[tuple[str, str], Found]) -> bool:
    names = []
    for layer in (one, other):
        theirs = next((c.theirs for c in layer.columns if c.ours == "name" and c.sure), "")
        rows = found[layer.source].rows
        names.append(set(rows[theirs].every.unique()) if theirs in rows else set())
    smaller = min(map(len, names))
    return smaller > 0 and len(names[0] & names[1]) > smaller / 2


def _city_keys(
    name: str,
    zone: str,
    language: str,
    known: Known,
    stated: dict[str, str],
) -> tuple[dict[str, Any], tuple[Reason, ...]]:
    """Guess name, language, time zone and standard of the city."""
    standards = known.vocabulary.standard
    keys: dict[str, Any] = {
        "name": {"zh": name, "en": name},
        "language": language,
        "time_zone": zone or "UTC",
        "crs": "auto",
        "standard": standards.get(zone, standards.get(OTHERWISE, "")),
    }
    doubts = [Reason("source_missing")]
    if "time_zone" not in stated:
        doubts.insert(0, Reason("zone_nearest" if zone else "zone_unknown", {"zone": zone}))
    return {**keys, **{key: text for key, text in stated.items() if text}}, tuple(doubts)


def _language(found: Sequence[Found]) -> str:
    """Choose the language that headings and values are written in."""
    texts = [
        text
        for each in found
        for name, values in each.rows.items()
        for text in (name, *values.text.head(_FIRST))
    ]
    letters = [sign for text in texts for sign in text if sign.isalpha()]
    wide = sum("\u3400" <= sign <= "\u9fff" for sign in letters)
    return "zh" if wide > _WIDE * max(len(letters), 1) else "en"


def _taxonomies(layers: Sequence[LayerGuess], found: Sequence[Found]) -> list[str]:
    """Name the files of `data/taxonomy` that translate some of the city's own categories."""
    own = _texts_of(ISSUES, "category", layers, found)
    files = sorted(FOLDER.glob("*.toml")) if own else []
    return [path.stem for path in files if len(own & _translated(path)) > _SOME * len(own)]


def _title(
    layers: Sequence[LayerGuess], found: Sequence[Found]
) -> tuple[dict[str, str], tuple[Reason, ...]]:
    """Find the title most of whose clauses there are values for; what to say of it."""
    own = _texts_of(CLAUSE_VALUES, "clause", layers, found)
    if not own:
        return {}, ()
    standards = [
        read_standard(path.read_bytes(), name=path.stem) for path in sorted(TITLES.glob("*.toml"))
    ]
    ids = {each.id: {clause.id for clause in each.clauses} for each in standards}
    best = max(standards, key=lambda each: len(own & ids[each.id]))
    if len(own & ids[best.id]) <= _SOME * len(own):
        return {}, (Reason("title_unknown", {"found": min(own)}),)
    return {"standard": best.id}, (Reason("title_found", {"title": best.title}),)


def _texts_of(
    kind: str, ours: str, layers: Sequence[LayerGuess], found: Sequence[Found]
) -> set[str]:
    """Collect what stands in a column of ours, in all layers of a kind."""
    rows = {each.sample.name: each.rows for each in found}
    return {
        text
        for layer in layers
        for column in layer.columns
        if layer.kind == kind and column.sure and column.ours == ours
        for text in rows[layer.files[0]][column.theirs].text.unique()
    }


def _translated(path: Path) -> set[str]:
    table = read_toml(path.read_bytes(), entry=path.name)
    return set(table) if all(isinstance(code, str) for code in table.values()) else set()
