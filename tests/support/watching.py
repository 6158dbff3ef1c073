"""What watches a region: the rules of Prometheus, the tests of the alerts, the dashboards of Grafana, the runbooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROMETHEUS, GRAFANA = ROOT / "deploy" / "prometheus", ROOT / "deploy" / "grafana"
RUNBOOKS = ROOT / "docs" / "runbooks"
#: What every `runbook_url` begins with; what follows is a path in this repository.
RUNBOOK_BASE = "https://lotse.example/"


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel. A quiet panel shows what a healthy region does not have, and then answers with 0."""

    dashboard: str
    panel: str
    expression: str
    instant: bool
    quiet: bool


@lru_cache
def rule_files() -> dict[str, Any]:
    """The rules files, by name."""
    return {path.name: yaml.safe_load(path.read_text()) for path in sorted((PROMETHEUS / "rules").glob("*.yml"))}


def rules() -> Iterator[Mapping[str, Any]]:
    """All rules: with `record` or with `alert`."""
    for file in rule_files().values():
        for group in file["groups"]:
            yield from group["rules"]


def alerts() -> dict[str, Mapping[str, Any]]:
    """The alerts, by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def alert_tests() -> Iterator[Mapping[str, Any]]:
    """The tests for promtool."""
    for path in sorted((PROMETHEUS / "tests").glob("*.yml")):
        yield from yaml.safe_load(path.read_text())["tests"]


@lru_cache
def dashboards() -> dict[str, Any]:
    """The dashboards, by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))}


def panels(dashboard: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The panels that show something."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Query]:
    """Every query of every dashboard, as it stands there."""
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            quiet = bool(panel.get("lotse", {}).get("quiet"))
            for target in panel["targets"]:
                yield Query(name, panel["title"], target["expr"], bool(target.get("instant")), quiet)
