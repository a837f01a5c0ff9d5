"""The one store of geometry that all sessions share."""

from maps.store import GeoStore

STORE = GeoStore()
