"""Who may do what: exactly the wanted rights of a small file, and every right against the contract's own table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from lotse.region.errors import RegionError
from lotse.region.rights import Right, wanted
from shared.contracts.institutions import Institution, Institutions, Region
from shared.platform.institutions import InstitutionsFile
from shared.platform.services import known_services, reporting_services
from tests.region.oracle import all_groups, all_topics, institution, may_join, may_read, may_write

DEPLOYED = Path(__file__).parents[2] / "deploy" / "institutions.yaml"
SERVICES = ("childcare", "intake", "language", "outreach", "recognition")


def listed(*institutions: Institution) -> Institutions:
    """A file with these."""
    return Institutions(Region("Region", "NW", ()), institutions)


def told(rights: Iterable[Right], *users: str) -> list[str]:
    """The rights of some users as a person reads them."""
    return [str(right) for right in rights if right.user in users]


def allowed(rights: Iterable[Right], user: str, resource: str, name: str, operation: str) -> bool:
    """What a broker would answer: it looks for one right that fits."""
    return any(
        (right.user, right.resource, right.operation) == (user, resource, operation)
        and (name.startswith(right.name) if right.pattern == "prefixed" else name == right.name)
        for right in rights
    )


def test_the_rights_of_an_institution() -> None:
    """It writes where it reports, reads its receipts, and joins groups that bear its name and a dot."""
    rights = wanted(listed(institution("zag", "recognition", "intake")), SERVICES, 6).rights
    assert told(rights, "zag") == [
        "zag: read group zag.*",
        "zag: write topic inbound.intake.zag",
        "zag: write topic inbound.recognition.zag",
        "zag: read topic receipts.zag",
    ]


def test_the_rights_of_services() -> None:
    """What each reads and writes in its code, and nothing else."""
    rights = wanted(listed(institution("zag", "recognition")), SERVICES, 6).rights
    assert told(rights, "recognition") == [
        "recognition: read group recognition",
        "recognition: read group recognition.consent",
        "recognition: write topic dead-letters.recognition",
        "recognition: read topic events.intake",
        "recognition: write topic events.recognition",
        "recognition: read topic inbound.recognition.*",
        "recognition: write topic receipts.*",
    ]
    assert told(rights, "intake") == [
        "intake: read group intake",
        "intake: write topic dead-letters.intake",
        "intake: write topic events.intake",
        "intake: read topic inbound.intake.*",
        "intake: write topic receipts.*",
    ]
    assert told(rights, "clock") == ["clock: read topic clock.days", "clock: write topic clock.days"]
    assert told(rights, "coordinator") == [
        "coordinator: read group coordinator",
        "coordinator: read topic clock.days",
        "coordinator: read topic events.childcare",
        "coordinator: read topic events.coordinator",
        "coordinator: write topic events.coordinator",
        "coordinator: read topic events.intake",
        "coordinator: read topic events.language",
        "coordinator: read topic events.outreach",
        "coordinator: read topic events.recognition",
    ]
    assert {right.user for right in rights} == {*known_services(), "zag"}


TRAPS = listed(
    institution("ihk", "intake", "language"),
    institution("ihk-fosa", "recognition"),
    institution("ihk-fosa-x", "recognition"),
    institution("intake-x", "intake"),
    institution("in", "outreach"),
    institution("closed", "recognition", "childcare", suspended=True),
)


@pytest.mark.parametrize(
    "institutions", [TRAPS, InstitutionsFile(DEPLOYED).current()], ids=["names that begin alike", "deployed"]
)
def test_every_right_is_as_the_contract_says(institutions: Institutions) -> None:
    """Every user × topic × operation and every user × group; most of it is forbidden."""
    want = wanted(institutions, SERVICES, 6)
    topics, groups = all_topics(institutions, SERVICES), all_groups(institutions, SERVICES)
    assert sorted(topics) == sorted(name for name, _, _ in want.topics)
    users = [*known_services(), *(one.id for one in institutions.all)]
    decided = dict.fromkeys([True, False], 0)
    for user in users:
        for topic in [*topics, *(f"{topic}x" for topic in topics), "other", "inbound.intake.nobody"]:
            real = topic in topics
            for operation, may in (("write", may_write), ("read", may_read)):
                answer = allowed(want.rights, user, "topic", topic, operation)
                # A service may touch all that begins with its part; such topics are made by the operator alone.
                if real or user not in known_services():
                    assert answer == (real and may(user, topic, institutions)), (user, operation, topic)
                    decided[answer] += 1
        for group in groups:
            answer = allowed(want.rights, user, "group", group, "read")
            assert answer == may_join(user, group, institutions), (user, group)
            assert not allowed(want.rights, user, "group", group, "write")
            decided[answer] += 1
    assert decided[True] > 50 and decided[False] > 10 * decided[True]


def test_a_suspended_institution_keeps_its_topics_only() -> None:
    """What it said stays said: its topics are not touched, but it is no user and has no rights."""
    want = wanted(TRAPS, SERVICES, 6)
    assert "closed" not in want.users and not told(want.rights, "closed")
    names = {name for name, _, _ in want.topics}
    assert {"receipts.closed", "inbound.recognition.closed", "inbound.childcare.closed"} <= names


def test_nobody_is_called_like_a_user_of_lotse() -> None:
    """Else an institution would have a service's rights, or the administrator's."""
    for name in ("intake", "coordinator", "clock", "admin", "lotse", "gateway", "sixth"):
        with pytest.raises(RegionError) as error:
            wanted(listed(institution(name, "intake")), (*SERVICES, "sixth"), 6)
        assert repr(name) in error.value.de and repr(name) in error.value.en


def test_a_new_institution_changes_nobody_elses_rights() -> None:
    """So nothing has to be restarted, and nothing can go wrong for the others."""
    before = wanted(listed(institution("zag", "recognition")), SERVICES, 6).rights
    after = wanted(listed(institution("zag", "recognition"), institution("vhs", "language")), SERVICES, 6).rights
    assert {right.user for right in set(after) ^ set(before)} == {"vhs"}


def test_topics_have_their_partitions_and_their_policy() -> None:
    """As contract §2 says, with a real broker's configuration; each user and topic once."""
    want = wanted(InstitutionsFile(DEPLOYED).current(), reporting_services(), 3)
    topics = {name: (number, configuration) for name, number, configuration in want.topics}
    assert len(topics) == len(want.topics) and len(set(want.users)) == len(want.users)
    assert topics["clock.days"][0] == 1 and topics["events.intake"][0] == 3
    assert topics["events.intake"][1]["cleanup.policy"] == "compact"
    assert topics["receipts.ihk-fosa"][1]["retention.ms"] == str(30 * 86_400_000)
