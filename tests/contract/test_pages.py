"""The pages of the project: their examples work, their links lead somewhere, what is made is up to date."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

from lotse.cli.app import app
from shared.contracts.envelope import Report, parse_report
from shared.contracts.topics import inbound_topic
from shared.platform.institutions import parse_institutions
from tests.contract.documents import (
    DOCS,
    ROOT,
    anchors,
    blocks,
    files,
    links,
    named,
    page,
    pages,
    payloads,
    rows,
    section,
)
from tests.contract.examples import Record
from tests.support.services import REPORTS

#: The pages that others wrote for this project to keep to; they name what is still to come.
_KEPT = {DOCS / f"{name}.md" for name in ("contract", "domain", "facts", "readings", "states")}
OWN = [path for path in pages() if path not in _KEPT]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_INSTITUTIONS = parse_institutions((ROOT / "deploy/institutions.yaml").read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """A path as it is named in a failure."""
    return str(path.relative_to(ROOT))


# Examples


@pytest.mark.parametrize("payload", payloads(README))
def test_the_reports_of_the_readme_are_accepted(payload: str) -> None:
    """What a reader copies into a terminal is a report of an institution that may send it."""
    event = json.loads(payload)
    service, institution = event["type"].split(".")[1], event["source"].split("/")[1]
    record = Record(payload.encode(), (), inbound_topic(service, institution))
    assert isinstance(parse_report(service, REPORTS[service], _INSTITUTIONS, record), Report)
    assert event["subject"] in re.findall(r"^lotse case (\S+)$", README, re.M)


def test_the_readme_has_a_walk() -> None:
    """The commands that the first walk promises, with at least one report in it."""
    walk = "\n".join(blocks(README, "sh"))
    assert payloads(README)
    assert {"lotse up", "| lotse publish -", "lotse case ", "kcat -P -b localhost:9092"} <= {
        wanted
        for wanted in ("lotse up", "| lotse publish -", "lotse case ", "kcat -P -b localhost:9092")
        if wanted in walk
    }


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_examples_in_json_are_json(path: Path) -> None:
    """Every block that says it is JSON."""
    for block in blocks(path.read_text(encoding="utf-8"), "json"):
        json.loads(block)


# Links and names


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    """Each link inside the project names a file that is there and a heading that it has."""
    text = path.read_text(encoding="utf-8")
    for target in links(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), target
        assert ROOT in file.parents, target
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), target


def test_pages_that_name_each_other_stand_together() -> None:
    """The contract and its companions name each other by file; each of these is beside them."""
    for path in _KEPT:
        for name in named(path.read_text(encoding="utf-8")):
            if re.fullmatch(r"(docs/)?[a-z]+\.md", name):
                assert (DOCS / name.removeprefix("docs/")).exists(), name


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_commands_that_pages_name_exist(path: Path) -> None:
    """Every `lotse …` and every `make …` in our own pages."""
    text = path.read_text(encoding="utf-8")
    given = named(text) + [line for block in blocks(text, "sh") for line in re.split(r"[|\n]", block)]
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # it is a group
    for line in map(str.strip, given):
        if found := re.match(r"(lotse|make) ([a-z-]+)", line):
            program, command = found.groups()
            assert command in (commands if program == "lotse" else _targets()), line


def _targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split())  # type: ignore[index]


def test_make_help_lists_every_target() -> None:
    """One line for each, with what it is for."""
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {line.split()[1] for line in told.stdout.splitlines()} == _targets()


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Neither folders of somebody's machine nor the host that packages came from stand in the project."""
    homes = "|".join(("/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "/wo" + "rk/", r"[A-Z]:\\\\Us" + "ers"))
    hosts = "|".join(
        ("py" + r"pi\.", "python" + "hosted", "arti" + "factory", "nex" + r"us\.", "index" + "-url", "find" + "-links")
    )
    forbidden = re.compile(rf"(?<![\w.])({homes})\w|https?://[^\s)]*({hosts})|^--({hosts})", re.M)
    for path in files():
        if path.suffix not in (".png", ".ico"):
            found = forbidden.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{name_of(path)}: {found}"


# What is made, and what is promised


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docs/generate.py as a module."""
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("generate")


def test_made_pages_are_up_to_date(generate: ModuleType) -> None:
    """What `make check` looks at, too."""
    assert generate.stale() == {}


def test_a_stale_page_is_told_with_its_difference(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check fails, names each page and its first difference, and says what to do; writing mends all of it."""
    made = generate.made()
    monkeypatch.setattr(generate, "made", lambda: made)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    settings = tmp_path / "generated/settings.md"
    settings.write_text(settings.read_text(encoding="utf-8").replace("8083", "8099"), encoding="utf-8")
    (tmp_path / "contract/rules.md").unlink()
    (tmp_path / "contract/examples/codes/older.json").touch()
    capsys.readouterr()
    assert generate.main(["--check"]) == 1
    told = capsys.readouterr().err
    for expected in (
        "settings.md is stale",
        "-| recognition | 8099 |",
        "rules.md is missing",
        "older.json",
        "make docs",
    ):
        assert expected in told
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0


def test_every_dependency_has_its_reason() -> None:
    """The page lists exactly the packages of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    text = page("decisions/0006-dependencies.md")
    listed = [
        name for part in text.split("For development only") for row in rows(part, "package") for name in named(row[0])
    ]
    assert sorted(listed) == sorted(re.split(r"[\[><=~ ]", name)[0] for name in wanted)


def test_every_decision_has_its_parts_and_its_place() -> None:
    """Context, decision, consequences, what would make us look again; and a line in the list."""
    listed = page("decisions/README.md")
    for path in sorted((DOCS / "decisions").glob("0*.md")):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^## (.*)$", text, re.M) == ["Context", "Decision", "Consequences", "Revisit when"], (
            path.name
        )
        assert f"# {int(path.name[:4])}. " in text
        assert f"]({path.name})" in listed


def test_every_law_names_what_holds_it() -> None:
    """The six laws, each with tests or a check of `make check`."""
    table = rows(section(page("architecture.md"), "## The six laws"), "law")
    assert [row[0].split(" ")[0] for row in table] == list("123456")
    for _, _, held in table:
        assert "](../tests/" in held or "make check" in held
