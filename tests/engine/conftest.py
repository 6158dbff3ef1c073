"""A toy service, ready to be sent reports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.engine.harness import Rig, rig, topics_of
from tests.engine.toy import LAMPS, MARKET
from tests.support.servers import Broker


@pytest_asyncio.fixture
async def lamps(database: str, broker: Broker, tmp_path: Path) -> AsyncIterator[Rig]:
    """The toy service of lamps with all its topics."""
    await broker.create(*topics_of(LAMPS))
    async with rig(LAMPS, database, broker, tmp_path) as running:
        yield running


@pytest_asyncio.fixture
async def market(database: str, broker: Broker, tmp_path: Path) -> AsyncIterator[Rig]:
    """The toy pair of stalls and visits with all its topics."""
    await broker.create(*topics_of(MARKET))
    async with rig(MARKET, database, broker, tmp_path) as running:
        yield running
