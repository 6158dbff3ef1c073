"""What can go wrong with the embedded stack."""

from __future__ import annotations

from lotse.errors import ExplainedError


class StackError(ExplainedError):
    """The stack cannot start or go on."""


class BrokerDied(StackError):
    """The embedded broker keeps everything in memory, so nothing can go on without it."""
