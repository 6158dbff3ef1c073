"""Instants on the wire: RFC 3339, UTC, whole seconds, with `Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def instant_of(milliseconds: int) -> str:
    """Milliseconds since 1970 as `2026-02-05T08:41:08Z`."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
