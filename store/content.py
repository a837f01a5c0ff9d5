"""One way to write a value as text, so that equal values have equal hashes in every database."""

from __future__ import annotations

import hashlib
import json


def written(value: object) -> str:
    """Write plain values as JSON in ASCII: keys sorted, no blanks; NaN is refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: object) -> str:
    """Sum up a plain value: sha256 of its text."""
    return hashlib.sha256(written(value).encode("ascii")).hexdigest()
