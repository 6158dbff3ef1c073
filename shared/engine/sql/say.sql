-- name: rows_to_say
-- Items as they are said: nothing but the row decides, and a hidden subject says tombstones.
select i.subject::text, i.item, i.sequence, i.said, s.hidden
from item i join subject s on s.id = i.subject
where i.subject = any($1::text[]::uuid[])

-- name: look
-- Where items stand now, to see what moved on while it was being said.
select i.subject::text, i.item, i.sequence, s.hidden
from item i join subject s on s.id = i.subject
where i.subject = any($1::text[]::uuid[])

-- name: receipts_of_subjects
-- The standing of every report of the subjects.
select source, id, subject::text, topic, partition, "offset", received_at, code, version, digest, decided_at
from fact where subject = any($1::text[]::uuid[])

-- name: mark_waiting_facts
-- Receipts that could not be said: their topic is missing or forbidden.
update fact set waiting = $2 where topic = any($1::text[]) and subject = any($3::text[]::uuid[]) and waiting <> $2

-- name: mark_waiting_answers
-- The same for records that became no fact.
update answer set waiting = $4
from unnest($1::text[], $2::integer[], $3::bigint[]) r (topic, partition, "offset")
where answer.topic = r.topic and answer.partition = r.partition and answer."offset" = r."offset"

-- name: waiting_topics
-- Inbound topics with receipts that wait, and how many.
select topic, sum(waiting) as waiting from (
    select topic, count(*) as waiting from fact where waiting group by topic
    union all
    select topic, count(*) as waiting from answer where waiting group by topic
) w group by topic

-- name: waiting_facts
-- Waiting receipts of stored reports.
select source, id, subject::text, topic, partition, "offset", received_at, code, version, digest, decided_at
from fact where waiting and topic = $1 order by source, id limit $2

-- name: waiting_answers
-- Waiting receipts of records that became no fact.
select topic, partition, "offset", source, id, subject, code, path, version, standing, digest, received_at, decided_at
from answer where waiting and topic = $1 order by partition, "offset" limit $2

-- name: clear_waiting_facts
-- Waiting receipts that were said now; one whose standing changed meanwhile waits on.
update fact set waiting = false from unnest($1::text[], $2::text[], $3::integer[]) r (source, id, version)
where fact.source = r.source and fact.id = r.id and fact.version = r.version

-- name: lock_decided_since
-- Locks the subjects of reports whose standing was decided since; nobody decides on them before the end of the transaction.
select id from subject where id in (select subject from fact where decided_at >= $1) order by id for update

-- name: raise_facts_decided_since
-- Receipts of stored reports are said again, with a version beyond every one that was said.
update fact set version = version + $2, waiting = true where decided_at >= $1

-- name: raise_answers_decided_since
-- The same for records that became no fact.
update answer set version = version + $2, waiting = true where decided_at >= $1

-- name: subjects_after
-- Subjects in key order after a cursor, one bounded chunk. `order by id` would mean the text of the answer, which no index
-- has in order: every chunk would sort all subjects.
select id::text from subject where id > $1::text::uuid order by subject.id limit $2

-- name: subjects_changed_since
-- Subjects with an item that changed lately, in key order after a cursor, one bounded chunk.
select subject::text as id from (
    select distinct subject from item where changed_at >= $3 and subject > $1::text::uuid order by subject limit $2
) chunk order by subject

-- name: once_hidden
-- Which of these cases are hidden here, or were before.
select id::text from subject where id = any($1::text[]::uuid[]) and consent_sequence > 0

-- name: hide_subjects
-- Follows the consent of cases; of two snapshots the one with the higher sequence holds. Returns those that it holds for.
insert into subject (id, hidden, consent_sequence)
select id::uuid, hidden, sequence from unnest($1::text[], $2::boolean[], $3::bigint[]) r (id, hidden, sequence)
order by id
on conflict (id) do update set hidden = excluded.hidden, consent_sequence = excluded.consent_sequence
where subject.consent_sequence <= excluded.consent_sequence
returning id::text

-- name: touch_items
-- Anti-entropy says again what was hidden or shown lately, too.
update item set changed_at = now() where subject = any($1::text[]::uuid[])

-- name: read_run
-- Where a long run stands.
select cursor, started_at, finished_at from run where name = $1

-- name: write_run
-- Notes how far a long run came.
insert into run (name, cursor, started_at, finished_at) values ($1, $2, $3, $4)
on conflict (name) do update
set cursor = excluded.cursor, started_at = excluded.started_at, finished_at = excluded.finished_at

-- name: forget_run
-- The next run of this name begins at the first row.
delete from run where name = $1

-- name: try_alone
-- True when no other process does this; until `no_longer_alone` or the end of the connection.
select pg_try_advisory_lock(hashtext($1))

-- name: no_longer_alone
-- Lets another process do it.
select pg_advisory_unlock(hashtext($1))
