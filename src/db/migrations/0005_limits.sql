-- Who started a preview, and how many each may have. Limits are the plane's settings: the statement
-- that claims a preview brings them.

alter table previews
  add column user_name text,
  add column session_id text;

-- Starts of the last hour, for limits per minute.
create table preview_starts (
  org text not null,
  user_name text not null,
  at timestamptz not null default now()
);

create index preview_starts_at on preview_starts (at);

-- Raises LM001 to LM006 where one more preview would be over a limit; a limit that `limits` does not name is
-- none. The lock makes claims wait for each other, so that of two that race for the last place one gets it: each
-- statement in here sees what those before it committed. Attached servers are not ours and take no place.

create function take_place(wanted_project text, wanted_name text, wanted_user text, wanted_session text, limits jsonb)
  returns void language plpgsql set search_path from current as $$
declare
  wanted_org text;
  live record;
  started bigint;
begin
  perform pg_advisory_xact_lock(hashtext('dev_preview.take_place'));
  select org into wanted_org from projects where id = wanted_project;
  select
    count(*) filter (where previews.session_id = wanted_session) as in_session,
    count(*) filter (where projects.org = wanted_org and previews.user_name = wanted_user) as of_user,
    count(*) filter (where previews.project_id = wanted_project) as in_project,
    count(*) filter (where projects.org = wanted_org) as in_org,
    count(*) as on_plane
    into live
    from previews join projects on projects.id = previews.project_id
    where state in ('starting', 'ready', 'unhealthy') and stop_requested_at is null and not attached
      and (previews.project_id, previews.name) <> (wanted_project, wanted_name);
  if live.in_session >= (limits ->> 'session')::integer then raise exception using errcode = 'LM001'; end if;
  if live.of_user >= (limits ->> 'user')::integer then raise exception using errcode = 'LM002'; end if;
  if live.in_project >= (limits ->> 'project')::integer then raise exception using errcode = 'LM003'; end if;
  if live.in_org >= (limits ->> 'org')::integer then raise exception using errcode = 'LM004'; end if;
  if live.on_plane >= (limits ->> 'plane')::integer then raise exception using errcode = 'LM005'; end if;
  delete from preview_starts where at < now() - interval '1 hour';
  select count(*) into started from preview_starts
    where org = wanted_org and user_name = wanted_user and at > now() - interval '1 minute';
  if started >= (limits ->> 'startsPerMinute')::integer then raise exception using errcode = 'LM006'; end if;
  insert into preview_starts (org, user_name) select wanted_org, wanted_user where wanted_org is not null;
end $$;
