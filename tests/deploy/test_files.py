"""Files of `deploy/`: what their own linters say, and the promises that a reader relies on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.house import floors

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = ("planning.service", "planning-backup.service")


def linted(name, *options, ignore=()):
    """Run a linter that may be missing; it may be beside the interpreter or on the path."""
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    program = shutil.which(name, path=beside)
    if not program:
        pytest.skip(f"no {name} on this machine (pip install {name})")
    done = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    lines = [
        line
        for line in (done.stdout + done.stderr).splitlines()
        if not any(part in line for part in ignore)
    ]
    return done.returncode, lines


def test_hadolint_finds_nothing():
    assert linted("hadolint", DEPLOY / "Dockerfile") == (0, [])


def test_compose_agrees_with_its_schema():
    schema = ("--builtin-schema", "vendor.compose-spec")
    assert linted("check-jsonschema", *schema, DEPLOY / "compose.yaml")[0] == 0


def test_shellcheck_finds_nothing():
    assert linted("shellcheck", *sorted(DEPLOY.glob("*.sh"))) == (0, [])


def test_systemd_knows_every_line_of_the_units():
    """That the program is not there is the one thing it may say: it is installed elsewhere."""
    units = sorted(map(str, DEPLOY.glob("planning*.*r*")))
    assert len(units) == 3
    missing = ("is not executable: No such file",)
    assert linted("systemd-analyze", "verify", *units, ignore=missing)[1] == []


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_hardened_as_systemd_counts_it(unit):
    _, lines = linted("systemd-analyze", "security", "--offline=true", DEPLOY / unit)
    found = re.search(r"exposure level for \S+: (\d+\.\d)", "\n".join(lines))
    assert float(found[1]) <= 1.5


def services():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]


def test_every_service_has_no_rights_beyond_its_own():
    for name, service in services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"mem_limit", "pids_limit"} <= set(service), name
        assert not service.get("privileged"), name


def test_nothing_but_the_proxy_can_be_reached():
    found = services()
    assert [name for name, service in found.items() if "ports" in service] == ["proxy"]
    assert found["dashboard"]["network_mode"] == "service:proxy"
    assert found["database"]["networks"] == ["inside"]
    whole = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert whole["networks"]["inside"] == {"internal": True}
    assert "CITY_OPEN" not in (DEPLOY / "compose.yaml").read_text("utf-8")


def test_the_image_runs_without_rights_and_tells_how_it_is():
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    (user,) = [line for line in lines if line.startswith("USER ")]
    assert user == "USER 10001:10001"
    assert services()["dashboard"]["user"] == "10001:10001"
    after = lines[lines.index(user) :]
    assert not any(line.startswith(("COPY", "RUN", "ADD")) for line in after)
    assert any(line.startswith("HEALTHCHECK") for line in after)
    assert "--require-hashes" in "\n".join(lines)


def test_the_image_holds_what_runs_and_nothing_else():
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert lines[0] == "*"
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert {*floors(), "data", "cli.py", "dashboard.py", ".streamlit"} <= kept
    assert all((ROOT / name).exists() for name in kept)
    assert not kept & {"tests", "tools", "bench", "docs", "deploy"}


def test_behind_a_proxy_it_does_not_start_without_roles():
    unit = (DEPLOY / "planning.service").read_text("utf-8")
    assert "AssertPathExists=/etc/planning/roles.toml" in unit
    assert "CITY_ROLES=/etc/planning/roles.toml" in unit
    assert services()["dashboard"]["environment"]["CITY_ROLES"] == "/etc/planning/roles.toml"


@pytest.mark.full
def test_a_bundle_installs_without_a_network(tmp_path):
    """Needs a registry to fill the wheelhouse; the installation itself is told of none."""
    bundle, root = tmp_path / "bundle", tmp_path / "opt"
    subprocess.run(
        [DEPLOY / "bundle.sh", bundle], check=True, env=os.environ | {"PYTHON": sys.executable}
    )
    closed = os.environ | {"PYTHON": sys.executable, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    subprocess.run([bundle / "install.sh", root], check=True, env=closed)
    (place,) = root.iterdir()
    assert (place / "dashboard.py").is_file()
    assert not (place / "dashboard.py").stat().st_mode & 0o022
    wheel = next((bundle / "wheelhouse").glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    again = subprocess.run([bundle / "install.sh", tmp_path / "b"], env=closed, check=False)
    assert again.returncode
    assert not (tmp_path / "b").exists()
