"""
Known vulnerabilities of the locked packages, told from packages that nobody could judge.

`make audit` compares every line of `requirements.lock` with a database of advisories: a folder of
files in the format of OSV (`ADVISORIES=`; YAML as the Python Packaging Advisory Database keeps
them, or JSON as osv.dev gives them), or the network through pip-audit. An auditor that could judge
nothing finds nothing either, so "not audited" fails as loudly as a hit.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
MAX_DAYS = 7
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""JSON is YAML, so one reader serves both; the one in C where there is one."""
SUFFIXES = (".yaml", ".yml", ".json")
ORDERED = ("ECOSYSTEM", "SEMVER")
"""Kinds of ranges whose ends are versions; those of commits say nothing of a package."""


@dataclass
class Audit:
    """
    What was found, by package.

    Attributes
    ----------
    hits
        Identifiers of advisories that meet the locked version.
    clean
        Packages that the database names, none of whose advisories meets the locked version.
    unjudged
        Why a package was not audited.
    newest
        Day of the latest entry; `None` if it is asked for now.
    """

    hits: dict[str, list[str]] = field(default_factory=dict)
    clean: list[str] = field(default_factory=list)
    unjudged: dict[str, str] = field(default_factory=dict)
    newest: dt.date | None = None


def locked(text: str) -> dict[str, list[Version]]:
    """Read the versions of each package of a lock; markers may give a package several."""
    found: dict[str, list[Version]] = defaultdict(list)
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            pin = Requirement(line.partition("--hash")[0].strip())
            (only,) = pin.specifier
            found[canonicalize_name(pin.name)].append(Version(only.version))
    return dict(found)


def entries(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Read the advisories of a folder; a file that is none ends the audit, for it may be a hit."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    if not paths:
        msg = f"{folder}: no folder with advisories in the format of OSV, as YAML or JSON."
        raise typer.BadParameter(msg)
    for path in paths:
        try:
            entry = yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506 (a safe loader)
        except (ValueError, yaml.YAMLError):
            entry = None
        if not (isinstance(entry, dict) and {"id", "modified", "affected"} <= entry.keys()):
            msg = f"{path}: no advisory in the format of OSV: id, modified, affected."
            raise typer.BadParameter(msg)
        yield entry


def meets(affected: Mapping[str, Any], version: Version) -> bool | None:
    """Tell whether an advisory meets a version; `None` if it states no versions at all."""
    ranges = [one for one in affected.get("ranges") or () if one["type"] in ORDERED]
    listed = affected.get("versions") or ()
    if not ranges and not listed:
        return None
    return any(_same(each, version) for each in listed) or any(
        _within(one["events"], version) for one in ranges
    )


def _same(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False


def _within(events: list[Mapping[str, str]], version: Version) -> bool:
    """Walk the events of a range in their order: introduced opens it, what is fixed closes it."""
    inside = False
    for event in events:
        ((what, text),) = event.items()
        bound = Version("0.dev0") if text == "0" else Version(text)
        if what == "introduced" and version >= bound:
            inside = True
        elif (what in {"fixed", "limit"} and version >= bound) or (
            what == "last_affected" and version > bound
        ):
            inside = False
    return inside


def compare(folder: Path, packages: Mapping[str, list[Version]]) -> Audit:
    """Compare locked packages with a folder of advisories."""
    audit = Audit()
    verdicts: dict[str, list[tuple[str, bool | None]]] = defaultdict(list)
    for entry in entries(folder):
        day = dt.date.fromisoformat(str(entry["modified"])[:10])
        audit.newest = max(day, audit.newest or day)
        for affected in () if entry.get("withdrawn") else entry["affected"]:
            package = affected.get("package") or {}
            name = canonicalize_name(str(package.get("name", "")))
            if package.get("ecosystem") == "PyPI" and name in packages:
                verdicts[name] += [
                    (str(entry["id"]), meets(affected, version)) for version in packages[name]
                ]
    for name in packages:
        _judge(audit, name, verdicts.get(name, []))
    return audit


def _judge(audit: Audit, name: str, verdicts: list[tuple[str, bool | None]]) -> None:
    hits = sorted({key for key, met in verdicts if met})
    vague = sorted({key for key, met in verdicts if met is None})
    if hits:
        audit.hits[name] = hits
    elif vague:
        audit.unjudged[name] = f"{', '.join(vague)} states no versions"
    elif verdicts:
        audit.clean.append(name)
    else:
        audit.unjudged[name] = "the database does not name it"


def ask_network(packages: Mapping[str, list[Version]]) -> Audit:
    """Ask the package index through pip-audit, and count what it passed over."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner=off", "--format=json", f"--requirement={LOCK}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        answer = json.loads(ran.stdout)["dependencies"]
    except ValueError as error:
        msg = f"pip-audit gave no answer: {ran.stderr.strip()[-400:]}"
        raise typer.BadParameter(msg) from error
    audit = Audit()
    for each in answer:
        name = canonicalize_name(each["name"])
        if "skip_reason" in each:
            audit.unjudged[name] = each["skip_reason"]
        elif each["vulns"]:
            audit.hits[name] = sorted(one["id"] for one in each["vulns"])
        else:
            audit.clean.append(name)
    asked = {canonicalize_name(each["name"]) for each in answer}
    audit.unjudged |= {name: "pip-audit did not answer" for name in packages if name not in asked}
    return audit


def report(audit: Audit, *, today: dt.date, unnamed_ok: bool) -> tuple[list[str], bool]:
    """
    Write what was found.

    Parameters
    ----------
    audit
        What was found.
    today
        The day that the database's age is counted to.
    unnamed_ok
        Whether a package that the database does not name counts as one without advisories.

    Returns
    -------
    lines, passed
        Passed only if every package was judged, none was hit, and the database is young enough.
    """
    days = 0 if audit.newest is None else (today - audit.newest).days
    age = "asked now" if audit.newest is None else f"of {audit.newest}, {days} days old"
    silent = {name for name, why in audit.unjudged.items() if why.startswith("the database")}
    left = {
        name: why for name, why in audit.unjudged.items() if not (unnamed_ok and name in silent)
    }
    lines = [
        f"advisories: {age}",
        f"hit {len(audit.hits)}, clean {len(audit.clean)}, not audited {len(audit.unjudged)}",
        *(f"HIT {name}: {', '.join(keys)}" for name, keys in sorted(audit.hits.items())),
        *(f"NOT AUDITED {name}: {why}" for name, why in sorted(left.items())),
    ]
    if days > MAX_DAYS:
        lines.append(f"TOO OLD: fetch a database of the last {MAX_DAYS} days")
    judged = len(audit.hits) + len(audit.clean)
    if not judged:
        lines.append("NOTHING AUDITED: no locked package could be judged")
    return lines, bool(judged) and not audit.hits and not left and days <= MAX_DAYS


def main(advisories: str = "", *, unnamed_ok: bool = False) -> None:
    """Compare the lock with the advisories of a folder, or of the network."""
    packages = locked(LOCK.read_text("utf-8"))
    audit = compare(Path(advisories), packages) if advisories else ask_network(packages)
    today = dt.datetime.now(dt.UTC).date()
    lines, passed = report(audit, today=today, unnamed_ok=unnamed_ok)
    typer.echo("\n".join(lines))
    if not passed:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
