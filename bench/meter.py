"""What something took: seconds, processor time, write-ahead log, memory."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from bench.servers import Servers, cpu_of
from lotse.stack.process import Process

_WRITTEN = "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes, wal_fpi as pages from pg_stat_wal"
_PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the meters stand, in seconds, seconds of processor time, bytes of log and pages logged as a whole; two
    subtracted are what was used.
    """

    seconds: float
    python: float
    postgres: float
    log: int
    pages: int

    def __sub__(self, before: Reading) -> Reading:
        return Reading(
            self.seconds - before.seconds,
            self.python - before.python,
            self.postgres - before.postgres,
            self.log - before.log,
            self.pages - before.pages,
        )


async def read_meters(servers: Servers, pool: asyncpg.Pool[Any], process: int) -> Reading:
    """Reads all meters; the processor time of Python is that of a process and all that it started."""
    written, pages = await pool.fetchrow(_WRITTEN)
    python = sum(cpu_of(member, ended=member == process) for member in _family(process))
    return Reading(time.monotonic(), python, servers.cpu_of_postgres(), int(written), pages)


async def watch(servers: Servers, pool: asyncpg.Pool[Any], process: Process) -> tuple[Reading, int]:
    """Waits for the end of a process; returns what it used and the most bytes that any process of it had in memory."""
    before = last = await read_meters(servers, pool, process.pid)
    peak = 0
    while not await _has_ended(process):
        # Of a process that has ended nothing can be read any more.
        last = await read_meters(servers, pool, process.pid)
        peak = max(peak, peak_memory(process.pid))
    end = await read_meters(servers, pool, process.pid)
    return Reading(end.seconds, last.python, end.postgres, end.log, end.pages) - before, peak


async def _has_ended(process: Process) -> bool:
    """Waits a little for the end of a process."""
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _PAUSE_SECONDS)
        return True
    return False


def peak_memory(process: int) -> int:
    """The most bytes that a process, or one that it started, has had in memory; 0 when it has ended."""
    return max((_peak(member) for member in _family(process)), default=0)


def _family(process: int) -> list[int]:
    """A process and all that it started: it was launched with a process group of its own."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _group(path) == process]


def _group(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rsplit(")", 1)[1].split()[2])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _peak(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
