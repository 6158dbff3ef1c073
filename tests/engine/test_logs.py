"""Logs: lines of JSON, in which nothing of a case, an error's text or a password can stand, whoever writes them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import asyncpg
import pytest

from shared.platform.logs import JsonLines, clean

CASE = "7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31"
SECRET = "postgresql://lotse_intake:hunter2@localhost/lotse_intake"


def line(name: str, message: str, error: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    """What is printed of a record."""
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, "file.py", 1, message, None, told)
    vars(record).update(extra)
    found: dict[str, Any] = json.loads(JsonLines("intake").format(record))
    return found


def test_of_an_error_its_kind_and_place_are_told_and_nothing_that_it_says() -> None:
    """An error of the database quotes the row, one of ours might quote a report."""
    try:
        raise asyncpg.UniqueViolationError(f"duplicate key: {CASE}")
    except asyncpg.PostgresError as error:
        error.detail = f"Key (subject)=({CASE}) already exists."
        told = line("shared.engine.ingest", "a batch could not be dealt with", error)
    assert told["error"] == "UniqueViolationError"
    assert told["at"] and CASE not in json.dumps(told)


def test_of_a_library_only_the_first_line_is_kept() -> None:
    """The event loop prints an error with all that it says when nobody took it."""
    told = line("asyncio", f"Task exception was never retrieved\nfuture: <Task exception=ValueError('child-2 {CASE}')>")
    assert told["event"] == "Task exception was never retrieved"


@pytest.mark.parametrize(
    "text",
    [f"cannot connect to {SECRET}", f"case {CASE}", f"{CASE}/child-2", f"key {CASE.upper()}", "password=hunter2 x"],
)
def test_cases_and_passwords_are_cut_out_of_every_line(text: str) -> None:
    """Whoever wrote it; an item goes with the case before it."""
    for name in ("asyncpg", "services.coordinator.inbox"):
        told = json.dumps(line(name, text, cases=[text], more={"x": text}))
        assert not [secret for secret in (CASE, CASE.upper(), "hunter2", "child-2") if secret in told], told


def test_ids_of_reports_stay() -> None:
    """They have the form of a case's id often enough, and are what an operator and an institution can speak of."""
    assert line("shared.engine.ingest", "x", reports=[f"/zag/fv#{CASE} data.invalid"])["reports"] == [
        f"/zag/fv#{CASE} data.invalid"
    ]
    assert clean("inbound.recognition.zag/3/4711") == "inbound.recognition.zag/3/4711"


def test_what_is_no_json_is_told_by_its_kind() -> None:
    """A thing that somebody gave by mistake may say anything of itself."""

    class Talkative:
        def __str__(self) -> str:
            return CASE

    assert line("shared.x", "x", thing=Talkative())["thing"] == "Talkative"


@pytest.mark.parametrize(
    "code",
    [
        f"raise ValueError('{CASE} child-2')",
        f"import threading; t = threading.Thread(target=lambda: 1 / len('{CASE}'[:0])); t.start(); t.join()",
        f"import warnings; warnings.warn('{CASE} is odd')",
        f"import asyncio\nasync def f(): raise ValueError('{CASE}')\n"
        "async def main():\n  t = asyncio.create_task(f()); await asyncio.sleep(0.01); del t\nasyncio.run(main())",
        f"class X:\n  def __del__(self): raise ValueError('{CASE}')\ndel [X()][0]",
    ],
)
def test_an_error_that_nobody_took_is_a_line_too(code: str) -> None:
    """Also where Python itself would print it: at the end of a process or a thread, in a warning, in a finalizer."""
    program = f"from shared.platform.logs import configure_logs\nconfigure_logs('intake', 'info')\n{code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    lines = done.stderr.splitlines()
    assert lines and CASE not in done.stderr and "child-2" not in done.stderr
    assert all(json.loads(one)["service"] == "intake" for one in lines)
