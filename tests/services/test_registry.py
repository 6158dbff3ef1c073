"""A service is a folder: what the coordinator finds of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from services.coordinator.registry import find_services
from shared.rules.board import evaluate
from tests.support.items import item

HOUSING_BARRIER = """
from shared.rules.barrier import BarrierMapping, Verdict

def judge(scene):
    searches = scene.of("search-")
    return Verdict("open", searches) if searches else None

MAPPING = BarrierMapping(barrier="{barrier}", items=("search-",), judge=judge)
"""


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of services that may be filled before it is imported."""
    folder = tmp_path / "toyservices"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("toyservices")]:
        del sys.modules[name]


def _service(toys: Path, name: str, *, barrier: str = "") -> None:
    folder = toys / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "snapshot.py").write_text(f'SERVICE = "{name}"\n')
    if barrier:
        (folder / "barrier.py").write_text(HOUSING_BARRIER.format(barrier=barrier))


def _package() -> ModuleType:
    importlib.invalidate_caches()
    return importlib.import_module("toyservices")


def test_the_services_that_stand_are_found() -> None:
    """Their names, and the barriers that they map; clock and coordinator report nothing."""
    found = find_services()
    assert {"intake", "recognition"} <= set(found.services)
    assert not {"clock", "coordinator"} & set(found.services)
    assert found.mappings["recognition"].barrier == "recognition"
    assert found.mappings["residence"].items == ("permit-",)


def test_a_further_service_is_a_folder(toys: Path) -> None:
    """With its barrier, which stands on the board at once; without one it only reports."""
    _service(toys, "housing", barrier="housing")
    _service(toys, "events")
    (toys / "quiet").mkdir()
    (toys / "quiet" / "__init__.py").touch()
    found = find_services(_package())
    assert found.services == ("events", "housing")
    searching = item("housing", "search-1", [{"status": "searching", "since": "2026-01-10"}], turn="applicant")
    board = evaluate(found.mappings, [searching], "2026-03-01").board
    assert list(board.barriers) == ["recognition", "childcare", "language", "residence", "housing"]
    assert (board.barriers["housing"].status, board.only_barrier) == ("open", "housing")


def test_two_services_cannot_map_one_barrier(toys: Path) -> None:
    """Found at start, with the barrier's name."""
    _service(toys, "housing", barrier="housing")
    _service(toys, "shelter", barrier="housing")
    with pytest.raises(ValueError, match=r"toyservices\.shelter.*'housing'"):
        find_services(_package())


def test_a_broken_service_is_not_taken_for_one_without_a_barrier(toys: Path) -> None:
    """What cannot be imported stops the start."""
    _service(toys, "housing")
    (toys / "housing" / "barrier.py").write_text("import a_module_that_nobody_has\n")
    with pytest.raises(ModuleNotFoundError, match="a_module_that_nobody_has"):
        find_services(_package())
