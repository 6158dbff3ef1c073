-- name: vitals
-- What operators are told of the reports, every few seconds: all by partial indexes that hold only what is told of.
select f.faults, f.oldest, w.waiting, r.finished_at
from (select count(*) as faults, min(received_at) as oldest from fact where code = 'internal.fault') f
cross join (
    select (select count(*) from fact where waiting) + (select count(*) from answer where waiting) as waiting
) w
left join run r on r.name = 'anti-entropy'

-- name: note_last_reports
-- When the newest report of each topic was received; of several processes the later one holds.
insert into last_report (topic, received_at)
select topic, received_at from unnest($1::text[], $2::bigint[]) r (topic, received_at) order by topic
on conflict (topic) do update set received_at = excluded.received_at
where last_report.received_at < excluded.received_at

-- name: last_reports
-- When the newest report of each inbound topic was received.
select topic, received_at from last_report
