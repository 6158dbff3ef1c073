"""The README's first walk: its own lines, typed into one terminal while `lotse up` runs in another."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from lotse.stack.control import StackFile, read_file
from tests.stack.processes import working_in
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CASE = "7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31"


def _lines() -> list[str]:
    """What the README tells to type, in order: the lines of its shell blocks."""
    return [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.splitlines() if line]


def _line(*words: str) -> str:
    """The one line of the README that holds these words."""
    found = [line for line in _lines() if all(word in line for word in words)]
    assert found, f"the README has no line with {words}"
    return found[0]


class Walk:
    """A second terminal beside a running `lotse up`."""

    def __init__(self, stack: StackFile, environment: dict[str, str]) -> None:
        self.stack, self.environment = stack, environment

    def type(self, line: str) -> str:
        """Types one line of the README; the broker listens on a free port here. Returns what was said."""
        done = subprocess.run(
            ["bash", "-c", line.replace("localhost:9092", self.stack.door)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """`lotse up` in a process of its own, ended with Ctrl-C; it leaves no process."""
    folder = tmp_path_factory.mktemp("walk")
    control = folder / "stack.json"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**clean, "LOTSE_STACK": str(control), "PATH": path, "COLUMNS": "200"}
    with (folder / "up.log").open("wb") as log:
        up = subprocess.Popen(
            ["lotse", "up", "--free-ports"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        eventually("`lotse up` is ready", lambda: read_file(control) or up.poll() is not None)
        stack = read_file(control)
        assert stack is not None, (folder / "up.log").read_text()
        yield Walk(stack, environment)
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
        assert "Lotse läuft" in (folder / "up.log").read_text()
        assert not working_in(stack.folder) and not control.exists()
    finally:
        up.kill()
        up.wait()


def test_a_report_is_typed_and_the_case_is_explained(walk: Walk) -> None:
    """`publish` shows the receipt, `case` the board: in progress, the body's turn, stalled by BQFG §13(2)."""
    assert "angenommen (accepted) ok" in walk.type(_line("submitted.v1", "lotse publish -"))
    case = f"lotse case {CASE}"
    eventually("the board knows the case", lambda: "Anerkennung" in _quiet(walk, case))
    told = walk.type(_line(case))
    for expected in ("in Arbeit (in progress)", "§ 13 Abs. 2 BQFG", "the competent body): zag-muenster"):
        assert expected in told
    eventually("today's day has come, and the line is stalled", lambda: "überfällig" in walk.type(case))
    assert "§ 13 Abs. 2 BQFG" in walk.type(case)


def test_any_client_does_as_well(walk: Walk) -> None:
    """A plain record with one structured event, no key and no headers, as kcat writes it, is a report too."""
    event = _line("documents-complete.v1", "kcat -P").split("'")[1]
    walk.type(_line("submitted.v1", "lotse publish -"))
    _send_plain(walk.stack.door, "inbound.recognition.zag-muenster", event.encode())
    eventually("the decision is due by law", lambda: "§ 43 Abs. 3 PflAPrV" in walk.type(f"lotse case {CASE}"))
    told = json.loads(walk.type("lotse receipts zag-muenster --verdict accepted --json"))["receipts"]
    assert json.loads(event)["id"] in [receipt["reportId"] for receipt in told]


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed (a Debian package of that name)")
def test_the_same_with_kcat(walk: Walk) -> None:
    """The README's own lines with kcat: it writes a report and reads the receipts."""
    walk.type(_line("submitted.v1", "lotse publish -"))
    walk.type(_line("documents-complete.v1", "kcat -P"))
    eventually("the decision is due by law", lambda: "§ 43 Abs. 3 PflAPrV" in walk.type(f"lotse case {CASE}"))
    receipts = [json.loads(line) for line in walk.type(_line("kcat -C")).splitlines()]
    assert {receipt["type"] for receipt in receipts} == {"lotse.receipt.v1"}


def test_sending_again_is_harmless_and_an_id_cannot_be_reused(walk: Walk) -> None:
    """The same line again is a duplicate; another content under its id is refused."""
    line = _line("submitted.v1", "lotse publish -")
    walk.type(line)
    assert "id.seen" in walk.type(line)
    assert "id.reused" in walk.type(line.replace('"81302"', '"81301"'))


def _quiet(walk: Walk, line: str) -> str:
    """What a line says, nothing where it fails."""
    try:
        return walk.type(line)
    except AssertionError:
        return ""


def _send_plain(brokers: str, topic: str, value: bytes) -> None:
    """One record without key and headers, from a process of its own as any other program would."""
    code = f"import asyncio; from tests.cli.test_walk import send; asyncio.run(send({brokers!r}, {topic!r}, {value!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


async def send(brokers: str, topic: str, value: bytes) -> None:
    """Sends one record as kcat does."""
    producer = AIOKafkaProducer(bootstrap_servers=brokers, enable_idempotence=False)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()
