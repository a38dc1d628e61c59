-- Everything lives in a schema of our own, which the session's search_path names: the database may
-- be shared with an application.

create table projects (
  id text primary key default gen_random_uuid()::text,
  org text not null check (org <> ''),
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  sandbox_driver text not null check (sandbox_driver in ('local')),
  -- Where the driver finds the sandbox; `local` means this very host and has no target.
  sandbox_target text check (sandbox_driver <> 'local' or sandbox_target is null),
  workspace_root text not null check (workspace_root like '/%'),
  -- The active dev preview: which one, and what callers ask of it. All set, or none.
  active_preview_id text,
  active_port integer check (active_port between 1 and 65535),
  active_sandbox_id text,
  active_signed boolean,
  active_updated_at timestamptz,
  created_at timestamptz not null default now(),
  check (num_nulls(active_preview_id, active_port, active_sandbox_id, active_signed, active_updated_at) in (0, 5))
);

create index projects_org on projects (org, slug);

-- One row per (project, name): a start takes over the row of an ended preview with a new launch.
create table previews (
  id text primary key default gen_random_uuid()::text,
  project_id text not null references projects (id) on delete cascade,
  name text not null check (name <> ''),
  state text not null default 'starting'
    check (state in ('starting', 'ready', 'unhealthy', 'idle', 'crashed', 'stopped')),
  launch_id text not null unique check (launch_id <> ''),
  sandbox_id text not null,
  plane_id text not null,
  command text not null,
  repo_dir text not null,
  framework text,
  ready_path text not null,
  signed boolean not null,
  -- Values are secrets: needed to start again after a crash, never logged, never in an error.
  env jsonb not null default '{}' check (jsonb_typeof(env) = 'object'),
  requested_port integer not null check (requested_port between 1 and 65535),
  port integer check (port between 1 and 65535),
  process jsonb check (jsonb_typeof(process) = 'object'),
  listener jsonb check (jsonb_typeof(listener) = 'object'),
  problems jsonb not null default '[]' check (jsonb_typeof(problems) = 'array'),
  exit_code integer,
  http_status integer,
  ready_ms integer,
  stop_requested_at timestamptz,
  expires_at timestamptz,
  -- When the present launch was claimed.
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_request_at timestamptz,
  changed_xid xid8 not null default pg_current_xact_id(),
  unique (project_id, name),
  check ((port is null) = (listener is null))
);

create index previews_live on previews (sandbox_id) where state not in ('crashed', 'stopped');
create index previews_changed on previews (changed_xid);

create table links (
  id text primary key check (id ~ '^[0-9a-f]{16}$'),
  preview_id text not null references previews (id) on delete cascade,
  launch_id text not null,
  port integer not null check (port between 1 and 65535),
  key_id smallint not null check (key_id between 0 and 15),
  token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  changed_xid xid8 not null default pg_current_xact_id()
);

create index links_preview on links (preview_id);
create index links_live on links (launch_id, port) where revoked_at is null;
create index links_changed on links (changed_xid);

create table leases (
  sandbox_id text not null,
  port integer not null check (port between 1 and 65535),
  launch_id text not null,
  expires_at timestamptz not null,
  primary key (sandbox_id, port)
);

create index leases_launch on leases (launch_id);

create table planes (
  id text primary key,
  sandbox_id text not null,
  pid integer not null,
  start_time text not null,
  seen_at timestamptz not null
);

create table signing_keys (
  key_id smallint primary key check (key_id between 0 and 15),
  fingerprint text not null,
  created_at timestamptz not null default now()
);

-- Change stamps. `changed_xid` is the writing transaction: a reader that remembers the xmin of its
-- last snapshot finds every later change with `changed_xid >= xmin`, in whatever order transactions
-- commit. Requests only move `last_request_at`, which stamps and notifies nothing.

create function stamp_change() returns trigger language plpgsql set search_path from current as $$
begin
  new.changed_xid := pg_current_xact_id();
  return new;
end $$;

create function stamp_preview() returns trigger language plpgsql set search_path from current as $$
begin
  new.changed_xid := pg_current_xact_id();
  new.updated_at := now();
  return new;
end $$;

create trigger previews_stamp before update of
  state, launch_id, plane_id, port, process, listener, problems, stop_requested_at
  on previews for each row execute function stamp_preview();

create trigger links_stamp before update on links for each row execute function stamp_change();

-- The notification's payload is the preview id; Postgres drops repeats within a transaction.

create function notify_preview() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_notify('dev_preview_changes', coalesce(new.id, old.id));
  return null;
end $$;

create function notify_link() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_notify('dev_preview_changes', coalesce(new.preview_id, old.preview_id));
  return null;
end $$;

create trigger previews_notify_row after insert or delete on previews
  for each row execute function notify_preview();
create trigger previews_notify_change after update of
  state, launch_id, plane_id, port, process, listener, problems, stop_requested_at
  on previews for each row execute function notify_preview();
create trigger links_notify after insert or update or delete on links
  for each row execute function notify_link();

-- What becomes of a preview's live links when the preview changes. They are rules of the table, so
-- that no statement can forget one; a trigger's statements also see links that other transactions
-- committed while ours waited for the row, which a CTE of the same statement would miss.
--
--   stop requested, stopped   every link is revoked, before the process is killed
--   crashed                   links stay: the route shows `crashed`, so that a visitor is told so
--   new launch                links of the requested port follow to it (same origin, open tabs come
--                             back), unless the new launch is not signed or ends before the link;
--                             every other link is revoked
--   bound to another port     links of the port left behind are revoked: a stranger may take it

create function apply_link_rules() returns trigger language plpgsql set search_path from current as $$
declare
  left_port integer := coalesce(old.port, old.requested_port);
begin
  if new.launch_id <> old.launch_id then
    delete from links where preview_id = new.id and least(revoked_at, expires_at) < now() - interval '8 days';
    update links set launch_id = new.launch_id
      where preview_id = new.id and revoked_at is null and port = new.requested_port
        and new.signed and (new.expires_at is null or expires_at <= new.expires_at);
    update links set revoked_at = now()
      where preview_id = new.id and revoked_at is null and launch_id <> new.launch_id;
  elsif new.stop_requested_at is not null or new.state = 'stopped' then
    update links set revoked_at = now() where preview_id = new.id and revoked_at is null;
  elsif new.port is not null and new.port <> left_port then
    update links set revoked_at = now()
      where preview_id = new.id and revoked_at is null and port = left_port;
  end if;
  return null;
end $$;

create trigger previews_link_rules after update of state, launch_id, port, stop_requested_at
  on previews for each row execute function apply_link_rules();

-- The project's active preview is the one that bound a port last; its end clears it.

create function record_active_preview() returns trigger language plpgsql set search_path from current as $$
begin
  update projects set
    active_preview_id = new.id, active_port = new.port, active_sandbox_id = new.sandbox_id,
    active_signed = new.signed, active_updated_at = now()
    where id = new.project_id;
  return null;
end $$;

create function clear_active_preview() returns trigger language plpgsql set search_path from current as $$
begin
  update projects set
    active_preview_id = null, active_port = null, active_sandbox_id = null,
    active_signed = null, active_updated_at = null
    where id = new.project_id and active_preview_id = new.id;
  return null;
end $$;

create trigger previews_record_active after update of listener on previews
  for each row when (new.listener is not null) execute function record_active_preview();
create trigger previews_clear_active after update of state on previews
  for each row when (new.state in ('crashed', 'stopped')) execute function clear_active_preview();

-- Removes a project with its ended previews; returns no row while one is live. Locks previews before
-- the project, as every other writer does. A start that comes in between waits for the project's
-- lock and then fails on the foreign key.

create function remove_project(wanted_org text, wanted_slug text) returns setof projects
  language plpgsql set search_path from current as $$
declare
  doomed projects;
begin
  select * into doomed from projects where org = wanted_org and slug = wanted_slug;
  if not found then return; end if;
  perform 1 from previews where project_id = doomed.id order by id for update;
  select * into doomed from projects where id = doomed.id for update;
  if not found then return; end if;
  if exists (select from previews where project_id = doomed.id and state not in ('crashed', 'stopped')) then
    return;
  end if;
  delete from projects where id = doomed.id;
  return next doomed;
end $$;
