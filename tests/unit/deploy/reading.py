"""Reading what is deployed: files, commands, settings and metrics."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import yaml
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel
from typer.core import TyperGroup

import pipeline
from pipeline.cli.app import app
from pipeline.settings import Settings
from pipeline.topology import STAGE_NAMES

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE = (DEPLOY / "compose.yaml", DEPLOY / "compose.embedded.yaml")
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
RULES = DEPLOY / "prometheus" / "rules.yaml"
#: Prometheus makes these itself.
BUILT_IN = {"up"}


def documents(path: Path) -> list[Any]:
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each is not None]


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((DEPLOY / "kubernetes").rglob("*.yaml")):
        for document in documents(path):
            if "kind" in document:
                yield f"{path.relative_to(ROOT)} {document['kind']}", document


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, document in manifests():
        if document["kind"] in {"StatefulSet", "Deployment", "Job"}:
            yield f"{name} {document['metadata']['name']}", document["spec"]["template"]["spec"]
        if document["kind"] == "CronJob":
            yield f"{name} {document['metadata']['name']}", document["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def check_command(arguments: list[str]) -> None:
    """Parse a command line as the program would; raises its errors for what does not exist."""
    command: Any = typer.main.get_command(app)
    rest = list(arguments)
    while isinstance(command, TyperGroup):
        found = command.commands.get(rest[0])
        assert found is not None, f"wirefeed {' '.join(arguments)}: no command {rest[0]}"
        command, rest = found, rest[1:]
    command.make_context(command.name, list(rest))
    if arguments[0] == "worker":
        assert {each for each in arguments[1:] if not each.startswith("-")} <= set(STAGE_NAMES)


def check_setting(variable: str) -> None:
    """Fail unless an environment variable names a setting."""
    model: type[BaseModel] = Settings
    path = variable.removeprefix("WIREFEED_").lower().split("__")
    for number, part in enumerate(path):
        assert part in model.model_fields, f"{variable}: no setting {'.'.join(path[: number + 1])}"
        model = model.model_fields[part].annotation
    assert len(path) == 2, variable


def exported() -> dict[str, set[str]]:
    """Labels of every series that the code exports, by its name."""
    series: dict[str, set[str]] = {}
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not module.name.endswith(".measures"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, MetricWrapperBase):
                labels = set(value._labelnames)
                name = value._name
                kind = value._type
                if kind == "counter":
                    series[f"{name}_total"] = labels
                elif kind == "histogram":
                    series |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
                else:
                    series[name] = labels
    return series


def expressions() -> Iterator[tuple[str, str]]:
    """Every query of rules and dashboards, with its place."""
    for group in documents(RULES)[0]["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                yield f"{path.name}: {panel['title']}", target["expr"]


def metrics_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:wirefeed_\w+|up)\b", re.sub(r'"[^"]*"', '""', expression)))
