"""The rhythm of a batch: what is stored when, said when, and what happens when something raises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.engine.pipeline import in_step


class Batch:
    """Parts that are stored when the test says so; `log` tells what happened in which order."""

    def __init__(self, parts: int) -> None:
        self.log: list[str] = []
        self.gates = [asyncio.Event() for _ in range(parts)]
        self.broken: int | None = None

    async def parts(self) -> AsyncIterator[int]:
        """The parts, by number."""
        for number in range(len(self.gates)):
            self.log.append(f"read {number}")
            yield number

    async def store(self, number: int) -> int:
        """Waits for its gate."""
        await self.gates[number].wait()
        if number == self.broken:
            raise OSError(number)
        self.log.append(f"stored {number}")
        return number

    async def say(self, number: int) -> None:
        """Is done at once."""
        self.log.append(f"said {number}")

    async def runs(self, at_once: int = 1) -> asyncio.Task[None]:
        """The batch, as far as it goes while all gates are shut."""
        task = asyncio.create_task(in_step(self.parts(), self.store, self.say, at_once))
        await _settle()
        return task


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_next_part_is_read_while_one_is_stored() -> None:
    """Not the one after it: what waits in memory is bounded."""
    batch = Batch(3)
    task = await batch.runs()
    assert batch.log == ["read 0", "read 1"]
    batch.gates[0].set()
    await _settle()
    assert batch.log[2:] == ["stored 0", "said 0", "read 2"] or batch.log[2:] == ["stored 0", "read 2", "said 0"]
    for gate in batch.gates:
        gate.set()
    await task
    assert sorted(batch.log[-4:]) == ["said 1", "said 2", "stored 1", "stored 2"]


async def test_parts_that_are_stored_at_once_are_said_in_order() -> None:
    """The second is stored first and said second."""
    batch = Batch(2)
    task = await batch.runs(2)
    batch.gates[1].set()
    await _settle()
    assert batch.log == ["read 0", "read 1", "stored 1"]
    batch.gates[0].set()
    await task
    assert [entry for entry in batch.log if entry.startswith("said")] == ["said 0", "said 1"]


async def test_what_was_begun_is_finished_when_something_raises() -> None:
    """The error comes out after the other part is stored; nothing more is begun."""
    batch = Batch(4)
    batch.broken = 0
    task = await batch.runs(2)
    batch.gates[0].set()
    await _settle()
    assert not task.done()
    batch.gates[1].set()
    with pytest.raises(OSError, match="0"):
        await task
    assert batch.log == ["read 0", "read 1", "read 2", "stored 1"]
