"""What a process answers while it starts."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from shared.engine import app
from shared.engine.app import Frame, Process
from shared.platform.settings import load_settings


async def _nothing(frame: Frame) -> None:
    """A process that does nothing."""


async def test_while_a_process_starts_nobody_is_told_that_something_is_not_there() -> None:
    """A coordinator without its routes must not answer 404 for a case that it shows a second later."""
    process = Process(load_settings("coordinator", {}), None, _nothing)
    transport = httpx.ASGITransport(app=process._app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.get("/v1/cases/7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert (await client.get("/health/live")).status_code == 200
        process.frame = object()  # type: ignore[assignment]  # started; only that it is there matters
        assert (await client.get("/v1/nothing")).status_code == 404


class _Halting:
    """A broker whose first start hangs, as one that stands still makes it, and whose second works."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def start(self) -> None:
        self.calls.append("start")
        if self.calls.count("start") == 1:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        self.calls.append("stop")


async def test_a_start_that_hangs_is_ended_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the first attempt's consumer would hold partitions for ever; and the hanging must be noticed."""
    monkeypatch.setattr(app, "_START_SECONDS", 0.05)
    broker: Any = _Halting()
    with pytest.raises(TimeoutError):
        await app._start(broker)
    await app._start(broker)
    assert broker.calls == ["start", "stop", "start"]
