"""Each check of scripts/check-deploy and scripts/check-supply passes what is shipped, and fails for what somebody breaks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services.processes import ROOT

NEEDED = (".ci", "deploy", "requirements", "schemas", "scripts", "tests/services")


@dataclass(frozen=True)
class Break:
    """A check, and a change to one file that it must notice."""

    check: str
    file: str
    text: str
    broken: str
    script: str = "check-deploy"


BREAKS = (
    Break("Dockerfile", "deploy/Dockerfile", "USER 10001:10001", "USER root"),
    Break("compose specification", "deploy/compose.yaml", "restart: unless-stopped", "restarts: unless-stopped"),
    Break(
        "configuration of compose.yaml",
        "deploy/compose.yaml",
        "kafka: {condition: service_healthy}",
        "kafak: {condition: service_healthy}",
    ),
    Break(
        "configuration of compose.embedded.yaml",
        "deploy/compose.embedded.yaml",
        "state:/var/lib/wirefeed",
        "stat:/var/lib/wirefeed",
    ),
    Break("manifests of kafka", "deploy/kubernetes/overlays/kafka/alerts.yaml", "replicas: 2", "replicas: two"),
    Break("manifests of embedded", "deploy/kubernetes/overlays/embedded/service.yaml", "clusterIP: None", "clusterIp: None"),
    Break(
        "manifests of housekeeping", "deploy/kubernetes/components/housekeeping/archive.yaml", "concurrencyPolicy", "concurrency"
    ),
    Break("Prometheus rules", "deploy/prometheus/rules.yaml", "> 120", "> 1200"),
    Break("Prometheus rules", "deploy/prometheus/rules.yaml", "max by (stage) (", "max by (stage) (("),
    Break("Prometheus rules", "deploy/prometheus/prometheus.yaml", "refresh_interval", "refresh_intervall"),
    Break("dashboard queries", "deploy/grafana/dashboards/overview.json", '"expr": "', '"expr": "sum by '),
    Break("Alertmanager example", "deploy/prometheus/alertmanager.example.yaml", "- name: nobody", "- name: somebody"),
    Break("AsyncAPI document", "schemas/asyncapi.yaml", "\nchannels:", "\nchanels:"),
    Break("YAML style", "deploy/compose.yaml", "\nname: wirefeed\n", "\nname: wirefeed\nname: again\n"),
    Break("shell scripts", "scripts/lock", "bin=$1", "bin=$1; cd $bin"),
    Break("locks", "requirements/runtime.txt", "alembic==", "alembic>=", "check-supply"),
    Break("licences", "scripts/licences.toml", '"MIT", ', "", "check-supply"),
    Break("secrets", "deploy/README.md", "\n", f"\n# aws = AKIA{'J7Q2ZK4NP9XW5TVB'}\n", "check-supply"),
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the checks look at, copied, as a repository of its own."""
    for name in NEEDED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "secrets", "spool"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for command in (("init", "--quiet"), ("add", "--all")):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True, capture_output=True)
    return tmp_path


def checked(tree: Path, script: str, name: str) -> subprocess.CompletedProcess[str]:
    """Run one check."""
    environment = {**os.environ, "PYTHON": sys.executable, "WIREFEED_CHECK_STRICT": ""}
    command = [str(tree / "scripts" / script), f"^{re.escape(name)}$"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    if "not checked" in done.stdout:
        pytest.skip(done.stdout.strip())
    return done


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("broken", BREAKS, ids=lambda each: f"{each.check}: {each.broken.strip()[:30]}")
def test_a_check_fails_for_what_is_broken(tree: Path, broken: Break) -> None:
    """And names it; before, it passed."""
    before = checked(tree, broken.script, broken.check)
    assert f"ok    {broken.check}\n" in before.stdout, before.stdout + before.stderr
    file = tree / broken.file
    text = file.read_text(encoding="utf-8")
    assert broken.text in text
    file.write_text(text.replace(broken.text, broken.broken, 1), encoding="utf-8")
    after = checked(tree, broken.script, broken.check)
    assert after.returncode == 1, after.stdout + after.stderr
    assert f"FAIL  {broken.check}\n" in after.stdout
    assert after.stdout.endswith(f"failed: {broken.check}\n")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_image_that_cannot_be_built_fails(tmp_path: Path) -> None:
    """The image is really built: a step that fails is noticed."""
    file = tmp_path / "Dockerfile"
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    file.write_text(text.replace("WORKDIR /src\n", "WORKDIR /src\nRUN echo broken on purpose && false\n"), encoding="utf-8")
    done = subprocess.run([str(ROOT / "scripts" / "check-image"), str(file)], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 1, done.stdout + done.stderr
    assert "broken on purpose" in done.stdout


@pytest.mark.slow
def test_what_could_not_be_checked_is_named(tree: Path) -> None:
    """And fails where everything has to be checked."""
    script = tree / "scripts" / "check-deploy"
    script.write_text(script.read_text(encoding="utf-8").replace("if debian_tools;", "if false;"), encoding="utf-8")
    for strict, code in (("", 0), ("1", 1)):
        environment = {**os.environ, "WIREFEED_CHECK_STRICT": strict}
        done = subprocess.run([str(script), "^Prom"], env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == code, done.stdout + done.stderr
        assert "not checked: Prometheus rules" in done.stdout


def test_every_check_is_broken_here() -> None:
    """None is trusted untried; the others have nothing of ours to break."""
    names: set[str] = set()
    for script in ("check-deploy", "check-supply"):
        names |= set(re.findall(r'\brun "([^"]+)"', (ROOT / "scripts" / script).read_text(encoding="utf-8")))
    tried = {each.check for each in BREAKS}
    patterns = {name for name in names if "$" in name}
    assert patterns == {"manifests of $overlay", "configuration of $file.yaml"}
    assert names - patterns - tried == {"Alertmanager for the tests", "bill of materials", "vulnerabilities"}
