"""Waiting in tests: ask again until it is so, with a deadline that says what was awaited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
_PAUSE_SECONDS = 0.05


def eventually(what: str, condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until a condition holds; fails with what was awaited."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(_PAUSE_SECONDS)


async def until(
    what: str | Callable[[], str],
    question: Callable[[], Awaitable[T | None]],
    seconds: float = 60.0,
    pause: float = _PAUSE_SECONDS,
) -> T:
    """The first answer that is something; fails with what was awaited, which may tell how far it had come."""
    deadline = time.monotonic() + seconds
    while not (answer := await question()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what if isinstance(what, str) else what()}")
        await asyncio.sleep(pause)
    return answer
