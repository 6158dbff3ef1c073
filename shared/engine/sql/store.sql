-- name: insert_subjects
-- Makes sure that every subject of a batch has a row to lock. Subjects come as one text: an array is checked element by
-- element on its way, which costs more than the statement.
insert into subject (id) select id from unnest(string_to_array($1, ',')::uuid[]) id order by id on conflict do nothing

-- name: lock_subjects
-- Locks the subjects of a batch in key order; whoever comes second waits here.
select id::text, hidden from subject where id = any(string_to_array($1, ',')::uuid[]) order by id for update

-- name: share_subjects
-- Holds parents still while their children are derived from them.
select id::text from subject where id = any(string_to_array($1, ',')::uuid[]) order by id for share

-- name: facts_of_subjects
-- All stored reports of the subjects, read after the lock.
select source, id, subject::text, name, item, corrects, occurred_on, time, data, digest, topic, partition, "offset",
       received_at, code, version, late, decided_at
from fact where subject = any(string_to_array($1, ',')::uuid[])

-- name: facts_by_key
-- Reports that have the keys of a batch, whatever their subject: they tell a reused id.
select f.source, f.id, f.subject::text, f.name, f.item, f.corrects, f.occurred_on, f.time, f.data, f.digest, f.topic,
       f.partition, f."offset", f.received_at, f.code, f.version, f.late, f.decided_at
from fact f join unnest($1::text[], $2::text[]) k (source, id) using (source, id)

-- name: update_standings
-- Writes the standing of reports that changed: taken up, parked, corrected, retracted, or sent again with an earlier time.
update fact f set code = r.code, version = r.version, time = r.time, decided_at = r.decided_at
from unnest($1::new_standing[]) r
where f.source = r.source and f.id = r.id

-- name: answers_at
-- What records at these positions were answered before.
select a.topic, a.partition, a."offset", a.code, a.source, a.id, a.decided_at, a.version, a.standing
from answer a join unnest($1::text[], $2::integer[], $3::bigint[]) r (topic, partition, "offset")
    using (topic, partition, "offset")

-- name: delete_answers
-- Answers to records that are facts now.
delete from answer a using unnest($1::text[], $2::integer[], $3::bigint[]) r (topic, partition, "offset")
where a.topic = r.topic and a.partition = r.partition and a."offset" = r."offset"

-- name: insert_answers
-- Records that became no fact. A record at a place that was answered before belongs to a topic that was made anew.
insert into answer (topic, partition, "offset", source, id, subject, code, path, version, standing, digest, received_at,
                    decided_at)
select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::integer[], $10::text[], $11::bytea[], $12::bigint[], $13::bigint[])
on conflict (topic, partition, "offset") do update
set source = excluded.source, id = excluded.id, subject = excluded.subject, code = excluded.code, path = excluded.path,
    version = excluded.version, standing = excluded.standing, digest = excluded.digest,
    received_at = excluded.received_at, decided_at = excluded.decided_at, waiting = false

-- name: items_and_answered
-- The last state of each item, as far as it tells whether something changed; and, with a partition, the offsets of it from
-- the batch's first to its last whose records were answered before.
select subject::text, item, sequence, content, fault, null::integer
from item where subject = any(string_to_array($1, ',')::uuid[])
union all
select a.topic, null, a."offset", null, null, a.partition
from answer a join unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[]) p (topic, partition, first, next)
    on a.topic = p.topic and a.partition = p.partition and a."offset" >= p.first and a."offset" < p.next

-- name: write_batch
-- New reports, the derived state of items that changed, and where to read on, which never goes back. Tells how many reports
-- were stored: fewer than given when a key is taken, by whatever subject.
with stored as (
    insert into fact (source, id, subject, name, item, corrects, occurred_on, time, data, digest, topic, partition,
                      "offset", received_at, code, version, late, decided_at)
    select source, id, subject, name, item, corrects, occurred_on, time, data, digest, topic, partition, "offset",
           received_at, code, 1, late, decided_at
    from unnest($1::new_fact[])
    on conflict do nothing
    returning 1
), written as (
    insert into item (subject, item, sequence, content, said, fault, changed_at)
    select subject, item, sequence, content, said, false, now()
    from unnest($2::new_item[])
    on conflict (subject, item) do update
    set sequence = excluded.sequence, content = excluded.content, said = excluded.said, fault = false, changed_at = now()
), noted as (
    insert into progress (topic, partition, next_offset)
    select * from unnest($3::text[], $4::integer[], $5::bigint[])
    on conflict (topic, partition) do update set next_offset = greatest(progress.next_offset, excluded.next_offset)
)
select count(*) from stored

-- name: mark_faults
-- Items of subjects that could not be derived keep their last state and this mark.
update item set fault = $2 where subject = any($1::text[]::uuid[]) and fault <> $2

-- name: write_progress
-- Where to read on; written with everything that the records before it caused. It never goes back: who reads again does so
-- from what is committed.
insert into progress (topic, partition, next_offset)
select * from unnest($1::text[], $2::integer[], $3::bigint[])
on conflict (topic, partition) do update set next_offset = greatest(progress.next_offset, excluded.next_offset)

-- name: read_progress
-- The stored next offsets of partitions.
select topic, partition, next_offset from progress
join unnest($1::text[], $2::integer[]) p (topic, partition) using (topic, partition)

-- name: parents_of_subjects
-- The parents that subjects were linked to so far; read without a lock to know what to lock first.
select parent::text, child::text from link where child = any($1::text[]::uuid[])

-- name: which_are_parents
-- Subjects that are parents themselves; the same.
select subject::text as id from item where subject = any($1::text[]::uuid[]) and item = $2

-- name: parent_states
-- What parents say now; children are derived from it.
select i.subject::text, i.sequence, i.said from item i
where i.subject = any($1::text[]::uuid[]) and i.item = $2

-- name: write_links
-- Which child reads which parent, and the parent's sequence that it was derived from.
insert into link (parent, child, sequence)
select parent::uuid, child::uuid, sequence from unnest($1::text[], $2::text[], $3::bigint[]) r (parent, child, sequence)
on conflict (parent, child) do update set sequence = greatest(link.sequence, excluded.sequence)

-- name: delete_links
-- Children that no longer read a parent.
delete from link l using unnest($1::text[], $2::text[]) r (parent, child)
where l.parent = r.parent::uuid and l.child = r.child::uuid

-- name: stale_children
-- Children that were derived from an older state of their parents, in key order, one bounded chunk.
select distinct l.child::text as child from link l
join item i on i.subject = l.parent and i.item = $2
where l.parent = any($1::text[]::uuid[]) and l.sequence < i.sequence
order by child limit $3

-- name: children_of
-- All children of parents after a cursor, in key order, one bounded chunk.
select distinct child::text as child from link
where parent = any($1::text[]::uuid[]) and child > $2::text::uuid order by child limit $3

-- name: forget_progress
-- Topics that are made anew begin anew.
delete from progress where topic = any($1::text[])
