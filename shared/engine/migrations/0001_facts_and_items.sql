-- What is locked: a case, an opening, an event. `hidden` follows the consent that intake publishes.
create table subject (
    id uuid primary key,
    hidden boolean not null default false,
    consent_sequence bigint not null default 0
);

-- Every report that was stored: inbox, log and history at once. `code` and `version` are its standing, said as its receipt.
create table fact (
    source text not null,
    id text not null,
    subject uuid not null,
    name text not null,
    item text not null,
    corrects text,
    occurred_on text not null,
    time bigint not null,
    data text not null,
    digest bytea not null,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    received_at bigint not null,
    code text not null,
    version integer not null,
    late boolean not null,
    decided_at bigint not null,
    waiting boolean not null default false,
    primary key (source, id)
);
create index fact_subject on fact (subject);
create index fact_waiting on fact (topic) where waiting;
create index fact_fault on fact (subject) where code = 'internal.fault';

-- Records that did not become a fact: where they stand, and what was answered; never their content.
create table answer (
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    source text,
    id text,
    subject text,
    code text not null,
    path text,
    version integer not null,
    standing text,
    digest bytea,
    received_at bigint not null,
    decided_at bigint not null,
    waiting boolean not null default false,
    primary key (topic, partition, "offset")
);
create index answer_waiting on answer (topic) where waiting;

-- The derived state of each item: `content` is the digest that tells a change, `said` the message as it goes to Kafka.
create table item (
    subject uuid not null,
    item text not null,
    sequence bigint not null,
    content bytea not null,
    said bytea not null,
    fault boolean not null default false,
    changed_at timestamptz not null default now(),
    primary key (subject, item)
) with (fillfactor = 70);
-- Block ranges, so that a change of a row need not touch an index.
create index item_changed_at on item using brin (changed_at);

-- Which subjects read which parent (a case's introduction its opening), and the parent's sequence that they were derived from.
create table link (
    parent uuid not null,
    child uuid not null,
    sequence bigint not null default 0,
    primary key (parent, child)
);
create index link_child on link (child);

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

-- Rows as the program hands them over: one array of rows is far cheaper to send than one array for each column.
create type new_fact as (
    source text, id text, subject uuid, name text, item text, corrects text, occurred_on text, time bigint, data text,
    digest bytea, topic text, partition integer, "offset" bigint, received_at bigint, code text, late boolean,
    decided_at bigint
);
create type new_standing as (source text, id text, code text, version integer, time bigint, decided_at bigint);
create type new_item as (subject uuid, item text, sequence bigint, content bytea, said bytea);
