"""Real processes of one service: they share the work, die, are stopped, and start on a restored database."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from lotse.stack.ports import free_ports
from lotse.stack.process import Command, Process, launch
from shared.engine.reporting import main
from shared.platform.settings import Settings
from tests.engine.harness import Rig, lamp_event
from tests.engine.toy import LAMPS
from tests.support.eventually import until
from tests.support.metered import shown

ROOT = Path(__file__).parents[2]


def environment_of(settings: Settings, port: int = 0) -> dict[str, str]:
    """The settings of a rig for a process."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LOTSE_BROKERS": settings.brokers,
        "LOTSE_BROKER_PROFILE": "tansu",
        "LOTSE_DATABASE_URL": settings.database_url,
        "LOTSE_INSTITUTIONS": settings.institutions,
        "LOTSE_HTTP_PORT": str(port),
        "LOTSE_LOG_LEVEL": "warning",
    }


@asynccontextmanager
async def toy(running: Rig, folder: Path, port: int = 0) -> AsyncIterator[Process]:
    """One process of the toy service on a rig's servers."""
    command = Command(
        "toy",
        [sys.executable, "-m", "tests.engine.toy_process"],
        folder / f"toy-{port}.log",
        environment_of(running.settings, port),
    )
    process = await launch(command)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def rows(running: Rig) -> int:
    """How many records left a row."""
    return int(await running.pool.fetchval("select (select count(*) from fact) + (select count(*) from answer)"))


async def quiet(running: Rig, wanted: int) -> None:
    """Waits until so many records left a row and everything was said."""

    async def stored() -> bool:
        return await rows(running) == wanted

    await until(f"{wanted} rows", stored)

    async def said() -> bool:
        try:
            await running.verify()
        except AssertionError:
            return False
        return True

    await until("rows and topics agree", said)


async def test_two_processes_share_the_work_while_one_dies_and_one_is_stopped(lamps: Rig, tmp_path: Path) -> None:
    """A kill and a graceful end in the middle of a stream lose nothing and leave nothing unsaid."""
    ports = free_ports(3)
    sent = 0

    async def stream(first: int, last: int) -> None:
        nonlocal sent
        for n in range(first, last):
            await lamps.send(lamp_event("switched-on", number=n), lamp_event("noted", number=n % 7, note=str(n)))
            sent += 2

    async with toy(lamps, tmp_path, ports[0]) as one, toy(lamps, tmp_path, ports[1]) as two:
        await stream(0, 60)

        async def working() -> bool:
            return await rows(lamps) > 20

        await until("the first records are stored", working)
        one.kill()
        await stream(60, 120)
        async with toy(lamps, tmp_path, ports[2]):
            await stream(120, 160)
            assert await two.stop() == 0
            await stream(160, 180)
            await quiet(lamps, sent)


async def test_a_restored_database_catches_up_by_itself(lamps: Rig, tmp_path: Path) -> None:
    """A process starts at the smaller of the committed and the stored offset."""
    await lamps.send(*(lamp_event("switched-on", number=n, id=f"r-{n}") for n in range(40)))
    async with toy(lamps, tmp_path, *free_ports(1)) as process:
        await quiet(lamps, 40)
        assert await process.stop() == 0
    # The backup was made after a part of every partition had been stored.
    async with lamps.pool.acquire() as connection, connection.transaction():
        await connection.execute("update progress set next_offset = next_offset / 2")
        await connection.execute(
            "delete from fact f using progress p where f.topic = p.topic and f.partition = p.partition "
            'and f."offset" >= p.next_offset'
        )
        await connection.execute(
            "delete from item i where not exists (select 1 from fact f where f.subject = i.subject)"
        )
    assert await rows(lamps) < 40
    async with toy(lamps, tmp_path, *free_ports(1)):
        await quiet(lamps, 40)


async def test_an_empty_database_reads_everything_again(lamps: Rig, tmp_path: Path) -> None:
    """Where the database knows nothing of a partition, a committed offset skips nothing."""
    await lamps.send(*(lamp_event("switched-on", number=n, id=f"r-{n}") for n in range(20)))
    async with toy(lamps, tmp_path, *free_ports(1)) as process:
        await quiet(lamps, 20)
        assert await process.stop() == 0
    await lamps.pool.execute("truncate fact, item, subject, answer, progress")
    async with toy(lamps, tmp_path, *free_ports(1)) as process:
        await quiet(lamps, 20)
        assert await process.stop() == 0
    log = "".join(file.read_text() for file in tmp_path.glob("toy-*.log"))
    assert "the database is behind the committed offset" in log
    assert all(line.startswith("{") for line in log.splitlines()), "a line that is not JSON"


async def test_health_metrics_and_readiness_follow_the_process(lamps: Rig, tmp_path: Path) -> None:
    """Alive at once, ready with partitions and database, metrics from the one list."""
    (port,) = free_ports(1)
    async with toy(lamps, tmp_path, port) as process, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

        async def ready() -> bool:
            try:
                return (await http.get("/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await until("ready", ready)
        assert (await http.get("/health/live")).json() == {"live": True}
        await lamps.send(lamp_event("switched-on", number=1))
        await quiet(lamps, 1)
        metrics = (await http.get("/metrics/")).text
        labels = 'code="ok",institution="zag",type="recognition.switched-on",verdict="accepted"'
        assert f"lotse_reports_total{{{labels}}} 1.0" in metrics
        for gauge in ("ready", "database_up", "broker_up"):
            assert shown(metrics, f"lotse_{gauge}") == [1], gauge
        assert await process.stop() == 0


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("LOTSE_BROKER_PROFILE", "rabbit", "allowed are kafka and tansu"),
        ("LOTSE_DATABASE_URL", "", "LOTSE_DATABASE_URL is missing"),
        ("LOTSE_PARTITIONS", "many", "a number from 1 to 1000 is needed"),
        ("LOTSE_HTTP_PORT", "70000", "allowed is 0 to 65535"),
    ],
)
def test_wrong_settings_end_the_process_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, text: str
) -> None:
    """The variable is named, with what was found and what is allowed; exit code 2."""
    monkeypatch.setenv("LOTSE_DATABASE_URL", "postgresql://nobody@localhost/none")
    monkeypatch.setenv(name, value)
    assert main(LAMPS, []) == 2
    assert text in capsys.readouterr().err


def test_an_unknown_command_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """What can be run is listed; exit code 2."""
    assert main(LAMPS, ["dance"]) == 2
    assert "anti-entropy|forget-places|migrate|rederive|republish" in capsys.readouterr().err
