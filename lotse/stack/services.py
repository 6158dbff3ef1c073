"""Which services the stack starts, and the environment that each of them gets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.platform.settings import BrokerProfile

#: Where the packages `lotse`, `services` and `shared` are: the repository, or the folder they were installed to.
ROOT = Path(__file__).resolve().parents[2]
#: Processes that keep nothing.
WITHOUT_DATABASE = frozenset({"clock"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all processes of one stack share."""

    brokers: str
    broker_profile: BrokerProfile
    institutions: Path
    partitions: int
    coordinator_url: str


def service_environment(around: Surroundings, extra: Mapping[str, str], database_url: str, port: int) -> dict[str, str]:
    """The environment of one service: what this process has, and the settings of the stack over it."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "LOTSE_BROKERS": around.brokers,
        "LOTSE_BROKER_PROFILE": around.broker_profile,
        "LOTSE_INSTITUTIONS": str(around.institutions),
        "LOTSE_PARTITIONS": str(around.partitions),
        "LOTSE_COORDINATOR_URL": around.coordinator_url,
        "LOTSE_HTTP_PORT": str(port),
        **extra,
    }
    if database_url:
        environment["LOTSE_DATABASE_URL"] = database_url
    else:
        environment.pop("LOTSE_DATABASE_URL", None)
    return environment


def default_institutions() -> Path:
    """The institutions file: `LOTSE_INSTITUTIONS`, else `deploy/institutions.yaml` here, else the one of the
    repository.
    """
    named = os.environ.get("LOTSE_INSTITUTIONS")
    if named:
        return Path(named).resolve()
    here = Path("deploy/institutions.yaml")
    return (here if here.is_file() else ROOT / here).resolve()
