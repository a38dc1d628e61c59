import type { Sample } from "../sample.ts";
import { pythonModule, virtualenv } from "../virtualenv.ts";

const application = `PAGE = b"<!doctype html><title>ASGI</title><link rel='icon' href='data:,'><h1>Hello from ASGI</h1>"


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(PAGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE})
`;

/** A plain ASGI application, which only the debugger's configuration knows how to start. */
export const uvicornVscode: Sample = {
  name: "uvicorn-vscode-launch",
  title: "uvicorn, plain ASGI (.vscode/launch.json)",
  framework: "uvicorn",
  version: { command: [".venv/bin/uvicorn", "--version"] },
  needs: [pythonModule("venv", "python3-venv"), pythonModule("uvicorn", "python3-uvicorn")],
  files: {
    ".vscode/launch.json": `{
  // what an editor writes for a Python web application
  "version": "0.2.0",
  "configurations": [
    { "name": "Attach", "type": "debugpy", "request": "attach", "connect": { "host": "localhost", "port": 5678 } },
    { "name": "Serve", "type": "debugpy", "request": "launch", "module": "uvicorn", "args": ["service.web:app", "--reload"], },
  ]
}
`,
    "requirements.txt": "uvicorn\n",
    "service/web.py": application,
  },
  prepare: virtualenv("uvicorn"),
  page: { text: "Hello from ASGI", selector: "h1" },
  edit: { file: "service/web.py", from: "Hello from", to: "Edited in", follows: "manual" },
};
