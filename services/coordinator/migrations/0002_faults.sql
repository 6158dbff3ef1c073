-- Since when a case could not be derived, so that operators see how long a fault of ours has waited.
alter table board add column fault_at timestamptz;
update board set fault_at = now() where fault;
create index board_fault on board (id) where fault;
