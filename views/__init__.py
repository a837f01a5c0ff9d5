"""Draws: pages, Folium maps, widgets and the caches. The only place with Streamlit and Folium."""

__all__ = ["settings"]
