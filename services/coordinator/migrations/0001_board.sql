-- The one row that all know the day from. Who derives holds it `for share`; a day that begins waits for them.
create table today (
    one boolean primary key default true check (one),
    day text
);
insert into today default values;

-- How one barrier of a case stands, for filters and reports: `body` is the institution of the item that carries it. The
-- type stands outside the schemas in which boards are made anew, so that it outlives them.
do $$
begin
    create type public.standing as (
        barrier text,
        status text,
        stalled boolean,
        turn text,
        since date,
        body text
    );
exception
    when duplicate_object then null;
end
$$;

-- One row per case: it is what is locked, and all that is known of the case. `standing` has one element per barrier, in
-- the board's order; `marks` is what filters look for (marks.py), `level` the German level that the case aims at. `said`
-- and `items` are packed (packed.py): what was said last of each barrier and of the case, and the newest snapshot of each
-- item. `version` is that of the case's own message, 0 before the first; `stamp` is raised with every change of anything
-- that is said of the case; `next_day` is the first day on which the calendar changes it (an empty text: whichever day
-- comes first), `changed_day` the day that last did.
create table board (
    id uuid primary key,
    stamp bigint not null default 0,
    version bigint not null default 0,
    hidden boolean not null default true,
    fault boolean not null default false,
    ags text,
    stage text,
    only_barrier text,
    level text,
    standing public.standing[] not null default '{}',
    marks text[] not null default '{}',
    next_day text,
    changed_day text,
    changed_at timestamptz not null default now(),
    said bytea,
    items bytea
) with (fillfactor = 80, toast_tuple_target = 4080);
-- Pressed already; up to half a page they stay in the row.
alter table board alter column said set storage external, alter column items set storage external;
-- What waits to be put into the index is looked through by every search, so it is kept short.
create index board_marks on board using gin (marks) with (gin_pending_list_limit = 1024);
create index board_next_day on board (next_day, id) where next_day is not null;
create index board_changed_day on board (changed_day, id) where changed_day is not null;
create index board_changed_at on board using brin (changed_at);

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
