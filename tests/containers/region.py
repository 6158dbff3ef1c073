"""A whole region in containers: docker-compose.yml as it stands, under a name, ports and folders of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lotse.simulator import Target
from lotse.stack.ports import free_ports
from lotse.stack.services import ROOT
from shared.platform.access import Access, Login, logins
from shared.platform.settings import PORTS, read_secret

#: Reporting services, the coordinator and the clock.
PROCESSES = ("intake", "recognition", "childcare", "language", "outreach", "coordinator", "clock")
_FILES = ("docker-compose.yml", "tests/containers/compose.yaml")


@dataclass(frozen=True, slots=True)
class Region:
    """A running compose project. `folder` holds its passwords (`secrets`) and its copy of `deploy`; `start_seconds` is
    how long it took from nothing until all was healthy.
    """

    project: str
    folder: Path
    environment: Mapping[str, str]
    start_seconds: float = 0.0

    @property
    def secrets(self) -> Path:
        """The passwords of this region."""
        return self.folder / "secrets"

    @property
    def institutions(self) -> Path:
        """The institutions file that this region reads."""
        return self.folder / "deploy" / "institutions.yaml"

    @property
    def operator(self) -> Access:
        """The broker as its administrator, from this machine."""
        brokers = f"localhost:{self.environment['LOTSE_KAFKA_PORT']}"
        return Access(brokers, "kafka", "admin", read_secret("admin", str(self.secrets / "admin" / "broker-password")))

    @property
    def login(self) -> Login:
        """The broker as each institution."""
        return logins(self.operator, self.secrets)

    @property
    def target(self) -> Target:
        """Where a simulation reports to, each institution through its own credentials."""
        return Target(self.login, self.url("clock"), self.url("coordinator"))

    def url(self, service: str) -> str:
        """The HTTP address of a process, or of `prometheus`."""
        return f"http://127.0.0.1:{self.environment[f'LOTSE_{service.upper()}_PORT']}"

    def compose(self, *arguments: str, check: bool = True, seconds: float = 300) -> str:
        """Runs `docker compose …` on this project, returns what it printed. Raises AssertionError with its errors."""
        files = [part for file in _FILES for part in ("-f", str(ROOT / file))]
        return run(
            ["docker", "compose", "-p", self.project, *files, *arguments],
            environment=self.environment,
            check=check,
            seconds=seconds,
        )

    def docker(self, command: str, service: str, *arguments: str) -> str:
        """Runs `docker <command> <container of the service>`, for example kill, pause, unpause, start."""
        return run(["docker", command, *arguments, self.container(service)])

    def container(self, service: str, number: int = 1) -> str:
        """The name of a service's container."""
        return f"{self.project}-{service}-{number}"

    def state(self, service: str) -> dict[str, Any]:
        """What the engine tells of a service's container (`State` of docker inspect)."""
        told = json.loads(run(["docker", "inspect", self.container(service)]))
        return dict(told[0]["State"])

    def logs(self, *services: str) -> str:
        """What containers have written so far."""
        return self.compose("logs", "--no-color", "--no-log-prefix", *services)

    def lotse(self, *arguments: str, check: bool = True) -> str:
        """Runs the command line on this machine as the region's operator; returns what it printed."""
        # Where it steers containers, these are ours.
        compose = {"COMPOSE_PROJECT_NAME": self.project, "COMPOSE_FILE": ":".join(str(ROOT / file) for file in _FILES)}
        environment = {**self.environment, **compose, "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-P", "-m", "lotse", *arguments]
        return run(command, environment=environment, check=check, folder=self.folder)


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
    seconds: float = 300,
    folder: Path = ROOT,
) -> str:
    """Runs a program to its end and returns its output. Raises AssertionError with both outputs when it fails."""
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
    )
    if check:
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def running_region(name: str, folder: Path, **settings: str) -> Iterator[Region]:
    """Starts a region, and removes it with its data in the end. `settings` are variables of docker-compose.yml.

    The image is built from this checkout; what is built already costs a second.
    """
    region = prepared_region(name, folder, **settings)
    try:
        region.compose("build", "--quiet", "secrets", seconds=900)
        began = time.monotonic()
        region.compose("up", "--wait", "--wait-timeout", "480", "--detach", seconds=500)
        yield replace(region, start_seconds=time.monotonic() - began)
    finally:
        keep_logs(region)
        region.compose("down", "--volumes", "--timeout", "2", check=False)


def prepared_region(name: str, folder: Path, **settings: str) -> Region:
    """A region that is not started yet: its folders, its ports, its variables. Its `deploy` may still be changed."""
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    (folder / "secrets").mkdir()
    names = ("kafka", "prometheus", *PROCESSES)
    ports = dict(zip(names, map(str, free_ports(len(names))), strict=True))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")},
        "LOTSE_DEPLOY_FOLDER": str(folder / "deploy"),
        "LOTSE_SECRETS_FOLDER": str(folder / "secrets"),
        "LOTSE_INSTITUTIONS": str(folder / "deploy" / "institutions.yaml"),
        "LOTSE_IMAGE": "lotse:tests",
        "LOTSE_CLOCK": "manual",
        **{f"LOTSE_{name.upper()}_PORT": port for name, port in ports.items()},
        **{f"LOTSE_{name.upper()}": value for name, value in settings.items()},
    }
    assert set(PROCESSES) <= set(PORTS)
    return Region(f"lotse-{name}-{os.getpid()}", folder, environment)


def keep_logs(region: Region) -> None:
    """The containers' logs, for whoever looks for the cause of a failure, under build/containers."""
    kept = ROOT / "build" / "containers" / f"{region.project.rsplit('-', 1)[0]}.log"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(region.compose("logs", "--no-color", check=False), encoding="utf-8")
