"""How lists stand in one cell of a table."""

from __future__ import annotations

SEPARATOR = "; "
