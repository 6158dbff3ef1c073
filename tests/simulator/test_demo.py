"""`lotse demo` and `lotse simulate` as they are called from a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from lotse.cli.demo import Shown
from lotse.cli.simulated import MISTAKES
from lotse.simulator.comparison import Comparison, Difference
from lotse.simulator.obstacles import expected_reports
from lotse.simulator.plan import Plan
from lotse.simulator.receipts import Surprise, Verdicts

LOTSE = [sys.executable, "-m", "lotse"]


def test_the_demo_holds_and_tells_a_program_so() -> None:
    """A small region over some months, the whole stack included; the exit code says that all holds."""
    ended = subprocess.run(
        [*LOTSE, "demo", "--people", "25", "--days", "120", "--seed", "9", "--json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    shown = json.loads(ended.stdout)
    assert (shown["people"], shown["right"], shown["differences"]) == (25, 25, [])
    assert (shown["obstaclesEqual"], shown["rebuildEqual"], shown["topicsEqual"]) == (True, True, True)
    assert shown["obstacles"]
    assert all(one["otherwise"] == 0 for one in shown["mistakes"].values())
    assert {one["verdict"] for one in shown["receipts"]} == {"accepted", "parked", "duplicate", "rejected"}


@pytest.mark.parametrize("broken", ["", "receipt", "board", "obstacles", "rebuild", "topics"])
def test_the_demo_holds_only_if_everything_does(broken: str, plan: Plan) -> None:
    """One thing that is not as it must be makes the exit code 1."""
    verdicts, comparison = Verdicts(), Comparison(1)
    if broken == "receipt":
        verdicts.surprises.append(Surprise(plan.records[0], ("t", 0, 0), None))
    if broken == "board":
        comparison.differences.append(Difference("case", "stage", "ready", "clearing"))
    true = expected_reports(plan.truths, plan.last)
    counted = replace(true, last={"items": []}) if broken == "obstacles" else true
    shown = Shown(verdicts, comparison, counted, true, rebuilt=broken != "rebuild", republished=broken != "topics")
    assert shown.holds == (not broken)


def test_every_mistake_of_the_simulator_has_words(plan: Plan) -> None:
    """Else nobody could be told whether its receipts are as they must be."""
    assert {record.mistake or "" for record in plan.records} <= set(MISTAKES)


def test_simulate_without_a_running_lotse_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Start one, or name one."""
    monkeypatch.setenv("LOTSE_STACK", f"{tmp_path}/none.json")
    for name in ("LOTSE_BROKERS", "LOTSE_COORDINATOR_URL", "LOTSE_CLOCK_URL"):
        monkeypatch.delenv(name, raising=False)
    ended = subprocess.run([*LOTSE, "simulate"], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "lotse up" in ended.stderr
    assert "Traceback" not in ended.stderr
