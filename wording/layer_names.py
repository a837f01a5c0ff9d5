"""Names of the layers of a city in the reader's language."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.standards import Kind
    from layers.city import City
    from wording.speaker import Speaker


def layer_name(kind: str, kinds: Mapping[str, Kind], translate: Speaker) -> str:
    """Name a kind of layer, a kind of facilities among them."""
    return translate.of(kinds[kind].name) if kind in kinds else translate(f"layer.{kind}")


def layer_names(city: City, translate: Speaker) -> dict[str, str]:
    """Name the layers read; those that share a name, such as two editions, by their code too."""
    named = {report.id: layer_name(report.kind, city.kinds, translate) for report in city.reports}
    often = Counter(named.values())
    return {code: f"{name} ({code})" if often[name] > 1 else name for code, name in named.items()}
