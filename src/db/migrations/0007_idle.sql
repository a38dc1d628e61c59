-- Sleep: a preview that nobody visits is ended and keeps its links, the next visit starts it again.

alter table previews
  -- Without a visit for so long it sleeps; null: what its org has.
  add column keepalive_ms integer check (keepalive_ms > 0),
  -- What the start asked for, to launch again as it was: command, port, repoDir, readyPath.
  add column asked jsonb check (jsonb_typeof(asked) = 'object'),
  -- The present launch woke it; the row of an ended launch is taken over by starts alone.
  add column woken_at timestamptz,
  -- A plane that does not reach the sandbox asks those that do.
  add column wake_requested_at timestamptz;

create index previews_ended on previews (sandbox_id, updated_at) where state in ('crashed', 'stopped');

-- Which plane of a sandbox has the turn to sweep; a turn that is over is anybody's.

create table sweeps (
  sandbox_id text primary key,
  plane_id text not null,
  until timestamptz not null
);

-- As before, and one rule more:
--
--   woken                     every link follows to the new launch, unless the kind of preview changed

create or replace function apply_link_rules() returns trigger language plpgsql set search_path from current as $$
declare
  left_port integer := coalesce(old.port, old.requested_port);
begin
  if new.launch_id <> old.launch_id then
    delete from links where preview_id = new.id and least(revoked_at, expires_at) < now() - interval '8 days';
    if old.state = 'idle' and new.signed = old.signed then
      update links set launch_id = new.launch_id where preview_id = new.id and revoked_at is null;
    else
      update links set launch_id = new.launch_id
        where preview_id = new.id and revoked_at is null and port = new.requested_port
          and new.signed and (new.expires_at is null or expires_at <= new.expires_at);
    end if;
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

-- Previews of further ports sleep with their launch, and are of the new one when it is woken.

create function follow_woken_launch() returns trigger language plpgsql set search_path from current as $$
begin
  update previews set process = jsonb_set(process, '{family,launchId}', to_jsonb(new.launch_id))
    where project_id = new.project_id and attached and state = 'idle'
      and process #>> '{family,launchId}' = old.launch_id;
  return null;
end $$;

create trigger previews_follow_woken after update of launch_id on previews
  for each row when (old.state = 'idle' and new.launch_id <> old.launch_id) execute function follow_woken_launch();
