"""`lotse demo` and `lotse simulate` as they are called from a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lotse.cli.demo import Shown
from lotse.cli.words.mistakes import MISTAKES
from lotse.simulator.comparison import Comparison, Difference
from lotse.simulator.obstacles import expected_reports
from lotse.simulator.plan import Plan
from lotse.simulator.receipts import Surprise, Verdicts
from tests.support.eventually import eventually

LOTSE = [sys.executable, "-m", "lotse"]


def test_the_demo_holds_and_tells_a_program_so(tmp_path: Path) -> None:
    """A small region over some months, the whole stack included; the exit code says that all holds.

    With `--hold` it goes on running: another terminal asks where the region is stuck, and hears the same. Ctrl-C ends.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}
    environment["LOTSE_STACK"] = str(tmp_path / "stack.json")
    command = [*LOTSE, "demo", "--hold", "--people", "60", "--days", "120", "--seed", "9", "--json"]
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        demo = subprocess.Popen(command, env=environment, stdout=out, stderr=err)
    try:
        told = "Lotse läuft weiter"
        eventually("the demo has ended", lambda: told in (tmp_path / "err").read_text() or demo.poll() is not None, 240)
        stuck = subprocess.run(
            [*LOTSE, "obstacles", "--by", "barrier", "--json"],
            env=environment,
            capture_output=True,
            timeout=60,
            check=True,
        )
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0, (tmp_path / "out").read_text() + (tmp_path / "err").read_text()
    finally:
        demo.kill()
        demo.wait()
    shown = json.loads((tmp_path / "out").read_text())
    assert (shown["people"], shown["right"], shown["differences"]) == (60, 60, [])
    assert (shown["obstaclesEqual"], shown["rebuildEqual"], shown["topicsEqual"]) == (True, True, True)
    assert all(one["otherwise"] == 0 for one in shown["mistakes"].values())
    assert {one["verdict"] for one in shown["receipts"]} == {"accepted", "parked", "duplicate", "rejected"}
    found = json.loads(stuck.stdout)
    assert found["items"] == shown["obstacles"] != []
    assert found["lastBarrier"] == shown["lastBarrier"]


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
