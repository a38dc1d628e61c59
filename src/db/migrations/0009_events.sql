-- What happened, and who opened which link. Both tables only grow: rows are never changed, and deleted by the
-- retention alone. They name org and project by what they were called then, so that a record outlives its project.

create table events (
  id bigint primary key,
  at timestamptz not null,
  type text not null check (type ~ '^[a-z]+\.[a-z]+$'),
  org text not null check (org <> ''),
  -- Slug; null for what belongs to the whole org.
  project text,
  -- Who did it, where somebody did.
  user_name text,
  key_id text,
  -- Ids, codes, numbers and names; src/preview/events.ts has the shape of each type.
  data jsonb not null check (jsonb_typeof(data) = 'object')
);

create index events_org on events (org, id);
create index events_project on events (org, project, id);
create index events_at on events (at);

create table accesses (
  id bigint primary key,
  at timestamptz not null,
  org text not null,
  project text not null,
  preview_id text not null,
  link_id text not null,
  kind text not null check (kind in ('member', 'token', 'visitor', 'others')),
  -- A hash that says nothing outside of this table, or the beginning of the session's id; empty for `others`.
  visitor text not null,
  user_name text,
  hour timestamptz not null,
  unique (link_id, visitor, hour)
);

create index accesses_org on accesses (org, id);
create index accesses_project on accesses (org, project, id);
create index accesses_at on accesses (at);

-- A reader remembers the greatest id that it saw and asks for greater ones. So no id may appear below one that can
-- already be seen: ids are given under a lock that is held until the commit. Whoever waits for it waits for nobody
-- else: see the deferred triggers below.

create sequence event_ids;
create sequence access_ids;

create function number_event() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtext('dev_preview.events'));
  new.id := nextval('event_ids');
  new.at := clock_timestamp();
  return new;
end $$;

create function number_access() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtext('dev_preview.accesses'));
  new.id := nextval('access_ids');
  new.at := clock_timestamp();
  return new;
end $$;

create trigger events_number before insert on events for each row execute function number_event();
create trigger accesses_number before insert on accesses for each row execute function number_access();

-- The retention says in its own statement up to when it deletes. What is younger than a day stays even then.

create function keep_record() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE'
    and old.at < nullif(current_setting('dev_preview.sweep_before', true), '')::timestamptz
    and old.at < now() - interval '1 day'
  then return old; end if;
  raise exception 'table % only grows', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger events_keep before update or delete on events for each row execute function keep_record();
create trigger accesses_keep before update or delete on accesses for each row execute function keep_record();
create trigger events_keep_all before truncate on events for each statement execute function keep_record();
create trigger accesses_keep_all before truncate on accesses for each statement execute function keep_record();

-- The same channel as that of previews; planes pass it on to whoever follows events.

create function notify_events() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_notify('dev_preview_changes', 'events');
  return null;
end $$;

create trigger events_notify after insert on events for each statement execute function notify_events();

-- Events of changes are written by the change's own transaction, whatever statement made it: both happen, or
-- neither. The triggers are deferred to the commit, where no row is locked any more, so that nobody who holds
-- the lock of the ids waits for somebody who waits for it.
--
-- A statement may tell who makes the change and why: {"user", "key", "cause"}.

create function told(what text) returns text language sql stable set search_path from current as $$
  select nullif(current_setting('dev_preview.told', true), '')::jsonb ->> what
$$;

create function put_event(type text, org text, project text, by_user text, data jsonb) returns void
  language sql set search_path from current as $$
  insert into events (type, org, project, user_name, key_id, data)
  values (type, org, project, coalesce(told('user'), by_user), told('key'), jsonb_strip_nulls(data))
$$;

create function iso_time(moment timestamptz) returns text language sql stable as $$
  select to_char(moment at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

create function record_preview_event() returns trigger language plpgsql set search_path from current as $$
declare
  place record;
  type text;
  by_user text;
  data jsonb := jsonb_build_object(
    'previewId', new.id, 'name', new.name, 'launchId', new.launch_id, 'port', coalesce(new.port, new.requested_port));
begin
  select org, slug into place from projects where id = new.project_id;
  if not found then return null; end if;
  case
    when tg_op = 'UPDATE' and old.state = 'idle' and new.state = 'starting' then
      type := 'preview.woken';
    when new.state = 'starting' then
      type := 'preview.started';
      by_user := new.user_name;
      data := data || jsonb_build_object('attached', new.attached, 'framework', new.framework);
    when new.state = 'ready' then
      type := 'preview.ready';
      data := data || jsonb_build_object('httpStatus', new.http_status, 'readyMs', new.ready_ms);
    when new.state = 'idle' then
      type := 'preview.idle';
    when new.state = 'stopped' or told('cause') = 'restart' then
      type := case when told('cause') = 'expired' then 'preview.reaped' else 'preview.stopped' end;
      data := data || jsonb_build_object('cause', coalesce(told('cause'), 'asked'));
    else
      type := 'preview.' || new.state;
      data := data || jsonb_build_object('httpStatus', new.http_status, 'exitCode', new.exit_code, 'problems', (
        select jsonb_agg(problem ->> 'code') from jsonb_array_elements(new.problems) as problem));
  end case;
  perform put_event(type, place.org, place.slug, by_user, data);
  return null;
end $$;

create constraint trigger previews_event_new after insert on previews
  deferrable initially deferred for each row execute function record_preview_event();
create constraint trigger previews_event after update of state, launch_id on previews
  deferrable initially deferred for each row
  when (old.state <> new.state or old.launch_id <> new.launch_id) execute function record_preview_event();

create function record_link_event() returns trigger language plpgsql set search_path from current as $$
declare
  place record;
  data jsonb;
begin
  select org, slug, previews.name, previews.launch_id, previews.state, previews.stop_requested_at,
    coalesce(previews.port, previews.requested_port) as port
    into place from previews join projects on projects.id = previews.project_id where previews.id = new.preview_id;
  if not found then return null; end if;
  data := jsonb_build_object(
    'linkId', new.id, 'previewId', new.preview_id, 'name', place.name, 'port', new.port, 'gated', new.gated);
  case
    when tg_op = 'INSERT' then
      perform put_event('link.minted', place.org, place.slug, null,
        data || jsonb_build_object('expiresAt', iso_time(new.expires_at)));
    when told('cause') = 'rotate' then
      perform put_event('link.rotated', place.org, place.slug, null, data);
    else
      perform put_event('link.revoked', place.org, place.slug, null, data || jsonb_build_object('cause', coalesce(
        told('cause'),
        case
          when place.stop_requested_at is not null or place.state = 'stopped' then 'stop'
          when new.launch_id <> place.launch_id then 'launch'
          when new.port <> place.port then 'port'
          else 'asked'
        end)));
  end case;
  return null;
end $$;

create constraint trigger links_event_new after insert on links
  deferrable initially deferred for each row execute function record_link_event();
create constraint trigger links_event after update of revoked_at on links
  deferrable initially deferred for each row
  when (old.revoked_at is null and new.revoked_at is not null) execute function record_link_event();

-- Who is of no org is on record with the plane's own.
create function record_session_event() returns trigger language plpgsql set search_path from current as $$
declare
  data jsonb := jsonb_build_object('session', left(new.id, 16), 'user', new.user_name);
begin
  if tg_op = 'INSERT' then
    perform put_event('session.login', coalesce(new.org, 'local'), null, new.user_name,
      data || jsonb_build_object('expiresAt', iso_time(new.expires_at)));
  else
    perform put_event('session.logout', coalesce(new.org, 'local'), null, new.user_name,
      data || jsonb_build_object('cause', coalesce(told('cause'), 'asked')));
  end if;
  return null;
end $$;

create constraint trigger sessions_event_new after insert on sessions
  deferrable initially deferred for each row execute function record_session_event();
create constraint trigger sessions_event after update of revoked_at on sessions
  deferrable initially deferred for each row
  when (old.revoked_at is null and new.revoked_at is not null) execute function record_session_event();

create function record_key_event() returns trigger language plpgsql set search_path from current as $$
declare
  data jsonb := jsonb_build_object('keyId', new.id, 'user', new.user_name);
begin
  case
    when tg_op = 'INSERT' then
      perform put_event('key.created', new.org, null, null, data || jsonb_build_object(
        'scopes', new.scopes, 'projects', jsonb_array_length(new.projects), 'expiresAt', iso_time(new.expires_at)));
    when old.revoked_at is null and new.revoked_at is not null then
      perform put_event('key.revoked', new.org, null, null, data);
    else
      perform put_event('key.rotated', new.org, null, null, data);
  end case;
  return null;
end $$;

create constraint trigger api_keys_event_new after insert on api_keys
  deferrable initially deferred for each row execute function record_key_event();
create constraint trigger api_keys_event after update of secret_hash, revoked_at on api_keys
  deferrable initially deferred for each row
  when (old.secret_hash <> new.secret_hash or (old.revoked_at is null and new.revoked_at is not null))
  execute function record_key_event();

create function record_project_event() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'INSERT' then perform put_event('project.registered', new.org, new.slug, null, '{}');
  else perform put_event('project.removed', old.org, old.slug, null, '{}');
  end if;
  return null;
end $$;

create constraint trigger projects_event after insert or delete on projects
  deferrable initially deferred for each row execute function record_project_event();
