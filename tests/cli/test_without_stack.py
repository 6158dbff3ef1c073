"""Commands on a machine where nothing runs say what to do, in both languages, and without a traceback."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Report, Terminal

COMMANDS = (
    *("up", "demo", "simulate", "publish", "receipts", "cases", "case", "timeline"),
    *("doctor", "rebuild", "republish", "rederive", "restored", "topics"),
)


@pytest.mark.parametrize(
    "arguments",
    [
        ("receipts", "zag-muenster"),
        ("cases",),
        ("case", "7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31"),
        ("timeline", "7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31"),
        ("doctor",),
        ("rebuild", "--verify"),
        ("republish",),
        ("rederive", "recognition"),
        ("restored",),
        ("topics", "recreate"),
        ("topics", "create"),
    ],
)
async def test_no_stack_tells_how_to_start_one(nowhere: Terminal, arguments: tuple[str, ...]) -> None:
    """`lotse up` is named, and the setting that names a stack elsewhere."""
    said = await nowhere(*arguments)
    assert said.code == 1 and not said.out
    assert "Hier läuft kein Lotse" in said.err and "`lotse up`" in said.err and "LOTSE_" in said.err
    assert "No Lotse runs here" in said.err and "Traceback" not in said.err


async def test_publish_looks_at_its_input_first(nowhere: Terminal, report: Report) -> None:
    """What is no event is told even where nothing runs; an event then needs a broker."""
    assert "kein JSON" in (await nowhere("publish", "-", text="{oops")).err
    said = await nowhere("publish", "-", text=json.dumps(report("submitted", "2025-12-10")))
    assert said.code == 1 and "Hier läuft kein Lotse" in said.err


async def test_a_broker_that_is_away_is_told(nowhere: Terminal) -> None:
    """A broker that the settings name and nobody runs: red in the doctor's table, an error elsewhere."""
    nobody = {"LOTSE_BROKERS": "127.0.0.1:1", "LOTSE_SECRETS_FOLDER": ""}
    examined = await nowhere("doctor", "--json", **nobody)
    assert examined.code == 1
    findings = json.loads(examined.out)["findings"]
    assert [(one["part"], one["health"]) for one in findings] == [("broker", "bad")]
    said = await nowhere("receipts", "zag-muenster", **nobody)
    assert said.code == 1 and "lotse doctor" in said.err and "Traceback" not in said.err


async def test_a_coordinator_that_is_away_is_told(nowhere: Terminal) -> None:
    """The address is named, and what to do."""
    said = await nowhere("cases", LOTSE_COORDINATOR_URL="http://127.0.0.1:1")
    assert said.code == 1
    assert "http://127.0.0.1:1" in said.err and "`lotse doctor`" in said.err


async def test_services_elsewhere_are_not_stopped_by_us(nowhere: Terminal) -> None:
    """Outside `lotse up` the operator stops the services, and says so, before topics are thrown away."""
    said = await nowhere("topics", "recreate", LOTSE_BROKERS="127.0.0.1:1")
    assert said.code == 1 and "--stopped" in said.err


async def test_a_service_that_there_is_not(nowhere: Terminal) -> None:
    """The error names those that there are."""
    said = await nowhere("republish", "housing")
    assert said.code == 1 and "'housing'" in said.err and "recognition" in said.err


async def test_every_command_explains_itself(nowhere: Terminal) -> None:
    """Each command has a help text in German with English beside it."""
    said = await nowhere("--help")
    for name in [
        "up",
        "demo",
        "simulate",
        "publish",
        "receipts",
        "cases",
        "case",
        "timeline",
        "doctor",
        "rebuild",
        "republish",
        "rederive",
        "restored",
        "topics",
    ]:
        assert f"\n│ {name} " in said.out, name
    explained = await nowhere("publish", "--help")
    assert "nicht auf Quittungen warten" in explained.out and "do not wait for receipts" in explained.out
