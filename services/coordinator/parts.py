"""The coordinator, wired to a database and a producer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from services.coordinator.days import Days
from services.coordinator.inbox import Inbox
from services.coordinator.registry import Registry
from services.coordinator.speech import Speech
from services.coordinator.store import SQL, Store
from services.coordinator.upkeep import Upkeep
from shared.contracts.board import BARRIERS
from shared.engine.say import Speaker
from shared.engine.vitals import Vitals
from shared.platform.clock import milliseconds, utc_now
from shared.platform.metrics import Metrics
from shared.platform.postgres import Migration, read_migrations
from shared.platform.settings import Settings


@dataclass(slots=True)
class Parts:
    """Everything that reads or writes the coordinator's database and its topics."""

    registry: Registry
    store: Store
    speech: Speech
    inbox: Inbox
    upkeep: Upkeep
    vitals: Vitals


def migrations() -> list[Migration]:
    """The coordinator's migrations, in order."""
    return read_migrations(Path(__file__).parent / "migrations")


def barriers_of(registry: Registry) -> list[str]:
    """The names of all barriers, in order."""
    return [*BARRIERS, *sorted(registry.mappings.keys() - set(BARRIERS))]


def assemble(
    registry: Registry, settings: Settings, metrics: Metrics, pool: asyncpg.Pool[Any], speaker: Speaker
) -> Parts:
    """Wires the coordinator for the services that the registry knows."""
    store = Store(registry.mappings, milliseconds)
    speech = Speech(pool, speaker, metrics, settings.partitions)
    days = Days(pool, store, speech, metrics)
    inbox = Inbox(registry.services, pool, store, speech, days, metrics)
    vitals = Vitals(pool, metrics, SQL["vitals"])
    return Parts(registry, store, speech, inbox, Upkeep(store, speech, utc_now), vitals)
