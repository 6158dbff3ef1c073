"""docs/onboarding.md, typed by an institution's programmer: its own blocks, in their order, against a running region.

A block's first line names what it is: a file (`json submitted.json`), lines for a shell (`sh kcat`, `sh kcat fails`), a
program (`python confluent.py`). A `text` block below it says what must be seen.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lotse.stack.services import ROOT
from shared.platform.access import institution_password
from tests.containers.region import Region, running_region

PAGE = (ROOT / "docs" / "onboarding.md").read_text(encoding="utf-8")
WHO = "zag-muenster"
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its kind, the words behind it, its lines, and what must be seen after it."""

    kind: str
    words: tuple[str, ...]
    text: str
    shown: tuple[str, ...]

    @property
    def name(self) -> str:
        return " ".join((self.kind, *self.words, self.text.splitlines()[-1][:60]))


def blocks() -> list[Block]:
    """The blocks of the page in order, each with the `text` block that follows before the next."""
    found: list[Block] = []
    for head, text in re.findall(r"^```(\S[^\n]*)\n(.*?)^```$", PAGE, re.S | re.M):
        kind, *words = head.split()
        if kind == "text":
            found[-1] = Block(found[-1].kind, found[-1].words, found[-1].text, tuple(text.splitlines()))
        else:
            found.append(Block(kind, tuple(words), text, ()))
    return found


class Desk:
    """Where the programmer sits: a folder with the page's files, and a shell that keeps what was exported."""

    def __init__(self, folder: Path, region: Region) -> None:
        self.folder, self.region = folder, region
        self.password = institution_password(region.secrets, WHO).read_text(encoding="utf-8").strip()
        self.exported = ""

    def file(self, block: Block) -> None:
        """Lays down a file of the page, with the region's port and the institution's own password."""
        text = block.text.replace("localhost:9092", self.region.operator.brokers).replace("…", self.password)
        (self.folder / block.words[0]).write_text(text, encoding="utf-8")

    def type(self, text: str) -> subprocess.CompletedProcess[str]:
        """Types lines into a shell."""
        return self._run(["bash", "-c", f"set -o pipefail\n{self.exported}{text}"])

    def python(self, file: str) -> subprocess.CompletedProcess[str]:
        """Runs a program of the page with the Python of these tests."""
        return self._run([sys.executable, file])

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOTSE_", "PYTHON"))}
        return subprocess.run(
            command, cwd=self.folder, env=clean, capture_output=True, text=True, timeout=_SECONDS * 2, check=False
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A region of its own, and a desk beside it with the page's files."""
    folder = tmp_path_factory.mktemp("desk")
    packages = folder / ".venv" / "lib" / "python3" / "site-packages"
    packages.parent.mkdir(parents=True)
    packages.symlink_to(sysconfig.get_path("platlib"))
    with running_region("onboarding", tmp_path_factory.mktemp("region")) as region:
        made = Desk(folder, region)
        for block in blocks():
            if block.kind in ("json", "properties", "python"):
                made.file(block)
        yield made


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed (a Debian package of that name)")
def test_the_lines_with_kcat_show_what_the_page_says(desk: Desk) -> None:
    """The first accepted report, duplicate, parked, rejected, corrected, retracted, and what the broker refuses."""
    typed = [block for block in blocks() if block.kind == "sh"]
    assert len(typed) >= 8 and all("kcat" in block.words for block in typed)
    for block in typed:
        _shows(desk, block)
        desk.exported += "".join(f"{line}\n" for line in block.text.splitlines() if line.startswith("export "))


def _shows(desk: Desk, block: Block) -> None:
    """Types a block until it shows what it must: a receipt may need a moment. Sending again is harmless."""
    fails = "fails" in block.words
    reading = "\n".join(line for line in block.text.splitlines() if " -C " in line)
    deadline = time.monotonic() + _SECONDS
    done = desk.type(block.text)
    while not _as_said(done, block, fails) and not fails and reading and time.monotonic() < deadline:
        time.sleep(0.5)
        done = desk.type(reading)
    assert _as_said(done, block, fails), f"{block.text}\ngave {done.returncode}\n{done.stdout}\n{done.stderr}"


def _as_said(done: subprocess.CompletedProcess[str], block: Block, fails: bool) -> bool:
    said = done.stdout + done.stderr
    return (done.returncode != 0) == fails and all(_compact(line) in _compact(said) for line in block.shown)


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("program", [block.words[0] for block in blocks() if block.kind == "python"])
def test_the_programs_get_their_receipt(desk: Desk, program: str) -> None:
    """Structured with confluent-kafka, binary with aiokafka: sent, and the receipt read in the institution's group."""
    (block,) = [block for block in blocks() if block.words == (program,)]
    done = desk.python(program)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == list(block.shown)


def test_the_properties_for_java_are_those_of_a_java_client(desk: Desk) -> None:
    """Kafka's own console consumer logs in with them and reads a receipt in the institution's group."""
    desk.python("confluent.py")
    inside = (desk.folder / "java.properties").read_text().replace(desk.region.operator.brokers, "kafka:9092")
    inside = inside.replace("zag-muenster.receipts", "zag-muenster.java")
    tool = "/opt/kafka/bin/kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic receipts.zag-muenster"
    script = f"cat > /tmp/java.properties && {tool} --consumer.config /tmp/java.properties --max-messages 1"
    done = subprocess.run(
        ["docker", "exec", "-i", desk.region.container("kafka"), "bash", "-c", f"{script} --timeout-ms 30000"],
        input=inside,
        capture_output=True,
        text=True,
        timeout=_SECONDS * 2,
        check=False,
    )
    assert done.returncode == 0 and '"lotse.receipt.v1"' in done.stdout, done.stdout + done.stderr
