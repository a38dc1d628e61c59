-- Keys of callers. Of a secret only its SHA-256 is kept; the one before the last rotation is good
-- until its grace ends.

create table api_keys (
  id text primary key check (id ~ '^[0-9a-f]{16}$'),
  org text not null check (org <> ''),
  user_name text not null check (user_name <> ''),
  label text not null,
  scopes jsonb not null check (scopes <@ '["preview:read", "preview:write", "admin"]' and jsonb_array_length(scopes) > 0),
  -- Slugs; null: every project of the org.
  projects jsonb check (jsonb_typeof(projects) = 'array'),
  secret_hash text not null check (secret_hash ~ '^[0-9a-f]{64}$'),
  previous_hash text check (previous_hash ~ '^[0-9a-f]{64}$'),
  previous_expires_at timestamptz,
  created_at timestamptz not null default now(),
  rotated_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  check ((previous_hash is null) = (previous_expires_at is null))
);

create index api_keys_org on api_keys (org, created_at);
