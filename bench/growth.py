"""Growth: what an event costs at 10 thousand, 100 thousand and 1 million cases, and how fast the board is made anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol

from bench.figures import Grown, Growth, Question, Rebuilds, Turn
from bench.growing_coordinator import coordinator_at
from bench.growing_service import service_at
from bench.load import FIRST, FRESH, PARTITIONS, TURNS, Load, batch_records, load
from bench.questions import ask
from bench.servers import servers
from lotse.stack.process import Process

SIZES = (10_000, 100_000, 1_000_000)
#: As whoever keeps a million cases would have it: buffers of a quarter of this machine's memory (the usual advice), and
#: checkpoints by time only, each half an hour (docs/performance.md).
_QUARTER = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 >> 20
TUNING = (f"shared_buffers={_QUARTER}MB", "max_wal_size=16GB", "checkpoint_timeout=30min")

Tell = Callable[[str], None]


class _At(Protocol):
    """One size, ready for its turns."""

    @property
    def load(self) -> Load: ...

    def process(self) -> AbstractAsyncContextManager[Process]: ...

    async def turn(self, process: Process, *, fresh: bool = False) -> Turn: ...


async def measure_growth(sizes: Sequence[int], tell: Tell) -> tuple[Growth, Rebuilds, list[Question]]:
    """All sizes, each on servers of its own; they stand side by side and take turns."""
    batch, rebuilds, questions = batch_records(sizes), Rebuilds([], []), list[Question]()
    async with AsyncExitStack() as stack:
        coordinators = []
        for size in sizes:
            running = await stack.enter_async_context(servers(["recognition", "coordinator"], PARTITIONS, TUNING))
            tell(f"coordinator at {size:,} cases: rebuild from nothing")
            one = await stack.enter_async_context(coordinator_at(running, load(size), batch))
            tell(f"  {one.from_nothing}")
            rebuilds.from_nothing.append(one.from_nothing)
            coordinators.append(one)
        coordinator = await _take_turns("coordinator", coordinators, tell)
        for one in coordinators:
            questions += await ask(one.pool, len(one.load.cases))
            rebuilds.standing.append(await one.rebuild())
            tell(f"rebuild of the board that stands: {rebuilds.standing[-1]}")
    async with AsyncExitStack() as stack:
        services = []
        for size in sizes:
            running = await stack.enter_async_context(servers(["recognition"], PARTITIONS, TUNING))
            tell(f"recognition at {size:,} cases: filling")
            services.append(await stack.enter_async_context(service_at(running, load(size), batch)))
        service = await _take_turns("recognition", services, tell)
    return Growth(coordinator, service), rebuilds, questions


async def _take_turns(name: str, sizes: Sequence[_At], tell: Tell) -> list[Grown]:
    """All sizes one after another, again and again, at last right after a checkpoint. The processes stay, as in a
    region; in the first turns, which do not count, their connections meet the buffers for the first time.
    """
    turns: list[list[Turn]] = [[] for _ in sizes]
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(one.process()) for one in sizes]
        for number in range(FIRST + TURNS + FRESH):
            for one, process, own in zip(sizes, processes, turns, strict=True):
                own.append(await one.turn(process, fresh=number >= FIRST + TURNS))
                tell(f"{name} at {len(one.load.cases):,} cases: {own[-1]}")
    return [Grown(len(one.load.cases), own[FIRST:-FRESH], own[-1]) for one, own in zip(sizes, turns, strict=True)]
