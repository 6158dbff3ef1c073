-- name: drop_schema
-- What a rebuild that was ended left behind, or one that is done with.
drop schema if exists rebuild cascade

-- name: highest_stamp
-- Stamps of a new board begin above all that are known, so that no look takes a new row for the old one.
select coalesce(max(stamp), 0) from board

-- name: said_of_cases
-- What is known so far of what was last said of cases.
select id::text, said from board where id = any($1::text[]::uuid[]) and said is not null

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

-- name: said_otherwise
-- Cases of which the old rows say something else than the new ones.
select o.id::text, o.said, n.said
from public.board o left join rebuild.board n on n.id = o.id
where o.said is not null and o.said is distinct from n.said

-- name: swap
-- The new tables take the place of the old ones; who waits for a lock goes on with the new ones.
drop table public.today, public.board, public.progress;
alter table rebuild.board alter column stamp set default 0;
alter table rebuild.today set schema public;
alter table rebuild.board set schema public;
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
-- What the filters of the read API and the reports look at.
select id::text, ags, stage, only_barrier, level, standing::text, marks
from board where id = any($1::text[]::uuid[]) and not hidden and version > 0
