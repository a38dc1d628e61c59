import type { Sample } from "../sample.ts";
import { pythonModule, virtualenv } from "../virtualenv.ts";

/** A form that redirects to an absolute URL, which FastAPI makes from the request's host. */
export const fastapi: Sample = {
  name: "fastapi",
  title: "FastAPI (uvicorn)",
  framework: "fastapi",
  version: { command: [".venv/bin/python", "-c", "import fastapi; print(fastapi.__version__)"] },
  needs: [
    pythonModule("venv", "python3-venv"),
    pythonModule("fastapi", "python3-fastapi"),
    pythonModule("uvicorn", "uvicorn"),
  ],
  files: {
    "requirements.txt": "fastapi\nuvicorn\n",
    "main.py": `from urllib.parse import parse_qs, quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse

app = FastAPI()


@app.get("/", response_class=HTMLResponse)
def home():
    return "<title>FastAPI</title><h1>Hello from FastAPI</h1>"


@app.get("/greet", response_class=HTMLResponse)
def form(name: str = ""):
    welcome = f"<p>Welcome, {name}!</p>" if name else ""
    return f"<title>Greet</title><form method=post><input name=name><button>Greet</button></form>{welcome}"


@app.post("/greet")
async def greet(request: Request):
    fields = parse_qs((await request.body()).decode())
    return RedirectResponse(f"{request.url_for('form')}?name={quote(fields['name'][0])}", 303)
`,
  },
  prepare: virtualenv("uvicorn"),
  page: { text: "Hello from FastAPI", selector: "h1" },
  edit: { file: "main.py", from: "Hello from FastAPI", to: "FastAPI says hello again", follows: "manual" },
  form: { path: "/greet", field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!" },
};
