"""Keeps processes running: starts them, waits until they are ready, starts what died again, and ends all in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from lotse.stack.errors import StackError
from lotse.stack.process import Command, Process, last_lines, launch

State = Literal["stopped", "starting", "ready", "waiting"]

READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
#: The pause before a start doubles from the first to the longest; whoever lived so long begins with the first again.
_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY_SECONDS = 0.2, 15.0, 30.0


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a process, for the person who watches: `kind` is `ready`, `died` or `stopped`."""

    kind: Literal["ready", "died", "stopped"]
    name: str
    code: int | None = None
    pause: float = 0.0


@dataclass(slots=True)
class Unit:
    """One process under care. A `vital` one is not started again: its death is the end of the whole."""

    command: Command
    ready: Callable[[], Awaitable[bool]]
    address: str = ""
    vital: bool = False
    state: State = "stopped"
    wanted: bool = False
    starts: int = 0
    deaths: int = 0
    process: Process | None = None
    keeper: asyncio.Task[None] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    def describe(self) -> dict[str, Any]:
        """What `status` says of it."""
        alive = self.process is not None and self.process.alive
        return {
            "state": self.state,
            "pid": self.process.pid if alive and self.process else None,
            "starts": self.starts,
            "deaths": self.deaths,
            "address": self.address,
            "log": str(self.command.log),
        }


class Supervisor:
    """All processes of a stack, by name. Everything happens in the event loop in which the first one was started."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self.units: dict[str, Unit] = {}
        self.died = asyncio.Event()
        self._tell = tell

    def add(self, unit: Unit) -> None:
        """Takes a process into care, without starting it."""
        self.units[unit.command.name] = unit

    async def start(self, name: str) -> None:
        """Starts a process and returns when it is ready. Raises StackError when it ends or is not ready in time."""
        unit = self.units[name]
        async with unit.busy:
            if unit.wanted:
                return
            await self._launch(unit)
            unit.wanted = True
            unit.wake.clear()
            if not await self._becomes_ready(unit):
                await self._stop(unit)
                raise _not_started(unit)
            unit.keeper = asyncio.create_task(self._keep(unit), name=f"keeper of {name}")

    async def stop(self, name: str) -> None:
        """Ends a process gracefully and does not start it again."""
        unit = self.units[name]
        async with unit.busy:
            if unit.wanted:
                await self._stop(unit)
                self._tell(Event("stopped", name))

    async def stop_all(self, names: Iterable[str]) -> None:
        """Ends several processes at the same time."""
        await asyncio.gather(*(self.stop(name) for name in names if name in self.units))

    async def kill(self, name: str) -> int:
        """Ends a process without any warning, as a power cut would, and returns its number. It is started again."""
        process = self.units[name].process
        if process is None or not process.alive:
            raise StackError(de=f"{name} läuft nicht.", en=f"{name} is not running.")
        process.kill()
        await process.wait()
        return process.pid

    async def ready(self, name: str, seconds: float = READY_SECONDS) -> None:
        """Waits until a process is ready, also over its deaths. Raises StackError when it is not in time."""
        unit = self.units[name]
        try:
            async with asyncio.timeout(seconds):
                while not (unit.process and unit.process.alive and await unit.ready()):
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise _not_started(unit) from None
        unit.state = "ready"

    async def _launch(self, unit: Unit) -> None:
        unit.state = "starting"
        unit.process = await launch(unit.command)
        unit.starts += 1

    async def _becomes_ready(self, unit: Unit) -> bool:
        """Whether the process was ready once; False when it ended before, or time ran out."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while unit.wanted and unit.process and unit.process.alive:
            if await unit.ready():
                unit.state = "ready"
                self._tell(Event("ready", unit.command.name))
                return True
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return False

    async def _keep(self, unit: Unit) -> None:
        """Waits for the death of a process and starts it again, as long as it is wanted."""
        loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
        while True:
            assert unit.process is not None
            born = loop.time()
            watch = asyncio.create_task(self._becomes_ready(unit)) if unit.state == "starting" else None
            code = await unit.process.wait()
            if watch:
                await watch
            pause = _FIRST_PAUSE if loop.time() - born > _STEADY_SECONDS else pause
            if not await self._may_start_again(unit, code, pause):
                return
            pause = min(pause * 2, _LONGEST_PAUSE)
            await self._launch(unit)

    async def _may_start_again(self, unit: Unit, code: int, pause: float) -> bool:
        """After a death: waits for the pause and tells whether the process is to be started again."""
        if unit.vital and unit.wanted:
            unit.wanted = False
            self.died.set()
        if not unit.wanted:
            unit.state = "stopped"
            return False
        unit.state = "waiting"
        unit.deaths += 1
        self._tell(Event("died", unit.command.name, code, pause))
        await self._sleep(unit, pause)
        return unit.wanted

    async def _sleep(self, unit: Unit, seconds: float) -> None:
        """Waits before the next start; a stop wakes it."""
        try:
            async with asyncio.timeout(seconds):
                await unit.wake.wait()
        except TimeoutError:
            pass

    async def _stop(self, unit: Unit) -> None:
        unit.wanted = False
        unit.wake.set()
        if unit.process:
            await unit.process.stop()
        while unit.keeper and not unit.keeper.done():
            # The keeper may have started the process anew between our two looks.
            if unit.process:
                await unit.process.stop()
            await asyncio.wait({unit.keeper}, timeout=_POLL_SECONDS)
        unit.keeper, unit.state = None, "stopped"


def _not_started(unit: Unit) -> StackError:
    name, log = unit.command.name, unit.command.log
    code = unit.process.child.returncode if unit.process else None
    de = "wurde nicht bereit" if code is None else f"endete mit {code}"
    en = "did not become ready" if code is None else f"ended with {code}"
    return StackError(
        de=f"{name} {de}. Das Ende von {log}:\n{last_lines(log)}",
        en=f"{name} {en}. The end of {log}:\n{last_lines(log)}",
    )
