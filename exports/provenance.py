"""The record of a run: what went in, what was asked, what came out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from wording.missing_rows import missing_rows

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from analysis.model.standards import Standard
    from layers.city import City, LayerReport

VERSION = "0.1.0"
RECORD = "run.json"
LIBRARIES = ("geopandas", "numpy", "pandas", "pyogrio", "pyproj", "scipy", "shapely")


def with_record(
    files: Mapping[str, bytes],
    city: City,
    *,
    command: str,
    parameters: Mapping[str, object],
    created: dt.datetime,
    standard: Standard | None = None,
) -> dict[str, bytes]:
    """Add `run.json` to the files of a result."""
    facts = {
        "standard": None if standard is None else _standard(standard),
        "city": _city(city),
        "crs": {
            "definition": city.crs.to_string(),
            "unit": "metre",
            "scale_error": city.scale_error,
        },
        "inputs": [_input(report) for report in city.reports],
        "absent": list(city.absent),
        "missing_rows": {
            layer: {"rows": rows, "missing": lost}
            for layer, (lost, rows) in missing_rows(city).items()
        },
    }
    return recorded(files, facts, command=command, parameters=parameters, created=created)


def recorded(
    files: Mapping[str, bytes],
    facts: Mapping[str, object],
    *,
    command: str,
    parameters: Mapping[str, object],
    created: dt.datetime,
) -> dict[str, bytes]:
    """Add `run.json` to files: how they were made, the facts of what went in, what came out."""
    program, *libraries = program_used().items()
    record = {
        "command": command,
        "version": program[1],
        "libraries": dict(libraries),
        "created": created.isoformat(timespec="seconds"),
        "parameters": dict(parameters),
        **facts,
        "results": {name: _result(content) for name, content in files.items()},
    }
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    return {**files, RECORD: f"{text}\n".encode()}


def program_used() -> dict[str, str]:
    """Give the versions of the program, named so, and of the libraries that figures rest on."""
    return {"program": VERSION, **{name: version(name) for name in LIBRARIES}}


def _standard(standard: Standard) -> dict[str, Any]:
    """Name the figure of a rule as the standard's file does, without what the code knows of it."""
    rules = [{**asdict(rule), "figure": rule.figure.id} for rule in standard.rules]
    return {**asdict(standard), "rules": rules}


def _city(city: City) -> dict[str, Any]:
    return {
        "id": city.id,
        "name": dict(city.name),
        "as_of": f"{city.as_of:%Y-%m-%d}",
        "time_zone": city.time_zone,
        "fingerprint": city.fingerprint,
    }


def _input(report: LayerReport) -> dict[str, Any]:
    fields = ("kind", "edition", "source", "publication_date", "licence", "url", "rows_in",
              "not_selected", "loaded", "repaired", "quarantined")  # fmt: skip
    return {
        "layer": report.id,
        "files": {name: {"sha256": digest} for name, digest in report.files.items()},
        **{name: getattr(report, name) for name in fields},
    }


def _result(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
