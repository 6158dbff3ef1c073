"""The clock as a process: `python -m services.clock`. It has no database and no commands."""

from __future__ import annotations

import asyncio
import sys

from services.clock.api import Api
from services.clock.clock import Clock
from shared.contracts.asyncapi import clock_document
from shared.engine.app import Frame, serve
from shared.platform.clock import utc_now


async def _build(frame: Frame) -> None:
    manual = frame.settings.clock == "manual"
    clock = Clock(frame.settings, frame.speaker, frame.metrics, utc_now)

    async def work() -> None:
        if not clock.started:
            await clock.start()
        if manual:
            await asyncio.Event().wait()
        await clock.follow_the_wall()

    frame.routes += Api(clock, manual=manual).routes()
    frame.checks["days"] = lambda: "" if clock.started else "the newest day was not read yet"
    frame.background.append(work)


def main() -> int:
    """Works until it is told to stop; returns the exit code."""
    if len(sys.argv) > 1:
        sys.stderr.write("usage: python -m services.clock\n")
        return 2
    return serve("clock", None, _build, clock_document())


if __name__ == "__main__":
    sys.exit(main())
