"""The six rules of states.md §6, `since`, and what several items together say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from shared.contracts.board import Barrier, CaseBoard
from shared.contracts.snapshot import ConflictEntry
from shared.rules.barrier import BarrierMapping, Verdict
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.scene import Scene
from tests.support.items import MAPPINGS, Entry, case, entry, fact, introduction, item, permit, procedure, refer

TODAY = "2026-03-01"
ABSENT = "barrier-declared-absent"
NEEDED = "barrier-declared-needed"


def _board(*items: ItemSnapshot, today: str = TODAY, mappings: Any = MAPPINGS) -> CaseBoard:
    return evaluate(mappings, items, today).board


def _declared(*says: tuple[str, str, str], **known: Any) -> ItemSnapshot:
    """A case in which (day, barrier, word) was declared, in this order."""
    path: list[Entry] = []
    facts = []
    words: dict[str, str] = {}
    said_on: dict[str, str] = {}
    for day, barrier, word in says:
        words, said_on = {**words, barrier: word}, {**said_on, barrier: day}
        path.append(entry(day, "open", declared=words, declaredOn=said_on, **known))
        facts.append(fact("intake", f"barrier-declared-{word}", day))
    return case(*path, facts=facts, because=facts)


# (1) declared absent


@pytest.mark.parametrize("barrier", ["recognition", "childcare", "language", "residence"])
def test_declared_absent_is_not_a_barrier(barrier: str) -> None:
    """Also for barriers that no service maps; the declaration carries it."""
    found = _board(_declared(("2026-01-10", barrier, "absent"))).barriers[barrier]
    assert (found.status, found.turn, found.since) == ("not-a-barrier", None, "2026-01-10")
    assert [(one.item, one.facts[0].type) for one in found.because] == [("case", f"lotse.intake.{ABSENT}.v1")]


@pytest.mark.parametrize(
    ("day", "status"), [("2026-01-09", "not-a-barrier"), ("2026-01-10", "not-a-barrier"), ("2026-01-11", "in-progress")]
)
def test_a_younger_fact_of_the_barriers_items_outdoes_declared_absent(day: str, status: str) -> None:
    """The later `occurredOn` wins; on the same day the declaration."""
    running = procedure("1", "submitted", since=day)
    assert _board(_declared(("2026-01-10", "recognition", "absent")), running).barriers["recognition"].status == status


def test_a_parked_fact_outdoes_nothing() -> None:
    """Only facts in force count against a declaration."""
    parked = fact("recognition", "documents-supplied", "2026-01-20", in_force=False)
    submitted = fact("recognition", "submitted", "2026-01-05")
    running = procedure("1", "submitted", since="2026-01-05", facts=[submitted, parked])
    declared = _declared(("2026-01-10", "recognition", "absent"))
    assert _board(declared, running).barriers["recognition"].status == "not-a-barrier"


def test_an_echo_outdoes_a_declaration_although_it_starts_no_entry() -> None:
    """Facts count, not entries of the path."""
    facts = [fact("recognition", "submitted", day) for day in ("2026-01-05", "2026-01-20")]
    running = procedure("1", "submitted", since="2026-01-05", facts=facts)
    declared = _declared(("2026-01-10", "recognition", "absent"))
    assert _board(declared, running).barriers["recognition"].status == "in-progress"


def test_of_residence_access_and_renewal_count_as_its_facts_too() -> None:
    """They stand in the case's item, where other facts do not count."""
    for name, status in (
        ("employment-access-changed", "open"),
        ("title-renewal-requested", "open"),
        ("contact-held", "not-a-barrier"),
    ):
        said = [fact("intake", ABSENT, "2026-01-10"), fact("intake", name, "2026-01-20")]
        path = entry("2026-01-10", "open", access="permit-needed", declared={"residence": "absent"})
        assert _board(case(path, facts=said)).barriers["residence"].status == status, name


def test_declared_absent_again_after_a_fact_holds_again() -> None:
    """The last declaration counts with its own day, not the first that said the same."""
    running = procedure("1", "submitted", since="2026-01-20")
    once = ("2026-01-10", "recognition", "absent")
    assert _board(_declared(once), running).barriers["recognition"].status == "in-progress"
    again = _declared(once, ("2026-01-30", "recognition", "absent"))
    found = _board(again, running).barriers["recognition"]
    assert (found.status, found.since) == ("not-a-barrier", "2026-01-30")


def test_repeating_one_declaration_says_nothing_of_another() -> None:
    """Each barrier has its own last declaration."""
    running = procedure("1", "submitted", since="2026-01-20")
    says = [
        ("2026-01-10", "recognition", "absent"),
        ("2026-01-11", "childcare", "absent"),
        ("2026-01-30", "childcare", "absent"),
    ]
    assert _board(_declared(*says), running).barriers["recognition"].status == "in-progress"


def test_a_path_that_tells_no_days_of_declarations_is_read_by_its_entries() -> None:
    """The declaration is as old as the run of entries that say it."""
    path = [
        entry("2026-01-05", "open", declared={"recognition": "needed"}),
        entry("2026-01-10", "open", declared={"recognition": "absent"}),
        entry("2026-01-25", "open", declared={"recognition": "absent"}, phase=2),
    ]
    for day, status in (("2026-01-10", "not-a-barrier"), ("2026-01-11", "in-progress")):
        assert _board(case(*path), procedure("1", "submitted", since=day)).barriers["recognition"].status == status


def test_the_last_declaration_counts() -> None:
    """Absent, then needed; needed, then absent."""
    absent, needed = ("2026-01-10", "childcare", "absent"), ("2026-01-20", "childcare", "needed")
    assert _board(_declared(absent, needed)).barriers["childcare"].status == "open"
    assert (
        _board(_declared(needed, ("2026-01-30", "childcare", "absent"))).barriers["childcare"].status == "not-a-barrier"
    )


def test_declared_absent_goes_before_what_is_resolved() -> None:
    """Rule (1) before rule (2): the declaration carries the answer."""
    done = procedure("1", "full", since="2026-01-05")
    found = _board(_declared(("2026-01-10", "recognition", "absent")), done).barriers["recognition"]
    assert (found.status, found.because[0].item) == ("not-a-barrier", "case")


# (5) declared needed, (6) not assessed


@pytest.mark.parametrize("barrier", ["recognition", "childcare", "language", "residence"])
def test_declared_needed_without_a_proceeding_is_open(barrier: str) -> None:
    """The applicant has the turn; the declaration carries it."""
    found = _board(_declared(("2026-01-10", barrier, "needed"))).barriers[barrier]
    assert (found.status, found.turn, found.stalled) == ("open", "applicant", False)
    assert [one.facts[0].type for one in found.because] == [f"lotse.intake.{NEEDED}.v1"]


def test_declared_needed_gives_way_to_whatever_the_items_say() -> None:
    """It is the last but one of the rules."""
    needed = _declared(("2026-02-10", "recognition", "needed"))
    for state, status in (("submitted", "in-progress"), ("full", "resolved"), ("none", "not-resolvable")):
        assert _board(needed, procedure("1", state)).barriers["recognition"].status == status


def test_declared_needed_can_be_bridged() -> None:
    """It would be open, and the employer accepts it."""
    job = {"status": "published", "acceptsPendingRecognition": True, "regulatedOccupation": False}
    introduced = introduction("x", "introduced", openingId="o1", terms=job)
    found = _board(_declared(("2026-01-10", "recognition", "needed")), introduced).barriers["recognition"]
    assert (found.status, found.turn) == ("bridged", "applicant")


def test_a_case_of_which_nothing_is_known_is_not_assessed() -> None:
    """In the order in which barriers are named."""
    board = _board(case(entry("2026-01-02", "open"), facts=[fact("intake", "case-opened", "2026-01-02")]))
    assert list(board.barriers) == ["recognition", "childcare", "language", "residence"]
    for found in board.barriers.values():
        assert found == Barrier("not-assessed", False, None, "2026-01-02", None, None, None, (), (), ())


# since


def test_since_is_the_first_day_of_the_unbroken_run_of_the_status() -> None:
    """Turn and deadline do not move it, another status in between does."""
    path = [
        entry("2026-01-05", "submitted"),
        entry("2026-01-10", "partial"),
        entry("2026-01-15", "qualifying"),
        entry("2026-01-20", "measure-running"),
    ]
    assert _board(item("recognition", "procedure-1", path)).barriers["recognition"].since == "2026-01-15"


def test_since_is_told_from_the_paths_whatever_item_gives_the_status() -> None:
    """A second procedure goes on where the first one ended."""
    first = item("recognition", "procedure-1", [entry("2026-01-05", "submitted"), entry("2026-01-20", "withdrawn")])
    second = procedure("2", "submitted", since="2026-01-18")
    assert _board(first, second).barriers["recognition"].since == "2026-01-05"
    later = procedure("2", "submitted", since="2026-01-21")
    assert _board(first, later).barriers["recognition"].since == "2026-01-21"


def test_a_change_of_the_target_can_start_a_status() -> None:
    """On that day another procedure became the one that counts."""
    path = [entry("2026-01-02", "open"), entry("2026-02-01", "open", targetKldb="43104", foreignDegree="unclear")]
    near, far = procedure("1", "submitted"), procedure("2", "full", referenceOccupation="81302")
    assert _board(case(*path), near, far).barriers["recognition"].since == "2026-02-01"


def test_a_status_that_no_day_tells_holds_since_the_first_fact() -> None:
    """A procedure of which every fact is parked has no path."""
    parked = fact("recognition", "documents-supplied", "2026-01-20", in_force=False)
    bare = item(
        "recognition", "procedure-1", [], facts=[parked], status="unclear", turn="applicant", since="2026-01-20"
    )
    opened = case(entry("2026-01-02", "open"), facts=[fact("intake", "case-opened", "2026-01-02")])
    found = _board(opened, bare).barriers["recognition"]
    assert (found.status, found.since) == ("open", "2026-01-02")
    assert _board(bare).barriers["recognition"].since == "2026-01-20"


def test_an_entry_dated_ahead_holds_already_but_its_day_does_not_count_yet() -> None:
    """What is reported counts; `since` looks at days up to today, and that day is looked at again."""
    coming = item("recognition", "procedure-1", [entry("2026-02-01", "submitted"), entry("2026-03-02", "partial")])
    evaluation = evaluate(MAPPINGS, [coming], "2026-03-01")
    assert evaluation.board.barriers["recognition"].status == "open"
    assert evaluation.board.barriers["recognition"].since == "2026-02-01"
    assert evaluation.next_day == "2026-03-02"
    assert _board(coming, today="2026-03-02").barriers["recognition"].since == "2026-03-02"


def test_a_declaration_that_was_outdone_ended_with_the_fact() -> None:
    """On the day of the declaration there was no barrier, since the fact there is one."""
    running = item("recognition", "procedure-1", [entry("2026-01-05", "submitted"), entry("2026-01-20", "complete")])
    found = _board(_declared(("2026-01-10", "recognition", "absent")), running).barriers["recognition"]
    assert (found.status, found.since) == ("in-progress", "2026-01-20")


def test_an_echo_that_outdid_a_declaration_counts_on_every_later_day_that_tells() -> None:
    """Facts on days on which no entry starts, seen on the day on which another item's does."""
    facts = [fact("recognition", "submitted", day) for day in ("2026-01-05", "2026-01-20")]
    running = procedure("1", "submitted", since="2026-01-05", facts=facts)
    elsewhere = permit("1", "requested", since="2026-01-25")
    found = _board(_declared(("2026-01-10", "recognition", "absent")), running, elsewhere).barriers["recognition"]
    assert (found.status, found.since) == ("in-progress", "2026-01-25")


# several items that give the status


def _several(scene: Scene) -> Verdict | None:
    """As childcare does: every item gives the status of all."""
    children = scene.of("child-")
    return Verdict("in-progress", children) if children else None


CHILDREN = {"childcare": BarrierMapping(barrier="childcare", items=("child-",), judge=_several)}


def _child(number: int, since: str = "2026-01-10", **state: Any) -> ItemSnapshot:
    return item("childcare", f"child-{number}", [entry(since, "waitlisted")], turn=f"turn-{number}", **state)


@pytest.mark.parametrize(
    ("children", "speaker"),
    [
        ([_child(1, dueOn="2026-01-01"), _child(2, stalledFrom="2026-02-01", dueOn="2026-05-01")], 2),
        ([_child(1, dueOn="2026-05-01"), _child(2, dueOn="2026-04-01")], 2),
        ([_child(1), _child(2, dueOn="2026-04-01")], 2),
        ([_child(1, since="2026-01-11"), _child(2, since="2026-01-10")], 2),
        ([_child(1), _child(2)], 1),
        (
            [
                _child(1, stalledFrom="2026-02-01", dueOn="2026-05-01"),
                _child(2, stalledFrom="2026-02-20", dueOn="2026-04-01"),
            ],
            2,
        ),
    ],
)
def test_of_several_items_the_one_that_waits_most_speaks(children: Sequence[ItemSnapshot], speaker: int) -> None:
    """A stalled one, else the earliest due day, the oldest, the name."""
    found = _board(*children, mappings=CHILDREN).barriers["childcare"]
    assert (found.turn, found.because[0].item) == (f"turn-{speaker}", f"child-{speaker}")


def test_one_stalled_item_of_several_stalls_the_barrier() -> None:
    """And the day on which it will is looked at."""
    children = [_child(1), _child(2, stalledFrom="2026-03-05")]
    assert evaluate(CHILDREN, children, TODAY).next_day == "2026-03-05"
    assert _board(*children, today="2026-03-05", mappings=CHILDREN).barriers["childcare"].stalled


def test_a_mapping_may_stall_a_barrier_by_more_than_its_items_and_tell_conflicts_between_items() -> None:
    """A course that begins before the place of the child does."""
    clash = ConflictEntry("care-after-start", ("childcare/child-1", "language/course-1"), ())
    mapping = BarrierMapping(
        barrier="childcare",
        items=("child-",),
        judge=lambda scene: Verdict("in-progress", scene.of("child-"), stalled_from=("2026-03-05",)),
        conflicts=lambda scene: (clash,),
    )
    evaluation = evaluate({"childcare": mapping}, [_child(1)], TODAY)
    assert evaluation.next_day == "2026-03-05"
    assert not evaluation.board.barriers["childcare"].stalled
    assert evaluation.board.barriers["childcare"].conflicts == evaluation.board.conflicts == (clash,)
    assert evaluate({"childcare": mapping}, [_child(1)], "2026-03-05").board.barriers["childcare"].stalled


# conflicts


def test_two_decisions_are_shown_at_their_barrier_and_at_the_case() -> None:
    """Whatever procedure counts, a contradiction in any of them is seen."""
    decided = [fact("recognition", "decided", "2026-01-10", number=number) for number in (1, 2)]
    clash = ConflictEntry("two-decisions", ("recognition/procedure-1",), tuple(map(refer, decided)))
    board = _board(procedure("1", "none", conflicts=[clash]), procedure("2", "full"))
    assert board.barriers["recognition"].conflicts == (clash,)
    assert board.barriers["residence"].conflicts == ()
    assert board.conflicts == (clash,)


def test_a_permit_granted_and_denied_is_a_conflict_of_residence() -> None:
    """Permits are residence's own items."""
    clash = ConflictEntry("two-decisions", ("intake/permit-1",), ())
    board = _board(permit("1", "granted", conflicts=[clash]))
    assert board.barriers["residence"].conflicts == board.conflicts == (clash,)


# a further barrier


def test_a_fifth_barrier_stands_behind_the_four_and_counts_as_open() -> None:
    """Named by the mapping of a further service."""
    housing = BarrierMapping(
        barrier="housing",
        items=("search-",),
        judge=lambda scene: Verdict("open", scene.of("search-")) if scene.of("search-") else None,
    )
    searching = item("housing", "search-1", [entry("2026-01-10", "searching")], turn="applicant")
    board = _board(searching, mappings={**MAPPINGS, "housing": housing})
    assert list(board.barriers) == ["recognition", "childcare", "language", "residence", "housing"]
    assert (board.open_barriers, board.only_barrier) == (("housing",), "housing")
    assert board.barriers["housing"].turn == "applicant"
