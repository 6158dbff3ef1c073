"""One stack with all services for all tests of the command line, and the commands run against it as in a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from lotse.stack import Options, Stack

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer of a command that was asked for JSON."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Runs `lotse` in a process of its own, as a person in another terminal would."""

    control: Path

    @property
    def _own(self) -> dict[str, str]:
        """Settings that keep away what this machine runs: its stack, and its region of docker compose."""
        return {"LOTSE_STACK": str(self.control), "LOTSE_SECRETS_FOLDER": str(self.control.parent / "none")}

    async def __call__(self, *arguments: str, text: str = "", **settings: str) -> Said:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lotse",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**clean, **self._own, "COLUMNS": "260", **settings},
        )
        async with asyncio.timeout(120):
            out, err = await child.communicate(text.encode())
        return Said(child.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def nowhere(tmp_path: Path) -> Terminal:
    """A terminal on a machine on which no stack runs."""
    return Terminal(tmp_path / "stack.json")


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def region(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """All services with a broker and databases, for this folder only, since they cost time; the days come by hand."""
    control = tmp_path_factory.mktemp("region") / "stack.json"
    options = Options(control=control, environment={"LOTSE_CLOCK": "manual"})
    async with Stack(options) as stack:
        yield stack


async def begin_days(region: Stack, day: str) -> None:
    """The clock by hand says all days up to this one."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        answer = await client.post(f"{region.urls['clock']}/v1/days", json={"until": day, "from": "2025-12-01"})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def lotse(region: Stack) -> Terminal:
    """A terminal beside the running region."""
    assert region.options.control
    return Terminal(region.options.control)


@pytest.fixture
def case_id() -> str:
    """A case that nobody reported on yet."""
    return str(uuid.uuid4())


Report = Callable[..., dict[str, Any]]


@pytest.fixture
def report(case_id: str) -> Report:
    """Makes reports on the case as ZAG Münster sends them; any attribute can be changed, further names go to `data`."""

    def make(fact: str, on: str, *, service: str = "recognition", source: str = "/zag-muenster/fv", **data: Any) -> Any:
        item = {"procedureId": "nurse-4f7q"} if service == "recognition" else {}
        return {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": source,
            "type": f"lotse.{service}.{fact}.v1",
            "subject": case_id,
            "time": "2026-06-03T08:41:07Z",
            "datacontenttype": "application/json",
            "data": {"occurredOn": on, **item, **data},
        }

    return make
