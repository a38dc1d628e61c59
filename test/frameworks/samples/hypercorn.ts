import type { Sample } from "../sample.ts";
import { pythonModule, virtualenv } from "../virtualenv.ts";

const application = `PAGE = b"<!doctype html><title>ASGI</title><link rel='icon' href='data:,'><h1>Hello from Hypercorn</h1>"


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(PAGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE})
`;

export const hypercorn: Sample = {
  name: "hypercorn-procfile-dev",
  title: "Hypercorn (Procfile.dev)",
  framework: "hypercorn",
  version: { command: [".venv/bin/python", "-c", "import importlib.metadata as m; print(m.version('hypercorn'))"] },
  needs: [pythonModule("venv", "python3-venv"), pythonModule("hypercorn", "python3-hypercorn")],
  files: {
    "requirements.txt": "hypercorn\n",
    "Procfile.dev": "web: hypercorn service.web:app --reload --bind localhost:8000\n",
    "service/web.py": application,
  },
  prepare: virtualenv("hypercorn"),
  page: { text: "Hello from Hypercorn", selector: "h1" },
  edit: { file: "service/web.py", from: "Hello from", to: "Edited in", follows: "manual" },
};
