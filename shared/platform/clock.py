"""The wall clock. Only here is it asked; rules get their days from facts and from day-began events."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def milliseconds() -> int:
    """This moment in milliseconds since 1970, the unit of Kafka's timestamps."""
    return time.time_ns() // 1_000_000
