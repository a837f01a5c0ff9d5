"""The one store of geometry that all sessions share."""

from views.maps.store import GeoStore

STORE = GeoStore()
