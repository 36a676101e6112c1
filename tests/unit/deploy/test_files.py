"""What is deployed starts commands and sets options that exist, with as few rights as can be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.exceptions import TyperException

from pipeline.configuration import load_settings
from pipeline.notify.subscribers import load_subscribers
from tests.unit.deploy.reading import COMPOSE, DEPLOY, ROOT, check_command, check_setting, documents, manifests, pods


def services() -> list[Any]:
    return [
        pytest.param(service, id=f"{path.name}: {name}")
        for path in COMPOSE
        for name, service in documents(path)[0]["services"].items()
        if "wirefeed" in service["image"]
    ]


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.yaml")), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_yaml_file_can_be_read(path: Path) -> None:
    """No file is empty or malformed."""
    assert documents(path)


@pytest.mark.parametrize("service", services())
def test_compose_starts_commands_that_exist(service: dict[str, Any]) -> None:
    """Commands and options are the program's, environment variables its settings."""
    check_command(service["command"])
    for variable in service["environment"]:
        check_setting(variable)


@pytest.mark.parametrize("service", services())
def test_compose_gives_few_rights(service: dict[str, Any]) -> None:
    """Services of ours run as nobody in particular on a read-only root."""
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_refers_to_what_it_declares(path: Path) -> None:
    """Services that are waited for, secrets, configurations and volumes exist, and their files do."""
    compose = documents(path)[0]
    for service in compose["services"].values():
        assert set(service.get("depends_on", ())) <= set(compose["services"])
        assert set(service.get("secrets", ())) <= set(compose.get("secrets", ()))
        assert {each["source"] for each in service.get("configs", ())} <= set(compose.get("configs", ()))
        for volume in service.get("volumes", ()):
            source = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", volume).split(":")[0]
            known = source in compose["volumes"] or (DEPLOY / source).exists() or source == "./spool"
            assert known, f"{volume}: no such volume or file"


@pytest.mark.parametrize("line", ["flow", "run --nonsense", "worker parse entitles", "config frobnicate"])
def test_commands_that_do_not_exist_are_found(line: str) -> None:
    """The checks here would notice."""
    with pytest.raises((AssertionError, TyperException)):
        check_command(line.split())


def test_settings_that_do_not_exist_are_found() -> None:
    """The checks here would notice."""
    with pytest.raises(AssertionError):
        check_setting("WIREFEED_STORE__ADDRESS")


def test_compose_runs_every_stage() -> None:
    """No stage is forgotten."""
    commands = [service.get("command") for service in documents(COMPOSE[0])[0]["services"].values()]
    for command in ("parse", "deduplicate", "language", "entities", "alerts"):
        assert ["worker", command] in commands


@pytest.mark.parametrize("pod", [pytest.param(pod, id=name) for name, pod in pods()])
def test_pods_start_commands_that_exist(pod: dict[str, Any]) -> None:
    """Commands and options are the program's, also those of probes."""
    for container in pod["containers"]:
        if "args" in container:
            check_command(container["args"])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            command = container.get(probe, {}).get("exec", {}).get("command")
            if command:
                assert command[0] == "wirefeed"
                check_command(command[1:])
        for variable in container.get("env", ()):
            check_setting(variable["name"])


def test_the_embedded_engine_is_scraped_itself_not_the_console_beside_it() -> None:
    """Only the process that reads and tells knows what the alarms ask for; it serves its metrics on the image's health port."""
    (template,) = [each["spec"]["template"] for name, each in manifests() if name.endswith("embedded/engine.yaml StatefulSet")]
    (engine,) = [each for each in template["spec"]["containers"] if each["args"][0] == "run"]
    (port,) = [each["containerPort"] for each in engine["ports"]]
    assert template["metadata"]["annotations"]["prometheus.io/port"] == str(port)
    assert f"WIREFEED_HEALTH__PORT={port} " in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("pod", [pytest.param(pod, id=name) for name, pod in pods() if "securityContext" in pod])
def test_pods_are_restricted(pod: dict[str, Any]) -> None:
    """Pods pass the restricted standard, have a read-only root and speak to no Kubernetes API."""
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in [*pod["containers"], *pod.get("initContainers", ())]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_workers_get_what_they_have_in_common_from_one_patch() -> None:
    """Every StatefulSet of the Kafka overlay carries the label that the patch looks for, and has a disruption budget."""
    budgets = {each["metadata"]["name"] for _, each in manifests() if each["kind"] == "PodDisruptionBudget"}
    for name, document in manifests():
        if document["kind"] == "StatefulSet" and "overlays/kafka" in name and document["metadata"]["name"] != "any":
            assert document["metadata"]["labels"] == {"wirefeed/runs": "worker"}
            assert document["metadata"]["name"] in budgets


def test_workers_are_stopped_gently() -> None:
    """A pod may take longer to stop than a worker takes to finish its batch (20 s)."""
    for name, pod in pods():
        if "securityContext" in pod and "Job" not in name:
            assert pod["terminationGracePeriodSeconds"] > 20


@pytest.mark.parametrize("path", sorted((DEPLOY / "kubernetes").rglob("kustomization.yaml")), ids=lambda path: path.parent.name)
def test_kustomizations_name_files_that_exist(path: Path) -> None:
    """Resources, patches and the files of configurations are there."""
    (document,) = documents(path)
    named = [*document["resources"], *(each["path"] for each in document.get("patches", ()))]
    for generator in document.get("configMapGenerator", ()):
        named += [*generator.get("files", ()), *generator.get("envs", ())]
    for each in named:
        assert (path.parent / each).exists(), each


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.env")), ids=lambda path: path.parent.name)
def test_settings_of_overlays_exist(path: Path) -> None:
    """Every variable is a setting."""
    for line in path.read_text(encoding="utf-8").splitlines():
        check_setting(line.partition("=")[0])


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.toml")), ids=lambda path: path.parent.name)
def test_configurations_can_be_used(path: Path) -> None:
    """The program takes them."""
    assert load_settings(path).sources


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("subscribers.yaml")), ids=lambda path: path.parent.name)
def test_subscribers_can_be_used(path: Path) -> None:
    """The program takes them."""
    assert len(load_subscribers(path))


def test_the_image_runs_as_nobody_in_particular() -> None:
    """The Dockerfile ends as a numbered user, installs by hash and has a health check by command."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE)[-1] == "10001:10001"
    assert all("--require-hashes" in line for line in text.splitlines() if "install" in line and "-r " in line)
    (health,) = re.findall(r'^HEALTHCHECK .*CMD \["wirefeed", "(.+)"\]$', text, re.MULTILINE)
    check_command(health.split('", "'))
    for variable in re.findall(r"\b(WIREFEED_\w+)=", text):
        check_setting(variable)
    for source in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / each).exists() for each in source.split())
