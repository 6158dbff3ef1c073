"""The rhythm of a batch, the same for services and coordinator: while one part is stored the next is read, and what was
stored is said.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

Part = TypeVar("Part")
Done = TypeVar("Done")


async def in_step(
    parts: AsyncIterator[Part],
    store: Callable[[Part], Awaitable[Done]],
    say: Callable[[Done], Coroutine[Any, Any, None]],
    at_once: int = 1,
) -> None:
    """Stores the parts, so many at once, and says each in their order while later ones are stored; returns when all are
    said.

    Raises what reading, storing or saying raised first. What was begun is finished even then: a message that was handed
    over is sent anyway.
    """
    storing: deque[asyncio.Future[Done]] = deque()
    saying: asyncio.Task[None] | None = None

    async def say_first() -> None:
        nonlocal saying
        done = await storing[0]
        storing.popleft()
        if saying is not None:
            await saying
        saying = asyncio.create_task(say(done))

    try:
        async for part in parts:
            if len(storing) == at_once:
                await say_first()
            storing.append(asyncio.ensure_future(store(part)))
        while storing:
            await say_first()
        if saying is not None:
            await saying
    finally:
        await asyncio.gather(*storing, *([] if saying is None else [saying]), return_exceptions=True)
