-- name: obstacles
-- Open barriers of visible cases that are not closed, by the keys named in $1 (the others are null); of cells with fewer
-- than $3 people only the number leaves the database. One row without a cell where there is none.
with obstacle as (
    select case when 'barrier' = any($1::text[]) then r.barrier end as barrier,
           case when 'body' = any($1::text[]) then r.body end as body,
           case when 'place' = any($1::text[]) then b.ags end as place,
           case when 'level' = any($1::text[]) then b.level end as level,
           -- A case has each barrier once, so that people need counting only where barriers are put together.
           case when not 'barrier' = any($1::text[]) then b.id end as person,
           r.stalled, r.turn, t.day::date - r.since as age
    from today t cross join board b cross join unnest(b.standing) r
    where t.day is not null and not b.hidden and b.version > 0 and b.stage <> 'closed' and r.status = any($2::text[])
), cell as (
    select barrier, body, place, level, count(*) as count,
           case when 'barrier' = any($1::text[]) then count(*) else count(distinct person) end as people,
           percentile_disc(array[0.5, 0.8]) within group (order by age) as days,
           round(avg(stalled::integer), 2)::float8 as stalled,
           count(*) filter (where turn = 'applicant') as applicant,
           count(*) filter (where turn = 'competent-body') as competent_body,
           count(*) filter (where turn = 'third-party') as third_party,
           count(*) filter (where turn = 'capacity') as capacity,
           count(*) filter (where turn = 'partner') as partner
    from obstacle group by barrier, body, place, level
)
select t.day, (select count(*) from cell where people < $3) as hidden, c.*
from today t left join cell c on c.people >= $3
order by c.count desc, c.barrier, c.body, c.place, c.level

-- name: last_barrier
-- Visible cases that would be ready without their only barrier, by barrier; cells under $2 stay here.
with nearly as (
    select b.only_barrier as barrier, count(*) as count from board b
    where b.only_barrier is not null and b.stage in ('registered', 'clearing') and not b.hidden and b.version > 0
      and not exists (
          select from unnest(b.standing) r
          where r.barrier = any($1::text[]) and r.status = 'not-assessed')
    group by b.only_barrier having count(*) >= $2
)
select t.day, n.barrier, n.count from today t left join nearly n on t.day is not null
order by n.count desc, n.barrier
