import { flag, pinned } from "../recipe.ts";
import type { ProjectSign, Recipe } from "../recipe.ts";
import { pythonFiles } from "./python.ts";

const common = {
  runtime: "python",
  serves: "api",
  defaultPort: 8000,
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
} as const satisfies Partial<Recipe>;

const address = [flag("--host", "{host}"), flag("--port", "{port}")];
const uvicornEnv = { UVICORN_HOST: "{host}", UVICORN_PORT: "{port}" };

/** `app = FastAPI()` at the top of one of the usual files. */
function application(classes: string): ProjectSign {
  return {
    files: pythonFiles,
    content: new RegExp(String.raw`^(\w+)(?:[ \t]*:[^=\n]*|[ \t]*)=\s*(?:\w+\.)?(?:${classes})\(`, "m"),
    command: "uvicorn {module}:{1} --reload",
  };
}

const fastapi: Recipe = {
  ...common,
  framework: "fastapi",
  commands: [
    { programs: ["fastapi"], verbs: ["dev", "run"] },
    { programs: ["uvicorn"], packages: ["py:fastapi"] },
    { programs: ["uvicorn"], source: { files: ["{file}"], content: /\bFastAPI\s*\(/ } },
  ],
  projects: [application("FastAPI")],
  arguments: address,
  env: uvicornEnv,
};

const uvicorn: Recipe = {
  ...common,
  framework: "uvicorn",
  commands: [{ programs: ["uvicorn"] }],
  projects: [application("Starlette|Litestar|Quart")],
  arguments: address,
  env: uvicornEnv,
};

const hypercorn: Recipe = {
  ...common,
  framework: "hypercorn",
  commands: [{ programs: ["hypercorn"] }],
  arguments: [flag(["--bind", "-b"], "{host}:{port}")],
};

/** Takes PORT for its address, on all interfaces. */
const gunicorn: Recipe = {
  ...common,
  framework: "gunicorn",
  serves: "pages",
  commands: [{ programs: ["gunicorn"] }],
  arguments: [pinned(["--bind", "-b"], "{host}:{port}", "PORT")],
};

export const asgiRecipes: readonly Recipe[] = [fastapi, uvicorn, hypercorn, gunicorn];
