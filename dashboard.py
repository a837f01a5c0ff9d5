"""Composes the dashboard: settings, headers and routes around the page script."""

import streamlit as st

from views.server.middleware import lifespan, middleware, routes
from views.settings import ROOT, settings

app = st.App(
    ROOT / "views" / "server" / "script.py",
    routes=routes(),
    middleware=middleware(settings()),
    lifespan=lifespan,
)
