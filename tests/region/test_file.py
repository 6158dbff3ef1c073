"""Edits of the institutions file: one line changes, every comment stays."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lotse.region.errors import RegionError
from lotse.region.file import add_entry, editing, set_suspended
from shared.contracts.institutions import Institution
from shared.platform.institutions import parse_institutions

DEPLOYED = (Path(__file__).parents[2] / "deploy" / "institutions.yaml").read_text(encoding="utf-8")
NEW = Institution("vhs-grevenbroich", "VHS: Grevenbroich, {früher} #1", "bamf", frozenset({"language"}), "NW")
#: Another way to write the same kind of file.
BLOCKS = """\
region: {name: X, land: NW, ags: ["05116000"]}
institutions:
- id: abc # the first
  name: A
  kind: jobcenter
  services: [intake] # only this

# the second
- id: abd
  name: B
  kind: jobcenter
  services:
  - intake
  - language
# the end
"""
TEXTS = pytest.mark.parametrize("text", [DEPLOYED, BLOCKS, BLOCKS.removesuffix("# the end\n").rstrip()])


def lines_that_differ(old: str, new: str) -> list[str]:
    """The lines of the new text that the old one did not have, in order."""
    known = old.splitlines()
    return [line for line in new.splitlines() if line not in known]


@TEXTS
def test_a_new_institution_is_one_more_line(text: str) -> None:
    """Behind the last one, in the file's form; all other lines stay as they are, in their order."""
    new = add_entry(text, NEW)
    (line,) = lines_that_differ(text, new)
    assert line.strip() == (
        "- {id: vhs-grevenbroich, name: 'VHS: Grevenbroich, {früher} #1', kind: bamf, land: NW, services: [language]}"
    )
    assert [kept for kept in new.splitlines() if kept != line] == text.splitlines()
    assert parse_institutions(new).all == (*parse_institutions(text).all, NEW)
    assert parse_institutions(add_entry(new, Institution("x1", "no", "bamf", frozenset({"intake"})))).get("x1")


@TEXTS
def test_a_suspended_institution_is_marked_and_revived(text: str) -> None:
    """The mark comes and goes without a trace, wherever the entry stands."""
    listed = parse_institutions(text).all
    for one in {listed[0], listed[len(listed) // 2], listed[-1]}:
        marked = set_suspended(text, one.id, True)
        assert [other.id for other in parse_institutions(marked).all if other.suspended] == [one.id]
        assert len(lines_that_differ(text, marked)) == 1
        assert set_suspended(marked, one.id, True) == marked
        assert set_suspended(marked, one.id, False) == text
        assert set_suspended(text, one.id, False) == text


def test_a_mark_in_the_middle_is_removed_too() -> None:
    """Whoever wrote it by hand may have put it anywhere, or written `false`."""
    by_hand = BLOCKS.replace("name: A\n", "suspended: true\n  name: A\n")
    assert set_suspended(by_hand, "abc", False) == BLOCKS
    explicit = BLOCKS.replace("name: A\n", "suspended: false\n  name: A\n")
    assert "abc" in [one.id for one in parse_institutions(set_suspended(explicit, "abc", True)).all if one.suspended]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (Institution("abc", "A", "jobcenter", frozenset({"intake"})), "abc: stands here 2 times"),
        (Institution("ABC", "A", "jobcenter", frozenset({"intake"})), "id is 'ABC'"),
        (Institution("clock", "A", "jobcenter", frozenset({"intake"})), "`clock` is taken by Lotse itself"),
        (Institution("new", "A", "office", frozenset({"intake"})), "kind is 'office'"),
        (Institution("new", "A", "jobcenter", frozenset({"intakes"})), "services is ['intakes']"),
        (Institution("new", "", "jobcenter", frozenset({"intake"})), "name is ''"),
    ],
)
def test_what_the_file_would_not_allow_is_not_written(one: Institution, told: str) -> None:
    """The same words as for somebody who edits it by hand."""
    with pytest.raises(RegionError) as error:
        add_entry(BLOCKS, one)
    assert told in error.value.de


@pytest.mark.parametrize(
    "text",
    [
        "region: {name: X, land: NW, ags: []}\ninstitutions: [{id: abc, name: A, kind: bamf, services: [intake]}]\n",
        "region: {name: X, land: NW, ags: []}\ninstitutions:\n- &a {id: abc, name: A, kind: bamf, services: [intake]}\n"
        "- {<<: *a, id: abd}\n",
    ],
)
def test_a_form_that_no_program_can_edit_is_left_alone(text: str) -> None:
    """The person is told to edit it; nothing is guessed."""
    with pytest.raises(RegionError) as error:
        set_suspended(text, "abc", True)
        add_entry(text, NEW)
    assert "von Hand" in error.value.de


def test_edits_wait_for_each_other(tmp_path: Path) -> None:
    """Ten at once all stand in the file, whose permissions stay."""
    path = tmp_path / "institutions.yaml"
    path.write_text(BLOCKS, encoding="utf-8")
    path.chmod(0o640)

    def edit(number: int) -> None:
        one = Institution(f"new-{number}", "N", "bamf", frozenset({"intake"}))
        with editing(path) as write:
            assert write(lambda text: add_entry(text, one)).get(one.id) == one

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(parse_institutions(path.read_text(encoding="utf-8")).all) == 12
    assert path.stat().st_mode & 0o777 == 0o640 and list(tmp_path.iterdir()) == [path]


def test_an_unknown_institution_is_told() -> None:
    """By its name."""
    with pytest.raises(RegionError) as error:
        set_suspended(BLOCKS, "nobody", True)
    assert "nobody" in error.value.de
