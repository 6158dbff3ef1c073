"""The variables of docker-compose.yml: all are told to operators, each with one default."""

from __future__ import annotations

import importlib
import re
from types import ModuleType

import pytest

from lotse.stack.services import ROOT
from shared.platform.settings import PORTS, SETTINGS


@pytest.fixture
def compose(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that makes the page."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    return importlib.import_module("pages.compose")


def test_every_variable_of_the_files_is_in_the_list_and_no_other(compose: ModuleType) -> None:
    """docs/generated/settings.md is made from this list."""
    assert {name for name, _ in compose.variables()} == set(compose.MEANINGS)


def test_a_variable_has_the_same_default_wherever_it_occurs(compose: ModuleType) -> None:
    """Otherwise a part of the region would look for its passwords elsewhere."""
    defaults = dict(compose.variables())
    assert [(name, value) for name, value in compose.variables() if defaults[name] != value] == []


def test_no_variable_is_there_without_a_default(compose: ModuleType) -> None:
    """A clean clone starts without any settings."""
    for name in compose.FILES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(r"\$\{(?!LOTSE_\w+:-)[^}]*\}|\$LOTSE_\w+", text) == []


def test_ports_and_settings_have_the_defaults_of_the_program(compose: ModuleType) -> None:
    """The contract's ports, and what both lists name."""
    defaults = dict(compose.variables())
    for process, port in PORTS.items():
        if process != "gateway":
            assert defaults[f"LOTSE_{process.upper()}_PORT"] == str(port)
    for setting in SETTINGS:
        if setting.name in defaults and setting.name != "LOTSE_SECRETS_FOLDER":
            assert defaults[setting.name] == setting.default, setting.name
