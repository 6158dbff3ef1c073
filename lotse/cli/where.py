"""Which Lotse a command talks to: the one that the settings name, else the stack of `lotse up` on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lotse.errors import ExplainedError
from lotse.stack.control import StackFile, read_file
from lotse.stack.services import default_institutions
from shared.platform.settings import BrokerProfile, SettingsError, load_settings


class NothingRuns(ExplainedError):
    """No stack runs here, and no setting names another one."""


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where the broker is, and what clients must know of it."""

    brokers: str
    profile: BrokerProfile
    partitions: int
    institutions: Path


def running_stack() -> StackFile | None:
    """The stack of `lotse up`; none when the settings name another broker, or none runs."""
    return None if os.environ.get("LOTSE_BROKERS") else read_file()


def kafka() -> Kafka:
    """The broker. Raises NothingRuns and ExplainedError for a wrong setting."""
    if os.environ.get("LOTSE_BROKERS"):
        try:
            settings = load_settings("cli")
        except SettingsError as error:
            raise ExplainedError(de=f"Eine Einstellung ist falsch: {error}", en=str(error)) from None
        return Kafka(settings.brokers, settings.broker_profile, settings.partitions, default_institutions())
    stack = read_file()
    if stack is None:
        raise nothing_runs("LOTSE_BROKERS")
    named = os.environ.get("LOTSE_INSTITUTIONS")
    institutions = Path(named or stack.institutions)
    return Kafka(stack.brokers, stack.broker_profile, stack.partitions, institutions)


def coordinator_url() -> str:
    """The read API. Raises NothingRuns."""
    named = os.environ.get("LOTSE_COORDINATOR_URL")
    if named:
        return named.rstrip("/")
    stack = read_file()
    if stack is None or "coordinator" not in stack.urls:
        raise nothing_runs("LOTSE_COORDINATOR_URL")
    return stack.urls["coordinator"]


def nothing_runs(setting: str) -> NothingRuns:
    """The error that tells how to start a stack, or how to name one."""
    return NothingRuns(
        de=(
            "Hier läuft kein Lotse. Starten Sie in einem anderen Terminal `lotse up`, oder `lotse demo --hold` für ein "
            f"simuliertes Jahr. Läuft Lotse anderswo, nennen Sie es mit {setting}."
        ),
        en=(
            "No Lotse runs here. Start `lotse up` in another terminal, or `lotse demo --hold` for a simulated year. "
            f"If it runs elsewhere, name it with {setting}."
        ),
    )
