"""Broker and database for the benchmark: those of the embedded stack, durable as always, with commit times kept."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lotse.stack.broker import broker_command
from lotse.stack.place import fresh_folder
from lotse.stack.ports import free_ports, is_open
from lotse.stack.postgres import Postgres
from lotse.stack.process import Command, Process, launch
from lotse.stack.services import Surroundings, default_institutions, service_environment
from lotse.stack.topics import wanted_topics
from shared.platform.access import Access
from shared.platform.kafka import create_topics
from shared.platform.settings import Settings, load_settings

PARTITIONS = 6


@dataclass
class Servers:
    """What one benchmark runs on."""

    folder: Path
    brokers: str
    postgres: Postgres
    postgres_pid: int
    partitions: int = PARTITIONS

    def environment(self, service: str) -> dict[str, str]:
        """The settings of a service's process."""
        around = Surroundings(self.brokers, "tansu", default_institutions(), self.partitions, "")
        return service_environment(around, {"LOTSE_LOG_LEVEL": "warning"}, self.postgres.url(service), free_ports(1)[0])

    def settings(self, service: str) -> Settings:
        """The same for this process."""
        return load_settings(service, self.environment(service))

    @asynccontextmanager
    async def process(self, service: str, **settings: str) -> AsyncIterator[Process]:
        """A service as it runs in production, but for some settings; ended afterwards."""
        log = self.folder / f"{service}.log"
        arguments = [sys.executable, "-m", f"services.{service}"]
        process = await launch(Command(service, arguments, log, self.environment(service) | settings))
        try:
            yield process
        finally:
            await process.stop()

    def cpu_of_postgres(self) -> float:
        """Seconds of processor time of the server and all its backends, those that ended included."""
        processes = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        children = [pid for pid in processes if _parent(pid) == self.postgres_pid]
        return cpu_of(self.postgres_pid, ended=True) + sum(cpu_of(pid) for pid in children)


def cpu_of(pid: int, *, ended: bool = False) -> float:
    """Seconds of processor time of a process, on demand with its children that ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    ticks = sum(int(fields[number]) for number in ((11, 12, 13, 14) if ended else (11, 12)))
    return ticks / os.sysconf("SC_CLK_TCK")


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


@asynccontextmanager
async def servers(
    services: Sequence[str], partitions: int = PARTITIONS, tuning: Sequence[str] = ()
) -> AsyncIterator[Servers]:
    """A broker with all topics and a database for each service; gone afterwards. `tuning`: settings of PostgreSQL."""
    run = fresh_folder()
    started: list[Process] = []
    try:
        port, postgres = free_ports(1)[0], Postgres(run.path, run.path / "postgres", free_ports(1)[0])
        started.append(await launch(broker_command(run.path, port)))
        await postgres.initialise()
        command = postgres.command()
        more = [part for setting in ("track_commit_timestamp=on", *tuning) for part in ("-c", setting)]
        command = replace(command, arguments=[*command.arguments, *more])
        started.append(await launch(command))
        async with asyncio.timeout(60):
            while not (await is_open(port) and await postgres.answers()):
                await asyncio.sleep(0.02)
        await postgres.provide(services)
        brokers = f"127.0.0.1:{port}"
        refused = await create_topics(
            Access(brokers, "tansu"), wanted_topics(default_institutions(), services, partitions)
        )
        assert not refused, refused
        yield Servers(run.path, brokers, postgres, started[1].pid, partitions)
    finally:
        for process in reversed(started):
            await process.stop()
        run.remove()
