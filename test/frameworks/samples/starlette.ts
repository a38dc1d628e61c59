import type { Sample } from "../sample.ts";
import { pythonModule, virtualenv } from "../virtualenv.ts";

const application = `from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute


async def home(request):
    return HTMLResponse(
        "<!doctype html><title>Starlette</title><link rel='icon' href='data:,'><h1>Hello from Starlette</h1>"
    )


async def echo(socket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


app = Starlette(routes=[Route("/", home), WebSocketRoute("/echo", echo)])
`;

export const starlette: Sample = {
  name: "starlette",
  title: "Starlette (uvicorn)",
  framework: "uvicorn",
  version: { command: [".venv/bin/uvicorn", "--version"] },
  needs: [
    pythonModule("venv", "python3-venv"),
    pythonModule("uvicorn", "python3-uvicorn"),
    pythonModule("starlette", "python3-starlette"),
  ],
  files: { "requirements.txt": "starlette\nuvicorn\n", "main.py": application },
  prepare: virtualenv("uvicorn"),
  page: { text: "Hello from Starlette", selector: "h1" },
  edit: { file: "main.py", from: "Hello from", to: "Edited in", follows: "manual" },
};
