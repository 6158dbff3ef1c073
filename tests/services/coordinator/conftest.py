"""A coordinator, ready to be sent snapshots and days."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from shared.contracts.topics import CLOCK_TOPIC
from tests.services.coordinator.harness import TOPICS, Rig, rig
from tests.support.servers import Broker


@pytest_asyncio.fixture
async def board(database: str, broker: Broker) -> AsyncIterator[Rig]:
    """A coordinator with all its topics."""
    await broker.create(*TOPICS, CLOCK_TOPIC)
    async with rig(database, broker) as running:
        yield running
