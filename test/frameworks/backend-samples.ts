import type { Sample } from "./sample.ts";
import { django } from "./samples/django.ts";
import { djangoAdmin } from "./samples/django-admin.ts";
import { flask } from "./samples/flask.ts";
import { goNetHttp } from "./samples/go.ts";
import { gunicorn } from "./samples/gunicorn.ts";
import { httpServer } from "./samples/http-server.ts";
import { hugo } from "./samples/hugo.ts";
import { hypercorn } from "./samples/hypercorn.ts";
import { jekyll } from "./samples/jekyll.ts";
import { phpClaudeLaunch } from "./samples/php-claude-launch.ts";
import { phpPublic } from "./samples/php-public.ts";
import { php } from "./samples/php.ts";
import { pipenv } from "./samples/pipenv.ts";
import { poetry } from "./samples/poetry.ts";
import { puma } from "./samples/puma.ts";
import { rack } from "./samples/rack.ts";
import { rails } from "./samples/rails.ts";
import { starlette } from "./samples/starlette.ts";
import { uvicornVscode } from "./samples/uvicorn-vscode.ts";

/** Rows of the languages beside JavaScript, and of site generators written in them. */
export const backendSamples: readonly Sample[] = [
  starlette,
  uvicornVscode,
  hypercorn,
  gunicorn,
  flask,
  poetry,
  pipenv,
  django,
  djangoAdmin,
  httpServer,
  rails,
  rack,
  puma,
  php,
  phpPublic,
  phpClaudeLaunch,
  goNetHttp,
  hugo,
  jekyll,
];
