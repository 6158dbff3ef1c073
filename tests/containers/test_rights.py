"""Rights on a real Kafka, generated from the institutions file: what is allowed works, everything else is refused.

Each institution and each service logs in as itself. What it should be able to do is told by the contract's table
(tests/region/oracle.py), not by the program that gave the rights.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, ResourcePatternType, ResourceType

from lotse.region import members
from lotse.region.broker import Broker, binding, may_log_in
from lotse.region.errors import RegionError
from lotse.region.members import Office
from lotse.region.provision import Provisioned, probe, provision_broker
from lotse.region.rights import ADMIN, Right, Wanted, wanted
from lotse.region.secrets import admin_password, make_secrets, password_files, read_password, service_password
from shared.contracts.institutions import Institution, Institutions
from shared.contracts.topics import inbound_pattern, inbound_topic, receipts_topic
from shared.platform.access import Access, institution_password
from shared.platform.institutions import InstitutionsFile
from shared.platform.services import known_services, reporting_services
from tests.containers.attempts import (
    CLUSTER_REFUSED,
    GROUP_REFUSED,
    MEMBER_ID_REQUIRED,
    NONE,
    TOPIC_REFUSED,
    administers,
    administrator,
    attempts_of,
    operations,
    seen,
)
from tests.containers.kafka import SecuredKafka, secured_kafka
from tests.region.oracle import all_groups, all_topics, may_join, may_read, may_write

DEPLOYED = Path(__file__).parents[2] / "deploy" / "institutions.yaml"
SERVICES = reporting_services()
PARTITIONS = 2
#: Users at work at once; each has a client of its own.
AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Region:
    """A provisioned broker with its own copy of the institutions file."""

    kafka: SecuredKafka
    folder: Path
    broker: Broker

    @property
    def file(self) -> Path:
        """The institutions file."""
        return self.folder / "institutions.yaml"

    @property
    def secrets(self) -> Path:
        """The folder of passwords."""
        return self.folder / "secrets"

    @property
    def institutions(self) -> Institutions:
        """What the file says now."""
        return InstitutionsFile(self.file).current()

    @property
    def wanted(self) -> Wanted:
        """What the broker is to have now."""
        return wanted(self.institutions, SERVICES, PARTITIONS)

    @property
    def office(self) -> Office:
        """Where institutions are added and suspended."""
        return Office(self.broker, self.kafka.brokers, self.file, self.secrets, PARTITIONS)

    def password(self, user: str) -> str:
        """The password of a user."""
        if user == ADMIN:
            return read_password(admin_password(self.secrets))
        if user in known_services():
            return read_password(service_password(self.secrets, user))
        return read_password(institution_password(self.secrets, user))

    def login(self, user: str) -> Access:
        """How a user gets in."""
        return Access(self.kafka.brokers, "kafka", user, self.password(user))

    def provision(self) -> Provisioned:
        """What `lotse region provision` does at the broker."""
        want = self.wanted
        names = [one.id for one in self.institutions.all]
        make_secrets(self.secrets, password_files(self.secrets, SERVICES, names), self.file)
        passwords = {user: self.password(user) for user in (ADMIN, *want.users)}
        done = provision_broker(self.broker, want, passwords, lambda _de, _en: None)
        probe(self.kafka.brokers, want, passwords)
        return done


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A Kafka of its own, provisioned from the deployed institutions file."""
    folder = tmp_path_factory.mktemp("region")
    shutil.copyfile(DEPLOYED, folder / "institutions.yaml")
    with secured_kafka() as kafka:
        broker = Broker(Access(kafka.plain))
        broker.wait()
        made = Region(kafka, folder, broker)
        assert made.provision().changed
        yield made


async def test_every_user_may_do_what_is_its_own_and_nothing_else(region: Region) -> None:
    """Every institution and service × topic × (write, read, describe), and × group, each tried at the broker."""
    institutions = region.institutions
    topics, groups = all_topics(institutions, SERVICES), all_groups(institutions, SERVICES)
    users = [*known_services(), *(one.id for one in institutions.all)]
    limit, tried = asyncio.Semaphore(AT_ONCE), dict.fromkeys([True, False], 0)
    await _make_group_topic(region)
    began = time.monotonic()

    async def check(user: str) -> None:
        async with limit, attempts_of(region.login(user)) as attempts:
            writes, reads = await attempts.writes(topics), await attempts.reads(topics)
            joins = await attempts.joins(groups)
        for topic in topics:
            for codes, may in ((writes, may_write), (reads, may_read)):
                expected = NONE if may(user, topic, institutions) else TOPIC_REFUSED
                assert codes[topic] == expected, (user, may.__name__, topic)
                tried[expected == NONE] += 1
        for group in groups:
            allowed = may_join(user, group, institutions)
            assert joins[group] in ((NONE, MEMBER_ID_REQUIRED) if allowed else (GROUP_REFUSED,)), (user, group)
            tried[allowed] += 1

    await asyncio.gather(*map(check, users))
    assert tried[True] > 150 and tried[False] > 4_000
    assert time.monotonic() - began < 60, "so many attempts must not take that long"


async def _make_group_topic(region: Region) -> None:
    """The broker makes the topic of its groups when the first one is used."""
    consumer = AIOKafkaConsumer(
        receipts_topic("ihk-fosa"), **region.login("ihk-fosa").options(), group_id="ihk-fosa.first"
    )
    await consumer.start()
    await consumer.stop()


async def test_every_user_sees_its_own_topics_only(region: Region) -> None:
    """The list of all topics has no other name in it, and the broker says of each topic just what the contract says."""
    institutions = region.institutions
    topics = all_topics(institutions, SERVICES)
    limit = asyncio.Semaphore(AT_ONCE)

    def look(user: str) -> None:
        client = administrator(region.login(user))
        may = operations(client, topics)
        for topic in topics:
            writes, reads = may_write(user, topic, institutions), may_read(user, topic, institutions)
            expected = {
                name for name, yes in (("write", writes), ("read", reads), ("describe", writes or reads)) if yes
            }
            assert may[topic] == expected, (user, topic)
        assert seen(client) == {topic for topic, operations_ in may.items() if operations_}, user

    async def check(user: str) -> None:
        async with limit:
            await asyncio.to_thread(look, user)

    await asyncio.gather(*map(check, [*known_services(), *(one.id for one in institutions.all)]))


async def test_nobody_administers(region: Region) -> None:
    """No user makes, changes or deletes a topic, sees or changes rights, or changes a password, its own included."""
    institutions = region.institutions
    limit = asyncio.Semaphore(AT_ONCE)

    def try_all(user: str, own: str) -> None:
        codes = administers(administrator(region.login(user)), user, own, "events.coordinator")
        assert set(codes.values()) <= {TOPIC_REFUSED, CLUSTER_REFUSED}, (user, codes)

    async def check(user: str, own: str) -> None:
        async with limit:
            await asyncio.to_thread(try_all, user, own)

    own_topics = {one.id: receipts_topic(one.id) for one in institutions.all}
    own_topics |= {"coordinator": "events.coordinator", "clock": "clock.days"}
    own_topics |= {service: f"events.{service}" for service in SERVICES}
    before = region.broker.topics(), region.broker.rights(), region.broker.users()
    await asyncio.gather(*(check(user, own) for user, own in own_topics.items()))
    assert (region.broker.topics(), region.broker.rights(), region.broker.users()) == before


async def test_only_the_administrator_manages_a_region(region: Region) -> None:
    """Whoever else runs the commands is told so before anything is tried."""
    for access in (region.login("ihk-fosa"), region.login("coordinator")):
        with pytest.raises(RegionError, match="does not administer"):
            await asyncio.to_thread(Broker(access).wait)
    with pytest.raises(RegionError, match="refuses the password"):
        await asyncio.to_thread(Broker(replace(region.login("admin"), password="wrong")).wait)
    await asyncio.to_thread(Broker(region.login("admin")).wait)


async def test_nobody_gets_in_without_the_right_password(region: Region) -> None:
    """A wrong password, another's password, an unknown user, a user of the file before it was added."""
    other = region.password("zag-muenster")
    for user, password in (("ihk-fosa", "wrong"), ("ihk-fosa", other), ("nobody", other), ("admin", other)):
        with pytest.raises(KafkaConnectionError):
            async with attempts_of(Access(region.kafka.brokers, "kafka", user, password)):
                pass
        assert not may_log_in(region.kafka.brokers, user, password)


def test_a_further_run_changes_nothing(region: Region) -> None:
    """Neither topics nor users nor rights, however often."""
    before = region.broker.topics(), region.broker.rights(), region.broker.users()
    assert not region.provision().changed
    assert (region.broker.topics(), region.broker.rights(), region.broker.users()) == before


def test_what_somebody_changed_by_hand_is_put_right(region: Region) -> None:
    """Surplus rights and users go, missing rights come back, configurations are set; partitions are only told."""
    broker = region.broker
    planted = binding(Right("ihk-fosa", "topic", "events.", "prefixed", "read"))
    odd = AclBinding(
        ResourceType.TOPIC,
        "*",
        ResourcePatternType.LITERAL,
        "User:*",
        "*",
        AclOperation.DESCRIBE,
        AclPermissionType.ALLOW,
    )
    taken = binding(Right("zag-muenster", "topic", "receipts.zag-muenster", "literal", "read"))
    broker.give([planted, odd])
    broker.take([taken])
    broker.set_passwords({"stranger": "x"})
    broker.configure({"events.intake": {"cleanup.policy": "delete", "max.message.bytes": "2000000"}})
    done = region.provision()
    assert done.taken == ("*: allow describe topic *", "ihk-fosa: allow read topic events.*")
    assert done.given == ("zag-muenster: allow read topic receipts.zag-muenster",)
    assert done.gone == ("stranger",) and done.configured == ("events.intake",) and not done.topics
    configuration = broker.configurations(["events.intake"])["events.intake"]
    # What nobody asked for stays: an operator may have had a reason.
    assert configuration["cleanup.policy"] == "compact" and configuration["max.message.bytes"] == "2000000"
    assert broker.rights() == set(map(binding, region.wanted.rights))


def test_another_number_of_partitions_is_told_and_left(region: Region) -> None:
    """The order of a case's reports hangs on it."""
    want = wanted(region.institutions, SERVICES, PARTITIONS + 1)
    passwords = {user: region.password(user) for user in (ADMIN, *want.users)}
    lines: list[str] = []
    done = provision_broker(region.broker, want, passwords, lambda de, _en: lines.append(de))
    assert len(done.odd) == len(want.topics) - 1 and "receipts.ihk-fosa (2, gewünscht/wanted 3)" in done.odd
    assert any("receipts.ihk-fosa" in line for line in lines)
    assert region.broker.topics()["receipts.ihk-fosa"] == PARTITIONS


NEW = Institution("ihk", "IHK Mittlerer Niederrhein", "chamber", frozenset({"recognition", "language"}), "NW")


@pytest_asyncio.fixture
async def reader(region: Region) -> AsyncIterator[AIOKafkaConsumer]:
    """What the recognition service does: it reads by pattern, since before the institution was there."""
    consumer = AIOKafkaConsumer(
        **region.login("recognition").options(),
        group_id="recognition",
        auto_offset_reset="earliest",
        metadata_max_age_ms=5_000,
    )
    consumer.subscribe(pattern=inbound_pattern("recognition"))
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def test_a_new_institution_needs_no_restart(region: Region, reader: AIOKafkaConsumer) -> None:
    """It is added while a reader runs, reports, is read and answered; and it has nothing of one that begins alike."""
    await reader.getmany(timeout_ms=500)
    member, new = await asyncio.to_thread(members.add, region.office, NEW)
    assert new and member.state == "active"
    began = time.monotonic()
    async with producer_of(region.login("ihk")) as producer:
        await producer.send_and_wait(inbound_topic("recognition", "ihk"), b"hello")
    async with asyncio.timeout(30):
        while not [
            r for records in (await reader.getmany(timeout_ms=200)).values() for r in records if r.value == b"hello"
        ]:
            pass
    assert time.monotonic() - began < 15
    async with producer_of(region.login("recognition")) as producer:
        await producer.send_and_wait(receipts_topic("ihk"), b"receipt")
    answers = AIOKafkaConsumer(
        receipts_topic("ihk"), **region.login("ihk").options(), group_id="ihk.reader", auto_offset_reset="earliest"
    )
    await answers.start()
    async with asyncio.timeout(20):
        assert (await answers.getone()).value == b"receipt"
    await answers.stop()
    async with attempts_of(region.login("ihk")) as attempts:
        beside = [inbound_topic("recognition", "ihk-fosa"), receipts_topic("ihk-fosa"), inbound_topic("intake", "ihk")]
        assert set((await attempts.writes(beside)).values()) == {TOPIC_REFUSED}
        assert set((await attempts.reads(beside)).values()) == {TOPIC_REFUSED}
        assert set((await attempts.joins(["ihk-fosa.reader", "ihk", "ihk-", "recognition"])).values()) == {
            GROUP_REFUSED
        }
    assert region.institutions.get("ihk") == NEW
    assert not region.provision().changed
    assert await asyncio.to_thread(members.add, region.office, NEW) == (member, False)
    with pytest.raises(RegionError):
        members.add(region.office, replace(NEW, name="another"))


async def test_a_suspended_institution_is_locked_out_at_once(region: Region) -> None:
    """Its open connection can no longer write, nor read; it cannot come back, and no further run lets it in."""
    one = "hwk-duesseldorf"
    topic = inbound_topic("recognition", one)
    async with producer_of(region.login(one)) as producer, attempts_of(region.login(one)) as attempts:
        await producer.send_and_wait(topic, b"before")
        member = await asyncio.to_thread(members.suspend, region.office, one)
        assert member.state == "suspended"
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(topic, b"after")
        assert await attempts.writes([topic]) == {topic: TOPIC_REFUSED}
        assert await attempts.reads([receipts_topic(one)]) == {receipts_topic(one): TOPIC_REFUSED}
        assert await attempts.joins([f"{one}.reader"]) == {f"{one}.reader": GROUP_REFUSED}
        assert not may_log_in(region.kafka.brokers, one, region.password(one))
        assert not region.provision().changed
        states = {member.one.id: member.state for member in members.list_members(region.broker, region.institutions)}
        assert states[one] == "suspended" and set(states.values()) == {"active", "suspended"}
        assert topic in region.broker.topics() and receipts_topic(one) in region.broker.topics()
        with pytest.raises(RegionError, match="suspended"):
            members.rotate(region.office, one)
    await asyncio.to_thread(members.add, region.office, replace(member.one, suspended=False))
    async with producer_of(region.login(one)) as producer:
        await producer.send_and_wait(topic, b"again")
    assert not region.provision().changed


async def test_another_password_replaces_the_old_one(region: Region) -> None:
    """The old one is refused, the new one stands in the file and works; nobody else's changes."""
    one = "vhs-neuss"
    old, before = region.password(one), {user: region.password(user) for user in region.wanted.users if user != one}
    new = await asyncio.to_thread(members.rotate, region.office, one)
    assert new == region.password(one) != old
    assert not may_log_in(region.kafka.brokers, one, old)
    async with producer_of(region.login(one)) as producer:
        await producer.send_and_wait(inbound_topic("language", one), b"x")
    assert {user: region.password(user) for user in before} == before


def test_what_is_missing_is_seen_in_the_list(region: Region) -> None:
    """A user, a right, an access that should be gone; each is put right by a further run."""
    broker, one = region.broker, "zab-bonn"

    def state() -> str:
        (found,) = [m.state for m in members.list_members(broker, region.institutions) if m.one.id == one]
        return found

    assert state() == "active"
    broker.take([binding(Right(one, "topic", receipts_topic(one), "literal", "read"))])
    assert state() == "rights-differ"
    broker.remove_users([one])
    assert state() == "user-missing"
    region.provision()
    assert state() == "active"


def producer_of(access: Access) -> AIOKafkaProducer:
    """An ordinary client of a user; use it with `async with`."""
    return AIOKafkaProducer(**access.options(), enable_idempotence=True, request_timeout_ms=10_000)
