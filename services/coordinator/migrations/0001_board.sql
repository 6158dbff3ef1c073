-- The one row that all know the day from. Who derives holds it `for share`; a day that begins waits for them.
create table today (
    one boolean primary key default true check (one),
    day text
);
insert into today default values;

-- One row per case: what is locked, what is said of the case itself, and what the read API looks for. `stamp` is raised
-- with every change of anything that is said of the case; `next_day` is the first day on which the calendar changes it
-- (an empty text: whichever day comes first), `changed_day` the day that last did.
create table board (
    id uuid primary key,
    stamp bigint not null default 0,
    hidden boolean not null default true,
    fault boolean not null default false,
    ags text,
    stage text,
    only_barrier text,
    next_day text,
    changed_day text,
    changed_at timestamptz not null default now(),
    version bigint not null default 0,
    said bytea
) with (fillfactor = 80);
create index board_ags on board (ags, id);
create index board_stage on board (stage, id);
create index board_only_barrier on board (only_barrier, id) where only_barrier is not null;
create index board_next_day on board (next_day, id);
create index board_changed_day on board (changed_day, id) where changed_day is not null;
create index board_changed_at on board using brin (changed_at);

-- One row per case and barrier: the message as it goes to Kafka, and what the read API looks for.
create table barrier (
    case_id uuid not null,
    barrier text not null,
    version bigint not null,
    status text not null,
    stalled boolean not null,
    turn text,
    said bytea not null,
    primary key (case_id, barrier)
) with (fillfactor = 80);
create index barrier_found on barrier (barrier, status, stalled, turn, case_id);

-- The newest snapshot of each item, as it came.
create table item (
    case_id uuid not null,
    service text not null,
    item text not null,
    sequence bigint not null,
    value bytea not null,
    primary key (case_id, service, item)
);

-- The next offset of each partition, written with what the records before it caused.
create table progress (
    topic text not null,
    partition integer not null,
    next_offset bigint not null,
    primary key (topic, partition)
);

-- Where a long run over all rows stands, so that it goes on after a stop.
create table run (
    name text primary key,
    cursor text not null,
    started_at timestamptz not null,
    finished_at timestamptz
);
