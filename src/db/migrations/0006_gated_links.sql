-- Links behind a login: the host name tells the place, and a session says who comes.

alter table links add column gated boolean not null default false;

-- People who logged in. Of the secret in their browser only its SHA-256 is kept, as the id.

create table sessions (
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  org text not null check (org <> ''),
  user_name text not null check (user_name <> ''),
  -- Slugs; null: every project of the org.
  projects jsonb check (jsonb_typeof(projects) = 'array'),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  changed_xid xid8 not null default pg_current_xact_id()
);

create index sessions_changed on sessions (changed_xid);
create index sessions_person on sessions (org, user_name);
create index sessions_over on sessions (expires_at);

-- Ways from the login back to a preview: each is taken once, by the browser that asked for it.

create table tickets (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  session_id text not null references sessions (id) on delete cascade,
  sandbox_id text not null,
  port integer not null check (port between 1 and 65535),
  browser_hash text not null check (browser_hash ~ '^[0-9a-f]{64}$'),
  path text not null check (path like '/%'),
  expires_at timestamptz not null
);

create index tickets_session on tickets (session_id);
create index tickets_over on tickets (expires_at);

create trigger sessions_stamp before update on sessions for each row execute function stamp_change();

-- The same channel as that of previews; the prefix tells a session.

create function notify_session() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_notify('dev_preview_changes', 'session:' || new.id);
  return null;
end $$;

create trigger sessions_notify after insert or update on sessions
  for each row execute function notify_session();
