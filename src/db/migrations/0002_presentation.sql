-- How the gateway presents a preview, which the recipe decides at launch, and whether the dev server
-- is one that somebody else started.

alter table previews
  add column host_mode text not null default 'local' check (host_mode in ('local', 'public')),
  add column socket_script boolean not null default false,
  add column attached boolean not null default false;
