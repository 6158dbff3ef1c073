-- name: plan_each
-- A filter that is not given must not stand in the way of an index, so these statements are planned with their arguments.
set local plan_cache_mode = force_custom_plan

-- name: find_near
-- Of the next $5 cases after a cursor the visible ones that all given filters fit; those on a barrier fit one and the same
-- barrier.
select b.id::text, b.ags, b.said
from (select * from board where id > $1::text::uuid order by id limit $5) b
where not b.hidden and b.version > 0
  and ($2::text[] is null or b.marks @> $2)
  and ($3::text[] is null or b.marks && $3)
order by b.id limit $4

-- name: by_marks
-- What few cases fit is found by its marks: a plan that reads in key order would look at nearly all. No statistics tell
-- how few those are that fit one of many marks.
set local enable_seqscan = off; set local enable_indexscan = off

-- name: find_cases
-- The same without a bound.
select b.id::text, b.ags, b.said from board b
where b.id > $1::text::uuid and not b.hidden and b.version > 0
  and ($2::text[] is null or b.marks @> $2)
  and ($3::text[] is null or b.marks && $3)
order by b.id limit $4

-- name: visible_cases
-- Those of some cases that may be seen.
select id::text, ags, said, items from board where id = any($1::text[]::uuid[]) and not hidden and version > 0 order by id
