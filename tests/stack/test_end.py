"""However a stack ends, nothing of it is left: no process, no folder, no control file."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from lotse.stack.control import StackFile, call, read_file
from tests.stack.processes import working_in
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def held(institutions: Path, control: Path, prefix: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """A stack of stand-ins in a process of its own, as a terminal would have it."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "tests.stack.hold", str(institutions), str(control)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        eventually("the stack runs", lambda: read_file(control) or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.communicate()


def _stack(control: Path, process: subprocess.Popen[str]) -> StackFile:
    found = read_file(control)
    assert found is not None, process.communicate()[0]
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_gracefully(institutions: Path, tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C (SIGINT) and SIGTERM end all processes in order; the folder and the control file are gone."""
    control = tmp_path / "stack.json"
    with held(institutions, control) as process:
        folder = _stack(control, process).folder
        assert len(working_in(folder)) >= 4
        process.send_signal(number)
        told = process.communicate(timeout=30)[0]
    assert process.returncode == 0, told
    assert "Alles ist beendet" in told and "Everything has ended" in told
    assert not working_in(folder) and not Path(folder).exists() and not control.exists()


def test_a_killed_supervisor_leaves_no_process(institutions: Path, tmp_path: Path) -> None:
    """kill −9 of the supervisor: the kernel ends its children, and the next run removes its folder."""
    control = tmp_path / "stack.json"
    with held(institutions, control) as process:
        folder = _stack(control, process).folder
        process.kill()
        eventually("all children are gone", lambda: not working_in(folder))
    assert read_file(control) is None
    with held(institutions, control) as process:
        assert _stack(control, process).folder != folder
        assert not Path(folder).exists()


def test_death_of_the_broker_is_an_error(institutions: Path, tmp_path: Path) -> None:
    """The broker's death ends the command with an error in German and English and a code that is not zero."""
    control = tmp_path / "stack.json"
    with held(institutions, control) as process:
        stack = _stack(control, process)
        call(stack, "kill", "broker")
        told = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert "Fehler: Der eingebettete Broker ist beendet" in told and "The embedded broker has ended" in told
    assert not working_in(stack.folder) and not Path(stack.folder).exists()


def test_runs_as_an_ordinary_user(institutions: Path, passable_path: Path) -> None:
    """Without root everything belongs to the user who started it, and ends as cleanly."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    copy, control = passable_path / "institutions.yaml", passable_path / "stack.json"
    copy.write_bytes(institutions.read_bytes())
    passable_path.chmod(0o777)
    with held(copy, control, _as_user(user)) as process:
        stack = _stack(control, process)
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in working_in(stack.folder)} == {user.pw_uid}
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=30)[0]
    assert process.returncode == 0, told
    assert not working_in(stack.folder) and not Path(stack.folder).exists()


def _as_user(user: pwd.struct_passwd) -> list[str]:
    """How a command is run as a user; it may read everything, since the interpreter of these tests may be in root's
    home.
    """
    if os.geteuid() == user.pw_uid:
        return []
    reading = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    return ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups", *reading]
