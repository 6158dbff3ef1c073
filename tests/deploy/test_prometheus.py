"""The settings of Prometheus and Grafana agree with docker-compose.yml, and the pages name commands that exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from typer.main import get_command

from lotse.cli.app import app
from shared.platform.services import known_services
from shared.platform.settings import PORTS
from tests.support.watching import GRAFANA, PROMETHEUS, ROOT, RUNBOOKS, rules

_UNITS = {"m": 1 << 20, "g": 1 << 30}
_OWN_COMMANDS = {"republish", "rederive", "restored", "anti-entropy", "forget-places", "migrate", "rebuild"}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def _default(text: str) -> str:
    """`${NAME:-value}` without the variable."""
    match = re.fullmatch(r"\$\{\w+:-([^}]*)\}", text)
    return match[1] if match else text


def test_every_process_of_the_region_is_a_target() -> None:
    """Each by the name and port that it has in the compose network, and labelled with its service."""
    targets = yaml.safe_load((PROMETHEUS / "targets" / "lotse.yml").read_text())
    found = {entry["labels"]["service"]: entry["targets"] for entry in targets}
    assert found == {name: [f"{name}:{PORTS[name]}"] for name in known_services()}


def test_a_service_that_stopped_and_is_no_target_is_missed() -> None:
    """`up` says nothing of a target that is gone, so each service is named."""
    (stopped,) = [rule["expr"] for rule in rules() if rule.get("alert") == "ServiceStopped"]
    assert set(re.findall(r'absent\(up\{job="lotse", service="([a-z]+)"\}\)', stopped)) == set(known_services())


def test_the_memory_limits_are_those_of_the_containers(compose: Any) -> None:
    """The alert divides by them."""
    recorded = [rule for rule in rules() if rule.get("record") == "lotse:memory_limit_bytes"]
    limits = {rule["labels"]["service"]: int(re.sub(r"\D", "", rule["expr"])) for rule in recorded}
    assert limits == {name: _bytes(_default(compose["services"][name]["mem_limit"])) for name in known_services()}


def _bytes(text: str) -> int:
    return int(text[:-1]) * _UNITS[text[-1]]


def test_prometheus_keeps_what_the_rhythm_is_measured_by(compose: Any) -> None:
    """Four weeks of silences, begun up to two weeks before."""
    (retention,) = [one for one in compose["services"]["prometheus"]["command"] if "retention.time" in one]
    assert int(re.sub(r"\D", "", _default(retention.split("=", 1)[1]))) >= 45


def test_grafana_finds_prometheus_and_the_dashboards(compose: Any) -> None:
    """Under the identifier that the dashboards name, in the folder that compose mounts."""
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert (source["uid"], source["url"]) == ("prometheus", "http://prometheus:9090")
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/lotse.yml").read_text())["providers"]
    mounted = {volume.split(":")[-2] for volume in compose["services"]["grafana"]["volumes"]}
    folder = provider["options"]["path"]
    assert folder.removesuffix("/dashboards") in mounted
    home = compose["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (GRAFANA / "dashboards" / home.removeprefix(f"{folder}/")).is_file()


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_a_runbook_names_only_commands_and_pages_that_exist(page: Any, compose: Any) -> None:
    """At night nobody wants to find out what a command is called today."""
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert link.startswith("http") or (page.parent / link).resolve().exists(), link
    for words in re.findall(r"(?:`|\.venv/bin/)lotse ([a-z]+(?: [a-z]+)?)", text):
        assert _is_command(words.split()), f"lotse {words}"
    services = {*compose["services"], "$S", "<service>", "<Dienst>"}
    for name in re.findall(r"docker compose (?:exec|restart|run --rm) (\S+?)[`\s]", text):
        assert name in services, name
    for command in re.findall(r"python -m services\.\S+ ([a-z-]+)", text):
        assert command in _OWN_COMMANDS, command
    for variable in re.findall(r"LOTSE_[A-Z_]+", text):
        assert (
            variable in (ROOT / "docker-compose.yml").read_text() + (ROOT / "shared/platform/settings.py").read_text()
        )


def _is_command(words: list[str]) -> bool:
    commands: Any = get_command(app)
    found = commands.commands.get(words[0])
    nested = getattr(found, "commands", None)
    return found is not None and (nested is None or words[-1] in nested)
