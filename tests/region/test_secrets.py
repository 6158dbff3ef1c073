"""The folder of passwords: made once, never changed, replaced only on purpose."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lotse.region.errors import RegionError
from lotse.region.secrets import (
    GROUP,
    make_secret,
    make_secrets,
    new_password,
    password_files,
    read_password,
    replace_password,
)
from shared.platform.access import institution_password


def files_of(folder: Path) -> list[Path]:
    """What a region with one service and one institution needs."""
    return list(password_files(folder, ["intake"], ["zag"]))


def mode(path: Path) -> int:
    """The permissions of a path."""
    return stat.S_IMODE(path.stat().st_mode)


def test_every_user_has_a_file(tmp_path: Path) -> None:
    """Each service its folder; the clock keeps nothing, so it has no password of a database."""
    assert [str(path.relative_to(tmp_path)) for path in files_of(tmp_path)] == [
        "admin/broker-password",
        "postgres/superuser-password",
        "services/coordinator/broker-password",
        "services/coordinator/database-password",
        "services/clock/broker-password",
        "services/intake/broker-password",
        "services/intake/database-password",
        "institutions/zag/broker-password",
    ]


def test_a_further_run_changes_nothing(tmp_path: Path) -> None:
    """What is there stays; what is missing comes."""
    folder = tmp_path / "secrets"
    first = make_secrets(folder, files_of(folder), tmp_path)
    assert len(first.new) == first.all == 8
    before = {path: path.read_text(encoding="utf-8") for path in first.new}
    assert len(set(before.values())) == 8 and all(len(text.strip()) == 32 for text in before.values())
    gone = institution_password(folder, "zag")
    gone.unlink()
    second = make_secrets(folder, files_of(folder), tmp_path)
    assert second.new == (gone,)
    assert gone.read_text(encoding="utf-8") != before.pop(gone)
    assert {path: path.read_text(encoding="utf-8") for path in before} == before
    assert not list(folder.rglob(".*"))


def test_only_the_folder_keeps_others_out(tmp_path: Path) -> None:
    """A container that is given one folder in it can read that one, whoever it runs as."""
    folder = tmp_path / "secrets"
    before = os.umask(0o077)
    try:
        make_secrets(folder, files_of(folder), tmp_path)
    finally:
        os.umask(before)
    assert mode(folder) == 0o750
    assert {mode(path) for path in files_of(folder)} == {0o444}
    if os.geteuid() == 0:
        inner = {path for path in folder.rglob("*") if path.is_dir()}
        assert {mode(path) for path in inner} == {0o755}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_mends_owner_and_modes(tmp_path: Path) -> None:
    """Everything belongs to the owner of the project, the folder to the image's group, too."""
    folder, project = tmp_path / "secrets", tmp_path / "institutions.yaml"
    project.touch()
    os.chown(project, 4711, 4711)
    make_secrets(folder, files_of(folder), project)
    for path in folder.rglob("*"):
        os.chown(path, 0, 0)
        path.chmod(0o700)
    make_secrets(folder, files_of(folder), project)
    assert {(path.stat().st_uid, path.stat().st_gid) for path in (folder, *folder.rglob("*"))} == {(4711, GROUP)}
    assert {mode(path) for path in files_of(folder)} == {0o444}


def test_one_password_is_made_and_replaced(tmp_path: Path) -> None:
    """Replaced in one step, with the same permissions; nothing is left beside it."""
    folder = tmp_path / "secrets"
    make_secrets(folder, files_of(folder), tmp_path)
    path = institution_password(folder, "new")
    assert make_secret(folder, path, tmp_path) and not make_secret(folder, path, tmp_path)
    old, other = read_password(path), new_password()
    replace_password(path, other)
    assert read_password(path) == other != old
    assert mode(path) == 0o444 and list(path.parent.iterdir()) == [path]


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    """With the file's name and what to do, never with a password."""
    with pytest.raises(RegionError) as error:
        read_password(tmp_path / "missing")
    assert "missing" in error.value.de and "lotse region secrets" in error.value.en
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    with pytest.raises(RegionError) as error:
        read_password(tmp_path / "empty")
    assert "ist leer" in error.value.de
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RegionError) as error:
        make_secrets(tmp_path / "file", [], tmp_path)
    assert "LOTSE_SECRETS_FOLDER" in error.value.de
