"""Instants on the wire: RFC 3339, UTC, whole seconds, with `Z`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def instant_of(milliseconds: int) -> str:
    """Milliseconds since 1970 as `2026-02-05T08:41:08Z`."""
    return _instant_of_second(milliseconds // 1000)


@lru_cache(maxsize=4096)
def _instant_of_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
