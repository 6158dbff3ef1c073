"""The topics that a broker must have, from the institutions file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from shared.contracts.topics import CLOCK_TOPIC
from shared.platform.settings import BrokerProfile

_DAY_MS = 86_400_000
#: Name, number of partitions, configuration.
Topic = tuple[str, int, dict[str, str]]


def configuration_of(topic: str, profile: BrokerProfile) -> dict[str, str]:
    """The configuration of a topic (contract §2). The embedded broker knows none and keeps everything.

    A sender's clock must not decide how long its records are kept, hence `LogAppendTime`. Compaction and erasure
    only come to their end when segments roll, hence `segment.ms`.
    """
    if profile == "tansu":
        return {}
    if topic.startswith("events."):
        return {
            "cleanup.policy": "compact",
            "segment.ms": str(_DAY_MS),
            "max.compaction.lag.ms": str(7 * _DAY_MS),
        }
    if topic.startswith("dead-letters."):
        return {"cleanup.policy": "delete", "retention.ms": str(90 * _DAY_MS)}
    days = 400 if topic == CLOCK_TOPIC else 30
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(days * _DAY_MS),
        "message.timestamp.type": "LogAppendTime",
    }


def wanted_topics(
    institutions: Path, services: Sequence[str], partitions: int, profile: BrokerProfile = "tansu"
) -> list[Topic]:
    """All topics of the contract for an institutions file."""
    listed = yaml.safe_load(institutions.read_text(encoding="utf-8"))["institutions"]
    return topics_for(((entry["id"], entry["services"]) for entry in listed), services, partitions, profile)


def topics_for(
    listed: Iterable[tuple[str, Iterable[str]]], services: Iterable[str], partitions: int, profile: BrokerProfile
) -> list[Topic]:
    """All topics of the contract for institutions, each with the services that it may report to."""
    rights = [(institution, frozenset(may)) for institution, may in listed]
    names = {f"receipts.{institution}" for institution, _ in rights}
    names |= {f"inbound.{service}.{institution}" for institution, may in rights for service in may}
    publishing = {*services, *(service for _, may in rights for service in may)} - {"coordinator", "clock"}
    names |= {f"{kind}.{service}" for kind in ("events", "dead-letters") for service in publishing}
    names |= {"events.coordinator"}
    numbers = {CLOCK_TOPIC: 1} | dict.fromkeys(sorted(names), partitions)
    return [(name, number, configuration_of(name, profile)) for name, number in numbers.items()]
