"""The rhythm of a batch, the same for services and coordinator: while one part is stored the next is read, and what was
stored is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

Part = TypeVar("Part")
Done = TypeVar("Done")


async def in_step(
    parts: AsyncIterator[Part],
    store: Callable[[Part], Coroutine[Any, Any, Done]],
    say: Callable[[Done], Coroutine[Any, Any, None]],
) -> None:
    """Stores the parts one after another and says each while the next is stored; returns when all are said.

    Raises what reading, storing or saying raised first. What was begun is finished even then: a message that was handed
    over is sent anyway.
    """
    storing: asyncio.Task[Done] | None = None
    saying: asyncio.Task[None] | None = None
    try:
        async for part in parts:
            saying = await _next_say(storing, saying, say)
            storing = asyncio.create_task(store(part))
        saying = await _next_say(storing, saying, say)
        if saying is not None:
            await saying
    finally:
        await asyncio.gather(*(task for task in (storing, saying) if task is not None), return_exceptions=True)


async def _next_say(
    storing: asyncio.Task[Done] | None,
    saying: asyncio.Task[None] | None,
    say: Callable[[Done], Coroutine[Any, Any, None]],
) -> asyncio.Task[None] | None:
    """Begins to say what was stored last, as soon as all before it is said."""
    if storing is None:
        return saying
    done = await storing
    if saying is not None:
        await saying
    return asyncio.create_task(say(done))
