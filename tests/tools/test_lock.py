"""The lock holds every package the product runs with; its audit tells unknown from sound."""

from __future__ import annotations

import datetime as dt
import json
from importlib.metadata import requires
from types import SimpleNamespace

import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT
from tools import audit
from tools.audit import ask_network, compare, entries, locked, meets, report

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
TODAY = dt.date(2026, 11, 30)


def pins():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if "==" in line]


def test_the_lock_holds_each_pin_in_its_version():
    held = locked(LOCK)
    for pin in pins():
        (only,) = pin.specifier
        assert held.get(canonicalize_name(pin.name)) == [Version(only.version)], pin


def test_the_lock_holds_whatever_the_pins_need_here():
    held, seen = locked(LOCK), set()
    waiting = [(pin.name, frozenset(pin.extras)) for pin in pins()]
    while waiting:
        name, extras = waiting.pop()
        if (canonicalize_name(name), extras) in seen:
            continue
        seen.add((canonicalize_name(name), extras))
        assert canonicalize_name(name) in held, name
        for line in requires(name) or []:
            need = Requirement(line)
            if need.marker is None or any(
                need.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            ):
                waiting.append((need.name, frozenset(need.extras)))
    assert len(seen) > len(pins()) + 20


def test_each_line_of_the_lock_has_hashes_and_no_address():
    lines = [line for line in LOCK.replace("\\\n", " ").splitlines() if "==" in line]
    assert all("--hash=sha256:" in line for line in lines)
    assert len(lines) > 60
    assert "://" not in LOCK


def test_the_page_of_licences_names_each_package_of_the_lock():
    page = (ROOT / "docs" / "reference" / "licences.md").read_text("utf-8")
    elsewhere = {"colorama"}  # On Windows alone.
    for name, versions in locked(LOCK).items():
        if name not in elsewhere:
            assert any(f"| `{name}` | {version} |" in page for version in versions), name


def advisory(key, name, *, modified="2026-11-28T00:00:00Z", **affected):
    package = {"name": name, "ecosystem": "PyPI"}
    return {"id": key, "modified": modified, "affected": [{"package": package, **affected}]}


def versions(*events):
    return [{"type": "ECOSYSTEM", "events": list(events)}]


@pytest.fixture
def database(tmp_path):
    hit = advisory("PYSEC-1", "Torn_Pack", ranges=versions({"introduced": "0"}, {"fixed": "2.0"}))
    miss = advisory("PYSEC-2", "sound", ranges=versions({"introduced": "0"}, {"fixed": "1.0"}))
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "PYSEC-1.yaml").write_text(yaml.safe_dump(hit))
    (tmp_path / "GHSA-2.json").write_text(json.dumps(miss))
    (tmp_path / "README.md").write_text("not an advisory")
    return tmp_path


PACKAGES = {"torn-pack": [Version("1.9")], "sound": [Version("1.0")], "absent": [Version("3")]}


def test_one_hit_one_miss_and_one_that_nobody_judged(database):
    found = compare(database, PACKAGES)
    assert found.hits == {"torn-pack": ["PYSEC-1"]}
    assert found.clean == ["sound"]
    assert list(found.unjudged) == ["absent"]
    assert found.newest == dt.date(2026, 11, 28)
    lines, passed = report(found, today=TODAY, unnamed_ok=False)
    assert not passed
    assert "of 2026-11-28, 2 days old" in lines[0]
    assert "HIT torn-pack: PYSEC-1" in lines


@pytest.mark.parametrize(
    ("packages", "unnamed_ok", "today", "expected"),
    [
        (["sound"], False, TODAY, True),
        (["sound", "absent"], False, TODAY, False),
        (["sound", "absent"], True, TODAY, True),
        (["absent"], True, TODAY, False),
        (["sound", "torn-pack"], True, TODAY, False),
        (["sound"], False, TODAY + dt.timedelta(days=6), False),
        (["sound"], False, TODAY + dt.timedelta(days=5), True),
    ],
)
def test_only_a_whole_and_young_audit_passes(database, packages, unnamed_ok, today, expected):
    found = compare(database, {name: PACKAGES[name] for name in packages})
    assert report(found, today=today, unnamed_ok=unnamed_ok)[1] is expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.9", True),
        ("1.0", False),
        ("2.0rc1", False),
        ("2.0", True),
        ("2.3", True),
        ("2.4", False),
    ],
)
def test_ends_of_ranges(version, expected):
    ranges = versions(
        {"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}, {"last_affected": "2.3"}
    )
    assert meets({"ranges": ranges}, Version(version)) is expected


def test_listed_versions_meet_and_commits_alone_say_nothing():
    assert meets({"versions": ["1.0.0"]}, Version("1.0"))
    assert (
        meets({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, Version("1")) is None
    )


def test_an_advisory_without_versions_leaves_its_package_unjudged(tmp_path):
    vague = advisory("PYSEC-3", "sound", ranges=[{"type": "GIT", "events": []}])
    (tmp_path / "a.json").write_text(json.dumps(vague))
    assert "PYSEC-3" in compare(tmp_path, PACKAGES).unjudged["sound"]


def test_a_withdrawn_advisory_hits_nothing(tmp_path):
    gone = advisory("PYSEC-4", "sound", versions=["1.0"]) | {"withdrawn": "2026-01-01T00:00:00Z"}
    (tmp_path / "a.json").write_text(json.dumps(gone))
    assert not compare(tmp_path, PACKAGES).hits


@pytest.mark.parametrize("text", ["[]", "{", "", '{"id": "x"}', "a: [", "\x00"])
def test_a_file_that_is_no_advisory_ends_the_audit(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(typer.BadParameter, match="no advisory in the format"):
        list(entries(tmp_path))


def test_a_folder_without_advisories_ends_the_audit(tmp_path):
    with pytest.raises(typer.BadParameter, match="no folder with advisories"):
        compare(tmp_path / "nowhere", PACKAGES)


def test_an_auditor_that_passed_everything_over_does_not_pass(monkeypatch):
    answer = {"dependencies": [{"name": "sound", "skip_reason": "not found"}]}
    ran = SimpleNamespace(stdout=json.dumps(answer), stderr="")
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: ran)
    found = ask_network(PACKAGES)
    assert set(found.unjudged) == set(PACKAGES)
    lines, passed = report(found, today=TODAY, unnamed_ok=True)
    assert not passed
    assert any(line.startswith("NOTHING AUDITED") for line in lines)
