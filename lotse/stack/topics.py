"""The topics that the embedded broker must have, from the institutions file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml


def wanted_topics(
    institutions: Path, services: Sequence[str], partitions: int
) -> list[tuple[str, int, dict[str, str]]]:
    """All topics of the contract as (name, partitions, configuration)."""
    listed = yaml.safe_load(institutions.read_text(encoding="utf-8"))["institutions"]
    names = {f"receipts.{entry['id']}" for entry in listed}
    names |= {f"inbound.{service}.{entry['id']}" for entry in listed for service in entry["services"]}
    publishing = {service for entry in listed for service in entry["services"]} | {*services} - {"coordinator", "clock"}
    names |= {f"{kind}.{service}" for kind in ("events", "dead-letters") for service in publishing}
    names |= {"events.coordinator"}
    return [("clock.days", 1, {}), *((name, partitions, {}) for name in sorted(names))]
