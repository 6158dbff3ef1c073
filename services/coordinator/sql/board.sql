-- name: hold_day
-- The newest day, held still until the transaction ends; every transaction that derives begins so.
select day from today for share

-- name: raise_day
-- A day begins; it waits for all who derive with the day before. Days never go back.
update today set day = $1 where day is null or day < $1

-- name: read_day
-- The newest day, not held.
select day from today

-- name: insert_cases
-- Makes sure that every case of a batch has a row to lock.
insert into board (id) select id from unnest($1::text[]::uuid[]) id order by id on conflict do nothing

-- name: lock_cases
-- Locks the cases of a batch in key order; whoever comes second waits here.
select id::text, stamp, hidden, fault, ags, next_day, changed_day, version, said
from board where id = any($1::text[]::uuid[]) order by id for update

-- name: items_of_cases
-- The newest snapshots of the cases, read after the lock.
select case_id::text, service, item, sequence, value from item where case_id = any($1::text[]::uuid[])

-- name: barriers_of_cases
-- What was last said of the barriers of the cases.
select case_id::text, barrier, version, said from barrier where case_id = any($1::text[]::uuid[])

-- name: write_items
-- Snapshots that are newer than those stored.
insert into item (case_id, service, item, sequence, value)
select case_id::uuid, service, item, sequence, value
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[]) r (case_id, service, item, sequence, value)
on conflict (case_id, service, item) do update set sequence = excluded.sequence, value = excluded.value
where item.sequence < excluded.sequence

-- name: write_barriers
-- Barriers that changed.
insert into barrier (case_id, barrier, version, status, stalled, turn, said)
select case_id::uuid, barrier, version, status, stalled, turn, said
from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], $6::text[], $7::bytea[])
     r (case_id, barrier, version, status, stalled, turn, said)
on conflict (case_id, barrier) do update
set version = excluded.version, status = excluded.status, stalled = excluded.stalled, turn = excluded.turn,
    said = excluded.said

-- name: write_boards
-- Cases that changed; their rows are locked.
update board b
set stamp = r.stamp, hidden = r.hidden, fault = r.fault, ags = r.ags, stage = r.stage, only_barrier = r.only_barrier,
    next_day = r.next_day, changed_day = r.changed_day, version = r.version, said = r.said, changed_at = now()
from unnest($1::text[]::uuid[], $2::bigint[], $3::boolean[], $4::boolean[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::bigint[], $11::bytea[])
     r (id, stamp, hidden, fault, ags, stage, only_barrier, next_day, changed_day, version, said)
where b.id = r.id

-- name: mark_faults
-- Cases whose board could not be derived keep their last one and this mark.
update board set fault = true where id = any($1::text[]::uuid[]) and not fault

-- name: count_faults
-- Cases whose board could not be derived.
select count(*) from board where fault

-- name: cases_due
-- Cases that the calendar has changed up to a day, in key order after a cursor, one bounded chunk.
select id::text from board where next_day <= $1 and id > $2::text::uuid order by id limit $3

-- name: cases_changed_by_days
-- Cases that days were the last to change, in key order after a cursor, one bounded chunk.
select id::text from board where changed_day = any($1::text[]) and id > $2::text::uuid order by id limit $3

-- name: cases_after
-- Cases in key order after a cursor, one bounded chunk.
select id::text from board where id > $1::text::uuid order by id limit $2

-- name: cases_changed_since
-- Cases that changed lately, in key order after a cursor, one bounded chunk.
select id::text from board where changed_at >= $3 and id > $1::text::uuid order by id limit $2

-- name: rows_to_say
-- Everything that is said of cases: nothing but the rows decides, and a hidden case says tombstones.
select b.id::text as case_id, '' as barrier, b.stamp, b.hidden, b.said
from board b where b.id = any($1::text[]::uuid[]) and b.version > 0
union all
select r.case_id::text, r.barrier, b.stamp, b.hidden, r.said
from barrier r join board b on b.id = r.case_id where r.case_id = any($1::text[]::uuid[])

-- name: look
-- Where cases stand now, to see what moved on while it was being said.
select id::text, stamp from board where id = any($1::text[]::uuid[])
