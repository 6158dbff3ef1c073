"""The topics that the embedded broker must have, from the institutions file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from shared.contracts.topics import CLOCK_TOPIC
from shared.platform.settings import BrokerProfile

_DAY_MS = 86_400_000


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
) -> list[tuple[str, int, dict[str, str]]]:
    """All topics of the contract as (name, partitions, configuration)."""
    listed = yaml.safe_load(institutions.read_text(encoding="utf-8"))["institutions"]
    names = {f"receipts.{entry['id']}" for entry in listed}
    names |= {f"inbound.{service}.{entry['id']}" for entry in listed for service in entry["services"]}
    publishing = {service for entry in listed for service in entry["services"]} | {*services} - {"coordinator", "clock"}
    names |= {f"{kind}.{service}" for kind in ("events", "dead-letters") for service in publishing}
    names |= {"events.coordinator"}
    numbers = {CLOCK_TOPIC: 1} | dict.fromkeys(sorted(names), partitions)
    return [(name, number, configuration_of(name, profile)) for name, number in numbers.items()]
