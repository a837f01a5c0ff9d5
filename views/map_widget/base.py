"""The Folium map: a base that never changes for a city, and a group that carries the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import folium
from folium.template import Template

from maps.spec_json import map_options, spec_json
from maps.store import DRAWING
from views.map_widget import assets  # every map needs the local scripts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maps.spec import MapSpec


class BaseMap(folium.Map):
    """
    A Folium map that our own script opens.

    It has no tiles, a metric scale and a way home, draws on one canvas, and lets the
    reader enlarge the page.
    """

    _template = Template("""
        {% macro header(this, kwargs) %}
            <style>
                #{{ this.get_name() }} {
                    position: relative; width: 100%; height: 100vh !important;
                }
            </style>
        {% endmacro %}
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }} ></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = Atlas.create(
                {{ this.get_name()|tojson }}, {{ this.atlas_options|tojson }}
            );
        {% endmacro %}
        """)

    def __init__(self, bounds: Sequence[float]) -> None:
        super().__init__(tiles=None)
        drawing = [assets.asset_url(file) for file in DRAWING]
        self.atlas_options = {**map_options(bounds), "tame": True, "drawing": drawing}


class Atlas(folium.MacroElement):
    """Lets the map draw a specification."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            Atlas.show({{ this._parent._parent.get_name() }}, {{ this.spec }});
        {% endmacro %}
        """)

    def __init__(self, spec: MapSpec) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Atlas"
        self.spec = spec_json(spec)


def base_map(bounds: Sequence[float]) -> folium.Map:
    """Make the base map of a city."""
    return BaseMap(bounds)


def dynamic(spec: MapSpec) -> folium.FeatureGroup:
    """Make the group that brings a specification to a map already on the screen."""
    group = folium.FeatureGroup()
    group.add_child(Atlas(spec))
    return group
