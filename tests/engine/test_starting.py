"""What a process answers while it starts."""

from __future__ import annotations

import httpx

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
