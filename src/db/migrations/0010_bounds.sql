-- Bounds for what sleeps and for links, and an event for what a preview is shown to.

-- Since when it sleeps; null: it never has, or did so before this column.
alter table previews add column slept_at timestamptz;

-- True where the preview may have one more live link; raises LM007 at `most`. The caller has locked the row of the
-- preview in the same statement: of two that race, the second one sees the link of the first.

create function take_link_place(wanted_preview text, most integer) returns boolean
  language plpgsql set search_path from current as $$
declare
  live bigint;
begin
  select count(*) into live from links
    where preview_id = wanted_preview and revoked_at is null and expires_at > now();
  if live >= most then raise exception using errcode = 'LM007'; end if;
  return true;
end $$;

-- Whom it names is nobody else's to read: the event says how many.

create function record_sharing_event() returns trigger language plpgsql set search_path from current as $$
declare
  place record;
begin
  select org, slug into place from projects where id = new.project_id;
  if not found then return null; end if;
  perform put_event('preview.shared', place.org, place.slug, null, jsonb_build_object(
    'previewId', new.id, 'name', new.name, 'launchId', new.launch_id, 'port', coalesce(new.port, new.requested_port),
    'embedOrigins', jsonb_array_length(new.embed_origins), 'guests', jsonb_array_length(new.guests)));
  return null;
end $$;

create constraint trigger previews_event_shared after update of embed_origins, guests on previews
  deferrable initially deferred for each row
  when (old.embed_origins <> new.embed_origins or old.guests <> new.guests)
  execute function record_sharing_event();
