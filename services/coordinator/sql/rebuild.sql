-- name: drop_schema
-- What a rebuild that was ended left behind, or one that is done with.
drop schema if exists rebuild cascade

-- name: highest_stamp
-- Stamps of a new board begin above all that are known, so that no look takes a new row for the old one.
select coalesce(max(stamp), 0) from board

-- name: preload_boards
-- What was last said of cases, as the topic has it. `fault` lets the derivation fill in the rest.
insert into board (id, hidden, fault, version, said)
select id, hidden, true, version, said
from unnest($1::text[]::uuid[], $2::boolean[], $3::bigint[], $4::bytea[]) r (id, hidden, version, said)
on conflict (id) do update set hidden = excluded.hidden, fault = true, version = excluded.version, said = excluded.said

-- name: hide_boards
-- Cases whose last message is a tombstone.
insert into board (id, hidden) select id, true from unnest($1::text[]::uuid[]) id
on conflict (id) do update set hidden = true

-- name: lock_old
-- Nobody derives any more until the new tables stand: every store transaction needs the day row first.
lock table public.today in access exclusive mode

-- name: adopt_barriers
-- Versions that the topic does not have yet, or no longer: those of the old rows that are at least as high.
insert into rebuild.barrier (case_id, barrier, version, status, stalled, turn, said)
select case_id, barrier, version, status, stalled, turn, said from public.barrier
on conflict (case_id, barrier) do update set version = excluded.version, said = excluded.said
where barrier.version <= excluded.version and barrier.said <> excluded.said
returning case_id::text as id

-- name: adopt_boards
-- The same of the cases themselves.
insert into rebuild.board (id, hidden, fault, version, said)
select id, hidden, true, version, said from public.board where version > 0
on conflict (id) do update set fault = true, version = excluded.version, said = excluded.said
where board.version < excluded.version or board.version = excluded.version and board.said <> excluded.said
returning id::text

-- name: mark_adopted
-- Cases to be derived once more.
update rebuild.board set fault = true where id = any($1::text[]::uuid[])

-- name: swap
-- The new tables take the place of the old ones; who waits for a lock goes on with the new ones.
drop table public.today, public.board, public.barrier, public.item, public.progress;
alter table rebuild.board alter column stamp set default 0;
alter table rebuild.today set schema public;
alter table rebuild.board set schema public;
alter table rebuild.barrier set schema public;
alter table rebuild.item set schema public;
alter table rebuild.progress set schema public;
drop schema rebuild cascade

-- name: places
-- Where the coordinator has read to, as of what its rows say.
select topic, partition, next_offset from progress

-- name: next_cases
-- Cases in key order, one bounded chunk.
select id::text from board where id > $1::text::uuid order by id limit $2

-- name: cases_up_to
-- Cases in key order in a range.
select id::text from board where id > $1::text::uuid and id <= $2::text::uuid order by id

-- name: found_by
-- What the filters of the read API look at.
select b.id::text, b.ags, b.stage, b.only_barrier, r.barrier, r.status, r.stalled, r.turn
from board b join barrier r on r.case_id = b.id
where b.id = any($1::text[]::uuid[]) and not b.hidden and b.version > 0
order by b.id, r.barrier
