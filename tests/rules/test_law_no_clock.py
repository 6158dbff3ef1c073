"""Law 4: no clock and no input or output in the rules; and the check finds what breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.purity import ROOT, impurities, pure_modules

MODULES = pure_modules()


def _package(module: Path) -> str:
    parts = module.relative_to(ROOT).parts
    return ".".join(parts[:2]) if parts[0] == "services" else ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_rule_reaches_nothing_beyond_its_arguments(module: Path) -> None:
    """It imports nothing that asks a clock, throws dice, reads or writes, and keeps nothing between calls."""
    assert impurities(module.read_text(encoding="utf-8"), _package(module)) == []


def test_the_rules_and_all_reporting_services_are_looked_at() -> None:
    """A further service's folder is, too, by being there."""
    names = {str(path.relative_to(ROOT)) for path in MODULES}
    assert {"shared/rules/board.py", "shared/rules/walker.py", "services/intake/barrier.py"} <= names
    assert {"services/recognition/state.py", "services/recognition/barrier.py"} <= names


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("from datetime import date\ntoday = date.today()\n", ["asks today"]),
        ("import datetime\nday = datetime.datetime.now()\n", ["asks now"]),
        ("from datetime import date as d\nday = d.today()\n", ["hides date"]),
        ("day = field(default_factory=date.today)\n", ["asks today"]),
        ("import time\n", ["imports time"]),
        ("from random import choice\n", ["imports random"]),
        ("import asyncpg\n", ["imports asyncpg"]),
        ("from shared.platform.clock import wall\n", ["imports shared.platform.clock"]),
        ("from services.coordinator import store\n", ["imports services.coordinator"]),
        ("text = open('x')\n", ["calls open"]),
        ("seen = 0\ndef judge():\n    global seen\n    seen += 1\n", ["keeps seen"]),
        ("from shared.rules.scene import plus\nfrom collections.abc import Mapping\n", []),
    ],
)
def test_a_rule_that_breaks_the_law_is_found(broken: str, found: list[str]) -> None:
    """Each way to the outside, tried on purpose."""
    assert impurities(broken, "services.intake") == found
