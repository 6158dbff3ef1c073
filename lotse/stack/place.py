"""Where the stack keeps its files: one folder per user in the temporary directory, and in it one fresh folder per run.

A run holds a lock on its folder. The kernel frees the lock however the run ends, so the next run can remove what a
killed one left behind.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lotse.stack.errors import StackError

_LOCK = "lock"
_PREFIX = "run-"


class RunFolder:
    """The fresh folder of one run; held until `remove` or the end of the process."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    def remove(self) -> None:
        """Deletes the folder with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def user_folder() -> Path:
    """The folder of this user in the temporary directory, `lotse-<user number>`; made when missing.

    Raises StackError when somebody else owns it: they could read or exchange what is put there.
    """
    path = Path(tempfile.gettempdir()) / f"lotse-{os.getuid()}"
    with suppress(FileExistsError):
        path.mkdir(mode=0o711)
        path.chmod(0o711)  # whatever the umask says
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StackError(
            de=(
                f"{path} gehört jemand anderem oder ist für andere beschreibbar. Löschen Sie den Ordner oder setzen "
                "Sie TMPDIR."
            ),
            en=f"{path} belongs to somebody else or others may write to it. Remove the folder or set TMPDIR.",
        )
    return path


def fresh_folder() -> RunFolder:
    """A new, empty folder for one run. What runs that were killed left behind is removed first.

    The folder may be passed through by other users but not listed, because PostgreSQL never runs as root and must
    reach its data below.
    """
    parent = user_folder()
    with _locked(parent / _LOCK):
        for old in parent.glob(f"{_PREFIX}*"):
            _remove_if_left(old)
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        path.chmod(0o711)
        return RunFolder(path, _hold(path / _LOCK))


def may_pass(path: Path, user: int) -> bool:
    """Whether a user without rights of its own on the folders reaches `path` and may read what everybody may."""
    parents = (path, *path.parents)
    return all(folder.stat().st_uid == user or folder.stat().st_mode & stat.S_IXOTH for folder in parents)


def package_folder(name: str) -> Path:
    """Where an installed package is, without importing it: both wheels do more at their import than is wanted here.
    Raises StackError.
    """
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise StackError(
            de=f"Das Paket {name} fehlt. Installieren Sie die Pakete aus requirements.lock.",
            en=f"The package {name} is missing. Install the packages of requirements.lock.",
        )
    return Path(found.submodule_search_locations[0])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _hold(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def _remove_if_left(folder: Path) -> None:
    try:
        handle = _hold(folder / _LOCK)
    except OSError:
        return  # its run is alive
    shutil.rmtree(folder, ignore_errors=True)
    os.close(handle)
