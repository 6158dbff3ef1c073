"""The barrier recognition, line by line of states.md §2 and clause by clause of §6.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from shared.contracts.board import Barrier
from shared.rules.board import ItemSnapshot, evaluate
from tests.support.items import MAPPINGS, case, entry, fact, introduction, item, procedure, refer

TODAY = "2026-03-01"
#: Of a state of §2: flags, the barrier's status.
TABLE: Sequence[tuple[str, Sequence[str], str]] = (
    ("unclear", (), "open"),
    ("advised", (), "open"),
    ("partial", (), "open"),
    ("withdrawn", (), "open"),
    ("closed-without-decision", (), "open"),
    ("preparing-documents", (), "in-progress"),
    ("submitted", (), "in-progress"),
    ("receipt-confirmed", (), "in-progress"),
    ("exam-passed", (), "in-progress"),
    ("partial", ("appeal",), "in-progress"),
    ("compensation-required", ("appeal",), "in-progress"),
    ("none", ("appeal",), "in-progress"),
    ("closed-without-decision", ("appeal",), "in-progress"),
    ("exam-failed", ("appeal",), "in-progress"),
    ("documents-requested", (), "in-progress"),
    ("complete", (), "in-progress"),
    ("complete", ("suspended",), "in-progress"),
    ("complete", ("extended",), "in-progress"),
    ("complete", ("fee-due",), "in-progress"),
    ("full", (), "resolved"),
    ("qualifying", (), "in-progress"),
    ("compensation-required", (), "in-progress"),
    ("exam-failed", (), "in-progress"),
    ("waiting-for-place", (), "in-progress"),
    ("measure-running", (), "in-progress"),
    ("none", (), "not-resolvable"),
    ("licence-issued", (), "resolved"),
)


def _recognition(*items: ItemSnapshot, today: str = TODAY) -> Barrier:
    return evaluate(MAPPINGS, items, today).board.barriers["recognition"]


def _target(kldb: str = "43104", regulated: bool = False, degree: str = "non-regulated") -> ItemSnapshot:
    assessed = fact("intake", "potential-assessed", "2026-01-02")
    known = {"targetKldb": kldb, "targetRegulated": regulated, "foreignDegree": degree}
    return case(entry("2026-01-02", "open", **known), facts=[assessed], because=[assessed])


@pytest.mark.parametrize(("state", "flags", "status"), TABLE)
def test_each_state_of_a_procedure_gives_its_status(state: str, flags: Sequence[str], status: str) -> None:
    """The column *barrier* of §2."""
    assert _recognition(procedure("1", state, flags=list(flags))).status == status


@pytest.mark.parametrize(("state", "flags", "status"), TABLE)
def test_turn_due_day_and_stalling_are_the_items_own(state: str, flags: Sequence[str], status: str) -> None:
    """The further columns stand in the item's state; what is resolved waits for nobody."""
    own: dict[str, Any] = {"turn": "third-party", "dueOn": "2026-02-27", "ruleId": "BQFG:§6(3)"}
    found = _recognition(procedure("1", state, flags=list(flags), stalledFrom="2026-02-28", **own))
    if status == "resolved":
        assert (found.turn, found.due_on, found.rule_id, found.stalled) == (None, None, None, False)
    else:
        assert (found.turn, found.due_on, found.rule_id) == ("third-party", "2026-02-27", "BQFG:§6(3)")
        assert found.stalled == (status in ("open", "in-progress"))


def test_stalled_begins_on_the_day_named() -> None:
    """Stalled from the day after the limit, not before."""
    waiting = procedure("1", "submitted", stalledFrom="2026-03-02")
    assert not _recognition(waiting, today="2026-03-01").stalled
    assert _recognition(waiting, today="2026-03-02").stalled


def test_a_suspension_with_a_set_end_is_over_by_itself() -> None:
    """`ahead`: from the day after, the flag is off and it is the body's turn."""
    over = {"from": "2026-03-02", "flags": [], "turn": "competent-body"}
    suspended = procedure("1", "complete", flags=["suspended"], turn="third-party", ahead=[over])
    assert _recognition(suspended, today="2026-03-01").turn == "third-party"
    assert _recognition(suspended, today="2026-03-02").turn == "competent-body"


def test_because_is_the_procedures_own_and_names_the_body() -> None:
    """The institution is the procedure's body, not who reported last."""
    submitted = fact("recognition", "submitted", "2026-01-10")
    echo = fact("recognition", "receipt-confirmed", "2026-01-20")
    (because,) = _recognition(
        procedure("1", "submitted", body="zag-muenster", facts=[submitted, echo], because=[submitted])
    ).because
    assert (because.service, because.item, because.institution) == ("recognition", "procedure-1", "zag-muenster")
    assert because.facts == (refer(submitted),)


def test_without_a_body_the_institution_is_the_newest_reporter() -> None:
    """An application whose body nobody named."""
    (because,) = _recognition(procedure("1", "unclear")).because
    assert because.institution == "office"


# (a) which procedures count


def test_the_procedure_for_the_target_counts_although_another_is_further() -> None:
    """Five digits first."""
    target = procedure("1", "submitted", referenceOccupation="43104")
    other = procedure("2", "full", referenceOccupation="81302")
    assert _recognition(target, other, _target("43104")).because[0].item == "procedure-1"
    assert _recognition(target, other, _target("43104")).status == "in-progress"


def test_of_the_same_occupation_at_another_level_the_exact_one_goes_first() -> None:
    """Four digits count only where no five do."""
    exact = procedure("1", "advised", referenceOccupation="43104")
    near = procedure("2", "full", referenceOccupation="43103")
    assert _recognition(exact, near, _target("43104")).status == "open"
    assert _recognition(near, _target("43104")).status == "resolved"


def test_without_one_for_the_target_every_procedure_counts_but_a_refused_one() -> None:
    """A refusal is final for its own occupation only."""
    other = procedure("1", "submitted", referenceOccupation="81302")
    refused = procedure("2", "none", referenceOccupation="81302")
    assert _recognition(other, refused, _target("43104")).status == "in-progress"
    assert _recognition(refused, _target("43104")).because[0].item == "case"
    assert _recognition(refused).status == "not-resolvable"


def test_a_refusal_for_the_target_counts() -> None:
    """It is the occupation aimed at that cannot be recognised."""
    assert _recognition(procedure("1", "none"), _target("43104")).status == "not-resolvable"


def test_a_procedure_without_an_occupation_is_not_for_the_target() -> None:
    """It counts only where none is known to be for it."""
    bare = item("recognition", "procedure-1", [entry("2026-01-10", "submitted")])
    assert _recognition(bare, _target("43104")).status == "in-progress"


# (b) the most advanced


@pytest.mark.parametrize(
    ("further", "less"),
    [
        ("full", "measure-running"),
        ("submitted", "partial"),
        ("advised", "none"),
        ("licence-issued", "full"),
        ("complete", "submitted"),
        ("partial", "advised"),
    ],
)
def test_the_most_advanced_procedure_counts(further: str, less: str) -> None:
    """Resolved, in-progress, open, not-resolvable; then the rank."""
    for names in (("1", "2"), ("2", "1")):
        found = _recognition(procedure(names[0], further, turn=None), procedure(names[1], less, turn=None))
        assert found.because[0].item == f"procedure-{names[0]}"


def test_of_two_as_far_the_newest_counts_then_the_name() -> None:
    """Rank first, then the newest `since`, then the name."""
    old, new = procedure("1", "submitted", since="2026-01-10"), procedure("2", "submitted", since="2026-01-11")
    assert _recognition(old, new).because[0].item == "procedure-2"
    same = procedure("3", "submitted", since="2026-01-11")
    assert _recognition(same, new).because[0].item == "procedure-2"


def test_one_stalled_procedure_does_not_stall_a_more_advanced_one() -> None:
    """Only the item that gives the status can stall it."""
    late = procedure("1", "submitted", stalledFrom="2026-02-01")
    assert not _recognition(late, procedure("2", "complete")).stalled


# (c) the licence


@pytest.mark.parametrize("route", ["a", "c", "d", "f"])
def test_full_recognition_resolves_in_every_other_route(route: str) -> None:
    """Even where the target is regulated."""
    full = procedure("1", "full", recognitionRoute=route, referenceOccupation="81302")
    assert _recognition(full, _target("81302", regulated=True)).status == "resolved"


def test_in_route_b_only_the_licence_resolves() -> None:
    """Until then the competent body has the turn."""
    full = procedure("1", "full", recognitionRoute="b", referenceOccupation="81302", turn="competent-body")
    found = _recognition(full, _target("81302", regulated=True))
    assert (found.status, found.turn) == ("in-progress", "competent-body")
    assert _recognition(full).status == "in-progress"
    assert _recognition(procedure("1", "licence-issued", recognitionRoute="b")).status == "resolved"


def test_in_route_b_full_resolves_where_the_target_is_known_as_not_regulated() -> None:
    """Nothing is reserved there."""
    full = procedure("1", "full", recognitionRoute="b", referenceOccupation="81302", turn="competent-body")
    found = _recognition(full, _target("81302", regulated=False))
    assert (found.status, found.turn) == ("resolved", None)


@pytest.mark.parametrize(
    ("kldb", "status"),
    [
        ("81302", "in-progress"),
        ("82103", "in-progress"),
        ("82101", "resolved"),
        ("81301", "resolved"),
        ("43104", "resolved"),
    ],
)
def test_route_e_follows_route_b_for_nursing_only(kldb: str, status: str) -> None:
    """Nursing is KldB 8130 or 8210 above the helper's level."""
    assert _recognition(procedure("1", "full", recognitionRoute="e", referenceOccupation=kldb)).status == status


# (d) no procedure counts


@pytest.mark.parametrize(
    ("kldb", "regulated", "degree", "status"),
    [
        ("43104", False, "none", "not-a-barrier"),
        ("81302", True, "none", "not-a-barrier"),
        ("43101", False, "non-regulated", "not-a-barrier"),
        ("43101", False, "unclear", "not-a-barrier"),
        ("43104", False, "regulated", "not-a-barrier"),
        ("43104", False, "non-regulated", "open"),
        ("43104", False, "unclear", "open"),
        ("81301", True, "regulated", "open"),
        ("81302", True, "regulated", "open"),
    ],
)
def test_without_a_procedure_degree_and_target_decide(kldb: str, regulated: bool, degree: str, status: str) -> None:
    """Nothing to recognise, nothing that needs it, or the applicant's turn."""
    found = _recognition(_target(kldb, regulated, degree))
    assert found.status == status
    assert found.turn == ("applicant" if status == "open" else None)
    assert [one.type for one in found.because[0].facts] == ["lotse.intake.potential-assessed.v1"]


def test_without_procedure_and_assessment_nothing_is_known() -> None:
    """Nothing assessed is not the same as no barrier."""
    for items in ((), (case(entry("2026-01-01", "open")),)):
        found = _recognition(*items)
        assert (found.status, found.turn, found.because) == ("not-assessed", None, ())


def test_a_withdrawn_report_leaves_nothing_of_its_procedure() -> None:
    """An item without standing facts counts nowhere, whatever its state is called."""
    gone = item("recognition", "procedure-1", [], facts=[], status="withdrawn")
    assert _recognition(gone, _target()).because[0].item == "case"


# bridges


def _job(status: str = "published", accepts: bool = True, regulated: bool = False) -> dict[str, Any]:
    return {
        "openingId": "o1",
        "terms": {"status": status, "acceptsPendingRecognition": accepts, "regulatedOccupation": regulated},
    }


@pytest.mark.parametrize("state", ["advised", "submitted", "none"])
def test_an_employer_who_accepts_it_bridges_what_is_not_recognised_yet(state: str) -> None:
    """Open, in progress and not resolvable; turn and due day are those below."""
    below = procedure("1", state, turn="applicant", dueOn="2026-02-01", ruleId="VwGO:§70(1)", stalledFrom="2026-02-02")
    found = _recognition(below, introduction("x", "introduced", **_job()))
    assert (found.status, found.stalled, found.bridged_by) == ("bridged", False, ("o1",))
    assert (found.turn, found.due_on, found.rule_id) == ("applicant", "2026-02-01", "VwGO:§70(1)")
    assert [(one.service, one.item) for one in found.because] == [("outreach", "introduction-x")]


@pytest.mark.parametrize(
    "job", [_job(accepts=False), _job(regulated=True), {"openingId": "o1"}, {"terms": _job()["terms"]}]
)
def test_nothing_is_bridged_where_it_is_not_accepted_reserved_or_unknown(job: dict[str, Any]) -> None:
    """An opening that nobody reported bridges nothing yet."""
    assert _recognition(procedure("1", "submitted"), introduction("x", "introduced", **job)).status == "in-progress"


@pytest.mark.parametrize(
    ("introduced", "opening", "bridged"),
    [
        ("introduced", "published", True),
        ("interview-held", "published", True),
        ("trial-agreed", "published", True),
        ("trial-done", "published", True),
        ("introduced", "filled", False),
        ("trial-done", "withdrawn", False),
        ("introduced", "unknown", False),
        ("ended", "published", False),
        ("hired", "published", True),
        ("hired", "filled", True),
        ("hired", "unknown", False),
        ("retained-6w", "withdrawn", True),
        ("retained-3m", "filled", True),
        ("retained-6m", "filled", True),
        ("retained-12m", "withdrawn", True),
        ("employment-ended", "published", False),
    ],
)
def test_an_introduction_bridges_while_the_opening_is_published_and_a_hire_whatever_becomes_of_it(
    introduced: str, opening: str, bridged: bool
) -> None:
    """§6.5, readings 26."""
    found = _recognition(procedure("1", "submitted"), introduction("x", introduced, **_job(opening)))
    assert found.status == ("bridged" if bridged else "in-progress")


def test_a_bridge_stands_since_the_introduction() -> None:
    """And falls on the day on which the opening is filled by another."""
    job = _job()
    path = [entry("2026-02-01", "introduced", **job), entry("2026-02-20", "introduced", **_job("filled"))]
    running = procedure("1", "submitted", since="2026-01-10")
    found = _recognition(running, item("outreach", "introduction-x", path[:1]))
    assert (found.status, found.since) == ("bridged", "2026-02-01")
    found = _recognition(running, item("outreach", "introduction-x", path))
    assert (found.status, found.since) == ("in-progress", "2026-02-20")


def test_what_is_resolved_or_not_assessed_needs_no_bridge() -> None:
    """Only what stands in the way can be bridged."""
    job = introduction("x", "introduced", **_job())
    assert _recognition(procedure("1", "full"), job).status == "resolved"
    assert _recognition(job).status == "not-assessed"


def test_bridges_name_all_openings_in_order() -> None:
    """`bridgedBy` is sorted and holds each opening once."""
    jobs = [
        introduction(name, "introduced", **{**_job(), "openingId": opening})
        for name, opening in (("x", "o2"), ("y", "o1"), ("z", "o2"))
    ]
    found = _recognition(procedure("1", "submitted"), *jobs)
    assert found.bridged_by == ("o1", "o2")
    assert [one.item for one in found.because] == ["introduction-x", "introduction-y", "introduction-z"]
