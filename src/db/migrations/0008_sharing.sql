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
