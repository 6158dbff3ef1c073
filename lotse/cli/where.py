"""Which Lotse a command talks to: the one that the settings name, else the stack of `lotse up` on this machine, else
the region that docker compose runs from this folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lotse.errors import ExplainedError
from lotse.stack.control import StackFile, read_file
from lotse.stack.services import ROOT, default_institutions
from shared.platform.access import Access, Login, access_of, logins
from shared.platform.settings import PORTS, Settings, SettingsError, load_settings


class NothingRuns(ExplainedError):
    """No stack runs here, and no setting names another one."""


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where the broker is and who asks, its institutions, and the folder with their passwords if there is one."""

    access: Access
    partitions: int
    institutions: Path
    secrets: Path | None = None

    @property
    def login(self) -> Login:
        """With what access each institution's topics are written and read."""
        return logins(self.access, self.secrets)


def running_stack() -> StackFile | None:
    """The stack of `lotse up`; none when the settings name another broker, or none runs."""
    return None if os.environ.get("LOTSE_BROKERS") else read_file()


def kafka() -> Kafka:
    """The broker. Raises NothingRuns and ExplainedError for a wrong setting."""
    if os.environ.get("LOTSE_BROKERS"):
        return _named()
    stack = read_file()
    if stack is not None:
        named = os.environ.get("LOTSE_INSTITUTIONS")
        access = Access(stack.brokers, stack.broker_profile)
        return Kafka(access, stack.partitions, Path(named or stack.institutions))
    if region_here():
        return _region()
    raise nothing_runs("LOTSE_BROKERS")


def url_of(service: str) -> str:
    """A process's HTTP address, without a slash at its end: that of `LOTSE_<SERVICE>_URL`, of `lotse up`, or of the
    region of docker compose. Raises NothingRuns.
    """
    setting = f"LOTSE_{service.upper()}_URL"
    named = os.environ.get(setting)
    if named:
        return named.rstrip("/")
    stack = running_stack()
    if stack is not None and service in stack.urls:
        return stack.urls[service]
    if stack is None and region_here():
        return f"http://localhost:{region_setting(f'LOTSE_{service.upper()}_PORT') or PORTS[service]}"
    raise nothing_runs(setting)


def coordinator_url() -> str:
    """The read API. Raises NothingRuns."""
    return url_of("coordinator")


def secrets_folder() -> Path:
    """Where a region of docker compose keeps its passwords: `LOTSE_SECRETS_FOLDER`, else `secrets` here or beside the
    program.
    """
    named = region_setting("LOTSE_SECRETS_FOLDER")
    if named:
        return compose_folder() / named
    here = Path("secrets")
    return here if here.is_dir() else ROOT / here


def compose_folder() -> Path:
    """Where docker-compose.yml is: here, else beside the program."""
    return Path.cwd() if Path("docker-compose.yml").is_file() else ROOT


def region_setting(name: str) -> str:
    """A variable of docker-compose.yml as compose sees it: from the environment, else from the file `.env` beside it;
    empty where it is in neither.
    """
    return os.environ.get(name) or _written().get(name, "")


def _written() -> Mapping[str, str]:
    """The variables in the file `.env`: lines `NAME=value`, comments left out, quotes around a value taken off."""
    try:
        lines = (compose_folder() / ".env").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.removeprefix("export ").strip(): value.strip().strip("'\"") for name, _, value in pairs}


def region_here() -> bool:
    """Whether this folder has started a region by docker compose: the operator's password is there."""
    return _admin_password().is_file()


def _admin_password() -> Path:
    return secrets_folder() / "admin" / "broker-password"


def _named() -> Kafka:
    """What the settings name."""
    settings = _settings(os.environ)
    secrets = Path(os.environ["LOTSE_SECRETS_FOLDER"]) if os.environ.get("LOTSE_SECRETS_FOLDER") else None
    return Kafka(access_of(settings), settings.partitions, default_institutions(), secrets)


def _region() -> Kafka:
    """The region of docker compose on this machine, as its operator."""
    region = {
        "LOTSE_BROKERS": f"localhost:{region_setting('LOTSE_KAFKA_PORT') or 9092}",
        "LOTSE_BROKER_USER": "admin",
        "LOTSE_BROKER_PASSWORD_FILE": str(_admin_password()),
    }
    settings = _settings({**_written(), **os.environ, **region})
    return Kafka(access_of(settings), settings.partitions, _institutions(), secrets_folder())


def _institutions() -> Path:
    """The institutions file that the containers read, too."""
    deploy = region_setting("LOTSE_DEPLOY_FOLDER")
    if deploy and not os.environ.get("LOTSE_INSTITUTIONS"):
        return (compose_folder() / deploy / "institutions.yaml").resolve()
    return default_institutions()


def _settings(environment: Mapping[str, str]) -> Settings:
    try:
        return load_settings("cli", environment)
    except SettingsError as error:
        raise ExplainedError(de=f"Eine Einstellung ist falsch: {error}", en=str(error)) from None


def nothing_runs(setting: str) -> NothingRuns:
    """The error that tells how to start a stack, or how to name one."""
    return NothingRuns(
        de=(
            "Hier läuft kein Lotse. Starten Sie in einem anderen Terminal `lotse up`, `lotse demo --hold` für ein "
            f"simuliertes Jahr oder `docker compose up --wait -d`. Läuft Lotse anderswo, nennen Sie es mit {setting}."
        ),
        en=(
            "No Lotse runs here. Start `lotse up` in another terminal, `lotse demo --hold` for a simulated year, or "
            f"`docker compose up --wait -d`. If it runs elsewhere, name it with {setting}."
        ),
    )
