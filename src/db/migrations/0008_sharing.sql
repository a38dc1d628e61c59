-- Where a preview may be shown in a frame, and who passes the login of a gated one without being a member of
-- its org. Both stay with the preview from one launch to the next.

alter table previews
  add column embed_origins jsonb not null default '[]' check (jsonb_typeof(embed_origins) = 'array'),
  add column guests jsonb not null default '[]' check (jsonb_typeof(guests) = 'array');

create trigger previews_stamp_sharing before update of embed_origins, guests
  on previews for each row execute function stamp_preview();
create trigger previews_notify_sharing after update of embed_origins, guests
  on previews for each row execute function notify_preview();

-- A further link, for somebody or something: it is rotated and revoked by itself. Null: the preview's own.

alter table links add column label text check (label <> '');

-- Who logs in may be of no org: it passes where it is a guest.

alter table sessions alter column org drop not null;

-- As in 0007, but that links behind the login follow to a launch that is behind it too: the tokens of machines stay
-- good over a restart.

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
          and (gated or new.signed) and (new.expires_at is null or expires_at <= new.expires_at);
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
