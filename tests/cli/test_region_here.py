"""The command line beside a region of docker compose: where it is found, and how its services' commands are run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lotse.cli.where import kafka, region_here, url_of
from tests.cli.conftest import Terminal


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with docker-compose.yml from which a region was started."""
    for name in [name for name in os.environ if name.startswith("LOTSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LOTSE_STACK", str(tmp_path / "stack.json"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-compose.yml").touch()
    _password(tmp_path / "secrets")
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "institutions.yaml").touch()
    return tmp_path


def _password(secrets: Path) -> None:
    (secrets / "admin").mkdir(parents=True)
    (secrets / "admin" / "broker-password").write_text("invented\n")


def _docker(folder: Path, code: int = 0) -> str:
    """A PATH with a stand-in that says how it was called."""
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\necho "docker $*"\nexit {code}\n')
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_a_region_is_found_by_its_passwords(here: Path) -> None:
    """The broker on the usual port as its administrator, the processes on theirs, the file that the containers read."""
    at = kafka()
    assert (at.access.brokers, at.access.user, at.access.password) == ("localhost:9092", "admin", "invented")
    assert at.institutions == here / "deploy" / "institutions.yaml"
    assert url_of("clock") == "http://localhost:8087"


def test_what_compose_reads_from_its_file_holds_here_too(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports and folders of `.env`; what stands in the environment wins, as it does for compose."""
    _password(here / "elsewhere" / "passwords")
    (here / ".env").write_text(
        "# ports\nLOTSE_KAFKA_PORT=19092\nLOTSE_CLOCK_PORT='18087'\nLOTSE_PARTITIONS=3\n"
        "LOTSE_SECRETS_FOLDER=./elsewhere/passwords\nLOTSE_DEPLOY_FOLDER=elsewhere\n"
    )
    at = kafka()
    assert (at.access.brokers, at.partitions) == ("localhost:19092", 3)
    assert at.institutions == here / "elsewhere" / "institutions.yaml"
    assert at.secrets == here / "elsewhere" / "passwords"
    assert url_of("clock") == "http://localhost:18087"
    monkeypatch.setenv("LOTSE_KAFKA_PORT", "29092")
    assert kafka().access.brokers == "localhost:29092"


def test_without_passwords_there_is_no_region(here: Path) -> None:
    """A checkout from which nothing was started."""
    (here / "secrets" / "admin" / "broker-password").unlink()
    assert not region_here()


async def test_a_command_runs_in_a_container_of_its_service(nowhere: Terminal, tmp_path: Path) -> None:
    """With the service's settings and passwords, which this machine does not have."""
    _password(tmp_path / "secrets")
    settings = {"LOTSE_SECRETS_FOLDER": str(tmp_path / "secrets"), "PATH": _docker(tmp_path)}
    said = await nowhere("rederive", "recognition", **settings)
    run = "docker compose run --rm --no-deps --no-TTY"
    assert said.out.splitlines()[0].strip() == f"{run} recognition python -m services.recognition rederive"
    told = (await nowhere("restored", "--json", **settings)).json["services"]
    assert list(told)[-1] == "coordinator" and set(told) > {"intake", "recognition"} and "clock" not in told
    assert told["coordinator"] == [f"{run} coordinator python -m services.coordinator rebuild"]


async def test_a_command_that_fails_is_told_as_it_was_called(nowhere: Terminal, tmp_path: Path) -> None:
    """So that the operator can repeat it."""
    _password(tmp_path / "secrets")
    settings = {"LOTSE_SECRETS_FOLDER": str(tmp_path / "secrets"), "PATH": _docker(tmp_path, 3)}
    said = await nowhere("rebuild", "--verify", **settings)
    assert said.code == 1 and "Traceback" not in said.err
    assert "`docker compose run" in said.err and "rebuild --verify` endete mit 3" in said.err


async def test_a_machine_without_docker_is_told(nowhere: Terminal, tmp_path: Path) -> None:
    """Passwords alone steer no service."""
    _password(tmp_path / "secrets")
    settings = {"LOTSE_SECRETS_FOLDER": str(tmp_path / "secrets"), "PATH": str(tmp_path)}
    said = await nowhere("republish", "intake", **settings)
    assert said.code == 1 and "Hier gibt es kein Docker" in said.err and "There is no Docker here" in said.err
