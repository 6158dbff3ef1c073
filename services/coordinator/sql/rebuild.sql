-- name: drop_schema
-- What a rebuild that was ended left behind, or one that is done with.
drop schema if exists rebuild cascade

-- name: highest_stamp
-- Stamps of a new board begin above all that are known, so that no look takes a new row for the old one.
select coalesce(max(stamp), 0) from board

-- name: make_bulk
-- What is heard, in parts of the key space, and which keys of which cases differ from what was said. Neither outlives the
-- rebuild, so neither is logged; pieces are pressed already.
create unlogged table heard (part integer not null, piece bytea not null);
alter table heard alter column piece set storage external;
create index heard_part on heard (part);
create unlogged table differs (case_id uuid not null, keys text[] not null, whole boolean not null);
-- Cases of which the row that stands does not have what was said last; and all that are derived only after the bulk.
create unlogged table lacking (case_id uuid not null);
create unlogged table deferred (case_id uuid not null);
-- Rows come in key order; the other indexes are quicker made at the end.
create table later as select indexname, indexdef from pg_indexes
where schemaname = current_schema() and tablename = 'board' and indexname <> 'board_pkey';
do $$ declare name text; begin
    for name in select indexname from later loop execute format('drop index %I', name); end loop;
end $$

-- name: pieces
-- What was heard of the cases of one part, in the order in which it was heard.
select piece from heard where part = $1 order by ctid

-- name: began
-- How many cases the board has that stands, and when that was: what it says later may tell more than what is heard.
select count(*) as cases, now() as at from public.board

-- name: standing_of
-- What the board that stands has said of the cases of one part, and whether that was lately.
select id::text, hidden, changed_at >= $3, said
from public.board where id between $1::text::uuid and $2::text::uuid and version > 0

-- name: lacking_of
-- The cases of one part of which more must be heard.
select case_id::text as id from lacking where case_id between $1::text::uuid and $2::text::uuid

-- name: all_lacking
-- All of them.
select case_id::text as id from lacking

-- name: all_deferred
-- Cases that are not derived yet.
select case_id::text as id from deferred

-- name: preload_cases
-- Cases that are to be derived later: what was said last of them, and their items. `fault` lets the derivation fill in the
-- rest.
insert into board (id, hidden, fault, version, said, items)
select id, hidden, true, version, said, items
from unnest($1::text[]::uuid[], $2::boolean[], $3::bigint[], $4::bytea[], $5::bytea[])
    r (id, hidden, version, said, items)

-- name: later
-- How the other indexes are made, the largest first.
select indexdef from later order by indexdef like '% gin %' desc, indexname

-- name: after_bulk
-- From now on with plans for many rows.
drop table heard;
create index differs_case on differs (case_id);
analyze board

-- name: count_boards
-- How many cases there are.
select count(*) from board

-- name: differing
-- Cases with what is to be said of them, in key order after a cursor, one bounded chunk.
with chunk as (select distinct case_id from differs where case_id > $1::text::uuid order by case_id limit $2)
select d.case_id::text as id, bool_or(d.whole) as whole, array_agg(distinct key) filter (where key is not null) as keys
from chunk join differs d using (case_id) left join unnest(d.keys) key on true
group by d.case_id order by d.case_id

-- name: preload_boards
-- What was last said of cases, as the topic has it. `fault` lets the derivation fill in the rest.
insert into board (id, hidden, fault, fault_at, version, said)
select id, hidden, true, now(), version, said
from unnest($1::text[]::uuid[], $2::boolean[], $3::bigint[], $4::bytea[]) r (id, hidden, version, said)
on conflict (id) do update
set hidden = excluded.hidden, fault = true, fault_at = coalesce(board.fault_at, excluded.fault_at),
    version = excluded.version, said = excluded.said

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
alter table rebuild.progress set schema public

-- name: places
-- Where the coordinator has read to, as of what its rows say.
select topic, partition, next_offset from progress

-- name: next_cases
-- Cases in key order, one bounded chunk.
select id::text from board where id > $1::text::uuid order by board.id limit $2

-- name: cases_up_to
-- Cases in key order in a range.
select id::text from board where id > $1::text::uuid and id <= $2::text::uuid order by board.id

-- name: found_by
-- What the filters of the read API and the reports look at.
select id::text, ags, stage, only_barrier, level, standing::text, marks
from board where id = any($1::text[]::uuid[]) and not hidden and version > 0
