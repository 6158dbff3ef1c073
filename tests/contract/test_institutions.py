"""The institutions file: what it says, what is wrong with it, and when it is read again."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from shared.contracts.institutions import KINDS
from shared.platform.institutions import InstitutionsError, InstitutionsFile, parse_institutions
from shared.platform.services import reporting_services

DEPLOYED = Path(__file__).parents[2] / "deploy" / "institutions.yaml"
#: The example of facts.md §7.
EXAMPLE = """\
region: {name: Musterregion Niederrhein, land: NW, ags: ["05162024", "05116000"]}
institutions:
  - {id: zag-muenster, name: ZAG Münster, kind: competent-body, land: NW, services: [recognition]}
  - {id: jobcenter-neuss, name: Jobcenter Rhein-Kreis Neuss, kind: jobcenter, land: NW, services: [intake, language]}
"""


def test_the_example_of_the_contract_is_read() -> None:
    """Names, kinds, Länder and who may report where."""
    read = parse_institutions(EXAMPLE)
    assert (read.region.name, read.region_land, read.region.ags) == (
        "Musterregion Niederrhein",
        "NW",
        ("05162024", "05116000"),
    )
    assert read.names == {"zag-muenster": "ZAG Münster", "jobcenter-neuss": "Jobcenter Rhein-Kreis Neuss"}
    assert read.kinds == {"zag-muenster": "competent-body", "jobcenter-neuss": "jobcenter"}
    assert read.lands == {"zag-muenster": "NW", "jobcenter-neuss": "NW"}
    assert [institution.id for institution in read.all] == ["zag-muenster", "jobcenter-neuss"]
    assert read.may_report("zag-muenster", "recognition") and read.may_report("jobcenter-neuss", "language")
    assert not read.may_report("zag-muenster", "intake") and not read.may_report("zag", "recognition")
    assert "zag-muenster" in read and "zag" not in read


def test_an_institution_without_land_has_the_regions() -> None:
    """Only a land of its own is listed."""
    read = parse_institutions(EXAMPLE.replace("kind: competent-body, land: NW", "kind: competent-body"))
    assert read.lands == {"jobcenter-neuss": "NW"}


def test_the_deployed_file_has_every_kind_and_every_service() -> None:
    """At least twelve institutions, those of the documents' examples among them."""
    read = InstitutionsFile(DEPLOYED).current()
    assert len(read.all) >= 12
    assert set(read.kinds.values()) == set(KINDS)
    assert {service for institution in read.all for service in institution.services} == set(reporting_services())
    assert {"zag-muenster", "jobcenter-neuss", "jugendamt-neuss", "vhs-neuss"} <= set(read.names)
    assert read.lands["ihk-fosa"] == "BY"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("land: NW, ags", "land: NO, ags", "region: land is False; allowed are BW, BY"),
        ('"05162024"', "5162024", "region: ags is [5162024, '05116000']"),
        ("region:", "regions:", "the file: region is missing"),
        ("id: zag-muenster", "id: ZAG", "institution 1: id is 'ZAG'"),
        ("id: zag-muenster", "id: lotse", "`lotse` is taken"),
        ("id: zag-muenster", "id: jobcenter-neuss", "jobcenter-neuss: stands here 2 times"),
        ("name: ZAG Münster, ", "", "zag-muenster: name is missing"),
        ("name: ZAG Münster", "name: 7", "zag-muenster: name is 7"),
        ("kind: competent-body", "kind: authority", "zag-muenster: kind is 'authority'; allowed are jobcenter"),
        ("[recognition]", "[recognitions]", "zag-muenster: services is ['recognitions']; allowed are childcare"),
        ("[recognition]", "recognition", "zag-muenster: services is 'recognition'"),
        ("[recognition]}", "[recognition], token: x}", "zag-muenster: token is unknown; allowed are id"),
        ("  - {id: zag", "  - x\n  - {id: zag", "institution 1: needed is a mapping"),
        ("institutions:", "institutions: }", "this is not YAML"),
        (EXAMPLE, "", "the file: needed is a mapping"),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_is_allowed(old: str, new: str, told: str) -> None:
    """So that whoever edits the file can mend it."""
    assert old in EXAMPLE
    with pytest.raises(InstitutionsError) as error:
        parse_institutions(EXAMPLE.replace(old, new))
    assert told in str(error.value)


def test_all_faults_are_told_at_once() -> None:
    """Each on its line."""
    with pytest.raises(InstitutionsError) as error:
        parse_institutions(EXAMPLE.replace("kind: jobcenter", "kind: x").replace("[recognition]", "[y]"))
    assert len(str(error.value).splitlines()) == 2


class Clock:
    """A clock that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_changed_file_is_read_again_after_a_second(tmp_path: Path) -> None:
    """And at most once a second; without a change the same object stays."""
    path = tmp_path / "institutions.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    clock = Clock()
    file = InstitutionsFile(path, clock)
    before = file.current()
    path.write_text(EXAMPLE.replace("ZAG Münster", "ZAG in Münster"), encoding="utf-8")
    clock.now += 0.9
    assert file.current() is before
    clock.now += 0.2
    assert file.current().names["zag-muenster"] == "ZAG in Münster"
    after = file.current()
    clock.now += 5
    assert file.current() is after


def test_a_file_that_breaks_later_changes_nothing_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Broken, then gone, then mended."""
    path = tmp_path / "institutions.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    clock = Clock()
    file = InstitutionsFile(path, clock)
    before = file.current()
    with caplog.at_level(logging.ERROR):
        for text in ("region: x", "region: x", None, None):
            clock.now += 2
            path.write_text(text, encoding="utf-8") if text is not None else path.unlink(missing_ok=True)
            assert file.current() is before
    assert len(caplog.records) == 2
    path.write_text(EXAMPLE, encoding="utf-8")
    clock.now += 2
    assert file.current().names == before.names


def test_a_file_that_is_broken_or_missing_at_the_start_stops_the_start(tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "institutions.yaml"
    with pytest.raises(InstitutionsError, match=r"institutions\.yaml"):
        InstitutionsFile(path).current()
    path.write_text("region: x", encoding="utf-8")
    with pytest.raises(InstitutionsError, match=r"institutions\.yaml"):
        InstitutionsFile(path).current()
