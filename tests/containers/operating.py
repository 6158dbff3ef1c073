"""What the operator of a region does by docker and compose, as docs/operations.md says it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from aiokafka.admin import AIOKafkaAdminClient

from lotse.stack.services import ROOT
from shared.platform.services import reporting_services
from tests.containers.region import Region
from tests.support.eventually import until

#: The processes that keep rows; the coordinator follows the others.
KEEPERS = (*reporting_services(), "coordinator")


def inside(region: Region, service: str, *command: str) -> str:
    """A command of a service, in its running container."""
    return region.compose("exec", "-T", service, "python", "-m", f"services.{service}", *command)


def beside(region: Region, service: str, *command: str) -> str:
    """A command of a service whose process may be stopped, in a container of its own."""
    return region.compose(*("run", "--rm", "-T", "--no-deps", service, "python", "-m", f"services.{service}", *command))


def start(region: Region, *services: str) -> None:
    """Starts services again and returns when they are healthy."""
    region.compose("up", "--wait", "--detach", "--no-deps", *services)


async def aside(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Something that takes a while and is no coroutine; the load goes on meanwhile."""
    return await asyncio.to_thread(work, *arguments, **options)


async def ready(region: Region, service: str, seconds: float = 180.0) -> None:
    """Returns when a process says that it is ready."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:

        async def answer() -> bool:
            try:
                return (await client.get(f"{region.url(service)}/health/ready")).status_code == 200
            except httpx.HTTPError:
                return False

        await until(f"{service} is ready", answer, seconds)


async def metric(region: Region, service: str, name: str) -> float:
    """The sum of a metric over its labels, as a process tells it; -1 when it does not answer."""
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            text = (await client.get(f"{region.url(service)}/metrics/")).text
    except httpx.HTTPError:
        return -1.0
    lines = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


async def members(region: Region, group: str) -> int:
    """How many processes read for a service now, as the broker counts them."""
    admin = AIOKafkaAdminClient(**region.operator.options())
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
        return len(answer.groups[0][5])
    finally:
        await admin.close()


def scale(region: Region, service: str, processes: int) -> None:
    """Lets a service run in so many processes; the first keeps its port of this machine."""
    region.compose(
        *("-f", str(ROOT / "docker-compose.scale.yml"), "up", "--detach", "--no-deps", "--no-recreate"),
        *("--scale", f"{service}={processes}", service),
    )


def network(region: Region) -> str:
    """The name of the network of a region."""
    return f"{region.project}_default"
