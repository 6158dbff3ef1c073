"""Stacks of a broker, a database and two stand-in services."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lotse.stack import Event, Options

_INSTITUTIONS = """\
region: {name: Musterregion, land: NW, ags: ["05162024"]}
institutions:
  - {id: zag-muenster, name: ZAG Münster, kind: competent-body, land: NW, services: [recognition]}
"""


@pytest.fixture
def institutions(tmp_path: Path) -> Path:
    """An institutions file with one institution."""
    path = tmp_path / "institutions.yaml"
    path.write_text(_INSTITUTIONS, encoding="utf-8")
    return path


@pytest.fixture
def passable_path() -> Iterator[Path]:
    """A folder that other users may pass through, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o711)
        yield path


@pytest.fixture
def events() -> list[Event]:
    """What the stack told."""
    return []


@pytest.fixture
def options(institutions: Path, events: list[Event]) -> Callable[..., Options]:
    """Options for a stack of stand-ins; any field can be changed."""

    def make(**changed: object) -> Options:
        fields: dict[str, object] = {
            "services": ("intake", "recognition"),
            "module": "tests.stack.standin",
            "institutions": institutions,
            "tell": events.append,
        }
        return Options(**(fields | changed))  # type: ignore[arg-type]

    return make
