import type { Sample } from "../sample.ts";
import { pythonModule, virtualenv } from "../virtualenv.ts";

const application = `from html import escape
from urllib.parse import parse_qs


def application(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    name = escape(query.get("name", [""])[0])
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    page = f"""<!doctype html>
<title>WSGI</title>
<link rel="icon" href="data:,">
<h1>Hello from WSGI</h1>
<p>{name and f"Welcome, {name}!"}</p>
<form><input name="name" aria-label="Name"><button>Greet</button></form>
"""
    return [page.encode()]
`;

/** A WSGI application that no framework gives away: its Procfile alone says how it is served. */
export const gunicorn: Sample = {
  name: "gunicorn-procfile",
  title: "gunicorn (Procfile)",
  framework: "gunicorn",
  version: { command: [".venv/bin/gunicorn", "--version"] },
  needs: [pythonModule("venv", "python3-venv"), pythonModule("gunicorn", "python3-gunicorn")],
  files: {
    "requirements.txt": "gunicorn\n",
    Procfile: "release: true\nweb: gunicorn --reload guests:application\nworker: sleep 60\n",
    "guests/__init__.py": application,
  },
  prepare: virtualenv("gunicorn"),
  page: { text: "Hello from WSGI", selector: "h1" },
  edit: { file: "guests/__init__.py", from: "Hello from", to: "Edited in", follows: "manual" },
  form: { field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!" },
};
