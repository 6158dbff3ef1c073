-- When the newest report of each inbound topic was received, accepted or not: who is silent must be known over restarts.
-- Only what became a fact is looked at here; from now on every record counts.
create table last_report (
    topic text primary key,
    received_at bigint not null
);
insert into last_report (topic, received_at) select topic, max(received_at) from fact group by topic;
