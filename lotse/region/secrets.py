"""The passwords of a region: one file each, in one folder, made once and never changed by a further run.

The folder itself lets in only its owner and the group of the image's user; what is in it may be read by whoever got in,
so that a container reads the one folder that it was given, whoever it runs as.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lotse.region.errors import RegionError
from lotse.region.rights import ADMIN, CLOCK, COORDINATOR
from lotse.stack.services import WITHOUT_DATABASE
from shared.platform.access import institution_password

#: The group of the image's user.
GROUP = 10001
_FOLDER, _INNER_FOLDER, _FILE = 0o750, 0o755, 0o444
_RANDOM_BYTES = 24


def admin_password(folder: Path) -> Path:
    """The file with the password of the broker's administrator."""
    return folder / ADMIN / "broker-password"


def superuser_password(folder: Path) -> Path:
    """The file with the password of PostgreSQL's superuser."""
    return folder / "postgres" / "superuser-password"


def service_password(folder: Path, service: str) -> Path:
    """The file with a service's password at the broker."""
    return folder / "services" / service / "broker-password"


def database_password(folder: Path, service: str) -> Path:
    """The file with the password of a service's role in PostgreSQL."""
    return folder / "services" / service / "database-password"


def password_files(folder: Path, services: Iterable[str], institutions: Iterable[str]) -> Iterator[Path]:
    """Every file that a region needs; `services` are those that are reported to."""
    yield admin_password(folder)
    yield superuser_password(folder)
    for service in (COORDINATOR, CLOCK, *services):
        yield service_password(folder, service)
        if service not in WITHOUT_DATABASE:
            yield database_password(folder, service)
    for institution in institutions:
        yield institution_password(folder, institution)


@dataclass(frozen=True, slots=True)
class Made:
    """What a run found and made: files that were missing, and how many there are."""

    new: tuple[Path, ...]
    all: int


def make_secrets(folder: Path, files: Iterable[Path], like: Path) -> Made:
    """Makes the files that are missing; those that are there stay as they are.

    As root, everything is given to the owner of `like` (a file of the project, so that its owner can read and rotate
    them), and the folder to the image's group. Raises RegionError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wanted = tuple(files)
        (folder / "prometheus").mkdir(exist_ok=True)
        new = tuple(path for path in wanted if _make(path))
        if os.geteuid() == 0:
            _give(folder, like.stat().st_uid)
        elif new:
            _close(folder)
    except OSError as error:
        raise _cannot(folder, error) from None
    return Made(new, len(wanted))


def make_secret(folder: Path, file: Path, like: Path) -> bool:
    """Makes one file in a secrets folder, if it is missing; returns whether it was. Raises RegionError."""
    try:
        made = _make(file)
        if made and os.geteuid() == 0:
            _give(folder, like.stat().st_uid)
        return made
    except OSError as error:
        raise _cannot(folder, error) from None


def read_password(path: Path) -> str:
    """The password in a file. Raises RegionError; the password is in no text."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RegionError(
            de=f"Das Kennwort {path} ist nicht zu lesen ({type(error).__name__}). `lotse region secrets` legt an, was "
            "fehlt.",
            en=f"The password {path} cannot be read. `lotse region secrets` makes what is missing.",
        ) from None
    if not text:
        raise RegionError(
            de=f"{path} ist leer. Löschen Sie die Datei, dann legt `lotse region secrets` sie neu an.",
            en=f"{path} is empty. Delete it, then `lotse region secrets` makes it anew.",
        )
    return text


def new_password() -> str:
    """A password that nobody guesses: 24 random bytes, in letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def replace_password(path: Path, password: str) -> None:
    """Puts another password into a file; a reader sees the old or the new one, never a part. Raises RegionError."""
    beside = path.with_name(f".{path.name}.new")
    try:
        before = path.stat()
        beside.unlink(missing_ok=True)
        _write(beside, password)
        if os.geteuid() == 0:
            os.chown(beside, before.st_uid, before.st_gid)
        beside.replace(path)
    except OSError as error:
        raise _cannot(path, error) from None


def _make(path: Path) -> bool:
    """A file with a new password, unless it is there. A file is never there without its content."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    _write(beside, new_password())
    beside.replace(path)
    return True


def _write(path: Path, password: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{password}\n")
        os.fchmod(file.fileno(), _FILE)
        file.flush()
        os.fsync(file.fileno())


def _give(folder: Path, owner: int) -> None:
    """Owner, group and modes of everything, whoever made it and with whatever umask."""
    os.chown(folder, owner, GROUP)
    folder.chmod(_FOLDER)
    for path in folder.rglob("*"):
        if path.is_symlink():
            continue
        os.chown(path, owner, GROUP)
        path.chmod(_INNER_FOLDER if path.is_dir() else _FILE)


def _close(folder: Path) -> None:
    """What somebody other than root can do: nobody else gets in."""
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(_FOLDER)


def _cannot(path: Path, error: OSError) -> RegionError:
    return RegionError(
        de=f"Der Ordner der Kennwörter lässt sich nicht beschreiben: {path} ({error.strerror}). Er gehört dem Besitzer "
        "des Projektordners; LOTSE_SECRETS_FOLDER nennt einen anderen.",
        en=f"The folder of passwords cannot be written: {path} ({error.strerror}). It belongs to the owner of the "
        "project's folder; LOTSE_SECRETS_FOLDER names another one.",
    )
