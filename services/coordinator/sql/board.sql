-- name: hold_day
-- The newest day, held still until the transaction ends; every transaction that derives begins so. Its statements are
-- planned each time: a plan made while the board was small would read all of it later.
select day, set_config('plan_cache_mode', 'force_custom_plan', true) from today for share

-- name: hold_day_of_copies
-- The same where rows are copied; with the number of the type of a barrier's standing, which COPY wants to be told.
select day, 'public.standing'::regtype::oid from today for share

-- name: raise_day
-- A day begins; it waits for all who derive with the day before. Days never go back.
update today set day = $1 where day is null or day < $1

-- name: read_day
-- The newest day, not held.
select day from today

-- name: lock_cases
-- Locks those of some cases that have a row, in the order given, and reads them; whoever comes second waits here and reads
-- what the first has written. Cases come as one text: an array is checked element by element on its way, which costs more
-- than the statement.
select k.place, b.*
from unnest(string_to_array($1, ',')::uuid[]) with ordinality k (id, place),
     lateral (select stamp, hidden, fault, ags, stage, only_barrier, level, next_day, changed_day, said, items
              from board where board.id = k.id for update) b

-- name: write_boards
-- Cases that changed, as JSON, with their packed columns one after another in a second argument; and where to read on, which
-- never goes back. Rows that are not new are locked; of a packed column that is null the old one stays. Tells how many new
-- rows were written: fewer than given when another process was first.
with r as materialized (
    select r.*, substring($2::bytea from said_at for said_size) as said,
           substring($2::bytea from items_at for items_size) as items
    from json_to_recordset($1::json) r (
        id uuid, is_new boolean, stamp bigint, version bigint, hidden boolean, ags text, stage text, only_barrier text,
        level text, standing public.standing[], marks text[], next_day text, changed_day text, said_at integer,
        said_size integer, items_at integer, items_size integer)
), fresh as (
    insert into board (id, stamp, version, hidden, ags, stage, only_barrier, level, standing, marks, next_day,
                       changed_day, said, items)
    select id, stamp, version, hidden, ags, stage, only_barrier, level, standing, marks, next_day, changed_day, said, items
    from r where is_new
    on conflict do nothing
    returning 1
), written as (
    update board b
    set stamp = r.stamp, version = r.version, hidden = r.hidden, fault = false, fault_at = null, ags = r.ags, stage = r.stage,
        only_barrier = r.only_barrier, level = r.level, standing = r.standing, marks = r.marks,
        next_day = r.next_day, changed_day = r.changed_day, changed_at = now(), said = coalesce(r.said, b.said),
        items = coalesce(r.items, b.items)
    from r where b.id = r.id and not r.is_new
), noted as (
    insert into progress (topic, partition, next_offset)
    select * from unnest($3::text[], $4::integer[], $5::bigint[])
    on conflict (topic, partition) do update set next_offset = greatest(progress.next_offset, excluded.next_offset)
)
select count(*) from fresh

-- name: keep_items
-- Items of cases that are not derived; with a mark, if they could not be: they keep their last board. Otherwise as above.
with r as materialized (
    select id, is_new, substring($2::bytea from items_at for items_size) as items
    from json_to_recordset($1::json) r (id uuid, is_new boolean, items_at integer, items_size integer)
), fresh as (
    insert into board (id, items, fault, fault_at)
    select id, items, $3, case when $3 then now() end from r where is_new on conflict do nothing returning 1
), written as (
    update board b
    set items = coalesce(r.items, b.items), fault = b.fault or $3,
        fault_at = case when $3 then coalesce(b.fault_at, now()) else b.fault_at end
    from r where b.id = r.id and not r.is_new
)
select count(*) from fresh

-- name: vitals
-- What operators are told, every few seconds: cases whose board could not be derived, since when the oldest of them, and
-- when anti-entropy last ended well. A partial index holds only those cases.
select f.faults, f.oldest, r.finished_at
from (select count(*) as faults, (extract(epoch from min(fault_at)) * 1000)::bigint as oldest from board where fault) f
left join run r on r.name = 'anti-entropy'

-- name: cases_due
-- Cases that the calendar has changed up to a day, after a cursor of day and case, one bounded chunk in the order of the
-- index: in key order each chunk would read all that are due.
select id::text, next_day from board
where next_day <= $1 and (next_day, id) > ($2, $3::text::uuid) order by board.next_day, board.id limit $4

-- name: cases_changed_by_days
-- Cases that days were the last to change, in key order after a cursor, one bounded chunk. `order by id` would mean the
-- text of the answer, which no index has in order: every chunk would sort all cases.
select id::text from board where changed_day = any($1::text[]) and id > $2::text::uuid order by board.id limit $3

-- name: cases_after
-- Cases in key order after a cursor, one bounded chunk.
select id::text from board where id > $1::text::uuid order by board.id limit $2

-- name: cases_changed_since
-- Cases that changed lately, in key order after a cursor, one bounded chunk.
select id::text from board where changed_at >= $3 and id > $1::text::uuid order by board.id limit $2

-- name: rows_to_say
-- Everything that is said of cases: nothing but the rows decides, and a hidden case says tombstones.
select id::text, stamp, hidden, said from board
where id = any(string_to_array($1, ',')::uuid[]) and version > 0
order by id

-- name: look
-- Those of some cases that do not stand where they stood when they were said.
select k.id::text, b.stamp
from unnest(string_to_array($1, ',')::uuid[], string_to_array($2, ',')::bigint[]) k (id, stamp)
join board b on b.id = k.id
where b.stamp <> k.stamp
